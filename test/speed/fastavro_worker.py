"""Decodes packets with fastavro, for so many seconds as each line on standard input says."""

import io
import json
import platform
import sys
import time

import fastavro
from fastavro import _read  # noqa: F401 the compiled reader: without it this would be no comparison

packets = [open(path, "rb").read() for path in sys.argv[1:]]


def decode(packet):
    """As most programs do it."""
    return list(fastavro.reader(io.BytesIO(packet)))[0]


def say(**what):
    print(json.dumps(what), flush=True)


say(
    python=platform.python_version(),
    fastavro=fastavro.__version__,
    candids=[str(decode(packet)["candid"]) for packet in packets],
)
for line in sys.stdin:
    seconds = float(line)
    count = 0
    cpu = time.process_time()
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        for packet in packets:
            decode(packet)
        count += len(packets)
    elapsed = time.perf_counter() - start
    say(packets=count, seconds=elapsed, cpu=time.process_time() - cpu)
