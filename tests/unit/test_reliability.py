"""What reliability refuses, and what it says of blocks too thin for a number."""

import numpy as np
import pandas as pd
import pytest

from custlib.checks import require_seed
from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.survey.reliability.consistency import cronbach_alpha, item_statistics
from custlib.survey.reliability.one_factor import mcdonald_omega

MEASURES = [cronbach_alpha, item_statistics, mcdonald_omega]
ITEMS = list("abcd")
BOOTSTRAP = {"interval": "bootstrap", "n_boot": 50, "seed": 4}


@pytest.fixture
def answers():
    rng = np.random.default_rng(8)
    mood = rng.normal(size=(60, 1))
    rated = np.clip(np.round(3 + mood + rng.normal(size=(60, 4))), 1, 5)
    return pd.DataFrame(rated, columns=ITEMS).assign(firm=np.arange(60) // 3)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"items": ["a", "e"]}, DataError, "not in the table: e"),
        ({"items": ["a", "b", "a"]}, ParameterError, "more than once: a"),
        ({"items": []}, ParameterError, "0 items"),
        ({"items": "abc"}, ParameterError, "items is the text 'abc'"),
        ({"scales": {"x": "abc"}}, ParameterError, r"scales\['x'\] is the text 'abc'"),
        ({}, ParameterError, "both absent"),
        ({"scales": {}}, ParameterError, "both absent"),
        ({"items": ["a"], "scales": {"x": ["a"]}}, ParameterError, "both given"),
        ({"items": ["a", "b"], "missing": "mean"}, ParameterError, "missing is 'mean'"),
    ],
)
def test_a_wrong_choice_of_items_is_refused(answers, measure, options, error, message):
    with pytest.raises(error, match=message):
        measure(answers, **options)


@pytest.mark.parametrize("measure", MEASURES)
def test_words_in_place_of_numbers_are_refused_by_row(answers, measure):
    words = answers.astype({"b": object})
    words.loc[7, "b"] = "often"
    with pytest.raises(DataError, match="row 7: 'often'"):
        measure(words, items=ITEMS)


@pytest.mark.parametrize("measure", MEASURES)
def test_blocks_without_a_number_keep_noted_rows(answers, measure):
    scales = {"single": ["a"], "flat": ["a", "b", "even"], "nobody": ["a", "b", "none"]}
    table = measure(answers.assign(even=3, none=np.nan), scales=scales)
    related = table[~table["measure"].isin(["mean", "standard_deviation"])]
    assert related["estimate"].isna().all()
    assert dict(zip(table["dimension"], table["note"], strict=True)) == {
        "single": "one item has no consistency",
        "flat": "all answers equal: even",
        "nobody": "too few answers",
    }
    assert set(table.loc[table["dimension"] == "nobody", "n"]) == {0}


@pytest.mark.parametrize("measure", MEASURES)
def test_an_empty_table_gives_noted_rows(answers, measure):
    table = measure(answers.iloc[:0], items=ITEMS)
    assert set(table["note"]) == {"too few answers"}
    assert table["estimate"].isna().all()


def test_two_items_have_an_alpha_and_no_omega(answers):
    assert cronbach_alpha(answers, items=["a", "b"])["ci_low"][0] > 0
    assert item_statistics(answers, items=["a", "b"])["note"].eq("").all()
    omega = mcdonald_omega(answers, items=["a", "b"])
    assert omega["estimate"].isna().all()
    assert set(omega["note"]) == {"one factor needs three items"}


def test_an_item_without_a_part_of_its_own_is_noted(answers):
    # Correlations .9, .9 and .5 would need a loading above 1.
    rng = np.random.default_rng(0)
    planted = np.array([[1, 0.9, 0.9], [0.9, 1, 0.5], [0.9, 0.5, 1]]) + 0.05 * np.eye(3)
    values = rng.multivariate_normal([0, 0, 0], planted, size=400)
    table = mcdonald_omega(pd.DataFrame(values, columns=list("abc")), items=list("abc"))
    assert set(table["note"]) == {"nothing of its own is left (Heywood case): a"}
    assert table.set_index("item")["estimate"]["a"] ** 2 == pytest.approx(1 - 0.005)


