"""Handlers of alertstreams in Python.

A handler is a function from an alert to what should be published::

    # fit.py
    from alertstreams import publish

    def handle(alert, context):
        candidate = alert["candidate"]
        if candidate["magpsf"] > context.options["faintest"]:
            return None
        return publish({"mag": candidate["magpsf"]}, key=alert["objectId"])

In YAML it is ``HANDLER: {COMMAND: [python3, -m, alertstreams, fit.py]}``.
"""

from .context import Context
from .results import REPUBLISH, Outgoing, publish
from .worker import run

__all__ = ["REPUBLISH", "Context", "Outgoing", "publish", "run"]
