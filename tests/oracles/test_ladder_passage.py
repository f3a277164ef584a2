"""First passage, tests, slopes and a budget split of the ladder against markovchain and stats."""

import numpy as np
import pandas as pd
import pytest

from custlib.loyalty import (
    ladder_budget,
    ladder_climb,
    ladder_gains,
    ladder_lifetimes,
    ladder_rungs,
    ladder_tests,
    ladder_transitions,
)

STAGES = ["trial", "repeat", "regular", "partner", "advocate", "gone"]
OPTIONS = {"margins": [40, 120, 300, 650, 900, 0], "discount": 0.03}
DRAWS = {"n_draws": 100, "seed": 1}
SPANS = {
    "forever": {},
    "horizon8": {"horizon": 8},
    "lasting4": {"lasting": 4},
    "horizon8_lasting4": {"horizon": 8, "lasting": 4},
}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("ladder_passage")


@pytest.fixture(scope="module")
def stages(oracle):
    wide = oracle("ladder_sim").data("ladder_sim.csv")
    wide["half"] = np.where(np.arange(len(wide)) % 2 == 0, "odd", "even")
    long = wide.melt(["customer", "half"], var_name="period", value_name="stage")
    long["stage"] = pd.Categorical(long["stage"], categories=STAGES)
    return long


@pytest.fixture(scope="module")
def moves(stages):
    return ladder_transitions(stages, absorbing=["gone"]).estimates


@pytest.fixture(scope="module")
def customers(reference, stages):
    counts = stages.loc[stages["period"] == "q12", "stage"].value_counts()
    counts["gone"] = 0
    reference.expect_all("customers_q12", counts)
    return counts.to_dict()


def pairs(table, column="estimate"):
    return {f"{r['stage']}.{r['next_stage']}": r[column] for _, r in table.iterrows()}


@pytest.mark.parametrize("reach", ["exactly", "at_least"])
def test_first_passage(reference, moves, reach):
    climb = ladder_climb(moves, reach=reach, within=8, **DRAWS)
    for measure, key in {"ever": "ever", "periods": "periods", "within": "within8"}.items():
        reference.expect_all(f"{reach}.{key}", pairs(climb[climb["measure"] == measure]))


def test_the_rungs_are_climbed_as_far_as_the_next(reference, moves):
    rungs = ladder_rungs(moves, **DRAWS)
    for key, value in pairs(rungs[rungs["measure"] == "ever"]).items():
        reference.expect(f"at_least.ever.{key}", value)


def test_the_time_to_absorption(reference, moves):
    lifetimes = ladder_lifetimes(moves, **DRAWS)
    periods = lifetimes[lifetimes["measure"] == "periods"].set_index("stage")["estimate"]
    reference.expect_all("absorption_time", periods)


@pytest.mark.parametrize(
    "key, term, options",
    [
        ("independence", "independence", {}),
        ("second_order", "second_order", {}),
        ("stationarity_2", "stationarity", {"parts": 2}),
        ("stationarity_11", "stationarity", {"parts": 11}),
        ("segments", "segments", {"by": "half"}),
    ],
)
def test_order_stationarity_and_segments(reference, stages, key, term, options):
    tests = ladder_tests(stages, absorbing=["gone"], **options)
    ratio, pearson = tests[tests["term"] == term].to_dict("records")
    assert (ratio["method"], pearson["method"]) == ("likelihood ratio", "Pearson")
    values = {"G2": ratio["statistic"], "X2": pearson["statistic"], "df": ratio["df"]}
    values |= {"p_G2": ratio["p_value"], "p_X2": pearson["p_value"], "n": ratio["n"]}
    reference.expect_all(key, values)


def test_drawn_tables_agree_with_chi_square_where_counts_are_large(reference, stages):
    tests = ladder_tests(stages, absorbing=["gone"], by="half", n_draws=4000, seed=1)
    drawn = tests[tests["term"] == "segments"]["p_value"].iloc[1]
    # Four errors of a share drawn 4,000 times, and one hundredth for the approximation.
    asymptotic = reference.values["segments.p_X2"]["value"]
    assert drawn == pytest.approx(asymptotic, abs=0.01 + 4 * 0.5 / 4000**0.5)


def test_posterior_intervals(reference, moves):
    seen = moves[moves["stage"] != "gone"]
    values = {}
    for key, row in zip(pairs(seen), seen.to_dict("records"), strict=True):
        values[f"{key}.high"] = row["ci_high"]
        if row["numerator"]:
            values[f"{key}.low"] = row["ci_low"]
        else:
            assert row["ci_low"] == 0
    reference.expect_all("interval", values)


def test_slopes_of_the_value(reference, moves, customers):
    values = {}
    for key, span in SPANS.items():
        gains = ladder_gains(moves, customers=customers, **OPTIONS, **span, **DRAWS)
        base = pairs(gains[gains["measure"] == "base"])
        values |= {f"{step}.{key}": 100 * gain for step, gain in base.items()}
    reference.expect_all("slope", values)


def test_slopes_for_one_customer_and_with_another_donor(reference, moves, customers):
    gains = ladder_gains(moves, customers=customers, **OPTIONS, **DRAWS)
    own = pairs(gains[gains["measure"] == "per_customer"])
    reference.expect_all("slope_own", {step: 100 * gain for step, gain in own.items()})
    gains = ladder_gains(moves, customers=customers, donor={"regular": "stay"}, **OPTIONS, **DRAWS)
    rows = gains[(gains["measure"] == "base") & (gains["stage"] == "regular")]
    assert rows["donor"].tolist() == ["regular"]
    reference.expect("slope_donor_stay.regular.partner", 100 * rows["estimate"].iloc[0])


def test_the_budget(reference, moves, customers):
    spent = {"budget": 20_000, "reach_points": 1, "scale": 3000, "customers": customers}
    split = ladder_budget(moves, **spent, least_return=0, **OPTIONS, **DRAWS)
    steps = split[split["stage"] != "all"]
    spend = pairs(steps[steps["measure"] == "spend"])
    reference.expect_all("budget.spend", spend)
    assert spend["trial.repeat"] == 0
    total = split[split["stage"] == "all"].set_index("measure")["estimate"]
    assert total["spend"] == pytest.approx(20_000, rel=1e-12)
    for measure in ("gain", "gain_even", "gain_anew"):
        reference.expect(f"budget.{measure}", total[measure])
    # What the last unit brings is the same on every step that gets some, and as R has it.
    slopes = {key: reference.values[f"slope.{key}.forever"]["value"] for key in spend}
    for key, money in spend.items():
        if money:
            last = slopes[key] * 0.01 / 3000 * np.exp(-money / 3000)
            reference.expect("budget.last_unit", last)


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("ladder_passage", {})
