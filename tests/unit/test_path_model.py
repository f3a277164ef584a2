"""What a path model refuses, and what it says of thin or awkward data."""

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.errors import DataError, FitError, ParameterError
from custlib.survey import acsi_paths, ecsi_paths, path_model

ECSI = ["image", "expectation", "quality", "value", "satisfaction", "complaints", "loyalty"]
BLOCKS = {"quality": ["q1", "q2", "q3"], "satisfaction": ["s1", "s2"], "loyalty": ["l1"]}
PATHS = [("quality", "satisfaction"), ("satisfaction", "loyalty")]


def customers(rows=60, seed=5):
    random = np.random.default_rng(seed)
    quality = random.normal(size=rows)
    satisfaction = 0.7 * quality + 0.7 * random.normal(size=rows)
    loyalty = 0.6 * satisfaction + 0.8 * random.normal(size=rows)
    columns = {}
    for items, construct in ((BLOCKS["quality"], quality), (BLOCKS["satisfaction"], satisfaction)):
        columns |= {item: construct + 0.6 * random.normal(size=rows) for item in items}
    columns["l1"] = loyalty
    table = pd.DataFrame(columns)
    return (table * 2 + 5.5).round().clip(1, 10)


def fit(responses=None, **options):
    chosen = {"blocks": BLOCKS, "paths": PATHS, "scale": (1, 10)} | options
    return path_model(customers() if responses is None else responses, **chosen)


