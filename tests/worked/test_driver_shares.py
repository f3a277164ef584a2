"""Driver shares: R² taken apart by hand, for two drivers, three, and drivers that repeat others."""

from itertools import permutations
from math import prod, sqrt

import pytest
from table import table

from custlib.design import SurveyDesign
from custlib.survey.drivers import driver_shares

METHODS = ["lmg", "relative_weights", "first", "last"]

crossed = table(
    """
    overall | price | speed
    --------+-------+------
          1 |     1 |     1
          3 |     1 |     2
          2 |     2 |     1
          5 |     2 |     2
    """
)
answers = table(
    """
    overall | price | speed | staff | weight
    --------+-------+-------+-------+-------
          2 |     1 |     2 |     3 |      1
          3 |     2 |     1 |     1 |      2
          3 |     3 |     3 |     2 |      1
          5 |     4 |     5 |     2 |      3
          4 |     5 |     3 |     4 |      1
          1 |     2 |     2 |     1 |      2
    """
)


def found(responses, drivers, method="lmg", **options):
    return driver_shares(responses, outcome="overall", drivers=drivers, method=method, **options)


def by_item(result, measure="contribution"):
    rows = result.estimates[result.estimates["measure"] == measure]
    return dict(zip(rows["item"], rows["estimate"], strict=True))


def r(one, other, responses=answers):
    """Correlation of two items, from deviations."""
    pairs = list(zip(responses[one], responses[other], strict=True))
    x = [a - sum(a for a, _ in pairs) / len(pairs) for a, _ in pairs]
    y = [b - sum(b for _, b in pairs) / len(pairs) for _, b in pairs]
    products = sum(a * b for a, b in zip(x, y, strict=True))
    return products / sqrt(sum(a * a for a in x) * sum(b * b for b in y))


def determinant(items, responses=answers):
    """Determinant of the correlations of some items: the sum over all permutations."""
    total = 0.0
    for order in permutations(range(len(items))):
        swaps = sum(a > b for at, a in enumerate(order) for b in order[at:])
        cells = (r(items[i], items[j], responses) for i, j in enumerate(order))
        total += (-1) ** swaps * prod(cells)
    return total


def r_squared(drivers, responses=answers):
    """R² of the drivers as one less a ratio of determinants."""
    drivers = list(drivers)
    return 1 - determinant([*drivers, "overall"], responses) / determinant(drivers, responses)


@pytest.mark.parametrize("method", METHODS)
def test_uncorrelated_drivers_bring_their_squared_correlations_by_every_method(method):
    # overall less its mean 11/4 has squares summing to 35/4; price ±1/2 and speed ±1/2 to 1.
    price = ((-1 - 3 + 2 + 5) / 2) ** 2 / (35 / 4)
    speed = ((-1 + 3 - 2 + 5) / 2) ** 2 / (35 / 4)
    result = found(crossed, ["price", "speed"], method)
    assert by_item(result) == pytest.approx({"price": price, "speed": speed})
    assert by_item(result, "share") == pytest.approx({"price": 9 / 34, "speed": 25 / 34})
    assert by_item(result, "rank") == {"price": 2, "speed": 1}
    assert by_item(result, "variance_inflation") == pytest.approx({"price": 1, "speed": 1})


def test_the_fit_of_uncorrelated_drivers():
    fit = found(crossed, ["price", "speed"]).fit.set_index("measure")
    assert fit["estimate"].to_dict() == pytest.approx(
        {
            "r_squared": 34 / 35,
            "adjusted_r_squared": 1 - 1 / 35 * (4 - 1) / (4 - 2 - 1),
            "condition_number": 1,
            "drivers": 2,
        }
    )
    assert fit["n"].tolist() == [4] * 4


def test_of_two_correlated_drivers_each_gets_the_mean_of_its_gains():
    price, speed, between = r("price", "overall"), r("speed", "overall"), r("price", "speed")
    both = (price**2 + speed**2 - 2 * price * speed * between) / (1 - between**2)
    result = found(answers, ["price", "speed"])
    lmg = {
        "price": (price**2 + both - speed**2) / 2,
        "speed": (speed**2 + both - price**2) / 2,
    }
    assert by_item(result) == pytest.approx(lmg)
    assert by_item(result, "correlation") == pytest.approx({"price": price, "speed": speed})
    last = by_item(found(answers, ["price", "speed"], "last"))
    assert last == pytest.approx({"price": both - speed**2, "speed": both - price**2})
    inflation = 1 / (1 - between**2)
    assert by_item(result, "variance_inflation")["price"] == pytest.approx(inflation)
    condition = result.fit.set_index("measure")["estimate"]["condition_number"]
    assert condition == pytest.approx(sqrt((1 + between) / (1 - between)))


