"""A funnel's edges: what leads may look like, what is refused, and stages nobody came to."""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.loyalty import (
    funnel_bottleneck,
    funnel_plan,
    funnel_rates,
    funnel_scenarios,
    stage_times,
)

STAGES = ["call", "offer", "sale"]
FLAGS = pd.DataFrame({"call": [1, 1, 1, 1], "offer": [1, 1, 1, 0], "sale": [1, 0, 0, 0]})
DATES = pd.DataFrame(
    {
        "call": ["2025-01-01", "2025-01-02", "2025-01-03"],
        "offer": ["2025-01-05", "2025-01-04", None],
        "sale": ["2025-02-01", None, None],
    }
)


def rates(leads, **options):
    return funnel_rates(leads, stages=STAGES, **options)


def same(first, second):
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize(
    "leads",
    [
        FLAGS.astype(bool),
        FLAGS.astype("boolean"),
        FLAGS.astype(float),
        FLAGS.replace(0, np.nan),
        FLAGS.astype(bool).astype(object).where(FLAGS.astype(bool), None),
        FLAGS.astype(object),
        FLAGS.astype(object).where(FLAGS == 1, None),
        FLAGS.astype(object).where(FLAGS == 0, True),
        FLAGS.set_index(pd.Index([7, 7, 7, 7])),
        FLAGS.iloc[::-1],
    ],
)
def test_yes_and_no_in_any_form(leads):
    same(rates(leads), rates(FLAGS))


@pytest.mark.parametrize(
    "turn",
    [
        lambda column: pd.to_datetime(column),
        lambda column: pd.to_datetime(column).dt.tz_localize("Europe/Ljubljana"),
        lambda column: pd.to_datetime(column).dt.strftime("%d.%m.%Y %H:%M"),
    ],
)
def test_days_in_any_form(turn):
    leads = DATES.assign(call=["2025-01-13", "2025-01-14", "2025-01-15"])
    leads = leads.assign(offer=["2025-01-17", "2025-01-16", None])
    same(rates(leads.apply(turn), patience_days=5), rates(leads, patience_days=5))


def test_groups_in_their_order_and_those_without_one():
    leads = FLAGS.assign(channel=["b", "a", "b", None])
    found = rates(leads, by="channel")
    steps = found[found["measure"] == "rate"]
    assert steps["channel"].tolist() == ["b", "b", "a", "a", "(missing)", "(missing)"]
    assert steps["denominator"].tolist() == [2, 2, 1, 1, 1, 0]


def test_a_stage_nobody_came_to_keeps_a_noted_row():
    leads = FLAGS.assign(offer=None, sale=None)
    found = rates(leads)
    assert found["estimate"].tolist()[0] == 0
    assert found["note"].tolist()[1:] == ["nobody came to this stage", "a step has no rate"]
    assert np.isnan(found["estimate"].iloc[2])


def test_a_step_nobody_took_has_an_upper_end():
    found = rates(FLAGS.assign(sale=0))
    through = found.iloc[-1]
    assert (through["estimate"], through["ci_low"]) == (0, 0)
    assert through["ci_high"] == pytest.approx(0.75 * found["ci_high"].iloc[1])
    assert "nobody took" in through["note"]


def test_all_leads_too_young():
    found = rates(DATES, patience_days=400)
    assert found["note"].tolist()[:2] == ["no lead is decided yet"] * 2
    assert found["n_open"].tolist()[:2] == [3, 2]


def test_no_leads_at_all():
    found = rates(FLAGS.head(0))
    assert found["n"].tolist() == [0, 0, 0]
    assert found["estimate"].isna().all()


def test_lost_may_be_a_reason_a_day_or_a_flag():
    same_counts = [
        rates(FLAGS.assign(lost=lost), lost="lost")["denominator"].tolist()[:2]
        for lost in (
            [0, 1, 0, 1],
            pd.Series([0, 1, 0, 1], dtype=object),
            [None, "price", "", "no need"],
            [None, "2025-01-01", None, "2025-02-01"],
        )
    ]
    assert same_counts == [[4, 2]] * 4


