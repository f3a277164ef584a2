"""What is planted in a simulated order book is found again in its file, with plain pandas."""

import io

import numpy as np
import pandas as pd
import pytest

from custlib.datasets import table_source
from custlib.datasets.simulate import simulate_orders
from custlib.datasets.simulate.orders import KINDS, TRENDS
from custlib.segmentation import order_book

SIZES = [10, pytest.param(60, marks=pytest.mark.slow)]
END = pd.Period("2026-01", "M")


@pytest.fixture(scope="module", params=SIZES)
def books(request):
    """Books of the default size, each read back from its text, with the customers behind it."""
    return [book(seed) for seed in range(500, 500 + request.param)]


def book(seed):
    simulated = simulate_orders(seed=seed)
    text = simulated.orders.to_csv(index=False)
    orders = pd.read_csv(io.StringIO(text), dtype={"order": str}, parse_dates=["date"])
    return orders, simulated.truth, pd.DataFrame.from_dict(simulated.truth["customers"], "index")


def plain(orders):
    """Orders of a known customer, each once, without those that were cancelled."""
    void = orders.loc[orders["order"].str.startswith("C"), "order"].str[1:]
    kept = orders.drop_duplicates()
    kept = kept[(kept["amount"] > 0) & kept["customer"].notna() & ~kept["order"].isin(void)]
    return kept.assign(month=kept["date"].dt.to_period("M"), year=kept["date"].dt.year)


def span(customers):
    """Months somebody was a customer."""
    first = pd.PeriodIndex(customers["joined"], freq="M").astype("int64")
    last = pd.PeriodIndex(customers["left"].str[:7].fillna(str(END)), freq="M").astype("int64")
    return pd.Series(last - first, customers.index)


def test_shares_of_the_kinds_are_found_from_months_with_orders(books):
    found, right = [], []
    for orders, _, customers in books:
        months = plain(orders).groupby("customer")["month"].nunique()
        share = (months.reindex(customers.index, fill_value=0) / span(customers)).to_numpy()
        # Halfway between the chances of the kinds: 0.08 and 0.30, 0.55 and 0.96.
        kind = np.select([share > 0.755, share > 0.19], ["X", "Y"], "Z")
        found.append({name: (kind == name).mean() for name in KINDS})
        right.append((kind == customers["kind"]).mean())
    found = pd.DataFrame(found)
    for name, kind in KINDS.items():
        error = (kind.share * (1 - kind.share) / 400 / len(books)) ** 0.5
        # Two customers in a hundred are taken for their neighbours' kind.
        assert found[name].mean() == pytest.approx(kind.share, abs=3 * error + 0.02), name
    assert np.mean(right) > 0.95


def test_concentration_is_found_a_little_above_what_is_planted(books):
    """Chance makes realised revenue more uneven than expected revenue; by less than 0.03."""
    errors = []
    for orders, truth, _ in books:
        revenue = np.sort(plain(orders).groupby("customer")["amount"].sum())[::-1]
        errors.append(revenue[:80].sum() / revenue.sum() - truth["concentration"]["top_20_share"])
    assert 0 < np.mean(errors) < 0.03
    assert np.max(np.abs(errors)) < 0.06


def test_growth_and_decline_are_found_from_the_first_to_the_last_year(books):
    logs = {name: [] for name in ("level", *TRENDS)}
    for orders, _, customers in books:
        steady = customers[
            (customers["kind"] == "X")
            & (customers["joined"] == "2023-01")
            & customers["left"].isna()
        ]
        years = plain(orders).pivot_table(
            index="customer", columns="year", values="amount", aggfunc="sum"
        )
        ratio = np.log(years[2025] / years[2023]).reindex(steady.index)
        for name, values in ratio.groupby(steady["trend"]):
            logs[name].extend(values)
    planted = {"level": 0.0} | {name: 2 * np.log(factor) for name, (_, factor) in TRENDS.items()}
    for name, values in logs.items():
        error = np.std(values) / len(values) ** 0.5
        assert np.mean(values) == pytest.approx(planted[name], abs=4 * error), name


def test_steady_customers_are_silent_from_the_month_they_left(books):
    for orders, _, customers in books:
        last = plain(orders).groupby("customer")["month"].max()
        leaving = customers[customers["left"].notna() & (customers["kind"] == "X")]
        away = pd.PeriodIndex(leaving["left"].str[:7], freq="M").astype("int64")
        silent = away - last[leaving.index].astype("int64")
        assert silent.min() >= 1
        # They order in 96 months of a hundred or more, so seldom miss more than the last one.
        assert silent.max() <= 4


def test_loss_makers_are_found_from_profit_net_of_all_rows(books):
    agreement = []
    for orders, _, customers in books:
        known = orders.drop_duplicates().dropna(subset="customer")
        profit = known.groupby("customer")["profit"].sum().reindex(customers.index)
        agreement.append(((profit < 0) == customers["loss_making"]).mean())
    assert np.mean(agreement) > 0.95


def test_the_rules_of_an_order_book_count_every_planted_flaw():
    source = table_source(None, default="orders")
    book = order_book(source.path, **source.roles, cancelled_prefix="C", duplicates="leave_out")
    rules = book.rules.set_index("rule")
    dirt, sums = source.truth["dirt"], source.truth["sums"]
    named = {"missing_customer": "missing_customers", "zeros": "zero_amounts"}
    for rule in ("missing_customer", "returns", "cancellations", "zeros", "duplicates"):
        assert rules.loc[rule, "n"] == dirt[named.get(rule, rule)], rule
    for rule in ("missing_customer", "returns", "cancellations"):
        planted = sums[named.get(rule, rule)]
        assert rules.loc[rule, "amount"] == pytest.approx(planted, abs=0.005), rule
    used = sums["orders"] + sums["returns"] + sums["cancellations"]
    assert rules.loc["used", "amount"] == pytest.approx(used, abs=0.005)
