"""The simulated order book draws what its constants say, and counts the flaws it adds."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from custlib.datasets import load
from custlib.datasets.simulate import simulate_orders
from custlib.datasets.simulate.orders import DIRT, JOINING, KINDS, LEAVING, LEVEL, SIGMA, TRENDS
from custlib.datasets.simulate.orders import _abc as abc_by_hand
from custlib.errors import ParameterError

N = 4000


@pytest.fixture(scope="module")
def large():
    """Enough customers for shares and means to come close to what is planted."""
    return simulate_orders(seed=11, n=N)


@pytest.fixture(scope="module")
def planted(large):
    return pd.DataFrame.from_dict(large.truth["customers"], orient="index")


@pytest.fixture(scope="module")
def sales(large):
    """Orders of a known customer, each once, with the month they fall in."""
    orders = large.orders
    rows = orders[(orders["amount"] > 0) & orders["customer"].notna() & ~orders.duplicated()]
    return rows.assign(month=pd.to_datetime(rows["date"]).dt.to_period("M"))


def kinds_of_rows(orders):
    """Which rows are what, told by the rows themselves."""
    cancelled = orders["order"].str.startswith("C")
    return {
        "cancellations": cancelled,
        "returns": (orders["amount"] < 0) & ~cancelled,
        "zero_amounts": orders["amount"] == 0,
        "missing_customers": orders["customer"].isna(),
        "duplicates": orders.duplicated(),
    }


def test_the_stored_files_are_those_of_the_seed_on_the_card(tmp_path):
    stored = load("orders")
    simulate_orders(seed=stored.card.seed).write(tmp_path)
    for file in ("orders.csv", "truth.json"):
        assert (tmp_path / file).read_bytes() == (stored.folder / file).read_bytes()


def test_the_stored_book_has_the_size_of_a_small_service_centre():
    stored = load("orders")
    assert 8_000 <= len(stored.orders) <= 12_000
    assert stored.path().stat().st_size < 700_000
    assert len(stored.truth["customers"]) == 400


def test_every_flaw_is_counted_and_summed(large):
    orders, truth = large.orders, large.truth
    rows = kinds_of_rows(orders)
    assert {name: int(flawed.sum()) for name, flawed in rows.items()} == truth["dirt"]
    for name, flawed in rows.items():
        assert orders.loc[flawed, "amount"].sum() == pytest.approx(truth["sums"][name], abs=0.005)
    plain = ~np.any(list(rows.values()), axis=0)
    assert plain.sum() == truth["orders"]
    assert orders.loc[plain, "amount"].sum() == pytest.approx(truth["sums"]["orders"], abs=0.005)
    assert len(orders) == truth["rows"]


def test_flaws_come_at_the_planted_rates(large):
    for name, share in DIRT.items():
        assert large.truth["dirt"][name] / large.truth["orders"] == pytest.approx(share, abs=1e-5)


def test_a_cancellation_voids_an_order_of_the_book(large):
    orders = large.orders.drop_duplicates().set_index("order")
    void = orders[orders.index.str.startswith("C")]
    original = orders.loc[void.index.str.removeprefix("C")]
    for column in ("amount", "profit"):
        assert void[column].tolist() == (-original[column]).tolist()
    for column in ("customer", "date"):
        assert void[column].tolist() == original[column].tolist()


def test_order_ids_rise_with_the_days(large):
    own = large.orders.drop_duplicates()
    own = own[~own["order"].str.startswith("C")]
    assert own["order"].is_unique
    assert own.sort_values("order")["date"].is_monotonic_increasing
    assert large.orders["date"].is_monotonic_increasing
    assert large.orders["date"].iloc[[0, -1]].str[:7].tolist() == ["2023-01", "2025-12"]


def test_kinds_trends_and_levels_are_as_planted(planted):
    share = planted["kind"].value_counts(normalize=True)
    for name, kind in KINDS.items():
        # Three standard errors of a share among 4,000 customers are about 0.023.
        assert share[name] == pytest.approx(kind.share, abs=0.023)
    moving = planted["trend"].value_counts(normalize=True)
    for name, (planted_share, _) in TRENDS.items():
        assert moving[name] == pytest.approx(planted_share, abs=0.015)
    log = np.log(planted["monthly_mean"])
    assert log.mean() == pytest.approx(np.log(LEVEL), abs=3 * SIGMA / N**0.5)
    assert log.std() == pytest.approx(SIGMA, abs=3 * SIGMA / (2 * N) ** 0.5)
    assert (planted["joined"] > "2023-01").mean() == pytest.approx(JOINING, abs=0.023)
    # Who joins in the last six months does not leave within the book.
    assert planted["left"].notna().mean() == pytest.approx(LEAVING, abs=0.02)


def test_everybody_orders_and_only_while_a_customer(planted, sales):
    span = sales.groupby("customer")["month"].agg(["min", "max"]).astype(str)
    assert sorted(span.index) == sorted(planted.index)
    planted = planted.loc[span.index]
    assert (span["min"] >= planted["joined"]).all()
    joining = planted["joined"] > "2023-01"
    assert (span["min"] == planted["joined"])[joining].all()
    leaving = planted["left"].notna()
    assert (span["max"] < planted["left"].str[:7])[leaving].all()


def test_months_with_orders_come_as_often_as_expected(planted, sales):
    active = sales.groupby("customer")["month"].nunique() / 36
    for kind, rows in planted.groupby("kind"):
        error = active[rows.index] - rows["active_share"]
        assert error.mean() == pytest.approx(0, abs=4 * error.std() / len(rows) ** 0.5), kind


def test_the_level_is_the_revenue_of_a_month_as_a_customer(planted, sales):
    revenue = sales.groupby("customer")["amount"].sum()
    for kind, rows in planted.groupby("kind"):
        ratio = revenue[rows.index] / rows["revenue"]
        assert ratio.mean() == pytest.approx(1, abs=4 * ratio.std() / len(rows) ** 0.5), kind
    months = pd.PeriodIndex(planted["left"].fillna("2026-01").str[:7], freq="M").astype("int64")
    months = months - pd.PeriodIndex(planted["joined"], freq="M").astype("int64")
    expected = planted["monthly_mean"] * months
    assert planted["revenue"].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-6)


def test_profit_is_margin_less_the_cost_to_serve(planted, sales):
    margin = sales["customer"].map(planted["margin"])
    cost = margin * sales["amount"] - sales["profit"]
    assert cost.min() > 0
    assert cost.mean() == pytest.approx(110, abs=1)


def test_those_who_cost_more_than_they_bring_are_small(planted):
    losing = planted["loss_making"]
    assert 0.05 < losing.mean() < 0.25
    assert (planted["loss_making"] == (planted["profit"] < 0)).all()
    classes = planted.loc[losing, "abc"].value_counts(normalize=True)
    assert "A" not in classes
    assert classes["C"] > 0.9


def test_classes_are_those_of_the_planted_means(planted):
    ranked = planted.sort_values("revenue", ascending=False)
    before = (ranked["revenue"].cumsum() - ranked["revenue"]) / ranked["revenue"].sum()
    expected = pd.cut(before, [-1, 0.8, 0.95, 2], right=False, labels=list("ABC")).astype(str)
    assert (ranked["abc"] == expected).all()
    steady = planted["active_share"]
    expected = pd.cut(steady, [-1, 0.25, 0.75, 2], right=False, labels=list("ZYX")).astype(str)
    assert (planted["xyz"] == expected).all()


@pytest.mark.parametrize(
    "revenue, classes",
    [
        ([50, 30, 15, 5], "AABC"),  # 80 and 95 are reached exactly
        ([10, 60, 30], "BAA"),  # the second crosses 80 and goes up
        ([100], "A"),
        ([4, 0, 96], ["C", None, "A"]),
    ],
)
def test_a_customer_who_crosses_a_limit_goes_up(revenue, classes):
    assert abc_by_hand(np.array(revenue, dtype=float)) == list(classes)


def test_classes_of_the_years_move_with_the_trend(planted):
    place = {"A": 2, "B": 1, "C": 0}
    steps = planted["abc_last_year"].map(place) - planted["abc_first_year"].map(place)
    moved = steps.groupby(planted["trend"]).mean()
    assert moved["growing"] > 0.3
    assert moved["declining"] < -0.3
    newcomers = planted["joined"] >= "2024-01"
    assert planted["abc_first_year"].isna().equals(newcomers)
    gone = planted["left"].fillna("2026") <= "2025-01-01"
    # Who joined to order once only is expected back in no year.
    once = (planted["active_share"] * 36 - 1).abs() < 1e-4
    once &= (planted["joined"] > "2023-01") & (planted["joined"] < "2025-01")
    assert planted["abc_last_year"].isna().equals(gone | once)


def test_concentration_is_that_of_the_planted_revenue(large, planted):
    revenue = np.sort(planted["revenue"])[::-1]
    told = large.truth["concentration"]
    assert told["top_20_share"] == pytest.approx(revenue[: N // 5].sum() / revenue.sum(), abs=1e-5)
    # Gini as half the mean difference over the mean.
    difference = np.abs(revenue[:, None] - revenue).mean()
    assert told["gini"] == pytest.approx(difference / 2 / revenue.mean(), abs=1e-5)
    levels = np.sort(planted["monthly_mean"])[::-1]
    lognormal = stats.norm.cdf(SIGMA - stats.norm.ppf(0.8))
    assert told["top_20_share_of_levels"] == pytest.approx(lognormal, abs=1e-6)
    assert levels[: N // 5].sum() / levels.sum() == pytest.approx(lognormal, abs=0.03)


@pytest.mark.parametrize(
    "wrong, told",
    [
        ({"seed": -1}, "seed is -1"),
        ({"seed": 1, "n": 19}, "n is 19"),
        ({"seed": 1, "months": 23}, "months is 23"),
    ],
)
def test_what_cannot_be_simulated_is_refused(wrong, told):
    with pytest.raises(ParameterError, match=told):
        simulate_orders(**wrong)


@pytest.mark.parametrize("seed", range(3))
def test_the_smallest_book_has_every_flaw(seed):
    book = simulate_orders(seed=seed, n=20, months=24)
    assert min(book.truth["dirt"].values()) == 1
    assert len(book.orders) == book.truth["rows"]
