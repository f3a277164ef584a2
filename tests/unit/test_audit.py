"""What an audit's file allows, what it lacks, and the index with its verdicts."""

import numpy as np
import pandas as pd
import pytest

from custlib import survey
from custlib.errors import DataError, ParameterError

BOOK = survey.Codebook.from_mapping(
    {
        "scales": {"short": {"low": 1, "high": 5}, "long": {"low": 0, "high": 10}},
        "blocks": {"staff": {}, "style": {}},
        "items": {
            "kind": {"scale": "short", "block": "staff"},
            "able": {"scale": "long", "block": "staff"},
            "open": {"scale": "short", "block": "style"},
            "age": {"scale": "long"},
        },
    }
)
ROWS = pd.DataFrame(
    {
        "shop": ["a", "a", "b", "b", "c"],
        "kind": [5, 3, 1, 3, 5],
        "able": [10, 5, 0, 5, 10],
        "open": [4, 2, 2, 2, 5],
        "age": [1, 2, 3, 4, 5],
        "post": ["boss", "desk", "boss", "desk", "boss"],
    }
)
CHANCE = {"seed": 1, "n_draws": 400, "conf_level": 0.9}


def audit(rows=ROWS, **asked):
    return survey.audit_ratings(rows, BOOK, by="shop", **asked)


def test_answers_on_any_scale_become_0_to_100_and_items_outside_the_blocks_stay_out():
    found = audit()
    assert found.elements == ["staff", "style"]
    first = found.ratings[found.ratings["rater"] == 1]
    assert first["rating"].tolist() == [50, 50, 25]
    assert found.gaps.empty
    assert found.counts["n"].tolist() == [2, 2, 1]


def test_what_the_file_lacks_is_listed():
    rows = ROWS.assign(open=np.nan, shop=["a", "a", "b", "b", None])
    found = audit(rows, min_base=3)
    assert found.elements == ["staff"]
    assert found.thin == ["a", "b"]
    assert found.gaps["measure"].tolist() == ["shop", "open", "raters"]
    assert found.gaps["note"].iloc[0] == "1 rows name no shop and are left out"


def test_a_row_without_an_answer_is_no_rater():
    rows = ROWS.assign(**{item: ROWS[item].where(ROWS.index != 1) for item in BOOK.attributes})
    found = audit(rows, min_base=2)
    assert found.counts["n"].tolist() == [1, 2, 1]
    assert found.thin == ["a", "c"]
    scores = found.scores(**CHANCE).estimates.query("dimension == 'staff'")
    assert scores["n"].tolist() == found.counts["n"].tolist()
    assert "agreement" in audit(rows.iloc[[0, 1, 4]]).gaps["measure"].tolist()


def test_without_blocks_every_item_is_an_element():
    scales = {"scales": {"short": {"low": 1, "high": 5}}}
    book = survey.Codebook.from_mapping(scales | {"items": {"kind": {"scale": "short"}}})
    assert survey.audit_ratings(ROWS, book, by="shop").elements == ["kind"]


@pytest.mark.parametrize(
    "rows, asked, told",
    [
        (ROWS.drop(columns="shop"), {}, "shop"),
        (ROWS.assign(kind=np.nan, able=np.nan, open=np.nan), {}, "no ratings of any shop"),
        (ROWS.iloc[:0], {}, "no ratings of any shop"),
    ],
)
def test_a_file_without_units_or_ratings_is_refused(rows, asked, told):
    with pytest.raises(DataError, match=told):
        audit(rows, **asked)


def test_raters_of_two_waves_put_one_below_the_other_stay_apart():
    ratings = audit(pd.concat([ROWS, ROWS])).ratings
    assert len(ratings) == 2 * 5 * 3
    assert ratings["rater"].nunique() == 2 * 5


@pytest.mark.parametrize("name", ["rater", "dimension", "item", "rating", "n", "note"])
def test_units_are_not_named_like_a_column_of_the_ratings(name):
    with pytest.raises(DataError, match=f"already has: {name}"):
        survey.audit_ratings(ROWS.rename(columns={"shop": name}), BOOK, by=name)


def test_a_gap_among_objects_is_a_gap_and_text_is_refused():
    ratings = audit(ROWS.assign(open=pd.Series([4, pd.NA, 2, 2, 5], dtype=object))).ratings
    assert ratings.query("dimension == 'style'")["rating"].isna().tolist() == [0, 1, 0, 0, 0]
    with pytest.raises(DataError, match="'open' not a number; first: row 1: 'n/a'"):
        audit(ROWS.assign(open=[4, "n/a", 2, 2, 5]))


def test_an_unknown_unit_is_refused():
    with pytest.raises(ParameterError, match="unit, a value of 'shop', is 'z'"):
        audit(unit="z")


def test_agreement_is_told_of_each_element_and_of_all_together():
    found = survey.audit_agreement(audit())
    assert found["dimension"].unique().tolist() == ["staff", "style", "all elements"]
    assert found["measure"].unique().tolist() == ["krippendorff_alpha", "icc_1_k"]


def test_single_raters_leave_a_noted_row_instead_of_agreement():
    found = survey.audit_agreement(audit(ROWS.iloc[[0, 2, 4]]))
    assert found["estimate"].isna().all()
    assert (found["note"] == "no unit has two raters").all()


def test_weights_are_read_by_element():
    # Staff of shop a: (100 + 100 + 50 + 50) / 4; style: (75 + 25) / 2. (3 * 75 + 50) / 4 = 68.75.
    found = audit()
    made = survey.audit_index(
        found, found.scores(**CHANCE), weights=["staff = 3"], aggregation="arithmetic", **CHANCE
    )
    index = made.estimates.query("measure == 'index'").set_index("shop")["estimate"]
    assert index["a"] == pytest.approx(68.75)


