"""An index of an audit's elements: how it is made, whether it is sure, and made in other ways."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_conf_level, require_one_of
from custlib.columns import arrange
from custlib.errors import DataError, ParameterError
from custlib.survey.audit.ratings import Audit
from custlib.survey.indices.composite import CompositeIndex, composite_index
from custlib.survey.indices.elements import ElementScores


def audit_index(
    audit: Audit,
    scores: ElementScores,
    *,
    weights: Sequence[str] | None = None,
    certainty: float | None = 1.0,
    aggregation: str = "both",
    normalization: str = "min_max",
    thresholds: Sequence[float] = (55, 80),
    **chance: Any,
) -> CompositeIndex:
    """Composite index of the elements, 0-100, with the doubts about weights, method and raters.

    Parameters
    ----------
    audit : Audit
    scores : ElementScores
        As `audit.scores` gives them.
    weights : list of str, optional
        "element=number"; elements that are not named weigh 1.
    certainty : float, optional
        None: weights are exact. Else their Dirichlet has certainty times as many parts as there
        are elements: more stays nearer to the weights given. With equal weights 1 takes all sets
        of weights for alike likely; with unequal ones small weights then pile up near 0.
    aggregation : {"both", "arithmetic", "geometric"}
    normalization : {"min_max", "z", "both"}
    thresholds : list of float, default (55, 80)
        Marks of the index, at least one.
    **chance
        n_draws, seed, conf_level: see `composite_index`.

    Returns
    -------
    CompositeIndex

    Raises
    ------
    ParameterError
        A weight is not "element=number", of no element, or not positive; no threshold.

    Notes
    -----
    index = Σ v x, or Π x^v with scores below 1 taken for 1; v = weight/Σ weights; drawn v =
    Dirichlet(certainty × elements × v). x are the scores. "both" takes the first way for the
    estimate and either, with equal chance, in the draws, in which scores vary by their errors
    (multivariate t). Intervals, which are not cut at 0 and 100, chances and Sobol shares are those
    of `composite_index`.

    Assumes: the elements make up the whole, and a low one may be made up for by a high one;
    raters as in `element_scores`, those of one unit apart from those of another.

    Not for: a list of the best where intervals of ranks overlap (`index_verdicts`), or audits of
    unlike elements beside each other, as each index is one of its own parts.

    References
    ----------
    OECD/JRC (2008). Handbook on Constructing Composite Indicators.

    Examples
    --------
    >>> from custlib.survey import Codebook, audit_ratings
    >>> codebook = Codebook.from_mapping({"scales": {"s": {"low": 1, "high": 5}},
    ...     "items": {"staff": {"scale": "s"}, "style": {"scale": "s"}}})
    >>> rated = pd.DataFrame({"firm": ["a", "a", "b"], "staff": [5, 3, 1], "style": [3, 1, 1]})
    >>> audit = audit_ratings(rated, codebook, by="firm")
    >>> made = audit_index(audit, audit.scores(seed=1), weights=["staff=3"], seed=1)
    >>> made.estimates.query("measure == 'index'")["estimate"].tolist()
    [62.5, 0.0]
    """
    if not len(thresholds):
        raise ParameterError.because(
            "There are no thresholds.",
            "Expected one mark of the index or more, from 0 to 100.",
            "Pass, for instance, [55, 80].",
        )
    rows = scores.estimates.set_index([audit.by, "dimension"])
    table = rows["estimate"].unstack()  # noqa: PD010
    errors = rows["std_error"].unstack().add_suffix(" error")  # noqa: PD010
    # What raters differ by is estimated too: the element known least decides for its unit.
    df = rows["df"].unstack().min(axis="columns").rename("error df")  # noqa: PD010
    return composite_index(
        table.join([errors, df]).reset_index(),
        unit=audit.by,
        indicators=audit.elements,
        weights=_element_weights(weights or [], audit.elements),
        concentration=None if certainty is None else certainty * len(audit.elements),
        std_errors={name: f"{name} error" for name in table},
        error_df="error df",
        error_correlation=scores.error_correlation,
        aggregation=["arithmetic", "geometric"] if aggregation == "both" else aggregation,
        normalization=["min_max", "z"] if normalization == "both" else normalization,
        thresholds=thresholds,
        **chance,
    )


def index_verdicts(
    index: pd.DataFrame, *, by: str, thin: Iterable[str] = (), conf_level: float = 0.95
) -> pd.DataFrame:
    """Whether each unit lies above each threshold: surely, surely not, or open.

    Parameters
    ----------
    index : DataFrame
        `CompositeIndex.estimates`.
    by : str
        Column of the units.
    thin : list of str, optional
        Units with too few raters to be judged.
    conf_level : float in (0, 1), default 0.95
        Chance from which a unit is surely above, and one less which it is surely not.

    Returns
    -------
    DataFrame
        The `by` column, measure ("above 55"), estimate (chance), n, n_missing, verdict
        ("surely", "surely not", "open", "too few raters", "no index"), note. A unit whose error
        is unknown has too few raters, whether it is named in `thin` or not.

    Notes
    -----
    chance = draws above the threshold/draws; surely = chance ≥ conf_level; surely not = 1 − chance
    ≥ conf_level.

    Assumes: the chance in `index` is right, so that its draws hold all error that matters;
    thresholds were set before the index was seen.

    Not for: a list of the best: with many units some are surely above by chance alone, as each is
    judged by itself. "Open" is not "below", and two open units need not be alike.

    Examples
    --------
    >>> index = pd.DataFrame({"firm": ["a", "b"], "measure": "above 55", "estimate": [0.97, 0.4],
    ...                       "n": 7, "n_missing": 0, "note": ""})
    >>> index_verdicts(index, by="firm")["verdict"].tolist()
    ['surely', 'open']
    """
    require_conf_level(conf_level)
    kept = [by, "measure", "estimate", "n", "n_missing", "note"]
    rows = index.loc[index["measure"].str.startswith("above "), kept]
    chance = rows["estimate"]
    made = index.loc[(index["measure"] == "index") & index["estimate"].notna(), by]
    doubtful = chance.isna() & rows[by].isin(made)  # an index without a chance: error unknown
    told = {
        "no index": chance.isna() & ~doubtful,
        "too few raters": doubtful | rows[by].isin(list(thin)),
        "surely": chance >= conf_level,
        "surely not": 1 - chance >= conf_level,
    }
    rows["verdict"] = np.select(list(told.values()), list(told), "open")
    return arrange(rows, keys=[by, "measure"])


def index_views(
    audit: Audit, *, raters: pd.Series | None = None, chance: dict, **making: Any
) -> pd.DataFrame:
    """The index made in other ways, and of the ratings by each kind of rater alone.

    Parameters
    ----------
    audit : Audit
    raters : Series, optional
        Kind of each rater, by row of the answers.
    chance : dict
        n_draws, seed, conf_level.
    **making
        Of `audit_index`.

    Returns
    -------
    DataFrame, one row per view
        method (the view), the `by` column (unit with the highest index), measure ("mean index"),
        estimate (over units), n (units with an index), verdict (how many are surely above the
        first threshold), note.

    Notes
    -----
    estimate = Σ index/n over the n units that have one. Each view changes one thing of
    `audit_index`, and all draw from one seed.

    Assumes: as `audit_index`, in each view by itself.

    Not for: picking the view one likes: together they say how far the making decides.

    Examples
    --------
    >>> from custlib.survey import Codebook, audit_ratings
    >>> codebook = Codebook.from_mapping({"scales": {"s": {"low": 1, "high": 5}},
    ...     "items": {"staff": {"scale": "s"}, "style": {"scale": "s"}}})
    >>> rated = pd.DataFrame({"firm": ["a", "a", "b"], "staff": [5, 3, 1], "style": [4, 1, 1]})
    >>> audit = audit_ratings(rated, codebook, by="firm")
    >>> views = index_views(audit, chance={"seed": 1, "n_draws": 99, "conf_level": 0.95})
    >>> views["estimate"].round(1).tolist()
    [28.1, 27.0, 28.1, 28.1]
    """
    views: dict[str, tuple[dict, pd.Series | None]] = {
        "as above": ({}, None),
        "geometric mean": ({"aggregation": "geometric"}, None),
        "weights as given": ({"certainty": None}, None),
        "elements equally spread": ({"normalization": "z"}, None),
    }
    if raters is not None:
        for kind in raters.dropna().astype(str).drop_duplicates():
            views[kind] = ({}, raters.astype(str) == kind)
    rows = []
    for name, (changed, kept) in views.items():
        row = {"method": name, "measure": "mean index"}
        try:
            scores = audit.scores(raters=kept, **chance)
            made = audit_index(audit, scores, **(making | changed), **chance).estimates
            rows.append(row | _summary(made, audit, chance["conf_level"]))
        except DataError as problem:
            note = str(problem).splitlines()[0]
            rows.append(row | {audit.by: None, "estimate": np.nan, "n": 0, "note": note})
    return arrange(rows, keys=[audit.by, "measure"])


def _element_weights(texts: Sequence[str], elements: Sequence[str]) -> dict[str, float]:
    weights = dict.fromkeys(elements, 1.0)
    for text in texts:
        name, _, number = (part.strip() for part in text.partition("="))
        require_one_of("an element in weights", name, elements)
        try:
            weights[name] = float(number)
        except ValueError:
            raise ParameterError.because(
                f"A weight is {text!r}.",
                'Expected an element, "=" and a positive number.',
                f'Write, for instance, "{elements[0]}=2".',
            ) from None
    return weights


def _summary(made: pd.DataFrame, audit: Audit, conf_level: float) -> dict:
    """Highest unit, mean over units, and how many lie surely above the first threshold."""
    index = made[made["measure"] == "index"].set_index(audit.by)["estimate"].dropna()
    verdicts = index_verdicts(made, by=audit.by, thin=audit.thin, conf_level=conf_level)
    first = verdicts.groupby(audit.by, sort=False).head(1)
    sure = (first["verdict"] == "surely").sum()
    return {
        audit.by: index.idxmax(),
        "estimate": index.mean(),
        "n": len(index),
        "verdict": f"{sure} surely {first['measure'].iloc[0]}",
        "note": "",
    }