@pytest.mark.parametrize(
    "leads, options, told",
    [
        (FLAGS, {"stages": ["call"]}, "There is 1 item"),
        (FLAGS, {"stages": ["call", "call"]}, "Named more than once: call"),
        (FLAGS, {"stages": "called"}, "stages is the text 'called'"),
        (FLAGS, {"stages": ["call", "sales"]}, "nearest are 'sale' for 'sales'"),
        (FLAGS, {"conf_level": 1}, "conf_level is 1"),
        (FLAGS, {"skipped": "ignored"}, "skipped is 'ignored'"),
        (FLAGS, {"as_of": "2025-01-01"}, "the stages have no dates"),
        (FLAGS.assign(offer=[1, 2, 0, 3]), {}, "2 values in 'offer' are neither"),
        (FLAGS.assign(offer=DATES["offer"]), {}, "Some stages have dates"),
        (DATES, {}, "Nothing tells leads that are still open"),
        (DATES, {"patience_days": -1}, "patience_days is -1"),
        (DATES.assign(offer="2024-12-31"), {"patience_days": 9}, "3 dates of a stage lie before"),
        (DATES.assign(offer="soon"), {"patience_days": 9}, "'offer' is no column of times"),
        (FLAGS.assign(at="visit"), {"reached": "at"}, "4 leads with a stage that is not among"),
    ],
)
def test_what_is_refused(leads, options, told):
    options = {"stages": STAGES} | options
    with pytest.raises((DataError, ParameterError), match=told) as raised:
        funnel_rates(leads, **options)
    assert len(str(raised.value).splitlines()) == 3


def test_rows_are_named_by_the_index_of_the_table():
    leads = DATES.set_index(pd.Index(["x", "y", "z"])).assign(offer=[None, "2024-12-31", None])
    with pytest.raises(DataError, match="first: row y: offer"):
        rates(leads, patience_days=9)


def test_times_need_dates_and_quantiles():
    with pytest.raises(ParameterError, match="no dates"):
        stage_times(FLAGS, stages=STAGES)
    with pytest.raises(ParameterError, match="quantiles are"):
        stage_times(DATES, stages=STAGES, patience_days=1, quantiles=[0, 0.5])


def test_times_of_a_step_nobody_took():
    found = stage_times(DATES.assign(sale=None), stages=STAGES, patience_days=0)
    assert found["note"].tolist()[2:] == ["nobody went on"] * 2


# --- plans ---


@pytest.mark.parametrize(
    "wrong, options, told",
    [
        ([1.2], {}, "Rates of the steps: 1.2"),
        ([-0.1, 0.5], {}, "Rates of the steps: -0.1"),
        ([float("nan")], {}, "Rates of the steps: nan"),
        ([], {}, "Rates of the steps: none"),
        ([0.5], {"target": 0}, "target is 0"),
        ([0.5], {"target": 2.5}, "target is 2.5"),
        ([0.5], {"probability": 1}, "probability is"),
        ([0.5], {"probability": [0.5, 0]}, "probability is"),
        ([0.5], {"calls": -1}, "calls are"),
        ([0.5], {"calls": [1.5]}, "calls are"),
        ([0.5], {"capacity": 0}, "capacity is 0"),
    ],
)
def test_plans_that_are_refused(wrong, options, told):
    with pytest.raises(ParameterError, match=told) as raised:
        funnel_plan(wrong, **({"target": 1} | options))
    assert len(str(raised.value).splitlines()) == 3


def test_a_rate_of_zero_never_and_a_rate_of_one_at_once():
    never = funnel_plan([0.5, 0], target=1, calls=100).set_index("measure")
    assert never.loc["calls_needed", "calls"].isna().all()
    assert never.loc["calls_needed", "note"].str.contains("no number of calls").all()
    assert never.loc["probability", "estimate"] == 0
    always = funnel_plan([1, 1.0], target=3, probability=0.99)
    assert always[["calls", "estimate"]].values.tolist() == [[3, 1]]


def test_more_calls_than_anybody_plans_for():
    found = funnel_plan([1e-12], target=5, probability=0.5)
    assert found["note"].tolist() == ["more than 1,000,000,000 calls"]


def test_fewer_calls_than_sales_wanted_have_no_chance():
    found = funnel_plan(rates(FLAGS), target=5, probability=(), calls=4)
    assert found["estimate"].iloc[0] == 0


def test_rates_of_one_group_only():
    two = rates(FLAGS.assign(g=[0, 0, 1, 1]), by="g")
    with pytest.raises(DataError, match="4 steps"):
        funnel_plan(two, target=1)
    with pytest.raises(DataError, match="4 steps"):
        funnel_bottleneck(two, seed=1)


def test_a_step_without_leads_is_told():
    empty = rates(FLAGS.assign(offer=None, sale=None))
    with pytest.raises(DataError, match="No lead is decided at: offer"):
        funnel_plan(empty, target=1)
    with pytest.raises(DataError, match="leads at them"):
        funnel_bottleneck(empty, seed=1)


def test_scenarios_are_refused_where_there_is_none():
    with pytest.raises(ParameterError, match="There is no scenario"):
        funnel_scenarios({}, target=1)


def test_a_scenario_that_never_sells_still_has_a_curve():
    found = funnel_scenarios({"never": [0.0]}, target=3, points=3)
    assert found.loc[found["measure"] == "curve", "estimate"].tolist() == [0, 0, 0]


# --- bottleneck ---


