"""Simulated customers with planted segments, customers with none, and segments made of both."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from custlib import charts
from custlib import segmentation as seg
from custlib.charts.style import PALETTE, axes_for_rows
from custlib.lessons.slider import slide
from custlib.report import numbers

COLUMNS = ("recency_days", "n_orders", "amount")
NEEDS = ("low_price", "fast", "advice", "online", "visits")
PLANTED = ("steady", "seasonal", "rare")
SHARES = (0.4, 0.35, 0.25)
# Days since the last order and orders of each segment; revenue is the same in all of them.
CENTRES = np.array([[30.0, 12.0], [160.0, 13.0], [100.0, 4.0]])
SPREADS = np.array([25.0, 2.1])
AMOUNT, AMOUNT_SPREAD = 700.0, 200.0
# How likely each segment is to tick each need.
TICKED = np.array(
    [[0.1, 0.85, 0.8, 0.15, 0.85], [0.85, 0.8, 0.1, 0.85, 0.15], [0.85, 0.15, 0.75, 0.2, 0.2]]
)
FALSE_SEGMENTS = 4


def simulate_customers(*, n: int, apart: float, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulated customers of three planted segments, and as many with no segments at all.

    Parameters
    ----------
    n : int
        Customers.
    apart : float
        How far the segments lie apart in days and orders; 1 as planned, 0 not at all.
    seed : int

    Returns
    -------
    (DataFrame, DataFrame)
        customer, recency_days, n_orders, amount (revenue of a year), five needs ("yes", "no") and
        the planted segment; and noise: normal numbers with the same covariances, and the needs
        with each column shuffled for itself.
    """
    random = np.random.default_rng(seed)
    member = random.choice(3, size=n, p=SHARES)
    middle = np.average(CENTRES, axis=0, weights=SHARES)
    centres = middle + apart * (CENTRES - middle)
    days, orders = (centres[member] + SPREADS * random.normal(size=(n, 2))).T
    customers = pd.DataFrame({"customer": np.arange(1, n + 1)})
    customers["recency_days"] = days.round().clip(0).astype(int)
    customers["n_orders"] = orders.round().clip(1).astype(int)
    amounts = AMOUNT + AMOUNT_SPREAD * random.normal(size=n)
    customers["amount"] = amounts.round().clip(100).astype(int)
    needs = np.where(random.random((n, len(NEEDS))) < TICKED[member], "yes", "no")
    customers[list(NEEDS)] = needs
    customers["planted"] = np.array(PLANTED)[member]
    noise = seg.noise_like(customers, variables=COLUMNS, seed=seed)
    noise[list(NEEDS)] = random.permuted(needs, axis=0)
    return customers, noise


def segments_drawn_again(
    customers: pd.DataFrame, *, k: int = FALSE_SEGMENTS, seed: int
) -> pd.DataFrame:
    """Customers drawn with replacement, each once, with the segments before and after the draw.

    Parameters
    ----------
    customers : DataFrame
        Has the columns recency_days, n_orders and amount.
    k : int, default 4
        Segments made of all customers, and again of those drawn.
    seed : int

    Returns
    -------
    DataFrame
        first, again: the segment of each customer drawn, made of all and of those drawn.
    """
    how: dict[str, Any] = {"variables": COLUMNS, "k": k, "seed": seed}
    whole = seg.cluster_customers(customers, **how, segment="first").cases
    rows = np.random.default_rng(seed).integers(len(whole), size=len(whole))
    drawn = whole.iloc[np.unique(rows)]
    both = seg.cluster_customers(drawn, **how, segment="again").cases
    # Segments are called anew after each draw, so that like names never stand for like segments.
    renamed = both.assign(again=both["again"].astype(int) % k + 1)
    return renamed[["first", "again"]].reset_index(drop=True)


def plot_false_segments(k: int, *, noise: pd.DataFrame, seed: int) -> Any:
    """Noise cut into k segments, and above it how many come back when customers are drawn anew."""
    how: dict[str, Any] = {"variables": COLUMNS, "k": k, "seed": seed}
    cases = seg.cluster_customers(noise, **how).cases
    table = seg.segment_stability(noise, **how, n_boot=20, n_noise=0)
    jaccard = table.loc[table["measure"].eq("jaccard"), "estimate"].iloc[0]
    with charts.style():
        ax = axes_for_rows(8)
        for at, (name, rows) in enumerate(cases.groupby("segment")):
            label = f"Segment {name}: {len(rows)}"
            ax.scatter(rows["recency_days"], rows["n_orders"], s=16, color=PALETTE[at], label=label)
        ax.set_xlabel("Recency in days, pure noise")
        ax.set_ylabel("Orders, pure noise")
        ax.set_title(f"{k} segments, mean Jaccard {numbers.number(jaccard, 2)}")
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        return charts.finish(ax, source="pure noise", n=len(noise), simulated=True)


def slide_false_segments(noise: pd.DataFrame, *, seed: int) -> Any:
    """A slider for the number of segments that noise is cut into."""
    draw = partial(plot_false_segments, noise=noise, seed=seed)
    return slide(draw, name="Segments", start=2, low=2, high=6, step=1)
