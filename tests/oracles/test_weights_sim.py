"""Weighted estimates of a simulated B2B survey, against R survey: designs, domains, raking."""

import numpy as np
import pytest

from custlib.design import SurveyDesign
from custlib.errors import WeightWarning
from custlib.intervals import t_interval
from custlib.survey.weights.adjustment import rake, trim, weight_summary

OTHER_VARIANT = (
    "R's rake() takes unweighted cell means of the linearized values; custlib takes the regression "
    "weighted with the start weights, pinned as calibrate_raking"
)
REPLICATES = "replicate weights are not offered; the linearized standard error is pinned"
ITEMS = ("csat", "quality", "delivery", "nps", "top2", "complaint")
COMPLETE = tuple(item for item in ITEMS if item != "delivery")
# Answered for by test_design_comparison.py, and by it alone.
COMPARISONS = (
    "A.diff",
    "B.diff",
    "D.diff",
    "A.svyttest",
    "A.svyranktest",
    "A.svychisq",
    "A.svyglm_complaint",
)
OUT_OF_SCOPE = {
    "A.ciprop_top2.logit": "shares get Wilson's interval on the effective size, not a logit one",
    "A.ciprop_top2.beta": "shares get Wilson's interval on the effective size, not a beta one",
    "C.jackknife_se": REPLICATES,
    "rake_jackknife_se": REPLICATES,
    "A.svyglm_csat": "linear regression under a design is not offered",
    "rake.domain.product.csat.se": OTHER_VARIANT,
    "rake.domain.product.nps.se": OTHER_VARIANT,
    "rake_on_C.mean.csat.se": OTHER_VARIANT,
    "rake_on_C.mean.nps.se": OTHER_VARIANT,
    **{
        f"rake.mean.{item}.{end}": OTHER_VARIANT for item in ITEMS for end in ("se", "t_lo", "t_hi")
    },
    **{f"rake_on_D.mean.{item}.se": OTHER_VARIANT for item in ITEMS},
    **dict.fromkeys(COMPARISONS, "pinned in test_design_comparison.py"),
}

FIRMS = {"stratum": "market", "cluster": "firm", "population": "N_firms"}
DESIGNS = {
    "A": SurveyDesign(weight="w", **FIRMS),
    "B": SurveyDesign(weight="w", **FIRMS, cluster_population="M_contacts"),
    "C": SurveyDesign(weight="w", stratum="market", cluster="firm"),
    "D": SurveyDesign(weight="w"),
    "E": SurveyDesign(),
}
pytestmark = pytest.mark.filterwarnings("ignore::custlib.errors.WeightWarning")


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("weights_sim")


@pytest.fixture(scope="module")
def customers(reference):
    table = reference.data("weights_sim.csv")
    nps = 100 * (table["recommend"] >= 9) - 100 * (table["recommend"] <= 6)
    return table.assign(nps=nps, top2=(table["csat"] >= 9).astype(int))


@pytest.fixture(scope="module")
def targets(reference):
    return reference.json("targets.json")["volume_share"]


@pytest.fixture(scope="module")
def raked(customers, targets):
    with pytest.warns(WeightWarning, match=r"2\.43: 151 respondents tell as much as 62"):
        return rake(customers, targets=targets, base_weight="w", name="raked")


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("item", ITEMS)
def test_a_mean_its_error_interval_and_design_effect(reference, customers, name, item):
    mean = DESIGNS[name].sample(customers).mean(customers[item])
    low, high = t_interval(
        mean.estimate, mean.std_error, DESIGNS[name].sample(customers).degrees_of_freedom()
    )
    prefix = f"{name}.mean.{item}"
    reference.expect(f"{prefix}.est", mean.estimate)
    reference.expect(f"{prefix}.se", mean.std_error)
    reference.expect(f"{prefix}.t_lo", low)
    reference.expect(f"{prefix}.t_hi", high)
    if item in COMPLETE:
        reference.expect(f"{prefix}.deff_replace", mean.n / mean.n_effective)
    if item in COMPLETE and name != "E":
        # R's own deff compares with sampling without replacement from sum(w) customers.
        without = 1 - len(customers) / customers["w"].sum()
        reference.expect(f"{prefix}.deff", mean.n / mean.n_effective / without)


@pytest.mark.parametrize("name", DESIGNS)
def test_a_total_shares_and_degrees_of_freedom(reference, customers, name):
    sample = DESIGNS[name].sample(customers)
    contacts = sample.total(np.ones(len(customers)))
    reference.expect_all(
        f"{name}.total_contacts", {"est": contacts.estimate, "se": contacts.std_error}
    )
    reference.expect(f"{name}.degf", sample.degrees_of_freedom())
    for product in ("bar", "pipe", "wire"):
        share = sample.mean(customers["product"] == product)
        reference.expect(f"{name}.prop_product.est.product{product}", share.estimate)
        reference.expect(f"{name}.prop_product.se.product{product}", share.std_error)


def test_a_ratio_of_two_ratings(reference, customers):
    ratio = DESIGNS["A"].sample(customers).ratio(customers["csat"], customers["quality"])
    reference.expect_all("A.ratio_csat_quality", {"est": ratio.estimate, "se": ratio.std_error})


def test_the_t_interval_of_a_share_is_that_of_a_mean(reference, customers):
    share = DESIGNS["A"].sample(customers).mean(customers["top2"])
    low, high = t_interval(share.estimate, share.std_error, share.df)
    reference.expect_all("A.ciprop_top2.mean", {"lo": low, "hi": high})


