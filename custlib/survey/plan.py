"""What a file of answers allows: its weights and design, and what it has to go without."""

import warnings
from dataclasses import dataclass, replace

import pandas as pd

from custlib.checks import require_columns, require_weights
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import ParameterError, WeightWarning, did_you_mean
from custlib.groups import group_rows
from custlib.survey.codebook.book import Codebook
from custlib.survey.weights.adjustment import rake

RAKED = "raked_weight"
DOMAIN = "in_market"
NO_WEIGHTS = "every respondent weighs the same"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a study will analyse a file: table, design, and the gaps it must own up to.

    Attributes
    ----------
    responses : DataFrame
        The answers, with the raked weight and the market's rows marked where asked for.
    design : SurveyDesign
    by : str or None
        Column of the groups to compare; None where there are not two of them.
    margins : DataFrame
        Targets and what raking made of them (`Raking.estimates`); no rows where not raked.
    fit : DataFrame
        Cost of raking (`Raking.fit`); no rows where not raked.
    gaps : DataFrame
        measure (what is lacking), note (what follows); no rows where nothing is.
    """

    responses: pd.DataFrame
    design: SurveyDesign
    by: str | None
    margins: pd.DataFrame
    fit: pd.DataFrame
    gaps: pd.DataFrame

    @property
    def n(self) -> int:
        """Respondents the results are about."""
        domain = self.design.domain
        return len(self.responses) if domain is None else int(self.responses[domain].sum())

    @property
    def n_effective(self) -> float:
        """Respondents of equal weight that the weights leave of them (Kish): n / deff_w."""
        inside = slice(None) if self.design.domain is None else self.responses[self.design.domain]
        weights = require_weights(self.responses, self.design.weight)[inside]
        return float(weights.sum() ** 2 / (weights**2).sum())


def analysis_plan(
    responses: pd.DataFrame,
    codebook: Codebook,
    *,
    weight: str = "raked",
    by: str | None = None,
    market: str | None = None,
) -> Plan:
    """Weights, design and groups that a file and its codebook allow, and what is lacking.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
        As `read_responses` gives it.
    codebook : Codebook
        Names weight, stratum, cluster, population and targets, or does without.
    weight : str, default "raked"
        "raked" (the codebook's weight raked to its targets), "design" (the codebook's weight),
        "none", or the name of a column.
    by : str, optional
        Column of the groups to compare.
    market : str, optional
        Results are about this value of the codebook's stratum; the whole sample keeps its part
        in the variance.

    Returns
    -------
    Plan
        What a codebook lacks is never an error: it becomes a row of `gaps`.

    Raises
    ------
    DataError
        A column that is named is absent, or weights and targets do not fit the data.
    ParameterError
        `market` is no value of the stratum, or there is no stratum.

    Examples
    --------
    >>> codebook = Codebook.from_mapping({
    ...     "scales": {"s": {"low": 1, "high": 5}}, "items": {"price": {"scale": "s"}}})
    >>> plan = analysis_plan(pd.DataFrame({"price": [1, 2, 5]}), codebook)
    >>> plan.gaps["measure"].tolist()
    ['weights', 'raking', 'strata', 'clusters', 'finite population', 'comparison of groups']
    """
    gaps: dict[str, str] = {}
    margins = fit = arrange([])
    design = SurveyDesign()
    if weight == "raked" and _can_rake(responses, codebook, gaps):
        with warnings.catch_warnings():
            # What the weights cost stands in `fit`, where a study shows it.
            warnings.simplefilter("ignore", WeightWarning)
            raking = rake(
                responses, targets=codebook.targets, base_weight=codebook.weight, name=RAKED
            )
        responses, design = raking.cases, raking.design()
        margins, fit = raking.estimates, raking.fit
    elif weight != "none":
        column = codebook.weight if weight in ("raked", "design") else weight
        _require_named("weight", column, responses, codebook)
        design = SurveyDesign(weight=column)
    if weight in ("raked", "design") and codebook.weight is None:
        gaps = {"weights": f"the codebook names no weight: {_start(design)}"} | gaps
    design = replace(
        design,
        stratum=codebook.stratum,
        cluster=codebook.cluster,
        population=codebook.population,
        cluster_population=codebook.cluster_population,
    )
    gaps |= _unknown_design(responses, codebook)
    if market is not None:
        responses = responses.assign(**{DOMAIN: _market_rows(responses, codebook, market)})
        design = replace(design, domain=DOMAIN)
    _require_named("by", by, responses, codebook)
    if by in codebook.items:
        raise ParameterError.because(
            f"by is {by!r}, an item answered on a scale.",
            f"Expected a column of groups: {', '.join(codebook.groups) or 'none is declared'}.",
            "Declare the column under groups in the codebook, with the values it takes.",
        )
    by = _two_groups(responses, by, design, gaps)
    rows = [{"measure": name, "note": note} for name, note in gaps.items()]
    table = pd.DataFrame(rows, columns=["measure", "note"])
    return Plan(responses, design, by, margins, fit, arrange(table, keys=["measure"]))


def _require_named(
    parameter: str, column: str | None, responses: pd.DataFrame, codebook: Codebook
) -> None:
    """The column that a parameter names is there; the message names the parameter."""
    if column is not None and column not in responses.columns:
        named = ["raked", "design"] if parameter == "weight" else []
        without = "none to do without" if named else "None to compare no groups"
        known = [*named, *map(str, responses.columns)]
        raise ParameterError.because(
            f"{parameter} is {column!r}, which is no column of the answers.",
            f"Expected one of: {', '.join(known)}; or {without}.",
            f"The codebook calls it {called[0]!r}: pass that."
            if (called := [name for name, own in codebook.columns.items() if own == column])
            else did_you_mean(column, known, otherwise=f"Name a column, or pass {parameter}=none."),
        )


def _start(design: SurveyDesign) -> str:
    return NO_WEIGHTS if design.weight is None else "raking starts from equal weights"


def _can_rake(responses: pd.DataFrame, codebook: Codebook, gaps: dict[str, str]) -> bool:
    """Targets are there, and so is the column of each of their margins."""
    absent = [name for name in codebook.targets if name not in responses.columns]
    if not codebook.targets:
        gaps["raking"] = "the codebook has no population targets: nothing was raked"
    elif absent:
        gaps["raking"] = f"the file has no column {', '.join(absent)}: nothing was raked"
    return not gaps


def _unknown_design(responses: pd.DataFrame, codebook: Codebook) -> dict[str, str]:
    """What codebook and file do not say about how the sample was drawn."""
    gaps = {}
    if codebook.stratum is None:
        gaps["strata"] = "the codebook names no stratum: one sample from the whole"
    if codebook.cluster is None:
        gaps["clusters"] = "the codebook names no cluster: every answer counts as independent"
    else:
        require_columns(responses, [codebook.cluster])
        alone = int(responses[codebook.cluster].isna().sum())
        if alone:
            gaps["clusters"] = (
                f"{alone} rows without {codebook.cluster}: each counts as a cluster of its own"
            )
    if codebook.population is None:
        gaps["finite population"] = "the codebook has no population sizes: taken as unlimited"
    return gaps


def _market_rows(responses: pd.DataFrame, codebook: Codebook, market: str) -> pd.Series:
    if codebook.stratum is None:
        raise ParameterError.because(
            f"market is {market!r}, but the codebook names no stratum.",
            "Expected `stratum:` in the codebook, naming the column of markets.",
            "Add the stratum to the codebook, or leave market out.",
        )
    require_columns(responses, [codebook.stratum])
    names = [str(name) for name, rows in group_rows(responses, codebook.stratum) if rows.any()]
    if market not in names:
        raise ParameterError.not_one_of("market", market, names)
    return responses[codebook.stratum].astype(str) == market


def _two_groups(
    responses: pd.DataFrame, by: str | None, design: SurveyDesign, gaps: dict[str, str]
) -> str | None:
    """The column of groups, if at least two of them have respondents in the domain."""
    if by is None:
        gaps["comparison of groups"] = "no column of groups was named: nothing was compared"
        return None
    domain = responses[design.domain].to_numpy(bool) if design.domain else True
    present = responses[by].notna().to_numpy() & domain
    filled = [name for name, rows in group_rows(responses, by) if (rows & present).any()]
    if len(filled) < 2:
        gaps["comparison of groups"] = f"{by} has one group only: nothing was compared"
        return None
    return by
