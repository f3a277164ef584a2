"""Cumulative incidence against survfit with several states; Gray's test against cuminc."""

import numpy as np
import pytest

from custlib.loyalty.retention.gray import compare_incidence
from custlib.loyalty.retention.incidence import cumulative_incidence

OUT_OF_SCOPE = {
    f"cmprsk.{reason}.{time}.variance": "Aalen's variance; the delta method of survfit is used"
    for reason in ("price", "quality", "staff")
    for time in (3, 6, 12, 24, 30)
}
ROLES = {"duration": "months", "event": "left", "reason": "reason"}
TIMES = [3, 6, 12, 24, 30]


@pytest.fixture(scope="module")
def contracts(oracle):
    return oracle("competing_risks").data("contracts.csv")


def keyed(table, *names):
    return {tuple(row[name] for name in names): row for _, row in table.iterrows()}


def check(expected, tag, rows):
    columns = {"estimate": "estimate", "std_error": "std_error", "low": "ci_low", "high": "ci_high"}
    for (reason, time), row in rows.items():
        for key, column in columns.items():
            name = f"{tag}.{reason}.{time:g}.{key}"
            if name in expected.values:
                expected.expect(name, row[column])
            else:
                # survfit has no interval where nobody has left; ours is the exact bound.
                assert row["estimate"] == 0
                assert row["ci_low"] == 0


def test_shares_errors_and_intervals_of_all(oracle, contracts):
    found = cumulative_incidence(contracts, **ROLES, times=TIMES)
    check(oracle("competing_risks"), "all", keyed(found, "reason", "time"))


def test_and_of_each_group(oracle, contracts):
    found = cumulative_incidence(contracts, **ROLES, by="segment", times=TIMES)
    for segment, part in found.groupby("segment"):
        check(oracle("competing_risks"), segment, keyed(part, "reason", "time"))


def test_cmprsk_has_the_same_shares(oracle, contracts):
    found = cumulative_incidence(contracts, **ROLES, times=TIMES)
    for (reason, time), row in keyed(found, "reason", "time").items():
        oracle("competing_risks").expect(f"cmprsk.{reason}.{time:g}.estimate", row["estimate"])


@pytest.mark.parametrize("case", ["three", "two", "untied"])
def test_grays_test(oracle, contracts, case):
    table = contracts.assign(small=contracts["segment"] == "small")
    if case == "untied":
        table["months"] = table["months"] + np.arange(1, len(table) + 1) / 1000
    by = "small" if case == "two" else "segment"
    for _, row in compare_incidence(table, **ROLES, by=by).iterrows():
        values = {"statistic": row["statistic"], "df": row["df"], "p": row["p_value"]}
        oracle("competing_risks").expect_all(f"gray.{case}.{row['reason']}", values)


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("competing_risks", OUT_OF_SCOPE)
