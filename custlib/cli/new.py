"""A first codebook and a first study for a file of one's own."""

import json
import os
import re
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from custlib.errors import StudyError

if TYPE_CHECKING:
    from custlib.study.draft import StudyFacts
    from custlib.survey.draft import CodebookDraft
    from custlib.survey.exports import Export

MOST_TOLD = 8


@click.command("new")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "folder",
    default=".",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write; the working directory unless given.",
)
@click.option("--name", metavar="NAME", help="Name of both files; that of FILE unless given.")
@click.option("--encoding", metavar="NAME", help="Encoding of a text file, such as cp1251.")
@click.option("--delimiter", metavar="SIGN", help="What parts its columns, such as ';'.")
@click.option("--sheet", metavar="TITLE", help="Sheet of a workbook; the largest unless given.")
def new_command(file: Path, folder: Path, name: str | None, **given: str | None) -> None:
    """Draft a codebook and a study for FILE, a survey of your own (csv, xlsx, sav, parquet).

    Writes NAME.yaml, in which every guess is marked as one, and NAME.ipynb, which runs at once.
    Neither is ever written over another file. Exports of Qualtrics, LimeSurvey and SurveyMonkey
    are recognized.
    """
    from custlib.survey.draft import codebook_draft
    from custlib.survey.exports import read_export

    name = re.sub(r"[^\w-]+", "_", name or file.stem).strip("_") or "survey"
    codebook, notebook = folder / f"{name}.yaml", folder / f"{name}.ipynb"
    options = {key: said.replace("\\t", "\t") for key, said in given.items() if said}
    export = read_export(file, **options)
    require_free(codebook, notebook)
    if len(sheets := export.raw.sheets) > 1:
        options["sheet"] = sheets[0]
        click.echo(f"Sheet {sheets[0]!r} is read; not read: {', '.join(sheets[1:])}.")
    draft = codebook_draft(export, title=file.name)
    folder.mkdir(parents=True, exist_ok=True)
    from custlib.study.draft import survey_study

    study = survey_study(_facts(file, codebook, export, draft, options))
    texts = {codebook: draft.text, notebook: json.dumps(study, ensure_ascii=False, indent=1) + "\n"}
    for path, text in texts.items():
        with path.open("x", encoding="utf-8") as written:
            written.write(text)
    for line in (*found(export, draft), *_next_steps(codebook, notebook)):
        click.echo(line)


def require_free(*paths: Path) -> None:
    """None of the files is there yet; a StudyError names those that are."""
    taken = [str(path) for path in paths if path.exists()]
    if taken:
        raise StudyError.because(
            f"There is already {' and '.join(taken)}.",
            "Expected names that are free: nothing is ever written over a file of yours.",
            "Pass another --name or another folder with --to, or move the file away.",
        )


def _facts(
    file: Path, codebook: Path, export: "Export", draft: "CodebookDraft", options: dict[str, str]
) -> "StudyFacts":
    """What the study must know, with paths that hold wherever it is run from."""
    from custlib.places import CHECKOUT
    from custlib.study.catalogue import project_root
    from custlib.study.draft import StudyFacts

    root = project_root().resolve()

    def named(path: Path) -> str:
        path = path.resolve()
        # What reads them looks from the checkout's root as well; JupyterLab, where custlib is
        # installed apart from the project, from the folder of the notebook alone.
        near = root == CHECKOUT or codebook.resolve().parent == root
        inside = near and codebook.resolve().is_relative_to(root) and path.is_relative_to(root)
        return path.relative_to(root).as_posix() if inside else str(path)

    return StudyFacts(
        data=named(file),
        codebook=named(codebook),
        by=draft.by,
        recommend=draft.recommend,
        overall=tuple(one for one in draft.outcomes if one != draft.recommend),
        sets_rows_aside=len(export.respondents().table) < len(export.table),
        options=options,
        clashing=tuple(draft.clashing),
        unsure=tuple(draft.unsure),
    )


def found(export: "Export", draft: "CodebookDraft") -> Iterator[str]:
    """What the file holds and what is odd about it, in a few lines."""
    from custlib.survey.draft import DESIGN, described

    book, further = draft.codebook, {name: len(some) for name, some in draft.further.items()}
    yield described(export)
    scales = Counter(item.scale for item in book.items.values())
    ends = [f"{n} from {book.scales[s].low} to {book.scales[s].high}" for s, n in scales.items()]
    more = further.get("items")
    shown = f"{len(book.items)} of {len(book.items) + more}; {more} as comments" if more else ""
    rest = f"; {further['groups']} more as comments" if "groups" in further else ""
    compared = f"; compared by {draft.by}" if draft.by else "; none is compared"
    lines = {
        "Read": draft.assumed,
        "Items": f"{shown or len(book.items)} ({', '.join(ends)})",
        "Blocks": ", ".join(f"{name} ({len(some)})" for name, some in book.block_items.items()),
        "Recommendation": draft.recommend,
        "Groups": book.groups and f"{', '.join(book.groups)}{rest}{compared}",
        **{role.capitalize(): getattr(book, role) for role in DESIGN},
    }
    yield from (f"{what}: {text}." for what, text in lines.items() if text)
    if draft.left_out:
        yield f"Left out: {len(draft.left_out)} column{'s' if len(draft.left_out) > 1 else ''}."
        # What may be a rating all the same is told before what is none.
        told = [f"  {name}: {reason}" for name, reason in draft.left_out.items()]
        yield from _first(sorted(told, key=lambda line: ": looks like" not in line))
    if draft.doubts:
        yield "Look at:"
        yield from _first([f"  {doubt}" for doubt in draft.doubts])


def _first(lines: list[str]) -> Iterator[str]:
    yield from lines[:MOST_TOLD]
    if len(lines) > MOST_TOLD:
        yield f"  and {len(lines) - MOST_TOLD} more, in the codebook"


def _next_steps(codebook: Path, notebook: Path) -> Iterator[str]:
    yield f"Written: {codebook} and {notebook}, both drafts."
    yield f"Read {codebook.name}, correct what is wrong there, then run:"
    yield f"  {program()} run {quoted(str(notebook))}"


def program() -> str:
    """What to type in order to call custlib as it was called: its name, where that is enough."""
    called, known = Path(sys.argv[0]), shutil.which("custlib")
    if called.stem != "custlib" or (known and Path(known).resolve() == called.resolve()):
        return "custlib"
    here, full = Path.cwd(), called.absolute()
    near = str(full.relative_to(here) if full.is_relative_to(here) else called)
    return quoted(near if os.sep in near else f".{os.sep}{near}")


def quoted(path: str) -> str:
    """The path as a shell takes it for one word."""
    if re.fullmatch(r"[\w./:-]+", path):
        return path
    return f'"{path}"' if os.name == "nt" else shlex.quote(path)
