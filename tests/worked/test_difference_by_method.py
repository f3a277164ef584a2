"""One difference in three ways: as planned, by resampling, and as if every answer were alike."""

import math

import pandas as pd
import pytest
from table import table

from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.survey.sensitivity import difference_by_method

answers = table(
    """
    firm | role   | quality | weight
    -----+--------+---------+-------
    a    | user   |       1 |      1
    a    | user   |       2 |      1
    b    | user   |       3 |      2
    c    | trader |       4 |      1
    d    | trader |       5 |      3
    e    | trader |       3 |      1
    """
)


def rows(**options):
    design = options.pop("design", SurveyDesign(weight="weight", cluster="firm"))
    result = difference_by_method(
        options.pop("responses", answers),
        item="quality",
        by="role",
        contrast=options.pop("contrast", "user - trader"),
        design=design,
        n_boot=options.pop("n_boot", 50),
        seed=1,
    )
    return result.set_index("method")


def test_the_planned_difference_is_weighted_and_the_naive_one_is_not():
    found = rows()["estimate"]
    assert found["as planned"] == pytest.approx((1 + 2 + 2 * 3) / 4 - (4 + 3 * 5 + 3) / 5)
    assert found["clusters resampled"] == found["as planned"]
    assert found["every answer alike and independent"] == pytest.approx(2 - 4)


def test_the_naive_standard_error_is_welchs():
    naive = rows().loc["every answer alike and independent", "std_error"]
    assert naive == pytest.approx(math.sqrt(1 / 3 + 1 / 3))


def test_resampling_agrees_with_the_binomial_it_imitates():
    # 40 firms a role, answers 1 or 2 at even odds: variance of the difference 2 × .25/40.
    wide = pd.DataFrame(
        {
            "firm": range(80),
            "role": ["user"] * 40 + ["trader"] * 40,
            "quality": [1, 2] * 40,
            "weight": 1,
        }
    )
    design = SurveyDesign(cluster="firm", stratum="role")
    drawn = rows(responses=wide, design=design, n_boot=4000).loc["clusters resampled", "std_error"]
    assert drawn == pytest.approx(math.sqrt(2 * 0.25 / 40), rel=0.05)


def test_the_same_seed_gives_the_same_interval():
    pd.testing.assert_frame_equal(rows(), rows())


def test_a_domain_leaves_the_others_out():
    marked = pd.concat([answers, answers.assign(firm="z", quality=1)], ignore_index=True)
    marked = marked.assign(kept=[True] * 6 + [False] * 6)
    design = SurveyDesign(weight="weight", cluster="firm", domain="kept")
    assert rows(responses=marked, design=design)["n"].tolist() == [6, 6, 6]


def test_an_unknown_contrast_is_named():
    with pytest.raises(ParameterError, match="user - broker"):
        rows(contrast="user - broker")


def test_resamples_without_one_of_the_groups_are_counted_not_hidden():
    # Five firms, three of traders: a resample misses the two firms of users now and then.
    assert "resamples lacked a group" in rows().loc["clusters resampled", "note"]


def test_a_dash_in_the_name_of_a_group_is_no_contrast():
    renamed = answers.assign(role=answers["role"].replace("user", "user - heavy"))
    found = rows(responses=renamed, contrast="user - heavy - trader")
    found["note"] = found["note"].str.replace("user - heavy", "user")
    pd.testing.assert_frame_equal(
        found.drop(columns="contrast"), rows().drop(columns="contrast"), check_exact=True
    )


def test_a_group_in_one_cluster_is_not_resampled_and_the_notes_stay():
    firms = answers.assign(firm=["a", "a", "a", "b", "b", "c"])
    found = rows(responses=firms)
    resampled = found.loc["clusters resampled"]
    assert resampled["estimate"] == pytest.approx(9 / 4 - 22 / 5)
    assert resampled[["std_error", "ci_low", "ci_high"]].isna().all()
    few = "only 3 answers in user, 3 answers in trader"
    assert resampled["note"] == f"{few}; a group has one cluster: nothing to resample"
    assert found["note"].drop("clusters resampled").eq(few).all()


def test_without_an_estimate_no_row_has_an_interval_and_each_says_why():
    silent = answers.assign(quality=answers["quality"].where([True, False, False] + [True] * 3))
    found = rows(responses=silent, design=SurveyDesign(weight="weight"))
    assert found[["estimate", "std_error", "ci_low", "ci_high"]].isna().all(axis=None)
    assert found["note"].eq("1 answer in user: two are needed").all()
