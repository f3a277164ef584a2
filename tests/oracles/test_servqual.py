"""A published table of service-quality gaps: what its numbers imply of one another."""

import pytest

from custlib.survey.servqual import servqual_table_check

DIMENSIONS = ["Tangible", "Reliable", "Responsiveness", "Assurance", "Empathy"]
PRINTED = "printed in the paper: what the check starts from"
INPUTS = ("exp_mean", "exp_sd", "perc_mean", "perc_sd", "ci_lo", "ci_hi", "t")
OUT_OF_SCOPE = {
    f"servqual.published.{dimension}.{name}": PRINTED for dimension in DIMENSIONS for name in INPUTS
}
NAMES = {
    "exp_mean": "expectation",
    "exp_sd": "expectation_sd",
    "perc_mean": "perception",
    "perc_sd": "perception_sd",
    "ci_lo": "ci_low",
    "ci_hi": "ci_high",
    "t": "statistic",
}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("servqual")


@pytest.fixture(scope="module")
def checked(reference):
    table = reference.data("servqual_gap.csv").rename(columns=NAMES)
    return servqual_table_check(table, n=386).set_index(["dimension", "measure"])


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_what_a_row_implies_and_whether_its_t_fits_its_interval(reference, checked, dimension):
    rows = checked.loc[dimension]
    implied = rows["estimate"]
    reference.expect_all(
        f"servqual.derived.{dimension}",
        {
            "gap_from_means": implied["gap_from_means"],
            "se_from_ci": implied["std_error_from_ci"],
            "se_from_t": implied["std_error_from_t"],
            "t_from_ci": implied["t_from_ci"],
            "implied_correlation_from_t": implied["correlation_from_t"],
            "dz_from_t": implied["d_z_from_t"],
            "t_consistent_with_ci": rows.loc["t_from_ci", "verdict"] == "agrees",
        },
    )
    reference.expect(f"servqual.published.{dimension}.gap", implied["gap_from_means"])
    assert rows.loc["gap_from_means", "verdict"] == "agrees"


def test_the_gap_overall_and_the_dimension_that_falls_shortest(reference, checked):
    gaps = checked.xs("gap_from_means", level="measure")["estimate"]
    reference.expect("servqual.derived.overall_unweighted_gap", gaps["overall"])
    reference.expect("servqual.derived.rank_most_critical", gaps.drop("overall").idxmin())


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("servqual", OUT_OF_SCOPE)
