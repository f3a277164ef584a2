"""What must hold of lifts, break-evens, referrals and searches whatever the numbers are."""

import numpy as np
import pandas as pd
from hypothesis import assume, given
from hypothesis import strategies as st

from custlib.loyalty import (
    chain_sizes,
    churn_profit_lift,
    claim_verdicts,
    count_against_shares,
    discount_break_even,
    price_break_even,
    referral_balance,
    search_success,
    silent_share,
)

shares = st.floats(0.01, 0.99)
rates = st.floats(0, 1)
timings = st.sampled_from(["now", "next"])
readings = st.sampled_from(["relative", "points"])
laws = st.sampled_from(["geometric", "poisson"])


def lift(**numbers):
    return churn_profit_lift(**numbers).loc[0]


@given(churn=shares, discount=rates, change=st.floats(0.01, 0.5), timing=timings)
def test_points_are_per_cent_of_churn_by_another_name(churn, discount, change, timing):
    told = {"churn": churn, "discount": discount, "timing": timing}
    relative = lift(**told, change=change)
    points = lift(**told, change=churn * change, reading="points")
    assert np.isclose(relative["estimate"], points["estimate"], rtol=1e-6, atol=1e-9)


@given(churn=shares, discount=rates, change=st.floats(0.01, 0.9))
def test_per_cent_never_lift_by_more_than_what_is_left_allows(churn, discount, change):
    assert lift(churn=churn, discount=discount, change=change)["estimate"] <= change / (
        1 - change
    ) * (1 + 1e-9)


@given(
    churn=shares, discount=rates, change=st.floats(0.01, 0.3), reading=readings, timing=timings,
    cost=st.floats(0, 3),
)  # fmt: skip
def test_costs_never_make_the_lift_smaller(churn, discount, change, reading, timing, cost):
    told = {"churn": churn, "discount": discount, "change": change, "reading": reading}
    row = lift(**told, timing=timing, margin=1, acquisition_cost=cost)
    assume(not np.isnan(row["estimate"]))
    assert row["estimate"] >= row["effect"] * (1 - 1e-9) >= 0
    free = lift(**told, timing=timing)
    assert np.isclose(row["effect"], free["estimate"], rtol=1e-9)


@given(churn=st.floats(0.1, 0.5), discount=rates, reading=readings, timing=timings,
       cost=st.floats(0, 1), half=st.floats(0, 0.04))  # fmt: skip
def test_the_interval_holds_the_lift_at_every_churn_inside(
    churn, discount, reading, timing, cost, half
):
    told = {"discount": discount, "reading": reading, "timing": timing, "margin": 1}
    told |= {"acquisition_cost": cost}
    low, high = churn - half, churn + half
    row = lift(churn=churn, churn_low=low, churn_high=high, **told)
    assume(not np.isnan(row["ci_low"]))
    lifts = churn_profit_lift(churn=np.linspace(low, high, 7), **told)["estimate"]
    # Between the places looked at a curve may pass the ends by a hair.
    assert (row["ci_low"] <= lifts * (1 + 1e-3)).all()
    assert (row["ci_high"] >= lifts * (1 - 1e-3)).all()


@given(margin=st.floats(0.05, 1), rise=st.floats(0, 2))
def test_a_rise_taken_back_by_a_discount_ends_where_it_began(margin, rise):
    down = price_break_even(rise=rise, margin=margin).loc[0, "estimate"]
    # The new price is 1 + rise; back to 1 is a discount of rise/(1 + rise) of it.
    back = discount_break_even(discount=rise / (1 + rise), margin=(margin + rise) / (1 + rise)).loc[
        0, "estimate"
    ]
    assert np.isclose((1 + down) * (1 + back), 1, rtol=1e-6)
    assert -1 < down <= 0


@given(count=st.integers(0, 60), n=st.integers(1, 60), other=shares)
def test_p_values_of_the_two_sides_cover_the_count_twice(count, n, other):
    assume(count <= n)
    row = count_against_shares(count=count, n=n, shares=other).loc[0]
    mirror = count_against_shares(count=n - count, n=n, shares=1 - other).loc[0]
    assume(not np.isclose(count / n, other))
    assert np.isclose(row["p_value"], mirror["p_value"], rtol=1e-7)
    assert {row["verdict"], mirror["verdict"]} in ({"below", "above"}, {"not distinguishable"})


@given(count=st.integers(0, 60), n=st.integers(1, 60), other=shares)
def test_silence_is_a_share_and_grows_with_what_is_to_hide(count, n, other):
    assume(count <= n)
    more = min(other + 0.005, 0.995)
    rows = silent_share(count=count, n=n, shares=[other, more])
    assert rows["estimate"].between(0, 1).all()
    assert rows.loc[0, "estimate"] <= rows.loc[1, "estimate"] + 1e-12
    assert (rows["ci_low"] <= rows["estimate"] + 1e-12).all()
    assert (rows["estimate"] <= rows["ci_high"] + 1e-12).all()


@given(
    mean=st.floats(0.05, 1.6),
    part=st.floats(0.05, 1),
    law=st.sampled_from(["geometric", "poisson"]),
)
def test_chances_of_sizes_never_pass_the_chance_that_the_chain_ends(mean, part, law):
    referring = min(mean, 1) * part
    rows = chain_sizes(offspring_mean=mean, referring_share=referring, law=law, up_to=60)
    chance = rows["estimate"]
    assert (chance >= 0).all()
    ends = referral_balance(
        referred_share=mean / 2, growth=1.0, referring_share=referring, law=law
    ).set_index("measure")["estimate"]
    assert chance.sum() <= ends["extinction"] + 1e-9
    assert np.isclose(chance[0], ends["alone"])


@given(success=st.floats(0.02, 0.95), quit_=st.floats(0.0, 0.9))
def test_a_search_gives_back_the_chances_that_made_it(success, quit_):
    ends = success + quit_ - success * quit_
    rows = search_success(mean_attempts=1 / ends, give_up_share=1 - success / ends)
    rows = rows.set_index("measure")["estimate"]
    assert np.isclose(rows["success"], success, rtol=1e-6)
    assert np.isclose(rows["quit_hazard"], quit_, rtol=1e-5, atol=1e-8)
    assert rows["success_naive"] >= rows["success"] * (1 - 1e-9)


@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=6), st.randoms())
def test_the_order_of_readings_does_not_matter(holds, random):
    table = pd.DataFrame(
        {"statement": "claim", "reading": [f"way {at}" for at in range(len(holds))], "holds": holds}
    )
    order = list(table.index)
    random.shuffle(order)
    first, second = (claim_verdicts(one).loc[0] for one in (table, table.loc[order]))
    assert first["verdict"] == second["verdict"]
    assert first["numerator"] == second["numerator"] == sum(one is True for one in holds)
