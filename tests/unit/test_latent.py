"""Latent classes on tables that resist: gaps, one answer, too many classes, flat likelihoods."""

import numpy as np
import pandas as pd
import pytest

from custlib.columns import VOCABULARY
from custlib.errors import ConvergenceWarning, DataError, FitError, ParameterError
from custlib.segmentation.latent import algorithm, latent_class_choice, latent_classes
from custlib.segmentation.latent.patterns import count_patterns, distinct_rows

ITEMS = ["a", "b", "c", "d"]
TRUE = np.array([[0.1, 0.2, 0.15, 0.1], [0.9, 0.8, 0.7, 0.85]])


def draw(n=400, seed=1, true=TRUE):
    """Answers "no" and "yes" of equal classes with these probabilities of a yes."""
    random = np.random.default_rng(seed)
    group = random.integers(0, len(true), n)
    yes = random.random((n, true.shape[1])) < true[group]
    return pd.DataFrame(np.where(yes, "yes", "no"), columns=list("abcdef")[: true.shape[1]])


@pytest.fixture(scope="module")
def customers():
    return draw().assign(customer=range(1, 401), weight=np.linspace(0.5, 2, 400))


@pytest.fixture(scope="module")
def model(customers):
    return latent_classes(customers, items=ITEMS, k=2, seed=1)


def value(found, measure):
    return found.fit.set_index("measure").loc[measure, "estimate"]


def test_every_table_speaks_the_vocabulary(customers, model):
    choice = latent_class_choice(customers, items=ITEMS, ks=[1, 2], seed=1)
    for table in (model.estimates, model.fit, choice):
        assert set(table) <= set(VOCABULARY)
    keys = ["segment", "measure", "item", "answer"]
    assert list(model.estimates)[:4] == keys
    assert not model.estimates.duplicated(keys).any()


def test_one_class_has_the_shares_of_the_answers_and_their_binomial_errors(customers):
    one = latent_classes(customers, items=ITEMS, k=1, seed=1)
    rows = one.estimates.query("answer == 'yes'").set_index("item")
    for item in ITEMS:
        share = (customers[item] == "yes").mean()
        assert rows.loc[item, "estimate"] == pytest.approx(share, abs=1e-12)
        assert rows.loc[item, "std_error"] == pytest.approx(np.sqrt(share * (1 - share) / 400))
    assert one.estimates["estimate"].iloc[0] == 1
    assert one.estimates["note"].iloc[0] == "one class: its share is 1"
    assert (one.estimates["note"].iloc[1:] == "").all()
    assert np.isnan(value(one, "entropy_r2"))
    assert (one.cases["segment"] == "1").all()


def test_probabilities_sum_to_one_and_classes_fall_in_size(model):
    rows = model.estimates
    shares = rows.query("measure == 'share'")["estimate"]
    assert shares.sum() == pytest.approx(1)
    assert shares.is_monotonic_decreasing
    answers = rows.query("measure == 'probability'").groupby(["segment", "item"])["estimate"]
    assert answers.sum().to_numpy() == pytest.approx(np.ones(8))


def test_intervals_are_symmetric_in_the_logit(model):
    rows = model.estimates
    estimate, low, high = (
        np.log(rows[name] / (1 - rows[name])) for name in ("estimate", "ci_low", "ci_high")
    )
    assert (high - estimate).to_numpy() == pytest.approx((estimate - low).to_numpy())
    slope = rows["estimate"] * (1 - rows["estimate"])
    assert (high - estimate).to_numpy() == pytest.approx(
        (1.959964 * rows["std_error"] / slope).to_numpy(), rel=1e-6
    )


def test_cases_are_the_rows_and_posteriors_follow_bayes(customers, model):
    cases = model.cases
    pd.testing.assert_frame_equal(cases[list(customers)], customers)
    rows = model.estimates.set_index(["segment", "item", "answer"])["estimate"]
    joint = np.array(
        [
            rows[at, "", ""] * np.prod([rows[at, item, customers[item].iloc[7]] for item in ITEMS])
            for at in "12"
        ]
    )
    posterior = cases.loc[7, ["segment_probability_1", "segment_probability_2"]].to_numpy(float)
    assert posterior == pytest.approx(joint / joint.sum())
    assert cases.loc[7, "segment"] == "12"[joint.argmax()]


