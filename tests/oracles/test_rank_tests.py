"""Rank and mean tests, effect sizes and adjusted p values against R, coin and effectsize."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from custlib.intervals import adjust_p, clopper_pearson, wilson
from custlib.survey.comparison.contrasts import compare_groups
from custlib.survey.comparison.effect_sizes import small_sample_factor
from custlib.survey.comparison.rank_tests import mann_whitney
from custlib.survey.ranking import rank_agreement

ANOTHER_TEST = "compare_groups offers Brunner–Munzel, Welch, Mann–Whitney, Kruskal–Wallis and "
ANOTHER_TEST += "chi-square; this test is not among them"
OUT_OF_SCOPE = {
    "kruskal.ozone_month.eta2_H": "the effect size reported with Kruskal–Wallis is epsilon squared",
    "mannwhitney.exact_conditional": "the normal approximation is used at every size",
    "hodges_lehmann": "a shift of location has no meaning on a short answer scale",
    "student": ANOTHER_TEST,
    "paired": ANOTHER_TEST,
    "welch_anova": ANOTHER_TEST,
    "anova": ANOTHER_TEST,
    "kendallW.wine.W_uncorrected": "W is corrected for ties",
    "kendallW.wine.S": "a step on the way to W",
    "kendallW.wine.tie_sum": "a step on the way to W",
    "pairwise_wilcox.hommel": "adjust_p does not offer Hommel's method",
    "pairwise_t_holm": "Welch does not pool the standard deviation over all groups",
    "pairwise_t_holm_published": "Welch does not pool the standard deviation over all groups",
    "spearman": "correlations belong to drivers, not to comparison",
    "kendall_tau_b": "correlations belong to drivers, not to comparison",
    "jobsat.management_own.X2_yates": "chi_square makes no continuity correction",
    "jobsat.management_own.OR_sample": "odds ratios come from cumulative_logit",
    "jobsat.management_own.OR_fisher": "odds ratios come from cumulative_logit",
    "jobsat.management_own.OR_lo": "odds ratios come from cumulative_logit",
    "jobsat.management_own.OR_hi": "odds ratios come from cumulative_logit",
    "jobsat.mantelhaen": ANOTHER_TEST,
    "mcnemar": ANOTHER_TEST,
}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("rank_tests")


@pytest.fixture(scope="module")
def ozone(reference):
    air = reference.data("airquality.csv")
    return air.assign(Month=pd.Categorical(air["Month"]))


def only_row(table):
    assert len(table) == 1
    return table.iloc[0]


def test_kruskal_wallis_with_ties(reference, ozone):
    row = only_row(compare_groups(ozone, items=["Ozone"], by="Month", method="kruskal_wallis"))
    found = {"H": row["statistic"], "df": row["df"], "p": row["p_value"]}
    for key, value in (found | {"n": row["n"], "epsilon2": row["effect"]}).items():
        reference.expect(f"kruskal.ozone_month.{key}", value)
    reference.expect_all("kruskal.published", {"H": found["H"], "df": found["df"]})
    reference.expect("kruskal.published_p", found["p"])


def test_mann_whitney_counts_pairs_won_by_the_first_group(reference, ozone):
    months = ozone[ozone["Month"].isin([5, 8])].assign(
        Month=lambda table: table["Month"].cat.remove_unused_categories()
    )
    row = only_row(compare_groups(months, items=["Ozone"], by="Month", method="mann_whitney"))
    answered = months.dropna(subset="Ozone")
    first = (answered["Month"] == 5).to_numpy()
    uncorrected = mann_whitney(
        pd.factorize(answered["Ozone"], sort=True)[0],
        first,
        first | True,
        None,
        0.95,
        continuity=False,
    )
    found = {
        "W": row["statistic"],
        "p_corrected": row["p_value"],
        "p_uncorrected": uncorrected["p_value"],
        "n1": first.sum(),
        "n2": row["n"] - first.sum(),
    }
    reference.expect_all("mannwhitney.may_aug", found)
    reference.expect("mannwhitney.published.W", row["statistic"])
    reference.expect("mannwhitney.published_p", row["p_value"])


@pytest.mark.parametrize("method", ["mann_whitney", "brunner_munzel"])
def test_cliffs_delta_is_twice_the_probability_less_one(reference, ozone, method):
    table = compare_groups(ozone, items=["Ozone"], by="Month", method=method)
    row = only_row(table[table["contrast"] == "5 - 8"])
    reference.expect("cliffs_delta.may_aug", row["effect"])
    reference.expect("vargha_delaney_A.may_aug", row["estimate"])


def test_the_interval_of_the_rank_biserial_correlation(reference, ozone):
    table = compare_groups(ozone, items=["Ozone"], by="Month", method="mann_whitney")
    row = only_row(table[table["contrast"] == "5 - 8"])
    ends = {"lower": row["effect_low"], "upper": row["effect_high"]}
    reference.expect_all("effectsize_rank_biserial", {"r": row["effect"]} | ends)


def test_welch_and_its_standardized_differences(reference):
    sleep = reference.data("sleep.csv")
    row = only_row(compare_groups(sleep, items=["extra"], by="group", method="welch"))
    test = {"t": row["statistic"], "df": row["df"], "p": row["p_value"]}
    ends = {"lower": row["ci_low"], "upper": row["ci_high"]}
    reference.expect_all("welch.sleep", test | ends)
    reference.expect_all("welch.published", test)
    reference.expect("hedges_g.sleep", row["effect"])
    cohen = row[["effect", "effect_low", "effect_high"]] / small_sample_factor(18)
    reference.expect_all("cohens_d.sleep", dict(zip(["d", "lower", "upper"], cohen, strict=True)))


def test_adjusted_p_values_of_all_pairs(reference, ozone):
    def pairs(adjust):
        table = compare_groups(
            ozone, items=["Ozone"], by="Month", method="mann_whitney", adjust=adjust
        )
        assert table["contrast"].tolist() == [
            f"{a} - {b}" for a, b in combinations(range(5, 10), 2)
        ]
        return table.assign(key=table["contrast"].str.replace(" - ", "v")).set_index("key")

    reference.expect_all("pairwise_wilcox.raw", pairs("none")["p_value"])
    for method in ("holm", "BH", "bonferroni", "hochberg", "BY"):
        reference.expect_all(f"pairwise_wilcox.{method}", pairs(method.lower())["p_adjusted"])


def test_adjustment_does_not_depend_on_the_order_of_the_tests(reference):
    raw = {key: reference.values[key]["value"] for key in reference.keys("pairwise_wilcox.raw")}
    turned = adjust_p(list(raw.values())[::-1], "holm")[::-1]
    names = [key.removeprefix("pairwise_wilcox.raw.") for key in raw]
    reference.expect_all("pairwise_wilcox.holm", dict(zip(names, turned, strict=True)))


def test_chi_square_of_a_two_by_two_table(reference):
    workers = reference.data("jobsatisfaction.csv")
    people = workers.loc[workers.index.repeat(workers["Freq"])]
    row = only_row(compare_groups(people, items=["own"], by="management", method="chi_square"))
    found = {"X2": row["statistic"], "p": row["p_value"], "phi": row["effect"]}
    for key, value in found.items():
        reference.expect(f"jobsat.management_own.{key}", value)


def test_chi_square_of_four_shares(reference):
    smokers, patients = np.array([83, 90, 129, 70]), np.array([86, 93, 136, 82])
    counts = np.column_stack([smokers, patients - smokers]).ravel()
    people = pd.DataFrame(
        {
            "hospital": np.repeat(np.repeat(list("abcd"), 2), counts),
            "smokes": np.repeat(np.tile([1, 0], 4), counts),
        }
    )
    row = only_row(compare_groups(people, items=["smokes"], by="hospital", method="chi_square"))
    reference.expect_all("prop_test.smokers", {"X2": row["statistic"], "p": row["p_value"]})


@pytest.mark.parametrize("successes, n", [(83, 86), (0, 20), (17, 25)])
def test_intervals_of_a_share(reference, successes, n):
    ends = dict(zip(["wilson_lo", "wilson_hi"], wilson(successes / n, n), strict=True))
    ends |= dict(zip(["cp_lo", "cp_hi"], clopper_pearson(successes, n), strict=True))
    reference.expect_all(f"prop_ci.{successes}of{n}", ends)


def concordance(table):
    found = rank_agreement(table, items=list(table.columns))
    return found.estimates.set_index("item")["estimate"], found.fit.set_index("measure")


def test_friedman_and_kendall_w_without_ties(reference):
    _, fit = concordance(reference.data("rounding_times.csv"))
    row = fit.loc["kendall_W"]
    found = {"chi2": row["statistic"], "df": row["df"], "p": row["p_value"], "W": row["estimate"]}
    reference.expect_all("friedman.rounding", found)
    reference.expect("friedman.published.chi2", row["statistic"])
    reference.expect("friedman.published.p", row["p_value"])


def test_kendall_w_with_ties(reference):
    means, fit = concordance(reference.data("wine_judge_by_bottle.csv"))
    row = fit.loc["kendall_W"]
    found = {"W": row["estimate"], "chi2": row["statistic"], "df": row["df"], "p": row["p_value"]}
    for name, value in found.items():
        reference.expect(f"kendallW.wine.{name}", value)
    sums = {f"bottle{item}": mean * row["n"] for item, mean in means.items()}
    reference.expect_all("kendallW.wine_ranksum", sums)
    reference.expect("kendallW.wine_mean_spearman", fit.loc["mean_Spearman", "estimate"])


def test_every_key_of_the_oracle_is_pinned_above_or_out_of_scope(account_for_every_key):
    account_for_every_key("rank_tests", OUT_OF_SCOPE)
