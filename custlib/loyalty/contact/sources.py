"""What a client costs by source of contact, where some clients cannot say where they came from."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_conf_level, require_list, require_numeric
from custlib.columns import arrange
from custlib.errors import DataError
from custlib.intervals import goodman

Array = np.ndarray
METHODS = {
    "share": "unknown shared out as the known; Goodman",
    "cost_per_client": "unknown shared out as the known; ends of the share",
    "revenue_per_cost": "unknown shared out as the known",
}


def source_costs(
    customers: pd.DataFrame,
    *,
    source: str,
    costs: pd.DataFrame,
    cost: str = "cost",
    unknown: Sequence[str] = (),
    amount: str | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Cost (money) of a client by source of contact, with bounds for clients of unknown source.

    Parameters
    ----------
    customers : DataFrame, one row per client who came
    source : str
        Column of the stated source, here and in `costs`.
    costs : DataFrame, one row per source
        What each source cost in the same time.
    cost : str, default "cost"
    unknown : list of str
        Answers that name no source, such as "I have been here before"; a missing answer names
        none either.
    amount : str, optional
        Column of the revenue of a client.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, rows "share", "cost_per_client" and, with `amount`, "revenue_per_cost" by source
        source, measure, estimate, ci_low, ci_high, conf_level, bound_low, bound_high, cost,
        rank_low, rank_high (1 the cheapest client; none where nobody came), n, n_missing (unknown),
        numerator, denominator (of the share), verdict, method, note.

    Raises
    ------
    DataError
        A column is absent, a source stands twice in `costs`, a cost is negative or no number.
    ParameterError
        `unknown` is a text and no list.

    Notes
    -----
    share = n/Σ n; cost_per_client = cost/((Σ n + U) share); its bounds = cost/(n + U) and cost/n;
    revenue_per_cost = known revenue (1 + unknown revenue/Σ known revenue)/cost; its bounds add to
    the known revenue all that is below zero of the unknown, or all that is above. The unknown U may
    all have come by one source: its clients are from n to n + U, whatever the sample. Inside these
    bounds the estimate gives each source its share of the unknown as of the known, which holds
    where not knowing has nothing to do with the source. Intervals are of chance among the known and
    say nothing of the unknown. Ranks are the best and the worst that any division of the unknown
    allows.

    Assumes: each client has one source, told truly where told; costs and clients are of the same
    time.

    Not for: the cost of one client more, as mean costs say nothing of the next; clients moved by
    several sources in turn; a cost within the interval for certain: only the bounds hold the
    unknown.

    References
    ----------
    Manski, C. (2003). Partial Identification of Probability Distributions. doi:10.1007/b97478

    Examples
    --------
    >>> heard = pd.DataFrame({"source": ["web", "web", "flyer", "been here"]})
    >>> paid = pd.DataFrame({"source": ["web", "flyer"], "cost": [30, 60]})
    >>> found = source_costs(heard, source="source", costs=paid, unknown=["been here"])
    >>> found.query("measure == 'cost_per_client'")[["bound_low", "bound_high"]].values.tolist()
    [[10.0, 15.0], [30.0, 60.0]]
    """
    require_conf_level(conf_level)
    require_list("unknown", unknown)
    require_columns(customers, [source, amount])
    paid = _costs(costs, source, cost)
    answers = customers[source].astype(object)
    lost = answers.isna() | answers.isin(list(unknown)) | answers.map(_is_blank)
    named = answers[~lost].value_counts()
    strange = [name for name in named.index if name not in paid.index]
    sources = [
        name for name in [*paid.index, *sorted(strange, key=str)] if name not in set(unknown)
    ]
    if not sources:
        raise DataError.because(
            "There is no source.",
            "Expected clients who name one, or sources with a cost.",
            "Check the columns, and which answers count as unknown.",
        )
    counts = named.reindex(sources).fillna(0).to_numpy(float)
    spent = paid.reindex(sources).to_numpy(float)
    u = int(lost.sum())
    base = {"conf_level": conf_level, "n_missing": u, "n": len(customers) - u}
    rows = _shares(counts, u, conf_level)
    blocks = [("share", rows), ("cost_per_client", _per_client(counts, u, spent, rows))]
    if amount is not None:
        money = require_numeric(customers, amount)
        blocks.append(("revenue_per_cost", _returns(answers, lost, money, sources, spent)))
    low, high = _ranks(spent, counts, u)
    table = []
    for measure, block in blocks:
        for at, name in enumerate(sources):
            row = base | {"source": name, "measure": measure, "cost": spent[at]} | block[at]
            if measure == "cost_per_client":
                row |= {"rank_low": low[at], "rank_high": high[at]}
                row["verdict"] = _verdict(low[at], high[at], int(np.isfinite(spent).sum()))
            table.append({"verdict": "", "method": METHODS[measure]} | row)
    return arrange(table, keys=["source", "measure"])


def _costs(costs: pd.DataFrame, source: str, cost: str) -> pd.Series:
    require_columns(costs, [source, cost])
    values = require_numeric(costs, cost)
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero(
            costs[source].duplicated(keep=False).to_numpy()
            | costs[source].isna().to_numpy()
            | (values < 0)
        )
    if len(wrong):
        pairs = zip(costs.index[wrong[:5]], costs[source].iloc[wrong[:5]], strict=True)
        raise DataError.because(
            f"{len(wrong)} rows of the costs are of no source, of one that stands twice, or below"
            f" zero; first: {', '.join(f'row {row}: {name}' for row, name in pairs)}.",
            "Expected one row a source, with what it cost, from 0 up.",
            "Add up the costs of a source, and leave refunds out.",
        )
    return pd.Series(values, index=costs[source].to_numpy())


