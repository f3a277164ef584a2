"""Kano classes from pairs of answers: 1 like, 2 must be, 3 neutral, 4 live with, 5 dislike."""

import math

import pytest
from table import table

from custlib.design import SurveyDesign
from custlib.survey.kano import kano_categories, kano_coefficients, kano_scores

# Classes of "app": O O O M A I R -, by the evaluation table; the last pair lacks a half.
answers = table(
    """
    firm | weight | app_with | app_without | van_with | van_without
    -----+--------+----------+-------------+----------+------------
    a    |      1 |        1 |           5 |        3 |           3
    a    |      1 |        1 |           5 |        3 |           3
    b    |      2 |        1 |           5 |        3 |           3
    b    |      1 |        2 |           5 |        3 |           3
    c    |      1 |        1 |           3 |        3 |           3
    c    |      2 |        3 |           3 |        3 |           3
    d    |      1 |        5 |           1 |        3 |           3
    d    |      1 |        1 |             |        3 |           3
    """
)
ASKED = {
    "functional": {"app": "app_with", "van": "van_with"},
    "dysfunctional": {"app": "app_without", "van": "van_without"},
}


def of_app(result, key, column="estimate"):
    rows = result[result["item"] == "app"]
    return dict(zip(rows[key], rows[column], strict=True))


def test_shares_are_of_complete_pairs():
    found = kano_categories(answers, **ASKED).estimates
    expected = {"M": 1 / 7, "O": 3 / 7, "A": 1 / 7, "I": 1 / 7, "R": 1 / 7, "Q": 0}
    assert of_app(found, "category") == pytest.approx(expected)
    assert of_app(found, "category", "numerator")["O"] == 3
    assert of_app(found, "category", "denominator")["O"] == 7
    assert of_app(found, "category", "n_missing")["O"] == 1


def test_weights_enter_shares_and_leave_counts_alone():
    found = kano_categories(answers, **ASKED, design=SurveyDesign(weight="weight")).estimates
    assert of_app(found, "category")["O"] == pytest.approx((1 + 1 + 2) / 9)
    assert of_app(found, "category", "numerator")["O"] == 3


def test_the_class_by_maximum_and_whether_it_is_distinct():
    result = kano_categories(answers, **ASKED)
    assert of_app(result.classes, "measure", "category")["maximum"] == "O"
    # Three answers against one of seven; Fong's standard error is root of (3+1)(14-3-1)/14.
    assert of_app(result.fit, "measure", "statistic")["category_strength"] == pytest.approx(
        (3 - 1) / math.sqrt(4 * 10 / 14)
    )
    assert of_app(result.classes, "measure", "verdict")["maximum"] == "not distinct"


def test_must_be_goes_ahead_of_a_class_within_the_slack():
    def rule(slack):
        found = kano_categories(answers, **ASKED, slack=slack).classes
        return [of_app(found, "measure", name)["first_of_moai"] for name in ("category", "verdict")]

    # M is 1/7, O 3/7: two sevenths apart.
    assert rule(0.05) == ["O", "maximum"]
    assert rule(2 / 7) == ["M", "within slack"]


def test_strengths_and_the_test_of_equal_shares():
    fit = kano_categories(answers, **ASKED).fit
    assert of_app(fit, "measure")["total_strength"] == pytest.approx(5 / 7)
    assert of_app(fit, "measure")["category_strength"] == pytest.approx(2 / 7)
    # Counts 1, 3, 1, 1 against 1.5 each.
    expected = (3 * 0.5**2 + 1.5**2) / 1.5
    assert of_app(fit, "measure", "statistic")["equal_shares"] == pytest.approx(expected)
    assert of_app(fit, "measure", "n")["equal_shares"] == 6
    assert "expected" in of_app(fit, "measure", "note")["equal_shares"]


def test_the_interval_of_the_lead_knows_that_shares_of_one_survey_fall_together():
    fit = kano_categories(answers, **ASKED).fit
    # 1 for O, -1 for M, 0 else: mean 2/7, sum of squares 3 + 1.
    variance = (4 - 7 * (2 / 7) ** 2) / 6 / 7
    # One of eight respondents did not answer: 8/7 for 7/6.
    variance *= (8 / 7) / (7 / 6)
    error = of_app(fit, "measure", "std_error")["category_strength"]
    assert error == pytest.approx(math.sqrt(variance))


def test_equal_shares_under_a_design_divides_by_the_mean_design_effect():
    # Each firm gives one answer four times over: 32 answers tell what 8 would.
    firms = answers.assign(firm=range(8)).loc[lambda t: t.index.repeat(4)]
    clustered = SurveyDesign(cluster="firm")
    one = kano_categories(firms, **ASKED).fit
    whole = kano_categories(firms, **ASKED, design=clustered).fit
    naive = of_app(one, "measure", "statistic")["equal_shares"]
    # Of n = 24 answers in 6 firms of 8: variance 4 * (8/7) / (32/31) times as large as before.
    effect = 4 * (8 / 7) / (32 / 31)
    found = of_app(whole, "measure", "statistic")["equal_shares"]
    assert found == pytest.approx(naive / effect)


def test_better_and_worse_leave_reversed_answers_out():
    found = kano_coefficients(answers, **ASKED)
    assert of_app(found, "measure") == pytest.approx({"better": 4 / 6, "worse": -4 / 6})
    assert of_app(found, "measure", "note")["better"] == "left out as R or Q: 1"
    assert of_app(found, "measure", "n_missing")["better"] == 1
    low, high = (of_app(found, "measure", end) for end in ("ci_low", "ci_high"))
    assert (low["worse"], high["worse"]) == pytest.approx((-high["better"], -low["better"]))


def test_scores_of_the_two_questions():
    found = kano_scores(answers, **ASKED)
    # Functional 4 4 4 2 4 0 -2, dysfunctional 4 4 4 4 0 0 -2, where both were answered.
    means = of_app(found, "measure")
    assert means["functional"] == pytest.approx(16 / 7)
    assert means["dysfunctional"] == pytest.approx(14 / 7)
    assert means["functional_sd"] == pytest.approx(math.sqrt((72 - 7 * (16 / 7) ** 2) / 6))
    weighted = kano_scores(answers, **ASKED, design=SurveyDesign(weight="weight"))
    # The third respondent (4) and the sixth (0) weigh twice.
    assert of_app(weighted, "measure")["functional"] == pytest.approx((16 + 4 + 0) / 9)


def test_answers_that_are_all_equal():
    result = kano_categories(answers, **ASKED)
    rows = result.estimates.query("item == 'van'").set_index("category")
    assert rows["estimate"].to_dict() == {"M": 0, "O": 0, "A": 0, "I": 1, "R": 0, "Q": 0}
    assert rows.loc["I", "ci_high"] == 1
    assert 0 < rows.loc["I", "ci_low"] < 1
    fit = result.fit.query("item == 'van'").set_index("measure")
    assert fit.loc["category_strength", "verdict"] == "distinct"
    # Eight against none: 8 / root of 8 * 8 / 16; 3 * 2² + 6² over 2.
    assert fit.loc["category_strength", "statistic"] == pytest.approx(4)
    assert fit.loc["equal_shares", "statistic"] == pytest.approx((3 * 2**2 + 6**2) / 2)
    assert kano_coefficients(answers, **ASKED).query("item == 'van'")["estimate"].tolist() == [0, 0]
