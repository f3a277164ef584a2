"""Best-worst scaling: what is picked as most and least important from small sets of items."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_conf_level, require_distinct, require_list
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import DataError
from custlib.groups import group_rows
from custlib.intervals import share_interval, t_interval
from custlib.survey.ranking.choices import Choices, grouped_worths
from custlib.variance import FEW_CLUSTERS, Mean

Array = np.ndarray


def best_worst_counts(
    tasks: pd.DataFrame,
    *,
    shown: Sequence[str],
    best: str,
    worst: str,
    by: str | None = None,
    design: SurveyDesign | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """How often each item is picked, less how often it is rejected, per time shown: −1 to 1.

    Parameters
    ----------
    tasks : DataFrame, one row per task
        A set of items shown together, the best and the worst of them.
    shown : list of str
        Columns with the names of the items shown; a cell may be empty where sets are unequal.
    best, worst : str
        Columns with the name picked. A task without either is missing.
    by : str, optional
        Column of groups.
    design : SurveyDesign, optional
        Name the respondent (or firm) as cluster: one person answers several tasks.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, three rows ("best_less_worst", "best", "worst") per group and item
        The `by` column if given, item, measure, estimate, std_error, ci_low, ci_high,
        conf_level, df, n (tasks that showed the item), n_missing (tasks without an answer),
        numerator and denominator (unweighted picks and times shown, of best and of worst), note.

    Raises
    ------
    DataError
        A pick that was not shown, one item picked as both, or an item twice in a task.

    Notes
    -----
    best_less_worst = Σ w [1(best) − 1(worst)]/Σ w over the answered tasks that showed the item;
    best = Σ w 1(best)/Σ w; worst = Σ w 1(worst)/Σ w. Standard errors are linearized; the difference
    has the t interval, cut at −1 and 1, the shares Wilson's on the effective number of tasks.

    Assumes: the sets were balanced: each item was shown about as often, and with each other item
    about as often; tasks of one person are a cluster.

    Not for: sets in which some items met weaker rivals, as counts do not allow for them
    (`best_worst_worths`), or how many times more one item is wanted than another.

    References
    ----------
    Finn, A. & Louviere, J. (1992). J. Public Policy & Marketing 11:12–25.

    Examples
    --------
    >>> tasks = pd.DataFrame({"a": ["price"] * 4, "b": ["speed"] * 4,
    ...     "best": ["price", "price", "speed", "price"],
    ...     "worst": ["speed", "speed", "price", "speed"]})
    >>> counts = best_worst_counts(tasks, shown=["a", "b"], best="best", worst="worst")
    >>> counts.query("measure == 'best_less_worst'")["estimate"].tolist()  # (3 - 1) / 4
    [0.5, -0.5]
    """
    require_conf_level(conf_level)
    items, available, picks = _read_tasks(tasks, shown, best, worst)
    sample = (design or SurveyDesign()).sample(tasks)
    answered = np.all(picks >= 0, axis=1)
    rows = []
    for group, members in group_rows(tasks, by):
        inside = sample.within_domain(members)
        n_missing = int((inside & ~answered).sum())
        for at, item in enumerate(items):
            seen = inside & answered & available[:, at]
            chosen, rejected = (picks[:, side] == at for side in (0, 1))
            values = {"best_less_worst": chosen.astype(float) - rejected}
            values |= {"best": chosen.astype(float), "worst": rejected.astype(float)}
            for measure, value in values.items():
                key = ({by: group} if by else {}) | {"item": item, "measure": measure}
                share = measure != "best_less_worst"
                mean = sample.mean(value, seen)
                row = _count_row(mean, conf_level, share=share)
                if share:
                    row["numerator"] = int(value[seen].sum())
                rows.append(key | row | {"n_missing": n_missing})
    return arrange(rows, keys=[*([by] if by else []), "item", "measure"])


def best_worst_worths(
    tasks: pd.DataFrame,
    *,
    shown: Sequence[str],
    best: str,
    worst: str,
    by: str | None = None,
    design: SurveyDesign | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Worth of each item from best-worst choices, 0–1, summing to 1.

    Parameters
    ----------
    tasks, shown, best, worst, by, design, conf_level
        As in `best_worst_counts`.

    Returns
    -------
    DataFrame, two rows ("worth", "log_worth") per group and item
        The `by` column if given, item, measure, estimate, std_error, ci_low, ci_high,
        conf_level, df, n (tasks used), n_missing, note. Log worths have mean zero.

    Raises
    ------
    DataError
        A pick that was not shown, one item picked as both, or an item twice in a task.
    FitError
        An item is always picked, or never; with `by` its group gets a note instead.

    Notes
    -----
    P(b is best) = e^u_b/Σ e^u over the set; P(w is worst) = e^(−u_w)/Σ e^(−u) over the rest; worth
    = e^u_j/Σ e^u over all items. This is the sequential logit, by maximum likelihood; its worths
    can be set beside those of rankings. Standard errors are the sandwich under the design.

    Assumes: best first, then worst of the rest, both by the same u; odds of two items do not hang
    on the others of the set; tastes within a group are alike but for chance.

    Not for: an item always or never picked, whose worth is not finite; camps averaged into one
    taste (`by`); items nearly the same, which share the picks between them.

    References
    ----------
    Marley, A. & Louviere, J. (2005). J. Mathematical Psychology 49:464–480.
    doi:10.1016/j.jmp.2005.05.003

    Examples
    --------
    >>> tasks = pd.DataFrame({"a": ["price"] * 4, "b": ["speed"] * 4,
    ...     "best": ["price", "price", "speed", "price"],
    ...     "worst": ["speed", "speed", "price", "speed"]})
    >>> worths = best_worst_worths(tasks, shown=["a", "b"], best="best", worst="worst")
    >>> worths.query("measure == 'worth'")["estimate"].round(6).tolist()
    [0.75, 0.25]
    >>> # R: plogis(coef(glm(won ~ 1, binomial)))
    """
    require_conf_level(conf_level)
    items, available, picks = _read_tasks(tasks, shown, best, worst)
    require_distinct(items, at_least=2)
    answered = np.all(picks >= 0, axis=1)
    return grouped_worths(
        tasks,
        _choices(available, picks, answered),
        answered,
        items=items,
        by=by,
        design=design,
        conf_level=conf_level,
    )


