"""Plans of calls, intervals of a funnel and an allocation of contacts, against R."""

import pandas as pd
import pytest

from custlib.loyalty import allocate_contacts, funnel_plan, funnel_rates, stage_times

STAGES = ["call", "offer", "meeting", "sale"]
KNOWN = {"cited": ([0.5, 0.1, 0.25], 10), "one_step": ([0.3], 1), "large": ([0.04, 0.5], 60)}
COUNTS = {
    "log": ([400, 40, 10], [800, 400, 40], 10),
    "thin": ([3, 1], [6, 5], 4),
    "none": ([0, 5], [20, 10], 1),
}
DAYS = [1, 2, 2, 3, 5, 5, 6, 8, 9, 11, 12, 15, 20, 22, 30, 31, 40, 41, 55, 70]


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("funnel_contacts")


def rates_table(moved, asked):
    names = [f"s{at}" for at in range(len(moved) + 1)]
    return pd.DataFrame(
        {
            "stage": names[:-1],
            "next_stage": names[1:],
            "measure": "rate",
            "numerator": moved,
            "denominator": asked,
        }
    )


@pytest.mark.parametrize("name", KNOWN)
def test_known_rates(reference, name):
    rates, target = KNOWN[name]
    plan = funnel_plan(rates, target=target, calls=[30, 800, 3000])
    for goal, row in zip((80, 90, 95), plan.itertuples(), strict=False):
        reference.expect(f"known.{name}.needed.{goal}", row.calls)
    for row in plan[plan["measure"] == "probability"].itertuples():
        reference.expect(f"known.{name}.chance.{row.calls}", row.estimate)
    for row in plan[plan["measure"] == "sales"].itertuples():
        reference.expect(f"known.{name}.sales_low.{row.calls}", row.ci_low)
        reference.expect(f"known.{name}.sales_high.{row.calls}", row.ci_high)


@pytest.mark.parametrize("name", COUNTS)
def test_uncertain_rates(reference, name):
    moved, asked, target = COUNTS[name]
    at = [int(key.rsplit(".", 1)[1]) for key in reference.keys(f"uncertain.{name}.chance")]
    goals = (0.8, 0.9, 0.95) if name == "log" else ()
    plan = funnel_plan(rates_table(moved, asked), target=target, calls=at, probability=goals)
    for row in plan[plan["measure"] == "probability"].itertuples():
        reference.expect(f"uncertain.{name}.chance.{row.calls}", row.estimate)
    for row in plan[plan["measure"] == "calls_needed"].itertuples():
        reference.expect(f"uncertain.log.needed.{100 * row.limit:g}", row.calls)


def test_intervals_of_the_rates_and_of_their_product(reference):
    flags = {name: [1] * count + [0] * (800 - count)
             for name, count in zip(STAGES, (800, 400, 40, 10), strict=True)}  # fmt: skip
    rates = funnel_rates(pd.DataFrame(flags), stages=STAGES)
    steps = rates[rates["measure"] == "rate"].set_index("stage")
    reference.expect_all("rates.low", steps["ci_low"])
    reference.expect_all("rates.high", steps["ci_high"])
    reference.expect("through.low", rates["ci_low"].iloc[-1])
    reference.expect("through.high", rates["ci_high"].iloc[-1])


def test_days_of_a_step(reference):
    start = pd.Timestamp("2025-01-01")
    leads = pd.DataFrame({"call": start, "sale": [start + pd.Timedelta(days=d) for d in DAYS]})
    for row in stage_times(leads, stages=["call", "sale"], patience_days=0).itertuples():
        goal = row.measure.removeprefix("days_")
        reference.expect(f"days.{goal}.value", row.estimate)
        if goal == "50":
            reference.expect("days.50.low", row.ci_low)
            reference.expect("days.50.high", row.ci_high)
        else:
            assert pd.isna(row.ci_low)


@pytest.mark.parametrize("cap", [2000, 6000, 1_000_000])
def test_contacts_under_a_budget(reference, cap):
    id_ = f"contacts.{cap:.0f}" if cap < 1e6 else "contacts.1000000"
    plan = allocate_contacts(reference.data("cells.csv"), cap=cap)
    names = plan.cases["segment"] + "_" + plan.cases["kind"]
    reference.expect_all(f"{id_}.contacts", dict(zip(names, plan.cases["best_contacts"])))  # noqa: B905
    found = plan.estimates.set_index(["measure", "term"])["estimate"]
    reference.expect(f"{id_}.net", found["net", "plan"])
    reference.expect(f"{id_}.price", found["shadow_price", "budget"])
    if cap < 1e6:
        reference.expect(f"{id_}.net_by_steps", found["net", "plan"])


def test_every_key_is_accounted_for(account_for_every_key):
    account_for_every_key("funnel_contacts", {})
