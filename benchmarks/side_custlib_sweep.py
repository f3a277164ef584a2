"""What custlib is asked: the runs as one sweep, with reports, records and their summary."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from runs import ROOT, STUDY, Settings, serve_runs

import custlib


def sweep(settings: Settings, folder: Path) -> Iterable[Path]:
    plan, reports = folder / "plan.yaml", folder / "reports"
    plan.write_text(json.dumps({"study": str(STUDY), "runs": settings}), encoding="utf-8")
    command = [sys.executable, "-m", "custlib.cli", "sweep", str(plan), "--reports", str(reports)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    table = Path(done.stdout.strip()).with_name("findings.csv")
    with table.open(encoding="utf-8", newline="") as stream:
        folders = dict.fromkeys(row["run"] for row in csv.DictReader(stream))
    return [reports / name / "report.ipynb" for name in folders]


serve_runs("sweep", sweep, f"custlib {custlib.__version__}")
