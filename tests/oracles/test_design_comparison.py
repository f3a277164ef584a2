"""Groups compared under a survey design, against R's svyttest, svyranktest, svychisq, svyglm."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from custlib.design import SurveyDesign
from custlib.survey.comparison.contrasts import compare_groups
from custlib.survey.comparison.rank_tests import mean_scores, rank_regression
from custlib.survey.ordinal.model import cumulative_logit

# The keys of the two folders that this file answers for; test_weights_sim.py and
# test_api_weights.py answer for the others.
WEIGHTS_SIM = (
    "A.diff",
    "B.diff",
    "D.diff",
    "A.svyttest",
    "A.svyranktest",
    "A.svychisq",
    "A.svyglm_complaint",
)
API_WEIGHTS = ("strat.rao_scott", "strat.svyttest_compimp")
OUT_OF_SCOPE = {
    "D.diff.csat.wire_minus_bar.cov": "R's rounding error around zero, without a digit to compare",
    "A.svyttest.paired_csat_minus_delivery.df": "R subtracts one more than the firms less strata",
    "A.svyttest.paired_csat_minus_delivery.p": "follows from the degrees of freedom",
    "A.svyranktest.csat_wire_bar.vanderWaerden": "normal scores are not offered",
    "A.svyranktest.csat_wire_bar.median": "median scores are not offered",
    "A.svychisq.complaint_product.Wald": "only the second-order F form is offered",
    "A.svychisq.complaint_product.Chisq": "only the second-order F form is offered",
}

FIRMS = {"stratum": "market", "cluster": "firm", "population": "N_firms"}
DESIGNS = {
    "A": SurveyDesign(weight="w", **FIRMS),
    "B": SurveyDesign(weight="w", **FIRMS, cluster_population="M_contacts"),
    "D": SurveyDesign(weight="w"),
}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("weights_sim")


@pytest.fixture(scope="module")
def customers(reference):
    table = reference.data("weights_sim.csv")
    nps = 100 * (table["recommend"] >= 9) - 100 * (table["recommend"] <= 6)
    products = pd.Categorical(table["product"], ["wire", "bar", "pipe"])
    return table.assign(nps=nps, product=products)


def contrast(table, name):
    rows = table[table["contrast"] == name]
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.mark.parametrize(
    "design, item, by, first, second",
    [
        ("A", "csat", "product", "wire", "bar"),
        ("A", "csat", "product", "wire", "pipe"),
        ("A", "nps", "market", "domestic", "export"),
        ("B", "csat", "product", "wire", "bar"),
        ("D", "csat", "product", "wire", "bar"),
    ],
)
def test_a_difference_of_means_keeps_their_covariance(
    reference, customers, design, item, by, first, second
):
    table = compare_groups(customers, items=[item], by=by, method="welch", design=DESIGNS[design])
    row = contrast(table, f"{first} - {second}")
    sample = DESIGNS[design].sample(customers)
    scores = [
        sample.mean(customers[item], (customers[by] == name).to_numpy()).scores
        for name in (first, second)
    ]
    estimate, error, df = row["estimate"], row["std_error"], sample.degrees_of_freedom()
    half = stats.t.ppf(0.975, df) * error
    found = {
        "est": estimate,
        "se": error,
        "cov": sample.covariance(np.column_stack(scores))[0, 1],
        "z": row["statistic"],
        "p_normal": 2 * stats.norm.sf(abs(row["statistic"])),
        "p_t": 2 * stats.t.sf(abs(row["statistic"]), df),
        "t_lo": estimate - half,
        "t_hi": estimate + half,
    }
    prefix = f"{design}.diff.{item}.{first}_minus_{second}"
    if f"{prefix}.cov" in OUT_OF_SCOPE:
        assert abs(found.pop("cov")) < 1e-12
    for key, value in found.items():
        reference.expect(f"{prefix}.{key}", value)


def test_a_t_test_counts_the_firms_of_the_two_groups(reference, customers):
    table = compare_groups(
        customers, items=["csat"], by="product", method="welch", design=DESIGNS["A"]
    )
    row = contrast(table, "wire - bar")
    test = {"t": row["statistic"], "df": row["df"], "diff": row["estimate"], "p": row["p_value"]}
    ends = {"lo": row["ci_low"], "hi": row["ci_high"]}
    reference.expect_all("A.svyttest.csat_wire_bar", test | ends)


def test_a_paired_difference_is_a_mean_over_those_who_gave_both_answers(reference, customers):
    sample = DESIGNS["A"].sample(customers)
    mean = sample.mean(customers["csat"] - customers["delivery"])
    prefix = "A.svyttest.paired_csat_minus_delivery"
    reference.expect(f"{prefix}.mean", mean.estimate)
    reference.expect(f"{prefix}.t", mean.estimate / mean.std_error)


def ranks_of_r(values, weights):
    """R averages the cumulated weights of tied rows without weighing them: row order matters."""
    order = np.argsort(values, kind="stable")
    cumulated = pd.Series(np.cumsum(weights[order]) - weights[order] / 2)
    ranks = np.empty(len(values))
    ranks[order] = cumulated.groupby(values[order]).transform("mean")
    return ranks / weights.sum()


def test_the_rank_test_of_two_groups_on_the_ranks_of_r(reference, customers):
    sample, values = DESIGNS["A"].sample(customers), customers["csat"].to_numpy(float)
    codes = customers["product"].cat.codes.to_numpy()
    codes = np.where(codes == 2, -1, codes)
    inside, scores = codes >= 0, np.full(len(codes), np.nan)
    scores[inside] = ranks_of_r(values[inside], sample.weights[inside])
    wald, _, df = rank_regression(scores, codes, sample)
    means, _ = mean_scores(scores, codes, sample)
    t = np.sqrt(wald)
    found = {"t": t, "df": df, "diff": means[0] - means[1], "p": 2 * stats.t.sf(t, df)}
    reference.expect_all("A.svyranktest.csat_wire_bar.wilcoxon", found)


def test_the_rank_test_of_all_groups_on_the_ranks_of_r(reference, customers):
    sample, values = DESIGNS["A"].sample(customers), customers["csat"].to_numpy(float)
    scores = ranks_of_r(values, sample.weights)
    wald, df, denominator = rank_regression(
        scores, customers["product"].cat.codes.to_numpy(), sample
    )
    found = {"chisq": wald, "df": df, "p": stats.f.sf(wald / df, df, denominator)}
    reference.expect_all("A.svyranktest.csat_product.KruskalWallis", found)


def test_where_weights_are_equal_the_published_functions_rank_as_r_does(customers):
    alike = SurveyDesign(**FIRMS)
    sample, values = alike.sample(customers), customers["csat"].to_numpy(float)
    codes = customers["product"].cat.codes.to_numpy()
    wald, df, _ = rank_regression(ranks_of_r(values, sample.weights), codes, sample)
    table = compare_groups(
        customers, items=["csat"], by="product", method="kruskal_wallis", design=alike
    )
    assert table["statistic"][0] == pytest.approx(wald / df, rel=1e-12)


def test_rao_scott_of_complaints_by_product(reference, customers):
    table = compare_groups(
        customers, items=["complaint"], by="product", method="chi_square", design=DESIGNS["A"]
    )
    row = contrast(table, "all groups")
    found = {
        "statistic": row["statistic"],
        "ndf": row["df"],
        "p": row["p_value"],
        "ddf": row["df_denominator"],
    }
    reference.expect_all("A.svychisq.complaint_product.F", found)


def test_rao_scott_and_t_test_of_the_stratified_schools(oracle):
    reference = oracle("api_weights")
    schools = reference.data("apistrat.csv")
    design = SurveyDesign(weight="pw", stratum="stype", population="fpc")
    table = compare_groups(
        schools, items=["sch.wide"], by="stype", method="chi_square", design=design
    )
    row = contrast(table, "all groups")
    found = {"F": row["statistic"], "ndf": row["df"], "ddf": row["df_denominator"]}
    reference.expect_all("strat.rao_scott.sch.wide_stype", found | {"p": row["p_value"]})
    ordered = schools.assign(**{"comp.imp": pd.Categorical(schools["comp.imp"], ["Yes", "No"])})
    table = compare_groups(ordered, items=["api00"], by="comp.imp", method="welch", design=design)
    row = contrast(table, "Yes - No")
    found = {"t": row["statistic"], "df": row["df"], "diff": row["estimate"]}
    reference.expect_all("strat.svyttest_compimp", found)


def test_a_cumulative_model_of_two_answers_is_logistic_regression(reference, customers):
    model = cumulative_logit(
        customers, items=["complaint"], terms=["csat", "market"], design=DESIGNS["A"]
    )
    for key, column in {"coef": "estimate", "se": "std_error"}.items():
        slopes = zip(model.estimates["term"], model.estimates[column], strict=True)
        found = {term.replace(": ", ""): value for term, value in slopes}
        # The threshold is the intercept turned over, as P(answer <= 0) is modelled.
        sign = -1 if key == "coef" else 1
        found["(Intercept)"] = sign * model.thresholds[column][0]
        reference.expect_all(f"A.svyglm_complaint.{key}", found)


def test_every_key_on_comparisons_is_pinned_above_or_out_of_scope(account_for_every_key):
    account_for_every_key("weights_sim", OUT_OF_SCOPE, within=WEIGHTS_SIM)
    account_for_every_key("api_weights", {}, within=API_WEIGHTS)