@pytest.mark.parametrize(
    "weights, told",
    [
        (["skills=2"], "an element in weights is 'skills'"),
        (["staff"], "A weight is 'staff'"),
        (["staff=much"], "A weight is 'staff=much'"),
        (["staff=-1"], "positive"),
    ],
)
def test_a_wrong_weight_is_refused(weights, told):
    found = audit()
    with pytest.raises(ParameterError, match=told):
        survey.audit_index(found, found.scores(**CHANCE), weights=weights, **CHANCE)


def test_an_index_needs_a_mark():
    found = audit()
    with pytest.raises(ParameterError, match="no thresholds"):
        survey.audit_index(found, found.scores(**CHANCE), thresholds=[], **CHANCE)


def test_without_a_second_rater_there_is_an_index_and_no_verdict():
    found = audit(ROWS.iloc[[0, 2, 4]])
    assert found.gaps["measure"].tolist() == ["agreement"]
    made = survey.audit_index(found, found.scores(**CHANCE), **CHANCE)
    assert "scores" not in set(made.sensitivity["term"])
    index = made.estimates.query("measure == 'index'")
    assert index["estimate"].notna().all()
    assert index[["std_error", "ci_low", "ci_high"]].isna().all(axis=None)
    verdicts = survey.index_verdicts(made.estimates, by="shop")
    assert (verdicts["verdict"] == "too few raters").all()


def test_a_unit_of_one_rater_has_no_verdict_and_leaves_the_others_their_errors():
    found = audit()
    making = {"certainty": None, "aggregation": "arithmetic"}
    made = survey.audit_index(found, found.scores(spread="own", **CHANCE), **making, **CHANCE)
    index = made.estimates.query("measure == 'index'").set_index("shop")
    assert index["ci_low"].isna().tolist() == [False, False, True]
    assert (index["ci_high"] > index["ci_low"])[["a", "b"]].all()
    assert index.loc["c", "estimate"] == 100
    assert index.loc["c", "note"] == "an error is unknown: too few raters for an interval"
    verdicts = survey.index_verdicts(made.estimates, by="shop").groupby("shop")["verdict"]
    assert set(verdicts.get_group("c")) == {"too few raters"}
    assert "too few raters" not in set(verdicts.get_group("a")) | set(verdicts.get_group("b"))
    # One degree of freedom each: t has no variance to divide, ranks still have.
    assert index["std_error"].isna().all()
    shares = made.sensitivity.set_index("outcome")["estimate"]
    assert shares["index"].isna().all()
    assert shares["rank_shift"].notna().all()


def test_an_element_nobody_rated_twice_leaves_no_unit_a_verdict():
    found = audit(ROWS.assign(open=[4, np.nan, 2, np.nan, 5]))
    made = survey.audit_index(found, found.scores(**CHANCE), **CHANCE)
    verdicts = survey.index_verdicts(made.estimates, by="shop")
    assert (verdicts["verdict"] == "too few raters").all()


def test_a_unit_without_an_element_has_no_index_and_leaves_the_others_their_doubt():
    found = audit(ROWS.assign(open=[4, 2, 2, 1, np.nan]))
    scores = found.scores(**CHANCE)
    last = scores.estimates.iloc[-1]
    assert last["note"] == "no ratings"
    assert np.isnan(last["std_error"])
    making = {"weights": ["staff=0.0001"], "certainty": None, "aggregation": "arithmetic"}
    made = survey.audit_index(found, scores, **making, **CHANCE)
    index = made.estimates.query("measure == 'index'").set_index("shop")
    assert index["estimate"].isna().tolist() == [False, False, True]
    # Nearly all weight lies on the element that shop c lacks; its error is that of the index.
    assert index["std_error"].dropna().gt(5).all()


def test_verdicts_follow_from_the_chance_and_the_raters_alone():
    index = pd.DataFrame({"shop": list("abcde"), "estimate": [0.9, 0.1, 0.5, np.nan, 0.99]})
    index = index.assign(measure="above 55", n=2, n_missing=0, note="")
    found = survey.index_verdicts(index, by="shop", thin=["e"], conf_level=0.9)
    told = ["surely", "surely not", "open", "no index", "too few raters"]
    assert found["verdict"].tolist() == told


def test_views_ask_each_kind_of_rater_alone():
    views = survey.index_views(audit(), raters=ROWS["post"], chance=CHANCE, thresholds=[55])
    told = ["as above", "geometric mean", "weights as given", "elements equally spread"]
    assert views["method"].tolist() == [*told, "boss", "desk"]
    # Bosses: a 100 and 75, b 0 and 25, c 100 and 100; desks: a 50 and 25, b 50 and 25.
    assert views["estimate"].iloc[-2:].tolist() == pytest.approx([200 / 3, 37.5])
    assert views["n"].tolist() == [3, 3, 3, 3, 3, 2]
    assert views["shop"].iloc[-2] == "c"


def test_a_view_that_cannot_be_made_is_noted():
    views = survey.index_views(audit(ROWS.iloc[:2]), chance=CHANCE, thresholds=[55])
    spread = views[views["method"] == "elements equally spread"].iloc[0]
    assert np.isnan(spread["estimate"])
    assert "The same in all units" in spread["note"]


def test_columns_of_practices_name_their_level():
    table = pd.DataFrame(columns=["shop", "kind_1", "kind_2", "very_able_1", "remark", "_3"])
    levels = {"kind": ["kind_1", "kind_2"], "very_able": ["very_able_1"]}
    assert survey.practice_levels(table, by="shop") == levels
    assert survey.practice_levels(table, by="firm") == {}
    assert survey.practice_levels(None, by="shop") == {}
