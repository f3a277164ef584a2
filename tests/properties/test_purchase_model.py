"""What holds for every customer and every choice of parameters of the models of repeat buying."""

from itertools import pairwise
from math import lgamma

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from custlib.loyalty.value.beta_geometric import _expected_from_here
from custlib.loyalty.value.purchases import PROCESSES
from custlib.loyalty.value.records import read_records
from custlib.loyalty.value.spending import Spending

ROLES = {"frequency": "x", "recency": "t_x", "age": "T"}
SIZES = st.floats(-2.5, 2.5)
THETA = st.tuples(SIZES, SIZES, SIZES, SIZES).map(np.array)
NAMES = st.sampled_from(sorted(PROCESSES))


@st.composite
def histories(draw, most=60):
    """A customer: repeat purchases, time of the last, time watched."""
    age = draw(st.floats(0.5, 200))
    x = draw(st.integers(0, most))
    return x, age * draw(st.floats(0.01, 1)) if x else 0.0, age


def table(rows):
    return pd.DataFrame(rows, columns=["x", "t_x", "T"])


def arrays(history):
    return tuple(np.array([float(part)]) for part in history)


@settings(max_examples=60, deadline=None)
@given(name=NAMES, theta=THETA, rows=st.lists(histories(), min_size=1, max_size=5))
def test_gradient_and_hessian_are_those_of_the_likelihood(name, theta, rows):
    records, process, step = read_records(table(rows), **ROLES), PROCESSES[name], 1e-5
    _, gradient, hessian = process.likelihood(theta, records)
    ways = step * np.eye(4)
    ends = [[process.likelihood(theta + side * way, records) for side in (1, -1)] for way in ways]
    slope = np.array([(up[0] - down[0]) / (2 * step) for up, down in ends])
    bend = np.array([(up[1] - down[1]) / (2 * step) for up, down in ends])
    size = 1 + np.abs(gradient).max()
    np.testing.assert_allclose(gradient, slope, atol=2e-6 * size)
    np.testing.assert_allclose(hessian, bend, atol=2e-6 * (size + np.abs(hessian).max()))
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-9 * (1 + np.abs(hessian).max()))


