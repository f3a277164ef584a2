"""Runs one job of one side in that side's own Python, and prints what came of it as JSON."""

import json
import resource
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

Answer = dict[str, list[float]]
Job = Callable[[Any, int], Answer | Callable[[], Answer]]


def serve(
    jobs: dict[str, Job], version: str, before: dict[str, Callable[[Any], Any]] | None = None
) -> None:
    """Time the job named in the first argument: best of several runs, one where it is slow.

    A job on orders is given the path of their file, and reads it within its time. Every other job
    is given a table that was read before. Importing packages is not timed. A count below the
    job's own gives the part of the time that does not grow with it.

    What a job needs that is no part of its question, such as a fitted model to predict from, is
    made `before`, and what only the comparison needs may be left to a function that the job
    returns: neither is timed.
    """
    order = json.loads(sys.argv[1])
    table, job = order["data"], jobs[order["job"]]
    if table.endswith(".csv"):
        import pandas as pd  # not every side has it, and memory is counted

        table = pd.read_csv(table)
    if before and order["job"] in before:
        table = before[order["job"]](table)
    seconds: list[float] = []
    while not seconds or (len(seconds) < order["runs"] and sum(seconds) < order["enough_seconds"]):
        started = perf_counter()
        answer = job(table, order["count"])
        seconds.append(perf_counter() - started)
        if len(seconds) == 1:
            megabytes = peak_megabytes()  # a user runs it once; later runs may add to the peak
    if callable(answer):
        answer = answer()
    result = {"seconds": min(seconds), "runs": len(seconds), "answer": answer, "version": version}
    print(json.dumps(result | {"megabytes": megabytes}))


def peak_megabytes() -> float:
    """The most memory this process has held, imports included."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
