"""The audit of variables: roles, kinds of columns, thin and odd data, verdicts by rule."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.segmentation.agreement import kappa_agreement
from custlib.segmentation.variables import CRITERIA, AuditLimits, audit_variables
from custlib.segmentation.variables.limits import at_least, at_most
from custlib.segmentation.variables.readings import cut_in_groups, read_variable


@pytest.fixture
def firms():
    random = np.random.default_rng(11)
    use = random.integers(3, size=90)
    size = 10 * use + random.normal(0, 4, 90)
    return pd.DataFrame(
        {
            "use": np.array(["car", "pipe", "tool"])[use],
            "size": size,
            "size_again": size + random.normal(0, 1, 90),
            "code": use,
            "years": random.normal(8, 2, 90),
            "orders": 5 * use + random.normal(0, 3, 90),
        }
    )


def audit(customers, **options):
    asked = {
        "variables": ["use", "size"],
        "relationship": ["years"],
        "behaviour": ["orders"],
        "n_boot": 60,
        "seed": 1,
    }
    return audit_variables(customers, **(asked | options))


def verdict(found, item, criterion):
    return found.verdicts.set_index(["item", "criterion"]).loc[(item, criterion)]


@pytest.mark.parametrize(
    "options, error, told",
    [
        ({"variables": []}, ParameterError, "There are 0 items"),
        ({"variables": ["use", "use"]}, ParameterError, "more than once: use"),
        ({"relationship": ["use"]}, ParameterError, "In more than one role: use"),
        ({"behaviour": ["years"]}, ParameterError, "In more than one role: years"),
        ({"repeated": {"size": "orders"}}, ParameterError, "In more than one role: orders"),
        ({"repeated": {"code": "size_again"}}, ParameterError, "no candidates: code"),
        ({"behaviour": ["joy"]}, DataError, "not in the table: joy"),
        ({"nominal": ["joy"]}, DataError, "not in the table: joy"),
        ({"seed": None}, ParameterError, "seed is absent"),
        ({"n_groups": 1}, ParameterError, "n_groups is 1"),
        ({"n_boot": 1}, ParameterError, "n_boot is 1"),
        ({"n_boot": 60.5}, ParameterError, "n_boot is 60.5"),
        ({"repeated": "size"}, ParameterError, "repeated is 'size'"),
        ({"behaviour": "orders"}, ParameterError, "behaviour is the text 'orders'"),
        ({"conf_level": 95}, ParameterError, "conf_level is 95"),
    ],
)
def test_wrong_arguments_are_refused(firms, options, error, told):
    with pytest.raises(error, match=told):
        audit(firms, **options)


def test_no_rows_and_infinite_numbers_are_refused(firms):
    with pytest.raises(DataError, match="no row"):
        audit(firms.iloc[:0])
    with pytest.raises(DataError, match="1 infinite value in 'size'; first: row 4: inf"):
        audit(firms.assign(size=firms["size"].where(firms.index != 4, np.inf)))


@pytest.mark.parametrize("name", ["relationship", "missing", "agreement", "group", "buying"])
def test_a_limit_is_a_share(name):
    with pytest.raises(ParameterError, match=f"limit {name} is 9"):
        AuditLimits(**{name: 9})


def test_the_limit_of_inflation_is_at_least_one():
    with pytest.raises(ParameterError, match="variance_inflation is 0"):
        AuditLimits(variance_inflation=0)


@pytest.mark.parametrize(
    "low, high, below, above",
    [
        (0.1, 0.2, "passes", "fails"),
        (0.1, 0.3, "passes", "not certain"),
        (0.2, 0.4, "not certain", "not certain"),
        (0.3, 0.4, "not certain", "passes"),
        (0.31, 0.4, "fails", "passes"),
        (np.nan, 0.4, "not certain", "not certain"),
    ],
)
def test_a_verdict_needs_the_whole_interval_on_one_side(low, high, below, above):
    assert at_most(low, high, 0.3) == below
    assert at_least(low, high, 0.3) == above


def test_every_variable_has_a_verdict_on_every_criterion_in_order(firms):
    found = audit(firms, repeated={"size": "size_again"})
    keys = [(item, criterion) for item in ("use", "size") for criterion in CRITERIA]
    assert list(zip(found.verdicts["item"], found.verdicts["criterion"], strict=True)) == keys
    assert set(found.estimates["measure"]) == {
        "omega_squared",
        "r_squared",
        "missing_share",
        "smallest_group_share",
        "icc",
    }
    rows = found.estimates
    assert ((rows["ci_low"] <= rows["estimate"]) & (rows["estimate"] <= rows["ci_high"])).all()


def test_the_same_seed_gives_the_same_table(firms):
    one, again, other = (audit(firms, seed=seed).estimates for seed in (5, 5, 6))
    pd.testing.assert_frame_equal(one, again)
    assert not one["ci_low"].equals(other["ci_low"])


def test_numbers_declared_nominal_are_names(firms):
    found = audit(firms, variables=["code", "use"], nominal=["code"])
    rows = found.estimates.set_index(["item", "measure", "term"])
    assert rows.loc[("use", "cramers_v_squared", "code"), "estimate"] == pytest.approx(1)
    assert (rows.loc["code"].index.get_level_values("measure") != "r_squared").all()


def test_true_and_false_are_names(firms):
    found = audit(firms.assign(export=firms["orders"] > 4), variables=["export"])
    assert "smallest_group_share" in set(found.estimates["measure"])


@pytest.mark.parametrize("values", [[Decimal("1.5"), None, Decimal(2)], [1, None, 2.5]])
def test_numbers_as_objects_are_numbers(values):
    column = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    found = read_variable(column, "x")
    assert not found.nominal
    assert found.values[[0, 2]].tolist() == [float(values[0]), float(values[2])]
    assert found.known.tolist() == [True, False, True]
    assert read_variable(column, "x", nominal=["x"]).nominal


def test_a_second_reading_is_read_as_the_first_one(firms):
    doubled = firms.assign(code_again=firms["code"].astype(float))
    found = audit(
        doubled, variables=["code"], nominal=["code"], repeated={"code": "code_again"}
    ).estimates.set_index("measure")
    assert found.loc["kappa", "estimate"] == pytest.approx(1)
    assert found.loc["kappa", "ci_low"] < 0.96


def test_an_empty_column_fails_to_be_measured_and_leaves_the_rest_open(firms):
    found = audit(firms.assign(use=None))
    assert verdict(found, "use", "measurable")["verdict"] == "fails"
    assert verdict(found, "use", "similar_buying")["verdict"] == "not certain"
    assert verdict(found, "size", "independent_of_others")["note"] != ""


def test_one_customer_gets_its_rows_with_notes(firms):
    found = audit(firms.iloc[:1])
    open_rows = found.estimates.query("measure == 'omega_squared'")
    assert open_rows["estimate"].isna().all()
    assert (open_rows["note"] == "fewer than 10 customers have both").all()
    assert set(found.verdicts["verdict"]) == {"not certain"}


def test_what_does_not_vary_or_names_each_customer_is_said(firms):
    odd = firms.assign(same="a", name=[f"firm {at}" for at in range(90)])
    found = audit(odd, variables=["same", "name"]).estimates
    notes = found.query("criterion == 'similar_buying'").set_index("item")["note"]
    assert notes.to_dict() == {
        "same": "same does not vary",
        "name": "name has more than 50 classes",
    }


def test_a_name_for_each_of_many_customers_fails_to_be_measured(firms):
    many = pd.concat([firms] * 5, ignore_index=True)
    named = many.assign(name=[f"firm {at}" for at in range(450)])
    settled = verdict(audit(named, variables=["name"]), "name", "measurable")
    assert (settled["measure"], settled["verdict"]) == ("smallest_group_share", "fails")


def test_nothing_to_hold_a_variable_against_is_said(firms):
    found = audit(firms, variables=["use"], relationship=[], behaviour=[])
    assert verdict(found, "use", "independent_of_relationship")["verdict"] == "not certain"
    lone = verdict(found, "use", "independent_of_others")
    assert (lone["verdict"], lone["note"]) == ("passes", "no other candidate")


def test_a_sum_of_two_others_is_inflated_though_no_pair_is_alike(firms):
    random = np.random.default_rng(2)
    first, second = random.normal(size=(2, 90))
    mixed = firms.assign(first=first, second=second, total=first + second)
    buying = mixed.assign(orders=2 * first + 2.2 * second + random.normal(0, 3, 90))
    found = audit(
        buying.assign(total=mixed["total"] + random.normal(0, 0.1, 90)),
        variables=["first", "second", "total"],
        limits=AuditLimits(redundancy=0.8),
    ).verdicts.query("criterion == 'independent_of_others'")
    failing = found[found["verdict"] == "fails"]
    assert failing["measure"].tolist() == ["vif"]
    assert found.set_index("item")["verdict"].value_counts()["passes"] == 2


def test_an_exact_repetition_has_endless_inflation(firms):
    found = audit(firms.assign(twice=2 * firms["size"]), variables=["size", "twice"])
    row = found.estimates.query("measure == 'vif'").iloc[0]
    assert (row["item"], row["estimate"], row["verdict"]) == ("twice", np.inf, "fails")


def test_behaviour_with_a_long_tail_is_pointed_out(firms):
    tail = np.exp(2 * np.random.default_rng(1).standard_normal(90))
    found = audit(firms.assign(orders=tail)).estimates.query("criterion == 'similar_buying'")
    assert found["note"].str.startswith("long tail").all()


@pytest.mark.parametrize(
    "numbers, groups",
    [
        ([1, 1, 2, 2, 3], [0, 0, 1, 1, 2]),
        (list(range(12)), [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]),
        # The quartiles are 0, 0 and three quarters of the way from 1 to 2.
        ([0] * 9 + [1, 2, 3, 4, 5], [0] * 9 + [1] + [2] * 4),
        ([7, 7, 7], [0, 0, 0]),
    ],
)
def test_equal_numbers_stay_in_one_group(numbers, groups):
    table = pd.DataFrame({"x": [*map(float, numbers), np.nan]})
    cut = cut_in_groups(read_variable(table, "x"), 4)
    assert cut.values.tolist() == [*groups, -1]
    assert cut.classes == max(groups) + 1


@pytest.mark.parametrize(
    "first, second, note",
    [
        (["a", "a"], ["a", "a"], "one class only: chance alone agrees"),
        (["a", None], [None, "a"], "no customer has both"),
    ],
)
def test_kappa_that_is_not_defined_keeps_its_row(first, second, note):
    pairs = pd.DataFrame({"one": first, "two": second})
    row = kappa_agreement(pairs, first="one", second="two").iloc[0]
    assert np.isnan(row["estimate"])
    assert row["note"] == note


def test_kappa_of_perfect_agreement_has_the_lower_end_of_wilson():
    pairs = pd.DataFrame({"one": list("aabbb") * 4})
    row = kappa_agreement(pairs.assign(two=pairs["one"]), first="one", second="two").iloc[0]
    agreement, chance = 20 / (20 + 1.959963984540054**2), 0.4**2 + 0.6**2
    assert row["ci_low"] == pytest.approx((agreement - chance) / (1 - chance))
    assert row["ci_high"] == 1


def test_kappa_of_full_disagreement_has_the_upper_end_of_wilson():
    pairs = pd.DataFrame({"one": list("ab"), "two": list("ba")})
    row = kappa_agreement(pairs, first="one", second="two").iloc[0]
    # None of 2 agrees: Wilson's upper end is z²/(2 + z²); chance agrees in ½.
    agreement = 1.959963984540054**2 / (2 + 1.959963984540054**2)
    assert (row["estimate"], row["ci_low"]) == (-1, -1)
    assert row["ci_high"] == pytest.approx((agreement - 0.5) / 0.5)


def test_weighted_kappa_without_agreement_has_room_above():
    pairs = pd.DataFrame({"one": list("ab"), "two": list("ba")})
    found = kappa_agreement(pairs, first="one", second="two", order=list("abc"))
    row = found.set_index("measure").loc["weighted_kappa"]
    # A miss by one of three classes earns 1 − (1/2)² = ¾. Were a share w to agree, ¾ + w/4 would be
    # earned; chance earns (1 + ¾)/2 = ⅞.
    agreement = 1.959963984540054**2 / (2 + 1.959963984540054**2)
    assert (row["estimate"], row["ci_low"]) == pytest.approx((-1, -1))
    assert row["ci_high"] == pytest.approx((0.75 + agreement / 4 - 0.875) / 0.125)


def test_one_class_in_one_classing_has_kappa_0_and_no_interval():
    pairs = pd.DataFrame({"one": list("aaaa"), "two": list("aaba")})
    # ¾ agree, and chance alone agrees in 1 × ¾.
    for first, second in (("one", "two"), ("two", "one")):
        row = kappa_agreement(pairs, first=first, second=second).iloc[0]
        assert row["estimate"] == 0
        assert np.isnan([row["ci_low"], row["ci_high"]]).all()
        assert row["note"].startswith("one classing has one class only")


def test_classes_as_numbers_and_as_text_are_not_taken_for_other_classes():
    pairs = pd.DataFrame({"one": [1, 2, 1], "two": ["1", "2", "1"]})
    with pytest.raises(DataError, match="numbers in one column and text in the other"):
        kappa_agreement(pairs, first="one", second="two")
    flags = pd.DataFrame({"one": [1, 0, 1], "two": [True, False, True]})
    assert kappa_agreement(flags, first="one", second="two")["estimate"].iloc[0] == 1


def test_a_class_outside_the_order_is_refused():
    pairs = pd.DataFrame({"one": list("ab"), "two": list("ac")})
    with pytest.raises(DataError, match="Classes outside the order: 'c'"):
        kappa_agreement(pairs, first="one", second="two", order=["a", "b"])
