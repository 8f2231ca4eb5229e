"""What the peers publish: the same values in every run, with what is easily lost on the way."""

import base64
import math
import struct

# 64 bits, and around the limits of a double's 53.
IDS = [2982177112815010003, 472263571115115000, 281323062375219201, 2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1]
EXTREMES = [2**63 - 1, -(2**63), 0, -1]
NUMBERS = [0.1, -1e-9, 5e-324, 1.7976931348623157e308, 2460736.6771181, 1.5, -999.0]
TEXTS = ["", "é ü 星", "\U0001f52d", "a\tb\n\"c\" \\d", "null", "NaN", "\u2028"]


def json_values():
    """Any JSON, as dictionaries with string keys."""
    return [
        {"timestamp": 1707523200123456, "count": 4500, "beat": "LISTEN"},
        {"ids": IDS, "extremes": EXTREMES, "numbers": NUMBERS, "texts": TEXTS},
        {
            "title": "AT 2025abc: photometry",
            "submitter": "someone@example.org",
            "data": {
                "targets": [{"name": "AT 2025abc", "ra": 97.8890196, "dec": -2.798349, "aliases": ["ZTF25abcdefg"]}],
                "photometry": [
                    {"target_name": "AT 2025abc", "date_obs": 60736.17, "bandpass": "r", "brightness": 18.25},
                    {"target_name": "AT 2025abc", "date_obs": 60738.2, "limiting_brightness": 20.5, "brightness": None},
                ],
                "references": [],
                "extra_data": {},
            },
            "message_text": "Two points,\nand a limit.",
            "a/b~c": {"": True, "é": False},
        },
    ]


def json_scalars():
    """Without null: that is a tombstone on Kafka."""
    return [IDS, 15.5, IDS[0], "text", True, [], {}]


def not_a_number():
    """As json.dumps of Python writes them; in an Avro float all are at home."""
    return [{"objectId": IDS[2], "magpsf": math.nan, "far": math.inf, "limit": -math.inf, "list": [1.5, math.nan]}]


def lasair_values():
    return [
        {"diaObjectId": IDS[2] + n, "ra": 97.8890196 + n, "decl": -2.798349, "UTC": "2026-03-02 04:15:03", "g": math.nan}
        for n in range(3)
    ]


def blobs():
    return [b"", bytes(range(256)), b"\xff\xfe not UTF-8", "é".encode()]


def circulars():
    header = {"title": "GCN CIRCULAR", "number": "40", "subject": "GRB 980329: é", "date": "98/04/03 07:10:15 GMT"}
    return [
        {"header": {**header, "from": "A. Observer at Place <a@example.org>"}, "body": "First line.\n\nSecond: 12:30.\n"},
        {"header": header, "body": ""},
    ]


def text_notices():
    return [
        (
            "TITLE:            GCN/AMON NOTICE\n"
            "NOTICE_DATE:      Fri 12 Apr 24 05:34:35 UT\n"
            "SRC_RA:           103.7861d {+06h 55m 09s} (J2000),\n"
            "                  104.1106d {+06h 56m 27s} (current)\n"
            "SRC_ERROR:        30.80 [arcmin radius, stat-only, 90% containment]\n"
            "COMMENTS:         IceCube Bronze event.\n"
            "COMMENTS:         The position error is statistical only: é.\n"
        ).encode(),
        b"TITLE: x\nEMPTY:\n",
    ]


def voevents():
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0"'
    return [
        f"""{head}
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="2.0" role="test" ivorn="ivo://gwnet/LVC#MS240412a-1">
  <Who><AuthorIVORN>ivo://example.org</AuthorIVORN><Date>2024-04-12T05:34:35</Date></Who>
  <What>
    <Param name="Packet_Type" value="150" dataType="int"/>
    <Param name="FAR" value="9.1e-14" unit="Hz"><Description>False alarm rate, &lt; 1 &amp; é</Description></Param>
    <Group name="GW_SKYMAP"><Param name="skymap_fits" value="https://example.org/a.fits,0"/></Group>
  </What>
  <WhereWhen><ObsDataLocation><ObservationLocation><AstroCoords coord_system_id="UTC-FK5-GEO"><Position2D unit="deg">
    <Name1>RA</Name1><Value2><C1>97.8890</C1><C2>-2.7983</C2></Value2><Error2Radius>0.5</Error2Radius>
  </Position2D></AstroCoords></ObservationLocation></ObsDataLocation></WhereWhen>
  <How><Description>Candidate &#233;</Description><Description>Two detectors</Description></How>
  <Citations><EventIVORN cite="supersedes">ivo://gwnet/LVC#MS240412a-0</EventIVORN></Citations>
  <Description>  spaces are stripped  </Description>
</voe:VOEvent>
""".encode(),
        f'{head} ivorn="ivo://a/b#c"><What><Param name="only"/></What></voe:VOEvent>'.encode(),
    ]


