"""confluent-kafka with its serializers for a schema registry."""

import uuid

import fastavro
from confluent_kafka import Consumer, Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

import avro_values  # noqa: F401, reads times as numbers
from peer import fetch, run


def write(job, topic, messages):
    client = SchemaRegistryClient({"url": job["registry"]})
    context = SerializationContext(topic, MessageField.VALUE)
    producer = Producer({"bootstrap.servers": job["kafka"]})
    read_back = AvroDeserializer(client)
    written = []
    for path in job["packets"]["synthetic"]:
        with open(path, "rb") as file:
            reader = fastavro.reader(file)
            schema = reader.metadata["avro.schema"]
            record = next(reader)
        data = AvroSerializer(client, schema)(record, context)
        producer.produce(topic, data)
        # On the wire a float has 32 bits.
        written.append(read_back(data, context))
    producer.flush()
    return written


def read(job, topic, count, messages):
    deserialize = AvroDeserializer(SchemaRegistryClient({"url": job["registry"]}))
    group = {"group.id": str(uuid.uuid4()), "auto.offset.reset": "earliest"}
    consumer = Consumer({"bootstrap.servers": job["kafka"], **group})
    consumer.subscribe([topic])
    found = fetch(lambda: consumer.poll(1), count, topic)
    consumer.close()
    context = SerializationContext(topic, MessageField.VALUE)
    return [deserialize(message.value(), context) for message in found]


if __name__ == "__main__":
    run(["confluent-kafka", "fastavro"], write=write, read=read)
