"""Reliability of simulated scales with missing answers, against R psych, factanal and lavaan."""

import pytest

from custlib.survey.reliability.consistency import (
    cronbach_alpha,
    feldt_interval,
    item_statistics,
)
from custlib.survey.reliability.one_factor import mcdonald_omega

SCALES = {
    "s": [f"s{at}" for at in range(1, 6)],
    "t": [f"t{at:02d}" for at in range(1, 11)],
}
ROWS = 420
OTHER_TOTAL = (
    "psych correlates with the mean of the items answered; custlib takes the total from the same "
    "pairwise covariances as alpha, as psych does for r.drop"
)
FIT = "fit measures of the one-factor model are not offered"
FIML = "full-information maximum likelihood is not offered"
SCORES = "scores of respondents are the business of survey.indices"
SPLIT = "odd and even halves depend on the order of the items; alpha averages over all halves"
OUT_OF_SCOPE = {
    **{f"{s}.pairwise.item.{item}.raw_r": OTHER_TOTAL for s in SCALES for item in SCALES[s]},
    **{f"{s}.{key}": FIML for s in SCALES for key in ("omega_raw_fiml", "fiml")},
    **{f"{s}.listwise.cfa": FIT for s in SCALES},
    **{f"{s}.listwise.split_half": SPLIT for s in SCALES},
    **{f"{s}.score": SCORES for s in SCALES},
    **{f"{s}.n_all_missing": SCORES for s in SCALES},
    "t.listwise.omega3": "omega hierarchical needs three group factors; one factor is offered",
}
NAMES = {
    "raw_alpha": "alpha",
    "std_alpha": "standardized_alpha",
    "lambda6": "lambda_6",
    "average_r": "mean_correlation",
    "median_r": "median_correlation",
}
ITEM_NAMES = {
    "alpha_if_dropped": "alpha_if_dropped",
    "std_alpha_if_dropped": "standardized_alpha_if_dropped",
    "r_drop": "item_rest",
    "mean": "mean",
    "sd": "standard_deviation",
    "raw_r": "item_total",
}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("survey_reliability_sim")


@pytest.fixture(scope="module")
def answers(reference):
    return reference.data("reliability_sim.csv")


@pytest.fixture(scope="module")
def turned(answers):
    return answers.assign(t04=8 - answers["t04"], t09=8 - answers["t09"])


def pin_coefficients(reference, prefix, table):
    found = table.set_index("measure")
    for name, measure in NAMES.items():
        reference.expect(f"{prefix}.{name}", found["estimate"][measure])
    return found.loc["alpha"]


def pin_interval(reference, prefix, estimate, std_error, low, high):
    reference.expect(f"{prefix}.ase", std_error)
    reference.expect(f"{prefix}.feldt_lower", low)
    reference.expect(f"{prefix}.feldt_upper", high)
    # R's other interval is the estimate -+ 1.96 of these standard errors.
    reference.expect(f"{prefix}.duhachek_lower", estimate - 1.96 * std_error)
    reference.expect(f"{prefix}.duhachek_upper", estimate + 1.96 * std_error)


def pin_items(reference, prefix, table, names):
    found = table.set_index(["item", "measure"])["estimate"]
    for item in table["item"].unique():
        for name in names:
            reference.expect(f"{prefix}.item.{item}.{name}", found[item, ITEM_NAMES[name]])


@pytest.mark.parametrize("block", ["s", "t", "t_unreversed"])
def test_complete_rows(reference, answers, turned, block):
    items = SCALES[block[0]]
    responses = answers if block == "t_unreversed" else turned
    alpha = pin_coefficients(reference, f"{block}.listwise", cronbach_alpha(responses, items=items))
    reference.expect(f"{block}.listwise.n", alpha["n"])
    reference.expect(f"{block}.listwise.k", len(items))
    assert alpha["n_missing"] == ROWS - alpha["n"]
    numbers = alpha[["estimate", "std_error", "ci_low", "ci_high"]]
    pin_interval(reference, f"{block}.listwise", *numbers)
    table = item_statistics(responses, items=items)
    pin_items(reference, f"{block}.listwise", table, ITEM_NAMES)


@pytest.mark.parametrize("block", SCALES)
def test_pairs_of_answers(reference, turned, block):
    items, prefix = SCALES[block], f"{block}.pairwise"
    alpha = pin_coefficients(
        reference, prefix, cronbach_alpha(turned, items=items, missing="pairwise")
    )
    reference.expect(f"{prefix}.n", alpha["n"] + alpha["n_missing"])
    reference.expect(f"{prefix}.k", len(items))
    # R takes all rows for the n of its intervals, custlib the smallest pair, which is fewer.
    assert alpha["n"] < ROWS
    std_error = alpha["std_error"] * (alpha["n"] / ROWS) ** 0.5
    ends = feldt_interval(alpha["estimate"], ROWS, len(items), conf_level=0.95)
    pin_interval(reference, prefix, alpha["estimate"], std_error, *ends)
    table = item_statistics(turned, items=items, missing="pairwise")
    pin_items(reference, prefix, table, set(ITEM_NAMES) - {"raw_r"})
    answered = table[table["measure"] == "mean"].set_index("item")["n"].to_dict()
    reference.expect_all(f"{block}.answers_per_item", answered)


@pytest.mark.parametrize("block", SCALES)
def test_omega_and_the_loadings_of_one_factor(reference, turned, block):
    items, prefix = SCALES[block], f"{block}.listwise"
    found = mcdonald_omega(turned, items=items).set_index(["measure", "item"])["estimate"]
    reference.expect(f"{prefix}.omega_total_ml", found["standardized_omega", ""])
    reference.expect_all(f"{prefix}.ml_loading", found["loading"].to_dict())
    # Maximum likelihood does not depend on the unit: lavaan's fit to raw answers is the same one.
    reference.expect(f"{prefix}.omega_raw_cfa", found["omega", ""])
    minres = mcdonald_omega(turned, items=items, extraction="minres").set_index("measure")
    reference.expect(f"{prefix}.omega_total_minres", minres["estimate"]["standardized_omega"])


def test_items_left_unturned_are_noted(answers, turned):
    note = "runs against the other items: t04, t09"
    for measure in (cronbach_alpha, item_statistics, mcdonald_omega):
        assert set(measure(answers, items=SCALES["t"])["note"]) == {note}
        assert set(measure(turned, items=SCALES["t"])["note"]) == {""}


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("survey_reliability_sim", OUT_OF_SCOPE)