def _count_row(mean: Mean, conf_level: float, *, share: bool) -> dict:
    """Wilson's interval of a share; a difference of shares ends at -1 and 1."""
    if share:
        low, high = share_interval(mean, conf_level=conf_level)
    else:
        ends = t_interval(mean.estimate, mean.std_error, mean.df, conf_level=conf_level)
        low, high = np.clip(ends, -1, 1)
    note = "" if mean.n > 1 else "shown once" if mean.n else "never shown"
    if not note and np.isnan(mean.std_error):
        note = FEW_CLUSTERS
    return {
        "estimate": mean.estimate,
        "std_error": mean.std_error,
        "ci_low": low,
        "ci_high": high,
        "conf_level": conf_level,
        "df": mean.df,
        "n": mean.n,
        "denominator": mean.n,
        "note": note,
    }


def _read_tasks(
    tasks: pd.DataFrame, shown: Sequence[str], best: str, worst: str
) -> tuple[list[str], Array, Array]:
    """Names of all items, which were shown (tasks, items), and both picks (−1 where missing)."""
    require_list("shown", shown)
    require_columns(tasks, [*shown, best, worst])
    require_distinct(list(shown), at_least=2)
    items = list(pd.unique(tasks[list(shown)].to_numpy().T.ravel()))
    items = [item for item in items if pd.notna(item)]
    if not items:
        raise DataError.because(
            f"No item is shown in the {len(tasks)} tasks.",
            "Expected names of items in the columns of what was shown.",
            "Check the columns, and that the file has rows.",
        )
    codes = np.column_stack([_codes(tasks[column], items) for column in shown])
    times = np.stack([(codes == at).sum(axis=1) for at in range(len(items))], axis=1)
    _refuse(tasks, np.any(times > 1, axis=1), "show one item twice", "items shown once in a task")
    picks = np.column_stack([_codes(tasks[column], items) for column in (best, worst)])
    named = tasks[[best, worst]].notna().to_numpy()
    seen = np.take_along_axis(np.column_stack([times, np.ones(len(tasks))]), picks, axis=1) > 0
    strange = named & ((picks < 0) | ~seen)
    _refuse(
        tasks, np.any(strange, axis=1), "pick what they did not show", "picks among those shown"
    )
    both = np.asarray((picks[:, 0] == picks[:, 1]) & (picks[:, 0] >= 0))
    _refuse(tasks, both, "pick one item as best and worst", "two items picked")
    return items, times > 0, picks


def _codes(names: pd.Series, items: list[str]) -> Array:
    return pd.Index(items).get_indexer(pd.Index(names))


def _refuse(tasks: pd.DataFrame, wrong: Array, found: str, expected: str) -> None:
    at = np.flatnonzero(wrong)
    if len(at):
        raise DataError.because(
            f"{len(at)} tasks {found}; first at rows {tasks.index[at[:5]].tolist()}.",
            f"Expected {expected}.",
            "Correct these tasks, or leave them out.",
        )


def _choices(available: Array, picks: Array, answered: Array) -> Choices:
    """The best of the set, then the worst of what is left; sets of one are no choice."""
    rest = available.copy()
    rest[answered, picks[answered, 0]] = False
    parts = []
    for left, side, sign in ((available, 0, 1.0), (rest, 1, -1.0)):
        used = np.flatnonzero(answered & (left.sum(axis=1) > 1))
        parts.append((left[used], picks[used, side], np.full(len(used), sign), used))
    return Choices(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
