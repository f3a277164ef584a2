"""Ratings of several units by their own raters: what a file tells, how far raters agree."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import (
    require_columns,
    require_conf_level,
    require_new_columns,
    require_numeric,
    require_one_of,
)
from custlib.columns import arrange
from custlib.errors import DataError
from custlib.survey.codebook.book import Codebook
from custlib.survey.indices.agreement import rater_agreement
from custlib.survey.indices.elements import ElementScores, element_scores

ALL = "all elements"
MADE = ("rater", "dimension", "item", "rating", "n", "note")  # names of columns beside the units'
AGREEMENT = ["krippendorff_alpha", "icc_1_k"]  # of one rater, of a unit's mean


@dataclass(frozen=True, slots=True)
class Audit:
    """Ratings of units by their raters, and what the file does not tell.

    Attributes
    ----------
    by : str
        Column of the units.
    elements : list of str
        Blocks of the codebook that somebody rated, or its items where it has no blocks.
    ratings : DataFrame
        One row a rating: the `by` column, rater (label of its row, or number where labels repeat),
        dimension, rating (0-100).
    counts : DataFrame
        The `by` column, n (raters who rated something), note where there are too few.
    gaps : DataFrame
        measure (what is lacking), note (what follows).
    """

    by: str
    elements: list[str]
    ratings: pd.DataFrame
    counts: pd.DataFrame
    gaps: pd.DataFrame

    @property
    def thin(self) -> list[str]:
        """Units with fewer raters than may be judged."""
        return self.counts.loc[self.counts["note"] != "", self.by].tolist()

    def scores(self, *, raters: pd.Series | None = None, **chance: Any) -> ElementScores:
        """`element_scores` of these ratings, or of those by raters that are marked true."""
        rows = self.ratings
        return element_scores(
            rows if raters is None else rows[rows["rater"].map(raters)],
            unit=self.by,
            element="dimension",
            rater="rater",
            rating="rating",
            scale=(0, 100),
            **chance,
        )


def audit_ratings(
    responses: pd.DataFrame,
    codebook: Codebook,
    *,
    by: str,
    unit: str | None = None,
    min_base: int = 1,
) -> Audit:
    """Ratings of each unit on each element, 0 (lowest answers) to 100, and what is lacking.

    Parameters
    ----------
    responses : DataFrame, one row per rater
        As `read_responses` gives it.
    codebook : Codebook
        Its blocks are the elements.
    by : str
        Column of the units.
    unit : str, optional
        One of them that will be looked at; it must be there.
    min_base : int, default 1
        Raters that a unit needs before it is judged.

    Returns
    -------
    Audit
        What the file lacks is never an error: it becomes a row of `gaps`.

    Raises
    ------
    DataError
        The column of units is absent or named like one of the result; answers that are no numbers;
        nobody rated anything.
    ParameterError
        There is no such unit.

    Notes
    -----
    rating = 100 (answer − low)/(high − low), each item by its own scale.

    Assumes: steps of a scale are equal, and high is good: reversed items are turned on reading.

    Not for: scales of unlike length as if alike: 100 is the highest answer there was to give.

    Examples
    --------
    >>> codebook = Codebook.from_mapping({"scales": {"s": {"low": 1, "high": 5}},
    ...     "items": {"staff": {"scale": "s"}, "style": {"scale": "s"}}})
    >>> rated = pd.DataFrame({"firm": ["a", "a"], "staff": [5, 3], "style": [None, None]})
    >>> audit = audit_ratings(rated, codebook, by="firm")
    >>> audit.ratings["rating"].tolist(), audit.gaps["measure"].tolist()
    ([100.0, 50.0], ['style'])
    """
    require_columns(responses, [by, *codebook.attributes])
    require_new_columns(pd.DataFrame(columns=[by]), MADE)
    # Waves put one below the other repeat their labels, which would make one rater of two.
    rows = responses if responses.index.is_unique else responses.reset_index(drop=True)
    named, gaps = rows.dropna(subset=[by]), {}
    if len(named) < len(responses):
        gaps[by] = f"{len(responses) - len(named)} rows name no {by} and are left out"
    silent = [item for item in codebook.attributes if named[item].isna().all()]
    gaps |= {item: f"nobody answered {item}" for item in silent}
    asked = [item for item in codebook.attributes if item not in silent]
    if not asked:
        raise DataError.because(
            f"There are no ratings of any {by}.",
            "Expected a row for each rater, with answers to the items of the codebook.",
            f"Check that {by!r} and the items are filled.",
        )
    limits = {item: codebook.scale_of(item) for item in asked}
    low, high = (np.array([getattr(limits[i], end) for i in asked]) for end in ("low", "high"))
    answers = np.column_stack([require_numeric(named, item) for item in asked])
    scores = pd.DataFrame((answers - low) / (high - low) * 100, named.index, asked)
    if unit is not None:
        require_one_of(f"unit, a value of {by!r},", unit, named[by].astype(str).unique())
    raters = pd.DataFrame({by: named[by].astype(str), "rater": named.index})
    long = raters.join(scores).melt([by, "rater"], var_name="item", value_name="rating")
    long["dimension"] = long["item"].map(lambda item: codebook.items[item].block or item)
    # A row without any answer is nobody's rating.
    rated = raters.assign(n=scores.notna().any(axis=1))
    counts = rated.groupby(by, sort=False, as_index=False)["n"].sum()
    counts["note"] = np.where(counts["n"] < min_base, f"fewer than {min_base} raters", "")
    if (thin := (counts["note"] != "").sum()) > 0:
        gaps["raters"] = f"{thin} of {len(counts)} units have fewer than {min_base} raters"
    if counts["n"].max() < 2:
        gaps["agreement"] = "no unit has two raters: no intervals, no verdicts"
    return Audit(
        by,
        list(dict.fromkeys(long["dimension"])),
        long[[by, "rater", "dimension", "rating"]],
        arrange(counts, keys=[by]),
        arrange(pd.DataFrame(gaps.items(), columns=["measure", "note"]), keys=["measure"]),
    )


def audit_agreement(audit: Audit, *, conf_level: float = 0.95) -> pd.DataFrame:
    """Agreement of one rater with another, and reliability of a unit's mean, by element.

    Parameters
    ----------
    audit : Audit
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        dimension (each element, then "all elements"), measure ("krippendorff_alpha", "icc_1_k"),
        then as `rater_agreement` at the interval level; a noted row where no unit has two raters.

    Notes
    -----
    krippendorff_alpha = 1 − Do/De; icc_1_k = (B − W)/B. Do and De are the squared differences found
    and expected, B and W the mean squares between units and within them, of each rater's mean over
    the items of an element.

    Assumes: as `rater_agreement`: raters of a unit judge apart from each other, and steps of a
    scale are equally far from one another.

    Not for: validity: raters may agree and be wrong. Units nearly all alike give low values though
    raters agree, and a unit rated by one person alone takes no part.

    Examples
    --------
    >>> codebook = Codebook.from_mapping({"scales": {"s": {"low": 1, "high": 5}},
    ...     "items": {"staff": {"scale": "s"}}})
    >>> rated = pd.DataFrame({"firm": ["a", "a", "b", "b"], "staff": [1, 1, 5, 5]})
    >>> audit_agreement(audit_ratings(rated, codebook, by="firm"))["estimate"].tolist()[:2]
    [1.0, 1.0]
    """
    require_conf_level(conf_level)
    keys, tables = ["dimension", audit.by, "rater"], []
    means = audit.ratings.groupby(keys, sort=False, as_index=False)["rating"].mean()
    whole = means.groupby(keys[1:], as_index=False)["rating"].mean().assign(dimension=ALL)
    roles = {"subject": audit.by, "rater": "rater", "rating": "rating", "level": "interval"}
    for element, rows in pd.concat([means, whole]).groupby("dimension", sort=False):
        try:
            agreed = rater_agreement(rows, **roles, conf_level=conf_level)
            agreed = agreed[agreed["measure"].isin(AGREEMENT)]
        except DataError:
            counted = {"n": rows["rating"].count(), "n_missing": rows["rating"].isna().sum()}
            agreed = pd.DataFrame({"measure": AGREEMENT, "note": "no unit has two raters"})
            agreed = agreed.assign(estimate=np.nan, ci_low=np.nan, ci_high=np.nan, **counted)
        tables.append(agreed.assign(dimension=element))
    return arrange(pd.concat(tables), keys=["dimension", "measure"])


def practice_levels(practices: pd.DataFrame | None, *, by: str) -> dict[str, list[str]]:
    """Practices of each level of service, from columns named level_1, level_2, …, lowest first.

    Parameters
    ----------
    practices : DataFrame or None
        One row per unit.
    by : str
        Column of the units.

    Returns
    -------
    dict of list
        Columns by level, in the table's order; empty where the table is not about these units.

    Examples
    --------
    >>> table = pd.DataFrame(columns=["firm", "courteous_1", "courteous_2", "competent_1", "seen"])
    >>> practice_levels(table, by="firm")
    {'courteous': ['courteous_1', 'courteous_2'], 'competent': ['competent_1']}
    """
    levels: dict[str, list[str]] = {}
    for column in practices if practices is not None and by in practices else ():
        level, _, number = str(column).rpartition("_")
        if level and number.isdigit():
            levels.setdefault(level, []).append(column)
    return levels