@pytest.mark.parametrize("by", ["market", "size", "product"])
@pytest.mark.parametrize("item", ["csat", "nps", "delivery"])
def test_a_domain_keeps_the_whole_design(reference, customers, by, item):
    sample = DESIGNS["A"].sample(customers)
    means = {
        group: sample.mean(customers[item], customers[by] == group)
        for group in customers[by].unique()
    }
    prefix = f"A.domain.{by}.{item}"
    reference.expect_all(f"{prefix}.est", {group: mean.estimate for group, mean in means.items()})
    reference.expect_all(f"{prefix}.se", {group: mean.std_error for group, mean in means.items()})
    if item == "csat":
        reference.expect_all(f"n.{by}", {group: mean.n for group, mean in means.items()})


def test_answers_are_counted_after_the_missing_ones_are_left_out(reference, customers):
    mean = DESIGNS["A"].sample(customers).mean(customers["delivery"])
    reference.expect("n.delivery_valid", mean.n)
    assert mean.n_missing == len(customers) - mean.n


def summary(table, weight):
    row = weight_summary(table, weight=weight).iloc[0]
    return {
        "sum": row["weight_sum"],
        "min": row["weight_min"],
        "max": row["weight_max"],
        "cv": row["weight_cv"],
        "kish_deff": row["deff_w"],
        "n_eff": row["n_effective"],
    }


def test_how_unequal_the_base_and_the_raked_weights_are(reference, customers, raked):
    reference.expect_all("base_weight", summary(customers, "w"))
    reference.expect_all("rake.weight", summary(raked.cases, "raked"))


def test_targets_are_reported_as_given(reference, raked):
    for margin, rows in raked.estimates.groupby("margin"):
        shares = dict(zip(rows["group"], rows["target_share"], strict=True))
        reference.expect_all(f"target.{margin}", shares)


def test_raking_multiplies_the_base_weight_by_one_factor_per_cell(reference, raked):
    cells = raked.cases["market"] + "_" + raked.cases["size"]
    factor = raked.cases["raked"] / raked.cases["w"]
    reference.expect_all("rake.g_factor", factor.groupby(cells).first())
    assert factor.groupby(cells).agg(np.ptp).max() < 1e-12


def test_every_raked_and_trimmed_weight_is_the_one_r_gives(reference, raked):
    expected = reference.data("expected_weights.csv")
    assert raked.cases["resp"].tolist() == expected["resp"].tolist()
    assert raked.cases["raked"].to_numpy() == pytest.approx(expected["w_rake"], rel=1e-10)
    trimmed = trim(raked.cases, weight="raked", cap=3)["weight_trimmed"]
    assert trimmed.to_numpy() == pytest.approx(expected["w_trim3"], rel=1e-10)


@pytest.mark.parametrize("item", ITEMS)
def test_raked_means_and_errors_from_residuals_on_the_margins(reference, raked, item):
    mean = raked.design(**FIRMS).sample(raked.cases).mean(raked.cases[item])
    reference.expect_all(
        f"calibrate_raking.mean.{item}", {"est": mean.estimate, "se": mean.std_error}
    )
    reference.expect(f"rake.mean.{item}.est", mean.estimate)
    # The raked mean depends on the weights alone, not on strata, firms or their number.
    unclustered = raked.design().sample(raked.cases).mean(raked.cases[item])
    reference.expect(f"rake_on_D.mean.{item}.est", unclustered.estimate)


@pytest.mark.parametrize("item", ["csat", "nps"])
def test_raked_means_of_domains_and_without_finite_populations(reference, raked, item):
    cases = raked.cases
    sample = raked.design(stratum="market", cluster="firm").sample(cases)
    reference.expect(f"rake_on_C.mean.{item}.est", sample.mean(cases[item]).estimate)
    domains = {
        product: sample.mean(cases[item], cases["product"] == product).estimate
        for product in cases["product"].unique()
    }
    reference.expect_all(f"rake.domain.product.{item}.est", domains)


@pytest.mark.parametrize("item", ITEMS)
def test_raking_one_margin_is_post_stratification(reference, customers, targets, item):
    margin = {"market": targets["market"]}
    result = rake(customers, targets=margin, base_weight="w", name="weight")
    mean = result.design(**FIRMS).sample(result.cases).mean(customers[item])
    reference.expect_all(
        f"poststrat_market.mean.{item}", {"est": mean.estimate, "se": mean.std_error}
    )


def test_trimming_at_three_mean_weights(reference, customers, targets):
    cases = rake(customers, targets=targets, base_weight="w", cap=3).cases
    found = summary(cases, "weight")
    found = {key: found[key] for key in ("sum", "min", "max", "kish_deff")}
    found["n_at_limit"] = int((cases["weight"] > 3 - 1e-9).sum())
    sample = SurveyDesign(weight="weight").sample(cases)
    means = {f"mean.{item}": sample.mean(cases[item]).estimate for item in ("csat", "nps")}
    reference.expect_all("trim3", found | means)


def test_the_planted_population_lies_within_the_design_based_intervals(reference, customers):
    planted = reference.json("targets.json")["population"]
    reference.expect("population.contacts", planted["contacts"])
    reference.expect_all("population.mean", planted["mean"])
    sample = DESIGNS["A"].sample(customers)
    for item, truth in planted["mean"].items():
        mean = sample.mean(customers[item])
        low, high = t_interval(mean.estimate, mean.std_error, mean.df)
        assert low < truth < high


def test_keys_on_comparisons_are_claimed_by_the_file_on_comparisons(claimed_by):
    assert claimed_by("test_design_comparison.py", "WEIGHTS_SIM") == COMPARISONS


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("weights_sim", OUT_OF_SCOPE)
