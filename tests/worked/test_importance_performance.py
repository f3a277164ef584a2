"""Importance against performance: means or shares, a crosshair, and a quadrant for each item."""

import numpy as np
import pytest
from table import table

from custlib.design import SurveyDesign
from custlib.resampling import cluster_draws
from custlib.survey.importance import importance_performance

answers = table(
    """
    firm | weight | price | speed | advice | price_place | speed_place | advice_place | overall
    -----+--------+-------+-------+--------+-------------+-------------+--------------+--------
    a    |      1 |     2 |     5 |      3 |           1 |           2 |            3 |       3
    a    |      1 |     1 |     4 |      3 |           1 |           3 |            2 |       2
    b    |      2 |     3 |     5 |      4 |           2 |           1 |            3 |       4
    c    |      1 |     2 |     4 |      2 |           1 |           2 |            3 |       3
    d    |      1 |     4 |     5 |      3 |           1 |           2 |            3 |       5
    """
)
ITEMS = ["price", "speed", "advice"]
PLACES = {item: f"{item}_place" for item in ITEMS}
STATED = {"stated": PLACES, "stated_scale": (1, 3), "stated_best": "low"}


def chart(responses=answers, **options):
    asked = {"items": ITEMS, "scale": (1, 5), "n_boot": 50, "seed": 3} | options
    return importance_performance(responses, **asked)


def estimates(found, measure):
    rows = found.estimates[found.estimates["measure"] == measure]
    return dict(zip(rows["item"], rows["estimate"], strict=True))


def verdicts(found):
    return dict(zip(found.quadrants["item"], found.quadrants["verdict"], strict=True))


def lines(found):
    return found.crosshair.set_index("measure")["estimate"]


def test_places_are_turned_round_so_that_more_is_more_important():
    importance = estimates(chart(**STATED), "importance")
    assert importance["price"] == pytest.approx(4 - (1 + 1 + 2 + 1 + 1) / 5)
    assert importance["advice"] == pytest.approx(4 - (3 + 2 + 3 + 3 + 3) / 5)


def test_performance_is_the_weighted_mean_answer():
    found = estimates(chart(**STATED, design=SurveyDesign(weight="weight")), "performance")
    assert found["price"] == pytest.approx((2 + 1 + 2 * 3 + 2 + 4) / 6)


def test_the_mean_crosshair_gives_each_item_its_quadrant():
    found = chart(**STATED)
    # Performance 2.4, 4.6 and 3.0, mean 10/3; importance 2.8, 2.0 and 1.2, mean 2.
    assert lines(found)["performance"] == pytest.approx((2.4 + 4.6 + 3.0) / 3)
    assert lines(found)["importance"] == pytest.approx((2.8 + 2.0 + 1.2) / 3)
    # Speed lies on the line of importance, which counts as above it.
    assert verdicts(found) == {
        "price": "concentrate here",
        "speed": "keep up the good work",
        "advice": "low priority",
    }


@pytest.mark.parametrize(
    "crosshair, importance, performance",
    [("median", 2.0, 3.0), ("midpoint", (1 + 3) / 2, (1 + 5) / 2)],
)
def test_other_crosshairs(crosshair, importance, performance):
    found = chart(**STATED, crosshair=crosshair)
    assert lines(found)["importance"] == pytest.approx(importance)
    assert lines(found)["performance"] == pytest.approx(performance)
    # Advice lies on the line of performance: at 3.0 it performs.
    assert verdicts(found)["advice"] == "possible overkill"


def test_ratings_count_as_they_are_and_may_be_negative():
    rated = answers.assign(price_place=[-2, -1, 0, -2, -2])
    found = chart(rated, stated=PLACES, stated_scale=(-2, 3))
    assert estimates(found, "importance")["price"] == pytest.approx(-7 / 5)


def test_derived_importance_is_a_share_of_what_all_items_explain():
    found = chart(items=["price", "advice"], outcome="overall", method="first")
    squared = answers[["price", "advice"]].corrwith(answers["overall"]) ** 2
    expected = squared / squared.sum()
    assert estimates(found, "importance") == pytest.approx(expected.to_dict())
    assert lines(found)["importance"] == pytest.approx(1 / 2)


def test_the_midpoint_of_derived_importance_is_an_equal_share():
    found = chart(items=["price", "advice"], outcome="overall", crosshair="midpoint")
    assert lines(found).to_dict() == pytest.approx({"importance": 1 / 2, "performance": 3})


def test_items_on_unlike_scales_perform_from_0_to_100():
    scale = {"price": (1, 5), "speed": (1, 5), "advice": (0, 10)}
    found = estimates(chart(**STATED, scale=scale), "performance")
    assert found["price"] == pytest.approx((2.4 - 1) / 4 * 100)
    assert found["advice"] == pytest.approx(3.0 / 10 * 100)


