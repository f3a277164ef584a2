"""Service-quality gaps: perception less expectation, of items, dimensions and overall."""

import math

import pytest
from scipy import stats
from table import table

from custlib.design import SurveyDesign
from custlib.survey.servqual import servqual_gaps, servqual_table_check

answers = table(
    """
    firm | e_prompt | e_exact | e_polite | p_prompt | p_exact | p_polite | w_reliable | w_polite
    -----+----------+---------+----------+----------+---------+----------+------------+---------
    a    |        5 |       5 |        4 |        3 |       4 |        4 |         60 |       40
    a    |        5 |       4 |        5 |        4 |       4 |        4 |         50 |       50
    b    |        4 |       5 |        5 |        4 |       2 |        5 |         80 |       20
    c    |        5 |       5 |        3 |        5 |       4 |        5 |         70 |       30
    """
)
ITEMS = ["prompt", "exact", "polite"]
ASKED = {
    "expectations": {item: f"e_{item}" for item in ITEMS},
    "perceptions": {item: f"p_{item}" for item in ITEMS},
    "dimensions": {"reliable": ["prompt", "exact"], "courteous": ["polite"]},
}
POINTS = {"reliable": "w_reliable", "courteous": "w_polite"}
# Gaps of prompt: -2 -1 0 0; of exact: -1 0 -3 -1; of polite: 0 -1 0 2.
RELIABLE, COURTEOUS = [-1.5, -0.5, -1.5, -0.5], [0, -1, 0, 2]


def row(result, dimension, item, measure):
    keys = ["dimension", "item", "measure"]
    return result.set_index(keys).loc[(dimension, item, measure)]


def test_means_and_gap_of_an_item():
    found = servqual_gaps(answers, **ASKED)
    assert row(found, "reliable", "prompt", "expectation")["estimate"] == 19 / 4
    assert row(found, "reliable", "prompt", "perception")["estimate"] == 16 / 4
    gap = row(found, "reliable", "prompt", "gap")
    # Gaps -2 -1 0 0: mean -3/4, squared distances 5 - 9/4 over 3.
    deviation = math.sqrt((5 - 9 / 4) / 3)
    assert gap["estimate"] == -3 / 4
    assert gap["std_error"] == pytest.approx(deviation / 2)
    assert gap["statistic"] == pytest.approx(-3 / 4 / (deviation / 2))
    assert gap["effect"] == pytest.approx(-3 / 4 / deviation)
    half = stats.t.ppf(0.975, 3) * deviation / 2
    assert (gap["ci_low"], gap["ci_high"]) == pytest.approx((-3 / 4 - half, -3 / 4 + half))
    test = stats.ttest_rel(answers["p_prompt"], answers["e_prompt"])
    assert gap["p_value"] == pytest.approx(test.pvalue)


def test_a_dimension_is_the_mean_of_its_items_and_overall_of_the_dimensions():
    found = servqual_gaps(answers, **ASKED)
    assert row(found, "reliable", "", "gap")["estimate"] == sum(RELIABLE) / 4
    halves = [(one + other) / 2 for one, other in zip(RELIABLE, COURTEOUS, strict=True)]
    assert row(found, "overall", "", "gap")["estimate"] == sum(halves) / 4


def test_each_respondent_weighs_the_dimensions_by_points():
    found = servqual_gaps(answers, **ASKED, importance=POINTS)
    own = [0.6 * -1.5, 0.5 * -0.5 + 0.5 * -1, 0.8 * -1.5, 0.7 * -0.5 + 0.3 * 2]
    assert row(found, "overall", "", "weighted_gap")["estimate"] == pytest.approx(sum(own) / 4)
    served = [0.6 * 3.5 + 0.4 * 4, 0.5 * 4 + 0.5 * 4, 0.8 * 3 + 0.2 * 5, 0.7 * 4.5 + 0.3 * 5]
    performance = row(found, "overall", "", "weighted_perception")["estimate"]
    assert performance == pytest.approx(sum(served) / 4)
    assert row(found, "reliable", "", "importance")["estimate"] == (60 + 50 + 80 + 70) / 4


def test_points_fixed_for_all():
    found = servqual_gaps(answers, **ASKED, importance={"reliable": 75, "courteous": 25})
    expected = 0.75 * sum(RELIABLE) / 4 + 0.25 * sum(COURTEOUS) / 4
    assert row(found, "overall", "", "weighted_gap")["estimate"] == pytest.approx(expected)


