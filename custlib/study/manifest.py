"""What one run went through and found: the record a report is written from and verified by."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from custlib.errors import StudyError
from custlib.places import put_file

# What a folder of reports and the folder of a run may hold.
FAILED, REFERENCE = "failed", "reference"
CHANGES, SWEEPS = "changes", "sweeps"
RESERVED = {FAILED, REFERENCE, CHANGES, SWEEPS}
NAME, REPORT, NOTEBOOK = "manifest.json", "report.html", "report.ipynb"
PARTIAL, MESSAGE = "partial.ipynb", "message.txt"
# Kinds of output by which what a cell records travels in the notebook.
FINDING = "application/vnd.custlib.finding+json"
TABLE = "application/vnd.custlib.table+json"
FIGURE = "application/vnd.custlib.figure+json"

Scalar = bool | int | float | str | None
Value = Scalar | list[Scalar]
Status = Literal["ok", "error", "timeout", "dead", "exited"]


def _inside(path: str) -> str:
    """A record may come from anyone: its paths never lead out of the folder they start in."""
    parts = path.replace("\\", "/").split("/")
    if {"", ".."} & {*parts} or (len(parts) > 1 and parts[0].endswith(":")):
        raise ValueError("a path that leads out of its folder")
    return path


def _name(name: str) -> str:
    if {*"/\\\0"} & {*name} or name in ("", ".", ".."):
        raise ValueError("not the name of one file or folder")
    return name


def _moment(text: str) -> str:
    datetime.fromisoformat(text)
    return text


Inside = Annotated[str, AfterValidator(_inside)]
Name = Annotated[str, AfterValidator(_name)]


class Record(BaseModel):
    """Base of every part of a manifest: closed, frozen, and free of NaN, which JSON has not."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class NotebookSource(Record):
    """The notebook that was run, by its path from the project's root and its source."""

    path: Inside
    sha256: str


class Declared(Record):
    """What the parameters cell says of one parameter."""

    default: Value
    meaning: str
    limits: str


class DataFile(Record):
    """One file that went in; `rows` where its card tells them."""

    parameter: str | None = None
    path: Inside
    sha256: str
    bytes: int
    rows: int | None = None


class Code(Record):
    """The state of the code that computed the numbers."""

    git: str | None = None
    dirty: bool | None = None
    custlib_sha256: str


class Environment(Record):
    """The machine and the packages that computed the numbers."""

    python: str
    platform: str
    cpu: str
    blas: str
    threads: int
    lock_sha256: str | None = None
    packages: dict[str, str]


class Measured(Record):
    """One number or verdict that answers the question, with the sentence that says it."""

    key: str
    sentence: str
    value: Value
    low: float | int | None = None
    high: float | int | None = None
    n: int | None = None
    unit: str | None = None
    verdict: str | None = None
    rtol: float
    atol: float


class Finding(Measured):
    """A finding with the cell that recorded it."""

    cell: int


class RecordedTable(Record):
    """One table of results, kept in full precision as `file`."""

    key: str
    file: Inside
    sha256: str
    rows: int
    columns: list[str]
    dtypes: list[str]
    cell: int


class Figure(Record):
    """One chart with the words that stand for it where it cannot be seen.

    `vector` is the same chart as lines and letters, for print.
    """

    key: str
    file: Inside
    sha256: str
    alt: str
    cell: int
    vector: Inside | None = None
    vector_sha256: str | None = None


class Failure(Record):
    """Where and why a run stopped; `message` is what a person reads first."""

    message: str
    cell: int | None = None
    section: str | None = None
    source: str | None = None
    error: str | None = None
    traceback: str | None = None


class Verification(Record):
    """One later computation of the same numbers, and whether it came to the same.

    `tolerance` is how far numbers could lie apart at the least, as a share of their size: 1e-9 in
    the same packages on the same kind of machine, else 1e-6. Older records do not tell it.
    `uncovered` is what the run's folder shows and this computation does not prove.
    """

    when: Annotated[str, AfterValidator(_moment)]
    same: bool
    findings: int = Field(ge=0)
    tables: int = Field(ge=0)
    custlib_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    python: str
    platform: str
    tolerance: float | None = Field(None, gt=0, le=1e-6)
    cause: str | None = None
    uncovered: list[str] = Field(default_factory=list)


class Runtime(Record):
    """What differs between two runs of the same id, and is therefore hashed nowhere."""

    started: str
    seconds: float
    files: dict[str, str] = Field(default_factory=dict)


class Manifest(Record):
    """The whole record of a run; numbers in full precision, rounding belongs to the report.

    Cells are counted from 1 as they stand in the study's notebook, prose included. Paths are
    written from the project's root, or as a bare file name where the file lies outside it.
    `hashes` are the sha256 of the notebook and of each export as it was written; records made
    before exports had hashes have none.
    """

    schema_: Literal["custlib.manifest/1"] = Field("custlib.manifest/1", alias="schema")
    id: Name
    status: Status
    study: Name
    question: str
    slug: Name
    notebook: NotebookSource
    parameters: dict[str, Value]
    declared: dict[str, Declared] = Field(default_factory=dict)
    changed: list[str]
    data: list[DataFile]
    code: Code
    environment: Environment
    seed: int | None = None
    findings: list[Finding]
    tables: list[RecordedTable]
    figures: list[Figure]
    failure: Failure | None = None
    exports: list[Name] = Field(default_factory=list)
    hashes: dict[Name, str] = Field(default_factory=dict)
    runtime: Runtime
    verified: list[Verification] = Field(default_factory=list)


def canonical_json(content: Any) -> str:
    """The one way to write this content as JSON, so that equal content has equal bytes."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


def is_number(value: Any) -> bool:
    """Whether a recorded value is a number; truth values are words."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def write_manifest(folder: Path, manifest: Manifest) -> Path:
    """Write the manifest into the folder of its run; returns its path."""
    content = manifest.model_dump(by_alias=True)
    path = folder / NAME
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    put_file(path, f"{text}\n".encode())
    return path


def read_manifest(path: Path) -> Manifest:
    """The manifest at this path, or in this folder; a StudyError where it is none."""
    path = path / NAME if path.is_dir() else path
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as problem:
        raise StudyError.because(
            f"{path.name} of {path.parent.name} cannot be read: {problem.strerror}.",
            "Expected the folder of a run, with a manifest in it.",
            "Run the study again: `custlib run STUDY`.",
        ) from None
    except ValueError as problem:
        raise StudyError.because(
            f"{path.name} of {path.parent.name} is not a manifest: {_reason(problem)}.",
            "Expected JSON of the form custlib.manifest/1.",
            "Run the study again, or read it with the version of custlib that wrote it.",
        ) from None


def _reason(problem: ValueError) -> str:
    """The first thing that is wrong, and where."""
    if not isinstance(problem, ValidationError):
        return str(problem).splitlines()[0]
    first = problem.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}" if place else str(first["msg"])


def manifest_schema() -> dict[str, Any]:
    """JSON Schema of a manifest."""
    return Manifest.model_json_schema(by_alias=True)
