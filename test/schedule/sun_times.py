"""Prints the nights that sun.test.ts compares with, from astropy's ephemeris: python sun_times.py > sun-times.json

A night begins when the sun's centre sinks below an altitude (no refraction) and ends when it rises above -50 arc minutes
(34 of refraction at the horizon, 16 of the sun's radius). All times UTC, to the second.
"""

import json

import numpy as np
from astropy import units as u
from astropy.coordinates import AltAz, EarthLocation, get_sun
from astropy.time import Time
from astropy.utils import iers

iers.conf.auto_download = False
iers.conf.auto_max_age = None
iers.conf.iers_degraded_accuracy = "ignore"

SITES = {
    "palomar": (33.3563, -116.8650, 1712),
    "rubin": (-30.2446, -70.7494, 2663),
    "tartu": (58.2653, 26.4661, 76),
    "longyearbyen": (78.2202, 15.6513, 20),
}
SUNRISE = -50 / 60
SPANS = [
    ("palomar", -12, "2026-02-27", 4),
    ("palomar", -12, "2026-05-18", 3),
    ("palomar", -18, "2026-06-20", 3),
    ("palomar", -12, "2026-12-20", 3),
    ("rubin", -12, "2026-03-20", 3),
    ("rubin", -18, "2026-06-20", 3),
    ("tartu", -12, "2026-05-17", 70),
    ("longyearbyen", -12, "2026-09-20", 180),
]


def altitudes(site, times):
    latitude, longitude, elevation = SITES[site]
    place = EarthLocation(lat=latitude * u.deg, lon=longitude * u.deg, height=elevation * u.m)
    return get_sun(times).transform_to(AltAz(obstime=times, location=place)).alt.deg


def crossings(site, times, values, level, rising):
    above = values >= level
    steps = np.nonzero((~above[:-1] & above[1:]) if rising else (above[:-1] & ~above[1:]))[0]
    found = []
    for step in steps:
        low, high = times[step], times[step + 1]
        for _ in range(12):
            middle = low + (high - low) * 0.5
            if (altitudes(site, middle) >= level) == rising:
                high = middle
            else:
                low = middle
        found.append(low)
    return found


def main():
    spans = []
    for site, below, first, days in SPANS:
        times = Time(first, scale="utc") + np.arange(0, days * 288) * 5 * u.min
        values = altitudes(site, times)
        sunsets = crossings(site, times, values, below, rising=False)
        sunrises = crossings(site, times, values, SUNRISE, rising=True)
        nights, until = [], None
        for opens in sunsets:
            closes = next((one for one in sunrises if one > opens), None)
            if closes is None or (until is not None and opens < until):
                continue
            until = closes
            nights.append([f"{time.strftime('%Y-%m-%dT%H:%M:%S')}Z" for time in (opens, closes)])
        spans.append({"site": site, "place": SITES[site], "below": below, "first": first, "days": days, "nights": nights})
    print(json.dumps(spans, indent=1))


main()
