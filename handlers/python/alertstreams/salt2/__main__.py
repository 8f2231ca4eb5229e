from alertstreams import run

from .handler import handle

run(handle)
