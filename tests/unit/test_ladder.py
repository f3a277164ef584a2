"""The ladder: how rules are read, what is left out and said, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from custlib.errors import DataError, ParameterError
from custlib.loyalty import (
    ladder_answers,
    ladder_budget,
    ladder_climb,
    ladder_gains,
    ladder_lifetimes,
    ladder_margins,
    ladder_occupancy,
    ladder_of,
    ladder_plan,
    ladder_rungs,
    ladder_shares,
    ladder_stages,
    ladder_tests,
    ladder_transitions,
    ladder_value,
    ladder_visits,
    ladder_what_if,
    read_stage_rules,
    stage_rules,
)
from custlib.loyalty.ladder.budget import Response
from custlib.loyalty.ladder.chain import ladder_chain
from custlib.loyalty.ladder.history import MEASURED, event_history
from custlib.loyalty.ladder.rules import MEASURES

DRAWS = {"n_draws": 200, "seed": 1}
RULES = ["regular: order >= 2 in last 1", "buyer: order >= 1 in last 1", "idle: otherwise"]


def events_of(*days, customer="a", event="order"):
    return pd.DataFrame({"customer": customer, "date": days, "event": event})


def seen(paths, **more):
    """One row a customer and period of paths such as "llhg", a dot where not observed."""
    names = {"l": "low", "m": "middle", "h": "high", "g": "gone", ".": None}
    rows = [
        {"customer": at, "period": when, "stage": names[letter]}
        for at, path in enumerate(paths)
        for when, letter in enumerate(path)
        if letter != "_"
    ]
    return pd.DataFrame(rows).assign(**more)


def moved(paths, ladder=("low", "high", "gone"), absorbing=("gone",), **options):
    return ladder_transitions(seen(paths), ladder=ladder, absorbing=absorbing, **options)


@pytest.fixture(scope="module")
def moves():
    return moved(["llhhg", "lhhlg", "lllhh", "hhlgg", "lghhh"[:2]]).estimates


# Rules.


@pytest.mark.parametrize(
    "given",
    [
        "regular: order >= 2 in last 4 and referral >= 1",
        {"regular": "order >= 2 in last 4 and referral >= 1"},
        {"stage": "regular", "when": "order >= 2 in the last 4 and referral >= 1"},
        {"stage": "regular", "when": ["order >= 2 in last 4", "referral >= 1"]},
    ],
)
def test_a_rule_may_be_written_in_four_ways(given):
    [rule] = stage_rules([given])
    assert rule.stage == "regular"
    parts = [(one.measure, one.event, one.sign, one.number, one.last) for one in rule.conditions]
    assert parts == [("count", "order", ">=", 2, 4), ("count", "referral", ">=", 1, None)]


def test_rules_are_read_from_a_file_and_may_be_read_twice(tmp_path):
    file = tmp_path / "rules.yaml"
    file.write_text("- lost: closed >= 1\n- stage: buyer\n  when: otherwise\n", encoding="utf-8")
    rules = read_stage_rules(file)
    assert [rule.stage for rule in rules] == ["lost", "buyer"]
    assert stage_rules(rules) == rules
    assert ladder_of(rules) == ["buyer", "lost"]


@pytest.mark.parametrize("text", ["", "regular: order", "[1, 2", "3"])
def test_a_file_without_a_list_of_rules_is_refused(tmp_path, text):
    file = tmp_path / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"rules\.yaml"):
        read_stage_rules(file)


def test_an_absent_file_of_rules_is_named(tmp_path):
    with pytest.raises(DataError, match=r"'none\.yaml' cannot be read"):
        read_stage_rules(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    "rule",
    [
        "regular",
        "regular: order > 2",
        "regular: order >= many",
        "regular: order >= 2 in last 0",
        "regular: order >= 2 in last 2 and otherwise",
        "regular: periods since order >= 2 in last 4",
        ": order >= 2",
        {"stage": "regular", "when": 3},
        {"a": "otherwise", "b": "otherwise"},
        7,
    ],
)
def test_a_rule_that_cannot_be_read_is_shown_with_the_form(rule):
    with pytest.raises(ParameterError, match="A rule cannot be read") as caught:
        stage_rules([rule])
    assert "order >= 2 in last 4" in str(caught.value)


@pytest.mark.parametrize("rules", [[], "regular: otherwise", {"regular": "otherwise"}])
def test_rules_are_a_list(rules):
    with pytest.raises(ParameterError, match="Expected a list of rules"):
        stage_rules(rules)


def test_every_measure_that_can_be_written_can_be_computed():
    assert set(MEASURED) == set(MEASURES)
    examples = [example for _, example in MEASURES.values()]
    assert [stage_rules([f"a: {one}"])[0].conditions[0].measure for one in examples] == [*MEASURES]


# Stages.


def test_the_first_rule_that_holds_wins_or_the_last():
    events = events_of("2024-01-05", "2024-02-05")
    assert ladder_stages(events, rules=RULES)["stage"].tolist() == ["regular"]
    last = ladder_stages(events, rules=RULES, match="last")
    assert last["stage"].tolist() == ["idle"]
    turned = ladder_stages(events, rules=RULES[::-1], match="last")
    assert turned["stage"].tolist() == ["regular"]


def test_a_stage_that_nobody_reaches_stays_on_the_ladder():
    stages = ladder_stages(events_of("2024-01-05", "2024-09-05"), rules=RULES)
    assert stages["stage"].cat.categories.tolist() == ["idle", "buyer", "regular"]
    shares = ladder_shares(stages)
    rows = shares[shares["stage"] == "regular"]
    assert rows["numerator"].tolist() == [0, 0, 0]
    assert set(rows["note"]) == {"never reached"}
    estimates = ladder_transitions(stages).estimates.set_index(["stage", "next_stage"])
    row = estimates.loc[("regular", "buyer")]
    assert row["n"] == 0
    assert np.isnan(row["estimate"])
    assert row["note"] == "never reached"
    assert estimates.loc[("idle", "buyer"), "estimate"] == 1


def test_customers_for_whom_no_rule_holds_are_named():
    events = events_of("2024-01-05", "2024-08-05")
    with pytest.raises(DataError, match="1 of 3 customers and periods; first: a in 2024 Q2"):
        ladder_stages(events, rules=RULES[:2])
    stages = ladder_stages(events, rules=RULES[:2], unmatched="missing")
    assert stages["note"].tolist() == ["", "no rule matches", ""]
    assert stages["stage"].isna().tolist() == [False, True, False]


def test_a_period_not_observed_keeps_its_row_and_later_ones_their_stage():
    gap = events_of("2024-04-01", event="no_record")
    events = pd.concat([events_of("2024-01-05", "2024-05-05", "2024-08-05"), gap])
    stages = ladder_stages(events, rules=RULES, unobserved="no_record")
    assert stages["note"].tolist() == ["", "not observed", ""]
    assert stages["stage"].tolist()[::2] == ["buyer", "buyer"]
    assert stages["stage"].isna().tolist() == [False, True, False]


def test_a_gap_in_the_records_is_no_event_of_any_kind():
    gap = events_of("2024-04-01", event="no_record")
    events = pd.concat([events_of("2024-01-05", "2024-10-05"), gap])
    rules = ["quiet: periods since any >= 2", "here: otherwise"]
    stages = ladder_stages(events, rules=rules, unobserved="no_record")
    assert stages["stage"].isna().tolist() == [False, True, False, False]
    assert stages["stage"].tolist()[2:] == ["quiet", "here"]
    plain = ladder_stages(events, rules=rules)
    assert plain["stage"].tolist() == ["here"] * 4


def test_rows_begin_with_the_first_event_and_end_with_the_last_period_of_all():
    events = pd.concat(
        [events_of("2024-01-05"), events_of("2024-05-05", "2024-12-01", customer="b")]
    )
    stages = ladder_stages(events, rules=RULES)
    assert stages.groupby("customer")["period"].agg(["first", "last"]).values.tolist() == [
        ["2024 Q1", "2024 Q4"],
        ["2024 Q2", "2024 Q4"],
    ]


@pytest.mark.parametrize("until, last", [("2024-05-31", "2024 Q1"), ("2024-06-30", "2024 Q2")])
def test_a_period_that_is_not_over_is_left_out(until, last):
    events = events_of("2024-01-05", "2024-05-05")
    stages = ladder_stages(events, rules=RULES, until=until)
    assert stages["period"].iloc[-1] == last


def test_records_may_go_on_after_the_last_event():
    stages = ladder_stages(events_of("2024-01-05"), rules=RULES, until="2024-12-31")
    assert stages["stage"].tolist() == ["buyer", "idle", "idle", "idle"]


def test_an_end_before_every_event_is_refused():
    with pytest.raises(DataError, match="All 1 events lie in periods that were not over"):
        ladder_stages(events_of("2024-01-05"), rules=RULES, until="2024-02-01")
    with pytest.raises(ParameterError, match="until is 'soon'"):
        ladder_stages(events_of("2024-01-05"), rules=RULES, until="soon")


def test_periods_at_the_start_may_only_be_looked_back_on():
    rules = ["regular: order >= 2 in last 2", "other: otherwise"]
    events = events_of("2024-01-05", "2024-05-05", "2024-08-05")
    stages = ladder_stages(events, rules=rules, warm_up=1)
    assert stages["note"].tolist() == ["too little history", "", ""]
    assert stages["stage"].tolist()[1:] == ["regular", "regular"]


@pytest.mark.parametrize(
    "period, names",
    [
        ("month", ["2024-01", "2024-02"]),
        ("half_year", ["2024 H1"]),
        ("year", ["2024"]),
        ("quarter", ["2024 Q1"]),
    ],
)
def test_periods_of_the_calendar(period, names):
    stages = ladder_stages(events_of("2024-01-31", "2024-02-01"), rules=RULES, period=period)
    assert stages["period"].tolist() == names


def test_days_may_be_dates_times_or_texts():
    text = ["05.01.2024", "25.08.2024"]
    dates = pd.to_datetime(text, format="%d.%m.%Y")
    first = ladder_stages(events_of(*text), rules=RULES)
    for column in (dates, dates.date, dates.tz_localize("Europe/Ljubljana")):
        again = events_of(*text).assign(date=column)
        pd.testing.assert_frame_equal(ladder_stages(again, rules=RULES), first)


def test_the_form_of_days_may_be_given():
    events = events_of("01/02/2024", "05/04/2024")
    with pytest.raises(DataError, match="which is the day and which the month"):
        ladder_stages(events, rules=RULES)
    for style, periods in (("%d/%m/%Y", ["Q1", "Q2"]), ("%m/%d/%Y", ["Q1", "Q2"])):
        stages = ladder_stages(events, rules=RULES, date_format=style)
        assert [one[-2:] for one in stages["period"]] == periods
    months = ladder_stages(events, rules=RULES, date_format="%m/%d/%Y", period="month")
    assert months["period"].iloc[[0, -1]].tolist() == ["2024-01", "2024-05"]
    with pytest.raises(DataError, match="2 days in 'date' are not written as %Y"):
        ladder_stages(events, rules=RULES, date_format="%Y-%m-%d")


@pytest.mark.parametrize("style", [None, "%Y-%m-%d %H:%M%z"])
@pytest.mark.parametrize("kept", ["texts", "times", "times of one zone"])
def test_a_time_with_a_zone_is_of_the_day_of_its_own_clock_however_it_is_kept(kept, style):
    # In universal time both would lie a day, and a quarter, before.
    texts = ["2024-01-01 00:30+01:00", "2024-04-01 00:00+02:00"]
    times = [pd.Timestamp(text) for text in texts]
    columns = {"texts": texts, "times": pd.Series(times, dtype=object)}
    columns["times of one zone"] = [time.tz_convert("Europe/Ljubljana") for time in times]
    events = events_of(*texts).assign(date=columns[kept])
    stages = ladder_stages(events, rules=RULES, date_format=style)
    assert stages["period"].tolist() == ["2024 Q1", "2024 Q2"]


def test_a_text_beside_a_time_is_read_by_evidence_as_well():
    events = events_of("", "").assign(date=["03.04.2024", pd.Timestamp("2024-05-01")])
    with pytest.raises(DataError, match=r"it holds '03\.04\.2024' and others in no one format"):
        ladder_stages(events, rules=RULES)


@pytest.mark.parametrize("name", ["ordr", "Order"])
def test_a_kind_written_nearly_like_one_that_occurs_is_warned_of(name):
    rules = [f"buyer: {name} >= 1", "idle: otherwise"]
    with pytest.warns(UserWarning, match=rf"kinds that never occur: {name} \(order\?\)"):
        stages = ladder_stages(events_of("2024-01-05"), rules=rules)
    assert stages["stage"].tolist() == ["idle"]


def test_a_kind_that_may_be_lacking_by_right_is_no_slip(recwarn):
    rules = ["adherent: referral >= 1", "many: any >= 2", *RULES]
    stages = ladder_stages(events_of("2024-01-05"), rules=rules)
    assert stages["stage"].tolist() == ["buyer"]
    assert not [one for one in recwarn if "never occur" in str(one.message)]


def test_only_kinds_that_rules_count_are_laid_out():
    events = pd.concat([events_of("2024-01-05", event=kind) for kind in ("order", "visit", "call")])
    rules = stage_rules(
        ["rich: amount of order >= 1", "seen: any >= 1 in last 1", "idle: call = 0"]
    )
    given = {"customer": "customer", "date": "date", "event": "event", "period": "month"}
    given |= {"last_number": None, "unobserved": None, "date_format": None, "rules": rules}
    history = event_history(events.assign(paid=2.0), amount="paid", **given)
    assert set(history.counts) == {"any", "call"}
    assert set(history.amounts) == {"any", "order"}
    assert (history.counts["any"].item(), history.amounts["any"].item()) == (3, 6)


def test_without_kinds_every_row_is_an_order():
    events = events_of("2024-01-05", "2024-02-05").drop(columns="event")
    assert ladder_stages(events, rules=RULES, event=None)["stage"].tolist() == ["regular"]


@pytest.mark.parametrize("column", ["customer", "date", "event"])
def test_gaps_are_counted_and_shown(column):
    events = events_of("2024-01-05", "2024-02-05").astype(object)
    events.loc[1, column] = None
    with pytest.raises(DataError, match=rf"1 events without .*{column}.*rows \[1\]"):
        ladder_stages(events, rules=RULES)


@pytest.mark.parametrize(
    "change, told",
    [
        (lambda events: events.iloc[:0], "The table of events has no row"),
        (lambda events: events.assign(date=[1, 2]), "'date' is no column of days"),
        (lambda events: events.drop(columns="event"), "not in the table: event"),
    ],
)
def test_tables_that_are_no_events_are_refused(change, told):
    with pytest.raises(DataError, match=told):
        ladder_stages(change(events_of("2024-01-05", "2024-02-05")), rules=RULES)


def test_a_column_may_not_be_called_as_a_result_is():
    events = events_of("2024-01-05").rename(columns={"customer": "stage"})
    with pytest.raises(ParameterError, match="other names than period"):
        ladder_stages(events, rules=RULES, customer="stage")


def test_amounts_in_words_are_refused():
    events = events_of("2024-01-05").assign(amount=["much"])
    with pytest.raises(DataError, match="not a number"):
        ladder_stages(events, rules=RULES, amount="amount")


@pytest.mark.parametrize("rule", ["amount of any >= 500", "amount of order >= 500 in last 1"])
def test_a_rule_on_amounts_needs_their_column(rule):
    events = events_of("2024-01-05").assign(amount=900)
    rules = [f"big: {rule}", "idle: otherwise"]
    assert ladder_stages(events, rules=rules, amount="amount")["stage"].tolist() == ["big"]
    with pytest.raises(ParameterError, match="amount is not named") as caught:
        ladder_stages(events, rules=rules)
    assert rule in str(caught.value)


def test_an_infinite_amount_is_refused_and_a_missing_one_is_worth_nothing():
    events = events_of("2024-01-05", "2024-01-06").assign(amount=[7, np.inf])
    with pytest.raises(DataError, match="row 1: inf"):
        ladder_stages(events, rules=RULES, amount="amount")
    events["amount"] = [7, np.nan]
    assert ladder_stages(events, rules=RULES, amount="amount")["amount"].tolist() == [7]


def test_round_limits_are_met_by_sums_of_cents():
    events = events_of("2024-01-05", "2024-01-06").assign(amount=[0.7, 0.1])
    rules = ["enough: amount of order >= 0.8 in last 1", "less: otherwise"]
    assert 0.7 + 0.1 < 0.8
    assert ladder_stages(events, rules=rules, amount="amount")["stage"].tolist() == ["enough"]


# Transitions.


def test_a_pair_with_a_period_not_observed_is_skipped_not_bridged():
    found = moved(["l.h", "lh."])
    pairs = found.pairs.set_index("measure")["n"]
    assert pairs.to_dict() == {"possible": 4, "observed": 1, "skipped": 3}
    row = found.estimates.set_index(["stage", "next_stage"]).loc[("low", "high")]
    assert (row["numerator"], row["denominator"], row["n_missing"]) == (1, 1, 1)


@pytest.mark.parametrize(
    "labels",
    [
        ["Q1 2024", "Q2 2024", "Q1 2025"],
        ["2024-9", "2024-10", "2025-1"],
        ["2024 Q4", "2025 Q1", "2025 Q2"],
        ["1", "2", "10"],
        ["week 1", "week 2", "week 10"],
        [1, 2, 10],
        pd.to_datetime(["2024-01-01", "2024-10-01", "2025-01-01"]),
        pd.PeriodIndex(["2024-01", "2024-10", "2025-01"], freq="M"),
        pd.Categorical(
            ["before", "then", "after"], ["never", "before", "then", "after"], ordered=True
        ),
    ],
)
def test_periods_follow_each_other_as_their_numbers_do(labels):
    table = pd.DataFrame({"customer": 1, "period": labels, "stage": ["low", "middle", "high"]})
    found = ladder_transitions(table.iloc[[2, 0, 1]], ladder=["low", "middle", "high"]).estimates
    gone = found[found["numerator"] > 0]
    assert list(zip(gone["stage"], gone["next_stage"], strict=True)) == [
        ("low", "middle"),
        ("middle", "high"),
    ]
    shares = ladder_shares(table.iloc[[2, 0, 1]])
    assert shares["period"].unique().tolist() == [*labels]


@pytest.mark.parametrize(
    "labels",
    [
        ["before", "after"],
        ["01.02.2024", "03.01.2024"],
        ["Q1 24", "Q2 24"],
        ["Jan 2024", "Feb 2024"],
        ["2024 Q1", "2024 H2"],
        ["1", "01"],
        ["1", 2],
    ],
)
def test_periods_that_sort_in_more_than_one_way_are_refused(labels):
    table = pd.DataFrame({"customer": 1, "period": labels, "stage": ["low", "high"]})
    for function in (ladder_transitions, ladder_shares, ladder_tests):
        with pytest.raises(DataError, match="Periods sort in more than one way") as caught:
            function(table)
        assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize(
    "periods",
    [
        [1.0, np.nan],
        pd.array([1, None], dtype="Int64"),
        [pd.Timestamp("2024-01-01"), pd.NaT],
        ["2024 Q1", None],
        pd.Categorical(["first", None], ordered=True),
    ],
)
def test_a_missing_period_is_refused(periods):
    table = pd.DataFrame({"customer": [1, 2], "period": periods, "stage": ["low", "high"]})
    with pytest.raises(DataError, match="1 rows without an entry in 'period'"):
        ladder_shares(table)


def test_pairs_before_a_customer_comes_and_after_the_last_row_are_none():
    found = moved(["__lh", "lh__", "l__h"])
    pairs = found.pairs.set_index("measure")["n"]
    # The third was listed through all four periods: three pairs, none with both ends.
    assert pairs.to_dict() == {"possible": 5, "observed": 2, "skipped": 3}
    lacking = found.estimates.drop_duplicates("stage").set_index("stage")["n_missing"]
    assert lacking.to_dict() == {"low": 1, "high": 0, "gone": 0}


def test_intervals_hold_a_share_of_none_and_of_all():
    found = moved(["lh", "lh", "hh"]).estimates.set_index(["stage", "next_stage"])
    none, every = found.loc[("low", "low")], found.loc[("low", "high")]
    assert none["ci_low"] == 0 == none["estimate"]
    assert none["ci_high"] > 0
    assert every["ci_high"] == 1
    assert every["prior_count"] == pytest.approx(1 / 3)


def test_an_absorbing_stage_is_so_by_declaration():
    found = moved(["lg", "lg", "gg"]).estimates.set_index(["stage", "next_stage"])
    rows = found.loc["gone"]
    assert rows["estimate"].tolist() == [0, 0, 1]
    assert rows["numerator"].tolist() == [0, 0, 1]
    assert rows["std_error"].isna().all()
    assert set(rows["note"]) == {"no way out by declaration"}


def test_whoever_left_an_absorbing_stage_is_counted():
    with pytest.raises(DataError, match=r"2 transitions leave 'gone'.*gone → high \(2\)"):
        moved(["gh", "gh", "lg"])


def test_segments_stand_below_each_other_and_a_thin_one_keeps_its_rows():
    table = pd.concat(
        [seen(["lh", "ll"], segment="a"), seen(["h."], segment="b").assign(customer=9)]
    )
    found = ladder_transitions(table, ladder=["low", "high"], by="segment").estimates
    assert found["segment"].tolist() == ["a"] * 4 + ["b"] * 4
    assert found[found["segment"] == "b"]["n"].tolist() == [0] * 4
    with pytest.raises(DataError, match="8 rows for 2 stages"):
        ladder_value(found, margins=[1, 2], discount=0.1, **DRAWS)


def test_a_period_in_which_a_segment_has_no_row_is_not_bridged_there():
    # The first customer has no row in the middle one of three periods, which the other has.
    table = seen(["l_h", "lhh"])
    table["segment"] = table["customer"].map({0: "A", 1: "B"})
    whole = ladder_transitions(table, ladder=["low", "high"])
    parts = ladder_transitions(table, ladder=["low", "high"], by="segment")
    assert whole.pairs["n"].tolist() == [4, 2, 2]  # possible, observed, skipped
    assert parts.pairs["n"].tolist() == [2, 0, 2, 2, 2, 0]
    lost = parts.estimates.groupby(["segment", "stage"], sort=False)["n_missing"].first()
    assert lost.tolist() == [1, 0, 0, 0]
    tests = ladder_tests(table, ladder=["low", "high"], by="segment")
    assert tests.groupby("term")["n"].first()[["independence", "segments"]].tolist() == [2, 2]


@pytest.mark.parametrize(
    "change, error, told",
    [
        (lambda t: pd.concat([t, t.head(2)]), DataError, "2 rows repeat a customer and period"),
        (lambda t: t.assign(stage=None), DataError, "Of 2 pairs .* none is observed"),
        (lambda t: t.assign(customer=[None, 0, 1, 1]), DataError, "1 rows without .* 'customer'"),
        (lambda t: t.assign(stage="up"), DataError, "Stages not among those named: up"),
        (lambda t: t.drop(columns="stage"), DataError, "not in the table: stage"),
    ],
)
def test_tables_that_are_no_stages_are_refused(change, error, told):
    with pytest.raises(error, match=told):
        ladder_transitions(change(seen(["lh", "hg"])), ladder=["low", "high", "gone"])


@pytest.mark.parametrize(
    "options, told",
    [
        ({"absorbing": ["left"]}, "absorbing is 'left'"),
        ({"absorbing": "gone"}, "absorbing is the text"),
        ({"prior": 0}, "prior is 0"),
        ({"prior": -1}, "prior is -1"),
        ({"conf_level": 1}, "conf_level is 1"),
    ],
)
def test_wrong_arguments_of_transitions(options, told):
    with pytest.raises(ParameterError, match=told):
        ladder_transitions(seen(["lh", "hg"]), **options)


@pytest.mark.parametrize("function", [ladder_transitions, ladder_tests, ladder_shares])
def test_tables_without_rows_or_stages_are_refused(function):
    table = seen(["lh"])
    for empty in (table.iloc[:0], table.assign(stage=None)):
        with pytest.raises(DataError, match=rf"No stage that .* in {len(empty)} rows"):
            function(empty)
    kept = table.assign(stage=pd.Categorical(table["stage"])).iloc[:0]
    with pytest.raises(DataError, match="The table of customers and periods has no row"):
        function(kept)


def test_a_ladder_of_absorbing_stages_alone_is_refused():
    for function in (ladder_transitions, ladder_tests):
        with pytest.raises(DataError, match="No stage that customers can leave, in 2 rows"):
            function(seen(["gg"]), absorbing=["gone"])


def test_a_ladder_given_as_a_text_is_no_list_of_letters():
    table = seen(["lh"]).assign(stage=["b", "g"])
    for function in (ladder_transitions, ladder_tests):
        with pytest.raises(ParameterError, match="ladder is the text 'bg'"):
            function(table, ladder="bg")


def test_a_stage_called_as_the_row_of_all_customers_is_refused():
    table = seen(["lh"]).assign(stage=["all", "high"])
    for function in (ladder_transitions, ladder_tests):
        with pytest.raises(DataError, match="A stage is called 'all'"):
            function(table)


def test_a_stage_named_twice_is_refused():
    with pytest.raises(DataError, match="named more than once: low"):
        ladder_transitions(seen(["ll"]), ladder=["low", "low"])


# Chains.


def test_draws_have_the_mean_and_spread_of_the_posterior(moves):
    chain = ladder_chain(moves).chain
    drawn = chain.draws(20_000, seed=3)
    alpha = chain.counts + chain.prior
    mean = alpha / alpha.sum(axis=1, keepdims=True)
    inside = ~chain.absorbing
    spread = np.sqrt(mean * (1 - mean) / (alpha.sum(axis=1, keepdims=True) + 1))
    assert np.abs(drawn.mean(axis=0) - mean)[inside].max() < 5 * spread[inside].max() / 20_000**0.5
    assert drawn.std(axis=0)[inside] == pytest.approx(spread[inside], rel=0.03)
    assert drawn[:, chain.absorbing].tolist() == [[[0, 0, 1]]] * 20_000
    assert drawn.sum(axis=2) == pytest.approx(1)


def test_a_seed_gives_the_same_numbers_and_another_seed_others(moves):
    options = {"margins": [1, 2, 0], "discount": 0.1, "n_draws": 200}
    first, again, other = (ladder_value(moves, seed=seed, **options) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert first["estimate"].equals(other["estimate"])
    assert not first["ci_low"].equals(other["ci_low"])


def test_a_stage_never_reached_leaves_the_others_their_numbers():
    ladder = ("low", "middle", "high", "gone")
    paths = ["lhg", "llh", "hlg"]
    whole, part = moved(paths, ladder).estimates, moved(paths).estimates
    value = ladder_value(whole, margins=[1, 5, 2, 0], discount=0.1, **DRAWS).set_index("stage")
    assert np.isnan(value.loc["middle", "estimate"])
    assert value.loc["middle", "note"] == "never reached"
    alone = ladder_value(part, margins=[1, 2, 0], discount=0.1, **DRAWS).set_index("stage")
    assert value["estimate"].drop("middle").to_dict() == alone["estimate"].to_dict()
    lifetimes = ladder_lifetimes(whole, **DRAWS)
    row = lifetimes[(lifetimes["stage"] == "middle") & (lifetimes["measure"] == "periods")]
    assert row["note"].tolist() == ["never reached"]
    assert lifetimes["estimate"].notna().sum() == 3 * 2 + 1
    visits = ladder_visits(whole, **DRAWS)
    assert len(visits) == 9
    assert visits["estimate"].notna().sum() == 4


def test_a_goal_never_reached_has_rows_without_numbers():
    whole = moved(["lhg", "llh"], ("low", "high", "middle", "gone")).estimates
    climb = ladder_climb(whole, **DRAWS)
    top = climb[climb["next_stage"] == "middle"]
    assert set(top["note"]) == {"never reached"}
    assert top["estimate"].isna().all()
    rungs = ladder_rungs(whole, **DRAWS).set_index(["stage", "measure"])
    assert rungs.loc[("low", "ever"), "probability_first"] == 1
    assert np.isnan(rungs.loc[("high", "ever"), "probability_first"])
    gains = ladder_gains(whole, margins=[1, 2, 3, 0], discount=0.1, **DRAWS)
    assert gains["note"].iloc[1] == "never reached"
    assert np.isnan(gains["estimate"].iloc[1])


def test_a_stage_that_leads_to_one_without_known_moves_has_no_number():
    # Who is in the middle is seen there only at the end.
    found = moved(["lhg", "lm", "hgg"], ("low", "middle", "high", "gone")).estimates
    value = ladder_value(found, margins=[1, 1, 1, 0], discount=0.1, **DRAWS).set_index("stage")
    assert value["estimate"].isna().tolist() == [True, True, False, False]
    assert "nobody was seen to go on from here" in value.loc["middle", "note"]
    assert "middle" in value.loc["low", "note"]
    with pytest.raises(ParameterError, match="3 customers stand on 'low'"):
        ladder_occupancy(found, customers={"low": 3}, periods=2, **DRAWS)
    options = {"customers": {"low": 3}, "margins": [1, 1, 1, 0], "discount": 0.1}
    equity = ladder_value(found, **options, **DRAWS).iloc[-1]
    assert equity["note"] == "not known for customers on low"
    lifetimes = ladder_lifetimes(found, customers={"low": 3}, **DRAWS)
    assert lifetimes.iloc[-1]["note"] == "customers stand on stages that are not computed"


def test_a_ladder_without_an_exit_has_values_but_no_lifetimes():
    found = moved(["lhlh", "llhh"], ("low", "high"), ()).estimates
    assert ladder_value(found, margins=[1, 2], discount=0.1, **DRAWS)["estimate"].notna().all()
    for function in (ladder_lifetimes, ladder_visits):
        with pytest.raises(DataError, match="No stage of the ladder is absorbing"):
            function(found, **DRAWS)
    with pytest.raises(DataError, match=r"discount is 0 .* no way out was seen from low, high"):
        ladder_value(found, margins=[1, 2], discount=0, **DRAWS)
    assert ladder_value(found, margins=[1, 2], discount=0, horizon=3, **DRAWS)["estimate"].max() > 4


def test_an_exit_that_nobody_took_is_none():
    found = moved(["lhlh", "llhh"]).estimates
    with pytest.raises(DataError, match="Nobody was seen to go to gone"):
        ladder_lifetimes(found, **DRAWS)


def test_a_trap_keeps_its_row_and_says_why():
    # From low one leaves or comes to the middle, which nobody was seen to leave.
    found = moved(["lg", "lm", "mm", "hg"], ("low", "middle", "high", "gone")).estimates
    lifetimes = ladder_lifetimes(found, **DRAWS)
    periods = lifetimes[lifetimes["measure"] == "periods"].set_index("stage")
    assert periods["estimate"].isna().to_dict() == {"low": True, "middle": True, "high": False}
    assert periods.loc["low", "note"] == "no way out was seen from here"
    assert periods.loc["high", "estimate"] == 1


def test_no_long_run_where_two_parts_last_equally_long():
    paths = ["ll", "lg", "hh", "hg"]
    lifetimes = ladder_lifetimes(moved(paths).estimates, **DRAWS)
    rows = lifetimes[lifetimes["measure"].str.startswith("long_run")]
    assert rows["estimate"].isna().all()
    assert rows["note"].str.contains("equally long").all()


def test_zero_discount_needs_that_the_end_brings_nothing():
    found = moved(["lhg", "llh", "hgg"]).estimates
    with pytest.raises(DataError, match="gone brings a margin for ever"):
        ladder_value(found, margins=[1, 2, 3], discount=0, **DRAWS)
    assert ladder_value(found, margins=[1, 2, 3], discount=0.1, **DRAWS)["estimate"].iloc[
        2
    ] == pytest.approx(3 * 1.1 / 0.1)


@pytest.mark.parametrize("discount", [-0.01, 1.01, 3, float("nan"), float("inf")])
def test_a_discount_outside_its_range_is_refused(moves, discount):
    with pytest.raises(ParameterError, match=r"For 3 % a period pass 0\.03"):
        ladder_value(moves, margins=[1, 2, 0], discount=discount, **DRAWS)


@pytest.mark.parametrize(
    "options, told",
    [
        ({"margins": [1, 2]}, "margins is"),
        ({"margins": {"low": 1}}, "for each stage: high"),
        ({"margins": {"low": 1, "high": 2, "up": 3}}, "A stage of margins is 'up'"),
        ({"margins": [1, np.nan, 0]}, "margins is"),
        ({"margins": ["a", "b", "c"]}, "margins is"),
        ({"margins": {"low": 1, "high": np.nan}}, "for each stage: low, high, gone"),
        ({"margins": {"low": "much", "high": 2}}, "for each stage: low, high, gone"),
        ({"horizon": float("inf")}, "horizon is inf"),
        ({"horizon": -1}, "horizon is -1"),
        ({"horizon": 1.5}, "horizon is 1.5"),
        ({"paid": "later"}, "paid is 'later'"),
        ({"customers": [1, -1, 0]}, "numbers not below 0"),
        ({"customers": [0, 0, 0]}, "at least one above"),
        ({"customers": {"up": 1}}, "A stage of customers is 'up'"),
        ({"n_draws": 5}, "n_draws is 5"),
        ({"seed": None}, "seed is absent"),
        ({"conf_level": 0}, "conf_level is 0"),
    ],
)
def test_wrong_arguments_of_value(moves, options, told):
    given = {"margins": [1, 2, 0], "discount": 0.1} | DRAWS | options
    with pytest.raises(ParameterError, match=told):
        ladder_value(moves, **given)


def test_estimated_margins_bring_their_errors(moves):
    table = pd.DataFrame(
        {"stage": ["low", "high"], "estimate": [1.0, 2.0], "std_error": [0.3, 0.6]}
    )
    sure = ladder_value(moves, margins=table.drop(columns="std_error"), discount=0.1, **DRAWS)
    unsure = ladder_value(moves, margins=table, discount=0.1, **DRAWS)
    assert sure["estimate"].equals(unsure["estimate"])
    assert (unsure["std_error"] > sure["std_error"])[:2].all()
    assert unsure["std_error"].iloc[2] == 0


def test_margins_of_a_stage_are_means_over_periods_with_customers_as_clusters():
    table = seen(["lh", "ll", "hh"]).assign(amount=[10.0, 20, 30, 50, 60, np.nan])
    found = ladder_margins(table, margin_share=0.5).set_index("stage")
    assert found.loc["low", "estimate"] == pytest.approx(0.5 * (10 + 30 + 50) / 3)
    assert found.loc["high", "estimate"] == pytest.approx(0.5 * (20 + 60) / 2)
    assert (found.loc["high", "n"], found.loc["high", "n_missing"]) == (2, 1)
    # Sums of deviations by customer −20 and 20, over n = 3; and 3/2 for the three clusters.
    error = 0.5 * (1.5 * (2 * 20**2)) ** 0.5 / 3
    assert found.loc["low", "std_error"] == pytest.approx(error)
    with pytest.raises(ParameterError, match=r"margin_share is 1\.2"):
        ladder_margins(table, margin_share=1.2)


def test_amounts_of_stages_in_words_are_refused():
    table = seen(["lh", "ll"]).assign(amount=[10.0, "much", 30, 50])
    with pytest.raises(DataError, match=r"1 value in 'amount' not a number; first: row 1: 'much'"):
        ladder_margins(table)


def test_a_stage_with_one_customer_has_a_mean_and_no_error():
    table = seen(["lh", "ll"]).assign(amount=[10.0, 20, 30, 50])
    found = ladder_margins(table).set_index("stage")
    assert found.loc["high", "estimate"] == 20
    assert np.isnan(found.loc["high", "ci_low"])
    assert found.loc["high", "note"] == "one customer: no error"
    with pytest.raises(DataError, match="1 customers with a stage"):
        ladder_margins(table[table["customer"] == 0])


# Steps, what-ifs and money.


@pytest.mark.parametrize(
    "options, error, told",
    [
        ({"donor": "high"}, ParameterError, "donor other than the goal"),
        ({"donor": "up"}, ParameterError, "donor is 'up'"),
        ({"steps": "down"}, ParameterError, "steps is 'down'"),
        ({"lasting": 0}, ParameterError, "lasting is 0"),
        ({"lasting": 1.5}, ParameterError, "lasting is 1.5"),
        ({"lasting": float("inf")}, ParameterError, "lasting is inf"),
    ],
)
def test_wrong_arguments_of_gains(moves, options, error, told):
    with pytest.raises(error, match=told):
        ladder_gains(moves, margins=[1, 2, 0], discount=0.1, **DRAWS, **options)


def test_a_donor_with_less_than_a_point_is_said():
    found = moved(["lh", "ll", "hg"]).estimates
    gains = ladder_gains(found, margins=[1, 2, 0], discount=0.1, **DRAWS)
    assert gains["note"].tolist() == ["the donor has less than one point to give"]


@pytest.mark.parametrize(
    "change, told",
    [
        (("low", "high", "gone", 90), r"low → gone has .* points and shall lose 90"),
        (("low", "high", "gone", -1), "points above 0"),
        (("gone", "high", "low", 1), "a stage that customers leave"),
        (("low", "high", "high", 1), "donor other than the goal"),
        (("up", "high", "gone", 1), "stage is 'up'"),
    ],
)
def test_wrong_changes(moves, change, told):
    with pytest.raises(ParameterError, match=told):
        ladder_what_if(moves, changes=[change], margins=[1, 2, 0], discount=0.1, **DRAWS)


def test_two_changes_share_their_donor(moves):
    share = ladder_chain(moves).chain.matrix[0, 2]
    half = 60 * share
    changes = [("low", "high", "gone", half), ("low", "low", "gone", half)]
    with pytest.raises(ParameterError, match="shall lose"):
        ladder_what_if(moves, changes=changes, margins=[1, 2, 0], discount=0.1, **DRAWS)


@pytest.mark.parametrize(
    "options, told",
    [
        ({"budget": -1}, "budget is -1"),
        ({"budget": float("nan")}, "budget is nan"),
        ({"reach_points": 0}, "reach_points is 0"),
        ({"scale": {"high": 3}}, "scale has no entry for low"),
        ({"scale": -5}, "scale is -5"),
        ({"least_return": -1}, "least_return is -1"),
    ],
)
def test_wrong_arguments_of_the_budget(moves, options, told):
    given = {"budget": 10, "reach_points": 1, "scale": 5, "margins": [1, 2, 0], "discount": 0.1}
    given |= {"customers": [9, 9, 0]} | DRAWS | options
    with pytest.raises(ParameterError, match=told):
        ladder_budget(moves, **given)


def test_a_budget_of_zero_is_a_row_that_says_so(moves):
    given = {"reach_points": 1, "scale": 5, "margins": [1, 2, 0], "discount": 0.1}
    found = ladder_budget(moves, budget=0, customers=[9, 9, 0], **given, **DRAWS)
    rows = found[found["stage"] == "all"]
    assert set(rows["note"]) == {"nothing to spend"}
    assert rows["estimate"].abs().max() == 0


def test_a_step_gains_no_more_than_its_donor_has(moves):
    given = {"scale": 1, "margins": [1, 90, 0], "discount": 0.1, "customers": [99, 0, 0]}
    found = ladder_budget(moves, budget=900, reach_points=99, **given, **DRAWS)
    points = found[(found["measure"] == "points") & (found["stage"] == "low")].iloc[0]
    has = 100 * ladder_chain(moves).chain.matrix[0, 2]
    assert points["note"] == "gains no more points than the donor has"
    assert 0.98 * has < points["estimate"] <= has


def test_a_donor_with_nothing_gives_nothing():
    found = moved(["lh", "ll", "hg"]).estimates
    given = {"scale": 1, "margins": [1, 90, 0], "discount": 0.1, "customers": [99, 0, 0]}
    split = ladder_budget(found, budget=900, reach_points=5, **given, **DRAWS)
    step = split[split["stage"] == "low"].set_index("measure")
    assert step["estimate"].tolist() == [0, 0, 0]
    assert set(step["note"]) == {"the donor has nothing to give"}
    assert step["probability_first"].isna().all()


def test_no_step_is_first_where_no_donor_has_anything():
    # Nobody was ever seen to go to gone, the donor of both steps.
    found = moved(["lm", "ll", "mh", "hm"], ("low", "middle", "high", "gone")).estimates
    given = {"scale": 1, "margins": [1, 5, 9, 0], "discount": 0.1, "customers": [9, 9, 9, 0]}
    split = ladder_budget(found, budget=9, reach_points=5, **given, **DRAWS)
    spend = split[(split["measure"] == "spend") & (split["stage"] != "all")]
    assert spend["note"].tolist() == ["the donor has nothing to give"] * 2
    assert spend["probability_first"].isna().all()


def test_a_step_that_brings_nothing_gets_nothing():
    found = moved(["lh", "ll", "lg", "hg", "hl"]).estimates
    given = {"reach_points": 1, "scale": 5, "margins": [2, 0, 0], "discount": 0.1, "donor": "stay"}
    split = ladder_budget(found, budget=50, customers=[99, 9, 0], **given, **DRAWS)
    step = split[(split["stage"] == "low") & (split["measure"] == "spend")].iloc[0]
    assert (step["estimate"], step["note"]) == (0, "a step here brings nothing")
    assert step["probability_first"] == 0


def test_the_split_beats_a_fine_grid():
    response = Response(np.array([0.02, 0.05, 0.01]), np.array([30.0, 200.0, 10.0]))
    slopes = np.array([9000.0, 6000.0, 4000.0])
    for budget in (5.0, 60.0, 300.0):
        best = response.split(slopes, budget, 0.0)
        assert best.sum() == pytest.approx(budget)
        grid = np.linspace(0, budget, 101)
        first, second = np.meshgrid(grid, grid, indexing="ij")
        third = budget - first - second
        plans = np.stack([first, second, third], axis=-1)[third >= 0]
        gains = response.gained(plans) @ slopes
        assert response.gained(best) @ slopes >= gains.max() - 1e-9


# Tests of order.


def test_terms_without_anything_to_compare_say_so():
    found = ladder_tests(seen(["lh", "ll"]))
    rows = found[found["term"] == "second_order"]
    assert rows["note"].tolist() == ["nothing to compare"] * 2
    assert rows["p_value"].isna().all()


def test_thin_tables_are_noted_and_drawn_ones_are_not():
    table = seen(["lhlh", "llhg", "hlhl", "hhlg", "lhhg"])
    options = {"absorbing": ["gone"], "ladder": ["low", "high", "gone"], "parts": 2}
    found = ladder_tests(table, **options)
    first = found[found["term"] == "independence"].iloc[0]
    assert "expected counts below 5: p is rough" in first["note"]
    drawn = ladder_tests(table, n_draws=200, seed=1, **options)
    assert drawn.iloc[0]["note"] == ""
    assert drawn.iloc[0]["method"] == "likelihood ratio, 200 drawn tables"
    assert drawn["statistic"].equals(found["statistic"])


def test_two_assumptions_are_tested_at_once_and_adjusted_by_holm():
    table = seen(["lhlh", "llhh", "hlhl", "hhlh", "lhhl", "hllh"], segment="a")
    found = ladder_tests(table)
    for method in ("likelihood ratio", "Pearson"):
        rows = found[found["method"] == method].set_index("term")
        low, high = sorted([rows.loc[name, "p_value"] for name in ("second_order", "stationarity")])
        adjusted = sorted(rows.loc[["second_order", "stationarity"], "p_adjusted"])
        assert adjusted == pytest.approx([min(2 * low, 1), max(min(2 * low, 1), high)])
        assert np.isnan(rows.loc["independence", "p_adjusted"])


def test_drawn_p_values_are_those_of_fisher():
    # Two by two, where tables as unlikely and tables as far off are the same ones.
    paths = ["ll"] * 8 + ["lh"] * 2 + ["hl"] * 1 + ["hh"] * 5
    drawn = ladder_tests(seen(paths), n_draws=20_000, seed=2)
    row = drawn[drawn["term"] == "independence"].iloc[1]
    exact = stats.fisher_exact([[8, 2], [1, 5]]).pvalue
    assert row["p_value"] == pytest.approx(exact, abs=4 * 0.5 / 20_000**0.5)


@pytest.mark.parametrize(
    "options, told",
    [
        ({"parts": 1}, "parts is 1"),
        ({"parts": 9}, "there are 3 transitions in a row"),
        ({"n_draws": 5, "seed": 1}, "n_draws is 5"),
        ({"n_draws": 200}, "seed is absent"),
        ({"by": "segment"}, "names 1 segments"),
    ],
)
def test_wrong_arguments_of_the_tests(options, told):
    table = seen(["lhlh", "llhh"], segment="a")
    with pytest.raises(ParameterError, match=told):
        ladder_tests(table, **options)


@pytest.mark.parametrize(
    "options, told",
    [
        ({"reach": "nearly"}, "reach is 'nearly'"),
        ({"within": 0}, "within is 0"),
        ({"within": float("inf")}, "within is inf"),
    ],
)
def test_wrong_arguments_of_the_climb(moves, options, told):
    with pytest.raises(ParameterError, match=told):
        ladder_climb(moves, **options, **DRAWS)


def test_a_rung_that_was_never_climbed_to_from_here():
    found = moved(["lg", "ll", "hh", "hg"]).estimates
    climb = ladder_climb(found, **DRAWS).set_index("measure")
    assert climb.loc["ever", "estimate"] == 0
    assert climb.loc["ever", "ci_low"] == 0 < climb.loc["ever", "ci_high"]
    assert np.isnan(climb.loc["periods", "estimate"])
    assert climb.loc["periods", "note"] == "nobody was seen to get there from here"


def test_without_an_exit_every_climb_is_certain_and_no_rung_is_the_narrowest_by_it():
    paths = ["lm", "ll", "ll", "mh", "ml", "mm", "mm", "hm", "hh", "hl", "hh"]
    found = moved(paths, ("low", "middle", "high"), ()).estimates
    climb = ladder_climb(found, **DRAWS)
    ever = climb[climb["measure"] == "ever"]
    rungs = ladder_rungs(found, **DRAWS).set_index(["measure", "stage"])
    for table in (ever, rungs.loc["ever"]):
        assert (table[["estimate", "ci_low", "ci_high"]] == 1).all(axis=None)
    assert rungs.loc["ever", "probability_first"].tolist() == [0, 0]
    # In one period 1 of 3 climbs from low, and 1 of 4 from the middle.
    assert rungs.loc["up", "estimate"].tolist() == pytest.approx([1 / 3, 1 / 4])
    assert rungs.loc["up", "probability_first"].sum() == pytest.approx(1)


def test_a_stage_where_all_stay_for_good_never_gets_there():
    found = moved(["ll", "mm", "mh", "hh"], ("low", "middle", "high"), ()).estimates
    climb = ladder_climb(found, **DRAWS).set_index(["stage", "next_stage", "measure"])["estimate"]
    assert climb["low", "high", "ever"] == 0
    assert (climb["middle", "high", "ever"], climb["middle", "high", "periods"]) == (1, 2)


def test_the_narrowest_and_the_best_come_first_in_nearly_all_draws():
    paths = ["lm"] * 90 + ["ll"] * 10 + ["lg"] * 10 + ["mh"] * 5 + ["mm"] * 60 + ["mg"] * 40
    paths += ["hh"] * 60 + ["hg"] * 20
    found = moved(paths, ("low", "middle", "high", "gone")).estimates
    rungs = ladder_rungs(found, **DRAWS).set_index(["stage", "measure"])["probability_first"]
    assert rungs["middle", "ever"] > 0.99 > 0.01 > rungs["low", "ever"]
    options = {"margins": [0, 1, 100, 0], "discount": 0.1, "customers": [1, 50, 0, 0]}
    gains = ladder_gains(found, **options, **DRAWS).set_index(["stage", "measure"])
    assert gains.loc[("middle", "base"), "probability_first"] > 0.99
    assert gains.loc[("low", "base"), "probability_first"] < 0.01


def test_periods_ahead_are_at_least_one(moves):
    with pytest.raises(ParameterError, match="periods is 0"):
        ladder_occupancy(moves, customers=[1, 0, 0], periods=0, **DRAWS)


def test_a_table_of_transitions_that_was_cut_is_refused(moves):
    with pytest.raises(DataError, match="8 rows for 3 stages"):
        ladder_value(moves.iloc[1:], margins=[1, 2, 0], discount=0.1, **DRAWS)


# What a file allows.

ROLES = {"customer": "customer", "date": "date", "event": "event", "amount": "amount"}


def climbers(count=40, quarters=8, seed=1):
    """Orders of customers who buy 0, 1 or 2 times in a quarter, more often after having bought."""
    random = np.random.default_rng(seed)
    rows = []
    for who in range(count):
        state = 1
        for at in range(quarters):
            state = int(np.clip(state + random.integers(-1, 2), 0, 2))
            day = pd.Timestamp("2023-01-10") + pd.DateOffset(months=3 * at)
            rows += [{"customer": who, "date": day, "amount": 10.0}] * (state if at else 1)
    return pd.DataFrame(rows)


def planned(events, roles=ROLES, rules=RULES, **options):
    return ladder_plan(events, rules=rules, roles=roles, n_draws=200, seed=1, **options)


def test_a_file_of_orders_is_enough_and_says_what_it_lacks():
    plan = planned(climbers(), lost="lost", discount=0.05, min_base=10)
    assert plan.gaps == [
        "no kinds of event: every row counts as an order",
        "no rule gives the stage 'lost': nobody leaves for good",
    ]
    assert plan.value()["estimate"].notna().all()
    assert plan.lifetimes() is None
    assert plan.lifetimes() is None
    assert plan.gaps[2:] == ["no length of stay: No stage of the ladder is absorbing"]


def test_without_amounts_values_are_a_gap_and_given_margins_fill_it():
    events = climbers().drop(columns="amount")
    plan = planned(events)
    assert plan.gaps[-1] == "no values: neither amounts nor margins"
    assert plan.value() is None
    assert plan.gains() is None
    assert plan.budget(10, reach_points=1, cost_per_customer=1) is None
    assert plan.views(10, reach_points=1, cost_per_customer=1) is None
    with_margins = planned(events, margins=[0.0, 5, 9], discount=0.1)
    own = ladder_value(
        with_margins.moves, margins=[0, 5, 9], discount=0.1, customers=plan.standing, **DRAWS
    )
    pd.testing.assert_frame_equal(with_margins.value(), own)


def test_kinds_that_rules_count_and_that_never_occur_are_a_gap():
    rules = ["adherent: referral >= 1", "early: ordr >= 3", *RULES]
    told = "kinds that rules count and that never occur: referral, ordr (order?)"
    for events in (climbers(), climbers().assign(event="order")):
        with pytest.warns(UserWarning, match="never occur"):
            assert told in planned(events, rules=rules).gaps


def test_a_misspelt_role_is_refused_and_a_foreign_one_is_not_used():
    roles = {"customer": "customer", "date": "date"}
    with pytest.raises(ParameterError, match="A role is 'amout'") as caught:
        planned(climbers(), roles=roles | {"amout": "amount"})
    assert "Did you mean 'amount'?" in str(caught.value)
    foreign = planned(climbers(), roles=roles | {"profit": "amount"})
    assert foreign.gaps == planned(climbers(), roles=roles).gaps


def test_columns_that_were_named_must_be_there():
    with pytest.raises(DataError, match="not in the table: kind"):
        planned(climbers(), roles=ROLES | {"event": "kind"})
    with pytest.raises(DataError, match="not in the table: who"):
        planned(climbers(), roles=ROLES | {"customer": "who"})


def test_the_plan_asks_every_question_with_the_same_options():
    plan = planned(climbers(), discount=0.05, lasting=2, donor="stay", min_base=10)
    options = {"margins": ladder_margins(plan.stages), "discount": 0.05, "customers": plan.standing}
    gains = ladder_gains(plan.moves, lasting=2, donor="stay", **options, **DRAWS)
    pd.testing.assert_frame_equal(plan.gains(), gains)
    scale = {name: 3 * max(n, 1) for name, n in plan.standing.items()}
    spent = {"budget": 50, "reach_points": 2, "scale": scale, "lasting": 2, "donor": "stay"}
    split = ladder_budget(plan.moves, **spent, **options, **DRAWS)
    pd.testing.assert_frame_equal(plan.budget(50, reach_points=2, cost_per_customer=3), split)
    tests = plan.tests()
    assert tests["term"].tolist() == ["independence", "second_order", "stationarity"]
    assert set(tests["method"]) == {"Pearson, 200 drawn tables"}
    counted, expected = plan.fit()
    first = counted[counted["period"] == 0].set_index("stage")["estimate"]
    assert expected[expected["period"] == 0].set_index("stage")[
        "estimate"
    ].to_dict() == pytest.approx(first.to_dict())
    assert counted["period"].max() == expected["period"].max() == 7


def test_every_other_choice_is_taken_one_at_a_time():
    plan = planned(climbers(), discount=0.05, lasting=2, min_base=10)
    views = plan.views(50, reach_points=2, cost_per_customer=3)
    assert views["choice"].nunique() == 6
    assert views.groupby("choice")["measure"].agg(list).tolist() == [["point", "spend"]] * 6
    gains = plan.gains(discount=0.1)
    best = gains[gains["measure"] == "base"].sort_values("estimate").iloc[-1]
    row = views[(views["choice"] == "twice the rate") & (views["measure"] == "point")].iloc[0]
    assert (row["stage"], row["estimate"]) == (best["stage"], best["estimate"])


def test_answers_are_rows_of_the_tables_that_hold_them():
    plan = planned(climbers(), discount=0.05, lasting=2, min_base=10)
    parts = {"rungs": plan.rungs(), "climb": plan.climb(), "value": plan.value()}
    parts |= {"gains": plan.gains(), "budget": plan.budget(50, reach_points=2, cost_per_customer=1)}
    answers = ladder_answers(plan, **parts)
    found = answers.set_index("measure")
    # Nobody leaves for good: every climb is certain, and those of one period are compared.
    shares = parts["rungs"].groupby("measure")["estimate"]
    assert shares.min()["ever"] == 1
    assert found.loc["narrowest_rung", "estimate"] == shares.min()["up"]
    climb = parts["climb"].set_index(["stage", "next_stage", "measure"])["estimate"]
    assert found.loc["chance_to_climb", "estimate"] == climb["idle", "regular", "ever"]
    assert found.loc["time_to_climb", "estimate"] == climb["idle", "regular", "periods"]
    assert answers[answers["measure"] == "value"]["stage"].tolist() == ["idle", "buyer", "regular"]
    spend = parts["budget"].query("measure == 'spend' and stage != 'all'")
    assert found.loc["most_money", "estimate"] == spend["estimate"].max()
    base = parts["gains"].query("measure == 'base'")
    assert found.loc["best_point", "estimate"] == base["estimate"].max()
    nothing = plan.budget(50, reach_points=2, cost_per_customer=1e9)
    assert not {"first_money", "most_money"} & set(ladder_answers(plan, budget=nothing)["measure"])


def test_the_narrowest_rung_is_that_from_which_the_fewest_ever_climb():
    events = climbers()
    ends = events.groupby("customer")["date"].max() + pd.Timedelta(days=1)
    closed = ends.iloc[::2].reset_index().assign(event="closed", amount=0.0)
    events = pd.concat([events.assign(event="order"), closed], ignore_index=True)
    plan = planned(events, rules=["lost: closed >= 1", *RULES], lost="lost", min_base=10)
    rungs = plan.rungs()
    ever = rungs[rungs["measure"] == "ever"]
    assert ever["estimate"].max() < 1
    answers = ladder_answers(plan, rungs=rungs).set_index("measure")
    assert answers.loc["narrowest_rung", "estimate"] == ever["estimate"].min()


def test_a_ladder_of_one_rung_has_gaps_and_no_answers():
    rules = ["lost: closed >= 1", "buyer: otherwise"]
    plan = planned(climbers(), rules=rules, lost="lost", margins=[1, 0], discount=0.1)
    assert plan.rungs() is None
    assert plan.climb() is None
    assert plan.gains() is None
    assert plan.gaps[-1] == "no value of a step: There is no step from one rung to the next"
    told = "The ladder has 1 stages between which customers can move"
    assert {f"no rungs: {told}", f"no climb: {told}"} <= set(plan.gaps)
    answers = ladder_answers(plan)
    assert len(answers) == 0
    assert answers["stage"].str.len().tolist() == []  # still a column of names


def test_stages_with_too_few_moves_answer_nothing():
    plan = planned(climbers(), min_base=10_000)
    parts = {
        "rungs": plan.rungs(),
        "climb": plan.climb(),
        "value": planned(climbers(), discount=0.1).value(),
    }
    assert len(ladder_answers(plan, **parts)) == 0
    assert [gap.split(" from ")[0] for gap in plan.gaps[1:]] == ["too few moves"] * 3


def test_changes_too_large_for_slopes_are_said(moves):
    given = {"scale": 1, "margins": [1, 2, 0], "discount": 0.01, "customers": [9, 9, 0]}
    large = ladder_budget(moves, budget=5000, reach_points=99, least_return=0, **given, **DRAWS)
    small = ladder_budget(moves, budget=5000, reach_points=0.01, least_return=0, **given, **DRAWS)
    for table, told in ((large, "changes too large for slopes: gain_anew holds"), (small, "")):
        rows = table[table["stage"] == "all"].set_index("measure")["note"]
        assert rows["gain"] == rows["gain_even"] == told
        assert rows["gain_anew"] == ""
