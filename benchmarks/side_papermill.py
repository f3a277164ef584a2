"""What papermill is asked: the same runs, a command line each; it writes notebooks alone."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import papermill
from runs import ROOT, STUDY, Settings, serve_runs


def one_by_one(settings: Settings, folder: Path) -> Iterable[Path]:
    for at, values in enumerate(settings):
        out = folder / f"{at}.ipynb"
        words = [word for name, value in values.items() for word in ("-p", name, value)]
        command = [sys.executable, "-m", "papermill", str(STUDY), str(out), *words]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        yield out


serve_runs("sweep", one_by_one, f"papermill {papermill.__version__}")
