"""Puts light curves into packets: each of the alerts (a JSON object a line, as light_curves.py writes them) takes the place
of what a packet of BASES said of its candidate and its history. Everything else of that packet stays.

Writes OUT/<candid>.avro, containers with the schema of their packet.
"""

import argparse
import json
import pathlib

import fastavro


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
            packet, schema = next(reader), reader.writer_schema
        row = packet["prv_candidates"][0]
        packet.update(objectId=alert["objectId"], candid=alert["candid"])
        packet["candidate"].update(alert["candidate"], candid=alert["candid"])
        packet["prv_candidates"] = [{**row, **earlier} for earlier in alert["prv_candidates"]]
        with (arguments.out / f"{alert['candid']}.avro").open("wb") as file:
            fastavro.writer(file, schema, [packet])


main()
