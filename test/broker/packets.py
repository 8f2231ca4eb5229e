"""Puts light curves into packets: each of the alerts (a JSON object a line, as light_curves.py writes them) takes the place
of what a packet of BASES said of its candidate and its history. Everything else of that packet stays.

Writes OUT/<candid>.avro, containers with the schema of their packet and, where it has none, magzpsci: AB magnitude.
"""

import argparse
import json
import pathlib

import fastavro


# Of candids, so that none is that of a real packet.
SHIFT = 10**15


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bases", type=pathlib.Path, help="folder of packets of ZTF, with a history each")
    parser.add_argument("alerts", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    bases = sorted(arguments.bases.glob("*.avro"))
    for base, line in zip(bases, arguments.alerts.read_text().splitlines(), strict=True):
        alert = json.loads(line)
        with base.open("rb") as file:
            reader = fastavro.reader(file)
            packet, schema = next(reader), json.loads(reader.metadata["avro.schema"])
        add_zero_points(schema)
        row = packet["prv_candidates"][0]
        candid = alert["candid"] + SHIFT
        packet.update(objectId=alert["objectId"], candid=candid)
        packet["candidate"].update(alert["candidate"], candid=candid)
        packet["prv_candidates"] = [{**row, **earlier} for earlier in alert["prv_candidates"]]
        with (arguments.out / f"{candid}.avro").open("wb") as file:
            fastavro.writer(file, schema, [packet])


def add_zero_points(schema):
    """To the records of candidate and prv_candidates."""
    if isinstance(schema, list):
        for branch in schema:
            add_zero_points(branch)
    elif isinstance(schema, dict):
        names = [field["name"] for field in schema.get("fields", [])]
        if "magpsf" in names and "magzpsci" not in names:
            schema["fields"].append({"name": "magzpsci", "type": ["null", "float"], "default": None})
        for inner in [schema.get("items"), *(field["type"] for field in schema.get("fields", []))]:
            add_zero_points(inner)


main()
