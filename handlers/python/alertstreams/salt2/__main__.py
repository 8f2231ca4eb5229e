import sys

from alertstreams import run

try:
    from .handler import handle
except ModuleNotFoundError as missing:
    pip = f"{sys.executable} -m pip install sncosmo iminuit matplotlib"
    raise SystemExit(f"there is no module {missing.name}; what it needs is had by: {pip}") from missing

run(handle)
