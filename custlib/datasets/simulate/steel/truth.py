"""What a census of the frame would find: the numbers a survey of it should recover."""

from typing import Any

import numpy as np
import pandas as pd

from custlib.datasets.simulate.steel import planted
from custlib.datasets.simulate.steel.population import (
    ATTRIBUTES,
    FACTORS,
    RATED,
    Population,
)

DIGITS = 6
TOP_BOX = {item: 9 if item == "recommend" else 4 for item in RATED}


def census(population: Population) -> dict[str, Any]:
    """Finite-population means and top-two shares, and the planted numbers behind them.

    A firm counts by its tonnes, and its contacts share them equally; a contact who would not
    answer an item is left out of that item, as in any survey of them.
    """
    people = population.contacts
    places = {
        "everyone": {"everyone": np.ones(len(people), dtype=bool)},
        "role": {name: (people["role"] == name).to_numpy() for name in planted.ROLES},
        "market": {name: (people["market"] == name).to_numpy() for name in planted.MARKETS},
    }
    mean = {by: {g: means(people[at]) for g, at in groups.items()} for by, groups in places.items()}
    top = {by: {g: shares(people[at]) for g, at in groups.items()} for by, groups in places.items()}
    return {
        "simulated": True,
        "estimand": "mean over the frame, each firm weighted by its tonnes",
        "firms": len(population.firms),
        "contacts": len(people),
        "tonnes": int(population.firms["tonnes"].sum()),
        "mean": mean,
        "top_box": top,
        "difference": {
            item: rounded(mean["role"]["end_user"][item] - mean["role"]["trader"][item])
            for item in RATED
        },
        "deviation": deviations(mean["everyone"]["everyone"]),
        "correlation_with_overall": correlations(people),
        "planted": planted_truth(),
    }


def rounded(number: float) -> float:
    """A number as it is stored."""
    return round(float(number), DIGITS)


def answered(people: pd.DataFrame, item: str) -> tuple[np.ndarray, np.ndarray]:
    """Answers and tonnes of those who would answer the item."""
    said = (~people[item].isin([planted.REFUSED, planted.DO_NOT_KNOW])).to_numpy()
    tonnes = (people["tonnes"] / people["contacts_in_firm"]).to_numpy()
    return people[item].to_numpy(float)[said], tonnes[said]


def means(people: pd.DataFrame) -> dict[str, float]:
    """Tonnage-weighted mean answer of each rated item."""
    pairs = {item: answered(people, item) for item in RATED}
    return {item: rounded(np.average(x, weights=w)) for item, (x, w) in pairs.items()}


def shares(people: pd.DataFrame) -> dict[str, float]:
    """Tonnage-weighted share of the two best answers of each rated item."""
    pairs = {item: answered(people, item) for item in RATED}
    return {
        item: rounded(np.average(x >= TOP_BOX[item], weights=w)) for item, (x, w) in pairs.items()
    }


def deviations(mean: dict[str, float]) -> dict[str, float]:
    """Each attribute's mean less the mean of the other thirteen."""
    total = sum(mean[item] for item in ATTRIBUTES)
    others = len(ATTRIBUTES) - 1
    return {item: rounded(mean[item] - (total - mean[item]) / others) for item in ATTRIBUTES}


def correlations(people: pd.DataFrame) -> dict[str, float]:
    """Tonnage-weighted Pearson correlation of each attribute with overall satisfaction."""
    tonnes = (people["tonnes"] / people["contacts_in_firm"]).to_numpy()
    found = {}
    for item in ATTRIBUTES:
        pair = people[[item, "overall"]].to_numpy(float)
        said = (pair <= 5).all(axis=1)
        covariance = np.cov(pair[said], rowvar=False, aweights=tonnes[said])
        found[item] = rounded(covariance[0, 1] / np.sqrt(np.prod(np.diag(covariance))))
    return found


def planted_truth() -> dict[str, Any]:
    """The constants that the answers were made from."""
    worths = {role: [np.exp(planted.LOG_WORTH[f][role]) for f in FACTORS] for role in planted.ROLES}
    return {
        "latent_mean": {
            item: x for block in planted.ATTRIBUTES.values() for item, x in block.items()
        }
        | planted.OUTCOMES,
        "role_gap": planted.ROLE_GAP,
        "market_effect": {name: market.effect for name, market in planted.MARKETS.items()},
        "market_gap": {f"{place}.{item}": x for (place, item), x in planted.MARKET_GAP.items()},
        "icc": round(planted.VARIANCE_SHARE["firm"] + planted.VARIANCE_SHARE["firm_item"], 2),
        "driver_slope": planted.DRIVER_SLOPE,
        "worth": {
            role: {f: rounded(v / sum(row)) for f, v in zip(FACTORS, row, strict=True)}
            for role, row in worths.items()
        },
    }
