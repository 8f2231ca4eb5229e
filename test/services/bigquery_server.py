"""Starts bqemulator without the extensions that DuckDB would download: no GEOGRAPHY, no Avro files."""
import sys

from bqemulator.storage import engine


def _offline(self):
    self._connection.execute("SET autoinstall_known_extensions=false")
    self._connection.execute("SET autoload_known_extensions=false")


engine.DuckDBEngine._load_spatial = _offline
engine.DuckDBEngine._load_format_extensions = lambda self: None

from bqemulator.cli import main  # noqa: E402

sys.exit(main())
