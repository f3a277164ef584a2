"""Who stands where on the ladder: a stage for every customer and period, by rules."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_at_least, require_columns, require_conf_level, require_one_of
from custlib.columns import arrange
from custlib.errors import DataError, ParameterError
from custlib.intervals import share_of
from custlib.loyalty.ladder.history import History, event_history
from custlib.loyalty.ladder.periods import in_order, last_over
from custlib.loyalty.ladder.rules import ANY, Rules, StageRule, ladder_of, stage_rules
from custlib.periods import PERIODS, period_label

Array = np.ndarray
UNSEEN, NO_RULE, TOO_EARLY = "not observed", "no rule matches", "too little history"
NEVER, ALL = "never reached", "all"
NOTES = np.array(["", NO_RULE, UNSEEN, TOO_EARLY], object)


def ladder_stages(
    events: pd.DataFrame,
    *,
    rules: Rules,
    customer: str = "customer",
    date: str = "date",
    event: str | None = "event",
    amount: str | None = None,
    period: str = "quarter",
    match: str = "first",
    unmatched: str = "raise",
    unobserved: str | None = None,
    until: Any = None,
    date_format: str | None = None,
    warm_up: int = 0,
) -> pd.DataFrame:
    """Stage of each customer in each period since their first event, by rules that are data.

    Parameters
    ----------
    events : DataFrame, one row an event
    rules : list of str or mappings
        From the top rung down, as `stage_rules` reads them.
    customer, date : str
    event : str, optional
        Kind of event; None where every row is an order.
    amount : str, optional
        What the event brought in, summed by period.
    period : {"month", "quarter", "half_year", "year"}
    match : {"first", "last"}
        Which of the rules that hold gives the stage.
    unmatched : {"raise", "missing"}
        What is done where no rule holds.
    unobserved : str, optional
        Kind of event that marks a period in which this customer was not observed.
    until : date, optional
        Last day of the records: a period not over then is left out. By default the period of the
        last event counts as over.
    date_format : str, optional
        How days are written, such as "%d/%m/%Y"; by default found out by evidence. Of times with a
        zone it is the day of their own clock.
    warm_up : int, default 0
        Periods at the start that rules look back on, and that get no stage themselves.

    Returns
    -------
    DataFrame, one row a customer and period
        customer, period, stage (ordered categories, the lowest first), amount where asked for,
        note. A period that was not observed keeps its row without a stage.

    Raises
    ------
    DataError
        No events, gaps among customers, days or kinds, an infinite amount, or cells in which no
        rule holds.
    ParameterError
        A rule that cannot be read, or asks for amounts where none are named.

    Notes
    -----
    A rule that looks back over a period that was not observed counts what was seen. A stage that
    nobody reaches stays among the categories. A kind of event that never occurs is no error, but
    one written nearly like another is warned of.

    Examples
    --------
    >>> events = pd.DataFrame({"customer": ["a", "a", "a"], "event": "order",
    ...                        "date": ["2024-01-05", "2024-02-09", "2024-08-01"]})
    >>> found = ladder_stages(events, rules=["regular: order >= 2 in last 1",
    ...                                      "buyer: order >= 1 in last 1", "idle: otherwise"])
    >>> list(zip(found["period"], found["stage"]))
    [('2024 Q1', 'regular'), ('2024 Q2', 'idle'), ('2024 Q3', 'buyer')]
    """
    require_one_of("period", period, PERIODS)
    require_one_of("match", match, ("first", "last"))
    require_one_of("unmatched", unmatched, ("raise", "missing"))
    require_at_least("warm_up", warm_up, 0)
    read = stage_rules(rules)
    if {customer, date} & {"period", "stage", "note"}:
        raise ParameterError.because(
            f"customer is {customer!r}, date is {date!r}.",
            "Expected columns with other names than period, stage and note.",
            "Rename the columns.",
        )
    history = event_history(
        events,
        customer=customer,
        date=date,
        event=event,
        amount=amount,
        period=period,
        last_number=None if until is None else last_over(until, period),
        unobserved=unobserved,
        date_format=date_format,
        rules=read,
    )
    codes = _stage_codes(history, read, match)
    return _laid_out(history, codes, read, period, warm_up, unmatched, amount is not None)


def _stage_codes(history: History, rules: list[StageRule], match: str) -> Array:
    """Position of the stage on the ladder, −1 where no rule holds."""
    ladder = ladder_of(rules)
    codes = np.full(history.unobserved.shape, -1)
    # The rule that counts is written last.
    for rule in rules[::-1] if match == "first" else rules:
        inside = np.ones(codes.shape, bool)
        for condition in rule.conditions:
            inside &= history.holds(condition)
        codes[inside] = ladder.index(rule.stage)
    return codes


def _laid_out(
    history: History,
    codes: Array,
    rules: list[StageRule],
    period: str,
    warm_up: int,
    unmatched: str,
    with_amount: bool,
) -> pd.DataFrame:
    periods = codes.shape[1]
    rows, columns = np.nonzero(np.arange(periods) >= history.entered[:, None])
    found, seen = codes[rows, columns], ~history.unobserved[rows, columns]
    why = np.where(columns < warm_up, 3, np.where(seen, found < 0, 2))
    names = [period_label(history.first_number + at, period) for at in range(periods)]
    lost = np.flatnonzero(why == 1)
    if len(lost) and unmatched == "raise":
        pairs = [
            f"{history.customers[rows[at]]} in {names[columns[at]]}" for at in lost[:5].tolist()
        ]
        raise DataError.because(
            f"No rule holds for {len(lost):,} of {len(rows):,} customers and periods; first:"
            f" {', '.join(pairs)}.",
            "Expected that some rule holds for each.",
            'End the rules with one such as "prospect: otherwise", or pass unmatched="missing".',
        )
    stage = pd.Categorical.from_codes(
        np.where(why == 0, found, -1), categories=ladder_of(rules), ordered=True
    )
    table = {
        str(history.customers.name): history.customers.to_numpy()[rows],
        "period": np.array(names, object)[columns],
        "stage": stage,
        "note": NOTES[why],
    }
    if with_amount:
        table["amount"] = np.where(seen, history.amounts[ANY][rows, columns], np.nan)
    keys = [str(history.customers.name), "period", "stage"]
    return arrange(pd.DataFrame(table), keys=keys)


def ladder_shares(
    stages: pd.DataFrame,
    *,
    period: str = "period",
    stage: str = "stage",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share (0–1) of the customers seen in each period that stand on each stage.

    Parameters
    ----------
    stages : DataFrame, one row a customer and period
    period, stage : str
        A stage given as categories keeps those that nobody reached. Periods as in
        `ladder_transitions`.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        period, stage, estimate, ci_low, ci_high, conf_level, n, n_missing, numerator,
        denominator, note. A stage that nobody ever reached keeps its rows.

    Raises
    ------
    DataError
        A column is absent, there is no row, or a period is missing, or they sort in more than one
        way.

    Notes
    -----
    estimate = customers on the stage/customers seen in the period. Wilson's interval, each share by
    itself; n_missing counts customers not observed then.

    Assumes: customers seen in a period are independent and like those not observed then; each
    period is read by itself.

    Not for: differences between periods, as the same customers stand in both
    (`ladder_transitions`), or all stages at once: the intervals are one at a time.

    References
    ----------
    Wilson, E. (1927). JASA 22:209–212. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> seen = pd.DataFrame({"period": [1, 1, 1], "stage": ["buyer", "idle", "idle"]})
    >>> ladder_shares(seen)[["stage", "numerator", "denominator"]].values.tolist()
    [['buyer', 1, 3], ['idle', 2, 3]]
    >>> # R: prop.table(table(...))
    """
    require_columns(stages, [period, stage])
    require_conf_level(conf_level)
    names = stage_names(stages, stage)
    order = in_order(stages, period)
    counts = pd.crosstab(stages[period], stages[stage].astype(object))
    counts = counts.reindex(index=order, columns=names, fill_value=0)
    listed = stages.groupby(period)[stage].size().reindex(order)
    totals, ever = counts.sum(axis=1), counts.sum(axis=0)
    rows = []
    for at in order:
        n = int(totals[at])
        for name in names:
            share = share_of(int(counts.loc[at, name]), n, conf_level=conf_level)
            row = {"period": at, "stage": name, "n_missing": int(listed[at]) - n}
            rows.append(row | share | {"note": "" if ever[name] else NEVER})
    return arrange(rows, keys=["period", "stage"])