def values(table, measure, column="estimate"):
    rows = table[table["measure"] == measure]
    return dict(zip(rows.iloc[:, 0], rows[column], strict=True))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"blocks": {}, "paths": []}, "Blocks without a list of items: all"),
        ({"blocks": BLOCKS | {"loyalty": []}}, "Blocks without a list of items: 'loyalty'"),
        ({"blocks": BLOCKS | {"loyalty": "l1"}}, "Blocks without a list of items: 'loyalty'"),
        ({"blocks": BLOCKS | {"loyalty": ["q1"]}}, "Items named more than once: q1"),
        ({"blocks": BLOCKS | {"loyalty": ["l1", "l1"]}}, "Items named more than once: l1"),
        ({"paths": PATHS[:1]}, "Constructs on no path: loyalty"),
        ({"paths": [*PATHS, ("qualty", "loyalty")]}, "Did you mean 'quality'"),
        ({"paths": [*PATHS, ("loyalty", "quality")]}, "themselves through the paths: quality, sat"),
        ({"paths": [*PATHS, ("loyalty", "loyalty")]}, "themselves through the paths: loyalty"),
        ({"modes": "C"}, "mode of 'quality' is 'C'"),
        ({"modes": {"qualty": "B"}}, "a block in modes is 'qualty'"),
        ({"scheme": "centroids"}, "Did you mean 'centroid'"),
        ({"signs": "item"}, "signs is 'item'"),
        ({"scale": {"q1": (1, 10)}}, "scale has no entry for 'q2'"),
        ({"n_boot": 10}, "The seed is absent"),
        ({"n_boot": 1, "seed": 1}, "n_boot"),
        ({"n_boot": -1, "seed": 1}, "n_boot"),
        ({"max_iterations": 0}, "max_iterations"),
        ({"conf_level": 95}, "conf_level"),
    ],
)
def test_arguments_that_make_no_model_are_refused(options, message):
    with pytest.raises(ParameterError, match=message):
        fit(**options)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda t: t.drop(columns="q2"), "Columns not in the table: q2"),
        (lambda t: t.assign(q2="good"), "not a number"),
        (lambda t: t.assign(q2=11), "off the scale"),
        (lambda t: t.assign(q2=7), "complete answers are equal in: q2"),
        (lambda t: t.assign(**dict.fromkeys(t, 7)), "equal in: q1, q2, q3, s1, s2, l1"),
        (lambda t: t.assign(q2=np.nan), "0 respondents answered every item"),
        (lambda t: t.head(2), "2 respondents answered every item"),
        (lambda t: t.head(0), "0 respondents answered every item"),
        (lambda t: t.assign(loyalty_score=1), "already has: loyalty_score"),
        (lambda t: pd.concat([t, t[["q1"]]], axis=1), "more than once: q1"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(change, message):
    with pytest.raises(DataError, match=message):
        fit(change(customers()))


def test_weights_that_do_not_settle_predict_nothing():
    with pytest.raises(FitError, match="not settled after 1 rounds"):
        fit(max_iterations=1, tolerance=1e-15)


def test_causes_that_repeat_each_other_have_no_paths():
    table = customers().assign(copy=lambda t: t["q1"])
    blocks = {"quality": ["q1"], "copy": ["copy"], "loyalty": ["l1"]}
    with pytest.raises(FitError, match="A regression has no solution"):
        fit(table, blocks=blocks, paths=[("quality", "loyalty"), ("copy", "loyalty")])


def test_items_of_mode_b_that_repeat_each_other_have_no_weights():
    table = customers().assign(q2=lambda t: t["q1"])
    with pytest.raises(FitError, match="an item of mode B"):
        fit(table, modes={"quality": "B"})
    assert values(fit(table).estimates, "path")


def test_more_items_than_respondents_do_in_mode_a_and_not_in_mode_b():
    table = customers(rows=5, seed=8)
    assert values(fit(table).fit, "n") == {"n": 5}
    with pytest.raises(FitError):
        fit(table.head(3), modes={"quality": "B"})


def test_items_that_measure_nothing_in_common_have_no_consistent_solution():
    random = np.random.default_rng(3)
    noise = pd.DataFrame(random.integers(1, 11, (40, 6)), columns=list(customers()))
    with pytest.raises(FitError, match="PLSc has no admissible solution"):
        fit(noise, consistent=True)


def test_reliabilities_in_order_may_still_correct_beyond_any_correlation():
    table = customers().assign(s1=lambda t: t["q1"], s2=lambda t: t["q2"])
    with pytest.raises(FitError, match=r"contradict one another; hardest to tell apart: quality"):
        fit(table, consistent=True)


def test_a_block_of_one_item_weighs_one_and_has_no_reliability():
    model = fit(n_boot=20, seed=1)
    rows = model.estimates[model.estimates["term"] == "loyalty =~ l1"].set_index("measure")
    assert rows.loc[["loading", "weight", "index_weight"], "estimate"].tolist() == pytest.approx(
        [1] * 3
    )
    assert set(rows["note"]) == {"a block of one item"}
    alone = model.constructs[model.constructs["dimension"] == "loyalty"].set_index("measure")
    for measure in ("alpha", "standardized_alpha", "rho_A", "rho_c", "AVE"):
        assert np.isnan(alone.loc[measure, "estimate"])
        assert alone.loc[measure, "note"] == "a block of one item"
    assert alone.loc["index", "note"] == ""


def test_a_block_of_mode_b_has_no_reliability_either():
    constructs = fit(modes={"quality": "B"}).constructs
    formed = constructs[constructs["dimension"] == "quality"].set_index("measure")
    assert formed.loc["rho_A", "note"] == "mode B"
    assert np.isnan(formed.loc["AVE", "estimate"])


def test_only_constructs_that_are_acted_on_have_explained_variance():
    assert set(values(fit().constructs, "r_squared")) == {"satisfaction", "loyalty"}
    assert set(values(fit().constructs, "adjusted_r_squared")) == {"satisfaction", "loyalty"}


def test_rows_with_a_gap_are_left_out_counted_and_have_no_score():
    table = customers()
    table.loc[[3, 7], "q1"] = np.nan
    table.index = table.index + 100
    model = fit(table)
    complete = fit(table.dropna())
    assert values(model.estimates, "path") == values(complete.estimates, "path")
    assert set(model.estimates["n"]) == {58}
    assert set(model.estimates["n_missing"]) == {2}
    assert model.cases.index.tolist() == table.index.tolist()
    assert model.cases.index[model.cases["quality_score"].isna()].tolist() == [103, 107]
    assert model.cases["loyalty_index"].isna().sum() == 2
    assert list(model.cases)[: table.shape[1]] == list(table)


def test_without_resamples_there_are_no_intervals():
    model = fit()
    assert model.estimates[["std_error", "ci_low", "ci_high", "p_value"]].isna().all(axis=None)
    assert model.base.resampled is None
    assert set(model.estimates["note"]) == {"", "a block of one item"}


def test_only_effects_are_tested_against_zero():
    rows = fit(n_boot=50, seed=1).estimates
    tested = rows["p_value"].notna()
    assert set(rows.loc[tested, "measure"]) == {"path", "indirect_effect", "total_effect"}
    assert rows.loc[tested, "df"].eq(59).all()
    assert rows.loc[~tested, ["statistic", "df"]].isna().all(axis=None)


def test_the_same_seed_draws_the_same_resamples():
    once, again = fit(n_boot=30, seed=2), fit(n_boot=30, seed=2)
    pd.testing.assert_frame_equal(once.estimates, again.estimates)
    assert not once.estimates.equals(fit(n_boot=30, seed=3).estimates)


def test_resamples_without_a_solution_are_counted_and_said():
    # One respondent differs on q3: a resample without that one has no spread there.
    table = customers().assign(q3=lambda t: np.where(t.index == 0, 9, 5))
    model = fit(table, n_boot=200, seed=1)
    undefined = values(model.fit, "undefined_resamples")["undefined_resamples"]
    assert 40 < undefined < 110  # (1 - 1/60)^60 is 36 %
    assert (
        model.estimates["note"]
        .str.endswith(f"{undefined:.0f} of 200 resamples without a solution")
        .all()
    )
    assert values(model.estimates, "path", "std_error")["quality -> satisfaction"] > 0


def test_resamples_that_do_not_settle_count_as_undefined():
    rounds = int(values(fit().fit, "iterations")["iterations"])
    model = fit(n_boot=200, seed=1, max_iterations=rounds)
    assert 0 < values(model.fit, "undefined_resamples")["undefined_resamples"] < 200


def test_the_sign_of_a_score_is_a_choice_and_not_chance():
    # The items of the cause run against each other, so that either may lead in a resample.
    noise = np.random.default_rng(6).integers(-1, 2, 60)
    table = customers().assign(q2=lambda t: (11 - t["q1"] + noise).clip(1, 10))
    options = {"blocks": BLOCKS | {"quality": ["q1", "q2"]}, "n_boot": 200, "seed": 1}
    path = "quality -> satisfaction"
    turned = values(fit(table, **options).estimates, "path", "std_error")
    as_drawn = values(fit(table, **options, signs="none").estimates, "path", "std_error")
    assert as_drawn[path] > 3 * turned[path]


def test_clusters_are_drawn_whole():
    table = pd.concat([customers(rows=20)] * 3).assign(firm=list(range(20)) * 3)
    alone = fit(table, n_boot=300, seed=1).estimates
    firms = fit(table, n_boot=300, seed=1, design=SurveyDesign(cluster="firm")).estimates
    term = "quality -> satisfaction"
    ratio = values(firms, "path", "std_error")[term] / values(alone, "path", "std_error")[term]
    assert ratio == pytest.approx(3**0.5, rel=0.2)
    assert firms["df"].max() == 19


def test_a_domain_limits_the_model_and_scores_everybody():
    table = customers().assign(buyer=lambda t: t.index < 40)
    model = fit(table, design=SurveyDesign(domain="buyer"))
    alone = fit(table.head(40))
    assert values(model.estimates, "path") == pytest.approx(values(alone.estimates, "path"))
    assert set(model.estimates["n"]) == {40}
    assert set(model.estimates["n_missing"]) == {0}
    assert model.cases["loyalty_score"].notna().all()


def test_importance_is_asked_of_what_others_act_on():
    model = fit()
    assert set(model.importance_performance("loyalty")["dimension"]) == {"quality", "satisfaction"}
    assert set(model.importance_performance("satisfaction")["dimension"]) == {"quality"}
    for target in ("quality", "loyality"):
        with pytest.raises(ParameterError, match="target is"):
            model.importance_performance(target)


def test_importance_has_intervals_where_the_model_has():
    rows = fit(n_boot=100, seed=1).importance_performance("loyalty")
    assert (rows["ci_low"] <= rows["estimate"]).all()
    assert (rows["estimate"] <= rows["ci_high"]).all()


@pytest.mark.parametrize("ends", [(1, 10), (-100, 100)])
def test_an_index_led_by_a_negative_weight_says_so_and_importance_turns_with_it(ends):
    noise = np.random.default_rng(7).integers(-1, 2, 60)
    table = customers().assign(q2=lambda t: 40 - 4 * t["q1"] + noise)
    blocks = {"quality": ["q1", "q2"], "loyalty": ["l1"]}
    scale = dict.fromkeys(table, (1, 10)) | {"q1": ends, "q2": (-10, 50)}
    model = fit(table, blocks=blocks, paths=[("quality", "loyalty")], scale=scale)
    index = model.constructs[model.constructs["measure"] == "index"]["note"].tolist()
    assert index == ["a negative weight lets the index leave 0–100", ""]
    # Items on a long scale hardly differ on 0–100, so that their weight leads the index there.
    # One cause: points per point are the slope between the indices, whichever way they run.
    slope = np.polyfit(model.cases["quality_index"], model.cases["loyalty_index"], 1)[0]
    levers = model.importance_performance("loyalty")
    assert levers["estimate"][0] == pytest.approx(slope)


def test_ecsi_has_twelve_paths_and_acsi_nine():
    assert len(ecsi_paths(ECSI)) == 12
    assert len(acsi_paths(ECSI[1:])) == 9
    assert set(ecsi_paths(ECSI)) - set(acsi_paths(ECSI[1:])) == {
        ("image", "expectation"),
        ("image", "satisfaction"),
        ("image", "loyalty"),
    }


def test_ready_paths_leave_out_what_was_not_asked_and_keep_the_spelling():
    assert ecsi_paths(["Quality", "SATISFACTION", "loyalty"]) == [
        ("Quality", "SATISFACTION"),
        ("SATISFACTION", "loyalty"),
    ]


@pytest.mark.parametrize(
    "paths, blocks, message",
    [
        (ecsi_paths, [*ECSI, "trust"], "No construct of the ECSI: 'trust'"),
        (ecsi_paths, ["expectations", "satisfaction"], "Did you mean 'expectation'"),
        (acsi_paths, ECSI, "No construct of the ACSI: 'image'"),
        (ecsi_paths, ["quality", "loyalty"], "Expected satisfaction and at least one cause"),
        (ecsi_paths, ["satisfaction", "loyalty"], "cause of it: image, expectation"),
        (acsi_paths, [], "The blocks are: none"),
    ],
)
def test_ready_paths_say_which_constructs_they_need(paths, blocks, message):
    with pytest.raises(ParameterError, match=message):
        paths(blocks)
