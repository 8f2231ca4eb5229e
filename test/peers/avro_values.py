"""Records for any Avro schema, the same in every run, with nulls, NaN and 64 bits among them."""

import fastavro
import fastavro.read

# Times and the like as the numbers they are made of.
for logical in list(fastavro.read.LOGICAL_READERS):
    fastavro.read.LOGICAL_READERS[logical] = lambda value, *_: value
LOGICAL_AS_NUMBERS = True


class Dice:
    """Numbers that look random and are the same with every version of Python."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit

    def pick(self, items):
        return items[self.below(len(items))]


def records_of(schema, count, seed=1):
    dice = Dice(seed)
    named = {}
    return [record_of(schema, dice, named) for _ in range(count)]


def record_of(schema, dice, named):
    if isinstance(schema, list):
        return record_of(dice.pick(schema), dice, named)
    kind = schema["type"] if isinstance(schema, dict) else schema
    if isinstance(kind, (dict, list)):
        return record_of(kind, dice, named)
    if kind in ("record", "fixed", "enum"):
        named[schema["name"]] = schema
    if kind == "record":
        return {field["name"]: record_of(field["type"], dice, named) for field in schema["fields"]}
    if kind == "array":
        return [record_of(schema["items"], dice, named) for _ in range(dice.below(3))]
    if kind == "map":
        return {f"key {n}": record_of(schema["values"], dice, named) for n in range(dice.below(3))}
    if kind == "enum":
        return dice.pick(schema["symbols"])
    if kind == "fixed":
        return bytes(dice.below(256) for _ in range(schema["size"]))
    if kind in named:
        return record_of(named[kind], dice, named)
    return primitive(kind, dice)


def primitive(kind, dice):
    if kind == "null":
        return None
    if kind == "boolean":
        return dice.below(2) == 1
    if kind == "int":
        return dice.pick([0, -1, 2**31 - 1, -(2**31), dice.below(2**31)])
    if kind == "long":
        return dice.pick([0, 2**63 - 1, -(2**63), 2**53 + 1, dice.below(2**31) * 2**31 + dice.below(2**31)])
    if kind in ("float", "double"):
        return dice.pick([0.0, float("nan"), -999.0, 1.5e-30, dice.below(2**31) / 997])
    if kind == "string":
        return dice.pick(["", "ZTF17aaarzyp", "é 星", "r"])
    if kind == "bytes":
        return bytes(dice.below(256) for _ in range(dice.below(60)))
    raise TypeError(kind)
