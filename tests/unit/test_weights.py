"""Raking, trimming and the summary of weights: what they refuse, warn of and report."""

import warnings

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.errors import ConvergenceWarning, DataError, FitError, ParameterError, WeightWarning
from custlib.survey.weights.adjustment import rake, trim, weight_summary

HALVES = {"market": {"home": 0.5, "export": 0.5}}
BOTH = HALVES | {"size": {"small": 0.4, "large": 0.6}}


@pytest.fixture
def firms():
    """Two firms in each cell but one, three in that; the index repeats, as after stacking."""
    cells = [("home", "small"), ("home", "large"), ("export", "small"), ("export", "large")] * 2
    table = pd.DataFrame([*cells, ("home", "small")], columns=["market", "size"])
    return table.assign(start=2.0).set_axis([7] * 9)


def message(error):
    """The three parts of a message: found, expected, do."""
    parts = str(error.value).split("\n")
    assert len(parts) == 3
    return parts


def test_the_result_keeps_rows_order_index_and_columns_and_adds_one(firms):
    before = firms.copy()
    cases = rake(firms, targets=BOTH).cases
    pd.testing.assert_frame_equal(cases[firms.columns], before)
    assert list(cases) == [*before.columns, "weight"]
    pd.testing.assert_frame_equal(firms, before)


def test_tables_speak_the_vocabulary(firms):
    raked = rake(firms, targets=BOTH, base_weight="start")
    columns = ["margin", "group", "estimate", "target_share", "start_share", "n"]
    assert list(raked.estimates) == columns
    assert raked.estimates["margin"].tolist() == ["market", "market", "size", "size"]
    assert raked.estimates["group"].tolist() == ["home", "export", "small", "large"]
    assert raked.estimates["n"].tolist() == [5, 4, 5, 4]
    measured = ["n", "n_effective", "deff_w", "iterations", "largest_gap", "trimmed_share", "note"]
    assert sorted(raked.fit) == sorted(measured)


def test_the_design_knows_start_weights_and_margins(firms):
    raked = rake(firms, targets=BOTH, base_weight="start", name="raked")
    assert raked.design(stratum="market", cluster="firm", population=100) == SurveyDesign(
        weight="raked",
        base_weight="start",
        margins=("market", "size"),
        stratum="market",
        cluster="firm",
        population=100,
    )


def test_crossed_margins_reach_the_design(firms):
    cells = {("home", "small"): 0.2, ("home", "large"): 0.3, ("export", "small"): 0.4}
    raked = rake(firms, targets={("market", "size"): cells | {("export", "large"): 0.1}})
    assert raked.design().margins == (("market", "size"),)
    assert raked.estimates["margin"].unique().tolist() == ["market × size"]
    assert raked.estimates["group"].tolist()[2] == "export × small"
    share = raked.design().sample(raked.cases).mean(raked.cases["market"] == "home")
    assert share.estimate == pytest.approx(0.5)
    assert share.std_error == pytest.approx(0, abs=1e-12)


def test_a_series_of_counts_is_as_good_as_a_mapping_of_shares(firms):
    counts = {"market": pd.Series({"home": 30, "export": 30})}
    weights = rake(firms, targets=counts).cases["weight"]
    assert weights.sum() == pytest.approx(60)
    shares = rake(firms, targets=HALVES).cases["weight"]
    assert (weights / weights.sum()).tolist() == pytest.approx((shares / 9).tolist())


def test_categories_without_rows_or_targets_do_not_matter(firms):
    kinds = pd.CategoricalDtype(["export", "domestic", "home"])
    weights = rake(firms.astype({"market": kinds}), targets=HALVES).cases["weight"]
    assert weights.tolist() == rake(firms, targets=HALVES).cases["weight"].tolist()


@pytest.mark.parametrize(
    "codes",
    [np.array([1, 2] * 4 + [1], dtype="int8"), [10, 5_000_000] * 4 + [10], [0.5, 2] * 4 + [0.5]],
)
def test_categories_may_be_numbers(firms, codes):
    first, second = codes[0], codes[1]
    table = firms.assign(market=codes)
    weights = rake(table, targets={"market": {second: 0.5, first: 0.5}}).cases["weight"]
    assert weights.tolist() == pytest.approx([0.9, 1.125] * 4 + [0.9])


