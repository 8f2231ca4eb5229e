"""The fit itself, by sncosmo. Model and band passes are from the user's own directories: nothing is ever downloaded."""

import copy
import math
import pathlib

import numpy
import sncosmo
from sncosmo.fitting import DataQualityError

# With the steps by which slopes of the model are found; small, since it ends where a band pass leaves its wavelengths.
PARAMETERS = {"z": 1e-5, "t0": 1e-3, "x0": 1e-9, "x1": 1e-3, "c": 1e-4}
LEAST_SIGNAL = 5

# The names of sncosmo's own files are known too.
BAND_FILES = {
    "ztfg": ("ztfg.dat", "P48_g.dat"),
    "ztfr": ("ztfr.dat", "P48_R.dat"),
    "ztfi": ("ztfi.dat", "P48_I.dat"),
}
# Of the largest transmission; what is less at the ends of a band pass is cut off.
TRIM = 0.001


class NotFitted(Exception):
    """The data do not allow a fit."""


class Fit:
    """`values`: success (1 or 0), ncall, chisq, ndof, each parameter and its error (`z`, `z_err`), and the covariances
    (`z_t0_cov`); None for what could not be computed."""

    def __init__(self, values, model, bands, covariance):
        self.values = values
        self.model = model
        self.bands = {name: band for name, band in bands.items() if model.bandoverlap(band)}
        self._covariance = covariance

    def curve(self, band, times, zp):
        """The model's flux and its standard error by that of the parameters, at MJDs."""
        flux = self.model.bandflux(band, times, zp=zp, zpsys="ab")
        if self._covariance is None:
            return flux, numpy.zeros_like(flux)
        slopes = numpy.array([self._slope(name, step, band, times, zp) for name, step in PARAMETERS.items()])
        variance = numpy.einsum("it,ij,jt->t", slopes, self._covariance, slopes)
        return flux, numpy.sqrt(numpy.maximum(variance, 0))

    def _slope(self, name, step, band, times, zp):
        model = copy.copy(self.model)
        sides = []
        for side in (1, -1):
            model.set(**{name: self.values[name] + side * step})
            sides.append(model.bandflux(band, times, zp=zp, zpsys="ab"))
        return (sides[0] - sides[1]) / (2 * step)


class Salt2:
    """A SALT2 model (directory as of SALT2Source) and the band passes ztfg, ztfr and ztfi.

    A band pass is a text file of two columns, wavelength in angstroms and transmission; comments begin with #.
    """

    def __init__(self, model_directory, bands_directory):
        self.model = sncosmo.Model(source=sncosmo.SALT2Source(modeldir=str(model_directory)))
        self.bands = bands_in(pathlib.Path(bands_directory))

    def fit(self, epochs):
        """Raises NotFitted."""
        data = self.table(epochs)
        # iminuit cannot do without a bound on the redshift, and t0 must lie near what was seen.
        first = next((epoch.mjd for epoch in sorted(epochs) if epoch.signal > LEAST_SIGNAL), None)
        if first is None:
            raise NotFitted(f"no detection with a signal to noise above {LEAST_SIGNAL}")
        bounds = {"z": (0.01, 0.2), "x1": (-5, 5), "c": (-5, 5), "t0": (int(first) - 10, int(first) + 10)}
        try:
            result, model = sncosmo.fit_lc(
                data, self.model, list(PARAMETERS), bounds=bounds, minsnr=LEAST_SIGNAL, warn=False
            )
        except DataQualityError as error:
            raise NotFitted(str(error)) from error
        values = {name: _plain(value) for name, value in sncosmo.flatten_result(result).items()}
        return Fit(values, model, self.bands, result.covariance)

    def table(self, epochs):
        """What sncosmo takes: band passes as objects, since it would look up names at its own site."""
        known = [epoch for epoch in epochs if epoch.band in self.bands]
        if not known:
            raise NotFitted("no detection in a band whose band pass is there")
        return {
            "time": numpy.array([epoch.mjd for epoch in known]),
            "band": [self.bands[epoch.band] for epoch in known],
            "flux": numpy.array([epoch.flux for epoch in known]),
            "fluxerr": numpy.array([epoch.fluxerr for epoch in known]),
            "zp": numpy.array([epoch.zp for epoch in known]),
            "zpsys": numpy.array(["ab"] * len(known)),
        }


def bands_in(directory):
    """The band passes that lie there, by name."""
    bands = {}
    for name, files in BAND_FILES.items():
        found = [directory / file for file in files if (directory / file).exists()]
        if found:
            wavelength, transmission = numpy.loadtxt(found[0], unpack=True, usecols=(0, 1))
            bands[name] = sncosmo.Bandpass(wavelength, transmission, name=name, trim_level=TRIM)
    if bands:
        return bands
    names = ", ".join(files[0] for files in BAND_FILES.values())
    raise FileNotFoundError(f"{directory} has no band pass: {names} are looked for (angstroms, transmission)")


def _plain(value):
    """As JSON has it."""
    if isinstance(value, (int, numpy.integer)):
        return int(value)
    return float(value) if math.isfinite(value) else None
