"""Means, totals, shares, post-stratification and raking of school samples, against R survey."""

import numpy as np
import pytest
from scipy import stats

from custlib.design import SurveyDesign
from custlib.survey.weights.adjustment import rake, weight_summary

WITHOUT_DIGITS = "R's zero up to rounding, without a digit to compare; held below 1e-15 instead"
# Answered for by test_design_comparison.py, and by it alone.
COMPARISONS = ("strat.rao_scott", "strat.svyttest_compimp")
OUT_OF_SCOPE = {
    "strat.svyglm": "regression under a design belongs to another module",
    "strat.jackknife_se_api00": "replicate weights are not offered",
    "strat_rake.mean_api00.se": (
        "R's rake() takes unweighted cell means of the linearized values; custlib takes the "
        "regression weighted with the start weights, pinned in weights_sim as calibrate_raking"
    ),
    "pop.truth.mean_api00": "the scores of all 6,194 schools are not in the folder",
    "pop.truth.total_enroll": "the enrolment of all 6,194 schools is not in the folder",
    "strat.prop_stype.se": WITHOUT_DIGITS,
    "strat_nofpc.prop_stype.se": WITHOUT_DIGITS,
    **dict.fromkeys(COMPARISONS, "pinned in test_design_comparison.py"),
}

STRATA = {"weight": "pw", "stratum": "stype"}
DESIGNS = {
    "srs": SurveyDesign(weight="pw", population="fpc"),
    "strat": SurveyDesign(**STRATA, population="fpc"),
    "strat_nofpc": SurveyDesign(**STRATA),
    "weights_only": SurveyDesign(weight="pw"),
}
TYPES = {"E": 4421, "H": 755, "M": 1018}
MET_TARGET = {"No": 1072, "Yes": 5122}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("api_weights")


@pytest.fixture(scope="module")
def schools(reference):
    """Schools of the sample that a design belongs to."""
    samples = {name: reference.data(f"{name}.csv") for name in ("apisrs", "apistrat")}
    return lambda name: samples["apisrs" if name.startswith("srs") else "apistrat"]


def both(mean):
    return {"est": mean.estimate, "se": mean.std_error}


@pytest.mark.parametrize("name", DESIGNS)
def test_a_mean_and_both_its_design_effects(reference, schools, name):
    table = schools(name)
    mean = DESIGNS[name].sample(table).mean(table["api00"])
    reference.expect_all(f"{name}.mean_api00", both(mean))
    replaced = mean.n / mean.n_effective
    reference.expect(f"{name}.deff_replace_api00", replaced)
    # R's own deff compares with sampling without replacement from sum(w) schools.
    reference.expect(f"{name}.deff_api00", replaced / (1 - len(table) / table["pw"].sum()))
    half = stats.norm.ppf(0.975) * mean.std_error
    ends = {"lo": mean.estimate - half, "hi": mean.estimate + half}
    reference.expect_all(f"{name}.mean_ci_normal", ends)


@pytest.mark.parametrize("name", DESIGNS)
def test_a_total_and_a_ratio(reference, schools, name):
    table = schools(name)
    sample = DESIGNS[name].sample(table)
    reference.expect_all(f"{name}.total_enroll", both(sample.total(table["enroll"])))
    ratio = sample.ratio(table["api00"], table["api99"])
    reference.expect_all(f"{name}.ratio_api00_api99", both(ratio))


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize(
    "column, prefix, groups", [("stype", "stype", "EHM"), ("sch.wide", "schwide", ("No", "Yes"))]
)
def test_shares(reference, schools, name, column, prefix, groups):
    table = schools(name)
    sample = DESIGNS[name].sample(table)
    key = f"{name}.prop_{prefix}"
    for group in groups:
        share = sample.mean(table[column] == group)
        reference.expect(f"{key}.est.{column}{group}", share.estimate)
        if f"{key}.se" in OUT_OF_SCOPE:
            assert share.std_error < 1e-15
        else:
            reference.expect(f"{key}.se.{column}{group}", share.std_error)


