"""The page of a sweep: its runs with what each was set to and found, and the figure of all."""

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from custlib.report import numbers
from custlib.report.page import document
from custlib.report.provenance import is_simulated, parameter_text
from custlib.report.render import OUTCOMES
from custlib.report.run_workbook import INPUTS
from custlib.study.manifest import MESSAGE, REPORT, Manifest, read_manifest

HEADLINES, MOST_DECIMALS = 2, 16
MORE_OUTCOMES = {"not run": "Not run", "interrupted": "Interrupted"}


@dataclass(frozen=True, slots=True)
class SweptRun:
    """One run as the page shows it."""

    settings: tuple[str, ...]
    outcome: str
    link: str
    headlines: tuple[str, ...]
    message: str
    simulated: bool = False

    @property
    def done(self) -> bool:
        """Whether the run ended well."""
        return not self.message


def swept_run(
    settings: Sequence[Any],
    status: str,
    folder: Path | None,
    message: str,
    reports: Path,
    simulated: set[str],
) -> SweptRun:
    """A run for the page of its sweep.

    Parameters
    ----------
    settings : sequence
        Values of the parameters that go from run to run.
    status : str
    folder : Path, optional
        Folder of the run; None where nothing is kept.
    message : str
        Why a run did not end well.
    reports : Path
        Folder of reports in which the page lies two folders deep.
    simulated : set of str
        Hashes of simulated tables, from `simulated_tables`.
    """
    manifest: Manifest | None = read_manifest(folder) if folder and status == "ok" else None
    found = manifest.findings[:HEADLINES] if manifest else []
    told = {**OUTCOMES, **MORE_OUTCOMES}.get(status, status)
    return SweptRun(
        settings=tuple(map(parameter_text, settings)),
        outcome=told,
        link=_link(folder, reports) if folder else "",
        headlines=tuple(finding.sentence for finding in found),
        message="" if status == "ok" else message.partition("\n")[0] or told,
        simulated=manifest is not None and is_simulated(manifest, simulated),
    )


def page_of_sweep(
    *,
    question: str,
    name: str,
    keys: Sequence[str],
    runs: Sequence[SweptRun],
    files: Sequence[str],
    figure: bytes | None = None,
    alt: str = "",
    note: str = "",
) -> bytes:
    """Page of a sweep.

    Parameters
    ----------
    question, name : str
        What the study asks, and the name of the plan.
    keys : sequence of str
        Parameters that go from run to run.
    runs : sequence of SweptRun
    files : sequence of str
        Files beside the page.
    figure : bytes, optional
        PNG, shown in the page itself.
    alt, note : str
        Words for it, and what stands under it.

    Returns
    -------
    bytes, a page that opens from the disk; the same runs give the same bytes.
    """
    picture = base64.b64encode(figure).decode() if figure else ""
    text = document(
        "sweep.html",
        question=question,
        name=name,
        keys=keys,
        runs=runs,
        failed=[run for run in runs if not run.done],
        files=files,
        picture=picture,
        alt=alt,
        note=note,
    )
    return text.encode()


def told_data(runs: Sequence[SweptRun]) -> dict[str, pd.DataFrame]:
    """A sheet that says which runs rest on simulated data; none where no run does."""
    told = [(at, "SIMULATED DATA") for at, run in enumerate(runs, 1) if run.simulated]
    return {INPUTS: pd.DataFrame(told, columns=["run_number", "data"])} if told else {}


def swept_alt(
    stacked: pd.DataFrame, findings: Sequence[tuple[str, str]], keys: Sequence[str]
) -> str:
    """Words for the figure of a sweep: from where to where each finding goes."""
    parts = []
    for key, unit in findings:
        rows = stacked[(stacked["key"] == key) & (stacked["unit"].fillna("") == unit)]
        rows = rows[[type(one) in (int, float) and math.isfinite(one) for one in rows["value"]]]
        values = rows["value"].astype(float)
        ends = (rows.loc[values.idxmin()], rows.loc[values.idxmax()])
        texts = _told_apart([row["value"] for row in ends], unit)
        told = (
            f"{text} ({', '.join(parameter_text(row[name]) for name in keys)})"
            for text, row in zip(texts, ends, strict=False)
        )
        parts.append(f"{key.replace('_', ' ')} {'from ' * (len(texts) > 1)}{' to '.join(told)}")
    status = stacked.drop_duplicates("run_number")["status"]
    return f"Findings of {runs_told(status)} by {', '.join(keys)}: {'; '.join(parts)}."


def runs_told(status: Sequence[str] | pd.Series) -> str:
    """How many runs there are, and how many of them ended well where not all did."""
    well = sum(one == "ok" for one in status)
    return f"{len(status)} runs" if well == len(status) else f"{well} of {len(status)} runs"


def _told_apart(values: Sequence[float], unit: str) -> list[str]:
    """Texts of two values with the decimals they need to differ; one where they are one."""
    texts: list[str] = []
    for decimals in (None, *range(1, MOST_DECIMALS)):
        texts = [
            numbers.estimate_with_interval(one, None, None, decimals, unit=unit) for one in values
        ]
        if texts[0] != texts[1] or values[0] == values[1]:
            break
    return [*dict.fromkeys(texts)]


def _link(folder: Path, reports: Path) -> str:
    """Relative address of the best there is to open, safe in any folder name."""
    doors = (name for name in (REPORT, MESSAGE) if (folder / name).is_file())
    place = (folder / next(doors, "")).resolve().relative_to(reports.resolve())
    return "../../" + "/".join(map(quote, place.parts))
