"""What must hold of every net promoter score, whatever the answers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custlib.design import SurveyDesign
from custlib.loyalty import (
    net_promoter_bounds,
    net_promoter_change,
    net_promoter_sample_size,
    net_promoter_score,
)

ANSWERS = st.lists(st.integers(0, 10), min_size=2, max_size=60)
METHODS = ["adjusted_wald", "score", "wald", "bootstrap"]
LEVELS = st.sampled_from([0.5, 0.8, 0.95, 0.999])
# Swaps promoters for detractors and leaves passives.
MIRROR = {answer: 2 if answer >= 9 else 10 if answer <= 6 else 8 for answer in range(11)}


def score(answers, **options):
    return net_promoter_score(pd.DataFrame({"x": answers}), item="x", **options).iloc[0]


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25)
@given(answers=ANSWERS, level=LEVELS)
def test_the_interval_holds_the_score_and_stays_on_the_scale(method, answers, level):
    row = score(answers, method=method, conf_level=level)
    assert -100 <= row["estimate"] <= 100
    alike = len({MIRROR[answer] for answer in answers}) == 1
    if method in ("wald", "bootstrap") and alike:
        assert np.isnan(row["ci_low"])
        assert "no interval" in row["note"]
        return
    assert row["ci_low"] <= row["estimate"] + 1e-9
    assert row["ci_high"] >= row["estimate"] - 1e-9
    assert row["ci_low"] < row["ci_high"]
    if method != "wald":
        assert row["ci_low"] >= -100 - 1e-9
        assert row["ci_high"] <= 100 + 1e-9


@pytest.mark.parametrize("method", ["adjusted_wald", "score", "wald"])
@settings(max_examples=25)
@given(answers=ANSWERS)
def test_the_mirrored_base_has_the_mirrored_score(method, answers):
    plain = score(answers, method=method)
    turned = score([MIRROR[answer] for answer in answers], method=method)
    pairs = [("estimate", "estimate"), ("ci_low", "ci_high"), ("ci_high", "ci_low")]
    for first, second in pairs:
        assert plain[first] == pytest.approx(-turned[second], abs=1e-8, nan_ok=True)


@pytest.mark.parametrize("method", ["adjusted_wald", "score", "wald", "bootstrap"])
@settings(max_examples=25)
@given(answers=ANSWERS)
def test_a_higher_level_has_a_wider_interval(method, answers):
    narrow, wide = (score(answers, method=method, conf_level=level) for level in (0.8, 0.99))
    if not np.isnan(narrow["ci_low"]):
        assert wide["ci_low"] <= narrow["ci_low"] + 1e-9
        assert wide["ci_high"] >= narrow["ci_high"] - 1e-9


@given(answers=ANSWERS)
def test_weights_of_one_change_no_interval_that_counts_answers(answers):
    table = pd.DataFrame({"x": answers, "w": 3.0})
    for method in ("adjusted_wald", "score"):
        plain = net_promoter_score(table, item="x", method=method).iloc[0]
        weighed = net_promoter_score(
            table, item="x", method=method, design=SurveyDesign(weight="w")
        ).iloc[0]
        for name in ("estimate", "ci_low", "ci_high", "n_effective"):
            assert weighed[name] == pytest.approx(plain[name], abs=1e-7), name


@pytest.mark.parametrize("method", ["adjusted_wald", "score", "wald"])
@settings(max_examples=25)
@given(first=ANSWERS, second=ANSWERS)
def test_test_and_interval_of_a_change_agree(method, first, second):
    table = pd.DataFrame({"x": [*first, *second], "wave": [1] * len(first) + [2] * len(second)})
    asked = {"item": "x", "by": "wave", "method": method}
    row = net_promoter_change(table, **asked).iloc[0]
    back = net_promoter_change(table, pairs=[(2, 1)], **asked).iloc[0]
    assert row["estimate"] == pytest.approx(-back["estimate"])
    if np.isnan(row["ci_low"]):
        return
    assert row["ci_low"] == pytest.approx(-back["ci_high"], abs=1e-6)
    assert 0 <= row["p_value"] <= 1
    outside = row["ci_low"] > 1e-6 or row["ci_high"] < -1e-6
    inside = row["ci_low"] < -1e-6 and row["ci_high"] > 1e-6
    assert not (outside and row["p_value"] > 0.05 + 1e-6)
    # The adjusted difference may lie on the other side of 0 than the plain one.
    assert not (inside and row["p_value"] < 0.05 - 1e-6)


@given(answers=ANSWERS, silent=st.integers(0, 200), late=st.data())
def test_the_extrapolated_score_lies_within_its_bounds(answers, silent, late):
    days = late.draw(st.lists(st.integers(0, 20), min_size=len(answers), max_size=len(answers)))
    table = pd.DataFrame({"x": answers, "days": days})
    found = net_promoter_bounds(table, item="x", days="days", invited=len(answers) + silent)
    row = found.set_index("measure").loc["extrapolated"]
    if not np.isnan(row["estimate"]):
        assert row["bound_low"] - 1e-9 <= row["estimate"] <= row["bound_high"] + 1e-9
        assert row["ci_low"] - 1e-9 <= row["estimate"] <= row["ci_high"] + 1e-9
        if not silent:  # with nobody silent there is nothing to carry on
            answered = found["estimate"].iloc[0]
            assert row["estimate"] == pytest.approx(answered, abs=1e-9)
            assert row["bound_low"] == pytest.approx(row["bound_high"])


@given(
    up=st.floats(0, 1), part=st.floats(0, 1), margin=st.floats(0.5, 40),
    population=st.integers(2, 10**6),
)  # fmt: skip
def test_smaller_margins_cost_more_and_small_populations_less(up, part, margin, population):
    expected = {"promoter_share": up, "detractor_share": (1 - up) * part}
    sizes = net_promoter_sample_size(**expected, margin_points=[margin, margin / 2])["estimate"]
    if sizes.isna().any():
        return
    assert sizes[0] <= sizes[1] <= 4 * sizes[0]
    bounded = net_promoter_sample_size(**expected, margin_points=margin, population=population)[
        "estimate"
    ][0]
    assert bounded <= min(sizes[0], population)