def test_the_strata_of_the_stratified_sample(reference, schools):
    table = schools("strat")
    sample = DESIGNS["strat"].sample(table)
    means = {group: sample.mean(table["api00"], table["stype"] == group) for group in TYPES}
    reference.expect_all("strat.by_stype.mean", {g: m.estimate for g, m in means.items()})
    reference.expect_all("strat.by_stype.se", {g: m.std_error for g, m in means.items()})


@pytest.mark.parametrize("name", ["srs", "strat"])
def test_the_numbers_printed_in_the_vignette(reference, schools, name):
    table = schools(name)
    sample = DESIGNS[name].sample(table)
    reference.expect_all(f"published.{name}_mean", both(sample.mean(table["api00"])))
    reference.expect_all(f"published.{name}_total_enroll", both(sample.total(table["enroll"])))


def test_post_stratification_by_school_type(reference, schools):
    table = schools("srs")
    result = rake(table, targets={"stype": TYPES}, base_weight="pw")
    sample = result.design(population="fpc").sample(result.cases)
    reference.expect_all("srs_poststrat.mean_api00", both(sample.mean(table["api00"])))
    reference.expect_all("srs_poststrat.total_enroll", both(sample.total(table["enroll"])))
    weights = result.cases.groupby("stype")["weight"]
    reference.expect_all("srs_poststrat.weight", weights.first())
    assert weights.agg(np.ptp).max() < 1e-12


def summary(cases, *names):
    row = weight_summary(cases, weight="weight").iloc[0]
    words = {"sum": "weight_sum", "min": "weight_min", "max": "weight_max", "cv": "weight_cv"}
    words |= {"kish_deff": "deff_w", "n_eff": "n_effective"}
    return {name: row[words[name]] for name in names}


@pytest.mark.parametrize("base_weight", ["pw", None])
def test_raking_the_simple_random_sample_to_population_totals(reference, schools, base_weight):
    table = schools("srs")
    targets = {"stype": TYPES, "sch.wide": MET_TARGET}
    result = rake(table, targets=targets, base_weight=base_weight)
    sample = result.design(population="fpc").sample(result.cases)
    reference.expect_all("srs_rake.mean_api00", both(sample.mean(table["api00"])))
    reference.expect_all("srs_rake.total_enroll", both(sample.total(table["enroll"])))
    found = summary(result.cases, "sum", "min", "max", "cv", "n_eff")
    reference.expect_all("srs_rake.weight", found)
    reference.expect("srs_rake.kish_deff", summary(result.cases, "kish_deff")["kish_deff"])
    cells = result.cases["stype"] + "_" + result.cases["sch.wide"]
    reference.expect_all("srs_rake.cell_weight", result.cases["weight"].groupby(cells).first())


def test_raking_the_stratified_sample(reference, schools):
    table = schools("strat")
    result = rake(table, targets={"stype": TYPES, "sch.wide": MET_TARGET}, base_weight="pw")
    mean = (
        result.design(stratum="stype", population="fpc").sample(result.cases).mean(table["api00"])
    )
    reference.expect("strat_rake.mean_api00.est", mean.estimate)
    found = summary(result.cases, "sum", "min", "max", "cv", "kish_deff")
    reference.expect_all("strat_rake.weight", found)


def test_the_targets_are_the_margins_of_the_population(reference):
    population = reference.data("apipop_margins.csv")
    assert population.groupby("stype")["Freq"].sum().to_dict() == TYPES
    assert population.groupby("sch.wide")["Freq"].sum().to_dict() == MET_TARGET
    reference.expect("pop.truth.N", population["Freq"].sum())


def test_keys_on_comparisons_are_claimed_by_the_file_on_comparisons(claimed_by):
    assert claimed_by("test_design_comparison.py", "API_WEIGHTS") == COMPARISONS


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("api_weights", OUT_OF_SCOPE)
