"""Lines, speed and lateness in a table of answers: the arithmetic behind the quality checks."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_distinct, require_list, require_numeric
from custlib.errors import DataError, ParameterError
from custlib.survey.codebook.book import Codebook
from custlib.survey.comparison.mean_tests import welch

# Below three answers, equal ones are too common to mean anything.
LEAST_ANSWERED = 3
TESTED = ("estimate", "std_error", "ci_low", "ci_high", "statistic", "df", "p_value")


def require_shares(**limits: float) -> None:
    """Every limit is a share above 0, at most 1."""
    for name, limit in limits.items():
        if not 0 < limit <= 1:
            raise ParameterError.because(
                f"{name} is {limit!r}.",
                "Expected a share above 0 and at most 1.",
                f"For a quarter pass {name}=0.25.",
            )


def answer_matrix(
    responses: pd.DataFrame, items: Sequence[str], codebook: Codebook | None
) -> pd.DataFrame:
    """Answers as ticked: numbers, with the reversed items of the codebook turned back."""
    columns = {}
    for item in items:
        answers = require_numeric(responses, item)
        if codebook is not None and item in codebook.items and codebook.items[item].reversed:
            scale = codebook.scale_of(item)
            answers = scale.low + scale.high - answers
        columns[item] = answers
    return pd.DataFrame(columns)


def battery_positions(
    items: Sequence[str],
    blocks: Mapping[str, Sequence[str]] | None,
    codebook: Codebook | None,
) -> list[list[int]]:
    """Positions of each block's items, in the order of `items`; all are one where none is given."""
    place = {item: at for at, item in enumerate(items)}
    if blocks is None and codebook is not None and codebook.blocks:
        found: dict[str | None, list[str]] = {}
        for item in items:
            known = codebook.items.get(item)
            found.setdefault(known.block if known else None, []).append(item)
        return [[place[item] for item in block] for block in found.values()]
    if blocks is None:
        return [list(range(len(items)))]
    for name, block in blocks.items():
        require_list(f"blocks[{name!r}]", block)
        require_distinct(block)
    strange = sorted({item for block in blocks.values() for item in block} - place.keys())
    if strange:
        raise ParameterError.not_one_of("An item of a block", strange[0], items)
    return [sorted(place[item] for item in block) for block in blocks.values()]


def lines(answers: np.ndarray, batteries: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Longest run of equal answers, and share of answers equal to their block's commonest one."""
    n = len(answers)
    longest, equal, answered = np.full(n, np.nan), np.zeros(n), np.zeros(n)
    for battery in batteries:
        block = answers[:, battery]
        held = np.isfinite(block).sum(axis=1)
        enough = held >= LEAST_ANSWERED
        longest = np.where(enough, np.fmax(longest, longest_run(block)), longest)
        codes = np.unique(block[np.isfinite(block)])
        commonest = np.zeros(n)
        for code in codes:
            commonest = np.maximum(commonest, (block == code).sum(axis=1))
        equal += np.where(enough, commonest, 0)
        answered += np.where(enough, held, 0)
    share = np.divide(equal, answered, out=np.full(n, np.nan), where=answered > 0)
    return longest, share


def longest_run(block: np.ndarray) -> np.ndarray:
    """Most equal answers in succession, skipped items passed over."""
    last, run = np.full(len(block), np.nan), np.zeros(len(block))
    longest = np.zeros(len(block))
    for column in block.T:
        held = np.isfinite(column)
        run = np.where(held, np.where(column == last, run + 1, 1), run)
        last = np.where(held, column, last)
        longest = np.maximum(longest, run)
    return longest


def share_of_median(responses: pd.DataFrame, duration: str) -> np.ndarray:
    """Time spent as a share of the median time."""
    spent = require_numeric(responses, duration)
    wrong = np.flatnonzero(spent < 0)
    if len(wrong):
        raise DataError.because(
            f"{len(wrong)} durations in {duration!r} are below 0; first at rows"
            f" {responses.index[wrong[:5]].tolist()}.",
            "Expected a time spent, 0 or more, or missing.",
            "Correct the durations, or set them missing.",
        )
    known = spent[np.isfinite(spent)]
    middle = np.median(known) if len(known) else 0
    return spent / middle if middle > 0 else np.full(len(spent), np.nan)


def order_of(responses: pd.DataFrame, submitted: str) -> np.ndarray:
    """Numbers that order the respondents by time; NaN where the time is missing."""
    times = responses[submitted]
    if pd.api.types.is_datetime64_any_dtype(times):
        # Seconds since the first keep their fractions in a float; nanoseconds since 1970 do not.
        return (times - times.min()).dt.total_seconds().to_numpy(float, na_value=np.nan)
    if pd.api.types.is_numeric_dtype(times):
        return times.to_numpy(float, na_value=np.nan)
    raise DataError.because(
        f"{submitted!r} holds text, such as {times.dropna().head(1).tolist()}.",
        "Expected times or numbers, which have an order.",
        "Name the column under 'submitted:' in the codebook, or convert it with pd.to_datetime.",
    )


def are_late(times: np.ndarray, late_share: float) -> np.ndarray:
    """The last to answer; ties stay together on the side that comes nearer to the share."""
    known = np.sort(times[np.isfinite(times)])
    if not len(known):
        return np.zeros(len(times), dtype=bool)
    cut = known[-max(1, round(late_share * len(known)))]
    sides = [times >= cut, times > cut]
    sides = [side for side in sides if 0 < side.sum() < len(known)]
    if not sides:
        return np.zeros(len(times), dtype=bool)
    return min(sides, key=lambda side: abs(side.sum() - late_share * len(known)))


def late_less_earlier(
    answers: np.ndarray, late: np.ndarray, known: np.ndarray, conf_level: float
) -> dict[str, Any]:
    """Welch's interval and test of the two means, and a note that tells how many they rest on."""
    used = known & np.isfinite(answers)
    sizes = int((used & late).sum()), int((used & ~late).sum())
    row: dict[str, Any] = {"n": int(used.sum()), "n_missing": int((~used).sum())}
    row["note"] = f"{sizes[0]} late, {sizes[1]} earlier"
    row |= dict.fromkeys(TESTED, np.nan)
    if min(sizes) < 2:
        return row | {"note": f"{row['note']}: too few to compare"}
    test = welch(answers, late, used, None, conf_level)
    if "p_value" not in test:
        row["note"] += ": answers do not vary"
    return row | {name: test[name] for name in TESTED if name in test}
