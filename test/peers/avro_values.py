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
    find_names(schema, None, named)
    return [record_of(schema, None, dice, named) for _ in range(count)]


def find_names(schema, space, named):
    """Every named type by its full name."""
    for part in schema if isinstance(schema, list) else [schema]:
        if isinstance(part, (dict, list)):
            inner, children = space, [part]
            if isinstance(part, dict):
                inner = space_of(part, space)
                if "name" in part:
                    named[full(part["name"], inner)] = part
                fields = [field["type"] for field in part.get("fields", [])]
                children = [*fields, *(part[key] for key in ("type", "items", "values") if key in part)]
            for child in children:
                find_names(child, inner, named)


def space_of(schema, outer):
    """The namespace inside of a type."""
    name = schema.get("name", "")
    return name.rpartition(".")[0] if "." in name else schema.get("namespace", outer)


def full(name, space):
    return name if "." in name or not space else f"{space}.{name}"


def record_of(schema, space, dice, named):
    if isinstance(schema, list):
        return record_of(dice.pick(schema), space, dice, named)
    if isinstance(schema, str):
        other = named.get(full(schema, space)) or named.get(schema)
        return primitive(schema, dice) if other is None else record_of(other, space, dice, named)
    kind, inner = schema["type"], space_of(schema, space)
    if kind in ("record", "error"):
        return {field["name"]: record_of(field["type"], inner, dice, named) for field in schema["fields"]}
    if kind == "array":
        return [record_of(schema["items"], inner, dice, named) for _ in range(dice.below(3))]
    if kind == "map":
        return {f"key {n}": record_of(schema["values"], inner, dice, named) for n in range(dice.below(3))}
    if kind == "enum":
        return dice.pick(schema["symbols"])
    if kind == "fixed":
        return bytes(dice.below(256) for _ in range(schema["size"]))
    return record_of(kind, inner, dice, named)


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
