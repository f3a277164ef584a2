"""The shifted beta-geometric law against R's optimizers, numerical Hessians and plain series."""

import numpy as np
import pandas as pd
import pytest

from custlib.loyalty.retention.geometric import shifted_beta_geometric

AGES = {"regular": (1, 7, 12), "high_end": (1, 7, 12), "staggered": (1, 12, 36)}


def lost_by_year(active):
    """One row a year for those lost in it, and one for those still there after the last."""
    years = len(active) - 1
    return pd.DataFrame(
        {
            "duration": [*range(1, years + 1), years],
            "left": [1] * years + [0],
            "customers": [*-np.diff(active), active[-1]],
        }
    )


@pytest.fixture(scope="module")
def laws(oracle):
    stored = oracle("shifted_beta_geometric")
    retention = stored.data("retention.csv")
    found = {
        name: shifted_beta_geometric(
            lost_by_year(retention[name].to_numpy()),
            duration="duration",
            event="left",
            count="customers",
        )
        for name in ("regular", "high_end")
    }
    staggered = stored.data("staggered.csv")
    found["staggered"] = shifted_beta_geometric(staggered, duration="months", event="left")
    return found


@pytest.mark.parametrize("name", AGES)
def test_parameters_errors_and_profile_intervals(oracle, laws, name):
    expected, rows = oracle("shifted_beta_geometric"), laws[name].estimates.set_index("term")
    for term in ("a", "b"):
        expected.expect(f"{name}.{term}", rows.loc[term, "estimate"])
        expected.expect(f"{name}.std_error.{term}", rows.loc[term, "std_error"])
        ends = {"low": rows.loc[term, "ci_low"], "high": rows.loc[term, "ci_high"]}
        expected.expect_all(f"{name}.profile.{term}", ends)
    expected.expect(f"{name}.log_likelihood", laws[name].fit["log_likelihood"][0])


@pytest.mark.parametrize("name", AGES)
def test_survival_with_its_error_and_the_residual_lifetime(oracle, laws, name):
    expected, law = oracle("shifted_beta_geometric"), laws[name]
    there = law.retention(AGES[name]).query("measure == 'survival'").set_index("time")
    left = law.lifetime(AGES[name], discount=0.1, first_margin="now").set_index("time")["estimate"]
    for age in AGES[name]:
        values = there.loc[age, ["estimate", "std_error"]].to_dict()
        expected.expect_all(f"{name}.survival.{age}", values)
        expected.expect(f"{name}.residual.{age}", left[age])


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("shifted_beta_geometric", {})
