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
    target : str
        Block that stands for the target.
    names : dict
        The block that stands for each construct of the model.
    routes : list of str
        Constructs whose way to the target is to be followed.
    gaps : DataFrame
        measure (the construct), note (what follows); no rows where nothing is lacking.
    """

    blocks: dict[str, list[str]]
    paths: list[tuple[str, str]]
    target: str
    names: dict[str, str]
    routes: list[str]
    gaps: pd.DataFrame

    @property
    def satisfaction(self) -> str:
        """Block that stands for satisfaction; empty where none does."""
        return self.names.get("satisfaction", "")


def path_structure(
    blocks: Mapping[str, Sequence[str]],
    *,
    model: str = "ecsi",
    paths: Sequence[str] | None = None,
    target: str = "loyalty",
    routes: Sequence[str] | None = None,
    constructs: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
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
    constructs : list of str, optional
        Blocks, or single items, that stand for constructs under other names, each written
        "satisfaction = cusa".
    labels : mapping from block to its label, optional
        A block whose label is the name of a construct stands for it too.

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
    known, ready = READY[model]
    blocks = _with_single_items(blocks, constructs or [])
    block_of = _standing_for([*known, "loyalty"], blocks, constructs or [], labels or {})
    gaps: dict[str, str] = {}
    if paths is None:
        pairs = [(block_of[a], block_of[b]) for a, b in ready(_asked(block_of, blocks, model))]
        gaps = {
            name: f"{name} is no construct of the {model.upper()}: left out"
            for name in blocks
            if name not in block_of.values()
        }
        gaps |= {
            name: f"{name} was not asked: its paths are left out"
            for name in [*known, "loyalty"]
            if name not in block_of
        }
    else:
        pairs = [_pair(path, blocks) for path in paths]
    used = {name: None for pair in pairs for name in pair}
    target = block_of.get(target.casefold(), target)
    require_one_of("target", target, dict.fromkeys(effect for _, effect in pairs))
    followed = [block_of.get(route.casefold(), route) for route in routes or ROUTES]
    for route in followed if routes is not None else []:
        require_one_of("routes", route, [name for name in used if name != target])
    followed = [name for name in followed if name in used and name != target]
    idle = [name for name in blocks if name not in used and name not in gaps]
    gaps |= {name: f"no path touches {name}: left out" for name in idle}
    rows = [{"measure": name, "note": note} for name, note in gaps.items()]
    table = arrange(pd.DataFrame(rows, columns=["measure", "note"]), keys=["measure"])
    kept = {name: list(items) for name, items in blocks.items() if name in used}
    return PathStructure(kept, pairs, target, block_of, followed, table)


def _with_single_items(
    blocks: Mapping[str, Sequence[str]], constructs: Sequence[str]
) -> dict[str, list[str]]:
    """The blocks, and an item that was said to stand for a construct as a block of its own."""
    ends = {text.partition("=")[2].strip() for text in constructs}
    items = {item for items in blocks.values() for item in items}
    alone = [name for name in sorted(ends & items) if name not in blocks]
    rest = {name: [item for item in kept if item not in alone] for name, kept in blocks.items()}
    return {name: kept for name, kept in rest.items() if kept} | {name: [name] for name in alone}


def _standing_for(
    known: list[str],
    blocks: Mapping[str, Sequence[str]],
    constructs: Sequence[str],
    labels: Mapping[str, str],
) -> dict[str, str]:
    """The block of each construct: as it was said, else of its name, else of its label."""
    said = {}
    for text in constructs:
        name, equals, block = (part.strip() for part in text.partition("="))
        if not equals or name.casefold() not in known or block not in blocks:
            raise ParameterError.because(
                f"A construct is written {text!r}.",
                f"Expected one of {', '.join(known)}, an equals sign, and one of the blocks "
                f"{', '.join(blocks) or '(there are none)'}.",
                'Write it like "satisfaction = cusa".',
            )
        said[name.casefold()] = block
    named = {name.casefold(): name for name in blocks}
    labelled = {str(labels.get(name, "")).strip().casefold(): name for name in blocks}
    found = {}
    for name in known:
        other = named.get(name) or labelled.get(name) or ""
        if block := said.get(name) or (other if other not in said.values() else ""):
            found[name] = block
    return found


def _asked(
    block_of: Mapping[str, str], blocks: Mapping[str, Sequence[str]], model: str
) -> list[str]:
    """Constructs that have a block; an error says how to name one where none is satisfaction."""
    if "satisfaction" not in block_of:
        raise ParameterError.because(
            f"No block is called satisfaction; the blocks are: {', '.join(blocks) or 'none'}.",
            f"Expected the constructs of the {model.upper()}: {', '.join(READY[model][0])}, "
            "loyalty, as far as they were asked.",
            'Pass constructs=["satisfaction = <your block>", …], or label the blocks so; or write '
            "paths of your own.",
        )
    return list(block_of)


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
            is_item = any(name in items for items in blocks.values())
            raise ParameterError.because(
                f"The path {path!r} names {name!r}, which is no block"
                f"{', but an item' if is_item else ''}.",
                f"Expected blocks of the codebook: {', '.join(blocks) or 'there are none'}.",
                did_you_mean(name, blocks, otherwise="Correct the path, or add the block."),
            )
    return cause, effect
