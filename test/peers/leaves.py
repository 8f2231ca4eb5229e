"""A value as the list of its leaves, in a form that another language arrives at as well: see leaves.ts."""

import base64
import datetime
import json
import math
import struct

SAFE = 2**53


def leaves(value, path=""):
    """Pairs of path and text, in the order of the value. Paths are JSON pointers."""
    if isinstance(value, dict):
        if not value:
            return [[path, "{}"]]
        return [leaf for key, part in value.items() for leaf in leaves(part, f"{path}/{escaped(key)}")]
    if isinstance(value, (list, tuple)):
        if not value:
            return [[path, "[]"]]
        return [leaf for index, part in enumerate(value) for leaf in leaves(part, f"{path}/{index}")]
    return [[path, text(value)]]


def text(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (bytes, bytearray)):
        return "base64 " + base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        moment = value.replace(tzinfo=value.tzinfo or datetime.timezone.utc)
        return f"date {(moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // MILLISECOND}"
    raise TypeError(f"{type(value)} at a leaf")


MILLISECOND = datetime.timedelta(milliseconds=1)


def number(value):
    """JavaScript can't tell 1.0 from 1; all other doubles are given by their bits."""
    if math.isnan(value):
        return "NaN"
    is_whole = value.is_integer() and abs(value) < SAFE
    if is_whole and math.copysign(1, value) == (1 if value >= 0 else -1):
        return str(int(value))
    return "double " + struct.pack(">d", value).hex()


def escaped(key):
    return str(key).replace("~", "~0").replace("/", "~1")
