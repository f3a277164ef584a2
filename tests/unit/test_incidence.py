"""Incidence, reasons and rates of churn: bad input, thin data and empty groups."""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.loyalty import (
    churn_plan,
    churn_rate,
    compare_incidence,
    cumulative_incidence,
    reason_fit,
    reason_shares,
)

ROLES = {"duration": "months", "event": "left", "reason": "why"}
CONTRACTS = pd.DataFrame(
    {
        "months": [1, 2, 3, 4, 5, 6],
        "left": [1, 1, 1, 0, 1, 0],
        "why": ["price", "staff", "price", None, None, "staff"],
        "firm": ["a", "a", "b", "b", "c", "c"],
    }
)


def test_censored_everything_has_noted_rows():
    still = CONTRACTS.assign(left=0)
    found = cumulative_incidence(still, **ROLES, times=[3, 6])
    assert found["estimate"].isna().all()
    assert set(found["note"]) == {"nobody left: there are no reasons"}
    shares = reason_shares(still, event="left", reason="why")
    assert shares["note"].tolist() == ["nobody left"]
    fit = reason_fit(still, event="left", reason="why", cited={"staff": 0.5})
    assert fit["estimate"].isna().all()
    assert fit["verdict"].eq("").all()
    assert len(compare_incidence(still, **ROLES, by="firm")) == 0


def test_a_reason_without_events_keeps_its_rows():
    why = pd.Categorical(CONTRACTS["why"], categories=["service", "staff", "price"])
    table = CONTRACTS.assign(why=why)
    found = cumulative_incidence(table, **ROLES, times=[3])
    assert found["reason"].tolist() == ["service", "staff", "price", "(missing)"]
    assert found["estimate"].iloc[0] == 0
    tested = compare_incidence(table, **ROLES, by="firm").set_index("reason")
    assert tested.loc["service", "note"] == "nobody left for this reason"
    assert np.isnan(tested.loc["service", "p_value"])
    shares = reason_shares(table, event="left", reason="why", by="firm")
    assert len(shares) == 3 + 3 + 4  # only c has somebody without a reason
    assert shares.query("firm == 'a' and reason == 'service'")["note"].item() == (
        "nobody left for this reason"
    )


def test_groups_of_no_customer_are_told():
    with pytest.raises(DataError, match="The table has no row"):
        cumulative_incidence(CONTRACTS.head(0), **ROLES, by="firm")
    with pytest.raises(DataError, match="The table has no row"):
        reason_shares(CONTRACTS.head(0), event="left", reason="why", by="firm")
    with pytest.raises(DataError, match="The table has no row"):
        churn_rate(CONTRACTS.head(0), duration="months", event="left", by="firm")


def test_a_column_of_groups_writes_over_no_column_of_the_result():
    options = {"duration": "months", "event": "left"}
    told = "has a name that the result needs for a column of its own"
    twice = CONTRACTS.rename(columns={"why": "reason"})
    with pytest.raises(ParameterError, match=f"'reason' {told}"):
        cumulative_incidence(twice, **options, reason="reason", by="reason")
    for name in ("reason", "n", "denominator"):
        table = CONTRACTS.rename(columns={"firm": name})
        with pytest.raises(ParameterError, match=f"'{name}' {told}"):
            reason_shares(table, event="left", reason="why", by=name)
    for name in ("time", "n"):
        with pytest.raises(ParameterError, match=f"'{name}' {told}"):
            churn_rate(CONTRACTS.rename(columns={"firm": name}), **options, by=name)


def test_every_group_has_all_reasons():
    found = cumulative_incidence(CONTRACTS, **ROLES, by="firm", times=[2])
    assert (
        found.groupby("firm", sort=False)["reason"].agg(list).tolist()
        == [["price", "staff", "(missing)"]] * 3
    )


def test_times_after_the_last_are_noted():
    found = cumulative_incidence(CONTRACTS, **ROLES, times=[6, 7])
    assert found.query("time == 7")["estimate"].isna().all()
    assert set(found.query("time == 7")["note"]) == {"after the last time observed"}