@pytest.mark.parametrize(
    "options, told",
    [
        ({"lift": "percent"}, "lift is 'percent'"),
        ({"size": 0}, "Size 0"),
        ({"size": 2}, "Size 2"),
        ({"benchmark": {"meeting": 0.1}}, "unknown stage: meeting"),
        ({"benchmark": {"call": 1.1}}, "benchmark rates: 1.1"),
        ({"lift": "benchmark", "benchmark": {"call": 0.5}}, "steps without a benchmark"),
        ({"n_draws": 10}, "n_draws is 10"),
        ({"seed": None}, "seed is absent"),
    ],
)
def test_a_bottleneck_that_is_refused(options, told):
    with pytest.raises(ParameterError, match=told):
        funnel_bottleneck(rates(FLAGS), **({"seed": 1} | options))


def test_verdicts_against_a_benchmark():
    many = pd.concat([FLAGS] * 100)
    found = funnel_bottleneck(
        rates(many), benchmark={"call": 0.6, "offer": 0.33}, lift="benchmark", seed=1
    )
    assert found["verdict"].tolist() == ["above", "not distinguishable"]
    assert funnel_bottleneck(rates(many), seed=1)["verdict"].tolist() == ["", ""]
    low = funnel_bottleneck(rates(many), benchmark={"call": 0.9}, seed=1)
    assert low["verdict"].tolist() == ["below", ""]


def test_a_step_nobody_took_has_no_gain():
    found = funnel_bottleneck(rates(FLAGS.assign(sale=0)), seed=1)
    assert np.isnan(found["estimate"].iloc[1])
    assert "endless" in found["note"].iloc[1]


def test_a_share_more_of_a_step_nobody_took_is_no_gain_and_why_no_step_is_best_stays():
    many = pd.concat([FLAGS.assign(sale=0)] * 30)
    found = funnel_bottleneck(rates(many), lift="relative", seed=1)
    taken, none = found["note"]
    assert taken == "every step gains the same: a relative lift names no bottleneck"
    assert "endless" not in none
    assert none.startswith("nobody took this step: no share of 0 is a gain")
    assert none.endswith(taken)
    assert found.loc[1, ["ci_low", "ci_high"]].tolist() == pytest.approx([0.05, 0.05])


def test_an_instant_is_one_time_however_it_is_kept():
    # All are half past ten in the evening of 31 December in UTC.
    text, moment = "2024-01-01T00:30+02:00", pd.Timestamp("2024-01-01T00:30+02:00")
    tokyo = pd.Series([moment.tz_convert("Asia/Tokyo")])
    leads = pd.DataFrame({"call": [text], "offer": [moment], "sale": tokyo})
    stages = ["call", "offer", "sale"]
    for day in (text, moment, "2023-12-31 17:30-05:00", "2023-12-31 22:30"):
        found = stage_times(leads, stages=stages, as_of=day, patience_days=0, quantiles=[0.5])
        assert found["estimate"].tolist() == [0, 0]
        assert found["n"].tolist() == [1, 1]
    early = {"as_of": "2023-12-31 22:29", "patience_days": 0}
    assert funnel_rates(leads, stages=stages, **early)["n"].tolist() == [0, 0, 0]


@pytest.mark.parametrize("lift", ["points", "relative"])
def test_the_only_step_is_compared_with_none(lift):
    leads = funnel_rates(FLAGS, stages=["call", "offer"])
    assert funnel_bottleneck(leads, lift=lift, seed=1)["note"].tolist() == [
        "the only step: none to compare it with"
    ]


@pytest.mark.parametrize("lift", ["points", "relative", "loss", "benchmark"])
def test_the_interval_of_a_step_that_all_took_holds_its_gain_of_zero(lift):
    leads = pd.concat([FLAGS[FLAGS["sale"] == 1]] * 60)
    goals = {"call": 0.9, "offer": 0.9}
    found = funnel_bottleneck(rates(leads), lift=lift, benchmark=goals, seed=1)
    assert found["estimate"].tolist() == [0, 0]
    assert found["ci_low"].tolist() == [0, 0]


def test_the_seed_decides():
    first, again, other = (funnel_bottleneck(rates(FLAGS), seed=seed) for seed in (1, 1, 2))
    same(first, again)
    assert not first.equals(other)


def test_the_share_planted_in_many_leads_is_found():
    random = np.random.default_rng(1)
    day = np.datetime64("2025-01-01") + random.integers(0, 300, 300_000).astype("timedelta64[D]")
    leads = pd.DataFrame({"call": day, "sale": day + np.timedelta64(5, "D")})
    leads.loc[random.random(300_000) < 0.9, "sale"] = pd.NaT
    found = funnel_rates(leads, stages=["call", "sale"], patience_days=30)
    assert found["estimate"].iloc[0] == pytest.approx(0.1, abs=0.002)
