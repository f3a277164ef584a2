"""What a study may forecast: models where the customers allow them, gaps where they do not."""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.loyalty import forecast_plan, holdout_comparison, purchase_model
from custlib.segmentation import customer_periods, customer_table, order_book

CHANCE = {"n_draws": 60, "seed": 1}


@pytest.fixture(scope="module")
def book():
    """Orders of 300 customers over 20 months, several lines a day."""
    random = np.random.default_rng(1)
    start, rows = pd.Timestamp("2023-01-01"), []
    for customer in range(300):
        day, rate = random.integers(0, 200), random.gamma(0.9, 1 / 40)
        size = random.gamma(3, 10)
        chance = random.beta(0.8, 2.5)
        while day < 600:
            rows += [(customer, start + pd.Timedelta(days=int(day)), random.gamma(3, size / 3))] * 2
            if random.random() < chance and len(rows):
                break
            day += 1 + random.exponential(1 / rate)
    orders = pd.DataFrame(rows, columns=["customer", "date", "amount"])
    names = {"customer": "customer", "date": "date", "amount": "amount"}
    return order_book(orders, **names, merge_days=True, as_of="2024-08-22")


@pytest.fixture(scope="module")
def seen(book):
    return customer_table(book, until="2023-12-31", as_of="2023-12-31")


@pytest.fixture(scope="module")
def plan(seen):
    return forecast_plan(seen, time_unit="week")


@pytest.fixture(scope="module")
def dates(book):
    return {"since": book.first_date, "start": "2023-12-31", "end": "2024-08-22"}


@pytest.fixture(scope="module")
def held(book, plan, dates):
    return plan.held_against(customer_table(book), customer_periods(book), **dates, **CHANCE)


def test_both_models_are_fitted_on_days_with_an_order(plan, seen):
    assert plan.gaps == []
    assert plan.customers["frequency"].tolist() == (seen["n_orders"] - 1).tolist()
    roles = {name: name for name in ("frequency", "recency", "age")}
    alone = purchase_model(plan.customers, **roles, time_unit="week")
    assert plan.buying.top.parameters == pytest.approx(alone.top.parameters)
    assert plan.estimates["term"].tolist() == [
        *("r", "alpha", "a", "b", "buying_rate", "leaving_chance"),
        *("p", "q", "v", "population_mean"),
    ]
    words = plan.overview["measure"].tolist()
    assert words[:3] == [
        "Orders a week while a customer",
        "Chance to leave after an order",
        "Mean amount of an order",
    ]
    assert len(set(words)) == 10
    np.testing.assert_allclose(plan.customers["spend"], seen["amount"] / seen["n_orders"])


def test_what_came_is_what_the_later_table_has_more(book, plan, held, dates):
    later = customer_table(book).set_index("customer").loc[plan.customers["customer"]]
    came = later["n_orders"].to_numpy() - plan.customers["n_orders"].to_numpy()
    sums = held.sums.set_index("measure")
    assert sums.index.tolist() == ["purchases", "value"]
    assert sums.loc["purchases", "observed"] == came.sum()
    paid = later["amount"].sum() - plan.customers["amount"].sum()
    assert sums.loc["value", "observed"] == pytest.approx(paid)
    assert sums.loc["purchases", "horizon"] == pytest.approx(235 / 7)
    alone = holdout_comparison(
        plan.customers.assign(later=came),
        model=plan.buying,
        actual="later",
        horizon=235 / 7,
        **CHANCE,
    )
    assert held.comparison.bins.equals(alone.bins)


def test_the_way_runs_through_every_month_to_the_last_day(plan, held):
    path = held.tracking
    assert path["period"].tolist() == [
        str(month) for month in pd.period_range("2023-01", "2024-08", freq="M")
    ]
    assert path["horizon"].iloc[11] == 0
    assert path["horizon"].iloc[-1] == pytest.approx(235 / 7)
    assert path["measure"].tolist() == ["fitted"] * 12 + ["forecast"] * 8
    assert path["observed"].iloc[11] == plan.customers["frequency"].sum()
    came = held.sums.set_index("measure").loc["purchases", "observed"]
    assert path["observed"].iloc[-1] - path["observed"].iloc[11] == came


