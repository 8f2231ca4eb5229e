"""gcn-kafka: its Producer (zstd) and its Consumer. It hands over bytes; they are read as GCN's own pages say."""

import base64
import json
import struct

from gcn_kafka import Consumer, Producer
from hop import models

import values
from peer import fetch, run

# The meaning of the first nine words.
FIELDS = "packet_type serial_number hop_count seconds_of_day trigger_number tjd sod ra dec".split()


def write_gw_alert(alert):
    def in_base64(part, key):
        return part and {**part, key: part[key] and base64.b64encode(part[key]).decode()}

    event, coincidence = in_base64(alert["event"], "skymap"), in_base64(alert["external_coinc"], "combined_skymap")
    return json.dumps({**alert, "event": event, "external_coinc": coincidence}).encode()


def read_gw_alert(data):
    alert = json.loads(data)
    for part, key in (("event", "skymap"), ("external_coinc", "combined_skymap")):
        if alert[part] and alert[part][key]:
            alert[part][key] = base64.b64decode(alert[part][key])
    return alert


def read_packet(data):
    words = list(struct.unpack(">40i", data))
    scales = [1, 1, 1, 100, 1, 1, 100, 1e4, 1e4]
    return {**{field: word / scale for field, word, scale in zip(FIELDS, words, scales)}, "words": words}


def write_json(value):
    return json.dumps(value).encode()


def read_voevent(data):
    event = vars(models.VOEvent.load(data))
    return {key: part for key, part in event.items() if part != {} and key != "_raw"}


def same(value):
    return value


# What is published, how it becomes bytes, and how bytes are read.
KINDS = {
    "notices": (values.notices, write_json, json.loads),
    "circulars": (values.gcn_circulars, write_json, json.loads),
    "heartbeat": (values.heartbeats, write_json, json.loads),
    "gwalert": (values.gw_alerts, write_gw_alert, read_gw_alert),
    "text": (values.text_notices, same, lambda data: models.GCNTextNotice.load(data).fields),
    "voevent": (values.voevents, same, read_voevent),
    "binary": (values.packets, same, read_packet),
}


def config(job, **more):
    return {"bootstrap.servers": job["kafka"], "security.protocol": "plaintext", **more}


def write(job, topic, messages):
    make, pack, unpack = KINDS[messages]
    producer = Producer(config=config(job))
    made = [pack(value) for value in make()]
    for data in made:
        producer.produce(topic, data)
    producer.flush()
    return [unpack(data) for data in made]


def read(job, topic, count, messages):
    consumer = Consumer(config=config(job, **{"auto.offset.reset": "earliest"}))
    consumer.subscribe([topic])
    found = fetch(lambda: consumer.poll(1), count, topic)
    consumer.close()
    for message in found:
        if message.error():
            raise RuntimeError(message.error())
    return [KINDS[messages][2](message.value()) for message in found]


if __name__ == "__main__":
    run(["gcn-kafka"], write=write, read=read)
