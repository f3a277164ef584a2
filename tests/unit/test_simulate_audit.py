"""The simulated audit draws what its constants say; its truth is what many raters would find."""

import numpy as np
import pandas as pd
import pytest

from custlib.datasets import load
from custlib.datasets.simulate import simulate_audit_7s
from custlib.datasets.simulate.audit import ELEMENTS, ITEMS, LEVELS, LINKS, PRACTICES
from custlib.errors import ParameterError


@pytest.fixture(scope="module")
def large():
    """Enough firms for shares and means to come close to what is planted."""
    return simulate_audit_7s(seed=7, n_firms=600)


def scores(audit):
    """Mean of each element per firm, 0-100, managers and front line counting alike."""
    answers = (audit.responses.set_index(["firm", "position"])[ITEMS].astype(float) - 1) / 4 * 100
    elements = answers.T.groupby(lambda item: item.rsplit("_", 1)[0]).mean().T
    return elements.groupby(level=["firm", "position"]).mean().groupby(level="firm").mean()


def test_the_stored_files_are_those_of_the_seed_on_the_card(tmp_path):
    stored = load("audit_7s")
    simulate_audit_7s(seed=stored.card.seed).write(tmp_path)
    for file in ("responses.csv", "practices.csv", "gaps.csv", "truth.json"):
        assert (tmp_path / file).read_bytes() == (stored.folder / file).read_bytes()


def test_raters_find_the_true_scores_on_average(large):
    truth = pd.DataFrame(large.truth["element"]).T
    error = scores(large)[list(ELEMENTS)] - truth
    # A firm's element rests on about five raters: sd about 8 points, over 600 firms 0.35.
    assert error.mean().abs().max() < 1.2
    assert error.to_numpy().std() < 12


def test_the_index_is_the_mean_of_the_elements(large):
    truth = pd.DataFrame(large.truth["element"]).T
    assert pd.Series(large.truth["index"]).to_numpy() == pytest.approx(
        truth.mean(axis=1).to_numpy(), abs=1e-5
    )
    assert truth.mean().idxmin() == "systems"


def test_practices_follow_the_levels(large):
    level = pd.Series(large.truth["level"]).to_numpy()
    found = large.practices.drop(columns="firm").to_numpy()
    needed = np.repeat(np.arange(1, len(LEVELS) + 1), PRACTICES)
    below = needed <= level[:, None]
    assert found[below].mean() == pytest.approx(0.96, abs=0.015)
    assert found[~below].mean() == pytest.approx(0.06, abs=0.015)


def test_the_gaps_lie_along_the_planted_chain(large):
    gaps = large.gaps
    assert (gaps["management_view"] - gaps["expected"]).mean() == pytest.approx(
        LINKS["management_view"], abs=0.06
    )
    assert (gaps["promised"] - gaps["delivered"]).mean() == pytest.approx(
        LINKS["promised"], abs=0.05
    )


def test_managers_see_their_firm_in_a_kinder_light(large):
    means = large.responses.groupby("position")[ITEMS].mean().mean(axis=1)
    assert means["manager"] - means["front_line"] == pytest.approx(0.38, abs=0.06)
    assert large.responses.groupby("firm")["position"].nunique().eq(2).all()


def test_a_negative_seed_and_a_single_firm_are_refused():
    with pytest.raises(ParameterError, match="seed is -1"):
        simulate_audit_7s(seed=-1)
    with pytest.raises(ParameterError, match="n_firms is 1"):
        simulate_audit_7s(seed=1, n_firms=1)
