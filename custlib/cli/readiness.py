"""What a machine lacks for studies, and what each gap costs; told even where packages are missing.

Nothing but the standard library is imported before a probe needs it: whoever asks what is missing
has most often just seen an import fail.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LOCK = "requirements.lock"
OLDEST_PYTHON, OLDEST_JAVA = (3, 11), 17
DASK = ("no sweeps on other machines", "sweeps on a cluster, with --scheduler")
VOILA = (
    "no form without JupyterLab; `make lab` has the same",
    "the form without JupyterLab, by `make app`",
)
LEAST_DISK, LEAST_MEMORY = 50e6, 1e9
INSTALL = "Install: `make study`, or `pip install -r requirements.lock`"
SHOWN = 4


@dataclass(frozen=True)
class Sign:
    """One thing looked at: whether it is there, and what that gives or costs.

    Examples
    --------
    >>> Sign("java 17", "orders on Spark").line
    'ok   java 17                   orders on Spark'
    """

    name: str
    meaning: str
    ok: bool = True
    essential: bool = False

    @property
    def line(self) -> str:
        """The sign on one line."""
        meaning = " ".join(self.meaning.split())
        return f"{'ok' if self.ok else 'gap':<4} {self.name:<25} {meaning}"


def machine_signs(
    root: Path, reports: Path, *, require_printer: Callable[[], Any]
) -> Iterator[Sign]:
    """Everything that studies need of a machine, each as soon as it is known.

    Parameters
    ----------
    root : Path
        Project, in which the lock file lies.
    reports : Path
        Folder of reports.
    require_printer : callable
        Raises where PDF cannot be written, and says why in three lines.

    Yields
    ------
    Sign
        Studies can run where no sign is both a gap and essential.

    Notes
    -----
    A kernel is really started and a file really written, for a list of installed packages proves
    neither.
    """
    probes: dict[str, tuple[Callable[[], Iterator[Sign]], bool]] = {
        "Python": (_python, True),
        "packages": (lambda: _packages(root), True),
        "kernel": (_kernel, True),
        "reports": (lambda: _reports(reports), True),
        "cores and memory": (_size, False),
        "git": (lambda: _git(root), False),
        "fonts": (_fonts, False),
        "pdf": (lambda: _printer(require_printer), False),
        "java": (_java, False),
        "dask": (lambda: _extra("dask", "distributed", "dask", *DASK), False),
        "voila": (lambda: _extra("app", "voila", "voila", *VOILA), False),
    }
    for name, (probe, essential) in probes.items():
        try:
            yield from probe()
        except Exception as problem:
            why = (str(problem).strip().splitlines() or [""])[0]
            told = f"it could not be looked at: {type(problem).__name__}: {why}"
            yield Sign(name, told, ok=False, essential=essential)


def _python() -> Iterator[Sign]:
    found = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info >= OLDEST_PYTHON
    oldest = ".".join(map(str, OLDEST_PYTHON))
    meaning = f"studies run on {oldest} or later"
    yield Sign(f"Python {found}", meaning if ok else f"{meaning}. Install: {oldest}", ok, True)


def _packages(root: Path) -> Iterator[Sign]:
    """Declared packages that are missing, and those that are not what the lock file says."""
    declared = _declared()
    missing = [name for name in declared if _version(name) is None]
    if missing:
        told = f"not installed: no study runs without them. {INSTALL}"
        yield Sign(f"{_listed(missing)}", told, ok=False, essential=True)
    locked = _locked(root / LOCK)
    if not locked:
        if not missing:
            yield Sign(f"{len(declared)} packages", f"no {LOCK} here to compare their versions")
        return
    absent = [name for name in locked if _version(name) is None and name not in missing]
    other = [
        f"{name} {found}, not {wanted}"
        for name, wanted in locked.items()
        if (found := _version(name)) is not None and found != wanted
    ]
    if absent:
        told = f"in {LOCK}, not installed: some formats or tests are refused. {INSTALL}"
        yield Sign(_listed(absent), told, ok=False)
    if other:
        told = f"{_listed(other)}: last digits may differ from the references. {INSTALL}"
        yield Sign(f"{len(other)} other versions", told, ok=False)
    if not (missing or absent or other):
        yield Sign(f"{len(locked)} packages", f"each as {LOCK} says, so that numbers repeat")


def _kernel() -> Iterator[Sign]:
    import asyncio

    from custlib.study.run.kernel import NAME, kernel_place

    start = time.monotonic()
    with kernel_place(Path.cwd()) as place:
        status = asyncio.run(_answer(place.manager_class()(kernel_name=NAME)))
    seconds = time.monotonic() - start
    meaning = "a kernel started, answered and was shut down"
    yield Sign(f"kernel {seconds:.1f} s", meaning, status == "ok", True)


async def _answer(manager: Any) -> str:
    """Status of a first cell in a new kernel."""
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        reply = await client.execute("1 + 1", reply=True, timeout=60)
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
    return str(reply["content"]["status"])


def _reports(reports: Path) -> Iterator[Sign]:
    place = next(place for place in (reports, *reports.parents) if place.exists())
    free = shutil.disk_usage(place).free
    try:
        with tempfile.TemporaryFile(dir=place) as stream:
            stream.write(b"x")
    except OSError as problem:
        told = f"{place} cannot be written to ({problem.strerror}). Pass --reports DIR"
        yield Sign("reports", told, ok=False, essential=True)
        return
    enough = free >= LEAST_DISK
    told = f"may be written to {place}" if enough else "too little room. Free some, or --reports"
    yield Sign(f"reports {free / 1e9:.1f} GB free", told, enough, True)


def _size() -> Iterator[Sign]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Sign(f"{cores} cores", "so many runs of a sweep at a time")
    import psutil

    free = psutil.virtual_memory().available
    ok = free >= LEAST_MEMORY
    told = "a study takes most often less than 1 GB"
    yield Sign(f"memory {free / 1e9:.1f} GB free", told if ok else f"{told}: kernels may die", ok)


def _git(root: Path) -> Iterator[Sign]:
    lost = "records of runs name no commit"
    if shutil.which("git") is None:
        yield Sign("git", f"not found: {lost}. Install: apt install git", ok=False)
        return
    done = subprocess.run(
        ["git", "-C", str(root), "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        timeout=10,
    )
    if done.returncode:
        yield Sign("git", f"{root} is no checkout: {lost}", ok=False)
    else:
        yield Sign(f"git {done.stdout.strip()}", "records of runs name the commit")


def _fonts() -> Iterator[Sign]:
    """The letters of charts and PDF come with matplotlib; are Cyrillic and Slovenian among them?"""
    spec = find_spec("matplotlib")
    home = next(iter((spec.submodule_search_locations if spec else None) or [""]))
    path = Path(home, "mpl-data", "fonts", "ttf", "DejaVuSans.ttf")
    if not path.is_file():
        told = "DejaVu Sans of matplotlib is not there: Cyrillic may show as boxes"
        yield Sign("fonts", f"{told}. Install: matplotlib from PyPI, or fonts-dejavu", ok=False)
        return
    from fontTools.ttLib import TTFont

    letters = TTFont(path, lazy=True).getBestCmap()
    ok = all(ord(letter) in letters for letter in "ЖщёČšž–…")
    yield Sign("fonts DejaVu Sans", "Cyrillic and Slovenian letters in figures and PDF", ok)


def _printer(require_printer: Callable[[], Any]) -> Iterator[Sign]:
    try:
        require_printer()
    except Exception as problem:
        told = str(problem).splitlines()
        yield Sign("pango", f"no PDF, `--to pdf` is refused: {told[0]} {told[-1]}", ok=False)
    else:
        yield Sign(f"weasyprint {_version('weasyprint')}", "`--to pdf` writes tagged PDF")


def _java() -> Iterator[Sign]:
    lost = "no orders on Spark; the engine that comes with custlib reads them"
    how = "Install: Java 17 or later (apt install openjdk-17-jre-headless), then `make spark`"
    if shutil.which("java") is None:
        yield Sign("java", f"not found: {lost}. {how}", ok=False)
        return
    done = subprocess.run(["java", "-version"], capture_output=True, text=True, timeout=30)
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr + done.stdout)
    if found is None or int(found[1]) < OLDEST_JAVA:
        yield Sign(f"java {found[1] if found else ''}".strip(), f"too old: {lost}. {how}", ok=False)
    elif (spark := _version("pyspark")) is None:
        yield Sign("pyspark", f"not installed: {lost}. Install: `make spark`", ok=False)
    else:
        yield Sign(f"java {found[1]}", f"orders on Spark {spark}")


def _extra(extra: str, package: str, name: str, lost: str, gained: str) -> Iterator[Sign]:
    """A package of one of the extras, which no study needs."""
    found = _version(package)
    if found is None:
        yield Sign(name, f"{lost}. Install: pip install 'custlib[{extra}]'", ok=False)
    else:
        yield Sign(f"{name} {found}", gained)


def _declared() -> list[str]:
    """Packages that custlib cannot do without, by their names."""
    try:
        lines = requires("custlib") or []
    except PackageNotFoundError:
        return []
    return [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in lines if "extra ==" not in line]


def _locked(path: Path) -> dict[str, str]:
    """Version of each package that the lock file wants on this machine."""
    if not path.is_file():
        return {}
    from packaging.markers import Marker

    pins = re.findall(
        r"^([\w.-]+)==([^\s;\\]+)(?:\s*;\s*([^\\\n]+))?", path.read_text(encoding="utf-8"), re.M
    )
    return {
        name: wanted for name, wanted, marker in pins if not marker or Marker(marker).evaluate()
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
