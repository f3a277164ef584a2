"""Satisfaction profile: mean answer and share of top-box answers, by group, under a design."""

import math

import pandas as pd
import pytest
from scipy import stats
from table import table

from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.survey.profile import answer_shares, satisfaction_profile

answers = table(
    """
    role   | firm | delivery | price | weight
    -------+------+----------+-------+-------
    user   | a    |        5 |     1 |      1
    user   | a    |        4 |     2 |      1
    user   | b    |        1 |     3 |      2
    trader | c    |        4 |     5 |      1
    trader | d    |        2 |       |      1
    trader | e    |        5 |     4 |      1
    """
)
RATINGS = {"items": ["delivery", "price"], "scale": (1, 5)}


def cell(result, column="estimate", **keys):
    rows = result
    for name, value in keys.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1
    return rows[column].iloc[0]


def test_the_mean_is_the_sum_over_the_answers_present():
    profile = satisfaction_profile(answers, **RATINGS)
    assert cell(profile, item="delivery", measure="mean") == (5 + 4 + 1 + 4 + 2 + 5) / 6
    assert cell(profile, item="price", measure="mean") == (1 + 2 + 3 + 5 + 4) / 5


def test_the_top_box_counts_the_two_highest_answers():
    profile = satisfaction_profile(answers, **RATINGS)
    assert cell(profile, item="delivery", measure="top_box") == 4 / 6
    assert cell(profile, item="price", measure="top_box") == 2 / 5  # the middle answer is out
    assert cell(profile, "numerator", item="delivery", measure="top_box") == 4
    assert cell(profile, "denominator", item="price", measure="top_box") == 5


def test_a_top_box_of_one_counts_the_highest_answer_only():
    profile = satisfaction_profile(answers, **RATINGS, top_box=1)
    assert cell(profile, item="delivery", measure="top_box") == 2 / 6


def test_a_weight_of_two_counts_twice():
    profile = satisfaction_profile(answers, **RATINGS, design=SurveyDesign(weight="weight"))
    assert cell(profile, item="delivery", measure="mean") == (5 + 4 + 2 * 1 + 4 + 2 + 5) / 7


def test_the_interval_of_a_plain_mean_is_students():
    one = pd.DataFrame({"delivery": [1, 2, 3, 4, 5]})
    profile = satisfaction_profile(one, items=["delivery"], scale=(1, 5))
    half = stats.t.ppf(0.975, 4) * math.sqrt(2.5 / 5)
    assert cell(profile, "ci_low", measure="mean") == pytest.approx(3 - half)
    assert cell(profile, "ci_high", measure="mean") == pytest.approx(3 + half)


def test_the_interval_of_a_plain_share_is_wilsons():
    # R: prop.test(17, 25, correct = FALSE)
    one = pd.DataFrame({"delivery": [5] * 17 + [1] * 8})
    profile = satisfaction_profile(one, items=["delivery"], scale=(1, 5))
    assert cell(profile, "ci_low", measure="top_box") == pytest.approx(0.484102692731023)
    assert cell(profile, "ci_high", measure="top_box") == pytest.approx(0.82794809693092)


def test_answers_of_one_firm_count_as_one_cluster():
    # Cluster sums of (y - 3.5)/6: a (1.5 + 0.5)/6, b -2.5/6, c 0.5/6, d -1.5/6, e 1.5/6.
    profile = satisfaction_profile(answers, **RATINGS, design=SurveyDesign(cluster="firm"))
    sums = [(1.5 + 0.5) / 6, -2.5 / 6, 0.5 / 6, -1.5 / 6, 1.5 / 6]
    variance = 5 / 4 * sum(value**2 for value in sums)
    assert cell(profile, "std_error", item="delivery", measure="mean") == pytest.approx(
        math.sqrt(variance)
    )
    assert cell(profile, "df", item="delivery", measure="mean") == 5 - 1


def test_a_group_keeps_the_whole_design():
    # Group "user": domain of firms a, b; the three trader firms stay as clusters with sum zero.
    profile = satisfaction_profile(
        answers, **RATINGS, by="role", design=SurveyDesign(cluster="firm")
    )
    mean = (5 + 4 + 1) / 3
    sums = [(5 - mean + 4 - mean) / 3, (1 - mean) / 3, 0, 0, 0]
    assert cell(profile, "std_error", role="user", item="delivery", measure="mean") == (
        pytest.approx(math.sqrt(5 / 4 * sum(value**2 for value in sums)))
    )


def test_one_cluster_in_each_stratum_has_no_standard_error_and_says_why():
    # The group's two answers come from two firms, one a stratum: 2 clusters − 2 strata = 0 df.
    drawn = pd.DataFrame(
        {
            "market": list("mmnn"),
            "firm": list("abcd"),
            "role": ["user", "trader", "user", "trader"],
            "delivery": [5, 4, 1, 2],
        }
    )
    design = SurveyDesign(stratum="market", cluster="firm")
    profile = satisfaction_profile(
        drawn, items=["delivery"], scale=(1, 5), by="role", design=design
    )
    user = profile[profile["role"] == "user"].iloc[0]
    assert (user["estimate"], user["df"], user["n"]) == (3, 0, 2)
    assert math.isnan(user["std_error"])
    assert user["note"] == "too few clusters for a standard error"


def test_an_index_runs_from_0_to_100():
    profile = satisfaction_profile(answers, **RATINGS, as_index=True)
    expected = ((1 - 1) + (2 - 1) + (3 - 1) + (5 - 1) + (4 - 1)) / 5 / (5 - 1) * 100
    assert cell(profile, item="price", measure="mean") == pytest.approx(expected)


