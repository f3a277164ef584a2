"""Does the next stage hang on the present one only? Tests of order and of stationarity."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_at_least, require_columns, require_seed
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.groups import MISSING, group_rows
from custlib.intervals import adjust_p
from custlib.loyalty.ladder.transitions import (
    Steps,
    observed_steps,
    periods_of,
    require_stays,
    stage_names_of,
    step_counts,
)

Array = np.ndarray
THIN, THIN_SHARE = 5.0, 0.2  # expected counts below it, and the share of them that is too many
METHODS = ("likelihood ratio", "Pearson")


def ladder_tests(
    stages: pd.DataFrame,
    *,
    customer: str = "customer",
    period: str = "period",
    stage: str = "stage",
    ladder: Sequence[str] | None = None,
    absorbing: Sequence[str] = (),
    by: str | None = None,
    parts: int = 2,
    n_draws: int | None = None,
    seed: int | None = None,
) -> pd.DataFrame:
    """Tests of what a Markov chain takes for granted: order, and shares that stay the same.

    Parameters
    ----------
    stages : DataFrame, one row a customer and period
    customer, period, stage, ladder, absorbing
        As in `ladder_transitions`; absorbing stages take no part.
    by : str, optional
        Segments whose matrices are compared as well.
    parts : int, default 2
        Spans of time, as equal as can be, whose matrices are compared.
    n_draws : int, optional
        Tables drawn with the margins of the data, for p values that need no large counts.
    seed : int, optional
        Needed with `n_draws`.

    Returns
    -------
    DataFrame
        term (independence, second_order, stationarity, and segments with `by`), statistic, df,
        p_value, p_adjusted (Holm, over what the chain assumes), n, method, note; two rows a term,
        likelihood ratio and Pearson.

    Raises
    ------
    ParameterError
        Fewer than two spans, or more than there are transitions in a row.
    DataError
        As `ladder_transitions`.

    Notes
    -----
    likelihood ratio = 2 Σ observed ln(observed/expected); Pearson = Σ (observed −
    expected)²/expected; expected = row sum × column sum/sum, in each stratum. independence: the
    next stage is the same whatever the present one is. second_order: given the present stage, it
    also hangs on the one before. stationarity, segments: the matrices are alike. Each compares rows
    of a table within strata; rows and columns without a count give no degree of freedom. Where a
    fifth of the expected counts lies below 5, the note says that p values are rough: then trust
    Pearson's or draw them. Customers who differ for good look like a chain of second order.

    Assumes: customers are independent, moves of one customer only as far as the chain says;
    chi-square laws need counts, or `n_draws`.

    Not for: proof that a chain is right: few customers pass any test, many fail at trifles. Look at
    what a failing term does to values (`ladder_value` by segment).

    References
    ----------
    Anderson, T. & Goodman, L. (1957). Ann. Math. Statist. 28:89–110.
    doi:10.1214/aoms/1177707039. Patefield, W. (1981). J. R. Statist. Soc. C 30:91–97.
    doi:10.2307/2346669

    Examples
    --------
    >>> seen = pd.DataFrame({"customer": np.repeat(range(40), 3), "period": [1, 2, 3] * 40,
    ...                      "stage": ["a", "a", "b", "a", "b", "b"] * 20})
    >>> found = ladder_tests(seen)  # R: chisq.test, loglin
    >>> found[["term", "df"]].drop_duplicates().values.tolist()
    [['independence', 1.0], ['second_order', 0.0], ['stationarity', 1.0]]
    """
    require_at_least("parts", parts, 2)
    if n_draws is not None:
        require_at_least("n_draws", n_draws, 100)
        require_seed(seed)
    names = stage_names_of(stages, stage, ladder, absorbing)
    k = len(names)
    order = periods_of(stages, customer, period)

    def steps_of(rows: pd.DataFrame) -> Steps:
        return observed_steps(rows, customer, period, stage, names, order)

    steps = steps_of(stages)
    require_stays(step_counts(steps, k), names, absorbing)
    moving = np.array([name not in absorbing for name in names])
    kept = moving[steps.start]
    cells = [np.zeros_like(steps.start), steps.start, steps.end]
    tables = {"independence": _table(kept, cells, (1, k, k))}
    known = kept & (steps.previous >= 0)
    cells = [steps.start, steps.previous, steps.end]
    tables["second_order"] = _table(known, cells, (k, k, k))
    spans = _spans(steps, parts)
    tables["stationarity"] = _table(kept, [steps.start, spans, steps.end], (k, parts, k))
    if by is not None:
        tables["segments"] = _segments(stages, by, steps_of, moving)
    rows = []
    streams = np.random.SeedSequence(0 if seed is None else seed).spawn(len(tables))
    for (term, table), stream in zip(tables.items(), streams, strict=True):
        rows += _rows(term, table, n_draws, np.random.default_rng(stream))
    found = arrange(rows, keys=["term"])
    # Independence is no assumption that may fail: it is meant to be rejected.
    for _, own in found[found["term"] != "independence"].groupby("method"):
        found.loc[own.index, "p_adjusted"] = adjust_p(own["p_value"].to_numpy())
    return arrange(found, keys=["term"])


def _table(kept: Array, codes: list[Array], shape: tuple[int, int, int]) -> Array:
    """Counts by stratum, row and column."""
    flat = np.ravel_multi_index([code[kept] for code in codes], shape)
    return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)


def _spans(steps: Steps, parts: int) -> Array:
    """Span of time of each transition; of unequal ones the first are the longer."""
    times = int(steps.period.max(initial=-1)) + 1
    if parts > times >= 2:
        raise ParameterError.because(
            f"parts is {parts}; there are {times} transitions in a row.",
            f"Expected at most {times}.",
            "Pass fewer parts.",
        )
    # With a single transition there is one span, and nothing to compare it with.
    pieces = np.array_split(np.arange(times), parts)
    return np.repeat(np.arange(parts), [len(piece) for piece in pieces])[steps.period]


def _segments(
    stages: pd.DataFrame, by: str, steps_of: Callable[[pd.DataFrame], Steps], moving: Array
) -> Array:
    """Counts by present stage, segment and next stage; customers without a segment are left out."""
    require_columns(stages, [by])
    groups = [mask for name, mask in group_rows(stages, by) if name is not MISSING]
    tables = [step_counts(steps_of(stages[inside]), len(moving)) for inside in groups]
    counts = [np.where(moving[:, None], table, 0) for table in tables]
    if len(counts) < 2:
        raise ParameterError.because(
            f"{by!r} names {len(counts)} segments.", "Expected at least 2.", "Leave by out."
        )
    return np.stack(counts, axis=1)


def _rows(term: str, table: Array, n_draws: int | None, random: np.random.Generator) -> list[dict]:
    strata = [one[one.any(axis=1)][:, one.any(axis=0)] for one in table if one.any()]
    df = sum((one.shape[0] - 1) * (one.shape[1] - 1) for one in strata)
    found = [_statistics(one[None]) for one in strata]
    values = np.sum(found, axis=0)[0] if strata else np.zeros(2)
    n = int(table.sum())
    rows = []
    chances = _drawn(strata, values, n_draws, random) if n_draws and df else None
    for at, method in enumerate(METHODS):
        row = {"term": term, "statistic": values[at], "df": df, "n": n, "method": method}
        row["p_value"] = np.nan
        if not df:
            rows.append(row | {"statistic": np.nan, "note": "nothing to compare"})
            continue
        row["p_value"] = float(stats.chi2.sf(values[at], df))
        row["note"] = _thin(strata)
        if chances is not None:
            row |= {"p_value": chances[at], "method": f"{method}, {n_draws} drawn tables"}
            row["note"] = ""
        rows.append(row)
    return rows


def _expected(tables: Array) -> Array:
    rows, columns = tables.sum(axis=2, keepdims=True), tables.sum(axis=1, keepdims=True)
    return rows * columns / tables.sum(axis=(1, 2), keepdims=True)


def _statistics(tables: Array) -> Array:
    """Likelihood-ratio and Pearson statistics of tables of one stratum, shape (tables, 2)."""
    expected = _expected(tables)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(tables > 0, tables * np.log(tables / expected), 0.0)
    ratio = 2 * logs.sum(axis=(1, 2))
    pearson = ((tables - expected) ** 2 / expected).sum(axis=(1, 2))
    return np.stack([ratio, pearson], axis=1)


def _thin(strata: list[Array]) -> str:
    compared = [one for one in strata if min(one.shape) > 1]
    expected = np.concatenate([_expected(one[None]).ravel() for one in compared])
    few = int((expected < THIN).sum())
    if few <= THIN_SHARE * len(expected):
        return ""
    return f"{few} of {len(expected)} expected counts below {THIN:g}: p is rough"


def _drawn(
    strata: list[Array], values: Array, n_draws: int, random: np.random.Generator
) -> list[float]:
    """Share of tables with the same margins that lie at least as far off, the data among them."""
    total = np.zeros((n_draws, 2))
    for one in strata:
        if min(one.shape) > 1:
            law = stats.random_table(one.sum(axis=1), one.sum(axis=0), seed=random)
            total += _statistics(law.rvs(n_draws))
    beyond = (total >= values - 1e-9 * np.maximum(values, 1)).sum(axis=0)
    return [float((count + 1) / (n_draws + 1)) for count in beyond]
