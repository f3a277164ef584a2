"""The codebook: labels in every language, and every mistake named with its line and remedy."""

from textwrap import dedent

import pytest

from custlib.errors import CodebookError
from custlib.survey.codebook.book import Codebook

STEEL = """
title: {en: Steel customers, ru: Покупатели стали}
scales:
  satisfaction:
    low: 1
    high: 5
    labels:
      1: {en: very dissatisfied, ru: совсем не доволен, sl: zelo nezadovoljen}
      5: {en: very satisfied, ru: очень доволен}
    missing:
      98: {en: refused, ru: отказ}
items:
  product_quality: {label: {en: Product quality, ru: Качество}, block: product}
  slow_claims: {label: Claims take long, block: service, reversed: yes}
blocks:
  product: {label: {en: Product, ru: Продукция}}
  service:
groups:
  role: {label: {en: Role}, values: {end_user: {en: end users, ru: потребители}, trader: }}
  partner: {values: {no: Nein, yes: Ja}}
weight: tonnes
stratum: role
population: {end_user: 40, trader: 60}
targets:
  role: {end_user: 0.4, trader: .6}
statements:
  claims_low:
    text: {en: Claims handling is the weak point}
    holds_if:
      - {measure: deviation, items: [slow_claims], below: 0}
      - {measure: difference, items: all, except: [slow_claims], by: role,
         contrast: [end_user, trader], above: 0}
"""


def read(folder, text):
    path = folder / "codebook.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return Codebook.read(path)


def complaint(folder, text):
    with pytest.raises(CodebookError) as caught:
        read(folder, text)
    return str(caught.value)


def lines(message):
    return [line.strip() for line in message.splitlines() if line.startswith("  ")]


@pytest.fixture
def steel(tmp_path):
    return read(tmp_path, STEEL)


def test_a_label_is_given_in_the_language_asked_for(steel):
    assert steel.label("product_quality", "ru") == "Качество"
    assert steel.value_label("role", "end_user", "ru") == "потребители"
    assert steel.label("product", "ru") == "Продукция"


def test_a_missing_translation_falls_back_to_english_then_to_the_name(steel):
    assert steel.label("product_quality", "sl") == "Product quality"
    assert steel.value_label("role", "trader", "ru") == "trader"
    assert steel.label("service", "ru") == "service"


def test_a_text_without_english_falls_back_to_the_first_language_there():
    codebook = Codebook.from_mapping({"blocks": {"b": {"label": {"sl": "Izdelek", "ru": "Сталь"}}}})
    assert codebook.label("b", "de") == "Izdelek"


def test_a_plain_string_serves_every_language(steel):
    assert steel.label("slow_claims", "ru") == "Claims take long"


def test_every_code_of_a_scale_has_an_answer_label(steel):
    labels = steel.answer_labels("product_quality", "ru")
    assert labels == {1: "совсем не доволен", 2: "2", 3: "3", 4: "4", 5: "очень доволен"}


def test_labels_of_a_reversed_item_are_turned_round_with_its_answers(steel):
    assert steel.answer_labels("slow_claims")[1] == "very satisfied"
    assert steel.answer_labels("slow_claims")[5] == "very dissatisfied"


def test_words_that_yaml_takes_for_true_and_false_stay_words(steel):
    assert list(steel.groups["partner"].values) == ["no", "yes"]
    assert steel.value_label("partner", "no") == "Nein"


def test_texts_are_what_is_written_not_what_yaml_makes_of_it(tmp_path):
    text = "groups: {plant: {values: {01: no, 02: 1.10, 03: 2025-03-31}}}"
    values = read(tmp_path, text).groups["plant"].values
    assert values == {"01": {"en": "no"}, "02": {"en": "1.10"}, "03": {"en": "2025-03-31"}}


def test_norwegian_is_a_language():
    text = {"blocks": {"b": {"label": {"no": "Stål"}}}}
    assert Codebook.from_mapping(text).label("b", "no") == "Stål"


def test_only_scale_need_not_be_named(steel):
    assert steel.scale_of("product_quality").high == 5


def test_a_condition_names_its_contrast_and_one_bound(steel):
    _, second = steel.statements["claims_low"].holds_if
    assert (second.contrast, second.above, second.below) == (["end_user", "trader"], 0.0, None)