def test_where_all_leave_for_one_reason_there_is_no_interval_at_the_end():
    table = pd.DataFrame({"months": [1, 2], "left": 1, "why": "price"})
    last = cumulative_incidence(table, **ROLES).iloc[-1]
    assert last["estimate"] == 1
    assert np.isnan(last["ci_low"])
    assert "no interval" in last["note"]


def test_late_entries_are_not_at_risk_before():
    table = CONTRACTS.assign(entry=[0, 0, 0, 0, 4, 4])
    found = cumulative_incidence(table, **ROLES, entry="entry", times=[1, 4, 5])
    price = found.query("reason == 'price'").set_index("time")
    # Who enters at 4 is at risk of what comes after 4.
    assert price["at_risk"].to_dict() == {1: 4, 4: 1, 5: 2}
    assert price.loc[1, "estimate"] == pytest.approx(1 / 4)


def test_rows_without_a_duration_are_counted():
    found = cumulative_incidence(CONTRACTS.assign(months=[1, None, 3, 4, 5, 6]), **ROLES)
    assert set(found["n_missing"]) == {1}
    assert set(found["n"]) == {5}


@pytest.mark.parametrize("function", [cumulative_incidence, compare_incidence])
def test_a_missing_column_is_told(function):
    options = {"by": "firm"} if function is compare_incidence else {}
    with pytest.raises(DataError, match="Columns not in the table: because"):
        function(CONTRACTS, duration="months", event="left", reason="because", **options)


def test_p_values_are_adjusted_over_the_reasons():
    random = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "months": random.integers(1, 12, 90),
            "left": 1,
            "why": random.choice(["a", "b", "c"], 90),
            "firm": random.choice(["x", "y"], 90),
        }
    )
    found = compare_incidence(table, **ROLES, by="firm")
    low, middle, high = sorted(found["p_value"])
    holm = [3 * low, max(3 * low, 2 * middle), max(3 * low, 2 * middle, high)]
    assert sorted(found["p_adjusted"]) == pytest.approx(np.minimum(holm, 1))
    plain = compare_incidence(table, **ROLES, by="firm", adjust="none")
    assert plain["p_adjusted"].tolist() == plain["p_value"].tolist()


def test_one_group_cannot_be_compared():
    found = compare_incidence(CONTRACTS.assign(firm="a"), **ROLES, by="firm")
    assert set(found["note"]) == {"fewer than two groups"}


def test_a_group_that_never_meets_another_loses_its_degree_of_freedom():
    table = pd.DataFrame(
        {"months": [1, 2, 3, 4], "left": [0, 1, 1, 0], "why": "price", "firm": list("abcb")}
    )
    row = compare_incidence(table, **ROLES, by="firm").iloc[0]
    assert row["df"] == 1
    assert "fewer degrees of freedom" in row["note"]


@pytest.mark.parametrize(
    "cited, told",
    [
        ({}, "Cited: nothing"),
        ({"staff": 67, "price": 9}, "sum 76"),
        ({"staff": 0.7, "price": 0.4}, "sum 1.1"),
        ({"staff": -0.1}, "staff -0.1"),
        ({"staff": 0.7, "other": 0.3}, "the rest is called 'other'"),
        ({"staff": 0.7, "all": 0.2}, "none called 'all' or as the rest"),
    ],
)
def test_cited_shares_that_are_none_are_refused(cited, told):
    with pytest.raises(ParameterError, match=told):
        reason_fit(CONTRACTS, event="left", reason="why", cited=cited)


def test_a_complete_list_is_refuted_by_one_other_reason():
    found = reason_fit(
        CONTRACTS, event="left", reason="why", cited={"price": 0.6, "service": 0.4}
    ).set_index("reason")
    assert found.loc["other", "limit"] == 0
    assert found.loc["all", ["p_value", "verdict"]].tolist() == [0, "differs"]


def test_categories_beside_the_list_are_the_rest():
    table = CONTRACTS.assign(why=CONTRACTS["why"].astype("category"))
    found = reason_fit(table, event="left", reason="why", cited={"staff": 0.5})
    # Of three with a reason one left because of staff and two because of price.
    assert found["reason"].tolist() == ["staff", "other", "all"]
    assert found["numerator"].tolist()[:2] == [1, 2]


def test_one_category_is_no_test():
    found = reason_fit(CONTRACTS.head(1), event="left", reason="why", cited={"price": 1.0})
    assert found["note"].iloc[-1] == "no test: one category"


