"""antares-client: its StreamingClient, over SASL and TLS as at ANTARES. It has no producer."""

import datetime
import uuid
import zlib

import bson
from antares_client.stream import StreamingClient
from confluent_kafka import Producer

import values
from peer import fetch, run

ACCESS = ("alice", "alice-secret")


def moment(milliseconds):
    """BSON knows milliseconds."""
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)


def flat(locus):
    return locus


def nested(locus):
    """The older of ANTARES' two shapes."""
    return {"data": {"id": locus["id"], "attributes": {key: part for key, part in locus.items() if key != "id"}}}


SHAPES = {"flat": flat, "nested": nested}


def write(job, topic, messages):
    user, password = ACCESS
    producer = Producer(
        {
            "bootstrap.servers": job["saslSsl"],
            "security.protocol": "SASL_SSL",
            "sasl.mechanisms": "PLAIN",
            "sasl.username": user,
            "sasl.password": password,
            "ssl.ca.location": job["caFile"],
            "ssl.endpoint.identification.algorithm": "none",
        }
    )
    loci = values.loci(moment)
    for locus in loci:
        producer.produce(topic, zlib.compress(bson.dumps(SHAPES[messages](locus))))
    producer.flush()
    return loci


def read(job, topic, count, messages):
    more = {"bootstrap_server": job["saslSsl"], "ssl_ca_location": job["caFile"], "group": str(uuid.uuid4())}
    client = StreamingClient([topic.removeprefix("client.")], *ACCESS, **more)

    def poll():
        found, locus = client.poll(timeout=1)
        return None if found is None else locus

    found = fetch(poll, count, topic)
    client.close()
    fields = ("ra", "dec", "properties", "tags", "catalogs")
    return [{"id": locus.locus_id, **{field: getattr(locus, field) for field in fields}} for locus in found]


if __name__ == "__main__":
    run(["antares-client"], write=write, read=read)
