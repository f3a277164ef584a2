"""Times custlib beside its peers; no ratio is given before the answers were found to agree."""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import venv
from datetime import date
from importlib.metadata import version
from pathlib import Path

from jobs import JOBS, Job, Peer

HERE = Path(__file__).resolve().parent
WORK = HERE.parent / ".bench"
BEGIN, END = "<!-- made by make bench: begin -->\n", "<!-- made by make bench: end -->\n"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
LONGEST_SECONDS = 200  # a side that takes longer is stopped, and the table says so
HEAD = """\
| job | custlib, s | MB | peer | peer, s | MB | times faster | answers agree within | target |
|---|--:|--:|---|--:|--:|--:|---|---|
"""


class DisagreementError(Exception):
    """Two sides answered differently, so that their times say nothing."""


def agreement(ours: dict, theirs: dict, tolerance: dict[str, float]) -> str:
    """How near the answers are that both sides gave; raises where that is not near enough."""
    said: dict[float, list[str]] = {}
    for name in [name for name in tolerance if name in theirs]:
        one, other = ours[name], theirs[name]
        if len(one) != len(other):
            raise DisagreementError(f"{name}: {len(one)} answers against {len(other)}")
        largest = max(map(abs, one))
        gaps = [abs(a - b) / largest for a, b in zip(one, other, strict=True)]
        # NaN compares false, so a missing answer never passes.
        if not all(gap <= tolerance[name] for gap in gaps):
            raise DisagreementError(f"{name}: {max(gaps):.1g} apart, allowed {tolerance[name]:g}")
        said.setdefault(tolerance[name], []).append(name)
    if not said:
        raise DisagreementError("nothing to compare")
    return ", ".join(f"{', '.join(names)} {within:g}" for within, names in said.items())


def prepare(side: str) -> str:
    """Python of a side: its own environment where peers/<side>.txt pins one, else this one."""
    wanted = HERE / "peers" / f"{side}.txt"
    if not wanted.exists():
        return sys.executable
    folder, python = WORK / side, WORK / side / "bin" / "python"
    done = folder / "installed.txt"
    if not done.exists() or done.read_text() != wanted.read_text():
        print(f"making the environment of {side}", flush=True)
        venv.create(folder, clear=True, with_pip=True)
        install = [str(python), "-m", "pip", "install", "-q", "-r", str(wanted)]
        if not subprocess.run(install, capture_output=True, check=False).returncode:
            done.write_text(wanted.read_text())
    return str(python)


def ask(side: str, job: Job, data: Path, count: int) -> dict:
    """Seconds and answers of one side, or `why` it has none."""
    script = next(HERE.glob(f"side_{side}.*"))
    program = "Rscript" if script.suffix == ".R" else prepare(side)
    order = {"job": job.kind, "data": str(data), "count": count, "runs": 5, "enough_seconds": 3}
    try:
        ran = subprocess.run(
            [program, str(script), json.dumps(order)],
            env=os.environ | dict.fromkeys(THREADS, "1"),
            capture_output=True,
            text=True,
            check=True,
            timeout=LONGEST_SECONDS,
        )
        result = json.loads(ran.stdout.splitlines()[-1])
    except FileNotFoundError:
        result = {"why": f"{program} was not found"}
    except subprocess.TimeoutExpired:
        result = {"why": f"stopped after {LONGEST_SECONDS} s"}
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no message"])[-1]
        result = {"why": re.sub(r"\S*/\S*", "…", last)[:80]}  # no paths in the table
    said = f"{result['seconds']:.4g} s" if "seconds" in result else result["why"]
    print(f"{job.title}: {side} ({count}): {said}", flush=True)
    return result


def ask_peer(peer: Peer, job: Job, data: Path) -> dict:
    """The peer's seconds for the whole job; where it is given a part, scaled by what it adds."""
    whole = peer.groups or job.resamples
    result = ask(peer.side, job, data, peer.few or whole)
    if peer.few and "seconds" in result:
        alone = ask(peer.side, job, data, 0)
        added = (result["seconds"] - alone["seconds"]) * whole / peer.few
        unit = "groups" if peer.groups else "resamples"
        scaled = f"; scaled from {peer.few} of {whole:,} {unit}"
        result |= {"seconds": alone["seconds"] + added, "scaled": scaled}
    return result


def seconds(result: dict) -> str:
    runs = result["runs"]
    counted = "1 run" if runs == 1 else f"best of {runs}"
    return f"{result['seconds']:.3g} ({counted}{result.get('scaled', '')})"


def megabytes(result: dict) -> str:
    return f"{result['megabytes']:,.0f}" if result.get("megabytes") else ""


def own_row(job: Job, ours: dict) -> str:
    """The line about what custlib is to keep to without a peer."""
    targets = []
    if job.most_seconds:
        verdict = "met" if ours["seconds"] < job.most_seconds else "**missed**"
        targets.append(f"< {job.most_seconds:g} s, {verdict}")
    if job.most_megabytes:
        verdict = "met" if ours["megabytes"] <= job.most_megabytes else "**missed**"
        targets.append(f"≤ {job.most_megabytes:,g} MB, {verdict}")
    cells = ["none", "", "", "", "", "; ".join(targets)]
    return line(job.title, seconds(ours), megabytes(ours), *cells)