def test_people_of_one_firm_are_a_cluster():
    found = servqual_gaps(answers, **ASKED, design=SurveyDesign(cluster="firm"))
    # Gaps of prompt from their mean -3/4, summed over firms: -1.5, 0.75, 0.75.
    variance = 3 / 2 * (1.5**2 + 2 * 0.75**2) / 4**2
    assert row(found, "reliable", "prompt", "gap")["std_error"] == pytest.approx(
        math.sqrt(variance)
    )


def test_half_a_pair_is_missing_in_the_gap_and_in_both_its_means():
    gone = answers.astype({"e_prompt": float})
    gone.loc[0, "e_prompt"] = None
    found = servqual_gaps(gone, **ASKED)
    for measure in ("expectation", "perception", "gap"):
        assert row(found, "reliable", "prompt", measure)["n"] == 3
        assert row(found, "reliable", "", measure)["n_missing"] == 1
        assert row(found, "courteous", "", measure)["n"] == 4
    assert row(found, "reliable", "prompt", "perception")["estimate"] == (4 + 4 + 5) / 3


printed = table(
    """
    dimension | e    | e_sd | p    | p_sd | gap  | ci_low | ci_high | statistic
    ----------+------+------+------+------+------+--------+---------+----------
    fits      | 4.50 | 0.50 | 4.00 | 0.50 | -0.5 |  -0.60 |   -0.40 |    -10.00
    slipped   | 4.50 | 0.50 | 4.20 | 0.50 | -0.5 |  -0.60 |   -0.40 |     -7.00
    too wide  | 4.50 | 0.10 | 4.00 | 0.10 | -0.5 |  -0.60 |   -0.40 |     -9.50
    """
).rename(
    columns={
        "e": "expectation",
        "e_sd": "expectation_sd",
        "p": "perception",
        "p_sd": "perception_sd",
    }
)


def test_a_printed_table_is_held_against_itself():
    check = servqual_table_check(printed, n=100).set_index(["dimension", "measure"])
    error = 0.1 / stats.t.ppf(0.975, 99)
    assert check.loc[("fits", "std_error_from_ci"), "estimate"] == pytest.approx(error)
    assert check.loc[("fits", "t_from_ci"), "estimate"] == pytest.approx(-0.5 / error)
    assert check.loc[("fits", "std_error_from_t"), "estimate"] == pytest.approx(0.5 / 10)
    # Variance of the gaps .05² * 100 = .25 = .25 + .25 - 2 r .25, so r = 1/2.
    assert check.loc[("fits", "correlation_from_t"), "estimate"] == pytest.approx(0.5)
    assert check.loc[("fits", "d_z_from_t"), "estimate"] == pytest.approx(-1)
    assert check.loc[("overall", "gap_from_means"), "estimate"] == pytest.approx(-1.3 / 3)


def test_what_does_not_fit_is_named():
    check = servqual_table_check(printed, n=100).set_index(["dimension", "measure"])
    verdicts = check["verdict"].unstack()[["gap_from_means", "t_from_ci", "correlation_from_t"]]
    assert verdicts.loc["fits"].tolist() == ["agrees"] * 3
    assert verdicts.loc["slipped"].tolist() == ["does not fit", "does not fit", "agrees"]
    # Gaps would spread more than twice .1: no correlation of the two allows that.
    assert verdicts.loc["too wide"].tolist() == ["agrees", "agrees", "does not fit"]


def test_a_t_fits_if_some_gap_and_interval_that_round_to_the_printed_ones_give_it():
    # The gap lies within .005 of .5, the width of the interval within .01 of .2.
    quantile = stats.t.ppf(0.975, 99)
    most, least = 0.505 * 2 * quantile / 0.19, 0.495 * 2 * quantile / 0.21
    for statistic, verdict in (
        (most + 0.004, "agrees"),
        (most + 0.006, "does not fit"),
        (least - 0.004, "agrees"),
        (least - 0.006, "does not fit"),
    ):
        table = printed.head(1).assign(statistic=-statistic)
        check = servqual_table_check(table, n=100).set_index("measure")["verdict"]
        assert check["t_from_ci"] == verdict
