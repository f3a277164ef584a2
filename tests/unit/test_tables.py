"""Shown tables: short headings, estimates with intervals, names for codes, and nothing twice."""

import re

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from custlib import columns
from custlib.errors import DataError, ParameterError
from custlib.report.cells import SHORT
from custlib.report.tables import show
from custlib.survey.codebook.book import Codebook

BOOK = Codebook.from_mapping(
    {
        "scales": {
            "grade": {"low": 1, "high": 3, "labels": {1: {"en": "bad", "ru": "плохо"}, 3: "good"}}
        },
        "items": {
            "price": {"scale": "grade", "label": {"en": "Price level", "ru": "Цена"}},
            "delivery": {"scale": "grade", "label": "Delivery"},
        },
        "groups": {
            "role": {
                "label": "Role",
                "values": {"user": {"en": "End users", "ru": "Потребители"}, "trader": "Traders"},
            },
            "market": {"label": "Market", "values": {"user": "A market called user"}},
        },
        "statements": {
            "fair": {
                "text": {"en": "Prices are fair."},
                "holds_if": [{"measure": "mean", "items": ["price"], "above": 2}],
            }
        },
    }
)


def results(**extra):
    """Two measures of one item, as satisfaction_profile writes them."""
    rows = {
        "role": ["user", "user"],
        "item": ["price", "price"],
        "measure": ["mean", "top_box"],
        "estimate": [3.42193, 0.5449],
        "std_error": [0.1072, 0.0357],
        "ci_low": [3.2101, 0.4712],
        "ci_high": [3.6299, 0.6133],
        "conf_level": [0.95, 0.95],
        "df": [93.0, 93.0],
        "n": [1204, 1204],
        "n_effective": [900.3, 911.8],
        "n_missing": [3, 3],
        "numerator": pd.array([None, 656], "Int64"),
        "denominator": pd.array([None, 1204], "Int64"),
        "note": ["", ""],
    }
    return pd.DataFrame(rows | extra)


def headings(shown):
    return [plain(heading.text) for heading in shown.headings]


def cells(shown):
    return [[plain(cell) for cell in row] for row in shown.rows]


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", "_")


def test_a_profile_reads_in_eight_columns():
    shown = show(results(), labels=BOOK)
    assert headings(shown) == [
        *("Role", "Item", "Measure", "Estimate (95 % interval)"),
        *("n", "Effective n", "Missing", "Count"),
    ]
    first, second = cells(shown)
    assert first[:4] == ["End users", "Price level", "Mean", "3.42 (3.21 to 3.63)"]
    assert first[4:] == ["1,204", "900", "3", "–"]
    assert second[:4] == ["End users", "Price level", "Top box", "54 % (47 to 61 %)"]
    assert second[4:] == ["1,204", "912", "3", "656 of 1,204"]


def test_the_table_itself_is_left_as_it_was():
    table = results()
    show(table, labels=BOOK)
    pd.testing.assert_frame_equal(table, results())


def test_one_measure_gives_the_estimate_its_name():
    assert headings(show(results().iloc[:1]))[2] == "Mean (95 % interval)"


def test_a_share_that_counts_everybody_needs_no_second_n():
    assert "n" not in headings(show(results().iloc[1:]))


@pytest.mark.parametrize(
    ("change", "heading"),
    [
        ({"n_missing": [0, 0]}, "Missing"),
        ({"n_effective": [1204.0, 1204.0]}, "Effective n"),
        ({"n_effective": [1200.0, 1205.0]}, "Effective n"),
        ({"denominator": pd.array([None, None], "Int64")}, "Count"),
        ({"n_missing": pd.array([0, None], "Int64")}, "Missing"),
    ],
)
def test_a_column_that_says_nothing_is_left_out(change, heading):
    assert heading in headings(show(results()))
    assert heading not in headings(show(results(**change)))


def test_the_note_is_a_column_only_where_somebody_has_one():
    assert "Note" not in headings(show(results()))
    assert "Note" not in headings(show(results(note=pd.Categorical(["", None]))))
    assert headings(show(results(), columns=["item", "note"])) == ["Item"]
    shown = show(results(note=["", "one answer"]))
    assert headings(shown)[-1] == "Note"
    assert [row[-1] for row in shown.rows] == ["", "one answer"]


def test_margins_are_shares_as_their_targets_are():
    table = pd.DataFrame({"margin": ["role"], "estimate": [0.5249], "target_share": [0.5]})
    assert cells(show(table)) == [["Role", "52 %", "50 %"]]


def test_standard_errors_and_degrees_of_freedom_are_there_when_asked_for():
    shown = show(results(), columns=["item", "std_error", "df", "estimate"])
    assert headings(shown) == ["Item", "Standard error", "df", "Estimate (95 % interval)"]
    assert cells(shown)[0] == ["Price", "0.11", "93", "3.42 (3.21 to 3.63)"]