def test_a_category_without_a_target_is_named_with_its_rows(firms):
    firms = firms.assign(market=firms["market"].where(firms["size"] == "small", "transit"))
    with pytest.raises(DataError) as error:
        rake(firms, targets=HALVES)
    found, expected, do = message(error)
    assert "'market': 4 rows" in found
    assert "'transit'; first at rows [7, 7, 7, 7]" in found
    assert "'home', 'export'" in expected
    assert "targets" in do


def test_a_target_nobody_belongs_to_is_named(firms):
    targets = {"market": {"home": 0.5, "export": 0.3, "Export": 0.2}}
    with pytest.raises(DataError, match="'market': no respondent in: 'Export'"):
        rake(firms, targets=targets)


def test_a_gap_in_a_margin_is_named_with_its_rows(firms):
    firms = firms.reset_index(drop=True)
    firms.loc[[2, 5], "size"] = None
    with pytest.raises(DataError, match=r"'size' is missing in 2 rows; first at rows \[2, 5\]"):
        rake(firms, targets=BOTH)


@pytest.mark.parametrize("wrong", [0, -0.1, np.nan, "half", np.inf])
def test_a_target_that_is_not_a_positive_number_is_refused(firms, wrong):
    targets = BOTH | {"size": {"small": wrong, "large": 0.5}}
    with pytest.raises(ParameterError, match=r"'size' has targets .* for: 'small'"):
        rake(firms, targets=targets)


def test_a_category_with_two_targets_is_refused(firms):
    twice = pd.Series([0.5, 0.3, 0.2], index=["home", "export", "home"])
    with pytest.raises(ParameterError, match="more than one target for: 'home'"):
        rake(firms, targets={"market": twice})


def test_shares_that_do_not_sum_to_one_are_refused(firms):
    with pytest.raises(ParameterError, match=r"sum 'market' to 1, 'size' to 0\.9"):
        rake(firms, targets=HALVES | {"size": {"small": 0.4, "large": 0.5}})


def test_totals_that_differ_between_margins_are_refused(firms):
    totals = {"market": {"home": 50, "export": 50}, "size": {"small": 40, "large": 70}}
    with pytest.raises(ParameterError, match="'market' to 100, 'size' to 110"):
        rake(firms, targets=totals)


def test_a_crossed_margin_that_contradicts_a_simple_one_is_refused(firms):
    cells = {("home", "small"): 0.3, ("home", "large"): 0.3, ("export", "small"): 0.4}
    crossed = {("market", "size"): cells | {("export", "large"): 1e-9}}
    with pytest.raises(ParameterError) as error:
        rake(firms, targets=HALVES | crossed)
    found, expected, _ = message(error)
    assert "'market' and 'market × size' contradict" in found
    assert "0.5 in one" in found
    assert "'market'" in expected


@pytest.mark.parametrize("targets", [{}, None, {"market": {}}, {"market": [0.5, 0.5]}])
def test_targets_of_another_shape_are_refused(firms, targets):
    with pytest.raises(ParameterError, match="share or total"):
        rake(firms, targets=targets)


@pytest.mark.parametrize("wrong", [0, -1, None, np.inf])
def test_a_start_weight_that_is_not_positive_is_named_with_its_row(firms, wrong):
    firms = firms.set_axis(range(9)).assign(start=[1.0] * 4 + [wrong] + [1.0] * 4)
    with pytest.raises(DataError, match=r"1 weight in 'start' is .*; first: row 4: "):
        rake(firms, targets=HALVES, base_weight="start")


def test_an_absent_column_and_an_empty_table_are_refused(firms):
    with pytest.raises(DataError, match="not in the table: region"):
        rake(firms, targets={"region": {"a": 1}})
    with pytest.raises(DataError, match="no rows"):
        rake(firms.iloc[:0], targets=HALVES)


def test_a_name_that_exists_is_never_overwritten(firms):
    with pytest.raises(DataError, match="'size' already"):
        rake(firms, targets=HALVES, name="size")
    with pytest.raises(DataError, match="'start' already"):
        trim(firms, weight="start", cap=2, name="start")


@pytest.mark.parametrize("options", [{"cap": 1}, {"cap": 0.5}, {"cap": np.nan}, {"repeat": True}])
def test_a_cap_must_be_above_the_mean(firms, options):
    with pytest.raises(ParameterError, match="above 1"):
        rake(firms, targets=HALVES, **options)


def test_margins_that_exclude_each_other_name_the_worst_category(firms):
    diagonal = firms[(firms["market"] == "home") == (firms["size"] == "small")]
    with pytest.raises(FitError) as error:
        rake(diagonal, targets=BOTH)
    found, _, do = message(error)
    assert "did not converge" in found
    # The last margin raked is met, so the first is off by all of the contradiction.
    assert "'market', category 'home': share 0.4, target 0.5, gap -0.1" in found
    assert "2 of 4 combinations" in do


