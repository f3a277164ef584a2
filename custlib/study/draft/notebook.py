"""A draft study as a notebook: the cells of a template that the file has answers for."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

TEMPLATE = Path(__file__).with_name("template.txt")
MARK = re.compile(
    r"^%% (?P<kind>prose|code)(?: (?P<tag>parameters|setup|findings))?"
    r"(?: (?P<sense>when|unless) (?P<fact>\w+))?\n",
    re.MULTILINE,
)
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# Kept in one cell each, however many pieces of the template they are put together from.
JOINED = ("parameters", "setup")
MOST_UNSURE = 5
TOLD = (
    " The lines of the codebook are what its draft could not tell, and each can turn a finding"
    " round: once the codebook has the answer, take the line out of the cell below."
)


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What a draft study must know of a file of answers and its codebook.

    Attributes
    ----------
    data, codebook : str
        Paths as the parameters cell names them: absolute, or from the project's root.
    by : str or None
        Group to compare.
    recommend : str or None
        Item that asks whether customers would recommend.
    overall : list of str
        Items that judge the whole.
    sets_rows_aside : bool
        The file holds previews or tests, which are not to be read.
    options : dict of str
        encoding, delimiter and sheet by which the file is read, where they have to be said.
    clashing : list of str
        Columns of the file that are named as columns the study adds; they are set aside.
    unsure : list of str
        What the draft of the codebook is not sure of and what can turn a finding round.
    """

    data: str
    codebook: str
    by: str | None = None
    recommend: str | None = None
    overall: tuple[str, ...] = ()
    sets_rows_aside: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    clashing: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


def survey_study(facts: StudyFacts) -> dict[str, Any]:
    """Draft of a study of satisfaction, as the JSON of a notebook that has not been run.

    Parameters
    ----------
    facts : StudyFacts

    Returns
    -------
    dict
        A notebook of form 4. Parts the file has no answers for are not in it.

    Examples
    --------
    >>> notebook = survey_study(StudyFacts("answers.csv", "answers.yaml"))
    >>> notebook["cells"][0]["source"][0]
    '# How satisfied are our customers, and with what least?\\n'
    """
    options = "".join(
        f", {name}={json.dumps(said, ensure_ascii=False)}" for name, said in facts.options.items()
    )
    texts = {name: json.dumps(getattr(facts, name), ensure_ascii=False) for name in FILLED}
    texts |= {
        "file": Path(facts.data).name,
        "codebook_name": Path(facts.codebook).name,
        "overall": json.dumps(list(facts.overall), ensure_ascii=False),
        "plan_by": ", by=by" if facts.by else "",
        "read": f"raw = survey.read_export(data{options}).respondents()"
        if facts.sets_rows_aside
        else f"raw = survey.read_raw(data, codebook=book{options})",
        # The study gives these names to columns of its own.
        "unused": f".drop(columns={json.dumps(facts.clashing, ensure_ascii=False)})"
        if facts.clashing
        else "",
    } | _unsure(facts.unsure)
    cells: list[dict[str, Any]] = []
    for kind, tag, source in _pieces(facts):
        text = Template(source).substitute(texts).strip()
        if tag in JOINED and cells[-1]["metadata"].get("tags") == [tag]:
            text = cells.pop()["source"] + "\n" + text
        cells.append(_cell(kind, tag, text))
    for at, cell in enumerate(cells):
        cell["id"] = f"draft-{at:02d}"
        cell["source"] = cell["source"].splitlines(keepends=True)
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _unsure(doubts: tuple[str, ...]) -> dict[str, str]:
    """The doubts as a list of the cell of gaps, as many as it has room for, and what it says."""
    if not doubts:
        return {"doubts": "", "gaps": "plan.gaps", "told": ""}
    more = len(doubts) - MOST_UNSURE
    listed = [*doubts[:MOST_UNSURE], *([f"and {more} more, in the codebook"] if more > 0 else [])]
    return {
        "doubts": f"unsure = {json.dumps(listed, ensure_ascii=False)}\n",
        "gaps": 'pd.concat([plan.gaps, pd.DataFrame({"measure": "codebook", "note": unsure})])',
        "told": TOLD,
    }


FILLED = ("data", "codebook", "by", "recommend")


def _pieces(facts: StudyFacts) -> list[tuple[str, str | None, str]]:
    """Kind, tag and source of the template's cells that these facts call for."""
    text = TEMPLATE.read_text(encoding="utf-8")
    marks = list(MARK.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [
        (mark["kind"], mark["tag"], text[mark.end() : end])
        for mark, end in zip(marks, ends, strict=True)
        if mark["sense"] is None or bool(getattr(facts, mark["fact"])) == (mark["sense"] == "when")
    ]


def _cell(kind: str, tag: str | None, source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "markdown" if kind == "prose" else "code",
        "metadata": {"tags": [tag]} if tag else {},
        "source": source,
    }
    return cell if kind == "prose" else cell | {"execution_count": None, "outputs": []}
