"""Does a model's answer hang on how it was estimated? One effect under each way of doing it."""

from typing import Any

import pandas as pd

from custlib.columns import arrange
from custlib.errors import FitError
from custlib.survey.path_models.algorithm import SCHEMES
from custlib.survey.path_models.model import path_model

WAYS: dict[str, dict[str, Any]] = {
    **{f"mode A, {scheme} scheme": {"scheme": scheme} for scheme in SCHEMES},
    "consistent (PLSc)": {"consistent": True},
}

KEPT = ["estimate", "std_error", "ci_low", "ci_high", "conf_level", "n", "n_missing", "note"]


def effect_by_method(
    responses: pd.DataFrame, *, cause: str, effect: str, **model: Any
) -> pd.DataFrame:
    """Total effect of one construct on another, in standard deviations, by each way to estimate.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    cause, effect : str
        Constructs of the model.
    **model
        Other arguments of `path_model`; scheme and consistent are set here.

    Returns
    -------
    DataFrame, one row per way
        term, method ("mode A, path scheme", "mode A, factorial scheme", "mode A, centroid scheme",
        "consistent (PLSc)"), measure ("total_effect"), estimate, std_error, ci_low, ci_high,
        conf_level, n, n_missing, note. A way without a solution keeps a noted row.

    Raises
    ------
    DataError, ParameterError
        As `path_model`.

    Notes
    -----
    total effect = sum over all routes of the product of their coefficients; coefficients b = R⁻¹ r;
    consistent r = r/√(rho_A of the one × rho_A of the other). R are the correlations of the causes'
    scores, r those with their effect; scores and rho_A as in `path_model`. Schemes tend to agree;
    consistent PLS allows for the unreliability of the items, so its effects between constructs are
    as a rule larger, though a weak one beside a strong one can shrink.

    Assumes: rows, items and paths are right and the same in all ways; the consistent one corrects
    constructs of several items in mode A, and leaves mode B and single items as they are.

    Not for: picking the way that gives most: decide by what the items are (`path_model`), and read
    the spread as doubt about that choice, not as an interval.

    References
    ----------
    Dijkstra, T. & Henseler, J. (2015). MIS Quarterly 39:297–316.

    Examples
    --------
    >>> answers = pd.DataFrame({"price": [1, 2, 3, 4, 5], "again": [2, 1, 4, 3, 5]})
    >>> ways = effect_by_method(answers, cause="value", effect="loyalty", scale=(1, 5),
    ...     blocks={"value": ["price"], "loyalty": ["again"]}, paths=[("value", "loyalty")])
    >>> ways["estimate"].round(6).tolist()  # R: cor(price, again)
    [0.8, 0.8, 0.8, 0.8]
    """
    term = f"{cause} -> {effect}"
    rows = []
    for method, options in WAYS.items():
        key = {"term": term, "measure": "total_effect", "method": method}
        try:
            found = path_model(responses, **model | options).estimates
        except FitError as problem:
            rows.append(key | {"note": str(problem).split("\n", 1)[0]})
            continue
        own = found[(found["term"] == term) & (found["measure"] == "total_effect")]
        rows += [key | row for row in own[KEPT].to_dict("records")]
    table = pd.DataFrame(rows)
    counts = {name: table[name].fillna(0) for name in ("n", "n_missing") if name in table}
    return arrange(table.assign(**counts), keys=["term", "measure"])
