"""What tests of real runs share: a run as it is kept, its bytes, and the processes around it."""

import json
import time
from contextlib import suppress

import psutil
import pytest

from custlib.report.publication import add_formats, publish
from custlib.study.manifest import NOTEBOOK, write_manifest


def keep(folder, manifest, notebook, formats=()):
    """Publish the run into its folder and give back its record."""
    write_manifest(folder, publish(folder, manifest, notebook))
    (folder / NOTEBOOK).write_text(json.dumps(notebook), encoding="utf-8")
    return add_formats(folder, formats)


def contents(folder):
    """Bytes of every file of a run but its page, which tells the time; so does the runtime."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".html"
    }
    record = json.loads(files.pop("manifest.json"))
    del record["runtime"]
    record["hashes"].pop("report.html", None)
    return files | {"manifest": json.dumps(record).encode()}


def wait_for(found, seconds=300):
    """What `found` gives as soon as it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.05)
    return pytest.fail("waited in vain")


def gone(pid):
    """Whether a process has ended; one that nobody has asked for its exit code keeps its pid."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def below_this(word, recursive=True):
    """Processes that run below this one with a word in their command."""
    found = []
    for child in psutil.Process().children(recursive):
        # Ended just now or long ago: Spark's launcher leaves such a process under its own.
        with suppress(psutil.NoSuchProcess):
            if word in " ".join(child.cmdline()):
                found.append(child)
    return found
