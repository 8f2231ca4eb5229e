"""How a peer's process talks with the test: a job as JSON on standard input, an answer as JSON on standard output."""

import importlib.metadata
import json
import sys
import traceback

from leaves import leaves


def run(packages, **tasks):
    """Does what the job says: `tasks[job["do"]](job, **arguments of one case)` gives the values of that case."""
    job = json.load(sys.stdin)
    answer, sys.stdout = sys.stdout, sys.stderr
    seen, failed = {}, {}
    for name, case in job["cases"].items():
        try:
            seen[name] = [leaves(value) for value in tasks[job["do"]](job, **case)]
        except Exception:
            failed[name] = traceback.format_exc(limit=-3)
    versions = {package: importlib.metadata.version(package) for package in packages}
    json.dump({"seen": seen, "failed": failed, "versions": versions}, answer)
    answer.flush()


def fetch(poll, count, what):
    """So many results of `poll()`, which waits for a second at most and gives None when nothing came."""
    found = []
    for _ in range(60):
        while len(found) < count:
            one = poll()
            if one is None:
                break
            found.append(one)
        if len(found) == count:
            return found
    raise TimeoutError(f"{len(found)} of {count} messages came from {what}")