@settings(max_examples=60, deadline=None)
@given(theta=THETA, history=histories())
def test_pareto_likelihoods_are_integrals_over_the_moment_of_leaving(theta, history):
    (r, alpha, s, beta), (x, t_x, age) = np.exp(theta), history

    def density(time):
        bought = -(r + x) * np.log((alpha + time) / (alpha + t_x))
        return np.exp(bought - (s + 1) * np.log((beta + time) / (beta + t_x)))

    steps = t_x + (age - t_x) * np.concatenate([[0], np.geomspace(1e-6, 1, 30)])
    gone = sum(
        integrate.quad(density, low, high, epsabs=0, epsrel=1e-11)[0]
        for low, high in pairwise(steps)
        if high > low
    )
    there = np.exp(-(r + x) * np.log((alpha + age) / (alpha + t_x)) - s * np.log(beta + age))
    left = s * gone * np.exp(-(s + 1) * np.log(beta + t_x))
    rest = lgamma(r + x) - lgamma(r) + r * np.log(alpha / (alpha + t_x)) + s * np.log(beta)
    exact = rest - x * np.log(alpha + t_x) + np.log(there + left)
    found = PROCESSES["pareto_nbd"].likelihood(theta, read_records(table([history]), **ROLES))[0]
    assert found == pytest.approx(exact, abs=1e-8)
    alive = PROCESSES["pareto_nbd"].alive(np.exp(theta), *arrays(history))
    assert alive[0] == pytest.approx(there / (there + left), rel=1e-7, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(name=NAMES, theta=THETA, history=histories(), time=st.floats(0.01, 300))
def test_expectations_lie_between_nothing_and_never_leaving(name, theta, history, time):
    p, process = np.exp(theta), PROCESSES[name]
    x, t_x, age = arrays(history)
    alive = process.alive(p, x, t_x, age)
    assert 0 <= alive[0] <= 1
    soon = process.expected(p, x, t_x, age, np.asarray(time))[0]
    later = process.expected(p, x, t_x, age, np.asarray(1.5 * time))[0]
    # Who never leaves buys at the mean rate (r + x)/(alpha + T).
    most = alive[0] * (p[0] + x[0]) / (p[1] + age[0]) * time
    assert -1e-12 <= soon <= most * (1 + 1e-9)
    assert later >= soon * (1 - 1e-9)


@settings(max_examples=60, deadline=None)
@given(name=NAMES, theta=THETA, history=histories(), more=st.floats(0.1, 200))
def test_silence_makes_it_less_likely_that_a_customer_is_there(name, theta, history, more):
    p, (x, t_x, age) = np.exp(theta), arrays(history)
    process = PROCESSES[name]
    now, then = process.alive(p, x, t_x, age), process.alive(p, x, t_x, age + more)
    assert then[0] <= now[0] + 1e-12


def mean_over_chances(shape, scale, a, b, time):
    """The mean of (1 − (1 + p t/scale)^−shape)/p over p ~ Beta(a, b), by adaptive quadrature."""

    def bought(p):
        grown = np.log1p(p * time / scale)
        return -np.expm1(-shape * grown) / p if p > 0 else shape * time / scale

    # y = p^a and w = (1 − p)^b take the poles of the density away.
    steps = np.concatenate([[0], np.geomspace(1e-12, 1, 40)]) * 0.5**a
    low = sum(
        integrate.quad(lambda y: bought(y ** (1 / a)) * (1 - y ** (1 / a)) ** (b - 1), *ends)[0]
        for ends in pairwise(steps)
    )
    high = integrate.quad(
        lambda w: bought(1 - w ** (1 / b)) * (1 - w ** (1 / b)) ** (a - 1), 0, 0.5**b
    )[0]
    return (low / a + high / b) / special.beta(a, b)


@settings(max_examples=60, deadline=None)
@given(
    shape=st.floats(0.05, 50),
    scale=st.floats(0.5, 300),
    a=st.one_of(st.floats(0.05, 6), st.floats(0.99, 1.01), st.just(1.0)),
    b=st.floats(0.05, 50),
    time=st.floats(0.1, 400),
    singular=st.booleans(),
)
def test_expected_purchases_are_means_over_chances(shape, scale, a, b, time, singular):
    if singular and a < 0.95:
        b = 1 - a  # where the third parameter of the closed form is 0
    found = _expected_from_here(*(np.array([one]) for one in (shape, scale)), a, b, time)[0]
    exact = mean_over_chances(shape, scale, a, b, time)
    assert found == pytest.approx(exact, rel=2e-6, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(name=NAMES, theta=THETA, rows=st.lists(histories(), min_size=1, max_size=6))
def test_likelihoods_add_up_over_customers(name, theta, rows):
    process = PROCESSES[name]
    single = sum(process.likelihood(theta, read_records(table([row]), **ROLES))[0] for row in rows)
    twice = process.likelihood(theta, read_records(table(rows + rows), **ROLES))[0]
    assert twice == pytest.approx(2 * single, rel=1e-10, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    theta=st.tuples(SIZES, SIZES, SIZES).map(np.array),
    rows=st.lists(st.tuples(st.integers(1, 30), st.floats(0.1, 500)), min_size=1, max_size=6),
)
def test_gradient_and_hessian_of_spending(theta, rows):
    x, z = np.array(rows, float).T
    likelihood, step = Spending(x, z), 1e-5
    _, gradient, hessian = likelihood(theta)
    ends = [[likelihood(theta + s * way) for s in (1, -1)] for way in step * np.eye(3)]
    slope = np.array([(up[0] - down[0]) / (2 * step) for up, down in ends])
    bend = np.array([(up[1] - down[1]) / (2 * step) for up, down in ends])
    size = 1 + np.abs(gradient).max() + np.abs(hessian).max()
    np.testing.assert_allclose(gradient, slope, atol=2e-6 * size)
    np.testing.assert_allclose(hessian, bend, atol=2e-6 * size)
