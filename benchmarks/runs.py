"""Twelve runs of one study, for both sides: what they are set to, and the numbers they find."""

import csv
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STUDY = ROOT / "notebooks" / "studies" / "01_steel_satisfaction.ipynb"
FINDING = "application/vnd.custlib.finding+json"

Settings = list[dict[str, str]]


def serve_runs(kind: str, make: Callable[[Settings, Path], Iterable[Path]], version: str) -> None:
    """Time `make`, which gives the executed notebooks; prints what came of it as JSON.

    The whole is timed once, as a user waits for it: starting programs and importing included.
    """
    order = json.loads(sys.argv[1])
    if order["job"] != kind:
        raise SystemExit(f"unknown job {order['job']}")
    with Path(order["data"]).open(encoding="utf-8") as stream:
        settings = list(csv.DictReader(stream))
    with TemporaryDirectory() as folder:
        started = perf_counter()
        notebooks = list(make(settings, Path(folder)))
        seconds = perf_counter() - started
        numbers = [number for path in notebooks for number in numbers_of(path)]
    answer = {"findings": numbers}
    print(json.dumps({"seconds": seconds, "runs": 1, "answer": answer, "version": version}))


def numbers_of(notebook: Path) -> list[float]:
    """Values and intervals of the findings of an executed notebook."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = (output for cell in cells for output in cell.get("outputs", ()))
    found = (output["data"][FINDING] for output in outputs if FINDING in output.get("data", ()))
    values = (finding[name] for finding in found for name in ("value", "low", "high"))
    return [float(value) for value in values if is_number(value)]


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
