"""Survival with ties, late entry, groups, strata and clusters, against R's survival."""

import numpy as np
import pandas as pd
import pytest

from custlib.loyalty import (
    churn_hazards,
    compare_survival,
    restricted_mean,
    survival_curve,
    survival_times,
)

ROLES = {"duration": "months", "event": "left"}
PLANS = ["annual", "flex", "monthly"]
SCALES = ["log-log", "log", "plain"]
MODELS = {
    "plain": {},
    "late": {"entry": "entry"},
    "strata": {"stratum": "region"},
    "late_strata": {"entry": "entry", "stratum": "region"},
}
OUT_OF_SCOPE: dict[str, str] = {}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("survival_ties")


@pytest.fixture(scope="module")
def contracts(reference):
    table = reference.data("contracts.csv").sample(frac=1, random_state=2)
    return table.assign(plan=pd.Categorical(table["plan"], PLANS, ordered=True))


@pytest.mark.parametrize("ci", SCALES)
def test_the_curve_of_contracts_watched_from_a_later_age(reference, contracts, ci):
    times = [3, 6, 12, 24, 30]
    table = survival_curve(contracts, **ROLES, entry="entry", times=times, ci=ci)
    names = {"surv": "estimate", "se": "std_error", "lo": "ci_low", "hi": "ci_high"}
    names |= {"n_risk": "at_risk", "events": "events"}
    for row in table.to_dict("records"):
        found = {name: row[column] for name, column in names.items()}
        reference.expect_all(f"late.{ci}.t{row['time']:g}", found)


@pytest.mark.parametrize("ci", SCALES)
def test_times_by_which_a_share_has_left(reference, contracts, ci):
    table = survival_times(contracts, **ROLES, by="plan", left=[0.2, 0.5], ci=ci)
    for row in table.to_dict("records"):
        key = f"quantile.{ci}.{row['plan']}.q{100 * row['left_share']:.0f}"
        found = {"time": row["estimate"], "lo": row["ci_low"], "hi": row["ci_high"]}
        # R gives no number where the curve or its interval does not come down so far.
        reference.expect_all(key, {name: at for name, at in found.items() if not np.isnan(at)})
        assert bool(row["note"]) == bool(np.isnan(list(found.values())).any())


@pytest.mark.parametrize("horizon", [12, 24])
def test_restricted_means(reference, contracts, horizon):
    table = restricted_mean(contracts, **ROLES, by="plan", horizon=horizon).set_index("plan")
    for plan in PLANS:
        found = {"mean": table.loc[plan, "estimate"], "se": table.loc[plan, "std_error"]}
        reference.expect_all(f"rmean.h{horizon}.{plan}", found)


def test_a_restricted_mean_with_late_entry(reference, contracts):
    row = restricted_mean(contracts, **ROLES, entry="entry", horizon=24).iloc[0]
    reference.expect_all("rmean.late", {"mean": row["estimate"], "se": row["std_error"]})


LOG_RANK = {
    "plan": {},
    "plan_rho1": {"rho": 1},
    "plan_rho0.5": {"rho": 0.5},
    "plan_strata": {"stratum": "region"},
    "plan_strata_rho1": {"stratum": "region", "rho": 1},
}


@pytest.mark.parametrize("name", LOG_RANK)
def test_three_groups(reference, contracts, name):
    row = compare_survival(contracts, **ROLES, by="plan", **LOG_RANK[name]).tests.iloc[0]
    reference.expect(f"logrank.{name}.chisq", row["statistic"])
    reference.expect(f"logrank.{name}.df", row["df"])


def test_expected_events_within_strata(reference, contracts):
    found = compare_survival(contracts, **ROLES, by="plan", stratum="region").estimates
    reference.expect_all("logrank.plan_strata.exp", found.set_index("plan")["expected_events"])


@pytest.mark.parametrize("column", ["plan", "tier"])
@pytest.mark.parametrize("name", ["plain", "strata", "late"])
def test_a_trend_over_ordered_groups_or_numbers(reference, contracts, name, column):
    found = compare_survival(contracts, **ROLES, by=column, trend=True, **MODELS[name]).tests
    rows = found.set_index("measure")
    reference.expect(f"trend.{name}", rows.loc["trend", "statistic"])
    assert rows.loc["trend", "df"] == 1
    if name == "late":
        reference.expect("logrank.late_plan", rows.loc["difference", "statistic"])


@pytest.mark.parametrize("prefix, stratum", [("pair", None), ("pair_strata", "region")])
def test_groups_two_by_two(reference, contracts, prefix, stratum):
    found = compare_survival(contracts, **ROLES, by="plan", stratum=stratum).contrasts
    for row in found.to_dict("records"):
        name = row["contrast"].replace(" - ", "_")
        ends = np.log([row["effect_low"], row["effect"], row["effect_high"]])
        width = (ends[2] - ends[0]) / (2 * 1.959963984540054)
        reference.expect_all(f"{prefix}.{name}.cox", {"coef": ends[1], "se": width})
        if stratum is None:
            reference.expect(f"pair.{name}.chisq", row["statistic"])
            reference.expect(f"pair.p_holm.{name}", row["p_adjusted"])


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("name", MODELS)
def test_cox(reference, contracts, name, ties):
    options = ROLES | MODELS[name] | {"terms": ["plan", "price"], "ties": ties}
    found = churn_hazards(contracts, **options)
    robust = churn_hazards(contracts, **options, cluster="firm").estimates
    key, names = f"cox.{name}.{ties}", ["flex", "monthly", "price"]
    assert found.estimates["contrast"].tolist() == ["flex - annual", "monthly - annual", "per unit"]
    by_name = found.estimates.set_axis(names)
    reference.expect_all(f"{key}.coef", by_name["estimate"])
    reference.expect_all(f"{key}.se", by_name["std_error"])
    reference.expect_all(f"{key}.robust_se", robust.set_axis(names)["std_error"])
    fit = found.fit.set_index("measure")
    values = {"null": "log_likelihood_null", "model": "log_likelihood"}
    values = {short: fit.loc[measure, "estimate"] for short, measure in values.items()}
    reference.expect_all(f"{key}.loglik", values)
    values = {measure: fit.loc[measure, "statistic"] for measure in ("wald", "score")}
    reference.expect_all(f"{key}.tests", values)
    reference.expect(f"{key}.concordance", fit.loc["concordance", "estimate"])
    chisq = found.proportionality.set_index("term")["statistic"]
    reference.expect_all(f"{key}.zph", chisq.rename({"(all terms)": "GLOBAL"}))
    assert found.proportionality["df"].tolist() == [2, 1, 3]
    if ties == "efron":
        readings = found.drift.groupby("contrast")["estimate"]
        price, flex = readings.get_group("per unit"), readings.get_group("flex - annual")
        values = {"n": len(price), "sum_price": price.sum(), "sum_sq_price": (price**2).sum()}
        reference.expect_all(f"{key}.drift", values | {"sum_sq_flex": (flex**2).sum()})


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("survival_ties", OUT_OF_SCOPE)
