"""Rates of a funnel by hand: who counts at a stage, who is too young, who skipped one."""

import math

import pandas as pd
import pytest
from scipy import stats
from table import table

from custlib.loyalty import funnel_bottleneck, funnel_rates, stage_times

STAGES = ["call", "offer", "sale"]
# Seen on 31 March with a patience of 30 days: who came to a stage after 1 March is too young.
LEADS = table(
    """
    lead | call       | offer      | sale       | lost
    -----+------------+------------+------------+-----------
    1    | 2025-01-01 | 2025-01-03 | 2025-01-13 |
    2    | 2025-01-02 | 2025-01-08 |            | 2025-02-01
    3    | 2025-01-05 |            |            | 2025-01-20
    4    | 2025-01-10 |            | 2025-02-20 |
    5    | 2025-02-01 | 2025-03-10 |            |
    6    | 2025-03-01 | 2025-03-02 |            |
    7    | 2025-03-02 | 2025-03-04 | 2025-03-31 |
    8    | 2025-03-20 |            |            |
    9    |            |            |            |
    """
).replace("", None)


def steps(**options):
    found = funnel_rates(LEADS, stages=STAGES, **options)
    return found.set_index(["stage", "next_stage"])


def test_by_age_only_leads_that_came_30_days_before_the_end_count():
    found = steps(patience_days=30, as_of="2025-03-31")
    # At the call: 1 2 3 4 5 6 are old enough (6 by a day to the dot), 7 and 8 are not.
    call = found.loc[("call", "offer")]
    assert call[["numerator", "denominator", "n_open"]].tolist() == [5, 6, 2]
    # At the offer: 1 and 2; 4 came there with the sale on 20 February; 5, 6 and 7 are too young.
    offer = found.loc[("offer", "sale")]
    assert offer[["numerator", "denominator", "n_open"]].tolist() == [2, 3, 3]
    assert found.loc[("call", "sale"), "estimate"] == pytest.approx(5 / 6 * 2 / 3)
    assert set(found["n_missing"]) == {1}


def test_the_notes_count_late_ones_and_those_who_skipped():
    note = steps(patience_days=30, as_of="2025-03-31").loc[("call", "offer"), "note"]
    # 5 went on after 37 days; 4 after 41, by way of the sale.
    assert note.startswith("2 went on after 30 days")
    assert "1 skipped the next stage" in note


def test_by_the_column_lost_open_leads_are_left_out():
    found = steps(lost="lost")
    # 3 is lost and 8 is open; of the six who have an offer or passed it 2 is lost, 5 and 6 open.
    assert found.loc[("call", "offer"), ["numerator", "denominator", "n_open"]].tolist() == [
        6,
        7,
        1,
    ]
    assert found.loc[("offer", "sale"), ["numerator", "denominator", "n_open"]].tolist() == [
        3,
        4,
        2,
    ]


def test_who_skipped_a_stage_can_be_left_out():
    found = steps(patience_days=30, as_of="2025-03-31", skipped="left_out")
    assert found.loc[("call", "offer"), ["numerator", "denominator"]].tolist() == [4, 5]
    assert found.loc[("offer", "sale"), ["numerator", "denominator"]].tolist() == [1, 2]
    assert set(found["n_missing"]) == {2}


def test_what_happens_after_the_day_has_not_happened():
    found = steps(patience_days=0, as_of="2025-01-31")
    # Leads 1 to 4; the sale of 4 is to come, and 5 has not been called.
    assert found.loc[("call", "offer"), ["numerator", "denominator"]].tolist() == [2, 4]
    assert found.loc[("offer", "sale"), ["numerator", "denominator"]].tolist() == [1, 2]