def test_too_few_rounds_are_an_error_not_a_result(firms):
    with pytest.raises(FitError, match="in 1 rounds"):
        rake(firms, targets=BOTH, max_iterations=1)


def test_cells_driven_to_zero_are_an_error_without_a_word_from_numpy():
    pairs = [("a", "x"), ("a", "y"), ("b", "y")]
    table = pd.DataFrame(pairs, columns=["one", "two"])
    targets = {"one": {"a": 0.4, "b": 0.6}, "two": {"x": 0.5, "y": 0.5}}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FitError, match="did not converge"):
            rake(table, targets=targets, max_iterations=5_000)


def test_start_weights_too_unlike_for_floats_are_an_error_not_weights_of_nan():
    table = pd.DataFrame({"market": ["home", "export"], "start": [1e-320, 1e10]})
    with pytest.raises(FitError, match=r"category 'home': share 0, target 0\.5"):
        rake(table, targets=HALVES, base_weight="start")


def test_weights_that_cost_more_than_half_of_the_sample_raise_a_warning(firms):
    steep = {"market": {"home": 0.99, "export": 0.01}, "size": {"small": 0.02, "large": 0.98}}
    with pytest.warns(WeightWarning, match="design effect of 4") as caught:
        raked = rake(firms, targets=steep)
    assert raked.fit["deff_w"][0] > 2
    assert caught[0].filename == __file__


def test_mild_weights_raise_no_warning(firms):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rake(firms, targets=BOTH)


def test_trimming_alone_leaves_a_gap_and_says_so(firms):
    # Only the two large exporters, at 1.46, are above; the others rise by 0.05 each.
    raked = rake(firms, targets=BOTH, cap=1.3)
    assert raked.cases["weight"].max() == pytest.approx(1.3)
    assert raked.fit["trimmed_share"][0] == pytest.approx(2 / 9)
    gaps = (raked.estimates["estimate"] - raked.estimates["target_share"]).abs()
    assert raked.fit["largest_gap"][0] == pytest.approx(gaps.max())
    assert raked.fit["largest_gap"][0] > 0.001
    assert "off target" in raked.fit["note"][0]


def test_raking_and_trimming_in_turn_meets_cap_and_margins_together():
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"market": rng.choice(["home", "export"], 200, p=[0.8, 0.2])})
    table["size"] = rng.choice(["small", "large"], 200)
    table["start"] = rng.lognormal(0, 0.8, 200)
    raked = rake(table, targets=BOTH, base_weight="start", cap=3.5, repeat=True)
    assert raked.fit["largest_gap"][0] < 1e-10
    assert raked.fit["trimmed_share"][0] > 0
    assert raked.cases["weight"].max() <= 3.5 * (1 + 1e-12)


def test_a_cap_the_margins_cannot_live_with_is_a_warning_with_the_gap(firms):
    targets = {"market": {"home": 0.2, "export": 0.8}}
    with pytest.warns(ConvergenceWarning, match=r"up to 0\.13 off target"):
        raked = rake(firms, targets=targets, cap=1.5, repeat=True)
    # Four of nine exporters at the cap hold 4 × 1.5 / 9 of the weight, and can hold no more.
    assert raked.estimates["estimate"].tolist() == pytest.approx([1 / 3, 2 / 3])


def test_a_summary_keeps_category_order_empty_groups_and_those_without_a_group():
    markets = pd.Categorical(["b", None, "b", "c"], ["c", "a", "b"])
    table = pd.DataFrame({"market": markets, "weight": [1.0, 2.0, 3.0, 4.0]}, index=[0, 0, 1, 1])
    summary = weight_summary(table, weight="weight", by="market")
    assert summary["market"].tolist() == ["c", "a", "b", "(missing)"]
    assert summary["n"].tolist() == [1, 0, 2, 1]
    assert summary["weight_sum"].fillna(0).tolist() == [4, 0, 4, 2]
    assert summary["note"].tolist() == ["", "No respondents.", "", ""]
    # One weight has no spread to estimate.
    assert summary["weight_cv"].isna().tolist() == [True, True, False, True]


def test_a_summary_refuses_weights_that_are_not_positive():
    with pytest.raises(DataError, match="row 1: 0, row 2: -1, row 3: nan"):
        weight_summary(pd.DataFrame({"weight": [1, 0, -1, None]}), weight="weight")