def test_an_empty_category_keeps_its_rows_and_the_order_of_the_categories():
    roles = pd.Categorical(answers["role"], categories=["broker", "user", "trader"])
    profile = satisfaction_profile(answers.assign(role=roles), **RATINGS, by="role")
    assert profile["role"].drop_duplicates().tolist() == ["broker", "user", "trader"]
    broker = profile[profile["role"] == "broker"]
    assert broker["n"].tolist() == [0, 0, 0, 0]
    assert broker["estimate"].isna().all()
    assert set(broker["note"]) == {"no answers"}


def test_respondents_without_a_group_form_their_own():
    unplaced = answers.assign(role=["user", "user", None, "trader", "trader", "trader"])
    profile = satisfaction_profile(unplaced, **RATINGS, by="role")
    assert cell(profile, "n", role="user", item="delivery", measure="mean") == 2
    missing = profile[profile["role"] == "(missing)"]
    assert missing["n"].tolist() == [1, 1, 1, 1]
    assert set(missing["note"]) == {"one answer"}


def test_stacked_waves_with_repeated_index_labels_are_counted_right():
    stacked = pd.concat([answers, answers])
    profile = satisfaction_profile(stacked, **RATINGS, by="role")
    assert cell(profile, "n", role="user", item="delivery", measure="mean") == 6
    assert cell(profile, role="user", item="delivery", measure="mean") == (5 + 4 + 1) / 3


def test_an_item_nobody_answered_keeps_its_row():
    profile = satisfaction_profile(answers.assign(price=None), **RATINGS)
    assert cell(profile, "note", item="price", measure="mean") == "no answers"
    assert cell(profile, "n_missing", item="price", measure="mean") == 6


def test_a_small_base_is_said_in_the_note():
    profile = satisfaction_profile(answers, **RATINGS, by="role", min_base=3)
    assert cell(profile, "note", role="trader", item="price", measure="mean") == (
        "fewer than 3 answers"
    )
    assert cell(profile, "note", role="trader", item="delivery", measure="mean") == ""


def test_when_all_answer_alike_the_share_still_has_an_interval():
    same = pd.DataFrame({"delivery": [5] * 20})
    profile = satisfaction_profile(same, items=["delivery"], scale=(1, 5))
    # R: prop.test(20, 20, correct = FALSE) mirrors prop.test(0, 20): 1 - 0.161125158052819
    assert cell(profile, "ci_low", measure="top_box") == pytest.approx(1 - 0.161125158052819)
    assert cell(profile, "ci_high", measure="top_box") == pytest.approx(1)


def test_a_census_has_no_sampling_error():
    census = SurveyDesign(population=6)
    profile = satisfaction_profile(answers, items=["delivery"], scale=(1, 5), design=census)
    assert cell(profile, "std_error", measure="mean") == 0
    assert cell(profile, "ci_low", measure="top_box") == pytest.approx(4 / 6)


def test_answers_nobody_gave_stay_in_the_table_in_the_order_of_the_scale():
    shares = answer_shares(answers, items=["delivery"], scale=(1, 5))
    assert shares["answer"].tolist() == [1, 2, 3, 4, 5]
    assert shares["estimate"].tolist() == [1 / 6, 1 / 6, 0, 2 / 6, 2 / 6]
    assert shares["numerator"].tolist() == [1, 1, 0, 2, 2]


def test_an_answer_off_the_scale_names_column_row_and_remedy():
    wrong = answers.assign(price=[1, 2, 99, 5, None, 4])
    with pytest.raises(DataError, match=r"1 answer in 'price' off the scale; first: row 2: 99"):
        satisfaction_profile(wrong, **RATINGS)


def test_a_top_box_as_wide_as_the_scale_is_refused():
    with pytest.raises(ParameterError, match="at least one answer below the top box"):
        satisfaction_profile(answers, **RATINGS, top_box=5)


@pytest.mark.parametrize("name", ["top_box", "min_base"])
def test_counts_of_answers_are_whole(name):
    with pytest.raises(ParameterError, match=f"{name} is 1.5"):
        satisfaction_profile(answers, **RATINGS, **{name: 1.5})


@pytest.mark.parametrize("quantity", [satisfaction_profile, answer_shares])
@pytest.mark.parametrize(
    "items, told",
    [([], "0 items"), (["price", "price"], "more than once: price"), ("price", "is the text")],
)
def test_items_are_a_list_without_repeats(quantity, items, told):
    with pytest.raises(ParameterError, match=told):
        quantity(answers, items=items, scale=(1, 5))


def test_a_scale_of_a_hundred_answers_has_no_share_per_answer():
    with pytest.raises(ParameterError, match="has 101 answers"):
        answer_shares(answers, items=["delivery"], scale=(0, 100))


def test_a_missing_item_is_named():
    with pytest.raises(DataError, match="quality"):
        satisfaction_profile(answers, items=["quality"], scale=(1, 5))


def test_an_item_without_a_scale_is_named():
    with pytest.raises(ParameterError, match="no entry for 'price'"):
        satisfaction_profile(answers, items=["delivery", "price"], scale={"delivery": (1, 5)})


def test_a_domain_speaks_of_its_rows_and_keeps_the_variance_of_all():
    marked = answers.assign(users_only=answers["role"] == "user")
    design = SurveyDesign(cluster="firm", domain="users_only")
    within = satisfaction_profile(marked, **RATINGS, design=design)
    grouped = satisfaction_profile(
        answers, **RATINGS, by="role", design=SurveyDesign(cluster="firm")
    )
    user = grouped[grouped["role"] == "user"].drop(columns="role").reset_index(drop=True)
    pd.testing.assert_frame_equal(within, user)
