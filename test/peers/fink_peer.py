"""fink-client: its AlertConsumer. It has no producer; what Fink sends is made with its own encoder, in Fink's way."""

import io
import json
import pathlib
import uuid

import fastavro
from confluent_kafka import Producer
from fink_client.avro_utils import encode_into_avro
from fink_client.consumer import AlertConsumer

from avro_values import records_of
from peer import fetch, run

# Like Fink's own: what the survey sends, and what was added to it.
SCHEMA = pathlib.Path(__file__).parent / "schemas/fink.avsc"


def write(job, topic, messages):
    schema = json.loads(SCHEMA.read_text())
    producer = Producer({"bootstrap.servers": job["kafka"]})
    written = []
    for value in records_of(schema, 12):
        data = encode_into_avro(value, str(SCHEMA))
        producer.produce(topic, data, key=json.dumps(schema))
        # On the wire a float has 32 bits.
        written.append(fastavro.schemaless_reader(io.BytesIO(data), schema, None))
    producer.flush()
    return written


def read(job, topic, count, messages):
    config = {"bootstrap.servers": job["kafka"], "group.id": str(uuid.uuid4())}
    consumer = AlertConsumer([topic], config, survey="ztf")

    def poll():
        found, alert, _ = consumer.poll(1)
        return None if found is None else (alert,)

    found = fetch(poll, count, topic)
    consumer.close()
    return [alert for (alert,) in found]


if __name__ == "__main__":
    run(["fink-client"], write=write, read=read)
