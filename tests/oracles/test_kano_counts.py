"""The Kano method on a published table of counts and on ten constructed pairs of answers."""

import numpy as np
import pytest

from custlib.survey.kano import (
    evaluation_table,
    kano_categories,
    kano_coefficients,
    kano_scores,
)
from custlib.survey.kano.coefficients import SCORES
from custlib.survey.kano.evaluation import ANSWERS

NAMES = ["Service_app", "Excellent_service", "Hotline", "Loan_machine", "Ready-to-use_return"]
OUT_OF_SCOPE: dict[str, str] = {}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("kano_counts")


@pytest.fixture(scope="module")
def found(reference):
    """Every number the oracle has of a feature, from the library's tables."""
    counts = reference.data("kano_counts.csv")
    result = kano_categories(counts, item="attribute")
    fit = result.fit.set_index(["item", "measure"])
    rules = result.classes.set_index(["item", "measure"])["category"]
    better = kano_coefficients(counts, item="attribute").set_index(["item", "measure"])["estimate"]
    values = {}
    for item, rows in result.estimates.groupby("item"):
        lead, equal = fit.loc[(item, "category_strength")], fit.loc[(item, "equal_shares")]
        top = sorted(rows["numerator"])[::-1]
        # The library gives Fong's test as a number of standard errors.
        critical = 1.65 * lead["estimate"] * lead["n"] / lead["statistic"]
        values[item.replace(" ", "_")] = {
            "n": rows["n"].iloc[0],
            "better": better[item, "better"],
            "worse": better[item, "worse"],
            "total_strength": fit.loc[(item, "total_strength"), "estimate"],
            "category_strength": lead["estimate"],
            "chi2": equal["statistic"],
            "chi2_p": equal["p_value"],
            "fong_diff": top[0] - top[1],
            "fong_critical": critical,
            "max_category": rules[item, "maximum"],
            "moai_category_5pct": rules[item, "first_of_moai"],
            "fong_significant": lead["verdict"] == "distinct",
        }
    return values


@pytest.mark.parametrize("name", NAMES)
def test_classes_coefficients_strengths_and_tests_of_a_table_of_counts(reference, found, name):
    reference.expect_all(f"kano.{name}", found[name])


@pytest.mark.parametrize("name", NAMES)
def test_the_published_numbers_are_these(reference, found, name):
    values = found[name]
    same = ("max_category", "chi2", "fong_diff", "fong_critical", "fong_significant")
    reference.expect_all(
        f"kano.published.{name}",
        {key: values[key] for key in same}
        | {
            "moai_category": values["moai_category_5pct"],
            "total_strength_pct": 100 * values["total_strength"],
            "category_strength_pct": 100 * values["category_strength"],
            "cs_plus": values["better"],
            "cs_minus": values["worse"],
        },
    )


def test_the_25_cells_of_the_evaluation_table(reference):
    table = evaluation_table().set_index("functional")
    cells = {f"{row}.{column}": table.loc[row, column] for row in ANSWERS for column in ANSWERS}
    reference.expect_all("kano.evaluation_table", cells)


def test_the_scores_of_an_answer(reference):
    for side, scores in SCORES.items():
        values = dict(zip(ANSWERS, scores, strict=True))
        reference.expect_all(f"kano.continuous_score.{side}", values)


@pytest.mark.parametrize("feature", ["f1", "f2"])
def test_counts_means_and_spread_of_pairs_of_answers(reference, feature):
    pairs = reference.data("kano_toy_pairs.csv").query("feature == @feature")
    asked = {
        "functional": {feature: "functional"},
        "dysfunctional": {feature: "dysfunctional"},
        "coding": ANSWERS,
    }
    shares = kano_categories(pairs, **asked).estimates.set_index("category")["numerator"]
    scores = kano_scores(pairs, **asked).set_index("measure")["estimate"]
    expected = {f"count_{category}": shares[category] for category in "AOMIRQ"}
    for side in SCORES:
        expected |= {f"{side}_mean": scores[side], f"{side}_sd": scores[f"{side}_sd"]}
    assert not np.isnan(list(expected.values())).any()
    reference.expect_all(f"kano.toy.{feature}", expected)


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("kano_counts", OUT_OF_SCOPE)
