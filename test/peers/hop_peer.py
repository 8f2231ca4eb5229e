"""hop-client 0.13: its models through its own Stream, or offline."""

import dataclasses

from hop import models
from hop.auth import Auth
from hop.io import StartPosition, Stream

import values
from peer import run

SCHEMA = {
    "type": "record",
    "name": "candidate",
    "namespace": "test",
    "fields": [
        {"name": "candid", "type": "long"},
        {"name": "magpsf", "type": ["null", "float"]},
        {"name": "far", "type": "double"},
        {"name": "stamp", "type": "bytes"},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "scores", "type": {"type": "map", "values": "double"}},
        {"name": "band", "type": {"type": "enum", "name": "band", "symbols": ["g", "r"]}},
    ],
}


def with_schema():
    record = {"candid": values.IDS[0], "far": 1e-9, "stamp": bytes(range(40)), "tags": ["é", ""], "scores": {"SN": 0.5}}
    return [
        models.AvroBlob({**record, "magpsf": 15.5, "band": "r"}, schema=SCHEMA),
        models.AvroBlob({**record, "magpsf": float("nan"), "band": "g", "candid": values.IDS[3]}, schema=SCHEMA),
        models.AvroBlob({**record, "magpsf": None, "band": "g", "scores": {}}, schema=SCHEMA),
    ]


def large():
    """More than their topic takes, and one that it takes."""
    alert = {"id": values.IDS[0], "skymap": bytes(range(256)) * 20, "far": 1e-9}
    text = {"id": values.IDS[1], "text": "é" * 2000}
    return [models.JSONBlob({"text": "small"}), models.AvroBlob(alert), models.JSONBlob(text), models.Blob(bytes(5000))]


def without_schema():
    """hop-client makes one up."""
    return [models.AvroBlob(value) for value in (*values.json_values(), *values.gw_alerts(), *values.not_a_number())]


MESSAGES = {
    "json": lambda: [models.JSONBlob(value) for value in (*values.json_values(), *values.json_scalars())],
    "plain": values.json_values,
    "nan": values.not_a_number,
    "avro": with_schema,
    "inferred": without_schema,
    "blob": lambda: [models.Blob(value) for value in values.blobs()],
    "large": large,
    "voevent": lambda: [models.VOEvent.load(value) for value in values.voevents()],
    "gcntextnotice": lambda: [models.GCNTextNotice.load(value) for value in values.text_notices()],
    "circular": lambda: [models.GCNCircular(**value) for value in values.circulars()],
    "external": lambda: [models.ExternalMessage(url="https://archive.example.org/msg/24d66f47")],
}


def access(job, large):
    """The stream and the URL of the broker."""
    auth = Auth("alice", "alice-secret", ssl=False) if large else False
    stream = Stream(auth=auth, start_at=StartPosition.EARLIEST, until_eos=True)
    return stream, f"kafka://{job['saslPlaintext'] if large else job['kafka']}"


def write(job, topic, messages, large=False):
    made = MESSAGES[messages]()
    stream, url = access(job, large)
    failures = []
    with stream.open(f"{url}/{topic}", "w", automatic_offload=large) as producer:
        for message in made:
            producer.write(message, delivery_callback=lambda error, _: error and failures.append(str(error)))
    if failures:
        raise RuntimeError(failures)
    return [view(message) for message in made]


def read(job, topic, count, large=False, **_):
    stream, url = access(job, large)
    with stream.open(f"{url}/{topic}", "r", fetch_external=large) as consumer:
        return [view(message) for message in consumer]


def view(message):
    if isinstance(message, models.GCNTextNotice):
        return message.fields
    if isinstance(message, models.VOEvent):
        filled = {key: part for key, part in dataclasses.asdict(message).items() if part != {} and key != "_raw"}
        return filled
    if isinstance(message, models.GCNCircular):
        return {"header": message.header, "body": message.body}
    if isinstance(message, models.ExternalMessage):
        return {"url": message.url}
    if isinstance(message, (models.JSONBlob, models.AvroBlob, models.Blob)):
        return message.content
    return message


if __name__ == "__main__":
    run(["hop-client"], write=write, read=read)