def test_numbers_written_in_yaml_are_numbers(steel):
    assert steel.population == {"end_user": 40, "trader": 60}
    assert steel.targets == {"role": {"end_user": 0.4, "trader": 0.6}}


def test_columns_name_what_the_file_must_hold():
    codebook = Codebook.from_mapping(
        {
            "scales": {"s": {"low": 1, "high": 5}},
            "items": {"price": {"column": "Q7"}},
            "groups": {"market": {"values": ["iran"], "column": "Markt"}},
            "stratum": "market",
            "weight": "w",
        }
    )
    assert codebook.columns == {"price": "Q7", "market": "Markt", "w": "w"}


def test_a_codebook_cannot_be_changed(steel):
    with pytest.raises(ValueError, match="frozen"):
        steel.weight = "other"


def test_a_codebook_may_lack_any_part():
    assert Codebook.from_mapping({}).columns == {}


def test_anchors_and_merges_are_understood(tmp_path):
    codebook = read(
        tmp_path,
        """
        scales:
          a: &a {low: 1, high: 5}
          b: {<<: *a, high: 7}
        """,
    )
    assert (codebook.scales["b"].low, codebook.scales["b"].high) == (1, 7)


def test_an_unknown_name_is_answered_with_the_nearest(steel):
    with pytest.raises(CodebookError, match="did you mean 'product_quality'"):
        steel.label("product_qualty")


def test_an_unknown_key_names_its_line_and_the_nearest_key(tmp_path):
    message = complaint(tmp_path, STEEL.replace("reversed:", "reverse:"))
    assert lines(message) == [
        "line 14, items.slow_claims.reverse: unknown key; did you mean 'reversed'?"
    ]


def test_an_unknown_key_at_the_top_may_be_meant_for_a_section(tmp_path):
    message = complaint(tmp_path, "\nitem: {}\nwieght: x\n")
    assert "line 2, item: unknown key; did you mean 'items'?" in message
    assert "line 3, wieght: unknown key; did you mean 'weight'?" in message


