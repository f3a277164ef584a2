"""Runs one job of one side in that side's own Python, and prints seconds and answers as JSON."""

import json
import sys
from collections.abc import Callable
from time import perf_counter

import pandas as pd

Job = Callable[[pd.DataFrame, int], dict[str, list[float]]]


def serve(jobs: dict[str, Job], version: str) -> None:
    """Time the job named in the first argument: best of several runs, one where it is slow.

    Reading the table and importing packages is not timed. A count below the job's own gives the
    part of the time that does not grow with it.
    """
    order = json.loads(sys.argv[1])
    table, job = pd.read_csv(order["data"]), jobs[order["job"]]
    seconds: list[float] = []
    while not seconds or (len(seconds) < order["runs"] and sum(seconds) < order["enough_seconds"]):
        started = perf_counter()
        answer = job(table, order["count"])
        seconds.append(perf_counter() - started)
    result = {"seconds": min(seconds), "runs": len(seconds), "answer": answer, "version": version}
    print(json.dumps(result))
