"""fastavro, hop-client's models and pittgoogle-client's schemas on files and bytes: no service is needed."""

import base64
import io
import json
import os
import struct

os.environ.setdefault("GOOGLE_CLOUD_PROJECT", "none")
os.environ.setdefault("GOOGLE_APPLICATION_CREDENTIALS", "none")

import fastavro  # noqa: E402
import pittgoogle  # noqa: E402
from hop import models  # noqa: E402

import avro_values  # noqa: E402
from hop_peer import view  # noqa: E402
from peer import run  # noqa: E402


def read_file(job, path):
    """The records of a packet: an object container, JSON, or Confluent framing with the schema of its LSST version."""
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(b"Obj\x01"):
        return list(fastavro.reader(io.BytesIO(data)))
    if data.lstrip()[:1] in (b"{", b"["):
        value = json.loads(data)
        return value if isinstance(value, list) else [value]
    zero, schema_id = struct.unpack(">bi", data[:5])
    if zero != 0:
        raise ValueError(f"{path} begins with {data[:8]!r}")
    return [fastavro.schemaless_reader(io.BytesIO(data[5:]), lsst_schema(job["schemas"], schema_id, data), None)]


def lsst_schema(folder, schema_id, data):
    major, minor = divmod(schema_id, 100)
    path = os.path.join(folder, f"{major}/{minor}/lsst.v{major}_{minor}.alert.avsc")
    if os.path.exists(path):
        return fastavro.schema.load_schema(path)
    return pittgoogle.Schemas.get("lsst", alert_bytes=data).definition


LABELS = {
    "avro": models.AvroBlob,
    "blob": models.Blob,
    "circular": models.GCNCircular,
    "gcntextnotice": models.GCNTextNotice,
    "json": models.JSONBlob,
    "voevent": models.VOEvent,
}


def read_example(job, path, label):
    """A file as hop-client loads it: the bytes that it would send, and what it makes of them."""
    model = LABELS[label].load_file(path)
    return [model.serialize()["content"], view(model)]


def write_random(job, schema, seed):
    """Three records of a schema: the container, one body without its schema, and what all of them hold."""
    made = avro_values.records_of(schema, 3, seed)
    container, body = io.BytesIO(), io.BytesIO()
    fastavro.writer(container, schema, made, codec=("null", "deflate")[seed % 2])
    fastavro.schemaless_writer(body, fastavro.parse_schema(schema), made[0])
    container.seek(0)
    return [container.getvalue(), body.getvalue(), list(fastavro.reader(container))]


def read_bytes(job, data):
    return list(fastavro.reader(io.BytesIO(base64.b64decode(data))))


if __name__ == "__main__":
    tasks = {"files": read_file, "examples": read_example, "random": write_random, "bytes": read_bytes}
    run(["fastavro", "hop-client", "pittgoogle-client"], **tasks)