def test_predicting_the_rows_gives_their_cases(customers, model):
    pd.testing.assert_frame_equal(model.predict(customers), model.cases)
    few = customers.iloc[[5, 3, 5]].set_index(pd.Index(["x", "y", "x"]))
    assert model.predict(few)["segment"].tolist() == model.cases["segment"].iloc[[5, 3, 5]].tolist()
    assert model.predict(few).index.tolist() == ["x", "y", "x"]
    assert len(model.predict(customers.iloc[:0])) == 0


def test_an_answer_unseen_is_an_error_with_its_row(customers, model):
    new = customers.iloc[:3].assign(b=["yes", "perhaps", None])
    with pytest.raises(DataError, match=r"1 answer to 'b'.*row 1: 'perhaps'") as problem:
        model.predict(new)
    assert str(problem.value).count("\n") == 2
    with pytest.raises(DataError, match="Columns not in the table: d"):
        model.predict(customers[["a", "b", "c"]])
    with pytest.raises(DataError, match="already has: segment"):
        model.predict(customers.assign(segment=1))


def test_a_row_without_answers_stays_and_says_nothing(customers):
    gaps = customers.copy()
    gaps.loc[[3, 9], ITEMS] = None
    found = latent_classes(gaps, items=ITEMS, k=2, seed=1)
    shares = found.estimates.query("measure == 'share'")["estimate"].to_numpy()
    row = found.cases.loc[9]
    assert row[["segment_probability_1", "segment_probability_2"]].to_numpy(float) == pytest.approx(
        shares
    )
    assert pd.isna(row["segment"])
    assert "no answer" in row["segment_note"]
    assert (found.fit["n"] == 398).all()
    assert (found.fit["n_missing"] == 2).all()
    without = latent_classes(gaps.drop([3, 9]), items=ITEMS, k=2, seed=1)
    assert value(found, "bic") == pytest.approx(value(without, "bic"), abs=1e-9)


def test_a_row_with_one_answer_is_judged_by_it(customers, model):
    new = pd.DataFrame({"a": ["yes"], "b": [None], "c": [None], "d": [None]})
    rows = model.estimates.set_index(["segment", "item", "answer"])["estimate"]
    joint = np.array([rows[at, "", ""] * rows[at, "a", "yes"] for at in "12"])
    found = model.predict(new)[["segment_probability_1", "segment_probability_2"]].to_numpy()[0]
    assert found == pytest.approx(joint / joint.sum())


def test_a_new_row_without_answers_has_no_segment(model):
    new = pd.DataFrame({item: [None, "yes"] for item in ITEMS})
    found = model.predict(new)
    shares = model.estimates["estimate"][:2].to_numpy()
    posterior = found[["segment_probability_1", "segment_probability_2"]].to_numpy()
    assert posterior[0] == pytest.approx(shares)
    assert found["segment"].isna().tolist() == [True, False]
    assert found["segment_note"].tolist() == ["no answer: shares of the classes", ""]


def test_the_label_can_have_another_name(customers, model):
    taken = customers.assign(segment="A")
    found = latent_classes(taken, items=ITEMS, k=2, segment="answers_like", seed=1)
    assert found.cases["answers_like"].tolist() == model.cases["segment"].tolist()
    assert list(found.cases)[-4:] == list(found.predict(taken))[-4:]
    assert list(found.cases)[-1] == "answers_like_note"


def test_listwise_uses_complete_rows_and_keeps_the_others(customers):
    gaps = customers.copy()
    gaps.loc[:49, "a"] = None
    found = latent_classes(gaps, items=ITEMS, k=2, missing="listwise", seed=1)
    alone = latent_classes(gaps.iloc[50:], items=ITEMS, k=2, seed=1)
    assert value(found, "log_likelihood") == pytest.approx(value(alone, "log_likelihood"), abs=1e-9)
    assert found.cases["segment"].isna().sum() == 50
    assert found.cases["segment_probability_1"].iloc[:50].isna().all()
    assert found.cases["segment_note"].iloc[0].startswith("left out")
    assert (found.fit["n"] == 350).all()
    used = latent_classes(gaps, items=ITEMS, k=2, seed=1)
    assert used.estimates.query("item == 'a'")["n"].eq(350).all()
    assert used.estimates.query("item == 'b'")["n_missing"].eq(0).all()
    assert used.estimates.query("item == 'a'")["n_missing"].eq(50).all()


def test_an_answer_only_incomplete_rows_have_is_no_answer_listwise(customers):
    gaps = customers.copy()
    gaps.loc[0, ["a", "b"]] = ["never", None]
    found = latent_classes(gaps, items=ITEMS, k=2, missing="listwise", seed=1)
    assert "never" not in set(found.estimates["answer"])
    kept = latent_classes(gaps, items=ITEMS, k=2, seed=1)
    assert "never" in set(kept.estimates["answer"])


