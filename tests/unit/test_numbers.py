"""Numbers become text: rounded as on paper, marked as the language marks them, never misleading."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import custlib
from custlib.errors import ParameterError
from custlib.report import digits, numbers
from custlib.report.page import estimate

REPORT = Path(custlib.__file__).parent / "report"
MISSING = [None, np.nan, pd.NA, pd.NaT, float("nan")]


def plain(text):
    """With ordinary spaces, so that an expectation can be read."""
    return text.replace("\u00a0", " ").replace("\u202f", "_")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (3.14159, 2, "3.14"),
        (2.5, 0, "3"),
        (3.5, 0, "4"),
        (-2.5, 0, "−3"),
        (0.285, 2, "0.29"),
        (1.005, 2, "1.01"),
        (1234.5, 1, "1,234.5"),
        (999.96, 1, "1,000.0"),
        (0, 2, "0.00"),
        (1e300, 2, "1.00 × 10³⁰⁰"),
        (np.inf, 1, "∞"),
        (-np.inf, 1, "−∞"),
        (np.float32(0.5), 1, "0.5"),
        (np.int64(7), 1, "7.0"),
        (True, 0, "1"),
    ],
)
def test_a_number_is_rounded_half_up_to_the_decimals_asked_for(value, decimals, text):
    assert plain(numbers.number(value, decimals)) == text


@pytest.mark.parametrize("value", [-0.0, -0.001, -0.049, np.float64(-0.0)])
def test_zero_has_no_sign(value):
    assert numbers.number(value, 1) == "0.0"
    assert plain(numbers.percent(value / 100, 1)) == "0.0 %"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.14159265358979, "3.14"),
        (0.1 + 0.2, "0.30"),
        (31.41592653, "31.4"),
        (9.996, "10.0"),
        (1234567.891, "1,234,568"),
        (0.054321, "0.054"),
        (0.00012345, "0.00012"),
        (0.00001, "1.00 × 10⁻⁵"),
        (-2.5e-8, "−2.50 × 10⁻⁸"),
        (2e16, "2.00 × 10¹⁶"),
        (12, "12"),
        (np.int64(1200), "1,200"),
        (0.0, "0.0"),
    ],
)
def test_without_decimals_three_significant_figures_are_shown(value, text):
    assert plain(numbers.number(value)) == text


@pytest.mark.parametrize(
    ("language", "text"), [("en", "1,234,567.5"), ("ru", "1_234_567,5"), ("sl", "1.234.567,5")]
)
def test_each_language_has_its_marks(language, text):
    assert plain(numbers.number(1234567.5, 1, language=language)) == text


def test_an_unknown_language_is_refused():
    with pytest.raises(ParameterError, match="'de'"):
        numbers.number(1, language="de")


@pytest.mark.parametrize("value", MISSING)
@pytest.mark.parametrize(
    "write",
    [
        numbers.number,
        numbers.count,
        numbers.percent,
        numbers.p_value,
        lambda value: numbers.interval(value, value),
        lambda value: numbers.estimate_with_interval(value, 1, 2),
        numbers.duration,
        numbers.file_size,
    ],
)
def test_a_missing_value_is_an_en_dash(write, value):
    assert write(value) == "–"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.5, "50 %"),
        (0.285, "29 %"),
        (1, "100 %"),
        (0, "0 %"),
        (0.004, "0.4 %"),
        (0.0004, "0.04 %"),
        (0.996, "99.6 %"),
        (0.99999, "99.999 %"),
        (-0.03, "−3 %"),
        (1.25, "125 %"),
    ],
)
def test_a_share_that_is_neither_none_nor_all_does_not_look_like_it(share, text):
    assert plain(numbers.percent(share)) == text


def test_a_percentage_never_parts_from_its_sign():
    assert numbers.percent(0.5) == "50\u00a0%"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0123, "0.012"),
        (0.0005, "< 0.001"),
        (0.001, "0.001"),
        (0.0, "< 0.001"),
        (0.999, "0.999"),
        (0.9991, "> 0.999"),
        (1, "> 0.999"),
        (0.05, "0.050"),
    ],
)
def test_a_p_value_has_three_decimals_or_a_bound(p, text):
    assert plain(numbers.p_value(p)) == text


@pytest.mark.parametrize(
    ("p", "text"), [(1.18e-12, "p < 0.001"), (0.1754, "p = 0.175"), (0.9995, "p > 0.999")]
)
def test_a_finding_that_is_a_p_value_is_written_as_one(p, text):
    finding = {"value": p, "low": None, "high": None, "unit": "p"}
    assert plain(estimate(finding)) == text
    assert plain(estimate(finding | {"value": 0.5}, language="sl")) == "p = 0,500"


@pytest.mark.parametrize("value", [-0.1, 1.5])
def test_what_cannot_be_a_p_value_is_a_number_with_a_word(value):
    text = numbers.estimate_with_interval(value, None, None, unit="p")
    assert plain(text) == {-0.1: "−0.10 p", 1.5: "1.50 p"}[value]


@pytest.mark.parametrize("p", [-0.01, 1.01, 5])
def test_what_is_no_probability_is_no_p_value(p):
    with pytest.raises(ParameterError, match="probability"):
        numbers.p_value(p)


@pytest.mark.parametrize(
    ("low", "high", "options", "text"),
    [
        (3.2101, 3.6299, {}, "3.21 to 3.63"),
        (3.2101, 3.2512, {}, "3.210 to 3.251"),
        (30.2, 38.9, {}, "30.2 to 38.9"),
        (302.2, 388.9, {}, "302 to 389"),
        (-0.61, -0.23, {}, "−0.61 to −0.23"),
        (0.47, 0.61, {"unit": "share"}, "47 to 61 %"),
        (0.102, 0.144, {"unit": "share"}, "10.2 to 14.4 %"),
        (1, 2, {"decimals": 0, "unit": "months"}, "1 to 2 months"),
        (3.21, 3.63, {"language": "ru"}, "от 3,21 до 3,63"),
        (2.0, 2.0, {}, "2.00 to 2.00"),
        (1.5, np.inf, {}, "1.50 to ∞"),
        (1.5, np.nan, {}, "1.50 to –"),
    ],
)
def test_an_interval_shows_its_width_with_two_figures(low, high, options, text):
    assert plain(numbers.interval(low, high, **options)) == text


@pytest.mark.parametrize(
    ("values", "options", "text"),
    [
        ((3.4219, 3.2101, 3.6299), {}, "3.42 (3.21 to 3.63)"),
        ((0.54, 0.47, 0.61), {"unit": "share"}, "54 % (47 to 61 %)"),
        ((0.123, 0.102, 0.144), {"unit": "share"}, "12.3 % (10.2 to 14.4 %)"),
        ((34.2, 30, 38), {"unit": "points"}, "34.2 (30.0 to 38.0) points"),
        ((3.42, None, None), {}, "3.42"),
        ((0.3, np.nan, np.nan), {"unit": "share"}, "30 %"),
        ((0.004, None, None), {"unit": "share"}, "0.4 %"),
        ((5, None, None), {"unit": "statements"}, "5 statements"),
        ((3.42, 3.21, 3.63), {"decimals": 1, "language": "sl"}, "3,4 (3,2 do 3,6)"),
    ],
)
def test_an_estimate_shares_its_decimals_with_its_interval(values, options, text):
    assert plain(numbers.estimate_with_interval(*values, **options)) == text


@pytest.mark.parametrize(
    ("values", "low", "high", "unit", "decimals"),
    [
        ([3.4, 3.5], [3.2, 3.2], [3.6, 3.8], None, 2),
        ([34.0], [30.0], [38.0], None, 1),
        ([0.54], [0.47], [0.61], "share", 0),
        ([0.54], [0.52], [0.56], "share", 1),
        ([1.0, 2.0, 3.0], [0.9, 1.0, np.nan], [1.1, 3.0, np.nan], None, 1),
        ([1234.5, 0.1], [], [], None, 0),
        ([12.34567, 0.1], [], [], None, 1),
        ([0.00001], [], [], None, 3),
        ([np.nan], [], [], None, None),
        ([], [], [], None, None),
    ],
)
def test_a_column_has_one_number_of_decimals(values, low, high, unit, decimals):
    assert digits.common_decimals(values, low, high, unit=unit) == decimals


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (4.23, "4.2 s"), (59.97, "1 min"), (125.4, "2 min 5 s"), (3600, "60 min")],
)
def test_a_duration_is_told_in_seconds_and_minutes(seconds, text):
    assert plain(numbers.duration(seconds)) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (812, "812 bytes"), (52_400, "52.4 kB"), (3_100_000, "3.1 MB")],
)
def test_the_size_of_a_file_is_told_in_thousands(size, text):
    assert plain(numbers.file_size(size)) == text


@pytest.mark.parametrize("path", sorted(REPORT.glob("*.py")), ids=lambda path: path.stem)
def test_no_other_module_of_the_report_rounds(path):
    """Neither round() nor a format such as .2f outside the module of the digits."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {
        node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    formats = [
        "".join(part.value for part in node.format_spec.values if isinstance(part, ast.Constant))
        for node in ast.walk(tree)
        if isinstance(node, ast.FormattedValue) and node.format_spec
    ]
    if path.stem != "digits":
        assert not calls & {"round", "quantize", "format"}
        assert not any(set(text) & set(".fgeF%") for text in formats)
