"""Intraclass correlations against psych, and unequal numbers of raters against lm."""

import pytest

from custlib.survey import rater_agreement

OUT_OF_SCOPE = {"unbalanced.k": "not a column of the result; the note of the row names it rounded"}
FORMS = ["icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k"]


@pytest.fixture(scope="module")
def shops(oracle):
    return oracle("rater_icc").data("shops.csv")


def agreement(ratings, **options):
    roles = {"subject": "shop", "rater": "visitor", "rating": "rating"}
    return rater_agreement(ratings, **roles, level="interval", **options).set_index("measure")


@pytest.mark.parametrize("form", FORMS)
def test_each_form_its_test_and_its_intervals(oracle, shops, form):
    row = agreement(shops).loc[form]
    for name, column in {
        "estimate": "estimate",
        "F": "statistic",
        "df1": "df",
        "df2": "df_denominator",
        "p": "p_value",
        "ci95.low": "ci_low",
        "ci95.high": "ci_high",
    }.items():
        oracle("rater_icc").expect(f"{form}.{name}", row[column])
    narrower = agreement(shops, conf_level=0.9).loc[form]
    oracle("rater_icc").expect_all(
        f"{form}.ci90", {"low": narrower["ci_low"], "high": narrower["ci_high"]}
    )


def test_unequal_numbers_of_raters(oracle, shops):
    number = shops["shop"].str[1:].astype(int)
    left_out = (shops["visitor"] == "visitor_5") & (number % 2 == 1)
    left_out |= (shops["visitor"] == "visitor_4") & (number <= 3)
    found = agreement(shops[~left_out])
    row = found.loc["icc_1_1"]
    expected = oracle("rater_icc")
    for name, column in {
        "estimate": "estimate",
        "F": "statistic",
        "df1": "df",
        "df2": "df_denominator",
        "p": "p_value",
    }.items():
        expected.expect(f"unbalanced.{name}", row[column])
    assert f"k = {expected.values['unbalanced.k']['value']:.3g}" in row["note"]
    assert found.loc[["icc_2_1", "icc_3_k"], "estimate"].isna().all()
    assert (found.loc[["icc_2_1", "icc_3_k"], "note"] == "not every rater on every subject").all()


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("rater_icc", OUT_OF_SCOPE)
