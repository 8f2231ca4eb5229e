"""A small SALT2 model, band passes, and ZTF alerts of supernovae with that model: nothing in it is from real data.

Writes into FOLDER:
  model/          the files that SALT2Source reads, from analytic templates
  bands/          ztfg.dat, ztfr.dat, ztfi.dat
  alerts.ndjson   an alert a line, the light curve in candidate and prv_candidates
  truth.json      {"<candid>": {z, t0, x0, x1, c}}
"""

import argparse
import json
import math
import pathlib

import numpy
import sncosmo

PHASES = numpy.arange(-20.0, 51.0)
WAVELENGTHS = numpy.arange(2400.0, 9801.0, 25.0)
BANDS = {"ztfg": (4000, 5550, 1), "ztfr": (5600, 7350, 2), "ztfi": (7050, 8950, 3)}

# Centre and width in angstroms, depth: like the broad lines of a type Ia, which is what tells the redshift.
LINES = [
    (3750, 70, 0.75),
    (4300, 90, 0.5),
    (4850, 110, 0.55),
    (5430, 80, 0.4),
    (6120, 85, 0.7),
    (7500, 90, 0.3),
    (8250, 140, 0.6),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    write_model(arguments.folder / "model")
    bands = write_bands(arguments.folder / "bands")
    source = sncosmo.SALT2Source(modeldir=str(arguments.folder / "model"))
    random = numpy.random.default_rng(arguments.seed)
    truth = {}
    with open(arguments.folder / "alerts.ndjson", "w") as file:
        for number in range(arguments.count):
            parameters = draw(random)
            alert = alert_of(random, number, sncosmo.Model(source=source), bands, parameters)
            truth[str(alert["candid"])] = parameters
            file.write(json.dumps(alert) + "\n")
    (arguments.folder / "truth.json").write_text(json.dumps(truth))


def write_model(folder):
    folder.mkdir(parents=True)
    phase, wave = numpy.meshgrid(PHASES, WAVELENGTHS, indexing="ij")
    mean = template(phase, wave)
    # What a slower decline changes, to first order, and a little of the colour.
    step = 0.01
    slower = (template(phase / (1 + step), wave) - template(phase / (1 - step), wave)) / (2 * step)
    write_grid(folder / "salt2_template_0.dat", PHASES, WAVELENGTHS, mean)
    bluer = mean * (5500 - wave) / 3000
    write_grid(folder / "salt2_template_1.dat", PHASES, WAVELENGTHS, 0.12 * slower + 0.02 * bluer)
    few_phases, few_waves = PHASES[::10], WAVELENGTHS[::37]
    for name, value in {
        "salt2_lc_dispersion_scaling": 1.0,
        "salt2_lc_relative_variance_0": 4e-4,
        "salt2_lc_relative_variance_1": 1e-4,
        "salt2_lc_relative_covariance_01": 0.0,
    }.items():
        values = numpy.full((len(few_phases), len(few_waves)), value)
        write_grid(folder / f"{name}.dat", few_phases, few_waves, values)
    numpy.savetxt(folder / "salt2_color_dispersion.dat", [(wave, 0.02) for wave in few_waves], fmt="%g")
    (folder / "salt2_color_correction.dat").write_text(
        "4\n-0.5\n0.7\n-0.4\n0.07\nSalt2ExtinctionLaw.version 1\n"
        "Salt2ExtinctionLaw.min_lambda 2800\nSalt2ExtinctionLaw.max_lambda 7000\n"
    )


def template(phase, wave):
    """Rises in two weeks and fades more slowly, in the red most of all, with a second maximum there; cools as it goes."""
    redness = (wave - 4000) / 4000
    rise, fall = 8.0, 13.0 + 5 * redness
    light = numpy.where(phase < 0, numpy.exp(-((phase / rise) ** 2) / 2), 1 / (1 + (phase / fall) ** 2))
    second = 0.35 / (1 + numpy.exp(-(wave - 6300) / 300)) * numpy.exp(-(((phase - 24) / 7) ** 2) / 2)
    heat = 12000 - 4000 / (1 + numpy.exp(-(phase - 12) / 6))
    colour = (5000 / wave) ** 5 * numpy.expm1(1.4388e8 / (5000 * heat)) / numpy.expm1(1.4388e8 / (wave * heat))
    blanketing = 1 / (1 + numpy.exp(-(wave - 3300) / 150))
    lines = 1.0
    for centre, width, depth in LINES:
        lines = lines - depth * numpy.exp(-(((wave - centre - 1.2 * phase) / width) ** 2) / 2)
    return 0.2 * (light + second) * colour * blanketing * lines


def write_grid(file, phases, waves, values):
    rows = ((phase, wave, value) for phase, row in zip(phases, values) for wave, value in zip(waves, row))
    file.write_text("".join(f"{phase:g} {wave:g} {value:.7e}\n" for phase, wave, value in rows))


def write_bands(folder):
    folder.mkdir(parents=True)
    bands = {}
    for name, (low, high, _) in BANDS.items():
        waves = numpy.arange(low - 150, high + 151, 25.0)
        edges = 1 / (1 + numpy.exp(-(waves - low) / 40)) / (1 + numpy.exp((waves - high) / 40))
        numpy.savetxt(folder / f"{name}.dat", numpy.column_stack([waves, 0.8 * edges]), fmt="%.6g")
        bands[name] = sncosmo.Bandpass(waves, 0.8 * edges, name=name, trim_level=0.001)
    return bands


def draw(random):
    """A supernova that ZTF could have found."""
    z = random.uniform(0.03, 0.065)
    t0 = 60736 + random.uniform(0, 1)
    x1, c = random.normal(0, 0.9), random.normal(0, 0.08)
    # Peak in B of about 17 at 0.03 and 18.7 at 0.065, with the relations of Tripp.
    peak = 36.1 + 5 * math.log10(z / 0.03) - 19.2 - 0.14 * x1 + 3.1 * c
    return {"z": z, "t0": t0, "x0": 10 ** (-0.4 * (peak - 10.6)), "x1": x1, "c": c}


def alert_of(random, number, model, bands, parameters):
    model.set(**parameters)
    rows = []
    for day in numpy.arange(-8.0, 22.0, 1.5):
        for band, (_, _, fid) in BANDS.items():
            rows.append(observe(random, model, bands[band], fid, parameters["t0"] + day + random.uniform(-0.2, 0.2)))
    rows = sorted(rows, key=lambda row: row["jd"])
    while rows[-1]["magpsf"] is None:
        rows.pop()
    object_id = f"ZTF25{''.join(chr(97 + int(letter)) for letter in random.integers(0, 26, 7))}"
    neighbours = {"distpsnr1": 6.5, "sgscore1": 0.02, "ssdistnr": -999.0}
    return {
        "schemavsn": "4.02",
        "publisher": "alertstreams (synthetic)",
        "objectId": object_id,
        "candid": 2982177112815010003 + number,
        "candidate": {**rows[-1], **neighbours},
        "prv_candidates": rows[:-1],
    }


def observe(random, model, band, fid, mjd):
    """A row: a detection of five sigma, or a limit. Zero points and magnitudes are AB, errors as ZTF gives them."""
    zp, limit = 26.2 + random.uniform(-0.1, 0.1), 20.6 + random.uniform(-0.3, 0.3)
    noise = 10 ** ((zp - limit) / 2.5) / 5
    expected = model.bandflux(band, mjd, zp=zp, zpsys="ab")
    sigma = math.hypot(noise, 0.008 * expected)
    flux = random.normal(expected, sigma)
    row = {"jd": mjd + 2_400_000.5, "fid": fid, "diffmaglim": limit, "magzpsci": zp}
    if flux < 5 * noise:
        return {**row, "isdiffpos": None, "magpsf": None, "sigmapsf": None}
    magnitude = zp - 2.5 * math.log10(flux)
    return {**row, "isdiffpos": "t", "magpsf": magnitude, "sigmapsf": sigma / flux * 2.5 / math.log(10)}


if __name__ == "__main__":
    main()