def test_codes_of_every_kind_are_answers(customers, model):
    kinds = customers.assign(
        a=(customers["a"] == "yes").astype(int),
        b=customers["b"] == "yes",
        c=pd.Categorical(customers["c"], ["yes", "no", "never"]),
        d=np.where(customers["d"] == "yes", 7.5, np.nan),
    ).astype({"a": "Int64"})
    kinds["d"] = kinds["d"].fillna(-1)
    found = latent_classes(kinds, items=ITEMS, k=2, seed=1)
    assert value(found, "log_likelihood") == pytest.approx(value(model, "log_likelihood"), abs=1e-8)
    first = found.estimates.query("segment == '1' and measure == 'probability'")
    assert first["answer"].tolist() == [0, 1, False, True, "yes", "no", -1.0, 7.5]


def test_a_perfect_split_is_at_the_boundary(customers):
    answers = pd.DataFrame({name: list("xxxxxyyy") * 20 for name in "abc"})
    answers.loc[:9, "c"] = "x"
    found = latent_classes(answers, items=list("abc"), k=2, seed=1)
    rows = found.estimates
    edge = rows[rows["item"].isin(["a", "b"])]
    assert edge["estimate"].round(6).isin([0, 1]).all()
    assert edge["std_error"].isna().all()
    assert edge["ci_low"].isna().all()
    assert edge["note"].str.contains("at the boundary").all()
    # With classes seen without error the share is a plain binomial one.
    share = rows.iloc[0]
    assert share["estimate"] == pytest.approx(0.625, abs=1e-6)
    assert share["std_error"] == pytest.approx(np.sqrt(0.625 * 0.375 / 160), rel=1e-4)


def test_three_classes_of_four_binary_items_are_not_identified():
    """Goodman (1974): 14 parameters, 15 free cells, and yet a likelihood flat in a direction."""
    true = np.array([[0.1, 0.2, 0.15, 0.3], [0.8, 0.3, 0.7, 0.2], [0.4, 0.9, 0.3, 0.8]])
    found = latent_classes(draw(2000, 5, true), items=ITEMS, k=3, seed=1)
    assert found.estimates["std_error"].isna().all()
    assert found.estimates["note"].str.contains("flat in 1 direction").all()
    rows = found.fit.set_index("measure")
    assert "not identified" in rows.loc["n_parameters", "note"]
    assert np.isnan(rows.loc["g2", "p_value"])


def test_goodness_of_fit_against_the_table_of_answers(customers, model):
    observed = customers.value_counts(ITEMS)
    rows = model.estimates.set_index(["segment", "item", "answer"])["estimate"]
    g2 = x2 = 0
    for pattern in pd.MultiIndex.from_product([["no", "yes"]] * 4):
        pairs = list(zip(ITEMS, pattern, strict=True))
        each = [rows[at, "", ""] * np.prod([rows[at, *pair] for pair in pairs]) for at in "12"]
        expected, count = 400 * sum(each), observed.get(pattern, 0)
        x2 += (count - expected) ** 2 / expected
        g2 += 2 * count * np.log(count / expected) if count else 0
    found = model.fit.set_index("measure")
    assert found.loc["g2", "estimate"] == pytest.approx(g2)
    assert found.loc["x2", "estimate"] == pytest.approx(x2)
    assert found.loc["g2", "df"] == 15 - 9
    assert 0.001 < found.loc["g2", "p_value"] < 1


def test_a_sparse_table_gets_no_p_value(customers):
    found = latent_classes(customers.iloc[:60], items=ITEMS, k=2, seed=1).fit
    rows = found.set_index("measure").loc[["g2", "x2"]]
    assert rows["estimate"].notna().all()
    assert rows["p_value"].isna().all()
    assert rows["note"].str.contains("fewer than 5 rows a cell").all()


def test_weights_change_the_estimates_and_are_named(customers, model):
    found = latent_classes(customers, items=ITEMS, k=2, weight="weight", seed=1)
    assert (found.estimates["method"] == "sandwich").all()
    assert np.isnan(value(found, "g2"))
    weights = customers["weight"]
    assert found.fit["n_effective"].iloc[0] == pytest.approx(
        weights.sum() ** 2 / (weights**2).sum()
    )
    tenfold = customers.assign(weight=10 * weights)
    same = latent_classes(tenfold, items=ITEMS, k=2, weight="weight", seed=1)
    pd.testing.assert_frame_equal(same.estimates, found.estimates)
    assert value(found, "log_likelihood") != value(model, "log_likelihood")


