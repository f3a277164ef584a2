"""What must hold for any drivers: sums, order, units, weights, and bounds of contributions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from custlib.design import SurveyDesign
from custlib.errors import DataError
from custlib.survey.drivers import driver_shares
from custlib.survey.drivers.decompositions import METHODS

SUMMING = ["lmg", "relative_weights"]


@st.composite
def surveys(draw, most=5):
    drivers = [f"d{at}" for at in range(draw(st.integers(1, most)))]
    rows = draw(st.integers(len(drivers) + 3, 15))
    answer = st.integers(1, 5)
    table = pd.DataFrame(
        {
            name: draw(st.lists(answer, min_size=rows, max_size=rows))
            for name in ["overall", *drivers]
        }
    )
    assume((table.nunique() > 1).all())
    table["weight"] = draw(st.lists(st.integers(1, 4), min_size=rows, max_size=rows))
    return table, drivers


def values(table, drivers, method, measure="contribution", **options):
    result = driver_shares(table, outcome="overall", drivers=drivers, method=method, **options)
    rows = result.estimates[result.estimates["measure"] == measure]
    return rows.set_index("item")["estimate"], result.fit["estimate"][0]


@pytest.mark.parametrize("method", SUMMING)
@given(survey=surveys())
def test_contributions_sum_to_r_squared_and_shares_to_one(method, survey):
    parts, r_squared = values(*survey, method)
    assert parts.sum() == pytest.approx(r_squared, abs=1e-9)
    assert (parts >= -1e-12).all()
    shares, _ = values(*survey, method, "share")
    if r_squared > 1e-9:
        assert shares.sum() == pytest.approx(1, abs=1e-6)


@given(survey=surveys())
def test_r_squared_is_that_of_least_squares(survey):
    table, drivers = survey
    y = table["overall"] - table["overall"].mean()
    x = table[drivers] - table[drivers].mean()
    fitted = x @ np.linalg.lstsq(x, y, rcond=1e-9)[0]
    assert values(*survey, "lmg")[1] == pytest.approx((fitted**2).sum() / (y**2).sum(), abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=20)
@given(survey=surveys(), seed=st.integers(0, 9))
def test_drivers_and_rows_in_another_order_give_the_same(method, survey, seed):
    table, drivers = survey
    turned = [drivers[at] for at in np.random.default_rng(seed).permutation(len(drivers))]
    found, _ = values(table, drivers, method)
    again, _ = values(table.sample(frac=1, random_state=seed), turned, method)
    np.testing.assert_allclose(again[drivers], found, atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=20)
@given(survey=surveys(), factor=st.sampled_from([-1e4, -1, 1e-4, 20]), shift=st.integers(-99, 99))
def test_units_and_direction_of_the_items_do_not_matter(method, survey, factor, shift):
    table, drivers = survey
    changed = table.assign(**{drivers[0]: table[drivers[0]] * factor + shift})
    changed["overall"] = 7 - 2 * table["overall"]
    expected, _ = values(table, drivers, method)
    np.testing.assert_allclose(values(changed, drivers, method)[0], expected, atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=20)
@given(survey=surveys())
def test_a_whole_weight_is_that_many_respondents(method, survey):
    table, drivers = survey
    weighted, _ = values(table, drivers, method, design=SurveyDesign(weight="weight"))
    repeated = table.loc[table.index.repeat(table["weight"])]
    np.testing.assert_allclose(weighted, values(repeated, drivers, method)[0], atol=1e-8)


@given(survey=surveys())
def test_no_contribution_exceeds_r_squared_and_none_of_lmg_undercuts_a_share_of_the_extremes(
    survey,
):
    # Every order's gain is at least 0; first and last come with probability 1 / p each.
    lmg, r_squared = values(*survey, "lmg")
    first, last = values(*survey, "first")[0], values(*survey, "last")[0]
    assert (pd.concat([lmg, first, last]) <= r_squared + 1e-9).all()
    p = len(lmg)
    assert (lmg >= first / p - 1e-9).all()
    assert (lmg >= last / p - 1e-9).all()


@settings(max_examples=20)
@given(survey=surveys(most=4), method=st.sampled_from(SUMMING))
def test_a_twin_takes_as_much_as_its_sibling(survey, method):
    table, drivers = survey
    twins = table.assign(twin=3 - 2 * table[drivers[0]])
    parts, r_squared = values(twins, [*drivers, "twin"], method)
    assert parts["twin"] == pytest.approx(parts[drivers[0]], abs=1e-8)
    assert r_squared == pytest.approx(values(table, drivers, "lmg")[1], abs=1e-9)
    assert values(twins, [*drivers, "twin"], "last")[0]["twin"] == 0


@given(survey=surveys())
def test_a_single_driver_has_its_squared_correlation_by_every_method(survey):
    table, drivers = survey
    expected = np.corrcoef(table["overall"], table[drivers[0]])[0, 1] ** 2
    for method in METHODS:
        assert values(table, drivers[:1], method)[0].item() == pytest.approx(expected, abs=1e-12)


@settings(max_examples=20)
@given(survey=surveys(), gaps=st.lists(st.booleans(), min_size=75, max_size=75))
def test_complete_and_incomplete_answers_give_an_estimate_or_a_clear_refusal(survey, gaps):
    table, drivers = survey
    mask = np.resize(gaps, table[drivers].shape)
    gappy = table.assign(**{name: table[name].mask(mask[:, at]) for at, name in enumerate(drivers)})
    for missing in ("listwise", "pairwise"):
        try:
            parts, r_squared = values(gappy, drivers, "lmg", missing=missing)
        except DataError:
            continue
        assert parts.sum() == pytest.approx(r_squared, abs=1e-9)
        assert -1e-9 <= r_squared <= 1 + 1e-9
