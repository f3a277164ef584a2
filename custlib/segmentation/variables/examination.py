"""Candidates for segmentation held against the four criteria."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import pandas as pd

from custlib.checks import require_conf_level, require_list, require_seed, require_whole
from custlib.columns import arrange
from custlib.segmentation.customer_checks import require_mapping
from custlib.segmentation.variables import criteria, redundancy
from custlib.segmentation.variables.limits import AuditLimits
from custlib.segmentation.variables.readings import Variable, cut_in_groups
from custlib.segmentation.variables.resamples import Drawn, Key, draw
from custlib.segmentation.variables.roles import Roles
from custlib.segmentation.variables.shared_variation import (
    Measure,
    association,
    covariances,
    intraclass,
)

TOGETHER: Key = ("covariances",)


@dataclass(frozen=True, slots=True)
class VariableAudit:
    """Every measure of the audit, and one verdict per variable and criterion."""

    estimates: pd.DataFrame
    verdicts: pd.DataFrame


def audit_variables(
    customers: pd.DataFrame,
    *,
    variables: Sequence[str],
    relationship: Sequence[str],
    behaviour: Sequence[str],
    seed: int,
    repeated: Mapping[str, str] | None = None,
    nominal: Sequence[str] = (),
    n_groups: int = 5,
    limits: AuditLimits | None = None,
    n_boot: int = 1000,
    conf_level: float = 0.95,
) -> VariableAudit:
    """Whether each variable may segment: shared variation, 0–1, and agreement, beside limits.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    variables, relationship, behaviour : list of str
        Candidates; traits of the relationship with the supplier; what customers buy and how.
    seed : int
    repeated : mapping of str to str, optional
        Second measurement of a candidate: {"industry": "industry_second"}.
    nominal : list of str, optional
        Columns of numbers that are names. Text, categories and true/false always are.
    n_groups : int, default 5
        Equally large groups a numeric candidate is cut into to explain behaviour.
    limits : AuditLimits, optional
    n_boot : int, default 1000
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    VariableAudit
        `estimates`, one row per item, criterion, term (the other variable) and measure: estimate,
        std_error, ci_low, ci_high, conf_level, n, n_missing, numerator, denominator, limit,
        verdict (passes, fails, not certain), method, note. `verdicts`, one row per item and
        criterion: the row that settles it.

    Raises
    ------
    DataError, ParameterError
        No rows; a column is absent, infinite, or in two roles.

    Notes
    -----
    V² = (χ²/n − (r − 1)(c − 1)/(n − 1))/(min(r', c') − 1); r' = r − (r − 1)²/(n − 1), c' likewise;
    omega² = (SSB − (g − 1) MSW)/(SST + MSW); r² = 1 − (1 − r₀²)(n − 1)/(n − 2); VIF = 1/(1 − R²).
    V² is of two nominal columns of r and c classes, omega² of g groups and a number, r² of two
    numbers with the correlation r₀; agreement of two measurements is kappa, or ICC(A,1) of numbers.
    Intervals resample customers; for behaviour with a long tail, such as revenue, they are too
    short: pass its logarithm. The verdict is passes or fails where the whole interval is on one
    side of the limit. Of two candidates that repeat each other the one that fails more criteria, or
    else explains less of behaviour, is redundant.

    Assumes: customers are independent; second measurements were taken apart from the first; limits
    are conventions that a reader may move (`AuditLimits`).

    Not for: causes of buying, variables picked out of hundreds on the same rows, or a few dozen
    customers: most verdicts are then "not certain", below 10 there is no interval.

    References
    ----------
    Bergsma, W. (2013). J. Korean Stat. Soc. 42:323–328. doi:10.1016/j.jkss.2012.10.002

    Examples
    --------
    >>> firms = pd.DataFrame({"use": list("ab") * 20, "years": [1, 1, 2, 2] * 10,
    ...     "orders": [1, 9, 2, 8] * 10})
    >>> roles = {"variables": ["use"], "relationship": ["years"], "behaviour": ["orders"]}
    >>> audit_variables(firms, **roles, seed=1).verdicts["verdict"].tolist()
    ['passes', 'passes', 'passes', 'passes']
    """
    require_conf_level(conf_level)
    seed, n_boot = require_seed(seed), require_whole("n_boot", n_boot, 2)
    n_groups = require_whole("n_groups", n_groups, 2)
    limits = limits or AuditLimits()
    lists = {"variables": variables, "relationship": relationship, "behaviour": behaviour}
    for name, columns in (lists | {"nominal": nominal}).items():
        require_list(name, columns)
    twins = require_mapping("repeated", repeated)
    roles = Roles(tuple(variables), tuple(relationship), tuple(behaviour), twins)
    roles.require(customers, nominal)
    read = roles.read(customers, nominal)
    numeric = [name for name in roles.variables if not read[name].nominal]
    measures = _measures(roles, read, numeric, n_groups)
    drawn = draw(customers, measures, n_boot=n_boot, seed=seed)
    rows = criteria.relationship_rows(_of(drawn, criteria.RELATIONSHIP), limits, conf_level)
    rows += _measurable_rows(customers, roles, read, drawn, limits, conf_level)
    buying = criteria.buying_rows(_of(drawn, criteria.BUYING), limits, conf_level)
    rows += buying
    verdicts = criteria.settle(rows)
    order = redundancy.order_of_merit(roles.variables, buying, verdicts)
    matrices = (drawn[TOGETHER], numeric) if TOGETHER in drawn else None
    pairs = _of(drawn, criteria.OTHERS)
    rows += redundancy.redundancy_rows(order, pairs, matrices, limits, conf_level)
    return _tables(rows, roles.variables)


def _measures(
    roles: Roles, read: Mapping[str, Variable], numeric: list[str], n_groups: int
) -> dict[Key, Measure]:
    """Everything that needs resamples, by criterion, candidate and other column."""
    groups = {name: cut_in_groups(read[name], n_groups) for name in roles.variables}
    measures: dict[Key, Measure] = {
        (criteria.RELATIONSHIP, item, term): association(read[item], read[term])
        for item, term in product(roles.variables, roles.relationship)
    }
    measures |= {
        (criteria.OTHERS, item, term): association(read[item], read[term])
        for item, term in combinations(roles.variables, 2)
    }
    measures |= {
        (criteria.BUYING, item, term): association(groups[item], read[term])
        for item, term in product(roles.variables, roles.behaviour)
    }
    for first, second in roles.repeated.items():
        if not (read[first].nominal or read[second].nominal):
            measures[criteria.MEASURABLE, first, second] = intraclass(read[first], read[second])
    if len(numeric) > 1:
        measures[TOGETHER] = covariances([read[name] for name in numeric])
    return measures


def _of(drawn: Mapping[Key, Drawn], criterion: str) -> dict[criteria.Pair, Drawn]:
    return {(key[1], key[2]): one for key, one in drawn.items() if key[0] == criterion}


def _measurable_rows(
    customers: pd.DataFrame,
    roles: Roles,
    read: Mapping[str, Variable],
    drawn: Mapping[Key, Drawn],
    limits: AuditLimits,
    conf_level: float,
) -> list[dict]:
    rows = []
    for item in roles.variables:
        rows.append(criteria.missing_row(read[item], limits, conf_level))
        if read[item].nominal:
            rows.append(criteria.smallest_group_row(read[item], limits, conf_level))
        if item in roles.repeated:
            pair = (item, roles.repeated[item])
            numbers = drawn.get((criteria.MEASURABLE, *pair))
            rows.append(criteria.agreement_row(customers, pair, numbers, limits, conf_level))
    return rows


def _tables(rows: list[dict], variables: Sequence[str]) -> VariableAudit:
    """Rows of the audit and those that settle it, by variable as named and by criterion."""
    ordered = [
        row
        for item, criterion in product(variables, criteria.CRITERIA)
        for row in criteria.of_one(rows, item, criterion) or [criteria.empty(item, criterion)]
    ]
    settled = [
        criteria.settling(criteria.of_one(ordered, *pair))
        for pair in product(variables, criteria.CRITERIA)
    ]
    keys = ["item", "criterion", "term", "measure"]
    return VariableAudit(arrange(ordered, keys=keys), arrange(settled, keys=keys))