@pytest.mark.parametrize(
    ("wrong", "right", "found"),
    [
        ("block: service", "block: servise", "line 14, items.slow_claims.block: block 'servise'"),
        ("reversed: yes", "reversed: perhaps", "line 14, items.slow_claims.reversed: 'perhaps'"),
        ("reversed: yes", "scale: satisfction", "did you mean 'satisfaction'?"),
        ("low: 1", "low: 5", "line 5, scales.satisfaction.low: low 5 is not below high 5"),
        ("low: 1", "low: one", "line 5, scales.satisfaction.low: 'one' is not a whole number"),
        ("high: 5", "# high", "line 4, scales.satisfaction: lacks 'high'; add it"),
        ("5: {en: very s", "6: {en: very s", "line 9, scales.satisfaction.labels.6: code outside"),
        ("98:", "3:", "line 11, scales.satisfaction.missing.3: missing code that is an answer"),
        ("5: {en: very satisfied", "5: {en: very dissatisfied", "stands for 1 as well"),
        ("stratum: role", "# stratum", "line 23, population: a population per stratum needs"),
        ("{end_user: 40", "{endd_user: 40", "did you mean 'end_user'?"),
        ("{end_user: 40", "{end_user: 0", "line 23, population.end_user: 0 is not a number"),
        ("{end_user: 40, trader: 60}", "100", "line 23, population: one number for all strata of"),
        ("weight: tonnes", "cluster_population: x", "line 21, cluster_population: people per"),
        ("trader: .6", "trader: -1", "line 25, targets.role.trader: -1.0 is not a share"),
        (", trader: .6", "", "line 25, targets.role: no number for trader of 'role'"),
        ("role: {end_user: 0.4", "rolle: {end_user: 0.4", "targets.rolle: not declared under"),
        ("[slow_claims], below", "[slow_claim], below", "line 30, statements.claims_low.holds_if"),
        ("measure: deviation", "measure: deviance", "'deviance' is not known; expected 'mean'"),
        ("below: 0", "below: 0, above: 1", "exactly one of 'above' and 'below'"),
        ("contrast: [end_user, trader]", "group: trader", "a difference needs 'by' and"),
        ("[end_user, trader]", "[end_user, end_user]", "names one value twice"),
        ("[end_user, trader]", "[end_user, traders]", "did you mean 'trader'?"),
        ("by: role", "by: rolle", "'rolle' is not a group; did you mean 'role'?"),
        ("items: all", "items: everything", "give a list of item names, or the word: all"),
        ("except: [slow_claims]", "except: [slow_claims, product_quality]", "leaves no item"),
        ("  partner:", "  product:", "groups.product: also a name under blocks"),
        ("label: {en: Role}", "column: partner", "column 'partner' is read 2 times"),
        ("{no: Nein, yes: Ja}", "{1: Nein, 1.0: Ja}", "'1' stands for '1' as well"),
        ("{no: Nein, yes: Ja}", "{}", "groups.partner.values: no values"),
        ("title: {en: Steel customers, ", "title: [Steel, {", "is expected"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, wrong, right, found):
    assert wrong in STEEL
    assert found in complaint(
        tmp_path, STEEL.replace(wrong, right, 1).replace("[Steel, {", "[Steel] #")
    )


def test_a_missing_code_of_the_whole_file_must_not_be_an_answer(tmp_path):
    message = complaint(tmp_path, "\nscales: {s: {low: 0, high: 10}}\nmissing: [9, 99]\n")
    assert lines(message) == [
        "line 3, missing.9: missing code that is an answer of scale 's'; take another code"
    ]


def test_a_key_written_twice_is_found_with_both_lines(tmp_path):
    message = complaint(tmp_path, STEEL.replace("weight: tonnes", "weight: tonnes\nweight: kg"))
    assert lines(message) == ["line 22, weight: written on lines 21 and 22; keep one of them"]


def test_all_problems_are_listed_at_once_in_the_order_of_lines(tmp_path):
    wrong = STEEL.replace("low: 1", "low: one").replace("block: product", "block: produce")
    wrong = wrong.replace(
        "measure: deviation, items: [slow_claims]", "measure: men, items: [slow_claims]"
    )
    numbers = [
        int(line.split(",")[0].removeprefix("line ")) for line in lines(complaint(tmp_path, wrong))
    ]
    assert numbers == [5, 13, 30]


def test_a_faulty_scale_does_not_make_its_items_complain_too(tmp_path):
    assert len(lines(complaint(tmp_path, STEEL.replace("low: 1", "low: one")))) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: [", "line 1"),
        ("scales:\n\ts: 1", "line 2, column 1"),
        ("label: one: two", "line 1, column 11"),
        ("", "is empty"),
        ("- a\n- b", "does not begin with 'key: value'"),
        ("title: &x [*x]", "contains itself"),
        ("a: 1\n---\nb: 2", "line 2"),
    ],
)
def test_what_is_no_codebook_says_where(tmp_path, text, found):
    assert found in complaint(tmp_path, text)


def test_a_codebook_in_another_encoding_names_the_line(tmp_path):
    path = tmp_path / "codebook.yaml"
    path.write_bytes("title:\n  ru: Сталь\n".encode("cp1251"))
    with pytest.raises(CodebookError, match="not UTF-8 text: line 2"):
        Codebook.read(path)


def test_a_codebook_with_a_byte_order_mark_is_read(tmp_path):
    for encoding in ("utf-8-sig", "utf-16"):
        path = tmp_path / f"{encoding}.yaml"
        path.write_bytes("title: Сталь\n".encode(encoding))
        assert Codebook.read(path).title == {"en": "Сталь"}


def test_an_absent_codebook_is_answered_with_the_nearest_file(tmp_path):
    (tmp_path / "codebook.yaml").write_text("title: x")
    with pytest.raises(CodebookError, match=r"did you mean 'codebook\.yaml'"):
        Codebook.read(tmp_path / "codebok.yaml")


def test_every_complaint_says_what_was_expected_and_what_to_do(tmp_path):
    message = complaint(tmp_path, STEEL.replace("low: 1", "low: one")).splitlines()
    assert message[0].endswith("has 1 problem:")
    assert message[-2].startswith("Expected")
    assert message[-1].startswith("Correct")


def test_a_comma_inside_braces_does_not_cut_a_label_in_two(tmp_path):
    cut = STEEL.replace(
        "{en: Product quality, ru: Качество}", "{en: Quality, in port, ru: Качество}"
    )
    message = complaint(tmp_path, cut)
    assert "'in port' is no language code" in message
    assert "quotes" in message
    assert "line 13" in message
