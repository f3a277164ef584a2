"""Standard errors of latent classes against a likelihood that R maximizes row by row."""

import pytest

from custlib.segmentation.latent import latent_classes

ITEMS = ["q1", "q2", "q3", "q4", "q5", "q6"]
OUT_OF_SCOPE: dict[str, str] = {}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("lca_errors")


@pytest.fixture(scope="module")
def answers(reference):
    return reference.data("lca_errors.csv")


def named(estimates, column):
    """Numbers of a table by the oracle's names."""
    shares = estimates[estimates["measure"] == "share"]
    values = {
        f"share.class{row.segment}": value
        for row, value in zip(shares.itertuples(), shares[column], strict=True)
    }
    others = estimates[estimates["measure"] == "probability"]
    return values | {
        f"prob.{row.item}.class{row.segment}.cat{row.answer:.0f}": value
        for row, value in zip(others.itertuples(), others[column], strict=True)
    }


def compare(reference, name, model, loglik):
    reference.expect(f"{name}.loglik", loglik)
    reference.expect_all(f"{name}.estimate", named(model.estimates, "estimate"))
    reference.expect_all(f"{name}.se", named(model.estimates, "std_error"))


def test_errors_from_the_observed_information_with_missing_answers(reference, answers):
    model = latent_classes(answers, items=ITEMS, k=3, seed=1)
    compare(reference, "plain", model, model.solution.loglik)


def test_errors_from_the_sandwich_under_weights(reference, answers):
    model = latent_classes(answers, items=ITEMS, k=3, weight="weight", seed=1)
    compare(reference, "weighted", model, model.solution.loglik)


def test_a_repeated_row_is_another_respondent(reference, answers):
    repeated = answers.loc[answers.index.repeat(answers["count"])]
    model = latent_classes(repeated, items=ITEMS, k=3, seed=1)
    compare(reference, "counts", model, model.solution.loglik)


def test_weights_give_the_estimates_of_repeated_rows_and_other_errors(reference, answers):
    model = latent_classes(answers, items=ITEMS, k=3, weight="count", seed=1)
    loglik = model.solution.loglik * answers["count"].mean()
    reference.expect("counts.loglik", loglik)
    reference.expect_all("counts.estimate", named(model.estimates, "estimate"))
    errors = named(model.estimates, "std_error")
    repeated = {name: reference.values[f"counts.se.{name}"]["value"] for name in errors}
    assert all(errors[name] > repeated[name] for name in errors)


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("lca_errors", OUT_OF_SCOPE)
