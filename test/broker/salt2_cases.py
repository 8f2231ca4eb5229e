"""Calls the SALT2 handler with cases that a stream of good alerts does not have. Prints JSON, by the name of the case:
what was published (rows, and the lengths of pictures), what it logged, or why it failed.

Argument: a folder that light_curves.py has written.
"""

import base64
import copy
import json
import logging
import pathlib
import shutil
import sys

from alertstreams import Context
from alertstreams.salt2.handler import handle

folder = pathlib.Path(sys.argv[1])
good = json.loads((folder / "alerts.ndjson").read_text().splitlines()[0])
paths = {"MODEL": str(folder / "model"), "BANDS": str(folder / "bands")}
logged = []


class Recorder(logging.Handler):
    def emit(self, record):
        logged.append(record.getMessage())


def call(alert, **options):
    logged.clear()
    try:
        result = handle(alert, Context(options=options))
    except Exception as error:
        return {"failed": str(error)}
    published = [item.fields for item in result or []]
    rows = [item["value"] for item in published if "value" in item]
    pictures = [len(base64.b64decode(item["base64"])) for item in published if "base64" in item]
    return {"rows": rows, "pictures": pictures, "logged": list(logged)}


def changed(change):
    alert = copy.deepcopy(good)
    for row in [*alert["prv_candidates"], alert["candidate"]]:
        if row["magpsf"] is not None:
            change(row)
    return alert


def bands_without(name):
    copied = shutil.copytree(folder / "bands", folder / f"bands-without-{name}", dirs_exist_ok=True)
    (copied / f"{name}.dat").unlink()
    return {**paths, "BANDS": str(copied)}


def faint_but_in_i(row):
    row["sigmapsf"] = 0.05 if row["fid"] == 3 else 0.4


def negative_in_i(row):
    if row["fid"] == 3:
        row["isdiffpos"] = "f"


log = logging.getLogger("alertstreams")
log.setLevel(logging.INFO)
log.addHandler(Recorder())
cases = {
    "right errors": call(good, **paths),
    "upstream errors": call(good, **paths, UPSTREAM_ERRORS=True),
    "no i": call(good, **bands_without("ztfi"), PLOT="plots"),
    "bright in i alone": call(changed(faint_but_in_i), **bands_without("ztfi")),
    "negative": call(changed(negative_in_i), **paths, PLOT="plots"),
    "misspelt": call(good, **paths, PLOTS="plots"),
    "no model": call(good, BANDS=paths["BANDS"]),
    "model away": call(good, **{**paths, "MODEL": "nowhere"}),
    "bands away": call(good, **{**paths, "BANDS": "nowhere"}),
}
json.dump(cases, sys.stdout)
