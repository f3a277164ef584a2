"""What must hold of staying and leaving for any customers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from custlib.errors import FitError
from custlib.loyalty import (
    churn_hazards,
    cohort_retention,
    compare_survival,
    restricted_mean,
    survival_curve,
    survival_times,
)

ROLES = {"duration": "months", "event": "left"}
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high"]
some, few = settings(max_examples=15), settings(max_examples=6)


@st.composite
def bases(draw, *, least=1):
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    n = draw(st.integers(least, 60))
    # Few distinct months, so that there are ties.
    months = random.integers(1, draw(st.integers(3, 30)), n).astype(float)
    entry = np.floor(random.random(n) * months * (random.random(n) < 0.5))
    return pd.DataFrame(
        {
            "months": months,
            "entry": entry,
            "left": random.integers(0, 2, n),
            "plan": random.choice(list("abc"), n),
            "region": random.choice(["n", "s"], n),
            "x": random.normal(size=n).round(1),
        }
    )


def close(found, expected, **options):
    np.testing.assert_allclose(
        found.astype(float).to_numpy(), expected.astype(float).to_numpy(), rtol=1e-7, **options
    )


def fitted(table, **options):
    try:
        return churn_hazards(table, **ROLES, **({"terms": ["x"]} | options))
    except FitError:
        assume(False)


@some
@given(bases(), st.integers(0, 10**6))
def test_the_order_of_the_rows_does_not_matter(table, seed):
    mixed = table.sample(frac=1, random_state=seed)
    options = ROLES | {"entry": "entry"}
    pd.testing.assert_frame_equal(
        survival_curve(mixed, **options), survival_curve(table, **options)
    )
    close(
        survival_times(mixed, **options)[["estimate"]],
        survival_times(table, **options)[["estimate"]],
    )
    close(restricted_mean(mixed, **options)[NUMBERS], restricted_mean(table, **options)[NUMBERS])


@few
@given(bases(least=10), st.integers(0, 10**6))
def test_the_order_of_the_rows_does_not_matter_to_models(table, seed):
    assume(table["plan"].nunique() > 1)
    mixed = table.sample(frac=1, random_state=seed)
    tests = [
        compare_survival(one, **ROLES, by="plan", stratum="region", entry="entry").tests
        for one in (mixed, table)
    ]
    close(tests[0][["statistic"]], tests[1][["statistic"]], atol=1e-9)
    table = table.assign(y=np.where(table["plan"] == "a", 1, 0))
    terms = {"terms": ["x", "y"], "stratum": "region", "entry": "entry"}
    first = fitted(table, **terms)
    second = fitted(table.sample(frac=1, random_state=seed), **terms)
    pd.testing.assert_frame_equal(first.estimates, second.estimates, rtol=1e-6)
    pd.testing.assert_frame_equal(first.fit, second.fit, rtol=1e-6)


@some
@given(bases(), st.sampled_from([1 / 12, 30.4, 1000]))
def test_the_unit_of_time_does_not_matter(table, factor):
    scaled = table.assign(months=table["months"] * factor, entry=table["entry"] * factor)
    options = ROLES | {"entry": "entry"}
    first, second = survival_curve(table, **options), survival_curve(scaled, **options)
    close(second[NUMBERS], first[NUMBERS])
    close(second["time"], first["time"] * factor)
    first, second = survival_times(table, **options), survival_times(scaled, **options)
    close(second["estimate"], first["estimate"] * factor)
    first, second = restricted_mean(table, **options), restricted_mean(scaled, **options)
    close(second[NUMBERS], first[NUMBERS] * factor, atol=1e-9)


@few
@given(bases(least=10), st.sampled_from(["efron", "breslow"]))
def test_units_of_time_and_of_a_term_do_not_matter_to_hazards(table, ties):
    first = fitted(table, ties=ties)
    other = table.assign(months=table["months"] * 30.4, x=table["x"] * 1000 + 7)
    second = fitted(other, ties=ties)
    close(second.estimates[NUMBERS] * 1000, first.estimates[NUMBERS], atol=1e-7)
    close(second.fit[["statistic"]], first.fit[["statistic"]], atol=1e-6)
    drift = [one.proportionality["statistic"] for one in (second, first)]
    np.testing.assert_allclose(*drift, rtol=1e-5, atol=1e-6)


@some
@given(bases(), st.integers(1, 30))
def test_customers_last_seen_after_the_last_leaving_add_to_each_risk_set_alike(table, more):
    late = table["months"].max() + 1
    new = pd.DataFrame({"months": [late] * more, "left": 0, "plan": "a", "region": "n"})
    both = pd.concat([table, new], ignore_index=True)
    found = survival_curve(both, **ROLES).set_index("time")
    before = survival_curve(table, **ROLES).set_index("time")
    at = before.index
    assert (found.loc[at, "at_risk"] == before["at_risk"] + more).all()
    assert (found.loc[at, "events"] == before["events"]).all()
    assert (found.loc[at, "estimate"] >= before["estimate"] - 1e-12).all()


@some
@given(bases())
def test_without_anybody_censored_the_curve_is_the_share_still_there(table):
    table = table.assign(left=1)
    found = survival_curve(table, **ROLES)
    share = [(table["months"] > time).mean() for time in found["time"]]
    np.testing.assert_allclose(found["estimate"], share, atol=1e-12)
    mean = restricted_mean(table, **ROLES)
    np.testing.assert_allclose(mean["estimate"], table["months"].mean())
    # Greenwood's error is then that of a share.
    inner = found["estimate"].between(1e-9, 1 - 1e-9)
    p = found.loc[inner, "estimate"]
    np.testing.assert_allclose(found.loc[inner, "std_error"], np.sqrt(p * (1 - p) / len(table)))


@some
@given(bases(), st.sampled_from(["log-log", "log", "plain"]))
def test_curves_fall_from_one_and_stay_inside_their_intervals(table, ci):
    found = survival_curve(table, **ROLES, by="plan", entry="entry", ci=ci)
    for _, part in found.groupby("plan"):
        assert part["estimate"].iloc[0] <= 1
        assert (part["estimate"].diff().dropna() <= 1e-12).all()
    known = found.dropna(subset=["ci_low"])
    assert (known["ci_low"] <= known["estimate"] + 1e-12).all()
    assert (known["estimate"] <= known["ci_high"] + 1e-12).all()
    assert known["ci_low"].ge(0).all()
    assert known["ci_high"].le(1).all()


@some
@given(bases())
def test_everybody_leaves_or_is_last_seen_once(table):
    found = survival_curve(table, **ROLES, by="plan")
    counts = found.groupby("plan")[["events", "censored"]].sum().sum(axis=1)
    assert counts.to_dict() == table["plan"].value_counts().to_dict()


@some
@given(bases())
def test_times_asked_for_are_those_of_the_steps(table):
    steps = survival_curve(table, **ROLES)
    asked = survival_curve(table, **ROLES, times=steps["time"].tolist())
    pd.testing.assert_frame_equal(asked, steps)


@some
@given(bases())
def test_an_entry_of_zero_is_no_entry(table):
    zero = table.assign(entry=0)
    pd.testing.assert_frame_equal(
        survival_curve(zero, **ROLES, entry="entry"), survival_curve(table, **ROLES)
    )


@few
@given(bases(least=5))
def test_expected_events_are_those_seen_and_pairs_of_two_groups_are_the_test(table):
    assume(table["plan"].nunique() > 1)
    found = compare_survival(table, **ROLES, by="plan", stratum="region", entry="entry")
    assert found.estimates["expected_events"].sum() == pytest.approx(table["left"].sum())
    two = table[table["plan"] != "c"]
    assume(two["plan"].nunique() == 2)
    found = compare_survival(two, **ROLES, by="plan", entry="entry")
    close(found.contrasts[["statistic", "p_value"]], found.tests[["statistic", "p_value"]])


@few
@given(bases(least=10))
def test_copies_of_customers_narrow_a_curve_and_leave_it_where_it_is(table):
    twice = pd.concat([table, table], ignore_index=True)
    one, two = survival_curve(table, **ROLES), survival_curve(twice, **ROLES)
    close(two["estimate"], one["estimate"])
    inner = one["estimate"].between(1e-9, 1 - 1e-9)
    assert (two.loc[inner, "std_error"] < one.loc[inner, "std_error"]).all()
    # As clusters of two, copies add nothing to what Breslow's model knows.
    n = len(table)
    options = {"cluster": "who", "ties": "breslow"}
    alone = fitted(table.assign(who=range(n)), **options)
    copied = fitted(twice.assign(who=np.tile(np.arange(n), 2)), **options)
    close(copied.estimates[NUMBERS], alone.estimates[NUMBERS], atol=1e-6)


@few
@given(bases(least=10))
def test_turning_a_term_round_turns_its_coefficient_and_the_pairs(table):
    first, second = fitted(table), fitted(table.assign(x=-table["x"]))
    close(second.estimates[["estimate"]], -first.estimates[["estimate"]], atol=1e-9)
    fit = [one.fit.set_index("measure")["estimate"] for one in (first, second)]
    close(fit[0], fit[1])
    assert 0 <= fit[0]["concordance"] <= 1


@some
@given(bases())
def test_cohorts_are_the_curve_where_all_is_known(table):
    found = cohort_retention(table, cohort="plan", **ROLES)
    known = found[(found["measure"] == "retained") & found["estimate"].notna()]
    curve = survival_curve(table, **ROLES, by="plan", times=sorted(set(found["age"])))
    merged = known.merge(curve, left_on=["plan", "age"], right_on=["plan", "time"])
    merged = merged[merged["estimate_y"].notna()]
    np.testing.assert_allclose(merged["estimate_x"], merged["estimate_y"], atol=1e-12)
    assert len(known) >= table["plan"].nunique()
