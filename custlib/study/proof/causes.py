"""Why numbers came out otherwise: what they hang on, compared between two computations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from custlib.study.catalogue import Cell
from custlib.study.manifest import DataFile, Declared, Manifest
from custlib.study.proof.differences import Difference
from custlib.study.run.identity import LOCK

SHOWN = 6
# Runs that waver explain a difference which is at most so many times as large.
ALIKE = 10
RARELY = (
    "Or the study shows when it runs, or rarely comes out otherwise, which a third run that agrees "
    "does not exclude."
)
ANOTHER_PAGE = (
    "The page was edited, or a card of its data sets is another now; no finding, table or display "
    "differs."
)
MACHINE = {"platform": "the platform", "cpu": "the processor", "blas": "the linear algebra"}


@dataclass(frozen=True)
class Ground:
    """Everything that the numbers of a run hang on.

    `cells` are the notebook's where they are known. A machine of which a record does not tell
    everything is compared by what both tell.
    """

    notebook: str
    parameters: Mapping[str, Any]
    data: Sequence[DataFile]
    library: str
    lock: str | None
    python: str
    machine: Mapping[str, Any]
    packages: Mapping[str, str]
    declared: Mapping[str, Declared] = field(default_factory=dict)
    cells: Sequence[Cell] | None = None

    @classmethod
    def of(cls, manifest: Manifest, cells: Sequence[Cell] | None = None) -> Self:
        """The ground of a run, from its record and the cells that were run."""
        environment = manifest.environment
        return cls(
            notebook=manifest.notebook.sha256,
            parameters=manifest.parameters,
            data=manifest.data,
            library=manifest.code.custlib_sha256,
            lock=environment.lock_sha256,
            python=environment.python,
            machine={name: getattr(environment, name) for name in ("threads", *MACHINE)},
            packages=environment.packages,
            declared=manifest.declared,
            cells=cells,
        )


def is_same_place(before: Ground, after: Ground) -> bool:
    """Whether both were computed by the same packages on a machine of the same class."""
    names = ("lock", "python", "machine", "packages")
    return all(getattr(before, name) == getattr(after, name) for name in names)


def changed_grounds(before: Ground, after: Ground) -> list[str]:
    """What has changed of that which numbers hang on, one sentence part for each kind.

    Parameters
    ----------
    before, after : Ground
        Of the recorded run, and of the second computation.

    Returns
    -------
    list of str
        Empty where nothing has: then the same numbers have to come out.
    """
    found = [
        _notebook(before, after),
        _parameters(before, after),
        _data(before.data, after.data),
        "custlib's own source" if before.library != after.library else "",
        _packages(before, after),
        f"Python was {before.python}, is {after.python}" if before.python != after.python else "",
        _machine(before.machine, after.machine),
    ]
    return [text for text in found if text]


def cause_of(
    differences: Sequence[Difference], changed: Sequence[str], wavering: Sequence[Difference]
) -> str | None:
    """The cause of these differences; None where there are none.

    Parameters
    ----------
    differences : sequence of Difference
        Between the record and the second computation.
    changed : sequence of str
        What has changed of that which numbers hang on.
    wavering : sequence of Difference
        Between the second computation and a third, for which nothing had changed. They explain
        differences of their own size, and no larger ones.

    Returns
    -------
    str or None

    Notes
    -----
    Three runs exclude little: a study that comes out otherwise once in ten runs mostly agrees with
    itself in the third. Therefore this is said beside every other cause.

    Examples
    --------
    >>> told = cause_of([Difference("finding gap", "value", 1, 2)], ["custlib's own source"], [])
    >>> told.partition(" Or ")[0]
    "Nothing that the numbers hang on has changed but this: custlib's own source."
    """
    if not differences:
        return None
    places = {one.place for one in differences}
    unsteady = [place for place in dict.fromkeys(one.place for one in wavering) if place in places]
    steady = [one for one in differences if not any(_explains(two, one) for two in wavering)]
    parts = []
    if steady and len(changed) == 1:
        parts.append(f"Nothing that the numbers hang on has changed but this: {changed[0]}.")
    elif steady and changed:
        parts.append(f"One or more of these have changed it: {'; '.join(changed)}.")
    elif steady:
        parts.append(
            "Nothing that the numbers hang on has changed: the record itself was altered, or this "
            "machine no longer computes as it did."
        )
    if unsteady:
        parts.append(
            "The study is not deterministic: from the same notebook, values and data a third run "
            f"found something else again in {_listed(unsteady)}. Give every draw of chance a seed."
        )
    else:
        parts.append(RARELY)
    return " ".join(parts)


def _explains(wavering: Difference, difference: Difference) -> bool:
    """Whether chance moves the same number, and about as far."""
    one, two = ((each.place, each.part.partition(" and ")[0]) for each in (wavering, difference))
    chance, moved = wavering.apart, difference.apart
    return one == two and (chance is None or moved is None or moved <= ALIKE * chance)


def altered_cause(altered: Sequence[str]) -> str:
    """The cause where the files of a run prove that they were edited."""
    return f"The run was altered after it ended: {_listed(altered)}."


def _notebook(before: Ground, after: Ground) -> str:
    """Which cells are others now, and with them which defaults."""
    if before.notebook == after.notebook:
        return ""
    was, now = before.cells, after.cells
    told = "the notebook"
    if was is not None and now is not None and len(was) == len(now):
        at = [place + 1 for place, pair in enumerate(zip(was, now, strict=True)) if _differ(*pair)]
        if [now[place - 1].tags for place in at] == [("parameters",)]:
            told = f"the parameters cell (cell {at[0]})"
        elif at:
            cells = f"cell{'s' if len(at) > 1 else ''} {', '.join(map(str, at[:SHOWN]))}"
            told = f"the notebook ({cells}{' and more' if len(at) > SHOWN else ''})"
    elif was is not None and now is not None:
        told = f"the notebook ({len(was)} cells were run, now it has {len(now)})"
    declared = _declarations(before.declared, after.declared)
    return f"{told}: {_listed(declared)}" if declared else told


def _differ(was: Cell, now: Cell) -> bool:
    return (was.kind, was.source, was.tags) != (now.kind, now.source, now.tags)


def _declarations(was: Mapping[str, Declared], now: Mapping[str, Declared]) -> list[str]:
    """Defaults and limits that are others; a record may lack them."""
    found = []
    for name in was.keys() & now.keys():
        for part in ("default", "limits"):
            pair = getattr(was[name], part), getattr(now[name], part)
            if pair[0] != pair[1]:
                found.append(f"the {part} of {name} was {_quoted(pair[0])}, is {_quoted(pair[1])}")
    return sorted(found)


def _parameters(before: Ground, after: Ground) -> str:
    was, now = before.parameters, after.parameters
    found = [
        f"{name} was {_quoted(was[name])}, is {_quoted(now[name])}"
        for name in was
        if name in now and was[name] != now[name]
    ]
    found += [f"{name} = {_quoted(now[name])} is new" for name in now if name not in was]
    found += [f"{name} is gone" for name in was if name not in now]
    return f"parameters: {_listed(found)}" if found else ""


def _data(was: Iterable[DataFile], now: Iterable[DataFile]) -> str:
    """Files that hold something else, are new, or are gone; a path alone decides nothing."""
    old, new = ({(file.parameter, file.path): file for file in files} for files in (was, now))
    # Files that were moved keep their order; two that exchanged their contents do not.
    if _contents(old.values()) == _contents(new.values()):
        return ""
    found = [
        f"{path} has other contents"
        for _, path in (key for key in old if key in new and old[key].sha256 != new[key].sha256)
    ]
    found += [f"{path} is new" for key, path in ((key, key[1]) for key in new if key not in old)]
    found += [f"{path} is gone" for key, path in ((key, key[1]) for key in old if key not in new)]
    return f"data: {_listed(dict.fromkeys(found))}" if found else ""


def _contents(files: Iterable[DataFile]) -> list[tuple[str, str]]:
    """Hash of each file beside its parameter, in the order in which a study reads them."""
    pairs = ((file.parameter or "", file.sha256) for file in files)
    return sorted(pairs, key=lambda pair: pair[0])


def _packages(before: Ground, after: Ground) -> str:
    was, now = before.packages, after.packages
    found = [
        f"{name} was {was.get(name, 'absent')}, is {now.get(name, 'absent')}"
        for name in sorted({*was, *now})
        if was.get(name) != now.get(name)
    ]
    if before.lock != after.lock:
        found.append(f"{LOCK} has other contents")
    return f"packages: {_listed(found)}" if found else ""


def _machine(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    found = [
        f"{MACHINE.get(name, name)} was {was[name]}, is {now[name]}"
        for name in was
        if name in now and was[name] != now[name]
    ]
    return f"the machine: {_listed(found)}" if found else ""


def _listed(texts: Iterable[str]) -> str:
    """The texts with commas, the last ones left out where there are many."""
    texts = list(texts)
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return ", ".join(texts[:SHOWN]) + more


def _quoted(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:40]}…{text[-15:]}"