def test_whole_numbers_are_whole_unless_the_column_has_others():
    table = pd.DataFrame({"df": [68.0, np.nan], "time": [0.0, 1200.0], "target_points": [5, 2.5]})
    assert cells(show(table, columns=list(table))) == [["68", "0", "5.00"], ["–", "1,200", "2.50"]]


def test_a_heading_tells_of_intervals_only_where_a_row_shows_one():
    none = results(ci_low=np.nan, ci_high=np.nan)
    assert headings(show(none, columns=["estimate"])) == ["Estimate"]
    one = results(ci_low=[np.nan, 0.47], ci_high=[np.nan, 0.61])
    assert headings(show(one, columns=["estimate"])) == ["Estimate (95 % interval)"]
    assert headings(show(one, columns=["estimate"], rows=1)) == ["Estimate"]


def test_units_stand_in_headings_and_shares_are_in_per_cent():
    table = pd.DataFrame({"time": [0.0, 12.0], "estimate": [0.5, 0.4], "left": [0.774, 0.23]})
    table = table.assign(ci_low=[0.4, 0.3], ci_high=[0.6, 0.5])
    shown = show(table, units={"time": "months", "left": "share", "estimate": "years"})
    assert headings(shown) == [
        *("Time since the customer's start, months", "Estimate, years (interval)", "Left")
    ]
    assert cells(shown)[0] == ["0", "0.50 (0.40 to 0.60)", "77 %"]
    assert cells(show(table, columns=["estimate"], units={"estimate": "share"})) == [
        *(["50 % (40 to 60 %)"], ["40 % (30 to 50 %)"])
    ]


def test_a_share_and_what_it_is_held_against_are_in_one_form():
    table = pd.DataFrame(
        {
            "measure": ["missing_share", "omega_squared", "share"],
            "estimate": [0.303, 0.814, 0.12],
            "numerator": pd.array([182, None, None], "Int64"),
            "denominator": pd.array([600, None, None], "Int64"),
            "limit": [0.125, 0.09, np.nan],
        }
    )
    shown = cells(show(table, columns=["measure", "estimate", "limit"]))
    assert shown == [
        ["Missing share", "30 %", "12.5 %"],
        ["Omega squared", "0.81", "0.090"],
        ["Share", "12 %", "–"],
    ]
    endless = cells(show(table.assign(limit=np.inf), columns=["measure", "limit"]))
    assert endless == [["Missing share", "∞"], ["Omega squared", "∞"], ["Share", "∞"]]


def test_methods_and_measures_are_written_as_in_print_and_names_of_the_data_are_not():
    table = pd.DataFrame(
        {
            "item": ["lmg", "ward"],
            "measure": ["calinski_harabasz", "adjusted_rand"],
            "method": ["lmg", "ward, scale z"],
            "verdict": ["largest calinski_harabasz", "ward"],
            "note": ["lmg", ""],
        }
    )
    assert cells(show(table)) == [
        ["Lmg", "Caliński–Harabasz", "LMG", "largest Caliński–Harabasz", "lmg"],
        ["Ward", "Adjusted Rand", "Ward, scale z", "ward", ""],
    ]
    one = show(table.head(1).assign(estimate=0.5))
    assert "Caliński–Harabasz" in headings(one)
    assert one.foot == "Method: LMG."


def test_a_contrast_has_a_minus_sign_and_groups_with_a_hyphen_of_their_own_stay():
    table = pd.DataFrame(
        {"contrast": ["monthly - annual", "18 - 25 - 26 - 35"], "segment": "a - b"}
    )
    assert cells(show(table)) == [["monthly − annual", "a - b"], ["18 - 25 - 26 - 35", "a - b"]]


def test_intervals_of_several_levels_show_their_level():
    shown = show(results(conf_level=[0.9, 0.95]))
    assert headings(shown)[3:5] == ["Estimate (interval)", "Level"]
    assert [row[4] for row in cells(shown)] == ["90 %", "95 %"]


def test_a_test_reads_with_p_values_and_effects():
    table = pd.DataFrame(
        {
            "item": ["price", "delivery"],
            "contrast": ["user - trader"] * 2,
            "estimate": [0.61234, np.nan],
            "ci_low": [0.52, np.nan],
            "ci_high": [0.71, np.nan],
            "statistic": [2.2, np.nan],
            "p_value": [0.0123, np.nan],
            "p_adjusted": [3e-7, np.nan],
            "effect": [0.2246, np.nan],
            "effect_low": [0.04, np.nan],
            "effect_high": [0.42, np.nan],
            "effect_kind": ["Cliff's delta"] * 2,
            "method": ["Brunner–Munzel"] * 2,
            "note": ["", "one group is empty"],
        }
    )
    shown = show(table, labels=BOOK)
    assert headings(shown) == [
        *("Item", "Estimate (interval)", "p", "p, adjusted", "Cliff's delta (interval)", "Note")
    ]
    assert cells(shown) == [
        ["Price level", "0.61 (0.52 to 0.71)", "0.012", "< 0.001", "0.22 (0.04 to 0.42)", ""],
        ["Delivery", "–", "–", "–", "–", "one group is empty"],
    ]
    assert plain(shown.foot) == "Comparison: End users − Traders. Method: Brunner–Munzel."


