"""What the Kano method does with answers that are wrong, thin, or all in one class."""

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.intervals import goodman, wilson
from custlib.survey import kano_categories, kano_coefficients, kano_scores

PAIR = {"functional": {"app": "with"}, "dysfunctional": {"app": "without"}}


def answers(pairs, **more):
    return pd.DataFrame(pairs, columns=["with", "without"]).assign(**more)


def one_feature(**counts):
    return pd.DataFrame([dict.fromkeys("MOAIRQ", 0) | counts]).assign(feature="app")


GOOD = answers([(1, 5), (1, 3), (2, 5), (3, 3)] * 3)


@pytest.mark.parametrize("estimator", [kano_categories, kano_coefficients, kano_scores])
def test_answers_off_the_scale_or_in_words_are_refused(estimator):
    with pytest.raises(DataError, match=r"1 answer in 'with' off the scale; first: row 1: 6"):
        estimator(answers([(1, 5), (6, 3)]), **PAIR)
    with pytest.raises(DataError, match="'like'"):
        estimator(answers([("like", 5), (1, 3)]), **PAIR)
    with pytest.raises(DataError, match="without"):
        estimator(GOOD[["with"]], **PAIR)


@pytest.mark.parametrize("estimator", [kano_categories, kano_coefficients, kano_scores])
def test_a_feature_needs_both_of_its_questions(estimator):
    with pytest.raises(ParameterError, match="one question of the two: van"):
        estimator(
            GOOD,
            functional={"app": "with", "van": "without"},
            dysfunctional={"app": "without"},
        )
    with pytest.raises(ParameterError, match="more than once: with"):
        estimator(GOOD, functional={"app": "with"}, dysfunctional={"app": "with"})
    with pytest.raises(ParameterError, match="There are 0 items"):
        estimator(GOOD, functional={}, dysfunctional={})


def test_codes_are_five_different_ones_in_any_order():
    words = GOOD.replace({1: "l", 2: "m", 3: "n", 4: "w", 5: "d"})
    coded = kano_categories(words, **PAIR, coding=("l", "m", "n", "w", "d"))
    pd.testing.assert_frame_equal(coded.classes, kano_categories(GOOD, **PAIR).classes)
    turned = kano_categories(6 - GOOD, **PAIR, coding=(5, 4, 3, 2, 1))
    pd.testing.assert_frame_equal(turned.estimates, kano_categories(GOOD, **PAIR).estimates)
    for coding in ((1, 2, 3, 4), (1, 2, 3, 4, 4)):
        with pytest.raises(ParameterError, match="five different codes"):
            kano_categories(GOOD, **PAIR, coding=coding)


def test_settings_out_of_bounds_are_refused():
    with pytest.raises(ParameterError, match="slack"):
        kano_categories(GOOD, **PAIR, slack=-0.1)
    with pytest.raises(ParameterError, match="conf_level"):
        kano_categories(GOOD, **PAIR, conf_level=95)


@pytest.mark.parametrize("wrong", [-1, 2.5, None])
def test_counts_are_whole_numbers(wrong):
    with pytest.raises(DataError, match=r"Counts negative, broken or missing, first for 'app'"):
        kano_categories(one_feature(O=wrong, A=3), item="feature")


def test_a_table_of_counts_stands_alone():
    with pytest.raises(ParameterError, match="item alone"):
        kano_coefficients(one_feature(O=3), item="feature", **PAIR)
    with pytest.raises(ParameterError, match="item alone"):
        kano_categories(one_feature(O=3), item="feature", design=SurveyDesign())
    with pytest.raises(ParameterError, match="more than once: app"):
        kano_categories(pd.concat([one_feature(O=3)] * 2), item="feature")
    with pytest.raises(DataError, match="Q"):
        kano_categories(one_feature(O=3).drop(columns="Q"), item="feature")


def test_nobody_in_the_four_classes_is_noted():
    counts = one_feature(R=4, Q=2)
    rows = kano_coefficients(counts, item="feature")
    assert rows["note"].tolist() == ["nobody in M, O, A, I"] * 2
    assert rows["estimate"].isna().all()
    assert rows["n"].tolist() == [0, 0]
    result = kano_categories(counts, item="feature")
    rules = result.classes.set_index("measure")
    assert rules.loc["maximum", "category"] == "R"
    assert rules.loc["first_of_moai", "category"] == ""
    assert rules.loc["first_of_moai", "note"] == "nobody in M, O, A, I"
    equal = result.fit.set_index("measure").loc["equal_shares"]
    assert np.isnan(equal["statistic"])
    assert equal["note"] == "nobody in M, O, A, I"


def test_a_reversed_feature_is_noted_beside_the_rule_that_ignores_it():
    rules = kano_categories(one_feature(R=9, O=4, I=3), item="feature").classes
    rules = rules.set_index("measure")
    assert rules.loc["maximum", "category"] == "R"
    assert rules.loc["first_of_moai", "category"] == "O"
    assert rules.loc["first_of_moai", "note"] == "R is larger than M, O, A, I"