def test_intervals_are_wilsons_and_their_product_is_taken_on_logs():
    found = steps(patience_days=30, as_of="2025-03-31", conf_level=0.9)
    z2 = stats.norm.ppf(0.95) ** 2
    ends = []
    for x, n in ((5, 6), (2, 3)):
        p = x / n
        half = math.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n**2)))
        ends.append(tuple((p + z2 / (2 * n) + sign * half) / (1 + z2 / n) for sign in (-1, 1)))
    row = found.loc[("call", "offer")]
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(ends[0])
    rates = (5 / 6, 2 / 3)
    low = math.sqrt(sum(math.log(p / end[0]) ** 2 for p, end in zip(rates, ends, strict=True)))
    high = math.sqrt(sum(math.log(end[1] / p) ** 2 for p, end in zip(rates, ends, strict=True)))
    through = found.loc[("call", "sale")]
    product = 5 / 9
    assert through["ci_low"] == pytest.approx(product * math.exp(-low))
    assert through["ci_high"] == pytest.approx(min(product * math.exp(high), 1))


def test_days_between_stages_that_are_both_on_file():
    found = stage_times(
        LEADS, stages=STAGES, patience_days=30, as_of="2025-03-31", quantiles=[0.5]
    ).set_index("stage")
    # Call to offer: 2, 6, 37 and 1 days of leads 1, 2, 5, 6; 4 has no day of its offer.
    assert found.loc["call", ["estimate", "n"]].tolist() == [4, 4]
    assert found.loc["offer", ["estimate", "n"]].tolist() == [10, 1]


def test_the_furthest_stage_in_one_column_gives_the_same_counts():
    leads = pd.DataFrame({"reached": ["call", "offer", "sale", "sale", None]})
    found = funnel_rates(leads, stages=STAGES, reached="reached").set_index("stage")
    assert found.iloc[0][["numerator", "denominator", "n_missing"]].tolist() == [3, 4, 1]
    assert found.iloc[1][["numerator", "denominator"]].tolist() == [2, 3]


def counts(*pairs):
    names = ["call", "offer", "meeting", "sale"]
    rows = [
        {"stage": names[at], "next_stage": names[at + 1], "measure": "rate", "n": n}
        | {"numerator": x, "denominator": n, "ci_low": 0.0, "ci_high": 1.0}
        for at, (x, n) in enumerate(pairs)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    "lift, size, gains",
    [
        ("points", 0.05, [0.1, 0.5, 0.2]),
        ("points", 0.6, [1.0, 6.0, 2.4]),  # 0.5 + 0.6 is held at 1
        ("relative", 0.2, [0.2, 0.2, 0.2]),
        ("loss", 0.1, [0.1, 0.9, 0.3]),
        ("benchmark", 0.05, [0.2, 0.0, 1.0]),
    ],
)
def test_what_a_better_step_brings(lift, size, gains):
    found = funnel_bottleneck(
        counts((400, 800), (40, 400), (10, 40)),
        lift=lift,
        size=size,
        benchmark={"call": 0.6, "offer": 0.08, "meeting": 0.5},
        seed=1,
    )
    assert found["estimate"].tolist() == pytest.approx(gains)


def test_a_relative_lift_names_no_bottleneck():
    found = funnel_bottleneck(counts((400, 800), (40, 400)), lift="relative", seed=1)
    assert found["probability_best"].isna().all()
    assert found["note"].str.contains("no bottleneck").all()


def test_the_probability_of_the_bottleneck_is_that_of_the_lower_rate():
    # By points the lowest rate gains most: P(Beta(a) < Beta(b)), here by an integral.
    found = funnel_bottleneck(counts((12, 40), (8, 40)), seed=3, n_draws=100_000)
    first, second = stats.beta(12.5, 28.5), stats.beta(8.5, 32.5)
    from scipy.integrate import quad

    lower = quad(lambda p: second.pdf(p) * first.sf(p), 0, 1)[0]
    assert found["probability_best"].iloc[1] == pytest.approx(
        lower, abs=4 * found["monte_carlo_error"].iloc[1]
    )
    assert found["probability_best"].sum() == pytest.approx(1)
