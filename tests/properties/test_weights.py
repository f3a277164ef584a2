"""What raking and trimming never break, whatever the sample and the targets."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custlib.errors import ConvergenceWarning, WeightWarning
from custlib.survey.weights.adjustment import rake, trim, weight_summary

pytestmark = pytest.mark.filterwarnings("ignore::custlib.errors.WeightWarning")
positive = st.floats(0.1, 10)


def shares(draw, groups):
    amounts = [draw(positive) for _ in groups]
    return {group: amount / sum(amounts) for group, amount in zip(groups, amounts, strict=True)}


@st.composite
def surveys(draw):
    """A sample with every combination of two margins, unequal start weights, and targets."""
    markets, sizes = range(draw(st.integers(1, 4))), list("abc")[: draw(st.integers(1, 3))]
    pairs = [(market, size) for market in markets for size in sizes]
    pairs += draw(st.lists(st.sampled_from(pairs), max_size=30))
    table = pd.DataFrame(pairs, columns=["market", "size"])
    table["start"] = [draw(positive) for _ in pairs]
    return table, {"market": shares(draw, markets), "size": shares(draw, sizes)}


@given(surveys())
def test_every_margin_is_met_and_the_weights_average_one(survey):
    table, targets = survey
    raked = rake(table, targets=targets, base_weight="start")
    weights = raked.cases["weight"]
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(len(table))
    for margin, wanted in targets.items():
        reached = weights.groupby(table[margin].to_numpy()).sum() / weights.sum()
        assert reached.to_dict() == pytest.approx(wanted, rel=1e-8)


@given(surveys())
def test_one_factor_per_combination_which_is_a_product_over_margins(survey):
    table, targets = survey
    cases = rake(table, targets=targets, base_weight="start").cases
    factor = np.log(cases["weight"] / cases["start"])
    cells = factor.groupby([table["market"], table["size"]]).agg(["mean", np.ptp])
    assert cells["ptp"].max() < 1e-9
    effects = cells["mean"].to_numpy().reshape(len(targets["market"]), -1)
    additive = effects.mean(1, keepdims=True) + effects.mean(0, keepdims=True) - effects.mean()
    assert effects == pytest.approx(additive, abs=1e-7)


@given(surveys(), st.randoms(use_true_random=False))
def test_the_order_of_rows_margins_and_categories_does_not_matter(survey, random):
    table, targets = survey
    order = list(range(len(table)))
    random.shuffle(order)
    turned = {
        margin: dict(reversed(list(targets[margin].items()))) for margin in reversed(list(targets))
    }
    plain = rake(table, targets=targets, base_weight="start").cases["weight"]
    other = rake(table.iloc[order], targets=turned, base_weight="start").cases["weight"]
    assert other.to_numpy() == pytest.approx(plain.to_numpy()[order], rel=1e-7)


@given(surveys(), st.floats(0.001, 1000))
def test_the_unit_of_the_start_weights_does_not_matter(survey, unit):
    table, targets = survey
    plain = rake(table, targets=targets, base_weight="start").cases["weight"]
    scaled = table.assign(start=table["start"] * unit)
    other = rake(scaled, targets=targets, base_weight="start").cases["weight"]
    assert other.to_numpy() == pytest.approx(plain.to_numpy(), rel=1e-9)


@given(surveys(), st.integers(1, 3))
def test_a_crossed_margin_is_a_margin_of_the_combinations(survey, roles):
    table, _ = survey
    table["role"] = pd.Categorical(np.arange(len(table)) % roles, [*range(9)])
    columns = ("role", "market", "size")
    table["cell"] = [
        "/".join(map(str, cell)) for cell in zip(*map(table.get, columns), strict=True)
    ]
    known = {cell: 1.0 + at for at, cell in enumerate(table["cell"].unique())}
    rows = table.drop_duplicates("cell")
    cells = zip(*map(rows.get, columns), strict=True)
    crossed = {cell: known[name] for cell, name in zip(cells, rows["cell"], strict=True)}
    one = rake(table, targets={"cell": known}, base_weight="start").cases["weight"]
    other = rake(table, targets={columns: crossed}, base_weight="start").cases["weight"]
    assert other.tolist() == pytest.approx(one.tolist())


@given(surveys())
def test_raking_what_is_raked_changes_nothing(survey):
    table, targets = survey
    cases = rake(table, targets=targets, base_weight="start").cases
    again = rake(cases, targets=targets, base_weight="weight", name="again").cases
    assert again["again"].to_numpy() == pytest.approx(again["weight"].to_numpy(), rel=1e-8)


@given(surveys())
def test_an_estimate_of_a_margin_has_no_error_after_raking(survey):
    table, targets = survey
    raked = rake(table, targets=targets, base_weight="start")
    sample = raked.design().sample(raked.cases)
    for margin, wanted in targets.items():
        for group, share in wanted.items():
            mean = sample.mean(table[margin] == group)
            assert mean.estimate == pytest.approx(share, rel=1e-8)
            assert mean.std_error == pytest.approx(0, abs=1e-9) or len(table) == 1


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=40), st.floats(1.01, 5))
def test_trimming_cuts_at_the_cap_lifts_the_rest_alike_and_keeps_the_sum(values, cap):
    table = pd.DataFrame({"weight": values})
    before = np.array(values)
    after = trim(table, weight="weight", cap=cap)["weight_trimmed"].to_numpy()
    limit = cap * before.mean()
    assert after.sum() == pytest.approx(before.sum())
    assert after.max() <= limit * (1 + 1e-12)
    free = after < limit * (1 - 1e-9)
    if free.any():
        lift = (after - before)[free]
        assert np.ptp(lift) < 1e-9 * before.max()
        assert lift.min() >= -1e-9 * before.max()
        # A weight is only cut because, lifted like the others, it would pass the limit.
        assert (before[~free] + lift[0] >= limit * (1 - 1e-9)).all()
    again = trim(pd.DataFrame({"weight": after}), weight="weight", cap=cap)["weight_trimmed"]
    assert again.to_numpy() == pytest.approx(after, rel=1e-9)


@given(surveys(), st.floats(1.2, 4))
def test_raking_under_a_cap_meets_the_margins_or_says_that_it_does_not(survey, cap):
    table, targets = survey
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        raked = rake(table, targets=targets, base_weight="start", cap=cap, repeat=True)
    weights = raked.cases["weight"]
    assert weights.max() <= cap * weights.mean() * (1 + 1e-9)
    gaps = raked.estimates["estimate"] - raked.estimates["target_share"]
    warned = [w for w in caught if w.category is ConvergenceWarning]
    assert bool(warned) == bool(gaps.abs().max() > 1e-10)
    assert {w.category for w in caught} <= {ConvergenceWarning, WeightWarning}


@given(surveys())
def test_a_summary_by_group_adds_up_to_the_whole(survey):
    table, _ = survey
    parts = weight_summary(table, weight="start", by="market")
    whole = weight_summary(table, weight="start").iloc[0]
    assert parts["weight_sum"].sum() == pytest.approx(whole["weight_sum"])
    assert parts["n"].sum() == whole["n"]
    assert parts["weight_max"].max() == whole["weight_max"]
    squares = parts["weight_sum"] ** 2 / parts["n_effective"]
    assert whole["weight_sum"] ** 2 / squares.sum() == pytest.approx(whole["n_effective"])
    assert (parts["deff_w"] >= 1 - 1e-12).all()
