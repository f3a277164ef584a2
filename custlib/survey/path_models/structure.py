"""Which constructs and paths a survey's blocks allow: a ready index, or paths of one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from custlib.checks import require_one_of
from custlib.columns import arrange
from custlib.errors import ParameterError, did_you_mean
from custlib.survey.path_models.ready import ACSI, ECSI, acsi_paths, ecsi_paths

ARROW = "->"
ROUTES = ("quality", "complaints")
READY = {"ecsi": (ECSI, ecsi_paths), "acsi": (ACSI, acsi_paths)}


@dataclass(frozen=True, slots=True)
class PathStructure:
    """Blocks and paths for `path_model`, and what was asked for or answered but stays out.

    Attributes
    ----------
    blocks : dict
        Items of each construct that a path touches.
    paths : list of (from, to)
    routes : list of str
        Constructs whose way to the target is to be followed.
    gaps : DataFrame
        measure (the construct), note (what follows); no rows where nothing is lacking.
    """

    blocks: dict[str, list[str]]
    paths: list[tuple[str, str]]
    routes: list[str]
    gaps: pd.DataFrame


def path_structure(
    blocks: Mapping[str, Sequence[str]],
    *,
    model: str = "ecsi",
    paths: Sequence[str] | None = None,
    target: str = "loyalty",
    routes: Sequence[str] | None = None,
) -> PathStructure:
    """Constructs and paths of a model, as far as the blocks of a survey go.

    Parameters
    ----------
    blocks : mapping from construct to list of its items
        As `Codebook.block_items` gives it.
    model : {"ecsi", "acsi"}
        The index whose paths are taken, among the constructs that were asked.
    paths : list of str, optional
        Paths of one's own instead, each written "cause -> effect".
    target : str, default "loyalty"
        Construct whose causes are asked for.
    routes : list of str, optional
        By default quality, the product's, and complaints, the service's, where they are there.

    Returns
    -------
    PathStructure

    Raises
    ------
    ParameterError
        A path that is not written so or names no block; nothing acts on the target; a route that
        no path touches; for an index, no satisfaction or no cause of it.

    Examples
    --------
    >>> blocks = {"quality": ["q1"], "satisfaction": ["s1"], "price": ["p1"]}
    >>> structure = path_structure(blocks, target="satisfaction")
    >>> structure.paths, structure.gaps["measure"].tolist()[:2]
    ([('quality', 'satisfaction')], ['price', 'image'])
    """
    require_one_of("model", model, READY)
    gaps: dict[str, str] = {}
    if paths is None:
        constructs, ready = READY[model]
        known = [*constructs, "loyalty"]
        asked = [name for name in blocks if name.casefold() in known]
        pairs = ready(asked)
        gaps = {
            name: f"{name} is no construct of the {model.upper()}: left out"
            for name in blocks
            if name not in asked
        }
        lacking = set(known) - {name.casefold() for name in asked}
        gaps |= {
            name: f"{name} was not asked: its paths are left out"
            for name in known
            if name in lacking
        }
    else:
        pairs = [_pair(path, blocks) for path in paths]
    used = {name: None for pair in pairs for name in pair}
    require_one_of("target", target, dict.fromkeys(effect for _, effect in pairs))
    for route in routes or []:
        require_one_of("routes", route, [name for name in used if name != target])
    idle = [name for name in blocks if name not in used and name not in gaps]
    gaps |= {name: f"no path touches {name}: left out" for name in idle}
    rows = [{"measure": name, "note": note} for name, note in gaps.items()]
    table = arrange(pd.DataFrame(rows, columns=["measure", "note"]), keys=["measure"])
    kept = {name: list(items) for name, items in blocks.items() if name in used}
    usual = [name for name in used if name.casefold() in ROUTES and name != target]
    return PathStructure(kept, pairs, usual if routes is None else list(routes), table)


def _pair(path: str, blocks: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Cause and effect of one path as it is written."""
    cause, arrow, effect = (part.strip() for part in path.partition(ARROW))
    if not (cause and arrow and effect):
        raise ParameterError.because(
            f"A path is written {path!r}.",
            "Expected cause -> effect.",
            'Write it like "quality -> satisfaction".',
        )
    for name in (cause, effect):
        if name not in blocks:
            raise ParameterError.because(
                f"The path {path!r} names {name!r}, which is no block.",
                f"Expected blocks of the codebook: {', '.join(blocks) or 'there are none'}.",
                did_you_mean(name, blocks, otherwise="Correct the path, or add the block."),
            )
    return cause, effect
