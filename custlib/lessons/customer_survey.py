"""A survey of a steel works' customers whose truth is known, and a slider on its weights."""

from typing import Any

import numpy as np
import pandas as pd

from custlib import charts
from custlib.intervals import wilson
from custlib.lessons.slider import slide
from custlib.report.numbers import count, percent

CHANNELS = ("contract", "web shop", "telephone", "agent", "trade fair")
SATISFIED = {"end user": 0.4, "trader": 0.8}  # planted chance that a person is satisfied
# Rows of the three small channels; the first has enough rows, but too few answers.
SMALL_CHANNELS, LEFT_BLANK = (34, 21, 45), 7


def simulate_customers(
    *, firms: int, eagerness: float, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Ledger of a steel works' customer firms, the answers of those that took part, the truth.

    Parameters
    ----------
    firms : int
        Customers in the ledger, 4 in 10 of them traders.
    eagerness : float
        How many times as often a trader takes part as an end user does.
    seed : int

    Returns
    -------
    ledger : DataFrame
        One row a firm: firm, role, market, tonnes.
    answers : DataFrame
        One row a person, 1 to 5 a firm: firm, role, market, channel, delivery (1–5, or missing
        where nothing was delivered). The chance to answer 4 or 5 is `SATISFIED` on average,
        and differs between the firms of a role.
    truth : Series
        Of each role the share satisfied (0–1) among the people of all firms, asked or not.
    """
    rng = np.random.default_rng(seed)
    role = rng.permutation(np.where(np.arange(firms) < 0.4 * firms, "trader", "end user"))
    trader = role == "trader"
    market = np.where(rng.random(firms) < np.where(trader, 0.65, 0.15), "export", "home")
    tonnes = rng.gamma(3, np.where(trader, 150, 200)).round(1) + 1
    names = [f"F{at:03}" for at in range(1, firms + 1)]
    ledger = pd.DataFrame({"firm": names, "role": role, "market": market, "tonnes": tonnes})
    chance = np.where(trader, SATISFIED["trader"], SATISFIED["end user"])
    # Beta(2p, 2 − 2p) has mean p: firms differ, and the answers of one firm are alike.
    of_firm = rng.beta(2 * chance, 2 * (1 - chance))
    firm = np.repeat(np.arange(firms), 1 + rng.binomial(4, 0.3, firms))
    satisfied = pd.Series(rng.random(len(firm)) < of_firm[firm])
    truth = satisfied.groupby(role[firm]).mean()
    took_part = rng.random(firms) < np.where(trader, 0.75, 0.75 / eagerness)
    asked = np.flatnonzero(took_part[firm])
    answers = ledger.loc[firm[asked], ["firm", "role", "market"]].reset_index(drop=True)
    high, low = rng.choice([4, 5], len(asked)), rng.integers(1, 4, len(asked))
    answers["channel"], blank = _channels(len(asked), rng)
    delivery = np.where(blank, np.nan, np.where(satisfied[asked], high, low))
    return ledger, answers.assign(delivery=delivery), truth


def _channels(people: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A channel for each person, and who of them had no delivery."""
    large = people - sum(SMALL_CHANNELS)
    sizes = [*SMALL_CHANNELS, large // 2, large - large // 2]
    at = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    blank = rng.random(people) < 0.1
    first = np.flatnonzero(at == 0)
    blank[first] = np.arange(len(first)) < LEFT_BLANK
    return rng.permutation(CHANNELS)[at], blank


def weight_shift(answers: pd.DataFrame, end_user_share: float) -> pd.DataFrame:
    """Share satisfied (0–1) where every answer counts alike, and where end users carry a share.

    Parameters
    ----------
    answers : DataFrame
        As `simulate_customers` makes it.
    end_user_share : float, 0–1
        Share of the weight that the end users carry together.

    Returns
    -------
    DataFrame, two rows
        item, estimate, ci_low, ci_high, n_effective; Wilson's interval on Kish's effective n.
    """
    valid = answers.dropna(subset="delivery")
    end_user = (valid["role"] == "end user").to_numpy()
    shifted = np.where(end_user, end_user_share / end_user.sum(), 0.0)
    shifted += np.where(end_user, 0.0, (1 - end_user_share) / (~end_user).sum())
    rows = []
    for name, weight in (("Every answer counts alike", np.ones(len(valid))), ("", shifted)):
        estimate = float(np.average(valid["delivery"] >= 4, weights=weight))
        n_effective = effective_size(weight)
        low, high = wilson(estimate, n_effective)
        worth = f"{count(len(valid))} answers, worth {count(n_effective)}"
        name = name or f"End users carry {percent(end_user_share)} of the weight"
        row = {"item": f"{name}: {worth}", "estimate": estimate}
        rows.append(
            row | {"ci_low": float(low), "ci_high": float(high), "n_effective": n_effective}
        )
    return pd.DataFrame(rows)


def slide_weight(answers: pd.DataFrame) -> Any:
    """A slider for the end users' share of the weight, and below it what becomes of the share."""

    def draw(end_users: float) -> Any:
        with charts.style():
            ax = charts.plot_profile(weight_shift(answers, end_users), unit="Share satisfied, 0–1")
            ax.set_xlim(0, 1)
            return charts.finish(ax, source="this lesson", conf_level=0.95, simulated=True)

    start = float((answers.dropna(subset="delivery")["role"] == "end user").mean())
    return slide(draw, name="End users", start=round(start, 2), low=0, high=1, step=0.01)


def effective_size(weight: Any) -> float:
    """Kish: (sum w)² / sum w², the answers of equal weight that would tell as much."""
    return float(np.sum(weight) ** 2 / np.sum(np.square(weight)))
