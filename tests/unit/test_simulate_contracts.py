"""The simulated contracts are those of the stored data, and many show what was planted."""

import numpy as np
import pandas as pd
import pytest

from custlib.datasets import load
from custlib.datasets.simulate.contracts import (
    HAZARD_RATIOS,
    MARGINS,
    REASONS,
    simulate_contracts,
)
from custlib.errors import ParameterError
from custlib.loyalty import churn_hazards, cumulative_incidence, survival_curve

SPELL = {"duration": "duration_months", "event": "left"}
TERMS = ["segment", "contract", "market", "contact_person", "welcome_discount", "region"]


@pytest.fixture(scope="module")
def many():
    return simulate_contracts(seed=7, n=20_000)


def test_the_seed_of_the_card_gives_the_stored_files(tmp_path):
    stored = load("contracts")
    simulate_contracts(seed=stored.card.seed).write(tmp_path)
    for file in ("customers.csv", "truth.json"):
        assert (tmp_path / file).read_bytes() == (stored.folder / file).read_bytes()


def test_the_planted_curve_is_found(many):
    times = sorted(map(int, many.truth["survival"]))
    found = survival_curve(many.customers, **SPELL, times=times)["estimate"]
    planted = [many.truth["survival"][str(time)] for time in times]
    assert found.tolist() == pytest.approx(planted, abs=0.015)


def test_the_first_months_of_the_reference_follow_the_law_of_renewals():
    # a/(a + b) leaves at the first renewal, a/(a + b + 1) of the others at the second.
    planted = simulate_contracts(seed=1, n=100_000).customers
    reference = planted.query(
        "segment == 'small' and contract == 'monthly' and market == 'domestic'"
        " and contact_person == 0 and welcome_discount == 0"
    )
    found = survival_curve(reference, **SPELL, times=[1, 2])["estimate"].tolist()
    first = 1 - 1.1 / 22.1
    assert found == pytest.approx([first, first * (1 - 1.1 / 23.1)], abs=0.006)


def test_the_planted_reasons_are_found(many):
    told = many.customers
    told = told[(told["left"] == 0) | told["reason"].notna()]
    left = many.customers[many.customers["left"] == 1]
    assert left["reason"].isna().mean() == pytest.approx(many.truth["reason_lost"], abs=0.01)
    for segment, shares in many.truth["reasons"].items():
        own = left.loc[left["segment"] == segment, "reason"].value_counts(normalize=True)
        assert own.to_dict() == pytest.approx(shares, abs=0.025), segment
    # The lost reasons are a fair part of all: filled in, the planted incidence comes out.
    filled = many.customers.copy()
    lost = filled["left"].eq(1) & filled["reason"].isna()
    donors = left.dropna(subset="reason").groupby("segment")["reason"]
    for segment, reasons in donors:
        at = lost & filled["segment"].eq(segment)
        filled.loc[at, "reason"] = reasons.sample(at.sum(), replace=True, random_state=1).to_numpy()
    found = cumulative_incidence(filled, **SPELL, reason="reason", times=[12, 36, 60])
    for _, row in found.iterrows():
        planted = many.truth["incidence"][row["reason"]][f"{row['time']:g}"]
        assert row["estimate"] == pytest.approx(planted, abs=0.012)
    assert set(found["reason"]) == set(REASONS)


def test_the_planted_hazard_ratios_are_found(many):
    first = {"segment": "small", "contract": "monthly", "market": "domestic", "region": "north"}
    found = churn_hazards(many.customers, **SPELL, terms=TERMS, reference=first)
    ratios = found.estimates.set_index(["term", "contrast"])["effect"]
    for (term, contrast), ratio in ratios.items():
        level = "1" if contrast == "per unit" else contrast.split(" - ")[0]
        if term != "welcome_discount":
            assert np.log(ratio) == pytest.approx(np.log(HAZARD_RATIOS[term][level]), abs=0.08)
    p = found.proportionality.set_index("term")["p_value"]
    assert p["welcome_discount"] < 1e-6
    assert (p[[term for term in TERMS if term != "welcome_discount"]] > 1e-3).all()


def test_the_welcome_discount_turns(many):
    table = many.customers.assign(early=lambda one: one["duration_months"].clip(upper=12))
    table["left_early"] = table["left"].eq(1) & table["duration_months"].le(12)
    others = ["segment", "contract", "market", "contact_person", "welcome_discount"]
    early = churn_hazards(table, duration="early", event="left_early", terms=others)
    late = table[table["duration_months"] > 12].assign(entry=12)
    later = churn_hazards(late, **SPELL, entry="entry", terms=others)
    while_, after = (
        one.estimates.set_index("term").loc["welcome_discount", "effect"] for one in (early, later)
    )
    assert while_ == pytest.approx(many.truth["welcome_discount"]["ratio_while"], rel=0.08)
    assert after == pytest.approx(many.truth["welcome_discount"]["ratio_after"], rel=0.08)


def test_nobody_stays_longer_than_until_the_look(many):
    table = many.customers
    start = pd.PeriodIndex(table["start_month"], freq="M")
    watched = (pd.Period("2024-12", "M").ordinal - start.asi8) + 1
    assert (table["duration_months"] <= watched).all()
    assert (table["duration_months"] >= 1).all()
    assert (table.loc[table["left"] == 0, "duration_months"] == watched[table["left"] == 0]).all()
    assert table.loc[table["left"] == 0, "reason"].isna().all()


def test_margins_follow_the_segment(many):
    found = many.customers.groupby("segment")["monthly_margin"].median()
    assert found.to_dict() == pytest.approx(MARGINS, rel=0.03)


def test_a_negative_seed_and_too_few_contracts_are_refused():
    with pytest.raises(ParameterError, match="seed is -1"):
        simulate_contracts(seed=-1)
    with pytest.raises(ParameterError, match="n is 19"):
        simulate_contracts(seed=1, n=19)
