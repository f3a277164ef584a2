"""What looks odd in the answers themselves: told above the item, and never acted upon."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from custlib.survey.codebook.book import Codebook
from custlib.survey.draft.parts import Parts
from custlib.survey.quality.answer_patterns import lines

LEAST_ROWS = 30
OPPOSED = -0.2  # correlation with the rest of its block at which an item may be coded the other way
MANY_STRAIGHT = 0.2
MOST_NAMED = 3
LEAST_ITEMS = 4


def answer_doubts(book: Codebook, answers: pd.DataFrame, parts: Parts) -> list[str]:
    """What is odd by item, group and block: each noted at its place, and all of them listed."""
    doubts = []
    for what, names in parts.doubtful.items():
        if kept := [name for name in names if name in book.columns]:
            more = f" and {len(kept) - MOST_NAMED} more" if kept[MOST_NAMED:] else ""
            doubts.append(f"{what} ({', '.join(kept[:MOST_NAMED])}{more})")
    for block, members in book.block_items.items():
        table = answers[members].to_numpy()
        for item, correlation in _opposed(members, table):
            text = f"correlates {correlation:.2f} with the rest of its block: reversed wording?"
            parts.note("items", item, text=f"look at: {text}")
            doubts.append(f"item {item}: {text}")
        share = _straight_share(table)
        if share > MANY_STRAIGHT:
            text = f"{share:.0%} of the respondents gave one answer throughout"
            parts.note("blocks", block, text=f"look at: {text}")
            doubts.append(f"block {block}: {text}")
    return doubts


def _opposed(items: list[str], table: np.ndarray) -> Iterator[tuple[str, float]]:
    """Items that go down where the others of their block go up."""
    if len(items) < 3:
        return
    for at, item in enumerate(items):
        own, others = table[:, at], np.delete(table, at, axis=1)
        rows = np.isfinite(own) & np.isfinite(others).any(axis=1)
        if rows.sum() < LEAST_ROWS:
            continue
        rest = np.nanmean(others[rows], axis=1)
        if own[rows].std() > 0 and rest.std() > 0:
            correlation = float(np.corrcoef(own[rows], rest)[0, 1])
            if correlation < OPPOSED:
                yield item, correlation


def _straight_share(table: np.ndarray) -> float:
    """Share of the respondents with one answer throughout, among those of whom it can be told."""
    if table.shape[1] < LEAST_ITEMS or len(table) < LEAST_ROWS:
        return 0.0
    _, share = lines(table, [list(range(table.shape[1]))])
    known = share[np.isfinite(share)]
    return float((known >= 1).mean()) if len(known) else 0.0
