"""A picture of a light curve with its fit."""

import io

import numpy
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Microjanskys: their zero point, AB.
ZP = 23.9
STYLES = {"ztfg": ("g", "#1b8a5a", "o"), "ztfr": ("r", "#c8372d", "s"), "ztfi": ("i", "#b07d12", "^")}
MARGIN = 4  # days


def png_of(epochs, fit, title):
    """PNG of a light curve in flux, as fitted, with the model, its error and the residuals.

    The error of the model is that of the parameters, by their covariance.
    """
    figure = Figure(figsize=(7.6, 6.2), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    light, rest = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    begin, end = _span(epochs, fit)
    times = numpy.linspace(begin, end, 300)
    for name, (label, color, marker) in STYLES.items():
        shown = [epoch for epoch in epochs if epoch.band == name and name in fit.bands]
        if not shown:
            continue
        band = fit.bands[name]
        curve, error = fit.curve(band, times, ZP)
        light.plot(times, curve, color=color, linewidth=1.4)
        light.fill_between(times, curve - error, curve + error, color=color, alpha=0.18, linewidth=0)
        at_epochs, _ = fit.curve(band, numpy.array([epoch.mjd for epoch in shown]), ZP)
        for positive in (True, False):
            some = [(epoch, model) for epoch, model in zip(shown, at_epochs) if epoch.positive == positive]
            if some:
                style = {"color": color, "fmt": marker, "markersize": 5, "elinewidth": 1, "capsize": 2}
                style |= {"label": f"ZTF {label}"} if positive else {"label": f"ZTF {label}, fainter", "mfc": "white"}
                mjd, flux, fluxerr, model = numpy.array([_point(*one) for one in some]).T
                light.errorbar(mjd, flux, fluxerr, **style)
                rest.errorbar(mjd, (flux - model) / fluxerr, numpy.ones_like(mjd), **style)
    _label(light, rest, fit, (begin, end), title)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _span(epochs, fit):
    """What was seen, and the maximum, as far as the model goes."""
    seen = [epoch.mjd for epoch in epochs] + [fit.values["t0"]]
    begin = max(min(seen) - MARGIN, fit.model.mintime())
    return begin, max(min(max(seen) + MARGIN, fit.model.maxtime()), begin + MARGIN)


def _point(epoch, model):
    scale = 10 ** ((ZP - epoch.zp) / 2.5)
    return epoch.mjd, epoch.flux * scale, epoch.fluxerr * scale, model


def _label(light, rest, fit, span, title):
    values = fit.values
    light.set_xlim(*span)
    light.set_ylabel("flux [µJy]")
    light.axhline(0, color="#999999", linewidth=0.6)
    light.legend(loc="best", frameon=False, fontsize=9)
    light.grid(color="#e6e6e6", linewidth=0.6)
    figure = light.get_figure()
    figure.suptitle(title, fontsize=12)
    light.set_title(_results(values), fontsize=8.5, linespacing=1.5, pad=6)

    rest.axhline(0, color="#555555", linewidth=0.8)
    rest.axhspan(-1, 1, color="#eeeeee", linewidth=0)
    rest.set_ylabel("residual [σ]")
    rest.set_xlabel("MJD")
    rest.ticklabel_format(axis="x", useOffset=False, style="plain")
    largest = max(3.5, *(abs(limit) for limit in rest.get_ylim()))
    rest.set_ylim(-largest, largest)
    _add_magnitudes(light)
    _add_phases(light, values)


def _results(values):
    """Two lines."""
    names = {"z": "z", "t0": "t_0", "x0": "x_0", "x1": "x_1", "c": "c"}
    texts = [f"${shown} = {_measured(values[name], values[name + '_err'])}$" for name, shown in names.items()]
    texts.append(f"$\\chi^2 / \\mathrm{{ndof}} = {values['chisq']:.1f} / {values['ndof']}$")
    if not values["success"]:
        texts.append("the fit did not converge")
    return "    ".join(texts[:3]) + "\n" + "    ".join(texts[3:])


def _measured(value, error):
    """To two digits of the error, as mathematical text."""
    if not error:
        return f"{value:.5g}"
    exponent = int(numpy.floor(numpy.log10(abs(value)))) if value else 0
    if exponent < -2 and error < 1e-3:
        return f"({_measured(value / 10**exponent, error / 10**exponent)}) \\times 10^{{{exponent}}}"
    digits = max(0, 1 - int(numpy.floor(numpy.log10(error))))
    return f"{value:.{digits}f} \\pm {error:.{digits}f}"


def _add_magnitudes(light):
    """AB magnitudes of the fluxes, on the right."""
    low, high = light.get_ylim()
    axis = light.twinx()
    axis.set_ylim(low, high)
    faintest = ZP - 2.5 * numpy.log10(high / 12)
    brightest = ZP - 2.5 * numpy.log10(high)
    ticks = [tick for tick in numpy.arange(numpy.ceil(brightest * 2) / 2, faintest, 0.5)]
    axis.set_yticks([10 ** ((ZP - tick) / 2.5) for tick in ticks], [f"{tick:g}" for tick in ticks])
    axis.set_ylabel("AB magnitude")


def _add_phases(light, values):
    """Days from the maximum in the frame of the supernova, on top."""
    stretch = 1 + values["z"]
    axis = light.secondary_xaxis(
        "top",
        functions=(lambda mjd: (mjd - values["t0"]) / stretch, lambda phase: values["t0"] + phase * stretch),
    )
    axis.set_xlabel("phase in the rest frame [days]", fontsize=9)
    axis.tick_params(labelsize=8)
