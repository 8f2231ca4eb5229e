"""OPTIONS of the route:

MODEL            the directory of a SALT2 model
BANDS            the directory of the band passes ztfg.dat, ztfr.dat and ztfi.dat
TABLE, TOPIC     sinks for the result, an object of flat columns; left out: the route's own SINKS
PLOT             a FileSink for the pictures (PNG), keyed candid_<candid>: FORMAT raw and a PATH as
                 salt2/plot_lc/{key}.png or gs://bucket/salt2/plot_lc/{key}.png; left out: none
UPSTREAM_ERRORS  true: errors of fluxes as the Pitt-Google broker computed them, half as large again
"""

import functools

from alertstreams import publish

from .epochs import epochs_of, why_not_fitted
from .figure import png_of
from .fit import NotFitted, Salt2

KNOWN = {"MODEL", "BANDS", "TABLE", "TOPIC", "PLOT", "UPSTREAM_ERRORS"}


def handle(alert, context):
    options = checked(context.options)
    epochs = epochs_of(alert, upstream_errors=options.get("UPSTREAM_ERRORS") is True)
    if why_not_fitted(epochs) is not None:
        return None
    try:
        fit = salt2(options["MODEL"], options["BANDS"]).fit(epochs)
    except NotFitted as reason:
        context.log.info(f"{alert['objectId']} is not fitted: {reason}")
        return None
    row = {"objectId": alert["objectId"], "candid": alert["candid"], **fit.values}
    sinks = [options[name] for name in ("TABLE", "TOPIC") if options.get(name)]
    results = [publish(row, sink=sink) for sink in sinks] or [publish(row)]
    return [*results, *pictures(alert, epochs, fit, options.get("PLOT"))]


def pictures(alert, epochs, fit, sink):
    if not sink:
        return []
    png = png_of(epochs, fit, f"{alert['objectId']}   candid {alert['candid']}")
    return [publish(png, key=f"candid_{alert['candid']}", sink=sink)]


def checked(options):
    unknown = sorted(options.keys() - KNOWN)
    if unknown:
        raise ValueError(f"OPTIONS of the route has {unknown[0]}, which is not known: {', '.join(sorted(KNOWN))} are")
    for name in ("MODEL", "BANDS"):
        if not isinstance(options.get(name), str):
            raise ValueError(f"OPTIONS of the route needs {name}, a directory")
    return options


@functools.cache
def salt2(model, bands):
    """Read once for each worker."""
    return Salt2(model, bands)
