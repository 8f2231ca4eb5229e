"""pittgoogle-client: Topic.publish and Subscription.pull_batch, by way of a Pub/Sub server."""

import json
import os
import struct

# The client looks for them when it is imported.
os.environ.setdefault("GOOGLE_CLOUD_PROJECT", "set-later")
os.environ.setdefault("GOOGLE_APPLICATION_CREDENTIALS", "none")

import fastavro  # noqa: E402
import google.cloud.pubsub_v1 as pubsub  # noqa: E402
import pittgoogle  # noqa: E402
from pittgoogle.types_ import PubsubMessageLike  # noqa: E402

from avro_values import records_of  # noqa: E402
from peer import run  # noqa: E402

# Google's library would look for such a file.
del os.environ["GOOGLE_APPLICATION_CREDENTIALS"]


def alerts_of(job, kind):
    """Alerts, and how each is written."""
    if kind.startswith("lsst "):
        major, minor = map(int, kind.removeprefix("lsst ").split("."))
        head = struct.pack(">bi", 0, major * 100 + minor)
        schema = pittgoogle.Schemas.get("lsst", alert_bytes=head)
        for record in records_of(schema.definition, 3, seed=major * 100 + minor):
            message = PubsubMessageLike(data=schema.serialize(record), attributes={})
            yield pittgoogle.Alert.from_msg(message, schema_name="lsst"), "avro"
        return
    for path in job["packets"]["synthetic"]:
        alert = pittgoogle.Alert.from_path(path, schema_name="ztf")
        with open(path, "rb") as file:
            alert.schema.definition = fastavro.reader(file).writer_schema
        yield alert, kind.removeprefix("ztf ")


def write(job, topic, messages):
    os.environ["PUBSUB_EMULATOR_HOST"] = job["pubsub"]
    target = pittgoogle.Topic(topic, job["project"], client=pubsub.PublisherClient())
    written = []
    for number, (alert, serializer) in enumerate(alerts_of(job, messages)):
        # Given here, since those that it makes itself want a place on the sky.
        published = pittgoogle.Alert.from_msg(alert.msg, schema_name=alert.schema_name)
        published._schema = alert.schema
        published._attributes = {"n": str(number)}
        target.publish(published, serializer=serializer)
        data = alert.schema.serialize(alert.dict, serializer=serializer)
        written.append(json.loads(data) if serializer == "json" else alert.schema.deserialize(data))
    return written


def read(job, topic, count, messages):
    os.environ["PUBSUB_EMULATOR_HOST"] = job["pubsub"]
    name = "default" if messages == "ztf json" else messages.split()[0]
    auth = pittgoogle.auth.Auth(GOOGLE_CLOUD_PROJECT=job["project"])
    source = pittgoogle.Subscription(topic, auth=auth, client=pubsub.SubscriberClient(), schema_name=name)
    found = []
    for _ in range(30):
        found += source.pull_batch(max_messages=count)
        if len(found) >= count:
            break
    found.sort(key=lambda alert: int(alert.msg.attributes["n"]))
    return [alert.dict for alert in found]


if __name__ == "__main__":
    run(["pittgoogle-client"], write=write, read=read)
