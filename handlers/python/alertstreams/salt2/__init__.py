"""Fits the SALT2 model of type Ia supernovae to light curves of ZTF, as the Pitt-Google broker did.

As a handler: HANDLER: { COMMAND: [python3, -m, alertstreams.salt2] }. It needs sncosmo, iminuit and matplotlib.
"""
