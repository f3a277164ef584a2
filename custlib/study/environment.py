"""The environment in which every study is computed, and its description for the record."""

import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from custlib.study.manifest import Code, Environment
from custlib.study.pictures import VECTORS
from custlib.study.run.identity import LOCK, library_sha256, lock_sha256

THREADS = 1
# One BLAS thread, because the last digits of a regression differ between one thread and two; a
# fixed hash seed, because the order of a set differs without it; no locale, clock or width of
# the machine. The epoch is the first day that every file format can hold.
FIXED = {
    **dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"),
        str(THREADS),
    ),
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "PYTHONUTF8": "1",
    "SOURCE_DATE_EPOCH": "315532800",
    "COLUMNS": "100",
    VECTORS: "1",
}
# What a user's session may set and a study must not depend on.
DROPPED = ("PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "LANGUAGE", "MPLBACKEND")


def kernel_environment(profile: Path) -> dict[str, str]:
    """Variables of a study's kernel; IPython's start-up files come from an empty profile."""
    kept = {name: value for name, value in os.environ.items() if name not in DROPPED}
    return kept | FIXED | {"IPYTHONDIR": str(profile)}


def describe_environment(root: Path) -> Environment:
    """Python, machine, BLAS and packages, as the record keeps them."""
    return Environment(
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        cpu=_cpu(),
        blas=_blas(),
        threads=THREADS,
        lock_sha256=lock_sha256(root),
        packages=_packages(),
    )


def describe_code(root: Path) -> Code:
    """Commit of the checkout and hash of the library; no commit where git knows none."""
    commit = _git(root, "rev-parse", "HEAD")
    changes = _git(root, "status", "--porcelain", "--", "custlib", "notebooks", LOCK)
    return Code(
        git=commit,
        dirty=bool(changes) if commit is not None and changes is not None else None,
        custlib_sha256=library_sha256(),
    )


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _cpu() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        told = ""
    model = re.search(r"^model name\s*:\s*(.+)$", told, flags=re.MULTILINE)
    return model[1].strip() if model else platform.processor() or platform.machine()


def _blas() -> str:
    import numpy as np

    config = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {}) if config else {}
    return " ".join(filter(None, [blas.get("name"), blas.get("version")])) or "unknown"


def _packages() -> dict[str, str]:
    """Version of each package that custlib declares and finds."""
    try:
        declared = requires("custlib") or []
    except PackageNotFoundError:
        declared = []
    found = {}
    for line in declared:
        name = re.match(r"[A-Za-z0-9._-]+", line)
        if name is None or "extra ==" in line:
            continue
        try:
            found[name[0].lower()] = version(name[0])
        except PackageNotFoundError:
            continue
    return dict(sorted(found.items()))
