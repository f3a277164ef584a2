"""What a customer on each stage is worth: Pfeifer and Carraway's value of a Markov chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_conf_level, require_numeric, require_one_of
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.intervals import t_interval
from custlib.loyalty.ladder.chain import NUMBERS, Ladder, ends_of, ladder_chain, numbers_row
from custlib.loyalty.ladder.stages import NEVER, stage_names
from custlib.loyalty.ladder.worth import Worth, require_worth

Array = np.ndarray
Amounts: TypeAlias = Mapping | Sequence | pd.DataFrame


@dataclass(frozen=True, slots=True)
class Drawn:
    """A ladder with its worth, and draws of the matrix and of the margins."""

    ladder: Ladder
    worth: Worth
    matrices: Array
    margins: Array


def ladder_value(
    transitions: pd.DataFrame,
    *,
    margins: Amounts,
    discount: float,
    horizon: int | None = None,
    paid: str = "start",
    one_off: Mapping | Sequence | None = None,
    customers: Mapping | Sequence | None = None,
    n_draws: int = 2000,
    seed: int,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Expected discounted margin of a customer by stage, in the unit of the margins.

    Parameters
    ----------
    transitions : DataFrame
        `.estimates` of `ladder_transitions`.
    margins : mapping by stage, list in the order of the ladder, or table of `ladder_margins`
        Margin of one period on the stage; absorbing stages not named bring nothing. A table with
        standard errors adds theirs to the intervals.
    discount : float from 0 to 1
        Rate of one period. 0 only where everybody leaves some day and then brings nothing, or
        with a horizon.
    horizon : int, optional
        Periods to come that count, beside the present one; by default without end.
    paid : {"start", "end"}
        Whether the margin of the present period counts in full, or comes at its end.
    one_off : mapping or list, optional
        Added to a customer who stands on the stage now, such as a cost of winning below zero.
    customers : mapping or list, optional
        Customers on each stage: adds what they are worth together, as stage "all".
    n_draws : int, default 2000
    seed : int
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        stage, measure (value of one customer; equity of all), estimate, std_error, ci_low,
        ci_high, conf_level, n, method, note.

    Raises
    ------
    ParameterError
        Margins that do not fit the ladder, or a discount or horizon outside their range.
    DataError
        A discount of 0 without horizon where somebody may stay for ever.

    Notes
    -----
    V = (I − P/(1 + d))⁻¹R, with a horizon T the sum of (P/(1 + d))^t R for t = 0…T; margins paid
    at the end of a period make it V/(1 + d). Draws of P from its posterior give the interval.

    Assumes: order one, constant shares, one margin a stage, money discounted at one rate;
    posteriors of rows are independent.

    Not for: customers who differ within a stage (`ladder_tests`; value by segment), horizons past
    what was seen, or buying without stages: `customer_value`.

    References
    ----------
    Pfeifer, P. & Carraway, R. (2000). J. Interactive Marketing 14(2):43–55.
    doi:10.1002/(SICI)1520-6653(200021)14:2<43::AID-DIR4>3.0.CO;2-H

    Examples
    --------
    >>> from custlib.loyalty import ladder_transitions
    >>> seen = pd.DataFrame({"customer": [1, 1, 2, 2], "period": [1, 2, 1, 2],
    ...                      "stage": ["buyer", "gone", "buyer", "buyer"]})
    >>> moves = ladder_transitions(seen, absorbing=["gone"]).estimates
    >>> value = ladder_value(moves, margins={"buyer": 60}, discount=0.2, seed=1)
    >>> value["estimate"].round(6).tolist()  # 60/(1 − 0.5/1.2)
    [102.857143, 0.0]
    >>> # R: sum of 400 periods
    """
    require_one_of("paid", paid, ("start", "end"))
    drawn = prepared(transitions, margins, discount, horizon, n_draws, seed, conf_level)
    ladder, chain = drawn.ladder, drawn.ladder.chain
    shift = 1.0 if paid == "start" else 1 / (1 + drawn.worth.discount)
    added = np.zeros(chain.k)
    if one_off is not None:
        added = ladder.vector("one_off", ladder.filled(one_off), what="an amount")[ladder.kept]
    best = drawn.worth.values(chain.matrix) * shift + added
    sample = drawn.worth.values(drawn.matrices, drawn.margins) * shift + added
    found = ladder.spread(np.array([best, *ends_of(sample, best, conf_level)]))
    rows = []
    for at, name in enumerate(ladder.names):
        row = {"stage": name, "measure": "value", "n": int(ladder.totals[at])}
        numbers = dict(zip(NUMBERS, found[:, at].tolist(), strict=True))
        rows.append(row | numbers | {"note": ladder.notes[at]})
    if customers is not None:
        weights = ladder.customers(customers)
        rows.append(_equity(ladder, weights, best, sample, conf_level))
    common = {"conf_level": conf_level, "method": _words(drawn, paid)}
    return arrange([row | common for row in rows], keys=["stage", "measure"])


