"""Light curves of ZTF alerts as fluxes."""

import math
from typing import NamedTuple

BANDS = {1: "ztfg", 2: "ztfr", 3: "ztfi"}

# d(flux) / flux for one magnitude.
RIGHT_FACTOR = math.log(10) / 2.5
# What the Pitt-Google broker computed instead: errors half as large again.
UPSTREAM_FACTOR = math.log(10 / 2.5)

LEAST_SIGNAL = 5
LEAST_POSITIVE = 5


class Epoch(NamedTuple):
    """A detection. Fluxes are on the scale of their zero point: magnitude = zp - 2.5 log10(flux), AB."""

    mjd: float
    band: str
    flux: float
    fluxerr: float
    zp: float
    positive: bool

    @property
    def signal(self):
        """Signal to noise."""
        return self.flux / self.fluxerr


def epochs_of(alert, upstream_errors=False):
    """The detections of an alert, prv_candidates first.

    As in the broker, a detection that is fainter than the reference counts as flux too: magpsf is the magnitude of the
    difference, whatever its sign. One without an error, a zero point or a known filter is left out.
    """
    factor = UPSTREAM_FACTOR if upstream_errors else RIGHT_FACTOR
    rows = [*(alert.get("prv_candidates") or []), alert["candidate"]]
    return [_epoch(row, factor) for row in rows if _is_complete(row)]


def why_not_fitted(epochs):
    """What keeps a light curve from being fitted, or None."""
    positive = sum(epoch.positive for epoch in epochs)
    if positive < LEAST_POSITIVE:
        return f"{positive} positive detections, fewer than {LEAST_POSITIVE}"
    largest = max(epoch.signal for epoch in epochs)
    if largest < LEAST_SIGNAL:
        return f"a signal to noise of {largest:.2f} at most, less than {LEAST_SIGNAL}"
    return None


def _is_complete(row):
    values = [row.get(name) for name in ("jd", "magpsf", "sigmapsf", "magzpsci")]
    return row.get("fid") in BANDS and all(value is not None and math.isfinite(value) for value in values)


def _epoch(row, factor):
    flux = 10 ** ((row["magzpsci"] - row["magpsf"]) / 2.5)
    return Epoch(
        mjd=row["jd"] - 2_400_000.5,
        band=BANDS[row["fid"]],
        flux=flux,
        fluxerr=flux * row["sigmapsf"] * factor,
        zp=row["magzpsci"],
        positive=row.get("isdiffpos") == "t",
    )
