"""The simulated quarters are those of the stored data, and large ones show what was planted."""

import numpy as np
import pandas as pd
import pytest

from custlib.datasets import load
from custlib.datasets.simulate import simulate_nps_waves
from custlib.datasets.simulate.waves import (
    CATEGORIES,
    REMINDER_DAY,
    ROLE_SHARE,
    STAY_A_YEAR,
    UNKNOWN,
    UNKNOWN_SHARE,
    WAVES,
)
from custlib.errors import ParameterError


@pytest.fixture(scope="module")
def many():
    return simulate_nps_waves(seed=5, n_firms=6_000)


@pytest.fixture(scope="module")
def known(many):
    return many.responses[many.responses["recommend"] != UNKNOWN]


def net(rows):
    return 100 * ((rows["recommend"] >= 9).mean() - (rows["recommend"] <= 6).mean())


def test_the_seed_of_the_card_gives_the_stored_files(tmp_path):
    stored = load("nps_waves")
    simulate_nps_waves(seed=stored.card.seed).write(tmp_path)
    for file in ("responses.csv", "invited.csv", "truth.json"):
        assert (tmp_path / file).read_bytes() == (stored.folder / file).read_bytes()


def test_the_stored_quarters_have_the_size_that_is_promised():
    stored = load("nps_waves")
    sizes = stored.responses.groupby("wave").size()
    assert sizes.index.tolist() == list(WAVES)
    assert sizes.between(150, 250).all()
    invited = stored.tables["invited"].set_index("wave")
    assert (sizes < invited["invited"]).all()
    assert (invited["invited"] < invited["sites"]).all()
    assert stored.truth["simulated"] is True


def test_columns_say_what_the_card_says(many):
    table = many.responses
    assert set(table["recommend"]) <= {*range(11), UNKNOWN}
    assert (table["reminded"] == (table["days"] > REMINDER_DAY)).all()
    assert table["days"].between(0, 28).all()
    assert not table.duplicated(["respondent", "wave"]).any()
    firms = table.groupby("respondent")[["customer", "market", "role"]].nunique()
    assert (firms == 1).all(axis=None)
    assert (table["recommend"] == UNKNOWN).mean() == pytest.approx(UNKNOWN_SHARE, abs=0.003)
    roles = table.drop_duplicates("respondent")["role"].value_counts(normalize=True)
    assert roles.to_dict() == pytest.approx(ROLE_SHARE, abs=0.02)


def test_firms_have_several_sites_and_answer_in_several_quarters(many):
    table = many.responses
    assert table.groupby(["customer", "wave"]).size().gt(1).mean() > 0.3
    assert table.groupby("respondent")["wave"].nunique().gt(1).mean() > 0.3


def test_scores_of_the_answers_are_those_of_all_who_would_answer(many, known):
    for wave in WAVES:
        truth = many.truth["score_by_reaction"][wave]
        for reaction, flag in (("early", 0), ("late", 1)):
            rows = known[(known["wave"] == wave) & (known["reminded"] == flag)]
            # Standard error of about 0.8 / sqrt(2,500), in points.
            assert net(rows) == pytest.approx(truth[reaction], abs=5), (wave, reaction)


def test_the_late_are_less_happy_and_the_silent_still_less(many):
    by_reaction = pd.DataFrame(many.truth["score_by_reaction"]).mean(axis=1)
    assert by_reaction["early"] > by_reaction["late"] + 10
    assert by_reaction["late"] > by_reaction["silent"] + 2


def test_the_score_stays_until_it_drops_in_the_last_quarter(many):
    scores = pd.Series(many.truth["score"])
    assert scores.iloc[:-1].max() - scores.iloc[:-1].min() < 8
    assert scores.iloc[-1] < scores.iloc[:-1].min() - 15
    [change] = many.truth["change"].values()
    assert change == pytest.approx(scores.iloc[-1] - scores.iloc[-2], abs=1e-5)


def test_staying_rises_with_the_answer_and_is_known_for_the_first_year_alone(many, known):
    stayed = known.groupby("wave")["retained"].count()
    assert (stayed[list(WAVES[:4])] > 0).all()
    assert (stayed[list(WAVES[4:])] == 0).all()
    answers = known["recommend"]
    category = np.select([answers >= 9, answers >= 7], CATEGORIES[:2], CATEGORIES[2])
    found = known["retained"].astype(float).groupby(category).mean()
    for name in CATEGORIES:
        assert found[name] == pytest.approx(many.truth["retained"][name], abs=0.02)
    # Sites change their mind within the year, so shares lie nearer to one another than planted.
    up, middle, down = (STAY_A_YEAR[name] for name in CATEGORIES)
    assert middle < many.truth["retained"]["promoters"] < up
    assert many.truth["retained"]["passives"] == pytest.approx(middle, abs=0.02)
    assert down < many.truth["retained"]["detractors"] < (middle + down) / 2
    assert found["promoters"] > found["passives"] + 0.03 > found["detractors"] + 0.06


def test_who_left_never_answers_again(many):
    table = many.responses.assign(at=many.responses["wave"].map(WAVES.index))
    left = table[table["retained"] == 0].groupby("respondent")["at"].min() + 4
    later = table[table["respondent"].isin(left.index)]
    assert (later["at"] < later["respondent"].map(left)).all()


def test_a_negative_seed_and_too_few_firms_are_refused():
    with pytest.raises(ParameterError, match="seed is -1"):
        simulate_nps_waves(seed=-1)
    with pytest.raises(ParameterError, match="n_firms is 9"):
        simulate_nps_waves(seed=1, n_firms=9)
