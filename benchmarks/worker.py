"""Runs one job of one side in that side's own Python, and prints what came of it as JSON."""

import json
import resource
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

Job = Callable[[Any, int], dict[str, list[float]]]


def serve(jobs: dict[str, Job], version: str) -> None:
    """Time the job named in the first argument: best of several runs, one where it is slow.

    A job on orders is given the path of their file, and reads it within its time. Every other job
    is given a table that was read before. Importing packages is not timed. A count below the
    job's own gives the part of the time that does not grow with it.
    """
    order = json.loads(sys.argv[1])
    table, job = order["data"], jobs[order["job"]]
    if table.endswith(".csv"):
        import pandas as pd  # not every side has it, and memory is counted

        table = pd.read_csv(table)
    seconds: list[float] = []
    while not seconds or (len(seconds) < order["runs"] and sum(seconds) < order["enough_seconds"]):
        started = perf_counter()
        answer = job(table, order["count"])
        seconds.append(perf_counter() - started)
        if len(seconds) == 1:
            megabytes = peak_megabytes()  # a user runs it once; later runs may add to the peak
    result = {"seconds": min(seconds), "runs": len(seconds), "answer": answer, "version": version}
    print(json.dumps(result | {"megabytes": megabytes}))


def peak_megabytes() -> float:
    """The most memory this process has held, imports included."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
