"""What customers are worth: discounts, draws, and forecasts held against what came."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.loyalty import (
    customer_value,
    holdout_comparison,
    purchase_forecast,
    purchase_model,
    spend_model,
)
from custlib.loyalty.value import draws, forecasts
from custlib.loyalty.value import worth as worth_module
from custlib.loyalty.value.purchases import PROCESSES

ROLES = {"frequency": "x", "recency": "t_x", "age": "T"}
PEOPLE = pd.DataFrame(
    {
        "x": [0, 0, 0, 0, 0, 1, 1, 2, 3, 9] * 20,
        "t_x": [0, 0, 0, 0, 0, 5, 12, 20, 6, 36] * 20,
        "T": [40] * 200,
        "z": np.tile([20.0, 35.0, 28.0, 60.0, 24.0, 33.0, 90.0, 12.0], 25),
        "later": [0, 0, 0, 0, 1, 0, 0, 0, 0, 3] * 20,
    }
)


@pytest.fixture(scope="module")
def buying():
    return purchase_model(PEOPLE, **ROLES, time_unit="week")


@pytest.fixture(scope="module")
def spending():
    return spend_model(PEOPLE, frequency="x", spend="z")


def surely(model):
    """The model as if its parameters were known."""
    size = len(model.top.theta)
    return replace(model, top=replace(model.top, hessian=-1e12 * np.eye(size)))


def worth(buying, spending, **options):
    usual = {"horizon": 30, "annual_discount": 0.1, "n_draws": 100, "seed": 1}
    return customer_value(PEOPLE, purchases=buying, spending=spending, **usual | options)


def test_without_a_discount_it_is_purchases_times_spending(buying, spending):
    found = worth(buying, spending, annual_discount=0)
    orders = buying.predict(PEOPLE, horizon=30)["purchases_expected"]
    mean = spending.predict(PEOPLE)["spend_expected"]
    np.testing.assert_allclose(found.cases["value_expected"], orders * mean)
    row = found.estimates.iloc[0]
    assert row["estimate"] == pytest.approx((orders * mean).sum())
    assert row["horizon"] == 30
    assert list(found.estimates) == [
        *("measure", "estimate", "std_error", "ci_low", "ci_high", "conf_level"),
        *("horizon", "n", "method", "note"),
    ]
    assert "time in weeks" in row["note"]
    assert list(found.cases)[: PEOPLE.shape[1]] == list(PEOPLE)
    assert found.cases.index.equals(PEOPLE.index)


def test_a_discount_lowers_the_value_within_its_bounds(buying, spending):
    values = [
        worth(buying, spending, annual_discount=d).cases["value_expected"] for d in (0, 0.1, 1)
    ]
    for d, value in zip((0.1, 1), values[1:], strict=True):
        assert (value < values[0]).all()
        # All of it at once at the end would be worth this much.
        assert (value > values[0] * (1 + d) ** (-30 * 7 / 365.25)).all()


def test_the_discounted_value_is_the_sum_over_short_spans(buying, spending):
    edges = np.linspace(0, 30, 151)
    orders = [0.0] + [
        buying.predict(PEOPLE.tail(1), horizon=edge)["purchases_expected"].iloc[0]
        for edge in edges[1:]
    ]
    middle = (edges[1:] + edges[:-1]) / 2
    discounted = np.diff(orders) @ (1 + 0.5) ** (-middle * 7 / 365.25)
    mean = spending.predict(PEOPLE.tail(1))["spend_expected"].iloc[0]
    found = worth(buying, spending, annual_discount=0.5).cases["value_expected"].iloc[-1]
    assert found == pytest.approx(discounted * mean, rel=1e-5)


@pytest.mark.parametrize("model", ["bg_nbd", "mbg_nbd", "pareto_nbd"])
@pytest.mark.parametrize("discount", [0.0, 0.9])
def test_drawn_values_have_the_expected_mean(spending, model, discount):
    # Few large amounts decide a mean of draws where the tail is heavy; here it is not.
    light = surely(replace(spending, top=replace(spending.top, theta=np.log([6.0, 8.0, 30.0]))))
    process = PROCESSES[model]
    theta = np.log([0.9, 9.0, 0.9, 12.0 if model == "pareto_nbd" else 2.5])
    fitted = purchase_model(PEOPLE, **ROLES, time_unit="week")
    top = replace(fitted.top, theta=theta, names=process.names)
    buying = surely(replace(fitted, process=process, top=top))
    options = {"annual_discount": discount, "n_draws": 600, "conf_level": 0.5}
    row = worth(buying, light, **options).estimates.iloc[0]
    middle = (row["ci_low"] + row["ci_high"]) / 2
    assert middle == pytest.approx(row["estimate"], abs=0.16 * row["std_error"])
    # The middle half of a nearly normal sum.
    assert row["ci_high"] - row["ci_low"] == pytest.approx(1.349 * row["std_error"], rel=0.15)


def test_unsure_parameters_widen_the_interval(buying, spending):
    errors = [
        worth(*models, n_draws=600).estimates["std_error"].iloc[0]
        for models in ((surely(buying), surely(spending)), (buying, spending))
    ]
    assert errors[1] > 1.05 * errors[0]


def test_a_missing_population_mean_leaves_the_sum_open_and_says_so(buying, spending):
    heavy = replace(spending, top=replace(spending.top, theta=np.log([2.0, 0.8, 10.0])))
    found = worth(buying, heavy)
    nobody = PEOPLE["x"] == 0
    assert found.cases["value_expected"].isna().equals(nobody)
    row = found.estimates.iloc[0]
    assert np.isnan(row["estimate"])
    assert "100 customers have no mean" in row["note"]
    assert row["ci_low"] > 0


@pytest.mark.parametrize("discount", [-0.1, 1.5, 10, np.nan])
def test_a_discount_outside_0_to_1_is_refused(buying, spending, discount):
    with pytest.raises(ParameterError, match="annual_discount") as told:
        worth(buying, spending, annual_discount=discount)
    assert "annual_discount=0.10" in str(told.value)


@pytest.mark.parametrize("options", [{"horizon": -1}, {"n_draws": 5}, {"conf_level": 80}])
def test_wrong_arguments_are_refused(buying, spending, options):
    with pytest.raises(ParameterError):
        worth(buying, spending, **options)


def test_columns_that_exist_are_not_written_over(buying, spending):
    taken = PEOPLE.assign(value_low=0)
    with pytest.raises(DataError, match="value_low"):
        customer_value(
            taken, purchases=buying, spending=spending, horizon=1, annual_discount=0, seed=1
        )


def test_blocks_of_customers_change_nothing_but_the_draws(buying, spending, monkeypatch):
    whole = worth(surely(buying), surely(spending), n_draws=400)
    for module in (draws, forecasts, worth_module):
        monkeypatch.setattr(module, "BLOCK", 30)
    parts = worth(surely(buying), surely(spending), n_draws=400)
    same = ["value_expected"]
    pd.testing.assert_frame_equal(whole.cases[same], parts.cases[same])
    one, two = whole.estimates.iloc[0], parts.estimates.iloc[0]
    assert two["std_error"] == pytest.approx(one["std_error"], rel=0.15)
    assert two["ci_low"] == pytest.approx(one["ci_low"], abs=0.3 * one["std_error"])
    assert parts.cases["value_high"].mean() == pytest.approx(
        whole.cases["value_high"].mean(), rel=0.05
    )


# --- held out ---


def held(buying, **options):
    usual = {"actual": "later", "horizon": 30, "n_draws": 100, "seed": 1}
    return holdout_comparison(PEOPLE, model=buying, **usual | options)


def test_the_forecast_of_the_comparison_is_the_forecast(buying):
    found = held(buying)
    ahead = purchase_forecast(PEOPLE, model=buying, horizon=30, n_draws=100, seed=1)
    columns = ["estimate", "ci_low", "ci_high"]
    assert found.estimates[columns].iloc[0].tolist() == ahead.estimates[columns].iloc[0].tolist()
    pd.testing.assert_frame_equal(found.cases.drop(columns="purchases_inside"), ahead.cases)


@pytest.mark.parametrize("factor, verdict", [(0, "below"), (1, "inside"), (100, "above")])
def test_the_verdict_is_where_what_came_lies(buying, factor, verdict):
    ahead = purchase_forecast(PEOPLE, model=buying, horizon=30, n_draws=100, seed=1)
    later = np.zeros(len(PEOPLE), int)
    later[0] = round(ahead.estimates["estimate"].iloc[0] * factor)
    found = holdout_comparison(
        PEOPLE.assign(later=later), model=buying, actual="later", horizon=30, n_draws=100, seed=1
    )
    assert found.estimates["verdict"].iloc[0] == verdict


def test_intervals_that_miss_most_customers_are_too_narrow(buying):
    found = holdout_comparison(
        PEOPLE.assign(later=50), model=buying, actual="later", horizon=30, n_draws=100, seed=1
    )
    row = found.estimates.set_index("measure").loc["coverage"]
    assert row["verdict"] == "too narrow"
    assert row["numerator"] == 0
    assert row["limit"] == 0.8
    assert held(buying).estimates["verdict"].iloc[-1] == "wide enough"


def test_nothing_bought_later_has_no_share_of_error(buying):
    found = holdout_comparison(
        PEOPLE.assign(later=0), model=buying, actual="later", horizon=30, n_draws=100, seed=1
    )
    row = found.estimates.set_index("measure").loc["error_share"]
    assert np.isnan(row["estimate"])
    assert row["note"] == "nothing came, of which it could be a share"
    assert held(buying).estimates.set_index("measure").loc["error_share", "note"] == ""


def test_revenue_is_compared_where_it_is_modelled(buying, spending):
    paid = PEOPLE.assign(paid=PEOPLE["later"] * 30.0)
    found = holdout_comparison(
        paid,
        model=buying,
        actual="later",
        spending=spending,
        actual_value="paid",
        horizon=30,
        n_draws=100,
        seed=1,
    )
    rows = found.estimates.set_index("measure")
    value = worth(buying, spending, annual_discount=0).estimates.iloc[0]
    assert rows.loc["value", "estimate"] == pytest.approx(value["estimate"])
    assert rows.loc["value", "ci_low"] == pytest.approx(value["ci_low"])
    assert rows.loc["value", "observed"] == paid["paid"].sum()
    assert found.estimates["measure"].tolist()[:2] == ["purchases", "value"]
    with pytest.raises(ParameterError, match="Expected both, or neither"):
        held(buying, spending=spending)
    with pytest.raises(ParameterError, match="Expected both, or neither"):
        held(buying, actual_value="later")


@pytest.mark.parametrize("value", [-1, 0.5, np.nan])
def test_purchases_that_are_none_are_refused(buying, value):
    wrong = PEOPLE.astype({"later": float})
    wrong.loc[4, "later"] = value
    with pytest.raises(DataError, match="first rows: \\[4\\]"):
        holdout_comparison(wrong, model=buying, actual="later", horizon=30, seed=1)
