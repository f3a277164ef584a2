"""A simulated loyalty ladder against base R: counts, matrix, lifetimes, values, homogeneity."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import xlogy

from custlib.loyalty import (
    ladder_lifetimes,
    ladder_occupancy,
    ladder_shares,
    ladder_tests,
    ladder_transitions,
    ladder_value,
    ladder_visits,
    ladder_what_if,
)

STAGES = ["trial", "repeat", "regular", "partner", "advocate", "gone"]
RUNGS = STAGES[:5]
MARGINS = [40, 120, 300, 650, 900, 0]
DRAWS = {"n_draws": 100, "seed": 1}
OUT_OF_SCOPE = {
    "gone_first_seen": "durations of customers, which the functions of retention count",
    "never_gone": "durations of customers, which the functions of retention count",
}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("ladder_sim")


@pytest.fixture(scope="module")
def stages(reference):
    """Rows in an order of their own, as no result may hang on it."""
    wide = reference.data("ladder_sim.csv")
    long = wide.melt("customer", var_name="period", value_name="stage")
    return long.sample(frac=1, random_state=1)


@pytest.fixture(scope="module")
def found(stages):
    return ladder_transitions(stages, ladder=STAGES, absorbing=["gone"])


@pytest.fixture(scope="module")
def moves(found):
    return found.estimates


@pytest.fixture(scope="module")
def start(stages):
    shares = ladder_shares(stages[stages["period"] == "q01"].assign(stage=in_order))
    return dict(zip(shares["stage"], shares["estimate"], strict=True))


def in_order(table):
    return pd.Categorical(table["stage"], categories=STAGES)


def pairs(table, column, among=STAGES):
    rows = table[table["stage"].isin(among)]
    return {f"{r['stage']}.{r['next_stage']}": r[column] for _, r in rows.iterrows()}


def by_stage(table, measure, column="estimate"):
    rows = table[table["measure"] == measure]
    return dict(zip(rows["stage"], rows[column], strict=True))


def test_counts_of_pairs_of_quarters_both_observed(reference, found, moves):
    reference.expect_all("count", pairs(moves, "numerator"))
    totals = moves.drop_duplicates("stage").set_index("stage")["denominator"]
    reference.expect_all("row_total", totals)
    counted = found.pairs.set_index("measure")["n"]
    reference.expect_all("n_transitions", counted)
    # Skipped are those without an end, and those without a beginning.
    lost = moves.drop_duplicates("stage")["n_missing"].sum()
    assert 0 < lost < counted["skipped"]


def test_shares_and_their_errors(reference, moves):
    reference.expect_all("P", pairs(moves, "estimate"))
    reference.expect_all("P_se", pairs(moves, "std_error", RUNGS))


def test_moves_up_down_and_out(reference, found):
    for key, measure in {"move_up": "up", "stay": "stay", "move_down": "down"}.items():
        reference.expect_all(key, by_stage(found.moves, measure))
    reference.expect_all("retention", by_stage(found.moves, "retention"))


def test_the_log_likelihood_of_the_shares(reference, moves):
    rows = moves[moves["stage"].isin(RUNGS)]
    value = xlogy(rows["numerator"].astype(float), rows["estimate"]).sum()
    reference.expect("loglik", value)


def test_lifetimes_and_the_long_run(reference, moves, start):
    lifetimes = ladder_lifetimes(moves, customers=start, **DRAWS)
    periods = by_stage(lifetimes, "periods")
    reference.expect("mean_steps_start", periods.pop("all"))
    reference.expect_all("steps_to_absorption", periods)
    spread = by_stage(lifetimes, "periods_sd")
    reference.expect_all("steps_sd", {f"{name}.": value for name, value in spread.items()})
    reference.expect_all("quasi_stationary", by_stage(lifetimes, "long_run_share"))
    retention = by_stage(lifetimes, "long_run_retention")["all"]
    reference.expect("dominant_eigenvalue_Q", retention)


def test_periods_spent_on_each_stage(reference, moves):
    reference.expect_all("fundamental", pairs(ladder_visits(moves, **DRAWS), "estimate"))


@pytest.mark.parametrize(
    "key, options",
    [
        ("V_infinite", {}),
        ("V_end_of_period", {"paid": "end"}),
        ("V_with_acquisition", {"one_off": {"trial": -60}}),
        *((f"V_T{horizon}", {"horizon": horizon}) for horizon in (4, 8, 12, 20)),
        *((f"V_infinite_d{rate:g}", {"discount": rate}) for rate in (0, 0.01, 0.05)),
    ],
)
def test_values(reference, moves, key, options):
    options = {"discount": 0.03} | options
    value = by_stage(ladder_value(moves, margins=MARGINS, **options, **DRAWS), "value")
    if key.startswith("V_infinite_d"):
        assert value.pop("gone") == 0
    # Not expect_all: "V_infinite_d0" begins "V_infinite_d0.01" as well.
    for stage, worth in value.items():
        reference.expect(f"{key}.{stage}", worth)


def test_the_equity_of_those_who_began(reference, moves, start):
    customers = {name: 450 * share for name, share in start.items()}
    options = {"margins": MARGINS, "discount": 0.03, "customers": customers}
    equity = by_stage(ladder_value(moves, **options, **DRAWS), "equity")["all"]
    reference.expect("customer_equity", equity)
    changes = [("repeat", "regular", "gone", 5)]
    after = ladder_what_if(moves, changes=changes, **options, **DRAWS)
    values = by_stage(after, "after")
    del values["all"]
    reference.expect_all("whatif.V_infinite", values)
    reference.expect("whatif.equity_gain", by_stage(after, "gain")["all"])


def test_shares_forecast_and_observed(reference, stages, moves, start):
    reference.expect_all("start", start)
    ahead = ladder_occupancy(moves, customers=start, periods=11, **DRAWS)
    for quarter in (2, 5, 12):
        rows = ahead[ahead["period"] == quarter - 1].set_index("stage")["estimate"]
        reference.expect_all(f"forecast_q{quarter:02d}", rows)
    last = ladder_shares(stages[stages["period"] == "q12"].assign(stage=in_order))
    reference.expect_all("observed_q12", last.set_index("stage")["estimate"])


def test_homogeneity_of_two_halves(reference, stages):
    tests = ladder_tests(stages, ladder=STAGES, absorbing=["gone"])
    row = tests[(tests["term"] == "stationarity") & (tests["method"] == "likelihood ratio")]
    [row] = row.to_dict("records")
    values = {"G2": row["statistic"], "df": row["df"], "p": row["p_value"]}
    reference.expect_all("homogeneity", values)


def test_the_order_of_the_rows_changes_nothing(stages, moves):
    again = ladder_transitions(stages.iloc[::-1], ladder=STAGES, absorbing=["gone"])
    pd.testing.assert_frame_equal(again.estimates, moves)
    assert np.isfinite(moves["estimate"]).all()


def test_periods_written_as_bare_numbers_come_in_their_order(stages, moves):
    bare = stages.assign(period=stages["period"].str[1:].astype(int).astype(str))
    again = ladder_transitions(bare, ladder=STAGES, absorbing=["gone"])
    pd.testing.assert_frame_equal(again.estimates, moves)


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("ladder_sim", OUT_OF_SCOPE)
