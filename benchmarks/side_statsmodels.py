"""What statsmodels is asked: the survival function with Greenwood's standard errors."""

import pandas as pd
import statsmodels
from statsmodels.duration.survfunc import SurvfuncRight
from worker import serve


def kaplan_meier(table: pd.DataFrame, _: int) -> dict:
    fitted = SurvfuncRight(table["duration"], table["event"])
    return {"survival": fitted.surv_prob.tolist(), "error": fitted.surv_prob_se.tolist()}


serve({"kaplan_meier": kaplan_meier}, f"statsmodels {statsmodels.__version__}")
