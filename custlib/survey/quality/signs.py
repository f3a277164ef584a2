"""How carefully respondents answered, and whether the late ones answered otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import (
    require_columns,
    require_conf_level,
    require_distinct,
    require_list,
    require_numeric,
)
from custlib.columns import arrange
from custlib.errors import DataError
from custlib.survey.codebook.book import Codebook
from custlib.survey.quality.answer_patterns import (
    LEAST_ANSWERED,
    answer_matrix,
    are_late,
    battery_positions,
    late_less_earlier,
    lines,
    order_of,
    require_shares,
    share_of_median,
)


def response_quality(
    responses: pd.DataFrame,
    *,
    items: Sequence[str],
    blocks: Mapping[str, Sequence[str]] | None = None,
    codebook: Codebook | None = None,
    duration: str | None = None,
    submitted: str | None = None,
    max_missing_share: float = 0.5,
    straight_share: float = 1.0,
    speed_share: float = 1 / 3,
    late_share: float = 0.25,
) -> pd.DataFrame:
    """Signs of careless answering for each respondent: gaps, straight lines, speed.

    Parameters
    ----------
    responses : DataFrame, one row a respondent
    items : sequence of str
    blocks : mapping of str to items, optional
        Batteries shown together; without them the codebook's blocks, else all items are one.
    codebook : Codebook, optional
        Turns reversed items back, since a straight line is a line of answers as ticked.
    duration, submitted : str, optional
        Columns of the time spent and of the time (or wave) of submission.
    max_missing_share, straight_share, speed_share, late_share : float, 0–1
        Limits of the flags: more missing than this; as many equal answers; faster than this
        share of the median duration; among this share of the last to answer.

    Returns
    -------
    DataFrame
        The rows of `responses` with n_answered, missing_share, longest_run, identical_share,
        answer_sd, is_incomplete, is_straight, and where the columns are given duration_share,
        is_fast, is_late. A flag that cannot be told is missing.

    Raises
    ------
    DataError
        A column is absent, not numeric, or already has the name of a result.
    ParameterError
        No items, one named twice, an item of a block that is not among them, no share as a limit.

    Notes
    -----
    missing_share = 1 − answers/items; identical_share = Σ answers equal to the commonest of their
    block/Σ answers of the blocks; answer_sd = √(Σ (y − mean)²/(answers − 1)); duration_share =
    duration/median duration. Only blocks with three answers or more are looked at for lines.
    longest_run: most equal answers in succession within a block, skipped items passed over.

    Assumes: a block holds items on which an attentive person would differ, and the clock ran
    without breaks; limits are conventions and no tests.

    Not for: proof of carelessness, or rows dropped unseen: who is wholly satisfied also ticks one
    column. Compare results with and without the flagged.

    References
    ----------
    Meade, A. & Craig, S. (2012). Psychological Methods 17:437–455. doi:10.1037/a0028085
    Greszki, R., Meyer, M. & Schoen, H. (2015). Public Opinion Quarterly 79:471–503 (speed).
    Dunn, A. et al. (2018). J. Business and Psychology 33:105–121. doi:10.1007/s10869-016-9479-0

    Examples
    --------
    >>> responses = pd.DataFrame({"a": [4, 5, 1], "b": [4, 4, None], "c": [4, 2, None]})
    >>> checked = response_quality(responses, items=["a", "b", "c"])  # R: rle, sd
    >>> checked[["n_answered", "longest_run", "is_incomplete", "is_straight"]]
       n_answered  longest_run  is_incomplete  is_straight
    0           3            3          False         True
    1           3            1          False        False
    2           1         <NA>           True         <NA>
    """
    require_shares(
        max_missing_share=max_missing_share,
        straight_share=straight_share,
        speed_share=speed_share,
        late_share=late_share,
    )
    require_distinct(items)
    require_columns(responses, [*items, duration, submitted])
    answers = answer_matrix(responses, items, codebook)
    positions = battery_positions(items, blocks, codebook)
    n_answered = answers.notna().sum(axis=1).to_numpy()
    missing_share = 1 - n_answered / len(items)
    longest, identical = lines(answers.to_numpy(), positions)
    spread = answers.std(axis=1).to_numpy()
    added: dict[str, Any] = {
        "n_answered": n_answered,
        "missing_share": missing_share,
        "longest_run": pd.array(longest).astype("Int64"),
        "identical_share": identical,
        "answer_sd": spread,
        "is_incomplete": missing_share > max_missing_share,
        "is_straight": flag(identical >= straight_share - 1e-12, np.isfinite(identical)),
    }
    if duration is not None:
        share = share_of_median(responses, duration)
        added |= {"duration_share": share, "is_fast": flag(share < speed_share, np.isfinite(share))}
    if submitted is not None:
        times = order_of(responses, submitted)
        known = np.isfinite(times)
        added["is_late"] = flag(are_late(times, late_share), known)
    taken = [name for name in added if name in responses.columns]
    if taken:
        raise DataError.because(
            f"The table already has columns named {', '.join(taken)}.",
            "Expected a table without the columns this check adds.",
            "Pass the answers as they were read, or rename these columns.",
        )
    return responses.assign(**added)


def quality_summary(
    responses: pd.DataFrame, *, items: Sequence[str], **options: Any
) -> pd.DataFrame:
    """Shares of answers missing and of respondents flagged, 0–1, one row a check.

    Parameters
    ----------
    responses : DataFrame, one row a respondent
    items : sequence of str
    **options
        blocks, codebook, duration, submitted and the limits: see `response_quality`.

    Returns
    -------
    DataFrame
        measure, estimate, numerator, denominator, note. Measures: missing_answers (of all
        answers), unanswered_items (of all items), incomplete, straight_lining, fast (of the
        respondents of whom it can be told). A check that could not be made keeps its row.

    Raises
    ------
    DataError, ParameterError
        As `response_quality`.

    Notes
    -----
    estimate = numerator/denominator. These answers are described, not estimated: no interval.

    Assumes: as `response_quality`: the limits of its flags are conventions.

    Not for: the share of careless people: flags miss some of them and hit others.

    Examples
    --------
    >>> responses = pd.DataFrame({"a": [4, 5, 1], "b": [4, 4, None], "c": [None] * 3})
    >>> quality_summary(responses, items=["a", "b", "c"])[["measure", "numerator", "denominator"]]
                measure  numerator  denominator
    0   missing_answers          4            9
    1  unanswered_items          1            3
    2        incomplete          1            3
    3   straight_lining          0            0
    4              fast          0            0
    """
    checked = response_quality(responses, items=items, **options)
    empty = [name for name in items if responses[name].isna().all()]
    n = len(checked)
    answered = int(checked["n_answered"].sum())
    rows = [
        share_row("missing_answers", n * len(items) - answered, n * len(items)),
        share_row("unanswered_items", len(empty), len(items), ", ".join(empty)),
    ]
    for measure, column, lacking in (
        ("incomplete", "is_incomplete", "no respondents"),
        ("straight_lining", "is_straight", f"no block with {LEAST_ANSWERED} answers or more"),
        ("fast", "is_fast", "no durations"),
    ):
        flags = checked[column].dropna() if column in checked else pd.Series(dtype=bool)
        rows.append(share_row(measure, int(flags.sum()), len(flags), "" if len(flags) else lacking))
    return arrange(rows, keys=["measure"])


def early_late(
    responses: pd.DataFrame,
    *,
    items: Iterable[str],
    submitted: str,
    late_share: float = 0.25,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Mean answer of late respondents less that of earlier ones, in units of the scale.

    Parameters
    ----------
    responses : DataFrame, one row a respondent
    items : iterable of str
    submitted : str
        Column of times, or of numbers such as the wave, that orders the respondents.
    late_share : float in (0, 1), default 0.25
        The last to answer; who shares a time stays together, on the side that comes nearer.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        item, estimate, std_error, ci_low, ci_high, conf_level, statistic, df, p_value, n,
        n_missing, method, note; the note tells how many answered late and early.

    Raises
    ------
    DataError
        A column is absent, an item is not numeric, `submitted` holds text.
    ParameterError
        late_share or conf_level is no share.

    Notes
    -----
    d = mean of the late − mean of the earlier; std_error² = s₁²/n₁ + s₂²/n₂; df =
    std_error⁴/[(s₁²/n₁)²/(n₁ − 1) + (s₂²/n₂)²/(n₂ − 1)]. Whoever answers late is taken to resemble
    those who never answer: a difference warns of nonresponse bias, its absence does not rule bias
    out. Respondents weigh the same. n_missing counts answers, or times, that are missing.

    Assumes: willingness alone tells early from late, no event came between; answers are
    independent, and their means near normal.

    Not for: the size of the bias, or its repair (`rake` mends what known margins can); waves that
    asked about different events. For recommendation `net_promoter_bounds` bounds it.

    References
    ----------
    Armstrong, J. & Overton, T. (1977). J. Marketing Research 14:396–402. doi:10.2307/3150783
    Welch, B. (1947). Biometrika 34:28–35. doi:10.1093/biomet/34.1-2.28

    Examples
    --------
    >>> waves = pd.DataFrame({"a": [5, 4, 5, 4, 3, 2], "wave": [1, 1, 1, 1, 2, 2]})
    >>> early_late(waves, items=["a"], submitted="wave")[["item", "estimate", "note"]]
      item  estimate               note
    0    a      -2.0  2 late, 4 earlier
    >>> # R: t.test(late, earlier)
    """
    require_shares(late_share=late_share)
    require_conf_level(conf_level)
    require_list("items", items)
    items = list(items)
    require_distinct(items)
    require_columns(responses, [*items, submitted])
    times = order_of(responses, submitted)
    known, late = np.isfinite(times), are_late(times, late_share)
    rows = []
    for item in items:
        difference = late_less_earlier(require_numeric(responses, item), late, known, conf_level)
        rows.append({"item": item, "conf_level": conf_level, "method": "Welch"} | difference)
    return arrange(rows, keys=["item"])


def flag(flags: np.ndarray, known: np.ndarray) -> Any:
    """Flags, missing where they cannot be told."""
    return pd.arrays.BooleanArray(np.asarray(flags, bool), ~np.asarray(known, bool))


def share_row(measure: str, numerator: int, denominator: int, note: str = "") -> dict[str, Any]:
    """One row of the summary: a share with its counts, NaN where nothing was counted."""
    return {
        "measure": measure,
        "estimate": numerator / denominator if denominator else np.nan,
        "numerator": numerator,
        "denominator": denominator,
        "note": note,
    }