@pytest.mark.parametrize("wrong", [0, -1, np.nan, np.inf])
def test_weights_are_positive(customers, wrong):
    with pytest.raises(DataError, match="1 weight"):
        latent_classes(
            customers.assign(weight=[wrong] + [1] * 399), items=ITEMS, k=2, weight="weight", seed=1
        )


@pytest.mark.parametrize(
    ("change", "options", "error", "says"),
    [
        ({}, {"items": ["a"]}, ParameterError, "There is 1 item"),
        ({}, {"items": "abcd"}, ParameterError, "items is the text 'abcd'"),
        ({}, {"items": ["a", "a", "b"]}, ParameterError, "more than once: a"),
        ({}, {"items": ["a", "b", "z"]}, DataError, "not in the table: z"),
        ({"a": "no"}, {}, DataError, "fewer than two different answers: a"),
        ({"a": None}, {}, DataError, "fewer than two different answers: a"),
        ({"a": np.arange(400.0)}, {}, DataError, "'a' has 400 different answers"),
        ({"a": [1, "one"] * 200}, {}, DataError, "'a' mixes answers"),
        ({}, {"k": 0}, ParameterError, "k is 0"),
        ({}, {"k": 2.5}, ParameterError, "k is 2.5"),
        ({}, {"k": True}, ParameterError, "k is True"),
        ({}, {"k": 40}, ParameterError, "40 classes for 16 distinct patterns"),
        ({}, {"k": 4}, ParameterError, "4 classes have 19 parameters"),
        ({}, {"n_starts": 0}, ParameterError, "n_starts is 0"),
        ({}, {"n_starts": 2.5}, ParameterError, "n_starts is 2.5"),
        ({}, {"max_rounds": 0}, ParameterError, "max_rounds is 0"),
        ({}, {"seed": None}, ParameterError, "seed is absent"),
        ({}, {"missing": "drop"}, ParameterError, "missing is 'drop'"),
        ({}, {"conf_level": 95}, ParameterError, "conf_level is 95"),
        ({"segment_note": ""}, {}, DataError, "already has: segment_note"),
        ({"segment_probability_2": 0.5}, {}, DataError, "already has: segment_probability_2"),
    ],
)
def test_what_cannot_be_used_is_told_in_three_parts(customers, change, options, error, says):
    asked = {"items": ITEMS, "k": 2, "seed": 1} | options
    with pytest.raises(error, match=says) as problem:
        latent_classes(customers.assign(**change), **asked)
    assert str(problem.value).count("\n") == 2


@pytest.mark.parametrize("rows", [0, 1])
def test_one_row_or_none_has_no_classes(customers, rows):
    with pytest.raises(DataError, match=f"{rows} row.* can be used"):
        latent_classes(customers.iloc[:rows], items=ITEMS, k=1, seed=1)


def test_no_complete_row_is_told_with_the_way_out(customers):
    gaps = customers.copy()
    gaps.loc[:199, "a"] = None
    gaps.loc[200:, "b"] = None
    with pytest.raises(DataError, match=r"0 complete rows.*\n.*\n.*missing='mar'"):
        latent_classes(gaps, items=ITEMS, k=2, missing="listwise", seed=1)


def test_a_fit_that_did_not_converge_warns_and_refuses_to_predict(customers):
    with pytest.warns(ConvergenceWarning, match="had not converged after 1 round"):
        found = latent_classes(customers, items=ITEMS, k=2, max_rounds=1, seed=1)
    assert found.estimates["std_error"].isna().all()
    assert found.estimates["note"].str.contains("not converged").all()
    assert found.cases["segment_probability_1"].isna().all()
    assert found.cases["segment"].isna().all()
    assert value(found, "starts_at_best") == 0
    with pytest.raises(FitError, match="had not converged"):
        found.predict(customers)
    with pytest.warns(ConvergenceWarning):
        choice = latent_class_choice(customers, items=ITEMS, ks=[2], max_rounds=1, seed=1)
    assert choice["bic"].isna().all()
    assert choice["verdict"].tolist() == [""]