def ladder_margins(
    stages: pd.DataFrame,
    *,
    margin_share: float = 1.0,
    customer: str = "customer",
    stage: str = "stage",
    amount: str = "amount",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Mean margin of a customer in one period on each stage, in the unit of the amounts.

    Parameters
    ----------
    stages : DataFrame, one row a customer and period
    margin_share : float, default 1
        What is left of an amount, as a share of it.
    customer, stage, amount : str
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        stage, estimate, std_error, ci_low, ci_high, conf_level, n, n_missing, method, note.

    Raises
    ------
    ParameterError
        The share is not from 0 to 1.
    DataError
        No row, amounts that are no numbers, or fewer than two customers with a stage.

    Notes
    -----
    estimate = margin_share Σ amount/n over the n periods that customers stood on the stage.
    Customers are clusters: periods of one customer are alike. A stage with one customer has a mean
    and no error; one that nobody reached has neither.

    Assumes: a customer's margin hangs on the stage and not on the time there; customers are
    independent, their periods need not be.

    Not for: margins that grow with age on a stage, amounts whose cost share differs between stages
    (`margin_share` is one for all).

    Examples
    --------
    >>> seen = pd.DataFrame({"customer": [1, 1, 2], "stage": "buyer", "amount": [10, 20, 60]})
    >>> ladder_margins(seen, margin_share=0.5)["estimate"].tolist()  # R: mean(.5 * amount)
    [15.0]
    """
    require_columns(stages, [customer, stage, amount])
    require_conf_level(conf_level)
    if not 0 <= margin_share <= 1:
        raise ParameterError.because(
            f"margin_share is {margin_share!r}.", "Expected a share, 0–1.", "For 30 % pass 0.3."
        )
    names = stage_names(stages, stage)
    known = stages[stage].notna().to_numpy()
    values = require_numeric(stages, amount)[known] * margin_share
    seen = stages[known].reset_index(drop=True)
    if seen[customer].nunique() < 2:
        raise DataError.because(
            f"{seen[customer].nunique()} customers with a stage.",
            "Expected at least 2.",
            "Pass more customers.",
        )
    sample = SurveyDesign(cluster=customer).sample(seen)
    rows = []
    for name in names:
        mean = sample.mean(values, (seen[stage] == name).to_numpy())
        low, high = t_interval(mean.estimate, mean.std_error, mean.df, conf_level=conf_level)
        row = {"stage": name, "estimate": mean.estimate, "std_error": mean.std_error}
        row |= {"ci_low": low, "ci_high": high, "conf_level": conf_level, "n": mean.n}
        note = NEVER if not mean.n else "" if mean.df >= 1 else "one customer: no error"
        rows.append(row | {"n_missing": mean.n_missing, "method": "t, customers", "note": note})
    return arrange(rows, keys=["stage"])


def prepared(
    transitions: pd.DataFrame,
    margins: Amounts,
    discount: float,
    horizon: int | None,
    n_draws: int,
    seed: int,
    conf_level: float,
) -> Drawn:
    """Ladder, worth and draws from the arguments that every function of value takes."""
    require_conf_level(conf_level)
    ladder = ladder_chain(transitions)
    chain = ladder.chain
    means, errors = _margins(ladder, margins)
    worth = require_worth(ladder, means[ladder.kept], discount, horizon)
    matrices = chain.draws(n_draws, seed)
    # A stream of its own, so that errors of margins leave the draws of the matrix as they are.
    random = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])
    noise = random.standard_normal((n_draws, chain.k)) * errors[ladder.kept]
    return Drawn(ladder, worth, matrices, worth.margins + noise)


def _margins(ladder: Ladder, given: Amounts) -> tuple[Array, Array]:
    """Margins and their standard errors by stage."""
    if not isinstance(given, pd.DataFrame):
        values = ladder.vector("margins", given, what="the margin of one period")
        return values, np.zeros(len(values))
    require_columns(given, ["stage", "estimate"])
    table = given.set_index("stage")
    errors = table.get("std_error", pd.Series(0.0, table.index)).fillna(0.0)
    stages = zip(ladder.names, ladder.notes, ladder.absorbing, strict=True)
    unneeded = [name for name, note, ends in stages if note or ends]
    pairs = table["estimate"].items()
    known = {name: value for name, value in pairs if pd.notna(value) or name not in unneeded}
    filled = dict.fromkeys(unneeded, 0.0) | known
    values = ladder.vector("margins", filled, what="the margin of one period")
    return values, np.array([errors.get(name, 0.0) for name in ladder.names], float)


def _equity(ladder: Ladder, weights: Array, best: Array, sample: Array, conf_level: float) -> dict:
    row: dict = {"stage": "all", "measure": "equity"}
    row |= {"n": int(ladder.totals[~ladder.absorbing].sum()), "note": ""}
    left = [name for at, name in enumerate(ladder.names) if weights[at] and ladder.notes[at]]
    if left:
        return row | {"note": f"not known for customers on {', '.join(map(str, left))}"}
    inside = weights[ladder.kept]
    total = np.array(best @ inside)
    return row | numbers_row(total, sample @ inside, conf_level)


def _words(drawn: Drawn, paid: str) -> str:
    horizon = drawn.worth.horizon
    span = "no horizon" if horizon is None else f"{horizon} periods to come"
    when = "" if paid == "start" else ", margins at the end of a period"
    return f"Pfeifer–Carraway, {span}{when}, posterior draws"
