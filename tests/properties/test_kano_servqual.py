"""What must hold of Kano classes and service-quality gaps for any answers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custlib.design import SurveyDesign
from custlib.survey.kano import kano_categories, kano_coefficients, kano_scores
from custlib.survey.servqual import servqual_gaps

FEATURES = ["app", "van", "hotline"]
PAIRS = {
    "functional": {name: f"{name}_with" for name in FEATURES},
    "dysfunctional": {name: f"{name}_without" for name in FEATURES},
}
GAPS = {
    "expectations": PAIRS["functional"],
    "perceptions": PAIRS["dysfunctional"],
    "dimensions": {"digital": ["app"], "personal": ["van", "hotline"]},
}
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high"]


@st.composite
def surveys(draw):
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    rows = draw(st.integers(8, 40))
    columns = [*PAIRS["functional"].values(), *PAIRS["dysfunctional"].values()]
    table = pd.DataFrame(random.integers(1, 6, (rows, 6)).astype(float), columns=columns)
    table = table.mask(random.random(table.shape) < 0.05)
    return table.assign(firm=random.integers(0, 8, rows), weight=random.integers(1, 4, rows))


def tables(responses, design=None, pairs=PAIRS):
    """All tables of the Kano method, with their keys as index."""
    result = kano_categories(responses, **pairs, design=design)
    coefficients = kano_coefficients(responses, **pairs, design=design)
    scores = kano_scores(responses, **pairs, design=design)
    keyed = [result.estimates.set_index(["item", "category"])]
    keyed += [
        table.set_index(["item", "measure"])
        for table in (result.classes, result.fit, coefficients, scores)
    ]
    return keyed


def gaps(responses, design=None, **change):
    found = servqual_gaps(responses, **(GAPS | change), design=design)
    return found.set_index(["dimension", "item", "measure"])


def whole(found, dimension, measure):
    return found.loc[[(dimension, "", measure)]]


def same(found, expected, columns):
    for column in columns:
        np.testing.assert_allclose(found[column], expected[column], rtol=1e-9, atol=1e-9)


@given(responses=surveys(), order=st.permutations(FEATURES))
@settings(max_examples=25)
def test_the_order_of_features_and_rows_does_not_matter(responses, order):
    turned = {side: {name: columns[name] for name in order} for side, columns in PAIRS.items()}
    shuffled = responses.sample(frac=1, random_state=1)
    for found, expected in zip(tables(shuffled, pairs=turned), tables(responses), strict=True):
        pd.testing.assert_frame_equal(found.loc[expected.index], expected)


@given(responses=surveys())
@settings(max_examples=15)
def test_a_respondent_of_weight_two_counts_as_two(responses):
    twice = responses.loc[responses.index.repeat(responses["weight"])]
    weighted = SurveyDesign(weight="weight", cluster="firm")
    repeated = SurveyDesign(cluster="firm")
    found = tables(responses, weighted)
    for one, other in zip(found, tables(twice, repeated), strict=True):
        # A spread has the divisor n - 1, and n differs; a lone answer is no estimate.
        rows = ~one.index.get_level_values(-1).str.endswith("_sd") & (one["n"] > 1).to_numpy()
        same(one[rows], other[rows], ["estimate"])
    for column in ("estimate", "std_error"):
        rows = gaps(responses, weighted)["n"] > 1
        same(gaps(responses, weighted)[rows], gaps(twice, repeated)[rows], [column])


@given(responses=surveys())
def test_shares_of_the_classes_sum_to_one_and_make_the_coefficients(responses):
    estimates, _, fit, coefficients, _ = tables(responses)
    shares = estimates.reset_index().pivot_table(
        index="item", columns="category", values="estimate"
    )
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1)
    kept = shares[list("MOAI")].sum(axis=1)
    # A lone answer is no estimate.
    coefficients = coefficients[coefficients["n"] > 1]["estimate"]
    for measure, sign, gain in (("better", 1, "A"), ("worse", -1, "M")):
        found = coefficients.xs(measure, level="measure")
        expected = sign * (shares[gain] + shares["O"]) / kept
        np.testing.assert_allclose(found, expected.loc[found.index], atol=1e-12)
    total = fit["estimate"].xs("total_strength", level="measure")
    pd.testing.assert_series_equal(
        total, shares[["M", "O", "A"]].sum(axis=1), check_names=False, check_like=True
    )


@given(responses=surveys())
def test_counts_say_the_same_as_the_answers_they_were_counted_from(responses):
    complete = responses.dropna()
    if len(complete) < 2:
        return
    expected = kano_categories(complete, **PAIRS)
    counts = expected.estimates.pivot_table(index="item", columns="category", values="numerator")
    found = kano_categories(counts.loc[FEATURES].reset_index(), item="item")
    pd.testing.assert_frame_equal(found.estimates, expected.estimates)
    pd.testing.assert_frame_equal(found.classes, expected.classes)
    pd.testing.assert_frame_equal(found.fit, expected.fit)


@given(responses=surveys())
def test_all_intervals_at_once_are_wider_than_one_at_a_time(responses):
    one = kano_categories(responses, **PAIRS).estimates
    all_ = kano_categories(responses, **PAIRS, simultaneous=True).estimates
    assert (all_["ci_low"] <= one["ci_low"]).all()
    assert (all_["ci_high"] >= one["ci_high"]).all()


@given(responses=surveys())
def test_a_gap_is_perception_less_expectation_at_every_level(responses):
    found = gaps(responses)["estimate"]
    gap, mean, expected = (
        found.xs(measure, level="measure") for measure in ("gap", "perception", "expectation")
    )
    np.testing.assert_allclose(gap, mean - expected, atol=1e-12)


@given(responses=surveys(), shift=st.floats(-3, 3))
def test_a_shift_of_both_answers_leaves_the_gap_and_swapping_them_turns_it(responses, shift):
    expected = gaps(responses).xs("gap", level="measure")
    columns = [*PAIRS["functional"].values(), *PAIRS["dysfunctional"].values()]
    moved = responses.assign(**{name: responses[name] + shift for name in columns})
    same(gaps(moved).xs("gap", level="measure"), expected, NUMBERS)
    sides = {"expectations": GAPS["perceptions"], "perceptions": GAPS["expectations"]}
    turned = gaps(responses, **sides).xs("gap", level="measure")
    np.testing.assert_allclose(turned["estimate"], -expected["estimate"], atol=1e-12)
    np.testing.assert_allclose(turned["ci_low"], -expected["ci_high"], atol=1e-9)
    np.testing.assert_allclose(turned["p_value"], expected["p_value"], atol=1e-9)


@given(responses=surveys())
def test_equal_points_weigh_nothing_and_all_points_on_one_dimension_leave_it_alone(responses):
    even = gaps(responses, importance={"digital": 50, "personal": 50})
    same(whole(even, "overall", "weighted_gap"), whole(even, "overall", "gap"), NUMBERS)
    complete = responses.dropna()
    if len(complete) > 1:
        lone = gaps(complete, importance={"digital": 100, "personal": 0})
        same(whole(lone, "overall", "weighted_gap"), whole(lone, "digital", "gap"), NUMBERS)