def test_a_probability_is_the_share_of_resamples_in_the_quadrant():
    # Each resample by hand: firms drawn anew, both axes and the crosshair from the same firms.
    sample = SurveyDesign(cluster="firm").sample(answers)
    drawn = np.concatenate(list(cluster_draws(sample, n_boot=50, seed=3)))
    concentrate = 0
    for counts in drawn:
        w = counts[sample.clusters]
        performs = [np.average(answers[item], weights=w) for item in ITEMS]
        matters = [4 - np.average(answers[PLACES[item]], weights=w) for item in ITEMS]
        important = matters[0] >= np.mean(matters) - 1e-9
        concentrate += important and performs[0] < np.mean(performs) - 1e-9
    found = chart(**STATED, design=SurveyDesign(cluster="firm")).quadrants
    row = found.query("item == 'price' and quadrant == 'concentrate here'").iloc[0]
    assert row["estimate"] == concentrate / 50
    assert (row["numerator"], row["denominator"]) == (concentrate, 50)


def test_each_group_has_its_own_crosshair():
    found = chart(answers.assign(role=list("xxyyy")), **STATED, by="role")
    inside = found.crosshair.query("role == 'y' and measure == 'performance'").iloc[0]
    assert inside["estimate"] == pytest.approx((3 + 5 + 4 + 2 + 4 + 2 + 4 + 5 + 3) / 9)
    assert found.estimates.query("role == 'x'")["n"].tolist() == [2] * 6


def test_gaps_are_counted_item_by_item_where_importance_is_stated():
    gappy = answers.assign(price=answers["price"].where(answers["firm"] != "d"))
    rows = chart(gappy, **STATED).estimates.set_index(["item", "measure"])
    assert rows.loc[("price", "performance"), ["n", "n_missing"]].tolist() == [4, 1]
    assert rows.loc[("price", "importance"), ["n", "n_missing"]].tolist() == [5, 0]
    assert rows.loc[("price", "performance"), "estimate"] == pytest.approx((2 + 1 + 3 + 2) / 4)


partial = table(
    """
    people | price | speed | advice | paint
    -------+-------+-------+--------+------
        39 |     2 |       |        |     1
       200 |     1 |     2 |        |
       160 |       |     1 |      2 |
         1 |       |       |        |
    """
)
FACTORS = ["price", "speed", "advice", "paint"]


def ranked(**options):
    people = partial.loc[partial.index.repeat(partial["people"])].reset_index(drop=True)
    people = people.join(people[FACTORS].add_suffix("_rated").notna() * 2.0 + 1)
    asked = {"items": [f"{item}_rated" for item in FACTORS], "scale": (1, 5), "stated_best": "low"}
    stated = {f"{item}_rated": item for item in FACTORS}
    asked |= {"stated": stated, "stated_scale": (1, 4), "n_boot": 20, "seed": 1} | options
    found = importance_performance(people, **asked).estimates
    return found[found["measure"] == "importance"].set_index("item")


def test_what_few_rank_first_and_others_leave_out_is_not_the_most_important():
    # Who ranks two of four leaves places 3 and 4: their mean is 3.5. One person ranked nothing.
    found = ranked()
    means = {
        "price_rated": (39 * 2 + 200 * 1 + 160 * 3.5) / 399,
        "speed_rated": (39 * 3.5 + 200 * 2 + 160 * 1) / 399,
        "advice_rated": (39 * 3.5 + 200 * 3.5 + 160 * 2) / 399,
        "paint_rated": (39 * 1 + 360 * 3.5) / 399,
    }
    expected = {item: 5 - mean for item, mean in means.items()}
    assert found["estimate"].to_dict() == pytest.approx(expected)
    assert found["estimate"].idxmin() == "paint_rated"
    assert found["n"].tolist() == [399] * 4
    assert found["n_missing"].tolist() == [1] * 4
    left_out = {"price_rated": 160, "speed_rated": 39, "advice_rated": 239, "paint_rated": 360}
    told = {i: f"{k} without a place share the places left over" for i, k in left_out.items()}
    assert found["note"].to_dict() == told


def test_a_scale_of_the_places_asked_for_goes_on_to_the_number_of_items():
    # Only places 1 and 2 are on the scale; four items have places 3 and 4 left all the same.
    paint = ranked(stated_scale=(1, 2)).loc["paint_rated", "estimate"]
    assert paint == pytest.approx(3 - (39 * 1 + 360 * 3.5) / 399)


def test_ratings_that_were_left_out_stay_missing():
    found = ranked(stated_best="high")
    assert found["n"].to_dict() == {
        "price_rated": 239,
        "speed_rated": 360,
        "advice_rated": 160,
        "paint_rated": 39,
    }
    assert set(found["note"]) == {""}