def _is_blank(answer: object) -> bool:
    return isinstance(answer, str) and not answer.strip()


def _shares(counts: Array, u: int, conf_level: float) -> list[dict]:
    """Share of the clients by source: of those who know, with bounds over the others."""
    known = counts.sum()
    everybody = known + u
    missing = dict.fromkeys(("estimate", "ci_low", "ci_high"), np.nan)
    if not known:
        bounds = {"bound_low": 0.0 if u else np.nan, "bound_high": 1.0 if u else np.nan}
        note = "nobody named a source" if u else "no clients"
        blank = {"numerator": 0, "denominator": 0, "note": note}
        return [missing | bounds | blank for _ in counts]
    low, high = goodman(counts, conf_level=conf_level)
    return [
        {"estimate": count / known, "ci_low": low[at], "ci_high": high[at]}
        | {"bound_low": count / everybody, "bound_high": (count + u) / everybody}
        | {"numerator": count, "denominator": known}
        | {"note": "" if count else "nobody named it"}
        for at, count in enumerate(counts)
    ]


def _per_client(counts: Array, u: int, spent: Array, shares: list[dict]) -> list[dict]:
    everybody = counts.sum() + u
    rows = []
    for count, price, share in zip(counts, spent, shares, strict=True):
        estimate, high, low = (
            _over(price, everybody * share[name]) for name in ("estimate", "ci_low", "ci_high")
        )
        row = {"estimate": estimate, "ci_low": low, "ci_high": high}
        row |= {"bound_low": _over(price, count + u), "bound_high": _over(price, count)}
        note = "no cost given" if np.isnan(price) else share["note"]
        if count == 0 and price > 0:
            note += "; it may have brought nobody, at any cost a client" if u else ""
            row["ci_low"] = row["ci_high"] = np.nan
        rows.append(row | {"note": note})
    return rows


def _over(price: float, clients: float) -> float:
    """Cost of one client; missing where there may be none."""
    return float(price / clients) if clients > 0 else np.nan


def _returns(
    answers: pd.Series, lost: pd.Series, money: Array, sources: Sequence, spent: Array
) -> list[dict]:
    """Revenue for one unit of cost."""
    blank = int(np.isnan(money).sum())
    known = np.array([np.nansum(money[(answers == name).to_numpy()]) for name in sources])
    # Any source may have brought the refunds of the unknown alone, or their purchases alone.
    unknown = money[lost.to_numpy()]
    down, up = (float(np.nansum(half(unknown, 0))) for half in (np.minimum, np.maximum))
    why = ""
    if down + up and known.min() < 0:
        why = "a source has negative revenue: that of the unknown is not shared out"
    elif down + up and known.sum() == 0:
        why = "no known revenue by which to share out that of the unknown"
    factor = np.nan if why else 1 + (down + up) / (known.sum() or 1.0)
    rows = []
    for revenue, price in zip(known, spent, strict=True):
        values = {"estimate": revenue * factor, "bound_low": revenue + down}
        values["bound_high"] = revenue + up
        row = {name: _over(value, price) for name, value in values.items()}
        note = "no cost given" if np.isnan(price) else "costs nothing" if price == 0 else why
        note = note or (f"{blank} clients without revenue" if blank else "")
        rows.append(row | {"ci_low": np.nan, "ci_high": np.nan, "note": note})
    return rows


def _ranks(spent: Array, counts: Array, u: int) -> tuple[list, list]:
    """Best and worst rank of each source by cost of a client, over all divisions of the unknown."""
    priced = np.flatnonzero(np.isfinite(spent) & (counts.sum() + u > 0))
    low: list[int | None] = [None] * len(spent)
    high: list[int | None] = [None] * len(spent)
    for at in priced:
        others = [other for other in priced if other != at]
        # At its best all unknown are its own; at its worst they make as many others cheaper as
        # they can, those first that need fewest.
        best = _each(spent[at], counts[at] + u)
        low[at] = 1 + sum(_each(spent[other], counts[other]) < best for other in others)
        worst = _each(spent[at], counts[at])
        needs = sorted(_needed(spent[other], counts[other], worst) for other in others)
        high[at] = 1 + int((np.cumsum(needs) <= u).sum())
    return low, high


def _each(price: float, clients: float) -> float:
    """Cost of a client; endless where there is a cost and nobody."""
    if clients > 0:
        return price / clients
    return np.inf if price > 0 else 0.0


def _needed(price: float, clients: float, limit: float) -> float:
    """How many more clients make a source cheaper than a limit."""
    if _each(price, clients) < limit:
        return 0.0
    if limit <= 0 or (np.isinf(limit) and price == 0):
        return np.inf
    more = 1.0 if np.isinf(limit) else max(np.floor(price / limit - clients) + 1, 0.0)
    return more if _each(price, clients + more) < limit else more + 1


def _verdict(low: int | None, high: int | None, many: int) -> str:
    if low is None or high is None:
        return ""
    if low == high:
        return "cheapest" if low == 1 else "dearest" if low == many else "rank certain"
    return "rank open"
