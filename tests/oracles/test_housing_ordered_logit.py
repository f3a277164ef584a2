"""Cumulative models of the Copenhagen housing survey against MASS::polr and ordinal::clm."""

import numpy as np
import pandas as pd
import pytest

from custlib.survey.comparison.contrasts import compare_groups
from custlib.survey.comparison.table_tests import cross_table, expected_counts
from custlib.survey.ordinal.model import cumulative_logit

OUT_OF_SCOPE = {
    "multinom": "a model without the order of the answers is not offered",
}
ORDERS = {
    "Sat": ["Low", "Medium", "High"],
    "Infl": ["Low", "Medium", "High"],
    "Type": ["Tower", "Apartment", "Atrium", "Terrace"],
    "Cont": ["Low", "High"],
}
TERMS = ["Infl", "Type", "Cont"]


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("housing_ordered_logit")


@pytest.fixture(scope="module")
def housing(reference):
    table = reference.data("housing.csv")
    return table.assign(
        **{name: pd.Categorical(table[name], order, ordered=True) for name, order in ORDERS.items()}
    )


@pytest.fixture(scope="module")
def model(housing):
    return cumulative_logit(housing, items=["Sat"], terms=TERMS, weight="Freq")


def by_term(table, column):
    """R pastes the category behind the variable's name."""
    return {
        term.replace(": ", ""): value
        for term, value in zip(table["term"], table[column], strict=True)
    }


def fitted(model):
    return model.fit.set_index("measure")["estimate"]


def test_slopes_and_thresholds_of_polr(reference, model):
    reference.expect_all("polr.coef", by_term(model.estimates, "estimate"))
    reference.expect_all("polr.zeta", by_term(model.thresholds, "estimate"))
    for key, column in {"se": "std_error", "t": "statistic"}.items():
        found = by_term(model.estimates, column) | by_term(model.thresholds, column)
        reference.expect_all(f"polr.{key}", found)


def test_likelihood_of_polr(reference, model):
    fit = fitted(model)
    reference.expect("polr.deviance", fit["deviance"])
    reference.expect("polr.AIC", fit["AIC"])
    reference.expect("polr.logLik", fit["log-likelihood"])
    reference.expect("polr.n", model.estimates["n"][0])


def test_the_published_fit(reference, model):
    reference.expect_all("published.coef", by_term(model.estimates, "estimate"))
    reference.expect_all("published.zeta", by_term(model.thresholds, "estimate"))
    reference.expect("published.deviance", fitted(model)["deviance"])
    reference.expect("published.AIC", fitted(model)["AIC"])


def test_clm_to_seven_digits(reference, model):
    for key, column in {"coef": "estimate", "se": "std_error"}.items():
        found = by_term(model.thresholds, column) | by_term(model.estimates, column)
        reference.expect_all(f"clm.logit.{key}", found)
    reference.expect("clm.logit.logLik", fitted(model)["log-likelihood"])
    reference.expect("null.logLik", fitted(model)["null log-likelihood"])
    reference.expect("mcfadden_R2", fitted(model)["McFadden R2"])


def test_the_probit_link(reference, housing):
    model = cumulative_logit(housing, items=["Sat"], terms=TERMS, weight="Freq", link="probit")
    slopes = by_term(model.estimates, "estimate")
    reference.expect_all("clm.probit.coef", slopes | by_term(model.thresholds, "estimate"))
    reference.expect("clm.probit.logLik", fitted(model)["log-likelihood"])


@pytest.mark.parametrize(
    "prefix, measure", [("lr_drop", "effect of the term"), ("nominal_test", "parallel slopes")]
)
def test_likelihood_ratio_of_each_term(reference, model, prefix, measure):
    rows = model.tests[model.tests["measure"] == measure].set_index("term")
    for term in TERMS:
        row = rows.loc[term]
        found = {"LRT": row["statistic"], "df": row["df"], "p": row["p_value"]}
        reference.expect_all(f"{prefix}.{term}", found)


def test_predicted_probabilities(reference, model, housing):
    cells = housing[TERMS].drop_duplicates()
    table = model.predict(cells)
    names = table[TERMS].astype(str).agg("_".join, axis=1) + "." + table["answer"].astype(str)
    reference.expect_all("polr.prob", dict(zip(names, table["estimate"], strict=True)))


def test_chi_square_of_influence_by_satisfaction(reference, housing):
    residents = housing.loc[housing.index.repeat(housing["Freq"])]
    row = compare_groups(residents, items=["Sat"], by="Infl", method="chi_square").iloc[0]
    found = {"X2": row["statistic"], "df": row["df"], "p": row["p_value"]}
    reference.expect_all("chisq.InflxSat", found | {"cramerV": row["effect"]})
    counts = cross_table(*(residents[name].cat.codes.to_numpy() for name in ("Infl", "Sat")))
    reference.expect_all("table.Sat", dict(zip(ORDERS["Sat"], counts.sum(axis=0), strict=True)))
    names = [f"{influence}.{answer}" for influence in ORDERS["Infl"] for answer in ORDERS["Sat"]]
    expected = dict(zip(names, np.ravel(expected_counts(counts)), strict=True))
    reference.expect_all("expected.InflxSat", expected)


def test_every_key_of_the_oracle_is_pinned_above_or_out_of_scope(account_for_every_key):
    account_for_every_key("housing_ordered_logit", OUT_OF_SCOPE)
