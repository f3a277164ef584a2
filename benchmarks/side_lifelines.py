"""What lifelines is asked: the survival function with its log-log interval."""

from importlib.metadata import version

import pandas as pd
from lifelines import KaplanMeierFitter
from worker import serve


def kaplan_meier(table: pd.DataFrame, _: int) -> dict:
    fitted = KaplanMeierFitter().fit(table["duration"], table["event"])
    left = fitted.event_table["observed"] > 0  # the others have no row for a day on which none left
    limits = fitted.confidence_interval_[left].to_numpy()
    curve = fitted.survival_function_.loc[left, "KM_estimate"]
    return {"survival": curve.tolist(), "interval": [*limits[:, 0], *limits[:, 1]]}


serve({"kaplan_meier": kaplan_meier}, f"lifelines {version('lifelines')}")
