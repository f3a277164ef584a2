"""Audit of variables: shared variation, agreement and verdicts by hand."""

import pandas as pd
import pytest
from table import table

from custlib.segmentation.agreement import kappa_agreement
from custlib.segmentation.variables import AuditLimits, audit_variables

# Ten firms written twice are twenty; the counts below are of twenty.
firms = pd.concat(
    [
        table(
            """
    use   | use_again | plant | years | orders | calls
    ------+-----------+-------+-------+--------+------
    pipe  | pipe      | p     |     1 |      2 |     1
    pipe  | pipe      | p     |     2 |      2 |     2
    pipe  | pipe      | p     |     3 |      4 |     3
    pipe  | pipe      | p     |     4 |      4 |     4
    pipe  | sheet     | p     |     5 |      3 |     5
    sheet | sheet     | s     |     1 |      8 |     5
    sheet | sheet     | s     |     2 |      8 |     4
    sheet | sheet     | s     |     3 |     10 |     3
    sheet | sheet     | s     |     4 |     10 |     2
    sheet | sheet     | s     |     5 |      9 |     1
    """
        )
    ]
    * 2,
    ignore_index=True,
)
ROLES = {"relationship": ["years"], "behaviour": ["orders", "calls"]}


def audit(customers=firms, **options):
    return audit_variables(
        customers,
        **({"variables": ["use", "plant"]} | ROLES | {"seed": 1, "n_boot": 200} | options),
    )


def row(found, item, measure, term=""):
    keyed = found.estimates.set_index(["item", "measure", "term"])
    return keyed.loc[item, measure, term]


def test_omega_squared_of_orders_by_use():
    # Means 3 and 9 about 6: between 20 × 3² = 180. Within a use 1+1+1+1+0 = 4, of four such 16.
    within = 16 / (20 - 2)
    omega = (180 - within) / (180 + 16 + within)
    explained = row(audit(), "use", "omega_squared", "orders")
    assert explained["estimate"] == pytest.approx(omega)
    assert explained["verdict"] == "passes"


def test_groups_alike_in_one_behaviour_are_enough():
    # Calls have the mean 3 in both uses.
    found = audit()
    assert row(found, "use", "omega_squared", "calls")["estimate"] == 0
    settled = found.verdicts.query("item == 'use' and criterion == 'similar_buying'").iloc[0]
    assert (settled["term"], settled["verdict"]) == ("orders", "passes")


def test_years_are_the_same_in_both_uses():
    assert row(audit(), "use", "omega_squared", "years")["estimate"] == 0


def test_two_names_of_one_thing_share_all_and_the_later_one_goes():
    found = audit()
    # φ² = 1 less 1/19; both corrected numbers of classes are 2 − 1/19.
    pair = row(found, "use", "cramers_v_squared", "plant")
    assert pair["estimate"] == pytest.approx((1 - 1 / 19) / (2 - 1 / 19 - 1))
    assert pair["verdict"] == "passes"
    assert pair["note"] == "alike, but plant is the one to drop"
    assert row(found, "plant", "cramers_v_squared", "use")["verdict"] == "fails"


def test_of_two_alike_the_one_that_explains_more_stays():
    # One firm in the wrong plant: plant explains less than use, whatever the order of naming.
    moved = firms.assign(plant=["s", *firms["plant"][1:]])
    limits = AuditLimits(redundancy=0.3)
    found = audit(moved, variables=["plant", "use"], limits=limits).verdicts
    verdicts = found[found["criterion"] == "independent_of_others"].set_index("item")["verdict"]
    assert verdicts.to_dict() == {"plant": "fails", "use": "passes"}


def test_kappa_of_two_readings():
    # 18 of 20 agree. First reading 10 pipe, second 8 pipe: chance (10×8 + 10×12)/400 = 0.5.
    kappa = kappa_agreement(firms, first="use", second="use_again").set_index("measure")["estimate"]
    assert kappa["observed_agreement"] == pytest.approx(0.9)
    assert kappa["chance_agreement"] == pytest.approx(0.5)
    assert kappa["kappa"] == pytest.approx((0.9 - 0.5) / (1 - 0.5))
    again = row(audit(repeated={"use": "use_again"}), "use", "kappa", "use_again")
    assert again["estimate"] == pytest.approx(0.8)


def test_a_miss_by_one_class_counts_a_quarter_of_a_miss_by_two():
    # Credits 1 on the diagonal and 3/4 beside it: observed (6 + 2 × 0.75)/8 = 0.9375. Shares by
    # row 2/8, 4/8, 2/8, by column 2/8, 4/8, 2/8: expected disagreement is twice the variance 0.5
    # over 2² = 4, so chance is 0.75.
    marks = pd.DataFrame({"old": [1, 1, 2, 2, 2, 2, 3, 3], "new": [1, 2, 2, 2, 2, 1, 3, 3]})
    found = kappa_agreement(marks, first="old", second="new", order=[1, 2, 3])
    weighted = found.set_index("measure").loc["weighted_kappa", "estimate"]
    assert weighted == pytest.approx((0.9375 - 0.75) / (1 - 0.75))


def test_two_readings_in_numbers_pay_for_a_constant_shift():
    # Values 1…5 four times, variance 40/19; the second reads 1 more: 2s²/(2s² + 1), where the
    # error mean square is 0.
    found = audit(
        firms.assign(years_again=firms["years"] + 1),
        variables=["years"],
        relationship=["calls"],
        behaviour=["orders"],
        repeated={"years": "years_again"},
    )
    variance = 40 / 19
    expected = 2 * variance / (2 * variance + 1)
    assert row(found, "years", "icc", "years_again")["estimate"] == pytest.approx(expected)


def test_missing_values_and_the_smallest_group_are_counted():
    holes = firms.assign(use=firms["use"].where(firms.index > 2))
    found = audit(holes, limits=AuditLimits(missing=0.1, group=0.5))
    missing = row(found, "use", "missing_share")
    assert (missing["numerator"], missing["denominator"]) == (3, 20)
    assert missing["verdict"] == "not certain"  # Wilson: 0.052 to 0.360
    smallest = row(found, "use", "smallest_group_share")
    assert (smallest["numerator"], smallest["n"], smallest["n_missing"]) == (7, 17, 3)


def test_numbers_with_few_values_keep_them_as_groups():
    # Orders by the five values of years: means 5, 5, 7, 7, 6, each of four, about 6.
    found = audit(variables=["years"], relationship=["calls"], behaviour=["orders"], n_groups=5)
    between, whole = 4 * (1 + 1 + 1 + 1 + 0), 180 + 16
    error = (whole - between) / (20 - 5)
    expected = (between - 4 * error) / (whole + error)
    assert expected < 0
    assert row(found, "years", "omega_squared", "orders")["estimate"] == 0
