"""What custlib is asked: whole result tables with their intervals."""

from importlib.metadata import version

import numpy as np
import pandas as pd
from simulate import BLOCKS, PATHS
from worker import serve

from custlib.resampling import multinomial_bootstrap
from custlib.segmentation.latent import latent_classes
from custlib.survey import cronbach_alpha, driver_shares, path_model


def lmg(table: pd.DataFrame, count: int) -> dict:
    drivers = [name for name in table if name != "outcome"]
    found = driver_shares(table, outcome="outcome", drivers=drivers, n_boot=count, seed=1).estimates
    rows = found[found["measure"] == "contribution"]
    return {"contribution": rows["estimate"].tolist()}


def alpha(table: pd.DataFrame, count: int) -> dict:
    items, draw = list(table), {"interval": "bootstrap", "n_boot": count, "seed": 1}
    row = cronbach_alpha(table, items=items, **draw).iloc[0]
    return {"alpha": [row["estimate"]], "interval": [row["ci_low"], row["ci_high"]]}


def pls(table: pd.DataFrame, count: int) -> dict:
    blocks = {name: [f"{name}_{at}" for at in range(k)] for name, k in BLOCKS.items()}
    model = path_model(table, blocks=blocks, paths=PATHS, scale=(1, 10), n_boot=count, seed=1)
    found = model.estimates.query("measure == 'path'").set_index("term")["estimate"]
    return {"paths": [found[f"{source} -> {target}"] for source, target in PATHS]}


def top_box(table: pd.DataFrame, count: int) -> dict:
    # A share needs two counts a group: answers in the top box and answers below it.
    top = (table["answer"] >= 9).groupby(table["group"]).agg(["size", "sum"])
    counts = np.column_stack([top["size"] - top["sum"], top["sum"]])
    drawn = multinomial_bootstrap(counts, [0, 1], n_boot=count, seed=1)
    low, high = drawn.interval()
    return {"share": drawn.estimate.tolist(), "interval": [*low, *high]}


def latent(table: pd.DataFrame, count: int) -> dict:
    model = latent_classes(table, items=list(table), k=3, n_starts=count, seed=1)
    return {"log-likelihood": [model.fit.set_index("measure")["estimate"]["log_likelihood"]]}


JOBS = {"lmg": lmg, "alpha": alpha, "pls": pls, "top_box": top_box, "latent": latent}
serve(JOBS, f"custlib {version('custlib')}")
