"""The simulated index survey is the one R was run on, and large ones show what was planted."""

import json
from pathlib import Path

import numpy as np
import pytest

from custlib.datasets import load
from custlib.datasets.simulate import simulate_ecsi
from custlib.datasets.simulate.ecsi import CONSTRUCTS
from custlib.errors import ParameterError

ORACLE = Path(__file__).parents[1] / "oracles" / "ecsi_sim"


def test_the_seed_of_the_card_gives_the_stored_files_and_those_r_was_run_on(tmp_path):
    stored = load("ecsi_sim")
    simulate_ecsi(seed=stored.card.seed).write(tmp_path)
    for file in ("responses.csv", "truth.json"):
        assert (tmp_path / file).read_bytes() == (stored.folder / file).read_bytes()
    assert (tmp_path / "responses.csv").read_bytes() == (ORACLE / "ecsi_sim.csv").read_bytes()


def test_the_truth_is_that_of_the_reference():
    truth, reference = (
        load("ecsi_sim").truth,
        json.loads((ORACLE / "truth.json").read_text("utf-8")),
    )
    joined = {key.title().replace(" -> ", "."): x for key, x in truth["total_effects"].items()}
    assert joined == pytest.approx(reference["total_effects"])
    assert {key.title(): x for key, x in truth["r_squared"].items()} == pytest.approx(
        reference["R2"]
    )
    assert truth["loadings"] == reference["loadings"]


def test_many_respondents_show_the_planted_correlations():
    survey = simulate_ecsi(seed=3, n=40_000)
    answers = survey.responses.drop(columns="id")
    quality, satisfaction = CONSTRUCTS["quality"], CONSTRUCTS["satisfaction"]
    between = answers.corr().loc[quality.items, satisfaction.items]
    planted = np.outer(quality.loadings, satisfaction.loadings)
    planted *= survey.truth["correlation"]["quality ~ satisfaction"]
    # Rounding to whole numbers and the ends of the scale take a few per cent.
    assert between.to_numpy() / planted == pytest.approx(np.full(planted.shape, 0.96), abs=0.035)


def test_a_negative_seed_and_too_few_respondents_are_refused():
    with pytest.raises(ParameterError, match="seed is -1"):
        simulate_ecsi(seed=-1)
    with pytest.raises(ParameterError, match="n is 2"):
        simulate_ecsi(seed=1, n=2)
