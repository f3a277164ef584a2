"""The simulated funnel, contacts and sources are those stored, and show what was planted."""

import numpy as np
import pandas as pd
import pytest

from custlib.datasets import load
from custlib.datasets.simulate import (
    simulate_contact_matrix,
    simulate_funnel_log,
    simulate_sources,
)
from custlib.datasets.simulate.contacts import BELIEF_SD, KINDS, SEGMENTS
from custlib.datasets.simulate.funnel import CHANNELS, NO_OFFER, RATES, STAGES, WRITTEN
from custlib.datasets.simulate.sources import BEEN_HERE, REPEAT, SAYS_SO, SILENT, SOURCES
from custlib.errors import ParameterError

SIMULATIONS = {
    "funnel_log": simulate_funnel_log,
    "contact_matrix": simulate_contact_matrix,
    "sources": simulate_sources,
}


@pytest.fixture(scope="module")
def log():
    return simulate_funnel_log(seed=5, n=120_000)


@pytest.fixture(scope="module")
def heard():
    return simulate_sources(seed=5, n=60_000)


@pytest.mark.parametrize("name", SIMULATIONS)
def test_the_seed_of_the_card_gives_the_stored_files(tmp_path, name):
    stored = load(name)
    SIMULATIONS[name](seed=stored.card.seed).write(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (stored.folder / path.name).read_bytes(), path.name


@pytest.mark.parametrize("simulate", SIMULATIONS.values())
def test_a_negative_seed_is_refused(simulate):
    with pytest.raises(ParameterError, match="seed is -1"):
        simulate(seed=-1)


@pytest.mark.parametrize("simulate", [simulate_funnel_log, simulate_sources])
def test_too_few_rows_are_refused(simulate):
    with pytest.raises(ParameterError, match="n is 19"):
        simulate(seed=1, n=19)


def test_the_planted_rates_over_channels_are_the_cited_ones(log):
    assert log.truth["rates"] == {"call": 0.5, "offer": 0.1, "meeting": pytest.approx(0.25)}
    assert sum(CHANNELS.values()) == pytest.approx(1)
    assert log.truth["bottleneck"] == "offer"


def test_in_the_end_as_many_go_on_as_planted(log):
    reached = pd.Series(log.truth["furthest"]).map(STAGES.index).to_numpy()
    for channel, planted in RATES.items():
        own = reached[(log.leads["channel"] == channel).to_numpy()]
        for at, rate in enumerate(planted):
            here = own >= at
            error = np.sqrt(rate * (1 - rate) / here.sum())
            assert (own[here] > at).mean() == pytest.approx(rate, abs=4 * error)


def test_days_grow_along_the_stages_and_end_with_the_year(log):
    days = log.leads[list(STAGES)].apply(pd.to_datetime)
    assert days.max().max() <= pd.Timestamp("2024-12-31")
    filled = days.ffill(axis=1)
    assert (filled.to_numpy()[:, 1:] >= filled.to_numpy()[:, :-1]).all()
    step = (days["offer"] - days["call"]).dt.days.dropna()
    assert step.median() == pytest.approx(3, abs=1)  # rounded up to whole days


def test_losses_are_written_down_and_offers_are_not_on_file_as_often_as_planted(log):
    leads = log.leads
    early = pd.to_datetime(leads["call"]) < "2024-02-01"
    reached = pd.Series(log.truth["furthest"])
    gone = early & (reached == "call")
    assert leads.loc[gone, "lost"].notna().mean() == pytest.approx(WRITTEN, abs=0.02)
    met = early & reached.isin(["meeting", "sale"])
    assert leads.loc[met, "offer"].isna().mean() == pytest.approx(NO_OFFER, abs=0.04)


def test_beliefs_scatter_around_the_planted_responses():
    errors = []
    for seed in range(60):
        found = simulate_contact_matrix(seed=seed)
        planted = pd.DataFrame(found.truth["cells"])
        assert planted[["segment", "kind"]].equals(found.contacts[["segment", "kind"]])
        errors.append(np.log(found.contacts["saturation"] / planted["saturation"]))
    errors = np.concatenate(errors)
    assert errors.std() == pytest.approx(BELIEF_SD, abs=0.02)
    assert errors.mean() == pytest.approx(0, abs=0.03)


def test_planted_kinds_never_reach_more_than_everybody():
    for _, _, share in SEGMENTS.values():
        assert share * sum(kind[2] for kind in KINDS.values()) < 1


def test_clients_come_and_answer_as_planted(heard):
    clients, true = heard.customers, pd.Series(heard.truth["source"])
    again = clients["visit"] == "repeat"
    assert again.mean() == pytest.approx(REPEAT, abs=0.01)
    assert clients["source"].isna().mean() == pytest.approx(SILENT, abs=0.005)
    said = clients.loc[again, "source"].eq(BEEN_HERE).mean()
    assert said == pytest.approx(SAYS_SO * (1 - SILENT), abs=0.015)
    assert not clients.loc[~again, "source"].eq(BEEN_HERE).any()
    named = clients["source"].notna() & clients["source"].ne(BEEN_HERE)
    assert (clients.loc[named, "source"] == true[named]).all()
    for name, (_, first, repeat) in SOURCES.items():
        assert (true[~again] == name).mean() == pytest.approx(first, abs=0.012)
        assert (true[again] == name).mean() == pytest.approx(repeat, abs=0.015)


def test_shares_are_whole_and_costs_those_planted(heard):
    for at in (1, 2):
        assert sum(one[at] for one in SOURCES.values()) == pytest.approx(1)
    assert heard.costs["cost"].tolist() == [one[0] for one in SOURCES.values()]
    assert sum(heard.truth["counts"].values()) == len(heard.customers)
