"""What scipy is asked: `stats.bootstrap` draws the rows of one group after the other."""

import numpy as np
import pandas as pd
import scipy
from scipy import stats
from worker import serve

BATCH = 500  # resamples drawn at once, which keeps a group of 10,000 within 100 MB


def top_box(table: pd.DataFrame, count: int) -> dict:
    """`count` groups of 10,000 resamples each."""
    top = (table["answer"] >= 9).astype(float).groupby(table["group"])
    groups = [values.to_numpy() for _, values in top]
    options = {"n_resamples": 10_000, "method": "percentile", "vectorized": True, "batch": BATCH}
    rng = np.random.default_rng(1)
    found = [stats.bootstrap((one,), np.mean, rng=rng, **options) for one in groups[:count]]
    ends = [one.confidence_interval for one in found]
    interval = [one.low for one in ends] + [one.high for one in ends]
    answer = {"share": [float(one.mean()) for one in groups]}
    return answer | ({"interval": interval} if count == len(groups) else {})


serve({"top_box": top_box}, f"scipy {scipy.__version__}")
