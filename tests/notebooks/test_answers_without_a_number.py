"""Studies 10 and 11 where the answer is "never" or "not this way": the sentence says so."""

import pytest

from custlib.study.run.plan import plan_study
from custlib.study.run.runner import run_study


def found(study, parameters, reports):
    """Findings of a run with these parameters, by key."""
    run = run_study(plan_study(study, parameters), reports=reports, warm=True)
    assert run.status == "ok", run.manifest.failure
    return {finding.key: finding for finding in run.manifest.findings}


@pytest.fixture(scope="module")
def strained(tmp_path_factory):
    """Study 10 with a discount as large as the margin, a small cap, and a step nobody takes."""
    parameters = {"discount": 0.3, "margin": 0.3, "cap": 20_000.0, "target": 1}
    parameters |= {"stage_rates": [1.0, 1.0, 0.0]}
    return found("funnel_and_contacts", parameters, tmp_path_factory.mktemp("strained"))


def test_a_discount_that_eats_the_margin_is_refuted_and_not_left_open(strained):
    claim = strained["claim_loyalty_cards"]
    assert (claim.value, claim.verdict) == ("no volume", "not supported")
    assert claim.sentence == (
        "A discount of 30\xa0% is made up for by no volume. The claim is not supported."
    )


def test_a_rate_of_zero_is_named_beside_the_calls_it_leaves_open(strained):
    why = "(a rate of 0: no number of calls makes a sale)"
    assert strained["calls_taken_for_certain"].sentence.endswith(f"take –, –, – calls {why}.")
    assert strained["left_undone"].value == [f"calls with rates taken for certain {why}"]


def test_one_sale_is_singular_and_a_chance_short_of_1_is_not_rounded_to_it(strained):
    assert strained["calls_as_cited"].sentence.startswith("Rates as cited: 1 sale with")
    # 1 − (1 − 0.5 × 0.1 × 0.25) ** 800 = 0.99996
    assert "1 or more with a chance of >\xa00.999." in strained["claim_calls"].sentence


def test_contacts_of_today_beyond_the_cap_are_no_rival_of_the_best_plan(strained):
    assert "cost 147,655, more than the cap of 20,000, and leave" in strained["plan"].sentence


def test_inputs_with_which_a_plan_that_spends_its_cap_cannot_be_kept_are_named(strained):
    told = strained["plan"].sentence.partition("the plan cannot be kept with ")[2].rstrip(".")
    # All of the cap is spent, so dearer contacts, dearer preparation and a lower cap break it.
    assert sorted(told.split(" or ")) == ["less cap", "more cost", "more preparation"]


def test_a_clinic_that_does_not_grow_never_doubles(tmp_path):
    parameters = {"growth": -0.5, "growth_low": 0.0, "growth_high": 0.0}
    claim = found("clinic_referrals", parameters, tmp_path)["claim_growth"]
    assert (claim.value, claim.verdict) == ("never", "holds only if")
    assert claim.sentence.startswith("Years to double: never so far, never as expected.")
