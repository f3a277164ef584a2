"""What custlib is asked about loyalty: whole result tables with their errors and intervals."""

from importlib.metadata import version

import pandas as pd
from worker import serve

from custlib.loyalty.recommendation import net_promoter_score
from custlib.loyalty.retention import survival_curve
from custlib.loyalty.value import PurchaseModel, SpendModel, purchase_model, spend_model

ROLES = {"frequency": "frequency", "recency": "recency", "age": "T", "time_unit": "week"}
WEEKS = 39  # ahead


def parameters_of(model: PurchaseModel | SpendModel, names: tuple[str, ...]) -> dict:
    """Parameters, and how likely they make the table."""
    terms = model.estimates.query("measure == 'parameter'").set_index("term")["estimate"]
    likelihood = model.fit.set_index("measure")["estimate"]["log_likelihood"]
    return {"parameters": terms[list(names)].tolist(), "log-likelihood": [likelihood]}


def buying(table: pd.DataFrame, _: int) -> dict:
    return parameters_of(purchase_model(table, **ROLES), ("r", "alpha", "a", "b"))


def spending(table: pd.DataFrame, _: int) -> dict:
    model = spend_model(table, frequency="frequency", spend="monetary_value")
    return parameters_of(model, ("p", "q", "v"))


def fitted_before(table: pd.DataFrame) -> tuple[pd.DataFrame, PurchaseModel]:
    return table, purchase_model(table, **ROLES)


def expected_purchases(prepared: tuple[pd.DataFrame, PurchaseModel], _: int) -> dict:
    table, model = prepared
    return {"purchases": model.predict(table, horizon=WEEKS)["purchases_expected"].tolist()}


def promoter_score(table: pd.DataFrame, count: int) -> dict:
    draw = {"method": "bootstrap", "n_boot": count, "seed": 1}
    found = net_promoter_score(table, item="answer", by="group", **draw)
    interval = [*found["ci_low"], *found["ci_high"]]
    return {"score": found["estimate"].tolist(), "interval": interval}


def promoter_score_exact(table: pd.DataFrame, _: int) -> dict:
    """Without a number of resamples: the distribution that ever more of them tend to."""
    found = net_promoter_score(table, item="answer", by="group", method="bootstrap")
    interval = [*found["ci_low"], *found["ci_high"]]
    return {"score": found["estimate"].tolist(), "interval": interval}


def kaplan_meier(table: pd.DataFrame, _: int) -> dict:
    found = survival_curve(table, duration="duration", event="event")
    found = found[found["events"] > 0]  # the others have no row for a day on which none left
    return {
        "survival": found["estimate"].tolist(),
        "error": found["std_error"].tolist(),
        "interval": [*found["ci_low"], *found["ci_high"]],
    }


JOBS = {
    "purchase_model": buying,
    "spend_model": spending,
    "expected_purchases": expected_purchases,
    "promoter_score": promoter_score,
    "promoter_score_exact": promoter_score_exact,
    "kaplan_meier": kaplan_meier,
}
BEFORE = {"expected_purchases": fitted_before}
serve(JOBS, f"custlib {version('custlib')}", before=BEFORE)