def test_several_methods_stay_a_column():
    table = pd.DataFrame({"item": ["price", "price"], "method": ["Welch t", "Mann–Whitney"]})
    assert headings(show(table)) == ["Item", "Method"]


def test_the_answers_of_an_item_are_named_by_its_scale():
    table = pd.DataFrame({"item": ["price"] * 3, "answer": [1, 2, 3], "estimate": [0.2, 0.3, 0.5]})
    assert [row[1] for row in show(table, labels=BOOK).rows] == ["bad", "2", "good"]
    assert show(table, labels=BOOK, language="ru").rows[0][1] == "плохо"
    assert [row[1] for row in show(table).rows] == ["1", "2", "3"]


def test_a_category_is_named_by_its_own_variable():
    table = pd.DataFrame({"margin": ["role", "market"], "group": ["user", "user"]})
    assert cells(show(table, labels=BOOK)) == [
        ["Role", "End users"],
        ["Market", "A market called user"],
    ]


def test_a_statement_is_quoted_in_full():
    table = pd.DataFrame({"statement": ["fair"], "verdict": ["holds"]})
    assert cells(show(table, labels=BOOK)) == [["Prices are fair.", "holds"]]


@pytest.mark.parametrize(
    "labels", [{"price": "Price level"}, {"item": {"price": "Price level"}, "role": {}}]
)
def test_labels_may_be_a_mapping(labels):
    shown = show(results(), labels=labels, columns=["item", "role"])
    assert cells(shown)[0] == ["Price level", "user"]


def test_a_name_nobody_labelled_is_shown_as_words_and_a_value_as_it_is():
    table = pd.DataFrame({"item": ["claims_handling"], "role": ["end_user"], "who": ["(missing)"]})
    assert cells(show(table, labels=BOOK)) == [["Claims handling", "end_user", "(missing)"]]


def test_the_language_changes_marks_and_labels():
    shown = show(results(), labels=BOOK, language="ru")
    texts = ["Потребители", "Цена", "Среднее", "3,42 (от 3,21 до 3,63)", "1_204"]
    assert cells(shown)[0][:5] == texts
    assert BeautifulSoup(shown._repr_html_(), "html.parser").div["lang"] == "ru"


def test_raw_rows_are_shown_as_they_are():
    table = pd.DataFrame(
        {
            "year": [2015, 2016],
            "share": [0.123456789, 2.5],
            "answer_code": [5.0, np.nan],
            "regular": [True, False],
            "submitted": pd.to_datetime(["2015-09-07 10:00", None]),
            "firm": pd.Categorical(["F1", None]),
        }
    )
    shown = show(table)
    assert headings(shown) == ["Year", "Share", "Answer code", "Regular", "Submitted", "Firm"]
    assert cells(shown) == [
        ["2015", "0.12", "5", "yes", "2015-09-07", "F1"],
        ["2016", "2.50", "–", "no", "–", "–"],
    ]


def test_the_first_rows_are_shown_and_the_rest_counted():
    table = pd.DataFrame({"item": [f"item {at}" for at in range(1200)]})
    shown = show(table)
    assert len(shown.rows) == 8
    assert shown.foot == "First 8 of 1,200 rows."
    assert len(show(table, rows=None).rows) == 1200
    assert show(table, rows=1200).foot == ""


def test_a_table_without_rows_keeps_its_headings():
    shown = show(results().iloc[:0])
    assert shown.rows == ()
    assert "Estimate" in shown._repr_html_()


def test_repeated_index_labels_of_stacked_waves_do_no_harm():
    stacked = pd.concat([results(), results()])
    assert cells(show(stacked)) == cells(show(results())) * 2


def test_numbers_stand_flush_right_and_words_flush_left():
    html = show(results())._repr_html_()
    assert re.search(r'<td class="number" style="text-align:right">3.42', html)
    assert re.search(r'<td class="text" style="text-align:left">user', html)


def test_the_meaning_of_a_short_heading_is_its_title():
    html = show(results())._repr_html_()
    assert 'title="Cases used (count)">n</th>' in html


