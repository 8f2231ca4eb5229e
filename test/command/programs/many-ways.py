"""Returns what each alert asks for, and says what it was given."""

import datetime
import os
import subprocess
import sys
import warnings

from alertstreams import REPUBLISH, publish

print("loaded", sys.argv, os.path.basename(sys.path[0]))


class Numpy:
    """As a number or an array of numpy."""

    def __init__(self, plain):
        self.plain = plain

    def tolist(self):
        return self.plain


class Quantity(Numpy):
    """As one of astropy, which cannot be made plain."""

    def tolist(self):
        return self

    item = tolist


def prints():
    print("by print")
    os.write(1, b"by its number\n")
    subprocess.run(["echo", "by a child"], check=True)
    sys.stderr.write("by stderr\n")
    warnings.warn("by a warning")


WAYS = {
    "nothing": lambda alert, context: None,
    "dict": lambda alert, context: {"id": alert["id"]},
    "text": lambda alert, context: "Grüße",
    "bytes": lambda alert, context: b"\x00\xff",
    "republish": lambda alert, context: REPUBLISH,
    "list": lambda alert, context: [1, None, publish([2, 3]), REPUBLISH],
    "publish": lambda alert, context: publish(
        {"a": 1}, key=b"\xff", topic="t", sink="s", headers={"h": "text", "n": None, "b": b"\xfe"}, partition=3
    ),
    "pairs": lambda alert, context: publish(None, key="k", headers=[("h", "1"), ("h", "2")]),
    "numpy": lambda alert, context: {"array": Numpy([1.5, float("nan")]), "at": datetime.date(2025, 3, 2)},
    "quantity": lambda alert, context: {"z": Quantity(1)},
    "nan": lambda alert, context: alert["values"],
    "prints": lambda alert, context: prints(),
    "raise": lambda alert, context: {}["redshift"],
    "stdin": lambda alert, context: sys.stdin.read() == "",
    "log": lambda alert, context: context.log.info("for %s", context.id),
    "pid": lambda alert, context: os.getpid(),
    "context": lambda alert, context: {
        name: getattr(context, name)
        for name in ("options", "stream", "topic", "id", "partition", "offset", "key", "headers", "published_at")
    },
}


def handle(alert, context):
    return WAYS[alert["way"]](alert, context)
