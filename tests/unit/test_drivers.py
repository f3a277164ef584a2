"""Driver shares: what is refused and why, what is noted, and the batched recursion beneath."""

from itertools import pairwise, permutations
from math import comb, factorial

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.survey.drivers import balanced_orders, contributions, driver_shares
from custlib.survey.drivers.decompositions import METHODS, gains_by_driver
from custlib.survey.drivers.subsets import residual_variances

ITEMS = ["price", "speed", "staff"]


@pytest.fixture
def responses():
    random = np.random.default_rng(1)
    table = pd.DataFrame(random.integers(1, 6, (40, 3)), columns=ITEMS)
    noise = random.integers(0, 4, 40)
    overall = table["price"] + table["speed"] + noise
    return table.assign(overall=overall, firm=np.arange(40) // 2, weight=1 + noise)


def found(responses, **options):
    return driver_shares(responses, **{"outcome": "overall", "drivers": ITEMS} | options)


def correlations(p, seed=1, n=200):
    random = np.random.default_rng(seed)
    items = random.normal(size=(n, p + 1)) + random.normal(size=(n, 1))
    return np.corrcoef(items.T)


# --- what is refused ---


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("item", ["speed", "overall"])
def test_a_constant_item_is_named(responses, item, method):
    with pytest.raises(DataError, match=f"Answers are all equal in: {item}"):
        found(responses.assign(**{item: 3}), method=method)


def test_an_item_that_is_constant_only_where_all_are_answered_is_named(responses):
    staff = responses["staff"].where(responses["speed"] == 2)
    with pytest.raises(DataError, match=r"Answers are all equal.* in: speed"):
        found(responses.assign(staff=staff))
    with pytest.raises(DataError, match=r"in: speed, staff\.\n.*pairwise"):
        found(responses.assign(staff=staff), missing="pairwise")


@pytest.mark.parametrize("rows", [0, 1, 4])
def test_no_more_respondents_than_drivers_and_one_are_refused(responses, rows):
    with pytest.raises(DataError, match=f"{rows} of {rows} respondents .*drivers, 3 in"):
        found(responses.head(rows))


def test_rows_with_gaps_do_not_count_as_respondents(responses):
    gappy = responses.assign(staff=responses["staff"].where(responses.index < 4))
    with pytest.raises(DataError, match="4 of 40 respondents"):
        found(gappy)


def test_five_respondents_are_enough_for_three_drivers(responses):
    fit = found(responses.head(5)).fit.set_index("measure")
    assert fit.loc["r_squared", "n"] == 5


@pytest.mark.parametrize(
    "drivers, message",
    [
        (["price", "overall"], "Named more than once: overall"),
        (["price", "price"], "Named more than once: price"),
        ([], "There are 0"),
    ],
)
def test_outcome_and_drivers_are_named_once_each(responses, drivers, message):
    with pytest.raises(ParameterError, match=message):
        found(responses, drivers=drivers)


def test_text_infinity_and_absent_columns_are_refused(responses):
    with pytest.raises(DataError, match=r"'speed' not a number; first: row 0: 'fast'"):
        found(responses.assign(speed="fast"))
    with pytest.raises(DataError, match="1 infinite value in 'staff'; first: row 0: inf"):
        found(responses.assign(staff=[np.inf] + [1.0] * 39))
    with pytest.raises(DataError, match="not in the table: service"):
        found(responses, drivers=["price", "service"])
    with pytest.raises(DataError, match="more than once: price"):
        found(pd.concat([responses, responses[["price"]]], axis=1))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"method": "shapley"}, "method is 'shapley'"),
        ({"missing": "drop"}, "missing is 'drop'"),
        ({"conf_level": 95}, "conf_level is 95"),
        ({"n_boot": 100}, "seed"),
        ({"n_boot": 1, "seed": 1}, "n_boot is 1"),
        ({"n_boot": -1, "seed": 1}, "n_boot is -1"),
    ],
)
def test_arguments_outside_what_is_offered(responses, options, message):
    with pytest.raises(ParameterError, match=message):
        found(responses, **options)


def test_pairwise_correlations_that_contradict_one_another_are_refused():
    # price and speed agree, speed and staff agree, price and staff are opposed.
    steps, nothing = list(range(6)), [np.nan] * 6
    responses = pd.DataFrame(
        {
            "price": steps + nothing + steps,
            "speed": steps + steps + nothing,
            "staff": nothing + steps + steps[::-1],
            "overall": [1, 2, 2, 3, 1, 2] * 3,
        }
    )
    with pytest.raises(DataError, match=r'(?s)contradict one another.*missing="listwise"'):
        found(responses, missing="pairwise")


