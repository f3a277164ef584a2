"""Intraclass correlations of raters (Shrout and Fleiss), from one-way and two-way variances."""

import numpy as np
import pandas as pd
from scipy import stats

Array = np.ndarray
NAMES = ("icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k")
COLUMNS = ("estimate", "ci_low", "ci_high", "statistic", "df", "df_denominator")
ROUNDING = 1e-9
BELOW_CHANCE = "raters agree less than by chance: a mean has no reliability, or no end of it"


def intraclass_rows(table: Array, crossed: bool, conf_level: float) -> pd.DataFrame:
    """Six rows from ratings, shape (subjects, raters), NaN where a rater did not rate.

    Columns are raters only where all rated all (`crossed`), else the ratings of a subject.
    """
    present = ~np.isnan(table)
    size, n = present.sum(axis=1), len(table)
    used = size.sum()
    # Raters per subject; where they differ, the k of unbalanced one-way analysis of variance.
    k = (used - (size**2).sum() / used) / (n - 1) if n > 1 else np.nan
    forms, note = (
        np.full((3, len(COLUMNS)), np.nan),
        ["", *["not every rater on every subject"] * 2],
    )
    if n < 2 or np.nanmax(table) == np.nanmin(table):
        note = ["one subject" if n < 2 else "all ratings equal"] * 3
    else:
        means = np.nanmean(table, axis=1)
        between = size @ (means - np.nanmean(table)) ** 2 / (n - 1)
        within = np.nansum((table - means[:, None]) ** 2) / (used - n)
        forms[0] = _form(between, within, k, (n - 1, used - n), conf_level)
        if crossed:
            forms[1:], note = _two_way(table, between, conf_level), [""] * 3
        elif size.min() < size.max():
            note[0] = f"unequal numbers of raters, k = {k:.3g}"
    rows = pd.DataFrame(np.vstack([forms, forms]), columns=COLUMNS)
    # Spearman and Brown: the correlation of the mean of k raters, and its ends.
    ends = rows.loc[3:, list(COLUMNS[:3])]
    # At or below zero the mean would vary less than its own errors, and the formula has no sense.
    shared = 1 + (k - 1) * ends
    rows.loc[3:, ends.columns] = (k * ends / shared).where(shared > ROUNDING)
    lost = (shared <= ROUNDING).any(axis=1)
    of_means = [BELOW_CHANCE if gone else text for gone, text in zip(lost, note, strict=True)]
    rows["p_value"] = stats.f.sf(rows["statistic"], rows["df"], rows["df_denominator"])
    return rows.assign(measure=NAMES, n=used, method="mean squares", note=note + of_means)


def _form(
    between: float, error: float, k: float, df: tuple[int, int], conf_level: float
) -> tuple[float, ...]:
    """Correlation of single raters against one mean square of error, its ends, F and its df."""
    estimate, tail = (between - error) / (between + (k - 1) * error), (1 + conf_level) / 2
    if error == 0:
        return estimate, 1.0, 1.0, np.inf, *df
    ratio = between / error
    low, high = ratio / stats.f.ppf(tail, *df), ratio * stats.f.ppf(tail, *df[::-1])
    return estimate, (low - 1) / (low + k - 1), (high - 1) / (high + k - 1), ratio, *df


def _two_way(table: Array, between: float, conf_level: float) -> list[tuple[float, ...]]:
    """Forms 2 and 3; form 2 has the interval of Shrout & Fleiss (1979), by Satterthwaite."""
    (n, k), tail = table.shape, (1 + conf_level) / 2
    columns = table.mean(axis=0)
    rest = table - table.mean(axis=1)[:, None] - columns + columns.mean()
    raters = n * ((columns - columns.mean()) ** 2).sum() / (k - 1)
    error = (rest**2).sum() / ((n - 1) * (k - 1))
    fixed = _form(between, error, k, (n - 1, (n - 1) * (k - 1)), conf_level)
    estimate = (between - error) / (between + (k - 1) * error + k * (raters - error) / n)
    if error == 0:
        return [(estimate, np.nan, np.nan, *fixed[3:]), fixed]
    first, second = k * estimate * raters / error, n * (1 + (k - 1) * estimate) - k * estimate
    with np.errstate(invalid="ignore"):  # 0/0 where neither units nor raters differ
        df = (k - 1) * (n - 1) * (first + second) ** 2 / ((n - 1) * first**2 + second**2)
    up, down = stats.f.ppf(tail, n - 1, df), stats.f.ppf(tail, df, n - 1)
    others = k * raters + (k * n - k - n) * error
    low = n * (between - up * error) / (up * others + n * between)
    high = n * (down * between - error) / (others + n * down * between)
    return [(estimate, low, high, *fixed[3:]), fixed]
