"""A survey of the frame: who is drawn, what they are asked beside the scales, how it went."""

import numpy as np
import pandas as pd

from custlib.datasets.simulate.steel import planted
from custlib.datasets.simulate.steel.population import FACTORS, RANKS, RATED, Population

WHO = ["respondent", "firm", "market", "role", "tonnes", "firms_in_market", "contacts_in_firm"]
TRACES = ["weight", "submitted", "duration_seconds"]
CARELESS = ["straight_liner", "speeder"]


def draw_responses(population: Population, rng: np.random.Generator) -> pd.DataFrame:
    """Simple random firms within a market, then simple random contacts within a firm.

    The weight counts in tonnes: firms in the market per sampled firm, times the firm's tonnes,
    shared among the firm's respondents.
    """
    firms = population.firms
    market = firms["market"].to_numpy()
    in_market = firms.groupby("market")["firm"].transform("size").to_numpy()
    n_firms = np.round(in_market * sampling_share(market)).astype(int)
    drawn = places(rng.random(len(firms)), market) <= n_firms
    reached = rng.binomial(firms["contacts"], planted.REACHED_SHARE)
    least = np.minimum(firms["contacts"], planted.LEAST_RESPONDENTS)
    wanted = np.where(drawn, np.clip(reached, least, planted.MOST_RESPONDENTS), 0)

    people = population.contacts
    at = np.repeat(np.arange(len(firms)), firms["contacts"])
    asked = np.flatnonzero(places(rng.random(len(people)), at) <= wanted[at])
    firm_at = at[asked]
    weight = (in_market / n_firms * firms["tonnes"])[firm_at].to_numpy() / wanted[firm_at]
    return (
        people.iloc[asked]
        .reset_index(drop=True)
        .assign(firms_in_market=in_market[firm_at], weight=np.round(weight, 6))
    )


def sampling_share(market: np.ndarray) -> np.ndarray:
    """Planned share of a market's firms that is drawn, one value a firm."""
    share = {name: place.sampled / place.firms for name, place in planted.MARKETS.items()}
    return np.array([share[name] for name in market])


def places(keys: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Place of each key within its group, 1 the smallest: random keys make a random order."""
    return pd.Series(keys).groupby(group).rank(method="first").to_numpy()


def add_traces(responses: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Respondent names, seconds taken and day of submission, in the order of submission."""
    n = len(responses)
    seconds = planted.DURATION_MEDIAN_SECONDS * rng.lognormal(0, planted.DURATION_LOG_SD, n)
    speeder = rng.random(n) < planted.SPEEDER_SHARE
    seconds = np.where(speeder, rng.uniform(*planted.SPEEDER_SECONDS, n), seconds)
    # Most answers come early, a tail comes after reminders.
    day = np.floor(rng.beta(1.2, 2.2, n) * planted.FIELD_DAYS).astype(int)
    submitted = pd.Timestamp(planted.FIELD_START) + pd.to_timedelta(day, unit="D")
    table = responses.assign(
        submitted=submitted.strftime("%Y-%m-%d"),
        duration_seconds=np.round(seconds).astype(int),
        speeder=speeder,
    )
    table = table.sort_values(["submitted", "contact"]).reset_index(drop=True)
    table.insert(0, "respondent", [f"R{number:03d}" for number in range(1, n + 1)])
    return table[[*WHO, *TRACES, *RATED, *RANKS, *CARELESS]]


def choose_best_worst(responses: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Best and worst of four factors, six times a respondent; each factor is shown three times.

    Best first, then worst among the rest (sequential best-worst logit).
    """
    n, n_factors = len(responses), len(FACTORS)
    rounds = planted.TASKS * planted.TASK_SIZE // n_factors
    order = rng.permuted(np.tile(np.arange(n_factors), (n, rounds, 1)), axis=2)
    shown = order.reshape(n * planted.TASKS, planted.TASK_SIZE)
    worth = pd.DataFrame(planted.LOG_WORTH).loc[responses["role"]].to_numpy()
    utility = np.take_along_axis(np.repeat(worth, planted.TASKS, axis=0), shown, axis=1)
    best = (utility + rng.gumbel(size=utility.shape)).argmax(axis=1)
    against = -utility + rng.gumbel(size=utility.shape)
    row = np.arange(len(shown))
    against[row, best] = -np.inf
    names = np.array(FACTORS)[shown]
    table = pd.DataFrame(
        {
            "respondent": np.repeat(responses["respondent"].to_numpy(), planted.TASKS),
            "task": np.tile(np.arange(1, planted.TASKS + 1), n),
        }
    )
    for place in range(planted.TASK_SIZE):
        table[f"shown_{place + 1}"] = names[:, place]
    return table.assign(best=names[row, best], worst=names[row, against.argmax(axis=1)])