# --- what is noted ---


def test_without_resamples_there_are_no_intervals(responses):
    estimates = found(responses).estimates
    assert estimates[["std_error", "ci_low", "ci_high"]].isna().all(axis=None)
    assert "monte_carlo_error" not in estimates


def test_adjusted_r_squared_has_the_interval_and_r_squared_none(responses):
    fit = found(responses, n_boot=200, seed=1).fit.set_index("measure")
    spread = fit[["std_error", "ci_low", "ci_high"]]
    assert spread.drop("adjusted_r_squared").isna().all(axis=None)
    low, high = spread.loc["adjusted_r_squared", ["ci_low", "ci_high"]]
    assert low < fit.loc["adjusted_r_squared", "estimate"] < high


def test_an_outcome_that_drivers_make_up_is_explained_in_every_resample(responses):
    exact = responses.assign(overall=responses["price"] + responses["speed"])
    fit = found(exact, n_boot=50, seed=1).fit.set_index("measure")
    row = fit.loc["adjusted_r_squared", ["estimate", "ci_low", "ci_high"]]
    assert row.tolist() == pytest.approx([1, 1, 1])


def test_resamples_without_spread_are_left_out_and_counted(responses):
    # One answer differs: a resample lacks it with probability (39/40)^40 = 0.36.
    rare = responses.assign(staff=(responses.index == 7).astype(int))
    result = found(rare, n_boot=200, seed=1)
    undefined = int(result.fit["note"][0].split()[0])
    assert result.fit["note"][0] == f"{undefined} of 200 resamples undefined and left out"
    assert 40 <= undefined <= 110
    assert result.estimates.query("measure == 'share'")["ci_low"].notna().all()


def test_one_cluster_leaves_every_driver_a_note_in_place_of_an_interval(responses):
    alone = found(responses.assign(firm=1), design=SurveyDesign(cluster="firm"), n_boot=9, seed=1)
    assert set(alone.estimates["note"]) == {"9 of 9 resamples undefined and left out"}


def test_drivers_are_no_text(responses):
    with pytest.raises(ParameterError, match="drivers is the text 'ps'"):
        found(responses.rename(columns={"price": "p", "speed": "s"}), drivers="ps")


def test_resampled_pairwise_correlations_that_contradict_are_left_out():
    random = np.random.default_rng(4)
    items = pd.DataFrame(random.normal(size=(24, 3)), columns=ITEMS)
    items += random.normal(size=(24, 1)) * 3
    items["overall"] = items["price"] + items["staff"]
    gappy = items.mask(random.random(items.shape) < 0.3)
    result = found(gappy, missing="pairwise", n_boot=300, seed=1, method="first")
    assert "of 300 resamples undefined" in result.fit["note"][0]
    assert result.fit["note"][0].startswith("pairwise: correlations rest on ")


