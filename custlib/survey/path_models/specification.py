"""What a path model says before any data: items of each construct, and which construct acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from custlib.checks import require_one_of
from custlib.errors import ParameterError, did_you_mean

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Specification:
    """Constructs with their items, modes and paths, as arrays in the order they were given."""

    names: tuple[str, ...]
    items: tuple[str, ...]
    block_of: Array  # construct of each item
    member: Array  # (items, constructs), 1 where the item belongs
    links: Array  # (constructs, constructs), true where the row acts on the column
    formative: Array  # true for constructs of mode B

    @classmethod
    def of(
        cls,
        blocks: Mapping[str, Sequence[str]],
        paths: Sequence[tuple[str, str]],
        modes: str | Mapping[str, str] = "A",
    ) -> Self:
        """Checked specification."""
        names, items = tuple(blocks), tuple(item for block in blocks.values() for item in block)
        _require_items(blocks, items)
        links = _links(names, paths)
        block_of = np.repeat(np.arange(len(names)), [len(block) for block in blocks.values()])
        member = np.eye(len(names))[block_of]
        return cls(names, items, block_of, member, links, _formative(names, modes))

    @property
    def sizes(self) -> Array:
        """How many items each construct has."""
        return np.bincount(self.block_of, minlength=len(self.names))

    @property
    def targets(self) -> list[tuple[int, Array]]:
        """Every construct that is acted on, with those that act on it."""
        return [(at, np.flatnonzero(row)) for at, row in enumerate(self.links.T) if row.any()]

    @property
    def reached(self) -> Array:
        """True where the row acts on the column, directly or through others."""
        return _reached(self.links)

    def block(self, at: int | np.integer) -> Array:
        """Positions of the construct's items."""
        return np.flatnonzero(self.block_of == at)


def _reached(links: Array) -> Array:
    """Pairs joined by a route of any length; on the diagonal, constructs on a circle."""
    own = np.eye(len(links), dtype=int)
    return np.linalg.matrix_power(own + links, len(links)) > own


def _require_items(blocks: Mapping[str, Sequence[str]], items: Sequence[str]) -> None:
    empty = [name for name, block in blocks.items() if isinstance(block, str) or not len(block)]
    if empty or not blocks:
        raise ParameterError.because(
            f"Blocks without a list of items: {', '.join(map(repr, empty)) or 'all'}.",
            "Expected a list of at least one item for each construct.",
            "Name the items of the block, or leave the construct out.",
        )
    twice = sorted({item for item in items if list(items).count(item) > 1})
    if twice:
        raise ParameterError.because(
            f"Items named more than once: {', '.join(twice)}.",
            "Expected each item in one block, once.",
            "Decide which construct the item measures.",
        )


def _links(names: tuple[str, ...], paths: Sequence[tuple[str, str]]) -> Array:
    links = np.zeros((len(names), len(names)), bool)
    for source, target in paths:
        unknown = [name for name in (source, target) if name not in names]
        if unknown:
            raise ParameterError.because(
                f"The path {source} -> {target} names {unknown[0]!r}, which has no block.",
                f"Expected constructs among: {', '.join(names)}.",
                did_you_mean(unknown[0], names, otherwise="Add its block, or drop the path."),
            )
        links[names.index(source), names.index(target)] = True
    isolated = [name for at, name in enumerate(names) if not links[at].any() | links[:, at].any()]
    if isolated:
        raise ParameterError.because(
            f"Constructs on no path: {', '.join(isolated)}.",
            "Expected every construct to act on another or to be acted on.",
            "Add a path, or leave the block out.",
        )
    circle = [name for name, back in zip(names, np.diag(_reached(links)), strict=True) if back]
    if circle:
        raise ParameterError.because(
            f"Constructs that act on themselves through the paths: {', '.join(circle)}.",
            "Expected paths that lead from causes to consequences and never back.",
            "Remove the path that closes the circle.",
        )
    return links


def _formative(names: tuple[str, ...], modes: str | Mapping[str, str]) -> Array:
    chosen = dict.fromkeys(names, modes) if isinstance(modes, str) else dict(modes)
    for name, mode in chosen.items():
        require_one_of("a block in modes", name, names)
        require_one_of(f"the mode of {name!r}", mode, ["A", "B"])
    return np.array([chosen.get(name, "A") == "B" for name in names])