def notices():
    schema = "https://gcn.nasa.gov/schema/v4.1.0/gcn/notices"
    return [
        {
            "$schema": f"{schema}/swift/bat/guano.schema.json",
            "mission": "Swift",
            "alert_datetime": "2024-01-01T05:33:01Z",
            "trigger_time": "2023-12-31T21:46:05.13Z",
            "ra": 336.26,
            "dec": 25.139,
            "ra_dec_error": [0.5, 0.25, 10],
            "classification": {"GRB": 1},
            "far": 1e-05,
            "id": ["694215995"],
            "record_number": 3,
            "healpix_file": base64.b64encode(bytes(range(99))).decode(),
        },
        {"instrument": "WXT", "id": ["01708973486"], "ra": 120, "dec": 40, "image_energy_range": [0.5, 4]},
    ]


def gcn_circulars():
    return [
        {
            "$schema": "https://gcn.nasa.gov/schema/v6.1.0/gcn/circulars.schema.json",
            "circularId": 33603,
            "subject": "GRB 230410A: é",
            "eventId": "GRB 230410A",
            "submitter": "A. Observer at Place <a@example.org>",
            "createdOn": 1718212589034,
            "body": "One.\nTwo.",
            "version": 2,
        }
    ]


def gw_alerts():
    """Sky maps are base64 in JSON; here they are the bytes."""
    skymap = b"SIMPLE  =                    T" + bytes(range(256))
    event = {"far": 9.11069936486e-14, "significant": True, "instruments": ["H1", "L1"], "duration": None}
    coincidence = {"gcn_notice_id": 524666471, "observatory": "Fermi", "combined_skymap": skymap[::-1]}
    head = {"superevent_id": "MS181101ab", "urls": {"gracedb": "https://example.org/MS181101ab"}}
    return [
        {**head, "alert_type": "PRELIMINARY", "event": {**event, "skymap": skymap}, "external_coinc": coincidence},
        {**head, "alert_type": "INITIAL", "event": {**event, "skymap": None}, "external_coinc": None},
        {**head, "alert_type": "RETRACTION", "event": None, "external_coinc": None},
    ]


def heartbeats():
    return [{"$schema": "x/core/Alert.schema.json", "alert_datetime": "2024-07-25T15:50:35.792451Z"}]


def packets():
    """40 big-endian words of 32 bits each."""
    return [struct.pack(">40i", 61, 1, 0, 2034501, 1234567, 20412, 2000001, 1037861, -279834, *range(-15, 16))]


def loci(mark_time):
    """Of ANTARES; `mark_time` makes a date of milliseconds since 1970."""
    return [
        {
            "id": "ANT2020aeczfyy",
            "ra": 97.8890196,
            "dec": -2.798349,
            "properties": {
                "num_alerts": 12,
                "newest_alert_magnitude": 18.25,
                "ztf_object_id": "ZTF17aaarzyp",
                "brightest_alert_id": None,
                "is_corrected": True,
                "survey": {"lsst": {"dia_object_id": [IDS[2]], "dia_source_id": IDS[1]}, "empty": {}},
                "updated": mark_time(1740888903004),
                "limit": math.nan,
            },
            "tags": ["extragalactic", "é"],
            "catalogs": [],
        },
        {"id": "ANT2026a", "ra": 0.0, "dec": -90.0, "properties": {}, "tags": [], "catalogs": ["sdss"]},
    ]