def test_a_seed_gives_the_same_intervals_and_another_one_others(responses):
    once, again, other = (found(responses, n_boot=50, seed=seed).estimates for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(once, again)
    assert (once["ci_low"] != other["ci_low"]).any()


def test_resamples_draw_whole_clusters(responses):
    # Four colleagues who answer alike tell as much as one of them.
    alike = responses.loc[responses.index.repeat(4)].assign(firm=np.repeat(np.arange(40), 4))
    single = found(responses, n_boot=2000, seed=1).estimates
    firms = found(alike, design=SurveyDesign(cluster="firm"), n_boot=2000, seed=1).estimates
    pd.testing.assert_frame_equal(single.drop(columns="n"), firms.drop(columns="n"))
    alone = found(alike, n_boot=2000, seed=1).estimates
    assert (alone["std_error"] < 0.7 * firms["std_error"])[:6].all()


def test_rows_outside_the_domain_do_not_count(responses):
    inside = responses.assign(here=responses["firm"] < 12)
    result = found(inside, design=SurveyDesign(domain="here")).estimates
    expected = found(responses.head(24)).estimates
    pd.testing.assert_frame_equal(result, expected)


def test_the_answers_are_not_touched(responses):
    before = responses.copy()
    found(responses, n_boot=10, seed=1)
    pd.testing.assert_frame_equal(responses, before)


# --- beyond twenty drivers ---


@pytest.fixture(scope="module")
def wide():
    random = np.random.default_rng(3)
    table = pd.DataFrame(random.normal(size=(300, 24)) + random.normal(size=(300, 1)))
    table.columns = [f"d{at}" for at in range(24)]
    return table.assign(overall=table["d0"] + table["d1"] + random.normal(size=300) * 2)


def test_many_drivers_are_averaged_over_sampled_orders_with_their_error(wide):
    drivers = list(wide)[:-1]
    result = found(wide, drivers=drivers, seed=1)
    parts = result.estimates.set_index(["measure", "item"])
    total = parts.loc["contribution", "estimate"].sum()
    assert total == pytest.approx(result.fit["estimate"][0], abs=1e-12)
    assert result.fit["note"][0] == "mean over 2016 sampled orders"
    errors = parts["monte_carlo_error"]
    assert (errors.loc["contribution"].between(1e-6, 0.004)).all()
    assert errors.loc["share"]["d0"] == pytest.approx(errors.loc["contribution"]["d0"] / total)
    assert errors.loc[["rank", "correlation", "variance_inflation"]].isna().all()
    assert "monte_carlo_error" not in result.fit


def test_many_drivers_need_a_seed_whatever_the_resamples(wide):
    with pytest.raises(ParameterError, match="seed is absent"):
        found(wide, drivers=list(wide)[:-1])
    with pytest.raises(ParameterError, match=r"2\^24 subsets"):
        contributions(np.eye(25))
    with pytest.raises(ParameterError, match="n_orders is 0"):
        found(wide, drivers=list(wide)[:-1], seed=1, n_orders=0)


def test_many_drivers_have_intervals_over_the_same_orders(wide):
    result = found(wide, drivers=list(wide)[:-1], seed=1, n_boot=20, n_orders=48).estimates
    shares = result[result["measure"] == "share"]
    assert (shares["ci_low"] < shares["ci_high"]).all()


@pytest.mark.parametrize("p", [2, 5, 6, 21])
def test_in_a_square_each_driver_holds_each_place_once(p):
    orders = balanced_orders(p, n_orders=3 * p - 1, seed=1)
    assert orders.shape == (3 * p, p)
    for square in orders.reshape(3, p, p):
        assert (np.sort(square, axis=0) == np.arange(p)[:, None]).all()
        assert (np.sort(square, axis=1) == np.arange(p)).all()
    followers = {(a, b) for row in orders[:p] for a, b in pairwise(row)}
    if p % 2 == 0:
        assert len(followers) == p * (p - 1)


def test_the_stated_error_of_sampled_orders_is_the_one_they_have():
    matrix = correlations(8)
    exact = contributions(matrix)
    draws = [balanced_orders(8, n_orders=80, seed=seed) for seed in range(300)]
    errors, stated = [], []
    for orders in draws:
        squares = gains_by_driver(matrix[None], orders)[0].reshape(-1, 8, 8).mean(axis=1)
        errors.append(squares.mean(axis=0) - exact)
        stated.append(squares.var(axis=0, ddof=1) / len(squares))
    actual = np.sqrt(np.mean(np.square(errors), axis=0))
    assert np.sqrt(np.mean(stated, axis=0)) == pytest.approx(actual, rel=0.15)
    assert np.abs(np.mean(errors, axis=0)).max() < 4 * actual.max() / 300**0.5


# --- the recursion ---


def brute_force(matrix):
    """LMG over all orders, each R² by solving the normal equations."""
    p = len(matrix) - 1
    gains = np.zeros(p)
    for order in permutations(range(p)):
        before = 0.0
        for place in range(p):
            inside = list(order[: place + 1])
            r = matrix[inside, -1]
            explained = r @ np.linalg.solve(matrix[np.ix_(inside, inside)], r)
            gains[order[place]] += (explained - before) / factorial(p)
            before = explained
    return gains


@pytest.mark.parametrize("p", [1, 2, 3, 4, 5])
def test_all_subsets_give_the_mean_over_all_orders(p):
    matrix = correlations(p)
    assert contributions(matrix) == pytest.approx(brute_force(matrix), abs=1e-12)
    every = np.array(list(permutations(range(p))))
    assert contributions(matrix, orders=every) == pytest.approx(brute_force(matrix), abs=1e-12)


def test_a_subset_has_its_own_residual_variance():
    matrix = correlations(4)
    residual = residual_variances(matrix[None])[:, 0]
    inside = [1, 3]
    r = matrix[inside, 4]
    explained = r @ np.linalg.solve(matrix[np.ix_(inside, inside)], r)
    assert residual[0b1010] == pytest.approx(1 - explained)
    assert residual[0] == 1
    assert len(residual) == 16


@pytest.mark.parametrize("method", METHODS)
def test_a_stack_of_matrices_is_taken_apart_one_by_one(method):
    stack = np.stack([[correlations(4, seed=5 * row + at) for at in range(5)] for row in range(3)])
    stack[1, 2, 0, 1] = stack[1, 2, 1, 0] = np.nan
    parts = contributions(stack, method=method)
    assert parts.shape == (3, 5, 4)
    assert parts[2, 4] == pytest.approx(contributions(stack[2, 4], method=method), abs=1e-14)
    assert np.isnan(parts[1, 2]).all()
    assert np.isnan(parts).sum() == 4
    assert np.isnan(contributions(stack[1, 2], method=method)).all()


def test_more_resamples_than_a_block_holds_are_all_taken_apart():
    matrix = correlations(13)
    stack = np.repeat(matrix[None], 9, axis=0)
    for method in METHODS:
        parts = contributions(stack, method=method)
        assert parts == pytest.approx(np.tile(parts[0], (9, 1)), abs=1e-14)


@pytest.mark.parametrize("p", [12, 16])
def test_equally_correlated_drivers_have_a_closed_form(p):
    # All pairs of drivers at c, each with the outcome at r: R² of s drivers is s r² / (1 + (s-1)c).
    c, r = 0.6, 0.5
    matrix = np.full((p + 1, p + 1), c) + (1 - c) * np.eye(p + 1)
    matrix[:-1, -1] = matrix[-1, :-1] = r
    whole = p * r**2 / (1 + (p - 1) * c)
    assert contributions(matrix) == pytest.approx(np.full(p, whole / p), abs=1e-14)
    # Halves: of two blocks that know nothing of one another each keeps its own R².
    half = p // 2
    matrix[:half, half:-1] = matrix[half:-1, :half] = 0
    matrix[half:-1, -1] = matrix[-1, half:-1] = 0.2
    first = r**2 / (1 + (half - 1) * c)
    second = 0.2**2 / (1 + (half - 1) * c)
    expected = np.repeat([first, second], half)
    assert contributions(matrix) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("epsilon", [1e-3, 1e-6, 1e-9])
def test_nearly_equal_drivers_keep_their_digits(epsilon):
    # Twins correlated at 1 - ε with r and r - δ, δ² = 2ε gain: R² = r² + (cov of the difference)².
    gain, r = 0.04, 0.5
    delta = (gain * (1 - (1 - epsilon) ** 2)) ** 0.5
    other = r * (1 - epsilon) + delta  # adds exactly `gain` once the first twin is in
    matrix = np.array([[1, 1 - epsilon, r], [1 - epsilon, 1, other], [r, other, 1]])
    whole = r**2 + gain
    expected = [(r**2 + whole - other**2) / 2, (other**2 + whole - r**2) / 2]
    # A pivot of 2ε computed from correlations of relative error 1e-16 has relative error 1e-16/ε.
    assert contributions(matrix) == pytest.approx(expected, abs=2e-16 / epsilon + 1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_drivers_of_few_directions_are_taken_apart_with_a_pseudo_inverse(seed):
    # Six drivers are combinations of four: numpy's pseudo-inverse gives R² of every subset.
    random = np.random.default_rng(seed)
    four = random.normal(size=(80, 4))
    items = np.column_stack(
        [four @ random.normal(size=(4, 6)), four[:, 0] + random.normal(size=80)]
    )
    matrix = np.corrcoef(items.T)

    def explained(inside):
        inside, r = list(inside), matrix[list(inside), -1]
        inverse = np.linalg.pinv(matrix[np.ix_(inside, inside)], rcond=1e-9, hermitian=True)
        return float(r @ inverse @ r)

    expected = np.zeros(6)
    for order in permutations(range(6)):
        steps = [0.0, *(explained(order[: k + 1]) for k in range(6))]
        expected[list(order)] += np.diff(steps) / factorial(6)
    assert contributions(matrix) == pytest.approx(expected, abs=1e-9)
    weights = contributions(matrix, method="relative_weights")
    assert weights.sum() == pytest.approx(expected.sum(), abs=1e-9)
    assert (contributions(matrix, method="last") == 0).all()


def test_weights_of_subsets_sum_to_one():
    # Arithmetic of the textbook formula, for a game in which only driver 0 counts.
    p = 6
    total = sum(
        comb(p - 1, s) * factorial(s) * factorial(p - s - 1) / factorial(p) for s in range(p)
    )
    assert total == pytest.approx(1)
    matrix = np.eye(p + 1)
    matrix[0, -1] = matrix[-1, 0] = 0.7
    assert contributions(matrix) == pytest.approx([0.49, 0, 0, 0, 0, 0], abs=1e-15)
