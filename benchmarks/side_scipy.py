"""What scipy is asked: `stats.bootstrap` draws the rows of one group after the other."""

import numpy as np
import pandas as pd
import scipy
from scipy import stats
from worker import serve

BATCH = 500  # resamples drawn at once, which keeps a group of 10,000 within 100 MB


def top_box(table: pd.DataFrame, count: int) -> dict:
    """`count` groups of 10,000 resamples each."""
    return means_of_groups((table["answer"] >= 9).astype(float), table["group"], count, "share")


def promoter_score(table: pd.DataFrame, count: int) -> dict:
    """The same of the net promoter score: promoters count 100 points, detractors −100."""
    points = 100.0 * (table["answer"] >= 9) - 100.0 * (table["answer"] <= 6)
    return means_of_groups(points, table["group"], count, "score")


def means_of_groups(values: pd.Series, group: pd.Series, count: int, name: str) -> dict:
    groups = [one.to_numpy() for _, one in values.groupby(group)]
    options = {"n_resamples": 10_000, "method": "percentile", "vectorized": True, "batch": BATCH}
    rng = np.random.default_rng(1)
    found = [stats.bootstrap((one,), np.mean, rng=rng, **options) for one in groups[:count]]
    ends = [one.confidence_interval for one in found]
    interval = [one.low for one in ends] + [one.high for one in ends]
    answer = {name: [float(one.mean()) for one in groups]}
    return answer | ({"interval": interval} if count == len(groups) else {})


JOBS = {
    "top_box": top_box,
    "promoter_score": promoter_score,
    "promoter_score_exact": promoter_score,
}
serve(JOBS, f"scipy {scipy.__version__}")