def test_many_customers_and_a_rare_reason_say_that_p_is_rough():
    table = pd.DataFrame({"left": 1, "why": ["a"] * 400 + ["b"] * 300 + ["c"] * 2 + ["d"] * 298})
    cited = {"a": 0.4, "b": 0.3, "c": 0.001}
    last = reason_fit(table, event="left", reason="why", cited=cited).iloc[-1]
    assert last["method"] == "chi-squared"
    assert "1.0 expected" in last["note"]


def test_nobody_under_watch_has_no_rate():
    found = churn_rate(CONTRACTS, duration="months", event="left", ages=[0, 6, 12])
    assert found["note"].tolist() == ["", "nobody was under watch"]
    assert np.isnan(found["estimate"].iloc[1])


def test_bands_that_split_a_unit_are_of_exact_times():
    found = churn_rate(CONTRACTS, duration="months", event="left", ages=[0, 2.5, 6], over=1)
    assert set(found["method"]) == {"exact Poisson, exponential"}
    # Under watch 1 + 2 + 4 times 2.5, then 0.5 + 1.5 + 2.5 + 3.5.
    assert found["estimate"].tolist() == pytest.approx([1 - np.exp(-2 / 13), 1 - np.exp(-2 / 8)])


def test_nobody_left_in_exact_times():
    row = churn_rate(pd.DataFrame({"t": [1.5, 2.5], "left": 0}), duration="t", event="left").iloc[0]
    assert (row["estimate"], row["ci_low"]) == (0, 0)
    # No event in 4 units: rates up to −log(0.025)/4 go with that.
    assert row["ci_high"] == pytest.approx(1 - 0.025 ** (12 / 4))


def test_a_law_that_customers_do_not_keep_to_is_one_gap():
    plan = churn_plan(CONTRACTS, duration="months", event="left")
    assert [plan.law(period=12, up_to=one) for one in (None, 2)] == [None, None]
    assert plan.holdout(period=12, up_to=2) is None
    assert len([gap for gap in plan.gaps if "left between renewals, 12 apart" in gap]) == 1


@pytest.mark.parametrize("options", [{"ages": [12, 0]}, {"ages": [0]}, {"over": 0}])
def test_bands_and_times_that_are_none_are_refused(options):
    with pytest.raises(ParameterError, match="ascending"):
        churn_rate(CONTRACTS, duration="months", event="left", **options)


PLAN = {"duration": "months", "event": "left"}


def test_what_a_table_lacks_is_a_gap():
    plan = churn_plan(CONTRACTS, **PLAN)
    assert plan.gaps == ["reasons: no column of reasons", "groups: none are named"]
    assert plan.compared(horizon=6) is None
    assert plan.incidence() is None
    assert plan.incidence_compared() is None
    assert plan.cited_reasons(["staff"], [0.5]) is None
    assert plan.hazards() is None
    assert plan.gaps[-1] == "what makes customers leave sooner: no terms are named"


def test_a_gap_is_told_once_however_often_it_is_met():
    plan = churn_plan(pd.concat([CONTRACTS, CONTRACTS.head(2)]), **PLAN, by="firm", min_base=3)
    before = len(plan.gaps)
    for _ in range(2):
        assert plan.compared(horizon=6) is None
        assert plan.hazards() is None
    assert len(plan.gaps) == before + 2


def test_a_column_without_the_reason_of_anybody_who_left_is_a_gap():
    table = CONTRACTS.assign(why=CONTRACTS["why"].where(CONTRACTS["left"] == 0))
    plan = churn_plan(table, **PLAN, reason="why")
    assert "reasons: none on record of those who left" in plan.gaps
    assert plan.incidence() is None
    assert plan.cited_reasons(["staff"], [0.5]) is None


def test_cited_reasons_that_nobody_gave_are_not_judged():
    plan = churn_plan(CONTRACTS, **PLAN, reason="why")
    for _ in range(2):
        assert plan.cited_reasons(["staff", "quality", "service"], [0.5, 0.2, 0.1]) is None
    told = "cited reasons: none here is called quality, service; here is price, staff"
    assert plan.gaps.count(told) == 1
    assert plan.no_reasons == told
    assert plan.cited_reasons(["staff", "price"], [0.5, 0.2])["numerator"].tolist()[:2] == [1, 2]


