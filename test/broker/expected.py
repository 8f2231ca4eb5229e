"""What the broker has to make of ZTF packets, computed from the packets alone.

For comparison with what alertstreams made of the same packets: this script shares nothing with it and reads none of its
output. It needs fastavro only (test/peers/requirements.txt).

The rules are those of the Pitt-Google broker (2021): the extragalactic-transient filter, the names of
archived files, the attributes of messages, the rows of its table, and the cuts before the SALT2 fit.
"""

import argparse
import base64
import datetime
import io
import json
import math
import pathlib
import sys

import fastavro

CUTOUTS = ("cutoutScience", "cutoutTemplate", "cutoutDifference")

FORMATS = """
input:
  *.avro             Avro containers, a packet for each record; their topic is --topic, or the name of their folder
  *.ndjson, *.jsonl  a JSON object a line: an alert, or a message {topic, partition, offset, timestamp, value} whose
                     value is a container in base64 (what FileSink writes)
Folders are searched whole, and all is in the order of file names.

output: a JSON object a line and packet
  objectId, candid
  topic              where it came from
  extragalactic      {"upstream": ..., "sorted": ...}: whether it passes the filter, with the detections in the broker's
                     own order, and by time
  archive            the name of its file: <topic>/<objectId>/<candid>.avro
  attributes         of its Pub/Sub message: objectId and candid, and where the message's place in Kafka is known
                     kafka.topic, kafka.partition, kafka.offset and kafka.timestamp (milliseconds)
  row                for BigQuery: the alert without its cut-outs, nested; NaN and infinities are null
  salt2              {"rows": ..., "positive": ..., "snr": ..., "passes": ...}: the detections that a fit has, how many
                     of them are brighter than the reference, the largest signal to noise, and whether these allow a
                     fit; the fit is given what passes the filter
"""


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0], epilog=FORMATS, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("input", nargs="+", type=pathlib.Path, help="folders and files of packets")
    parser.add_argument("--topic", help="of packets in containers")
    parser.add_argument(
        "--upstream-errors",
        action="store_true",
        help="errors of fluxes as the broker computed them, flux * sigmapsf * ln(10 / 2.5), instead of ln(10) / 2.5",
    )
    arguments = parser.parse_args()
    factor = math.log(10 / 2.5) if arguments.upstream_errors else math.log(10) / 2.5
    for alert, message in packets(arguments.input, arguments.topic):
        json.dump(expected(alert, message, factor), sys.stdout, separators=(",", ":"), allow_nan=False)
        sys.stdout.write("\n")


def expected(alert, message, error_factor):
    object_id, candid = alert["objectId"], alert["candid"]
    return {
        "objectId": object_id,
        "candid": candid,
        "topic": message["topic"],
        "extragalactic": {
            "upstream": is_extragalactic_transient(alert, in_order_of_time=False),
            "sorted": is_extragalactic_transient(alert, in_order_of_time=True),
        },
        "archive": f"{message['topic']}/{object_id}/{candid}.avro",
        "attributes": {"objectId": object_id, "candid": str(candid), **message["attributes"]},
        "row": plain({name: value for name, value in alert.items() if name not in CUTOUTS}),
        "salt2": salt2_cuts(alert, error_factor),
    }


# The filter.


def is_extragalactic_transient(alert, in_order_of_time):
    candidate = alert["candidate"]
    rows = [candidate, *(alert.get("prv_candidates") or [])]

    sign = candidate.get("isdiffpos")
    is_positive_sub = sign == "t" or (sign == 1 and sign is not True)  # Python counts True as 1, and no survey sends it

    if candidate.get("distpsnr1") is None or candidate["distpsnr1"] > 1.5:
        no_pointsource_counterpart = True
    elif candidate.get("sgscore1") is None:
        no_pointsource_counterpart = False
    else:
        no_pointsource_counterpart = candidate["sgscore1"] < 0.5

    times = [row["jd"] for row in rows if row.get("isdiffpos") == "t"]
    if in_order_of_time:
        times = sorted(times)
    differences = [later - earlier for earlier, later in zip(times, times[1:])]
    not_moving = len(times) >= 2 and max(differences) >= 30 / (24 * 60)

    distance = candidate.get("ssdistnr")
    no_ssobject = distance is None or distance < 0 or distance > 5

    return is_positive_sub and no_pointsource_counterpart and not_moving and no_ssobject


# The cuts before the fit.


def salt2_cuts(alert, error_factor):
    rows = [*(alert.get("prv_candidates") or []), alert["candidate"]]
    detections = [row for row in rows if is_usable(row)]
    signals = []
    for row in detections:
        flux = 10 ** ((row["magzpsci"] - row["magpsf"]) / 2.5)
        signals.append(flux / (flux * row["sigmapsf"] * error_factor))
    positive = sum(row.get("isdiffpos") == "t" for row in detections)
    largest = max(signals, default=None)
    return {
        "rows": len(detections),
        "positive": positive,
        "snr": largest,
        "passes": largest is not None and largest >= 5 and positive >= 5,
    }


def is_usable(row):
    """A detection, not a limit, with all that makes it a flux in a band with an error."""
    values = (row.get(name) for name in ("jd", "magpsf", "sigmapsf", "magzpsci"))
    return all(value is not None and math.isfinite(value) for value in values) and row.get("fid") in (1, 2, 3)


# Packets.


def packets(paths, topic):
    """Each alert, and of its message the topic and what is known of its place in Kafka, as attributes."""
    for file in files_in(paths):
        if file.suffix == ".avro":
            message = {"topic": topic or file.resolve().parent.name, "attributes": {}}
            for alert in fastavro.reader(io.BytesIO(file.read_bytes())):
                yield alert, message
            continue
        for line in file.read_text("utf-8").splitlines():
            record = json.loads(line)
            if "candidate" in record:
                yield record, {"topic": topic or file.stem, "attributes": {}}
                continue
            message = {"topic": record["topic"], "attributes": kafka_attributes(record)}
            for alert in fastavro.reader(io.BytesIO(base64.b64decode(record["value"]))):
                yield alert, message


def files_in(paths):
    for path in paths:
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.suffix in (".avro", ".ndjson", ".jsonl"))


def kafka_attributes(record):
    if record.get("partition") is None:
        return {}
    attributes = {f"kafka.{name}": str(record[name]) for name in ("topic", "partition", "offset")}
    if record.get("timestamp") is not None:
        attributes["kafka.timestamp"] = str(milliseconds(record["timestamp"]))
    return attributes


def milliseconds(text):
    """Since 1970, of ISO time; Python's own time stamps are seconds in floating point."""
    time = datetime.datetime.fromisoformat(text)
    return (time - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(milliseconds=1)


def plain(value):
    """As JSON has it."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return None if isinstance(value, float) and not math.isfinite(value) else value


if __name__ == "__main__":
    main()
