"""confluent-kafka, with fastavro or Python's own json: what most write when there is no client for a broker."""

import gzip
import io
import json
import pathlib
import uuid

import fastavro
from confluent_kafka import Consumer, Producer

import avro_values
import values
from peer import fetch, run

def write_json(value):
    return json.dumps(value).encode()


def write_container(schema, record, codec):
    out = io.BytesIO()
    fastavro.writer(out, schema, [record], codec=codec)
    return out.getvalue()


BARE = json.loads((pathlib.Path(__file__).parent / "schemas/alerce.avsc").read_text())


def write_bare(record):
    out = io.BytesIO()
    fastavro.schemaless_writer(out, BARE, record)
    return out.getvalue(), fastavro.schemaless_reader(io.BytesIO(out.getvalue()), BARE, None)


def read_container(data):
    records = list(fastavro.reader(io.BytesIO(data)))
    return records[0] if len(records) == 1 else records


def packets_in(files):
    """The containers in files, as (schema, record)."""
    for path in files:
        with open(path, "rb") as file:
            reader = fastavro.reader(file)
            for record in reader:
                yield reader.writer_schema, record


def messages_of(job, kind, codec="null", packets="synthetic"):
    """Pairs of bytes and what they hold."""
    if kind == "lasair":
        return [(write_json(value), value) for value in values.lasair_values()]
    if kind == "json":
        return [(write_json(value), value) for value in values.json_values()]
    if kind == "gzip":
        return [(gzip.compress(write_json(value), mtime=0), value) for value in values.json_values()]
    if kind == "envelope":
        contents = [("blob", values.json_values()[1]), ("circular", values.circulars()[0])]
        return [(write_json({"format": label, "content": value}), value) for label, value in contents]
    if kind == "bare":
        return [write_bare(record) for record in avro_values.records_of(BARE, 12)]
    made = [write_container(schema, record, codec) for schema, record in packets_in(job["packets"][packets])]
    return [(data, read_container(data)) for data in made]


def write(job, topic, messages, compression="none", **how):
    producer = Producer({"bootstrap.servers": job["kafka"], "compression.type": compression, "linger.ms": 50})
    pairs = messages_of(job, messages, **how)
    for data, _ in pairs:
        producer.produce(topic, data)
    producer.flush()
    return [value for _, value in pairs]


READERS = {"lasair": json.loads, "json": json.loads, "gzip": lambda data: json.loads(gzip.decompress(data))}


def read(job, topic, count, messages, **_):
    group = {"group.id": str(uuid.uuid4()), "auto.offset.reset": "earliest"}
    consumer = Consumer({"bootstrap.servers": job["kafka"], **group})
    consumer.subscribe([topic])
    found = fetch(lambda: consumer.poll(1), count, topic)
    consumer.close()
    return [READERS.get(messages, read_container)(message.value()) for message in found]


if __name__ == "__main__":
    run(["confluent-kafka", "fastavro"], write=write, read=read)
