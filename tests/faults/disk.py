"""Scenes on a small file system of their own, played in a private mount namespace.

`unshare -m python disk.py SCENE FOLDER NOTEBOOK …` mounts a tmpfs on the folder, which nobody else
sees and which vanishes with the process, and prints what happened as JSON.
"""

import json
import shutil
import subprocess
import sys
import traceback
from pathlib import Path

from click.testing import CliRunner

from custlib.cli import main
from custlib.cli.reports import list_run
from custlib.errors import StudyError
from custlib.report.publication import publish
from custlib.study.run import identity
from custlib.study.run.cache import cached_run
from custlib.study.run.plan import plan_study
from custlib.study.run.runner import run_study

BLOCK = 4096
# The first of these that a traceback names tells the moment at which the disk was full.
MOMENTS = {
    "_run": "writing the partial notebook",
    "write_outputs": "writing tables and figures",
    "publish": "writing the report",
    "write_manifest": "writing the record",
    "_write": "writing the finished notebook",
    "put_in_place": "renaming into place",
    "working_folder": "making the working folder",
}


def mount(place, size):
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True)


def free_bytes(place):
    return shutil.disk_usage(place).free


def moment(problem):
    """What the run was doing, and the words it had for it."""
    names = [
        frame.name for frame in traceback.extract_tb((problem.__cause__ or problem).__traceback__)
    ]
    return next((told for name, told in MOMENTS.items() if name in names), "before the kernel")


def full(place, notebook, *free_kilobytes):
    """Runs the study at each amount of free room; then once with all the room."""
    mount(place, "3m")
    reports, filler = place / "reports", place / "filler"
    plan = plan_study(notebook)
    tries = []
    for kilobytes in map(int, free_kilobytes):
        filler.unlink(missing_ok=True)
        filler.write_bytes(b"x" * max(free_bytes(place) - kilobytes * 1024, 0))
        told = {"free": kilobytes, "moment": "", "message": ""}
        try:
            run = run_study(plan, reports=reports, publish=publish)
            told["status"] = run.status
            list_run(reports)
        except StudyError as problem:
            told |= {"status": "refused", "moment": moment(problem), "message": str(problem)}
        told["left"] = sorted(
            path.relative_to(reports).as_posix() for path in reports.rglob("*") if path.is_file()
        )
        kept = cached_run(plan, reports)
        told["cached"] = bool(kept)
        if kept:
            tries.append(told)
            break
        tries.append(told)
    filler.unlink(missing_ok=True)
    run = run_study(plan, reports=reports, publish=publish)
    kept = cached_run(plan, reports)
    return {"tries": tries, "next": run.status, "next_cached": bool(kept)}


def custlib(*words):
    """The command in this process: exit code, standard output, standard error."""
    done = CliRunner().invoke(main, [*map(str, words)])
    return done.exit_code, done.stdout, done.stderr


def no_room(place, notebook):
    """The command on a disk that is full before it writes, and on one with no room for the list."""
    mount(place, "3m")
    reports, filler = place / "reports", place / "filler"
    filler.write_bytes(b"x" * (free_bytes(place) - 2 * BLOCK))
    refused = custlib("run", notebook, "--reports", reports)
    filler.unlink()
    run = run_study(plan_study(notebook), reports=reports, publish=publish)
    filler.write_bytes(b"x" * free_bytes(place))
    kept = custlib("run", notebook, "--reports", reports)
    names = [path.name for path in reports.iterdir()]
    return {"refused": refused, "run": run.status, "kept": kept, "names": names}


def read_only(place, notebook, note):
    """A run, and the same one kept, in a folder that became read-only."""
    mount(place, "3m")
    reports = place / "reports"
    run = run_study(plan_study(notebook), reports=reports, publish=publish)
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    refused = custlib("run", notebook, "--reports", reports, "-p", f"note={note}")
    return {
        "run": run.status,
        "refused": refused,
        "kept": custlib("run", notebook, "--reports", reports),
    }


if __name__ == "__main__":
    # The tests may be run while the library is being written.
    identity.library_sha256 = lambda: "0" * 64
    scene, folder, *words = sys.argv[1:]
    print(json.dumps(globals()[scene](Path(folder), *words)))  # noqa: T201