def test_the_choice_agrees_with_the_fit_and_keeps_what_cannot_be_fitted(customers, model):
    choice = latent_class_choice(customers, items=ITEMS, ks=[4, 2, 1], seed=1)
    assert choice["clusters"].tolist() == [4, 2, 1]
    assert "4 classes have 19 parameters" in choice.loc[0, "note"]
    assert np.isnan(choice.loc[0, "bic"])
    row = choice.loc[1]
    for name in ("log_likelihood", "aic", "bic", "entropy_r2", "classification_error"):
        assert row[name] == pytest.approx(value(model, name), abs=1e-9)
    assert row["smallest_share"] == model.estimates["estimate"].iloc[1]
    assert choice["verdict"].tolist() == ["", "lowest BIC", ""]
    assert (choice["n"] == 400).all()


@pytest.mark.parametrize("numbers", [[], [2, 2]])
def test_the_numbers_of_classes_are_named_once(customers, numbers):
    with pytest.raises(ParameterError, match="ks is"):
        latent_class_choice(customers, items=ITEMS, ks=numbers, seed=1)


def test_starts_with_a_decimal_point_are_whole_numbers(customers):
    found = latent_classes(customers, items=ITEMS, k=2, n_starts=3.0, seed=1).cases
    whole = latent_classes(customers, items=ITEMS, k=2, n_starts=3, seed=1).cases
    pd.testing.assert_frame_equal(found, whole)


def test_a_lone_start_at_the_best_is_noted(customers):
    found = latent_classes(customers, items=ITEMS, k=2, n_starts=1, seed=1).fit
    note = found.set_index("measure").loc["starts_at_best", "note"]
    assert note.startswith("one start alone")


def test_a_start_has_a_stream_of_its_own(customers):
    patterns = count_patterns(customers, items=ITEMS, weights=np.ones(400), missing="mar")
    few = algorithm.random_starts(patterns, k=2, n_starts=2, seed=3)
    many = algorithm.random_starts(patterns, k=2, n_starts=5, seed=3)
    assert (many[:2] == few).all()
    assert len(np.unique(many, axis=0)) == 5


def test_no_step_of_em_lowers_the_likelihood(customers):
    patterns = count_patterns(customers, items=ITEMS, weights=np.ones(400), missing="mar")
    point = algorithm.random_starts(patterns, k=2, n_starts=5, seed=3)
    values = []
    for _ in range(30):
        point, value = algorithm.em_step(patterns, point, 2)
        values.append(value)
    assert (np.diff(values, axis=0) >= -1e-9).all()


def test_no_round_lowers_the_likelihood_although_extrapolations_do():
    random = np.random.default_rng(2)
    noise = pd.DataFrame(random.integers(0, 3, (300, 5))).add_prefix("item_")
    patterns = count_patterns(noise, items=list(noise), weights=np.ones(300), missing="mar")
    point, limit = algorithm.random_starts(patterns, k=3, n_starts=5, seed=3), np.full(5, 4.0)
    refused, last = 0, np.full(5, -np.inf)
    for _ in range(100):
        first, value = algorithm.em_step(patterns, point, 3)
        second, better = algorithm.em_step(patterns, first, 3)
        assert (value >= last - 1e-9).all()
        steps = (point, first, second)
        point, limit = algorithm._extrapolated(patterns, steps, better, limit, 3)
        refused += (point == second).all(axis=1).sum()
        last = better
    assert refused > 0


def test_blocks_of_patterns_do_not_change_a_step(customers, monkeypatch):
    patterns = count_patterns(customers, items=ITEMS, weights=np.ones(400), missing="mar")
    point = algorithm.random_starts(patterns, k=2, n_starts=3, seed=3)
    whole = algorithm.em_step(patterns, point, 2)
    monkeypatch.setattr(algorithm, "BLOCK_PRODUCTS", 50)
    parts = algorithm.em_step(patterns, point, 2)
    assert parts[0] == pytest.approx(whole[0])
    assert parts[1] == pytest.approx(whole[1])


def test_patterns_are_told_apart_even_where_their_number_is_beyond_an_integer():
    codes = np.random.default_rng(1).integers(-1, 3, (50, 40))
    codes = np.vstack([codes, codes[::-1]])
    of_row, distinct = distinct_rows(codes, [30] * 40)
    assert len(distinct) == 50
    assert (distinct[of_row] == codes).all()


def test_a_hundred_items_do_not_underflow():
    random = np.random.default_rng(4)
    group = random.integers(0, 2, 300)
    yes = random.random((300, 100)) < np.where(group, 0.97, 0.03)[:, None]
    table = pd.DataFrame(yes.astype(int)).add_prefix("item_")
    found = latent_classes(table, items=list(table), k=2, n_starts=3, seed=1)
    assert pd.crosstab(found.cases["segment"], group).to_numpy().min() == 0
    assert np.isfinite(value(found, "log_likelihood"))
