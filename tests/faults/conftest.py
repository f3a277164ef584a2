"""What every fault test needs: tiny studies, the command in a process, and what must hold after."""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import nbformat
import pytest
import real_runs
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from custlib.study.manifest import read_manifest
from custlib.study.run.cache import changed_files

CUSTLIB = [sys.executable, "-m", "custlib.cli"]
PARAMETERS = "size: int = 0  # how much of it; at least 0"


@pytest.fixture
def study(tmp_path):
    """Writes a notebook with these cells, and gives its path."""

    def write(*cells, name="tiny", parameters=PARAMETERS):
        head = [new_markdown_cell("# What is left after a fault?")]
        head.append(new_code_cell(parameters, metadata={"tags": ["parameters"]}))
        path = tmp_path / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(new_notebook(cells=[*head, *map(new_code_cell, cells)]), path)
        return path

    return write


@pytest.fixture
def start():
    """Starts the command; a process that a test leaves behind is ended."""
    processes = []

    def begin(*words, **variables):
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        environment = os.environ | {name: str(value) for name, value in variables.items()}
        process = subprocess.Popen([*CUSTLIB, *map(str, words)], env=environment, **streams)
        processes.append(process)
        return process

    yield begin
    for process in processes:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.fixture
def command():
    """Runs the command in this process, which is quicker where no process has to die."""
    from click.testing import CliRunner

    from custlib.cli import main

    def run(*words):
        done = CliRunner().invoke(main, [*map(str, words)])
        return done.exit_code, done.stdout, done.stderr

    return run


@pytest.fixture
def finished(start):
    """Runs the command to its end; gives exit code, standard output and standard error."""

    def run(*words, **variables):
        process = start(*words, **variables)
        out, err = process.communicate(timeout=300)
        return process.returncode, out, err

    return run


@pytest.fixture
def whole_runs():
    """Folders of the runs that are kept; fails where one is half, or anything else lies there."""

    def runs(reports):
        found = []
        for manifest in sorted(reports.glob("*/*/manifest.json")):
            folder, record = manifest.parent, read_manifest(manifest)
            assert record.status == "ok"
            assert changed_files(folder, record) == []
            page = (folder / "report.html").read_text(encoding="utf-8")
            assert page.rstrip().endswith("</html>")
            found.append(folder)
        known = {"index.html", "failed", "sweeps", *(folder.parent.name for folder in found)}
        assert {path.name for path in reports.iterdir()} <= known
        for study_folder in {folder.parent for folder in found}:
            assert sorted(study_folder.iterdir()) == [f for f in found if f.parent == study_folder]
        return found

    return runs


@pytest.fixture
def wait_for():
    """Waits until something is found, and gives it."""
    return partial(real_runs.wait_for, seconds=300)


@pytest.fixture(scope="session")
def private_mounts(tmp_path_factory):
    """Words before a command that let it mount what nobody else sees; skips where none may."""
    place = tmp_path_factory.mktemp("mount")
    trial = ["sh", "-c", f"mount -t tmpfs -o size=1m tmpfs '{place}'"]
    for words in (["unshare", "-m"], ["unshare", "-Urm"]):
        if shutil.which("unshare") and not subprocess.run([*words, *trial], stderr=-3).returncode:
            return words
    return pytest.skip("this machine lets nobody mount a file system of their own (unshare -m)")


@pytest.fixture
def on_a_small_disk(private_mounts, tmp_path):
    """Runs a scene of disk.py on a file system of its own; gives what it printed, as JSON."""
    import json

    def play(scene, notebook, *words):
        place = tmp_path / "disk"
        place.mkdir()
        script = Path(__file__).with_name("disk.py")
        done = subprocess.run(
            [*private_mounts, sys.executable, script, scene, place, notebook, *map(str, words)],
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return play
