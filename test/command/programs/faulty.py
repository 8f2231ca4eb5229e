"""Fails as often as each alert says in `plan`, then handles it: the first attempt does the first of it, and so on."""

import faulthandler
import os
import signal
import sys
import time

from alertstreams import publish, run

STDOUT = os.dup(1)  # the protocol's own, which nobody should write to


def attempt_at(candid):
    """The number of this attempt, 0 first; on disk, since this process may not outlive it."""
    file = os.open(f"attempts/{candid}", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, b".")
    number = os.fstat(file).st_size - 1
    os.close(file)
    return number


def handle(alert, context):
    number = attempt_at(alert["candid"])
    fault = alert["plan"][number] if number < len(alert["plan"]) else "none"
    print(f"attempt {number} of {alert['candid']}: {fault}")
    if fault == "raise":
        raise ValueError(f"no fit for {alert['objectId']}")
    if fault == "exit":
        sys.exit(7)
    if fault == "segfault":
        faulthandler.disable()
        os.kill(os.getpid(), signal.SIGSEGV)
    if fault == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault == "hang":
        time.sleep(1000)
    if fault == "garbage":
        os.write(STDOUT, b"Segmentation fault (core dumped)\n")
    if fault == "bytes":
        os.write(STDOUT, bytes(range(255, 0, -1)))
    if fault == "half":
        os.write(STDOUT, b'{"call": ')
    if fault == "forged":
        os.write(STDOUT, b'{"call": 0, "publish": [{"value": "of another alert"}]}\n')
    if fault == "twice":
        os.write(STDOUT, b'{}\n{"call": 1}\n')
    if fault == "closed":
        os.close(STDOUT)
        os._exit(0)
    value = {"candid": alert["candid"], "twice": 2 * alert["candidate"]["magpsf"], "topic": context.topic}
    return publish(value, key=alert["objectId"])


run(handle)
