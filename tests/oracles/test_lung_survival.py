"""Kaplan–Meier, log-rank, Cox and the proportionality check on `lung`, against R's survival."""

import numpy as np
import pytest

from custlib.loyalty import (
    churn_hazards,
    compare_survival,
    restricted_mean,
    survival_curve,
    survival_times,
)

DEAD = {"duration": "time", "event": "status", "event_value": 2}
MODELS = {"lung.cox_sex": ["sex"], "lung.cox3": ["age", "sex", "ph.ecog"]}
OUT_OF_SCOPE: dict[str, str] = {}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("lung_survival")


@pytest.fixture(scope="module")
def patients(reference):
    return reference.data("lung.csv").sample(frac=1, random_state=1)


def test_the_median_and_the_mean_of_all(reference, patients):
    row = survival_times(patients, **DEAD, left=[0.5], ci="log").iloc[0]
    found = {"n": row["n"], "events": row["events"], "median": row["estimate"]}
    found |= {"lcl": row["ci_low"], "ucl": row["ci_high"]}
    found |= {"rmean": restricted_mean(patients, **DEAD)["estimate"].item()}
    for name, value in found.items():
        reference.expect(f"lung.km.{name}", value)
    for name in ("median", "lcl", "ucl"):
        reference.expect(f"lung.published.{name}", found[name])


def test_survival_at_four_times(reference, patients):
    table = survival_curve(patients, **DEAD, times=[100, 180, 365, 730], ci="log")
    for row in table.to_dict("records"):
        found = {"surv": row["estimate"], "se": row["std_error"], "n_risk": row["at_risk"]}
        for name, value in (found | {"lo": row["ci_low"], "hi": row["ci_high"]}).items():
            reference.expect(f"lung.km.t{row['time']:g}.{name}", value)


def test_the_steps_hold_the_same_numbers(reference, patients):
    table = survival_curve(patients, **DEAD, ci="log")
    last = table[table["time"] <= 365].iloc[-1]
    reference.expect("lung.km.t365.surv", last["estimate"])
    reference.expect("lung.km.t365.lo", last["ci_low"])
    assert (table["events"].sum(), table["censored"].sum()) == (165, 63)


@pytest.mark.parametrize("ci", ["plain", "log-log"])
def test_intervals_on_other_scales(reference, patients, ci):
    row = survival_curve(patients, **DEAD, times=[365], ci=ci).iloc[0]
    reference.expect_all(f"lung.km.t365.{ci}", {"lo": row["ci_low"], "hi": row["ci_high"]})


def test_medians_by_sex(reference, patients):
    table = survival_times(patients, **DEAD, by="sex", left=[0.5], ci="log").set_index("sex")
    for sex in (1, 2):
        row = table.loc[sex]
        found = {"median": row["estimate"], "lcl": row["ci_low"], "ucl": row["ci_high"]}
        reference.expect_all(f"lung.km.sex={sex}", found)


def test_do_the_sexes_differ(reference, patients):
    found = compare_survival(patients, **DEAD, by="sex")
    test, groups = found.tests.iloc[0], found.estimates.set_index("sex")
    values = {"chisq": test["statistic"], "p": test["p_value"]}
    for sex in (1, 2):
        values |= {f"O{sex}": groups.loc[sex, "events"]}
        values |= {f"E{sex}": groups.loc[sex, "expected_events"]}
    reference.expect_all("lung.logrank_sex", values)
    reference.expect("lung.published_logrank", test["statistic"])
    early = compare_survival(patients, **DEAD, by="sex", rho=1).tests["statistic"].item()
    reference.expect("lung.peto_sex_chisq", early)


def test_the_hazard_ratio_of_two_groups_is_that_of_cox(reference, patients):
    row = compare_survival(patients, **DEAD, by="sex").contrasts.iloc[0]
    assert row["contrast"] == "1 - 2"
    # The model's coefficient is that of 2 against 1.
    reference.expect("lung.cox_sex.efron.coef.sex", -np.log(row["effect"]))
    width = np.log(row["effect_high"] / row["effect_low"]) / (2 * 1.959963984540054)
    reference.expect("lung.cox_sex.efron.se.sex", width)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("prefix", MODELS)
def test_cox(reference, patients, prefix, ties):
    found = churn_hazards(patients, **DEAD, terms=MODELS[prefix], ties=ties)
    rows, fit = found.estimates.set_index("term"), found.fit.set_index("measure")
    key = f"{prefix}.{ties}"
    reference.expect_all(f"{key}.coef", rows["estimate"])
    reference.expect_all(f"{key}.se", rows["std_error"])
    values = {"null": "log_likelihood_null", "model": "log_likelihood"}
    values = {name: fit.loc[measure, "estimate"] for name, measure in values.items()}
    reference.expect_all(f"{key}.loglik", values)
    tests = {"LR": "likelihood_ratio", "wald": "wald", "score": "score"}
    tests = {name: fit.loc[measure, "statistic"] for name, measure in tests.items()}
    reference.expect_all(f"{key}.tests", tests)
    reference.expect(f"{key}.concordance", fit.loc["concordance", "estimate"])
    assert set(found.estimates["n_missing"]) == {int(prefix == "lung.cox3")}


@pytest.mark.parametrize("prefix", MODELS)
def test_are_the_hazards_proportional(reference, patients, prefix):
    found = churn_hazards(patients, **DEAD, terms=MODELS[prefix]).proportionality
    chisq = found.set_index("term")["statistic"].rename({"(all terms)": "GLOBAL"})
    reference.expect_all(f"{prefix}.zph", chisq)


def test_the_printed_coefficients(reference, patients):
    three = churn_hazards(patients, **DEAD, terms=MODELS["lung.cox3"]).estimates
    reference.expect_all("lung.cox3.published", three.set_index("term")["estimate"])
    one = churn_hazards(patients, **DEAD, terms=["sex"]).estimates.iloc[0]
    values = {"sex": one["estimate"], "se": one["std_error"]}
    reference.expect_all("lung.cox_sex.published", values)


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("lung_survival", OUT_OF_SCOPE)
