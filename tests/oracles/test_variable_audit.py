"""Association, agreement and redundancy of candidate variables as R computes them."""

import numpy as np
import pytest

from custlib.segmentation.agreement import kappa_agreement
from custlib.segmentation.variables import audit_variables
from custlib.segmentation.variables.readings import read_variable
from custlib.segmentation.variables.shared_variation import (
    association,
    covariances,
    inflation,
    intraclass,
    share_repeated,
)

OUT_OF_SCOPE: dict[str, str] = {}
NOMINAL_PAIRS = [("industry", "use"), ("industry", "region"), ("use", "region")]
GROUPED = [(g, y) for g in ("industry", "use", "region") for y in ("orders", "size", "years")]
NUMERIC_PAIRS = [("size", "depth"), ("size", "years"), ("years", "orders")]


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("variable_audit")


@pytest.fixture(scope="module")
def firms(reference):
    return reference.data("firms.csv", keep_default_na=False, na_values=[""])


def shared(firms, first, second):
    pair = [read_variable(firms, name) for name in (first, second)]
    return float(association(*pair).in_table())


@pytest.mark.parametrize("first, second", NOMINAL_PAIRS)
def test_cramers_v_corrected_for_chance(reference, firms, first, second):
    squared = shared(firms, first, second)
    reference.expect(f"v_squared.{first}.{second}", squared)
    reference.expect(f"v.{first}.{second}", np.sqrt(max(squared, 0)))
    assert shared(firms, second, first) == pytest.approx(squared)


@pytest.mark.parametrize("groups, numbers", GROUPED)
def test_omega_squared(reference, firms, groups, numbers):
    explained = shared(firms, groups, numbers)
    reference.expect(f"omega_squared.{groups}.{numbers}", explained)
    reference.expect(f"omega_squared_cut.{groups}.{numbers}", max(explained, 0))
    assert shared(firms, numbers, groups) == explained


@pytest.mark.parametrize("first, second", NUMERIC_PAIRS)
def test_adjusted_r_squared(reference, firms, first, second):
    reference.expect(f"r_squared.{first}.{second}", shared(firms, first, second))


def test_variance_inflation_on_complete_rows(reference, firms):
    names = ["size", "depth", "years"]
    matrix = covariances([read_variable(firms, name) for name in names]).in_table()[None]
    for at, name in enumerate(names):
        others = [one for one in range(3) if one != at]
        share = float(share_repeated(matrix, at, others)[0])
        reference.expect(f"vif.{name}", inflation(share))


@pytest.mark.parametrize("name, order", [("industry", None), ("grade", [1, 2, 3])])
def test_kappa_and_its_standard_error(reference, firms, name, order):
    table = kappa_agreement(firms, first=name, second=f"{name}_second", order=order)
    rows = table.set_index("measure")
    kappa = rows.loc["kappa"]
    values = kappa[["std_error", "ci_low", "ci_high", "n"]].to_dict()
    values["kappa"] = kappa["estimate"]
    if order:
        values["weighted_kappa"] = rows.loc["weighted_kappa", "estimate"]
        values["weighted_std_error"] = rows.loc["weighted_kappa", "std_error"]
    reference.expect_all(name, values)


def test_intraclass_correlation_of_single_measurements(reference, firms):
    pair = [read_variable(firms, name) for name in ("size", "size_second")]
    reference.expect("icc.size", intraclass(*pair).in_table())


def test_the_audit_reports_these_numbers(reference, firms):
    found = audit_variables(
        firms,
        variables=["industry", "size"],
        relationship=["years", "region"],
        behaviour=["orders"],
        repeated={"industry": "industry_second", "size": "size_second"},
        n_boot=50,
        seed=1,
    ).estimates.set_index(["item", "measure", "term"])
    for item in ("industry", "size"):
        row = found.loc[item, "missing_share", ""]
        reference.expect_all(f"missing.{item}", row[["estimate", "ci_low", "ci_high"]].to_dict())
    reference.expect(
        "industry.kappa", found.loc["industry", "kappa", "industry_second"]["estimate"]
    )
    reference.expect("icc.size", found.loc["size", "icc", "size_second"]["estimate"])
    explained = found.loc["industry", "omega_squared", "orders"]["estimate"]
    reference.expect("omega_squared.industry.orders", explained)
    assert found.loc["industry", "omega_squared", "years"]["estimate"] == 0  # −0.011 cut


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("variable_audit", OUT_OF_SCOPE)