def test_items_that_add_up_to_another_have_no_multiple_correlation(answers):
    summed = answers.assign(d=answers["a"] + answers["b"])
    found = cronbach_alpha(summed, items=ITEMS, **BOOTSTRAP).set_index("measure")
    assert np.isnan(found["estimate"]["lambda_6"])
    assert found["note"]["lambda_6"] == "an item follows from the others"
    assert found["note"].drop("lambda_6").eq("").all()
    assert found["estimate"].drop("lambda_6").notna().all()
    statistics = item_statistics(summed, items=ITEMS)
    corrected = statistics["measure"] == "corrected_item_total"
    assert statistics.loc[corrected, "estimate"].isna().all()
    assert statistics.loc[corrected, "note"].eq("an item follows from the others").all()
    assert statistics.loc[~corrected, "note"].eq("").all()


def test_one_cluster_leaves_alpha_without_an_interval(answers):
    design = SurveyDesign(cluster="firm")
    found = cronbach_alpha(answers.assign(firm=1), items=ITEMS, design=design, **BOOTSTRAP)
    assert found["ci_low"].isna().all()
    assert set(found["note"]) == {"too few clusters for an interval"}


@pytest.mark.parametrize("measure", MEASURES)
def test_items_may_be_the_columns_of_a_table(answers, measure):
    columns = measure(answers, items=answers.columns[:4])
    pd.testing.assert_frame_equal(columns, measure(answers, items=ITEMS))


def test_items_that_cancel_have_no_alpha(answers):
    against = answers.assign(b=-answers["a"])
    found = cronbach_alpha(against, items=["a", "b"])
    assert found.loc[0, ["estimate", "std_error", "ci_low"]].isna().all()
    assert found.loc[0, "note"] == "runs against the other items: a, b"


@pytest.mark.parametrize(
    "design", [SurveyDesign(cluster="firm"), SurveyDesign(weight="w")], ids=["cluster", "weight"]
)
def test_an_interval_for_independent_answers_is_refused_under_a_design(answers, design):
    weighted = answers.assign(w=np.linspace(1, 2, 60))
    with pytest.raises(ParameterError, match='interval="bootstrap"'):
        cronbach_alpha(weighted, items=ITEMS, design=design)
    found = cronbach_alpha(weighted, items=ITEMS, design=design, **BOOTSTRAP)
    assert (found["ci_low"] < found["estimate"]).all()


def test_resampling_needs_a_seed_and_two_draws(answers):
    with pytest.raises(ParameterError, match="seed is absent"):
        cronbach_alpha(answers, items=ITEMS, interval="bootstrap", n_boot=10)
    with pytest.raises(ParameterError, match="n_boot is 0"):
        cronbach_alpha(answers, items=ITEMS, interval="bootstrap")
    with pytest.raises(ParameterError, match="seed is absent"):
        mcdonald_omega(answers, items=ITEMS, n_boot=10)
    assert require_seed(0) == 0


def test_unknown_methods_are_refused(answers):
    with pytest.raises(ParameterError, match="interval is 'fisher'"):
        cronbach_alpha(answers, items=ITEMS, interval="fisher")
    with pytest.raises(ParameterError, match="extraction is 'pca'"):
        mcdonald_omega(answers, items=ITEMS, extraction="pca")


def test_the_same_seed_gives_the_same_interval_for_omega(answers):
    options = {"items": ITEMS, "design": SurveyDesign(cluster="firm"), "n_boot": 30}
    first, again = (mcdonald_omega(answers, seed=5, **options) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    assert (first["ci_low"] < first["estimate"]).all()
    assert not first.equals(mcdonald_omega(answers, seed=6, **options))


def test_columns_of_the_results_are_the_documented_ones(answers):
    precision = ["std_error", "ci_low", "ci_high", "conf_level"]
    tail = ["n", "n_missing", "method", "note"]
    scales = {"whole": ITEMS}
    assert list(cronbach_alpha(answers, scales=scales)) == [
        *["dimension", "measure", "estimate"],
        *precision,
        *tail,
    ]
    assert list(mcdonald_omega(answers, items=ITEMS)) == [
        *["item", "measure", "estimate"],
        *precision,
        *tail,
    ]
    statistics = ["dimension", "item", "measure", "estimate", "n", "n_missing", "note"]
    assert list(item_statistics(answers, scales=scales)) == statistics
