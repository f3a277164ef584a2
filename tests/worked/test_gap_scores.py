"""Gaps of service: means of paired differences."""

import math

import pytest
from table import table

from custlib.design import SurveyDesign
from custlib.survey import SERVICE_GAPS, gap_scores

firms = table(
    """
    firm | owner | expected | management_view | standard | delivered | promised | perceived
    -----+-------+----------+-----------------+----------+-----------+----------+----------
    a    | x     |        6 |               5 |        5 |         4 |        5 |         4
    b    | x     |        7 |               6 |        5 |         5 |        6 |         4
    c    | y     |        5 |               5 |        4 |         4 |        4 |         4
    d    | y     |        6 |               6 |        6 |           |        5 |         3
    """
)


def test_each_gap_is_what_should_be_less_what_is():
    found = gap_scores(firms).set_index("dimension")["estimate"]
    assert found["knowledge"] == (1 + 1 + 0 + 0) / 4
    assert found["standards"] == (0 + 1 + 1 + 0) / 4
    assert found["delivery"] == pytest.approx((1 + 0 + 0) / 3)
    assert found["communication"] == pytest.approx((1 + 1 + 0) / 3)
    assert found["service"] == (2 + 3 + 1 + 3) / 4
    assert list(SERVICE_GAPS) == found.index.tolist()


def test_the_pairs_give_the_standard_error_and_the_test():
    differences = [2, 3, 1, 3]
    mean = sum(differences) / 4
    error = math.sqrt(sum((value - mean) ** 2 for value in differences) / 3 / 4)
    row = gap_scores(firms).set_index("dimension").loc["service"]
    assert row["std_error"] == pytest.approx(error)
    assert row["statistic"] == pytest.approx(mean / error)
    assert row["df"] == 3
    assert row["ci_low"] == pytest.approx(mean - 3.182446 * error)  # t quantile at 3 df


def test_a_pair_with_one_measure_is_missing():
    row = gap_scores(firms).set_index("dimension").loc["delivery"]
    assert row[["n", "n_missing"]].tolist() == [3, 1]


def test_firms_of_one_owner_are_a_cluster():
    row = gap_scores(
        firms, gaps={"service": ("expected", "perceived")}, design=SurveyDesign(cluster="owner")
    ).loc[0]
    owners = [(2 + 3 - 2 * 9 / 4) / 4, (1 + 3 - 2 * 9 / 4) / 4]
    assert row["std_error"] == pytest.approx(math.sqrt(2 * sum(value**2 for value in owners)))
    assert row["df"] == 1


def test_along_the_chain_gaps_add_up():
    chain = ["expected", "management_view", "standard", "delivered", "perceived"]
    links = {chain[at]: (chain[at], chain[at + 1]) for at in range(4)}
    complete = firms.dropna()
    total = gap_scores(complete, gaps={"service": ("expected", "perceived")})["estimate"][0]
    assert gap_scores(complete, gaps=links)["estimate"].sum() == pytest.approx(total)
