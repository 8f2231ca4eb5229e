"""The process that alertstreams asks: a line of JSON in, a line of JSON out."""

from __future__ import annotations

import faulthandler
import inspect
import json
import logging
import os
import sys
import threading
import time
import traceback
from typing import Any, BinaryIO, Callable, Tuple

from . import results
from .context import Context

Streams = Tuple[BinaryIO, BinaryIO]

#: Seconds between two looks whether alertstreams is still there.
LOOK = 2


def run(handle: Callable[..., Any]) -> None:
    """Calls `handle(alert)` or `handle(alert, context)` with each alert, until there are no more."""
    serve(handle, take_streams())


def serve(handle: Callable[..., Any], streams: Streams) -> None:
    """As `run`, over streams that were taken."""
    requests, answers = streams
    _set_up_log()
    faulthandler.enable()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    wants_context = _wants_context(handle)
    _write(answers, b'{"ready": true}\n')
    for line in requests:
        _write(answers, _answer(handle, wants_context, json.loads(line)))


def take_streams() -> Streams:
    """Standard input and output for alertstreams alone: what anything else prints goes to standard error."""
    requests = os.fdopen(os.dup(0), "rb", buffering=1 << 17)
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdout.flush()
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return requests, answers


def _answer(handle: Callable[..., Any], wants_context: bool, request: Any) -> bytes:
    call = {"call": request["call"]}
    try:
        alert = request["alert"]
        result = handle(alert, Context.of(request)) if wants_context else handle(alert)
        return results.dumps({**call, **results.answer(result)})
    except Exception as error:
        reason = "".join(traceback.format_exception_only(type(error), error)).strip()
        return results.dumps({**call, "error": reason, "traceback": traceback.format_exc()})


def _wants_context(handle: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(handle).parameters.values()
    except (TypeError, ValueError):  # of some that are not written in Python
        return False
    positional = [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    return len(positional) > 1 and (positional[1].default is inspect.Parameter.empty or positional[1].name == "context")


def _write(answers: BinaryIO, line: bytes) -> None:
    answers.write(line)
    answers.flush()


def _set_up_log() -> None:
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alertstreams").setLevel(logging.INFO)


def _end_with(parent: int) -> None:
    """A process that is at work does not see that its input has ended."""
    while os.getppid() == parent:
        time.sleep(LOOK)
    os._exit(1)
