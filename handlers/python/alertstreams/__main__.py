"""``python3 -m alertstreams fit.py``: the function `handle` of a script as a handler."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Any, Callable

from .worker import serve, take_streams

#: The module's name; not the file's, which another module may have.
NAME = "__handler__"


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit("usage: python3 -m alertstreams SCRIPT.py")
    # Before the script is loaded, which may print.
    streams = take_streams()
    sys.argv = sys.argv[1:]
    serve(_load(sys.argv[0]), streams)


def _load(script: str) -> Callable[..., Any]:
    # As Python does for a script: its folder instead of the working folder.
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    spec = importlib.util.spec_from_file_location(NAME, script)
    if spec is None or spec.loader is None:
        sys.exit(f"{script} is no Python script")
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)
    handle = getattr(module, "handle", None)
    if not callable(handle):
        sys.exit(f"{script} has no function handle(alert)")
    return handle


if __name__ == "__main__":
    main()
