"""What pymc-marketing is asked: the highest point of the posterior under flat priors.

With flat priors that point is the one of the highest likelihood, which the others look for. Its
default priors would pull it elsewhere, and the answers could not be compared.
"""

import os
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from purchases import answer_of
from worker import serve

COMPILED = Path(__file__).resolve().parents[1] / ".bench" / "pymc" / "compiled"
os.environ["PYTENSOR_FLAGS"] = f"base_compiledir={COMPILED}"  # not in the user's home

from pymc_extras.prior import Prior  # noqa: E402
from pymc_marketing.clv import BetaGeoModel  # noqa: E402

NAMES = ("r", "alpha", "a", "b")


def purchase_model(table: pd.DataFrame, _: int):
    model = BetaGeoModel(model_config={name: Prior("HalfFlat") for name in NAMES})
    found = model.fit(table, method="map", progressbar=False).posterior
    return partial(answer_of, table, [float(found[name].squeeze()) for name in NAMES])


def compiled(table: pd.DataFrame) -> pd.DataFrame:
    """What pytensor compiles into C once and then keeps, so that it is not timed."""
    purchase_model(table.head(100), 0)
    return table


JOBS, BEFORE = {"purchase_model": purchase_model}, {"purchase_model": compiled}
serve(JOBS, f"pymc-marketing {version('pymc-marketing')}", before=BEFORE)