def test_relative_weights_of_two_drivers_from_the_square_root_of_their_correlations():
    # The root of [[1, c], [c, 1]] is [[a, b], [b, a]] with a, b = (√(1 + c) ± √(1 − c)) / 2.
    between = r("price", "speed")
    a = (sqrt(1 + between) + sqrt(1 - between)) / 2
    b = (sqrt(1 + between) - sqrt(1 - between)) / 2
    price, speed = r("price", "overall"), r("speed", "overall")
    one, other = (
        (a * price - b * speed) / (a * a - b * b),
        (a * speed - b * price) / (a * a - b * b),
    )
    expected = {
        "price": a**2 * one**2 + b**2 * other**2,
        "speed": b**2 * one**2 + a**2 * other**2,
    }
    weights = by_item(found(answers, ["price", "speed"], "relative_weights"))
    assert weights == pytest.approx(expected)


def test_three_drivers_over_their_six_orders():
    items = ["price", "speed", "staff"]
    gains = dict.fromkeys(items, 0.0)
    for order in permutations(items):
        for place, item in enumerate(order):
            before = r_squared(order[:place]) if place else 0.0
            gains[item] += (r_squared(order[: place + 1]) - before) / 6
    assert by_item(found(answers, items)) == pytest.approx(gains)


def test_twins_share_alike_and_add_nothing_when_last():
    twins = crossed.assign(twin=10 - 3 * crossed["price"])
    items = ["price", "twin", "speed"]
    with_more = twins.loc[twins.index.repeat(2)]  # five rows at least for three drivers
    half = {"price": 9 / 70, "twin": 9 / 70, "speed": 25 / 35}
    for method in ("lmg", "relative_weights"):
        result = found(with_more, items, method)
        assert by_item(result) == pytest.approx(half)
        assert by_item(result, "rank") == {"price": 2.5, "twin": 2.5, "speed": 1}
    last = by_item(found(with_more, items, "last"))
    assert last == pytest.approx({"price": 0, "twin": 0, "speed": 25 / 35})


def test_a_driver_made_up_of_two_others_is_averaged_over_the_orders_too():
    # After any two of the three, the third adds nothing.
    summed = answers.assign(total=answers["price"] + answers["speed"])
    whole = r_squared(["price", "speed"])
    items = ["price", "speed", "total"]
    alone = {item: r(item, "overall", summed) ** 2 for item in items}
    lmg = {
        item: alone[item] / 3 + sum(whole - alone[other] for other in items if other != item) / 6
        for item in items
    }
    result = found(summed, items)
    assert by_item(result) == pytest.approx(lmg)
    rows = result.estimates[result.estimates["measure"] == "contribution"]
    assert rows["note"].tolist() == ["other drivers make it up"] * 3
    fit = result.fit.set_index("measure")["estimate"]
    assert fit["r_squared"] == pytest.approx(whole)
    # Two directions only: the third driver costs no degree of freedom.
    assert fit["adjusted_r_squared"] == pytest.approx(1 - (1 - whole) * 5 / 3)
    assert fit["condition_number"] == float("inf")


@pytest.mark.parametrize("method", METHODS)
def test_a_respondent_of_weight_two_counts_as_two(method):
    repeated = answers.loc[answers.index.repeat(answers["weight"])]
    items = ["price", "speed", "staff"]
    weighted = found(answers, items, method, design=SurveyDesign(weight="weight"))
    assert by_item(weighted) == pytest.approx(by_item(found(repeated, items, method)))


def test_rows_with_a_gap_are_left_out_and_counted():
    gap = answers.assign(price=answers["price"].mask(answers.index == 2))
    result = found(gap, ["price", "speed"])
    assert by_item(result) == pytest.approx(by_item(found(answers.drop(2), ["price", "speed"])))
    assert result.estimates["n"].tolist() == [5] * 10
    assert result.fit["n_missing"].tolist() == [1] * 4


def test_pairwise_correlations_use_everyone_who_answered_both_and_say_so():
    gap = answers.assign(price=answers["price"].mask(answers.index == 2))
    result = found(gap, ["price", "speed"], missing="pairwise")
    price = r("price", "overall", answers.drop(2))
    speed, between = r("speed", "overall"), r("price", "speed", answers.drop(2))
    both = (price**2 + speed**2 - 2 * price * speed * between) / (1 - between**2)
    assert by_item(result)["price"] == pytest.approx((price**2 + both - speed**2) / 2)
    rows = result.estimates.set_index(["measure", "item"])
    assert rows.loc["contribution", "n"].to_dict() == {"price": 5, "speed": 6}
    assert rows.loc["contribution", "n_missing"].to_dict() == {"price": 1, "speed": 0}
    assert result.fit["note"][0] == "pairwise: correlations rest on 5 to 6 respondents"


def test_without_any_r_squared_there_is_nothing_to_share():
    flat = crossed.assign(overall=[1, 2, 2, 1])
    result = found(flat, ["price", "speed"])
    assert by_item(result) == pytest.approx({"price": 0, "speed": 0})
    shares = result.estimates.query("measure == 'share'")
    assert shares["estimate"].isna().all()
    assert shares["note"].tolist() == ["R² is 0: nothing to share"] * 2