def test_a_tie_is_noted_and_the_first_in_order_goes_ahead():
    top = kano_categories(one_feature(A=5, O=5, I=5, M=1), item="feature").classes.iloc[0]
    assert top["category"] == "O"
    assert top["verdict"] == "not distinct"
    assert top["note"] == "as many answers in A, I"


@pytest.mark.parametrize("classes", ["MOO", "OMM", "AOO", "RII"])
@pytest.mark.parametrize("weights", [(0.3, 0.1, 0.2), (0.3, 0.2, 0.1)])
def test_a_tie_of_weights_that_only_rounding_breaks_is_a_tie(classes, weights):
    pairs = {"M": (2, 5), "O": (1, 5), "A": (1, 3), "I": (3, 3), "R": (5, 3)}
    table = answers([pairs[one] for one in classes], weight=weights)
    rules = kano_categories(table, **PAIR, design=SurveyDesign(weight="weight")).classes
    ahead, behind = sorted(set(classes), key="MOAIRQ".index)
    assert rules["category"].tolist() == [ahead, ahead]
    assert rules.loc[0, "note"] == f"as many answers in {behind}"
    assert rules.loc[1, ["verdict", "note"]].tolist() == ["maximum", ""]


def test_the_interval_of_the_lead_ends_at_1():
    fit = kano_categories(one_feature(M=18, O=2), item="feature").fit.set_index("measure")
    row = fit.loc["category_strength"]
    assert row["estimate"] == pytest.approx(0.8)
    # Values 1 and −1 with mean .8: variance (1 − .8²)/19; t quantile of 19 df.
    assert row["ci_low"] == pytest.approx(0.8 - 2.093024 * (0.36 / 19) ** 0.5)
    assert row["ci_high"] == 1


@pytest.mark.parametrize("n", [0, 1])
def test_an_empty_group_and_a_group_of_one_keep_noted_rows(n):
    groups = pd.Categorical(["a"] * (12 - n) + ["b"] * n, categories=["a", "b"])
    table = GOOD.assign(group=groups)
    note = "one answer" if n else "no answers"
    result = kano_categories(table, **PAIR, by="group")
    shares = result.estimates.query("group == 'b'")
    assert shares["estimate"].isna().all()
    assert shares["note"].tolist() == [note] * 6
    rules = result.classes.query("group == 'b'")
    assert rules["category"].tolist() == ["", ""]
    assert rules["note"].tolist() == [note] * 2
    for rows in (
        kano_coefficients(table, **PAIR, by="group"),
        kano_scores(table, **PAIR, by="group"),
    ):
        thin = rows.query("group == 'b'")
        assert thin["estimate"].isna().all()
        assert thin["note"].tolist() == [note] * len(thin)
    empty = kano_categories(one_feature(A=n), item="feature")
    assert empty.estimates["note"].tolist() == [note] * 6


def test_half_a_pair_is_missing():
    table = answers([(1, 5), (1, None), (None, 5), (2, 5)])
    for rows in (
        kano_categories(table, **PAIR).estimates,
        kano_coefficients(table, **PAIR),
        kano_scores(table, **PAIR),
    ):
        assert (rows["n"] == 2).all()
        assert (rows["n_missing"] == 2).all()


def test_intervals_in_a_simple_sample_are_wilsons_and_goodmans():
    counts = one_feature(M=9, O=20, A=11, I=6, R=3, Q=1)
    numbers = np.array([9, 20, 11, 6, 3, 1])
    for simultaneous, ends in (
        (False, wilson(numbers / 50, 50, conf_level=0.9)),
        (True, goodman(numbers, conf_level=0.9)),
    ):
        found = kano_categories(
            counts, item="feature", simultaneous=simultaneous, conf_level=0.9
        ).estimates
        assert found["ci_low"].to_numpy() == pytest.approx(ends[0])
        assert found["ci_high"].to_numpy() == pytest.approx(ends[1])


def test_tests_in_a_group_of_a_simple_sample_are_those_of_the_group_alone():
    table = pd.concat([GOOD.assign(group="a"), answers([(1, 3), (3, 3), (1, 1)] * 4, group="b")])
    alone = kano_categories(table.query("group == 'a'"), **PAIR).fit
    among = kano_categories(table, **PAIR, by="group").fit.query("group == 'a'")
    assert among["statistic"].to_numpy() == pytest.approx(alone["statistic"], nan_ok=True)


def test_all_from_one_firm_leaves_no_standard_error():
    rows = kano_categories(GOOD.assign(firm="a"), **PAIR, design=SurveyDesign(cluster="firm"))
    assert rows.estimates["note"].tolist() == ["too few clusters for a standard error"] * 6
    assert rows.fit["statistic"].isna().all()
    assert rows.classes["category"].tolist() == ["M", "M"]