def test_hostile_text_is_text():
    hostile = '<script>alert("x")</script>'
    table = pd.DataFrame({"item": [hostile], hostile: [hostile], "note": [hostile]})
    for labels in (None, {hostile: f"{hostile}!"}):
        html = show(table, labels=labels, caption=hostile)._repr_html_()
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_a_terminal_gets_aligned_text():
    assert str(
        show(pd.DataFrame({"item": ["price", "delivery"], "n": [3, 1204]}))
    ).splitlines() == [
        "Item          n",
        "Price         3",
        "Delivery  1,204",
    ]


def test_the_same_table_gives_the_same_bytes():
    assert show(results())._repr_html_() == show(results())._repr_html_()


def test_every_short_heading_belongs_to_a_word_of_the_vocabulary():
    assert set(SHORT) <= set(columns.VOCABULARY)


def test_every_word_of_the_vocabulary_can_be_a_heading():
    numeric = {"float64": [0.5], "int64": [1], "Int64": [1], "object": ["x"]}
    for name, word in columns.VOCABULARY.items():
        (heading,) = show(pd.DataFrame({name: numeric[word.dtype]}), columns=[name]).headings
        assert 0 < len(heading.text) <= 45
        assert word.meaning in heading.meaning


def test_a_column_that_is_absent_is_named():
    with pytest.raises(DataError, match="ratio"):
        show(results(), columns=["item", "ratio"])


def test_columns_of_one_name_are_refused():
    table = pd.DataFrame([[1, 2]], columns=["n", "n"])
    with pytest.raises(DataError, match="more than once"):
        show(table)


def test_an_unknown_language_is_refused():
    with pytest.raises(ParameterError, match="'xx'"):
        show(results(), language="xx")


def test_an_empty_table_says_that_it_is_empty():
    assert str(show(pd.DataFrame(columns=["item", "n_missing"]))).endswith("No rows.")


def test_both_ends_of_a_path_are_named():
    terms = ["quality -> loyalty", "quality =~ q_1", "quality ~ loyalty", "intercept"]
    shown = show(pd.DataFrame({"term": terms}), labels={"quality": "Perceived quality"})
    assert [row[0] for row in shown.rows] == [
        "Perceived quality → Loyalty",
        "Perceived quality: Q 1",
        "Perceived quality and Loyalty",
        "Intercept",
    ]


def test_a_pair_of_groups_among_groups_is_named():
    book = Codebook.from_mapping(
        {"groups": {"role": {"values": {"user": "End user", "trader": "Trader"}}}}
        | {"scales": {"s": {"low": 1, "high": 5}}, "items": {"x": {"scale": "s"}}}
    )
    rows = pd.DataFrame({"role": ["user", "user - trader", "(all)"], "n": [1, 2, 3]})
    assert [row[0] for row in show(rows, labels=book).rows] == [
        "End user",
        "End user − Trader",
        "(all)",
    ]


def test_groups_that_are_compared_are_named_by_a_mapping_too():
    table = pd.DataFrame(
        {"contrast": ["user - trader", "user - other"], "term": ["role: user"] * 2}
    )
    labels = {"user": "end user", "trader": "trader", "role": "Role"}
    shown = cells(show(table, labels=labels))
    assert shown == [["end user − trader", "Role: end user"], ["user − other", "Role: end user"]]


def test_names_that_the_library_made_are_told_in_the_language_and_the_data_are_not():
    table = pd.DataFrame({"measure": ["top_box", "mean"], "verdict": ["holds"] * 2})
    shown = show(table.assign(town=["mean", "holds"], ok=[True, False]), language="sl")
    assert [heading.text for heading in shown.headings] == ["Kazalnik", "Sklep", "Town", "Ok"]
    assert cells(shown)[0] == ["Najvišje ocene", "drži", "mean", "da"]
    assert cells(shown)[1] == ["Povprečje", "drži", "holds", "ne"]


def test_what_stands_below_a_table_is_in_the_language():
    table = pd.DataFrame({"method": ["Friedman"] * 9, "n": range(9)})
    assert show(table, language="sl").foot == "Prikazane so prve vrstice: 8 od 9. Metoda: Friedman."
    assert show(table.head(0), language="ru").foot == "Строк нет."


def test_counts_of_a_share_and_their_heading_are_in_the_language():
    table = pd.DataFrame(
        {"estimate": [0.5], "ci_low": [0.4], "ci_high": [0.6], "conf_level": [0.95]}
    )
    shown = show(table.assign(numerator=[3], denominator=[6]), language="ru")
    assert cells(shown) == [["50 % (от 40 до 60 %)", "3 из 6"]]
    assert shown.headings[0].text == "Оценка (95\u00a0%\u00a0интервал)"
    assert shown.headings[1].meaning == "Случаев, от которых взята доля (число)"