def growth_row(job: Job, ours: dict, peer: Peer, fewer: dict) -> tuple[str, bool]:
    """A line about custlib beside itself on fewer rows: its time may grow as the rows do."""
    who, start = f"custlib, {peer.rows:,} rows", [job.title, seconds(ours), megabytes(ours)]
    if "why" in fewer:
        return line(*start, who, f"**failed**: {fewer['why']}", "", "", "", ""), False
    grown, rows = ours["seconds"] / fewer["seconds"], job.sizes[0] / peer.rows
    verdict = "met" if grown <= rows else "**missed**"
    target = f"{rows:g} × the rows: {grown:.3g} × the time, {verdict}"
    return line(*start, who, seconds(fewer), megabytes(fewer), "", "", target), True


def peer_row(job: Job, ours: dict, peer: Peer, theirs: dict) -> tuple[str, bool]:
    """A line of the table, and whether it is as it should be."""
    target = f"≥ {peer.factor:g}" if peer.factor else ""
    start = [job.title, seconds(ours), megabytes(ours)]
    if "why" in theirs:
        return line(*start, peer.side, f"not run: {theirs['why']}", "", "", "", target), True
    try:
        near = agreement(ours["answer"], theirs["answer"], job.tolerance)
    except DisagreementError as found:
        cells = [theirs["version"], "not compared", "", "", f"**no**: {found}", target]
        return line(*start, *cells), False
    ratio = theirs["seconds"] / ours["seconds"]
    if peer.factor:
        target += ", met" if ratio >= peer.factor else ", **missed**"
    times = f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"
    cells = [theirs["version"], seconds(theirs), megabytes(theirs), times, near, target]
    return line(*start, *cells), True


def line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def rows(job: Job) -> tuple[str, bool]:
    """The table's lines about one job."""
    data = table_file(job, *job.sizes)
    ours = ask(job.ours, job, data, job.resamples)
    if "why" in ours:
        return line(job.title, f"**failed**: {ours['why']}", *[""] * 7), False
    found = []
    if job.most_seconds or job.most_megabytes:
        found.append((own_row(job, ours), True))
    for peer in job.peers:
        if peer.rows:
            fewer = ask(job.ours, job, table_file(job, peer.rows), job.resamples)
            found.append(growth_row(job, ours, peer, fewer))
        else:
            found.append(peer_row(job, ours, peer, ask_peer(peer, job, data)))
    return "".join(text for text, _ in found), all(fine for _, fine in found)


def table_file(job: Job, *sizes: int) -> Path:
    """The job's table, made in a process of its own: others would take its peak of memory over."""
    wanted = [str(WORK / "data"), job.table or job.kind, *map(str, sizes)]
    program = [sys.executable, str(HERE / "simulate.py"), *wanted]
    made = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=True)
    return Path(made.stdout.strip())


def machine() -> str:
    """What the figures were taken on, without names or paths."""
    cpu = Path("/proc/cpuinfo")
    models = re.findall(r"model name\s*: (.+)", cpu.read_text()) if cpu.exists() else []
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = [f"{name} {version(name)}" for name in ("custlib", "numpy", "pandas", "scipy")]
    software = [platform.system(), f"Python {platform.python_version()}", *packages]
    model = (models or [platform.machine()])[0]
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {', '.join(software)}"


def kept(before: str, jobs: list[Job], made: dict[str, str]) -> str:
    """The lines of all jobs: those made now, and those of other jobs as they stood before."""
    lines = before.splitlines(keepends=True)
    stood = {
        job.title: "".join(one for one in lines if one.startswith(f"| {job.title} |"))
        for job in jobs
    }
    return "".join(made.get(title, old) for title, old in stood.items())


def write_table(made: dict[str, str], only: str) -> None:
    """Put the lines into the README, and say above them when and on what they were taken."""
    readme = HERE / "README.md"
    before, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    old, after = rest.split(END)
    taken = f"{date.today()}; {machine()}."
    if only:
        line = f"Jobs with “{only}” in their title: "
        said = old.split("| job |")[0].strip().split("\n\n")
        taken = "\n\n".join([*(one for one in said if not one.startswith(line)), line + taken])
    text = f"{BEGIN}{taken}\n\n{HEAD}{kept(old, JOBS, made)}{END}"
    readme.write_text(before + text + after, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small sizes; README stays as it is")
    parser.add_argument(
        "--only", default="", metavar="WORD", help="jobs with this in their title; others stay"
    )
    asked = parser.parse_args()
    (WORK / "data").mkdir(parents=True, exist_ok=True)
    chosen = [job for job in JOBS if asked.only.lower() in job.title.lower()]
    if not chosen:
        parser.error(f"no job has {asked.only!r} in its title")
    found = {job.title: rows(job.smaller() if asked.smoke else job) for job in chosen}
    made = {title: text for title, (text, _) in found.items()}
    if asked.smoke:
        print("Small sizes, whatever the titles say: these times mean nothing.")
    else:
        write_table(made, asked.only)
    print(HEAD + "".join(made.values()))
    return 0 if all(fine for _, fine in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
