"""One formula for the log-likelihood of every side that fits the BG/NBD model."""

import numpy as np
import pandas as pd
from scipy.special import betaln, gammaln


def answer_of(table: pd.DataFrame, parameters: list[float]) -> dict:
    """Parameters r, alpha, a, b and how likely they make the table: Fader, Hardie & Lee (2005)."""
    r, alpha, a, b = parameters
    x = table["frequency"].to_numpy()
    bought = np.maximum(x, 1)  # without a purchase nobody can have left
    stayed = betaln(a, b + x) - (r + x) * np.log(alpha + table["T"])
    gone = betaln(a + 1, b + bought - 1) - (r + x) * np.log(alpha + table["recency"])
    either = np.where(x > 0, np.logaddexp(stayed, gone), stayed) - betaln(a, b)
    each = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + either
    return {"parameters": parameters, "log-likelihood": [float(each.sum())]}