def stage_names(
    stages: pd.DataFrame,
    stage: str,
    given: Sequence[str] | None = None,
    absorbing: Sequence[str] = (),
) -> list[str]:
    """All stages, the lowest first: those named, else the categories, else those found, sorted."""
    column = stages[stage]
    found = set(column.dropna().unique())
    names = sorted(found, key=str) if given is None else [*given]
    if given is None and isinstance(column.dtype, pd.CategoricalDtype):
        names = [*column.cat.categories]
    if not {*names} - {*absorbing}:
        raise DataError.because(
            f"No stage that customers can leave, in {len(stages):,} rows.",
            "Expected at least one.",
            "Look at the filter and the rules, or name all stages with ladder=.",
        )
    if ALL in names:
        raise DataError.because(
            f"A stage is called {ALL!r}.",
            "Expected another name, as rows of all customers are called so.",
            "Rename it.",
        )
    strangers = sorted(found - set(names), key=str)
    if strangers or len(set(names)) < len(names):
        twice = sorted({str(name) for name in names if names.count(name) > 1})
        raise DataError.because(
            f"Stages not among those named: {', '.join(map(str, strangers[:5]))}."
            if strangers
            else f"Stages named more than once: {', '.join(twice)}.",
            f"Expected each of the stages once: {', '.join(map(str, names))}.",
            "Correct ladder, the list of stages from the lowest up.",
        )
    return names
