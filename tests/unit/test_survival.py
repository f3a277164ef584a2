"""Staying and leaving: groups, notes where data are thin, and what bad input gives."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from custlib.errors import DataError, FitError, ParameterError
from custlib.loyalty import (
    churn_hazards,
    cohort_retention,
    compare_survival,
    contract_durations,
    restricted_mean,
    survival_curve,
    survival_times,
)
from custlib.loyalty.retention.durations import read_spells

ROLES = {"duration": "months", "event": "left"}
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high"]


def base(n=60, seed=1):
    random = np.random.default_rng(seed)
    life, watch = random.geometric(0.1, n), random.integers(4, 20, n)
    return pd.DataFrame(
        {
            "months": np.minimum(life, watch).astype(float),
            "left": (life <= watch).astype(int),
            "plan": random.choice(["monthly", "annual", "flex"], n, p=[0.5, 0.3, 0.2]),
            "price": random.normal(30, 5, n),
            "region": random.choice(["north", "south"], n),
            "firm": random.integers(0, 12, n),
        }
    )


def every(table, **options):
    """Each function that reads durations and events."""
    yield survival_curve(table, **ROLES, **options)
    yield survival_times(table, **ROLES, **options)
    yield restricted_mean(table, **ROLES, **options)


def three_parts(problem):
    text = str(problem.value)
    assert len(text.splitlines()) == 3, text
    return text


# --- columns of durations and events ---


@pytest.mark.parametrize(
    "change, told",
    [
        ({"months": [1, -2, 3, -4]}, "2 rows with negative duration; first: row 1: -2, row 3: -4"),
        ({"months": [1, np.inf, 3, 4]}, "1 row with infinite value; first: row 1: inf"),
        ({"months": [1, "two", 3, 4]}, "1 value in 'months' not a number; first: row 1: 'two'"),
        ({"left": [0, 1, 2, 1]}, "1 row with event that is not 0 or 1; first: row 2: 2"),
        ({"left": ["Yes", "No", "No", "No"]}, "4 rows with event that is not 0 or 1"),
        ({"months": pd.to_timedelta([1, 2, 3, 4], unit="D")}, "timedelta64"),
    ],
)
def test_durations_and_events_that_cannot_be(change, told):
    table = pd.DataFrame({"months": [1, 2, 3, 4], "left": [0, 1, 0, 1]}).assign(**change)
    for call in (survival_curve, survival_times, restricted_mean):
        with pytest.raises(DataError) as problem:
            call(table, **ROLES)
        assert told in three_parts(problem)
    with pytest.raises(DataError):
        churn_hazards(table.assign(x=[1, 2, 1, 2]), **ROLES, terms=["x"])
    with pytest.raises(DataError):
        compare_survival(table.assign(x=[1, 2, 1, 2]), **ROLES, by="x")


def test_labels_of_those_who_left_are_named():
    table = base()
    said = table.assign(left=np.where(table["left"] == 1, "Yes", "No"))
    found = survival_curve(said, **ROLES, event_value="Yes")
    pd.testing.assert_frame_equal(found, survival_curve(table, **ROLES))
    reasons = table.assign(left=np.where(table["left"] == 1, table["plan"], "active"))
    several = survival_curve(reasons, **ROLES, event_value=["monthly", "annual", "flex"])
    pd.testing.assert_frame_equal(several, found)
    with pytest.raises(DataError) as problem:
        survival_curve(said, **ROLES, event_value="yes")
    assert "'left' never holds 'yes'" in three_parts(problem)
    with pytest.raises(DataError, match="event_value"):
        survival_curve(said, **ROLES)


def test_truth_values_and_whole_numbers_are_one():
    table = base()
    found = survival_curve(table, **ROLES)
    for kind in (bool, float, "boolean", "Int64", str):
        again = survival_curve(table.assign(left=table["left"].astype(kind)), **ROLES)
        pd.testing.assert_frame_equal(again, found)


def test_an_entry_is_an_age_from_zero_up():
    with pytest.raises(DataError, match="1 row with negative entry; first: row 1: -1"):
        survival_curve(base(3).assign(entry=[0, -1, 0]), **ROLES, entry="entry")


def test_an_entry_is_before_the_end():
    table = base(6).assign(entry=[0, 0, 50, 0, 0, 0])
    table.loc[4, "entry"] = table.loc[4, "months"]
    for call in (survival_curve, survival_times, restricted_mean):
        with pytest.raises(DataError) as problem:
            call(table, **ROLES, entry="entry")
        assert "2 rows with entry not before the end in 'months'; first: row 2: 50" in three_parts(
            problem
        )
    with pytest.raises(DataError, match="entry not before"):
        compare_survival(table, **ROLES, by="region", entry="entry")
    with pytest.raises(DataError, match="entry not before"):
        churn_hazards(table, **ROLES, terms=["price"], entry="entry")


def test_rows_that_lack_something_are_counted_and_left_out():
    table = base(40)
    gaps = table.assign(entry=0.0)
    gaps.loc[[0, 1], "months"] = np.nan
    gaps.loc[[2], "left"] = np.nan
    gaps.loc[[3], "entry"] = np.nan
    whole = table.drop(index=[0, 1, 2, 3])
    for found, expected in zip(every(gaps, entry="entry"), every(whole), strict=True):
        pd.testing.assert_frame_equal(found.assign(n_missing=0), expected)
        assert set(found["n_missing"]) == {4}
    gaps.loc[[4], "price"] = np.nan
    cox = churn_hazards(gaps, **ROLES, entry="entry", terms=["price"]).estimates
    assert (cox["n"].item(), cox["n_missing"].item()) == (35, 5)
    gaps.loc[[5, 6], "plan"] = None
    tests = compare_survival(gaps, **ROLES, entry="entry", by="plan").tests
    assert (tests["n"].item(), tests["n_missing"].item()) == (34, 6)
    spells = read_spells(gaps, **ROLES, entry="entry")
    assert (len(spells), spells.n_missing) == (36, 4)


def test_a_repeated_index_does_not_matter():
    table = base()
    stacked = table.set_axis(np.zeros(len(table), int))
    for found, expected in zip(every(stacked, by="plan"), every(table, by="plan"), strict=True):
        pd.testing.assert_frame_equal(found, expected)
    terms = ["plan", "price"]
    found = churn_hazards(stacked, **ROLES, terms=terms, cluster="firm").estimates
    expected = churn_hazards(table, **ROLES, terms=terms, cluster="firm").estimates
    pd.testing.assert_frame_equal(found, expected)


# --- thin data keep their rows ---


def test_where_nobody_left_there_are_rows_with_notes():
    table = base().assign(left=0)
    curve = survival_curve(table, **ROLES)
    assert (curve["estimate"] == 1).all()
    assert curve["note"].iloc[1:].str.contains("nobody left so far").all()
    times = survival_times(table, **ROLES)
    assert times["estimate"].isna().all()
    assert set(times["note"]) == {"not reached: fewer have left"}
    mean = restricted_mean(table, **ROLES, horizon=4).iloc[0]
    assert (mean["estimate"], mean["note"]) == (4, "nobody left before the horizon: no error")
    assert np.isnan(mean["std_error"])
    found = compare_survival(table, **ROLES, by="plan")
    assert found.tests["statistic"].isna().all()
    assert found.tests["note"].item() == "nobody was seen to leave: no test"
    assert found.contrasts["p_adjusted"].isna().all()
    assert found.contrasts["note"].str.contains("no hazard ratio").all()
    with pytest.raises(FitError) as problem:
        churn_hazards(table, **ROLES, terms=["price"])
    assert "Nobody of the 60 customers used was seen to leave" in three_parts(problem)
    retained = cohort_retention(table, cohort="region", **ROLES, ages=[0, 1])
    assert (retained["estimate"] == 1).all()


def test_where_all_left_at_once_there_is_no_interval():
    table = pd.DataFrame({"months": [2, 2, 2], "left": 1})
    row = survival_curve(table, **ROLES).iloc[-1]
    assert (row["estimate"], row["note"]) == (0, "all at risk left: no interval")
    assert row[["std_error", "ci_low", "ci_high"]].isna().all()
    assert survival_times(table, **ROLES)["estimate"].tolist() == [2, 2, 2]


@pytest.mark.parametrize("left", [[1, 1, 1, 1], [1, 1, 1, 0], [1]])
def test_who_left_at_the_horizon_was_there_until_then(left):
    row = restricted_mean(pd.DataFrame({"months": 5, "left": left}), **ROLES).iloc[0]
    assert (row["estimate"], row["events"]) == (5, sum(left))
    assert row["note"] == "nobody left before the horizon: no error"


def test_one_customer():
    table = pd.DataFrame({"months": [5.0], "left": [1], "plan": ["a"]})
    assert survival_curve(table, **ROLES)["estimate"].tolist() == [1, 0]
    assert restricted_mean(table, **ROLES, horizon=9)["estimate"].item() == 5
    with pytest.raises(DataError) as problem:
        compare_survival(table, **ROLES, by="plan")
    assert "gives 1 group with a known duration: 'a'" in three_parts(problem)


def test_no_customer_at_all():
    table = base(0)
    assert survival_curve(table, **ROLES)["note"].tolist() == ["no customer with a known duration"]
    assert survival_times(table, **ROLES)["estimate"].isna().all()
    assert restricted_mean(table, **ROLES)["estimate"].isna().all()
    with pytest.raises(DataError, match="No customer has"):
        churn_hazards(table, **ROLES, terms=["price"])


def test_groups_of_no_customer_are_told():
    for function in (survival_curve, survival_times, restricted_mean):
        with pytest.raises(DataError, match="The table has no row"):
            function(base().head(0), **ROLES, by="plan")
    with pytest.raises(DataError, match="The table has no row"):
        cohort_retention(base().head(0), **ROLES, cohort="plan")


@pytest.mark.parametrize(
    "function, role, names",
    [
        (survival_curve, "by", ["measure", "time", "n", "estimate"]),
        (survival_times, "by", ["measure", "left_share", "n"]),
        (restricted_mean, "by", ["measure", "n", "horizon"]),
        (compare_survival, "by", ["measure", "n"]),
        (cohort_retention, "cohort", ["age", "measure", "n"]),
    ],
)
def test_a_column_of_groups_writes_over_no_column_of_the_result(function, role, names):
    for name in names:
        with pytest.raises(ParameterError) as problem:
            function(base().rename(columns={"plan": name}), **ROLES, **{role: name})
        assert f"The column {name!r} has a name that the result needs" in three_parts(problem)


def test_empty_groups_keep_a_noted_row_and_rows_without_a_group_form_one():
    table = base().assign(plan=lambda t: t["plan"].where(t["plan"] != "flex"))
    table["plan"] = pd.Categorical(table["plan"], ["annual", "monthly", "x"])
    for found in every(table, by="plan"):
        groups = found.groupby("plan", observed=False, sort=False)
        assert groups.ngroups == 4
        notes = found[found["plan"] == "x"]["note"]
        assert set(notes) == {"no customer with a known duration"}
        assert found.loc[found["plan"] == "(missing)", "n"].iloc[0] > 0


def test_times_after_the_last_and_before_the_first():
    table = pd.DataFrame({"months": [2, 4, 5], "left": [1, 1, 0]})
    found = survival_curve(table, **ROLES, times=[0, 1, 4.5, 6])
    assert found["estimate"].tolist()[:3] == pytest.approx([1, 1, 1 / 3])
    assert found["events"].tolist() == [0, 0, 2, 0]
    assert found["at_risk"].tolist() == [3, 3, 1, 0]
    assert (found["ci_low"].iloc[0], found["ci_low"].iloc[1] < 1) == (1, True)
    assert found["note"].iloc[3] == "after the last time observed"
    assert found.loc[3, NUMBERS].isna().all()


def test_somebody_who_left_at_time_zero():
    found = survival_curve(pd.DataFrame({"months": [0, 0, 3], "left": [1, 0, 0]}), **ROLES)
    assert found["time"].tolist() == [0, 3]
    assert found["estimate"].tolist() == pytest.approx([2 / 3, 2 / 3])


def test_a_risk_set_that_empties_early_is_told():
    table = pd.DataFrame({"entry": [0, 3, 3], "months": [1, 5, 6], "left": [1, 1, 0]})
    found = survival_curve(table, **ROLES, entry="entry")
    assert found["estimate"].tolist() == [1, 0, 0, 0]
    assert found["note"].str.contains("0 from here on").tolist() == [False, True, True, False]


def test_late_entry_starts_the_curve_at_the_first_entry():
    table = pd.DataFrame({"entry": [2, 2, 3], "months": [4, 5, 6], "left": [1, 1, 0]})
    row = survival_curve(table, **ROLES, entry="entry").iloc[0]
    assert (row["time"], row["estimate"], row["at_risk"]) == (2, 1, 2)
    mean = restricted_mean(table, **ROLES, entry="entry", horizon=5).iloc[0]
    assert mean["estimate"] == pytest.approx(4 + 2 / 3)
    assert mean["note"] == "nobody watched before 2: the curve is 1 up to then"


def test_a_mean_that_begins_late_and_that_nobody_left_says_both():
    table = pd.DataFrame({"entry": [2, 2], "months": [4, 5], "left": [0, 0]})
    mean = restricted_mean(table, **ROLES, entry="entry", horizon=4).iloc[0]
    assert (mean["estimate"], np.isnan(mean["std_error"])) == (4, True)
    assert mean["note"] == (
        "nobody left before the horizon: no error;"
        " nobody watched before 2: the curve is 1 up to then"
    )


def test_a_mean_beyond_what_was_observed_is_missing():
    table = base()
    longest = table.groupby("plan")["months"].transform("max")
    table["left"] *= table["months"] < longest
    found = restricted_mean(table, **ROLES, by="plan", horizon=100)
    assert found["estimate"].isna().all()
    assert set(found["note"]) == {"not observed up to the horizon"}
    common = restricted_mean(table, **ROLES, by="plan")
    assert set(common["horizon"]) == {table.groupby("plan")["months"].max().min()}


# --- arguments ---


@pytest.mark.parametrize(
    "call, options",
    [
        (survival_curve, {"ci": "logit"}),
        (survival_curve, {"conf_level": 95}),
        (survival_curve, {"times": [3, 1]}),
        (survival_curve, {"times": []}),
        (survival_curve, {"times": [-1, 2]}),
        (survival_times, {"left": [0.5, 1]}),
        (survival_times, {"left": []}),
        (survival_times, {"ci": "none"}),
        (restricted_mean, {"horizon": 0}),
        (restricted_mean, {"horizon": np.inf}),
        (compare_survival, {"by": "plan", "rho": -1}),
        (compare_survival, {"by": "plan", "trend": True}),
        (compare_survival, {"by": "plan", "adjust": "tukey"}),
        (compare_survival, {"by": "plan", "horizon": -3}),
        (churn_hazards, {"terms": ["price"], "ties": "exact"}),
        (churn_hazards, {"terms": ["price", "price"]}),
        (churn_hazards, {"terms": []}),
        (churn_hazards, {"terms": "price"}),
        (churn_hazards, {"terms": ["plan"], "reference": {"plan": "weekly"}}),
        (churn_hazards, {"terms": ["plan"], "reference": {"price": 1}}),
        (cohort_retention, {"cohort": "region", "width": 0}),
        (cohort_retention, {"cohort": "region", "ages": [0.5]}),
        (cohort_retention, {"cohort": "region", "ages": [-1]}),
    ],
)
def test_arguments_outside_what_is_accepted(call, options):
    with pytest.raises(ParameterError) as problem:
        call(base(), **ROLES, **options)
    three_parts(problem)


@pytest.mark.parametrize("option", ["duration", "event", "by", "entry"])
def test_columns_that_are_not_there(option):
    for call in (survival_curve, survival_times, restricted_mean):
        with pytest.raises(DataError, match="Columns not in the table: weeks"):
            call(base(), **(ROLES | {option: "weeks"}))


def test_columns_of_models_that_are_not_there():
    for options in ({"terms": ["weeks"]}, {"terms": ["price"], "cluster": "weeks"}):
        with pytest.raises(DataError, match="Columns not in the table: weeks"):
            churn_hazards(base(), **ROLES, **options)
    with pytest.raises(DataError, match="Columns not in the table: weeks"):
        compare_survival(base(), **ROLES, by="plan", stratum="weeks")
    with pytest.raises(DataError, match="Columns not in the table: weeks"):
        cohort_retention(base(), **ROLES, cohort="weeks")


# --- groups compared ---


def test_numbers_as_groups_are_ordered_and_named_plainly():
    table = base().assign(tier=lambda t: t["plan"].map({"monthly": 3, "annual": 1, "flex": 2}))
    table.loc[0, "tier"] = np.nan
    found = compare_survival(table, **ROLES, by="tier")
    assert found.contrasts["contrast"].tolist() == ["1 - 2", "1 - 3", "2 - 3"]
    assert found.estimates["tier"].tolist() == [1, 2, 3]


def test_groups_never_at_risk_together_are_not_compared():
    table = pd.DataFrame(
        {"months": [1, 2, 3, 4], "left": 1, "plan": list("aabb"), "region": list("nnss")}
    )
    found = compare_survival(table, **ROLES, by="plan", stratum="region")
    assert found.tests["statistic"].isna().all()
    assert found.tests["note"].item().startswith("never two groups at risk")
    assert "no hazard ratio" in found.contrasts["note"].item()


def test_freedom_is_lost_where_groups_meet_in_two_separate_pairs():
    random = np.random.default_rng(3)
    table = pd.DataFrame({"months": random.integers(1, 9, 80), "left": 1})
    table = table.assign(plan=np.tile(list("abcd"), 20), region=np.tile(["n", "n", "s", "s"], 20))
    found = compare_survival(table, **ROLES, by="plan", stratum="region").tests.iloc[0]
    parts = [
        compare_survival(part, **ROLES, by="plan").tests["statistic"].item()
        for _, part in table.groupby("region")
    ]
    assert found["df"] == 2
    assert found["statistic"] == pytest.approx(sum(parts))


def test_a_pair_of_which_one_did_not_leave():
    table = pd.DataFrame({"months": [1, 2, 3, 3], "left": [1, 1, 0, 0], "plan": list("aabb")})
    row = compare_survival(table, **ROLES, by="plan", horizon=3).contrasts.iloc[0]
    assert row["estimate"] == pytest.approx(1.5 - 3)
    assert np.isnan(row["std_error"])
    assert row[["effect", "effect_low", "effect_high"]].isna().all()
    assert "nobody left before the horizon" in row["note"]
    assert row["p_value"] < 0.2


def test_customers_without_a_stratum_are_left_out_and_counted():
    table = base()
    gaps = table.assign(region=table["region"].mask(table.index < 7))
    found = compare_survival(gaps, **ROLES, by="plan", stratum="region").tests.iloc[0]
    expected = compare_survival(table.iloc[7:], **ROLES, by="plan", stratum="region").tests.iloc[0]
    assert (found["n"], found["n_missing"]) == (53, 7)
    assert found["statistic"] == pytest.approx(expected["statistic"])
    hazards = churn_hazards(gaps, **ROLES, terms=["price"], stratum="region").estimates
    assert (hazards["n"].item(), hazards["n_missing"].item()) == (53, 7)


def test_with_strata_there_is_no_difference_of_means():
    found = compare_survival(base(), **ROLES, by="plan", stratum="region").contrasts
    assert found["estimate"].isna().all()
    assert found["effect"].notna().all()
    assert found["note"].str.contains("no difference of means: strata").all()


# --- hazards ---


def test_the_reference_is_named_or_first_or_most_frequent():
    table = base()
    found = churn_hazards(table, **ROLES, terms=["plan"]).estimates
    assert found["contrast"].tolist() == ["annual - monthly", "flex - monthly"]
    named = churn_hazards(table, **ROLES, terms=["plan"], reference={"plan": "flex"}).estimates
    assert named["contrast"].tolist() == ["monthly - flex", "annual - flex"]
    by_contrast = {**found.set_index("contrast")["estimate"]}
    assert named["estimate"].iloc[0] == pytest.approx(-by_contrast["flex - monthly"])
    ordered = table.assign(plan=pd.Categorical(table["plan"], ["annual", "flex", "monthly"]))
    first = churn_hazards(ordered, **ROLES, terms=["plan"]).estimates
    assert first["contrast"].tolist() == ["flex - annual", "monthly - annual"]


def test_categories_without_a_customer_are_no_levels():
    levels = ["weekly", "monthly", "annual", "flex"]
    table = base().assign(plan=lambda t: pd.Categorical(t["plan"], levels))
    found = churn_hazards(table, **ROLES, terms=["plan"]).estimates
    assert found["contrast"].tolist() == ["annual - monthly", "flex - monthly"]


def test_numbers_can_be_taken_as_labels():
    table = base().assign(tier=lambda t: t["plan"].map({"monthly": 3, "annual": 1, "flex": 2}))
    labels = churn_hazards(table, **ROLES, terms=["tier"], reference={"tier": 3}).estimates
    names = churn_hazards(table, **ROLES, terms=["plan"]).estimates
    assert labels["contrast"].tolist() == ["1 - 3", "2 - 3"]
    assert labels["estimate"].tolist() == pytest.approx(names["estimate"].tolist())


def test_cox_agrees_with_statsmodels():
    # Statsmodels takes who enters at a time to be at risk then, R and custlib do not.
    table = base(200, seed=4).assign(entry=lambda t: t["months"] // 3 + 0.5)
    for ties in ("efron", "breslow"):
        model = sm.PHReg(
            table["months"],
            table[["price"]],
            status=table["left"],
            entry=table["entry"],
            strata=table["region"],
            ties=ties,
        ).fit()
        options = {"terms": ["price"], "entry": "entry", "stratum": "region", "ties": ties}
        found = churn_hazards(table, **ROLES, **options).estimates.iloc[0]
        assert found["estimate"] == pytest.approx(model.params[0], abs=1e-6), ties
        assert found["std_error"] == pytest.approx(model.bse[0], rel=1e-5), ties


@pytest.mark.parametrize(
    "change, told",
    [
        ({"price": 3.0}, "Constant over the 60 customers used: 'price'"),
        ({"plan": "monthly"}, "Constant over the 60 customers used: 'plan'"),
        ({"price": lambda t: (t["plan"] == "annual") * 5 + 7}, "Collinear terms: "),
        ({"left": lambda t: t["left"] * (t["plan"] != "flex")}, "rises without end"),
        ({"left": lambda t: t["left"] * (t["plan"] != "monthly")}, "rises without end"),
    ],
)
def test_models_that_cannot_be_fitted_say_so(change, told):
    with pytest.raises(FitError) as problem:
        churn_hazards(base().assign(**change), **ROLES, terms=["plan", "price"])
    assert told in three_parts(problem)


def test_the_level_of_which_nobody_left_is_named():
    table = base().assign(left=lambda t: t["left"] * (t["plan"] != "flex"))
    with pytest.raises(FitError, match=r"plan \(flex - monthly\)"):
        churn_hazards(table, **ROLES, terms=["plan", "price"])


def test_a_number_that_orders_all_who_left_has_no_maximum():
    table = pd.DataFrame({"months": range(1, 13), "left": 1, "x": range(12)})
    with pytest.raises(FitError, match="rises without end"):
        churn_hazards(table, **ROLES, terms=["x"])


def test_a_term_that_a_stratum_shares_says_nothing():
    table = base().assign(north=lambda t: (t["region"] == "north").astype(int))
    with pytest.raises(FitError) as problem:
        churn_hazards(table, **ROLES, terms=["price", "north"], stratum="region")
    assert "No difference among those at risk when somebody left: north" in three_parts(problem)


def test_a_strong_effect_is_no_endless_one():
    random = np.random.default_rng(7)
    x = random.normal(size=400)
    table = pd.DataFrame({"months": random.exponential(np.exp(-4 * x)), "left": 1, "x": x})
    row = churn_hazards(table, **ROLES, terms=["x"]).estimates.iloc[0]
    assert abs(row["estimate"] - 4) < 4 * row["std_error"]


@pytest.mark.parametrize(
    "column, told",
    [
        ({"x": pd.date_range("2024-01-01", periods=60)}, "'x' holds dates"),
        ({"x": [f"name {at}" for at in range(60)]}, "'x' has 60 levels in 60 rows"),
        ({"x": [np.inf] + [1.0] * 59}, "'x' has 1 row with an infinite value; first: row 0: inf"),
    ],
)
def test_columns_that_are_no_terms(column, told):
    with pytest.raises(DataError) as problem:
        churn_hazards(base().assign(**column), **ROLES, terms=["x"])
    assert told in three_parts(problem)


def test_one_cluster_is_too_few():
    with pytest.raises(DataError, match="has one cluster"):
        churn_hazards(base().assign(firm=1), **ROLES, terms=["price"], cluster="firm")


def test_one_time_of_leaving_shows_no_drift():
    table = pd.DataFrame({"months": [1, 2, 2], "left": [1, 0, 0], "x": [0, -1, 1]})
    found = churn_hazards(table, **ROLES, terms=["x"])
    assert found.estimates["estimate"].item() == pytest.approx(0, abs=1e-9)
    assert found.proportionality["statistic"].isna().all()
    assert set(found.proportionality["note"]) == {"too few times with an event"}


def test_few_events_are_noted():
    table = base(30).assign(left=lambda t: t["left"] * (np.arange(30) % 5 == 0))
    found = churn_hazards(table, **ROLES, terms=["price"]).estimates
    assert found["events"].item() < 5
    assert found["note"].item() == "fewer than 5 events a coefficient"


# --- cohorts and records ---


def test_ages_in_years_of_months():
    table = pd.DataFrame({"year": 1, "months": [11, 12, 24, 30, 24], "left": [1, 1, 1, 0, 0]})
    found = cohort_retention(table, cohort="year", **ROLES, width=12)
    retained = found[found["measure"] == "retained"]
    assert retained["numerator"].tolist() == [5, 3, 2]


def test_a_cohort_of_which_nobody_is_left_to_renew():
    table = pd.DataFrame({"year": 1, "months": [1, 1], "left": 1})
    found = cohort_retention(table, cohort="year", **ROLES, ages=[1, 2])
    row = found.query("age == 2 and measure == 'renewed'").iloc[0]
    assert (row["note"], np.isnan(row["estimate"])) == ("nobody left to renew", True)


def record(**columns):
    return pd.DataFrame({"firm": list("aabbb"), "month": [1, 3, 1, 2, 3]}).assign(**columns)


def test_a_break_is_what_one_says_it_is():
    with pytest.raises(DataError) as problem:
        contract_durations(record(), customer="firm", period="month")
    assert "1 of 'firm' were away for some periods and came back; first: 'a' for 1" in three_parts(
        problem
    )
    options = {"customer": "firm", "period": "month"}
    stayed = contract_durations(record(), **options, gaps="stay")
    assert stayed[["duration", "event"]].to_numpy().tolist() == [[3, 0], [3, 0]]
    left = contract_durations(record(), **options, gaps="leave")
    assert left[["duration", "event"]].to_numpy().tolist() == [[1, 1], [3, 0]]


def test_months_of_the_calendar():
    months = pd.PeriodIndex(["2024-11", "2024-12", "2024-12", "2025-01", "2025-02"], freq="M")
    table = pd.DataFrame({"firm": list("aabbb"), "month": months})
    found = contract_durations(table, customer="firm", period="month")
    assert found["cohort"].tolist() == [months[0], months[1]]
    assert found[["duration", "event"]].to_numpy().tolist() == [[2, 1], [3, 0]]
    later = contract_durations(table, customer="firm", period="month", until="2025-03")
    assert later["event"].tolist() == [1, 1]


@pytest.mark.parametrize(
    "months", [[1, 2, 1, 2, 3], list(pd.period_range("2024", freq="M", periods=5))]
)
def test_whole_numbers_and_periods_may_stand_in_a_column_of_objects(months):
    options = {"customer": "firm", "period": "month", "gaps": "stay"}
    typed, plain = record(month=months), record(month=pd.Series(months, dtype=object))
    found = contract_durations(plain, **options)
    pd.testing.assert_frame_equal(found, contract_durations(typed, **options))


@pytest.mark.parametrize(
    "change, told",
    [
        ({"month": ["2024-01"] * 5}, "Turn dates into periods"),
        ({"month": [1.5, 2, 1, 2, 3]}, "Expected whole numbers"),
        (
            {"month": [1, None, 1, 2, 3]},
            "'month' has 1 row with a missing value; first: row 1: nan",
        ),
        (
            {"firm": ["a", None, None, "b", "b"]},
            "'firm' has 2 rows with a missing value; first: row 1: nan, row 2",
        ),
    ],
)
def test_records_that_cannot_be_read(change, told):
    with pytest.raises(DataError) as problem:
        contract_durations(record(**change), customer="firm", period="month")
    assert told in three_parts(problem)


@pytest.mark.parametrize("name", ["cohort", "duration", "event", "note"])
def test_customers_may_not_be_called_as_a_result_is(name):
    with pytest.raises(DataError, match=f"The table already has: {name}"):
        contract_durations(
            record().rename(columns={"firm": name}), customer=name, period="month", gaps="stay"
        )
    # What else the record holds is not in the way.
    beside = contract_durations(record(**{name: 1}), customer="firm", period="month", gaps="stay")
    assert beside["firm"].tolist() == ["a", "b"]


@pytest.mark.parametrize("until", ["2024 Q1", np.nan, 4.9, pd.NaT])
def test_an_end_of_the_record_that_is_no_period_is_refused(until):
    months = pd.period_range("2024", freq="M", periods=5)
    for table in (record(), record(month=months)):
        with pytest.raises(ParameterError, match=f"until is {until!r}"):
            contract_durations(table, customer="firm", period="month", gaps="stay", until=until)


def test_a_record_ends_with_its_last_period():
    options = {"customer": "firm", "period": "month", "gaps": "stay"}
    with pytest.raises(DataError, match="2 rows have a 'month' after 2"):
        contract_durations(record(), **options, until=2)
    with pytest.raises(DataError, match="no row"):
        contract_durations(record().head(0), **options)


# --- time ---