@pytest.mark.parametrize(
    "table, reason, told",
    [
        (CONTRACTS, "why", ""),
        (CONTRACTS, None, "no column of reasons"),
        (CONTRACTS.assign(why=None), "why", "none on record of those who left"),
        (CONTRACTS.assign(left=0), "why", "nobody left: no reasons, no law, no ratios"),
        (CONTRACTS.assign(left=0), None, "nobody left: no reasons, no law, no ratios"),
    ],
)
def test_a_plan_says_why_it_has_no_reasons(table, reason, told):
    assert churn_plan(table, **PLAN, reason=reason).no_reasons == told


def test_a_text_is_no_list_of_terms():
    with pytest.raises(ParameterError, match=r"terms is the text 'f'(.|\n)*Pass terms=\['f'\]"):
        churn_plan(CONTRACTS.rename(columns={"firm": "f"}), **PLAN, terms="f")


def test_customers_at_the_start_and_without_a_duration_are_counted():
    table = CONTRACTS.assign(months=[0, None, 3, 0, 5, 6])
    plan = churn_plan(table, **PLAN)
    # Who left at 0 did leave; who is still there at 0 has only begun.
    assert plan.counts["n"].tolist() == [3, 1, 1, 1]
    assert plan.gaps[0] == "1 customers at 0 units of time, who say nothing yet"
    assert plan.gaps[1] == "1 customers without a duration or an event"


def test_groups_of_just_enough_customers_are_compared():
    plan = churn_plan(CONTRACTS, **PLAN, by="firm", min_base=2)
    assert len(plan.grouped) == 6
    assert plan.compared(horizon=6).tests["n"].iloc[0] == 6
    assert not any("fewer than" in gap for gap in plan.gaps)


def test_small_groups_are_not_compared():
    plan = churn_plan(CONTRACTS, **PLAN, by="firm", min_base=3)
    assert "groups of firm with fewer than 3 customers: 3" in plan.gaps
    assert plan.by is None
    two = pd.concat([CONTRACTS, CONTRACTS.head(2)])
    plan = churn_plan(two, **PLAN, by="firm", min_base=3)
    assert plan.compared(horizon=6) is None
    assert plan.gaps[-1].startswith("fewer than two groups")


def test_customers_without_a_duration_make_no_group_large():
    table = pd.DataFrame({"g": [*"abc"] * 30, "months": [2.0, np.nan, 3.0] * 30, "left": 1})
    plan = churn_plan(table, **PLAN, by="g")
    assert sorted(plan.grouped["g"].unique()) == ["a", "c"]
    assert "groups of g with fewer than 30 customers: 1" in plan.gaps
    assert plan.compared(horizon=3) is not None
    alone = churn_plan(table[table["g"] != "c"], **PLAN, by="g")
    assert alone.compared(horizon=3) is None
    assert alone.gaps[-1] == "fewer than two groups of g are large enough to compare"


def test_a_fit_that_fails_is_one_gap():
    plan = churn_plan(CONTRACTS.assign(left=0), **PLAN, terms=["firm"])
    for up_to in (None, 3):
        assert plan.law(period=1, up_to=up_to) is None
    assert plan.holdout(period=1, up_to=3) is None
    assert plan.hazards() is None
    assert len([gap for gap in plan.gaps if "all are still there" in gap]) == 1
    assert any(gap.startswith("hazard ratios") for gap in plan.gaps)


def test_a_column_that_is_named_and_absent_stops():
    with pytest.raises(DataError, match="firma"):
        churn_plan(CONTRACTS, **PLAN, by="firma")
    with pytest.raises(DataError, match="None of 6 rows"):
        churn_plan(CONTRACTS.assign(months=None), **PLAN)


def test_lists_of_two_lengths_are_refused():
    plan = churn_plan(CONTRACTS, **PLAN, reason="why")
    with pytest.raises(ParameterError, match=r"1 reasons \(staff\) and 2 cited shares"):
        plan.cited_reasons(["staff"], [0.5, 0.2])
    assert plan.cited_reasons(["staff"], [0.5])["reason"].tolist() == ["staff", "other", "all"]
