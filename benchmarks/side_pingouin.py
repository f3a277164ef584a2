"""What pingouin is asked; it resamples nothing itself, so rows are drawn and it is called again."""

import numpy as np
import pandas as pd
import pingouin
from worker import serve


def resampled(table: pd.DataFrame, statistic, count: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.array(
        [statistic(table.sample(frac=1, replace=True, random_state=rng)) for _ in range(count)]
    )


def lmg(table: pd.DataFrame, count: int) -> dict:
    def contributions(rows: pd.DataFrame) -> np.ndarray:
        drivers = rows.drop(columns="outcome")
        found = pingouin.linear_regression(drivers, rows["outcome"], relimp=True)
        return found["relimp"].to_numpy()[1:]

    resampled(table, contributions, count)
    return {"contribution": contributions(table).tolist()}


def alpha(table: pd.DataFrame, count: int) -> dict:
    drawn = resampled(table, lambda rows: pingouin.cronbach_alpha(rows)[0], count)
    answer = {"alpha": [pingouin.cronbach_alpha(table)[0]]}
    return answer | ({"interval": np.quantile(drawn, [0.025, 0.975]).tolist()} if count else {})


serve({"lmg": lmg, "alpha": alpha}, f"pingouin {pingouin.__version__}")
