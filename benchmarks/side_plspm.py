"""What plspm is asked. It does not standardize items, so it is given standardized ones."""

from importlib.metadata import version

import pandas as pd
import plspm.config
from plspm.mode import Mode
from plspm.plspm import Plspm
from plspm.scheme import Scheme
from simulate import BLOCKS, PATHS
from worker import serve


def pls(table: pd.DataFrame, count: int) -> dict:
    names = list(BLOCKS)
    paths = pd.DataFrame(0, index=names, columns=names)
    for source, target in PATHS:
        paths.loc[target, source] = 1
    config = plspm.config.Config(paths, scaled=False)
    for name in names:
        config.add_lv_with_columns_named(name, Mode.A, table, f"{name}_")
    standardized = (table - table.mean()) / table.std(ddof=0)
    drawn = {"bootstrap": count > 0, "bootstrap_iterations": max(count, 10), "processes": 1}
    model = Plspm(standardized, config, Scheme.PATH, 300, 1e-7, **drawn)
    found = model.path_coefficients()
    return {"paths": [float(found.loc[target, source]) for source, target in PATHS]}


if __name__ == "__main__":
    serve({"pls": pls}, f"plspm {version('plspm')}")