def test_customers_won_later_are_nobody_s_forecast(book, plan, dates):
    months = customer_periods(book)
    stranger = pd.DataFrame({"customer": ["new"], "period": [19], "n_orders": [9]})
    with_him = pd.concat([months.astype({"customer": object}), stranger])
    one, two = (
        plan.held_against(customer_table(book), table, **dates, **CHANCE).tracking
        for table in (months, with_him)
    )
    pd.testing.assert_frame_equal(one, two)


def test_without_a_model_there_is_a_gap_a_noted_row_and_no_forecast(book, dates):
    once = pd.DataFrame(
        {
            "customer": range(40),
            "n_orders": 1,
            "amount": np.linspace(5, 80, 40),
            "recency_days": range(40),
            "age_days": range(40),
        }
    )
    plan = forecast_plan(once, time_unit="month")
    assert plan.buying is None
    assert plan.gaps[0].startswith("no forecast: All 40 customers have 0")
    assert (
        plan.held_against(customer_table(book), customer_periods(book), **dates, **CHANCE) is None
    )
    poor = forecast_plan(once.assign(amount=-1.0), time_unit="month")
    assert len(poor.gaps) == 2
    assert poor.overview["measure"].tolist() == ["No model of buying", "No model of spending"]
    assert "nobody bought again" in poor.overview["note"][0]
    assert poor.overview["estimate"].isna().all()


def test_without_a_model_of_spending_orders_are_forecast_alone(book, seen, dates):
    plan = forecast_plan(seen.assign(amount=-1.0), time_unit="week")
    assert plan.overview["measure"].tolist()[2] == "No model of spending"
    assert plan.gaps == ["no model of spending: 0 customers have orders with a mean above 0"]
    found = plan.held_against(customer_table(book), customer_periods(book), **dates, **CHANCE)
    assert found.sums["measure"].tolist() == ["purchases"]


def test_without_time_after_the_fit_there_is_no_forecast(book, plan, dates):
    same = dates | {"end": dates["start"]}
    assert plan.held_against(customer_table(book), customer_periods(book), **same, **CHANCE) is None


def test_customers_with_returns_only_are_left_out(seen):
    nobody = seen.iloc[[0]].assign(customer=-1, n_orders=0, recency_days=np.nan, age_days=np.nan)
    plan = forecast_plan(pd.concat([seen, nobody]), time_unit="week")
    assert len(plan.customers) == len(seen)


@pytest.mark.parametrize("dtype", ["str", "category", object])
def test_numbers_held_as_something_else_are_numbers(book, seen, plan, held, dates, dtype):
    columns = ["n_orders", "amount"]
    retyped = seen.assign(**{name: seen[name].astype(dtype) for name in columns})
    later = customer_table(book)
    later = later.assign(**{name: later[name].astype(dtype) for name in columns})
    found = forecast_plan(retyped, time_unit="week")
    pd.testing.assert_frame_equal(found.estimates, plan.estimates)
    came = found.held_against(later, customer_periods(book), **dates, **CHANCE)
    pd.testing.assert_frame_equal(came.sums, held.sums)


def test_a_later_table_that_lacks_a_customer_is_refused(book, plan, dates):
    less = customer_table(book).iloc[5:]
    with pytest.raises(DataError, match="5 customers are not in the later table"):
        plan.held_against(less, customer_periods(book), **dates, **CHANCE)


def test_wrong_arguments_are_refused(seen):
    with pytest.raises(ParameterError, match="model"):
        forecast_plan(seen, time_unit="week", model="nbd")
    with pytest.raises(DataError, match="n_orders"):
        forecast_plan(seen.drop(columns="n_orders"), time_unit="week")
