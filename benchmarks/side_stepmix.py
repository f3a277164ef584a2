"""What stepmix is asked: the classes alone, its own steps and stopping rule, as many starts."""

from importlib.metadata import version

import pandas as pd
from stepmix.stepmix import StepMix
from worker import serve


def latent(table: pd.DataFrame, count: int) -> dict:
    quiet = {"verbose": 0, "progress_bar": 0}
    model = StepMix(3, measurement="binary", n_init=count, random_state=1, **quiet).fit(table)
    return {"log-likelihood": [float(model.score(table)) * len(table)]}


serve({"latent": latent}, f"stepmix {version('stepmix')}")
