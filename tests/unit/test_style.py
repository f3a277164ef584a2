"""The look of the figures: it ends with its `with`, everybody can tell its colors apart."""

import contextlib
import io
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import font_manager, pyplot
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from custlib import charts
from custlib.charts.style import PALETTE, WIDTH, answer_colors, axes_for_rows, finish

# Machado, Oliveira & Fernandes (2009), severity 1.0, for linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
JUST_APART = 10  # CIE 1976 distance; about 2.3 is just noticeable side by side


def linear(color):
    part = np.asarray(to_rgb(color))
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(light):
    ratio = TO_XYZ @ light / (TO_XYZ @ np.ones(3))
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distances(colors, deficiency):
    seen = [lab(np.clip(DEFICIENCIES[deficiency] @ linear(color), 0, 1)) for color in colors]
    return [np.linalg.norm(first - second) for first, second in combinations(seen, 2)]


@pytest.fixture(autouse=True)
def no_figure_stays_open():
    yield
    pyplot.close("all")


def test_black_and_white_are_as_far_apart_as_the_measure_says():
    assert distances(["black", "white"], "none") == [pytest.approx(100, abs=0.01)]


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_every_two_colors_of_groups_can_be_told_apart(deficiency):
    assert min(distances(PALETTE, deficiency)) > JUST_APART


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("count", [2, 3, 4, 5, 7])
def test_every_two_answers_of_a_scale_can_be_told_apart(count, deficiency):
    assert min(distances(answer_colors(count), deficiency)) > JUST_APART


@pytest.mark.parametrize("count", [1, 3, 5, 11])
def test_the_middle_answer_of_an_odd_scale_is_gray(count):
    middle = answer_colors(count)[count // 2]
    assert max(middle) - min(middle) < 0.02


def test_an_even_scale_has_no_gray_answer():
    assert all(max(color) - min(color) > 0.1 for color in answer_colors(4))


def settings():
    """The backend is left out: matplotlib chooses it when somebody first asks."""
    return {name: value for name, value in mpl.rcParams.items() if name != "backend"}


def test_the_style_ends_with_its_block():
    before = settings()
    with charts.style():
        inside = settings()
    assert settings() == before
    assert inside != before


def test_the_style_ends_when_the_block_fails():
    before = settings()
    with pytest.raises(RuntimeError, match="drawing"), charts.style():
        raise RuntimeError("drawing")
    assert settings() == before


def test_the_fonts_come_with_matplotlib_and_write_all_three_languages():
    with charts.style():
        path = font_manager.findfont(font_manager.FontProperties(), fallback_to_default=False)
    letters = font_manager.get_font(path).get_charmap()
    assert mpl.get_data_path() in path
    assert all(ord(letter) in letters for letter in "Удовлетворённость čšž − · ≥ ←→")


def test_a_figure_has_the_width_of_a_report_column():
    with charts.style():
        assert axes_for_rows(4).figure.get_figwidth() == WIDTH == mpl.rcParams["figure.figsize"][0]


def test_the_footer_says_source_n_level_and_that_the_data_are_simulated():
    ax = axes_for_rows(3)
    finish(ax, source="Steel", n=1204, conf_level=0.9, simulated=True, note="Firms as clusters")
    expected = "Simulated data · Source: Steel · n = 1,204 · 90 % intervals · Firms as clusters"
    assert ax.figure.get_supxlabel() == expected


def test_the_footer_of_real_data_does_not_say_simulated():
    assert "imulated" not in finish(axes_for_rows(3), source="Housing").figure.get_supxlabel()


def test_a_level_that_is_no_whole_percentage_keeps_its_decimals():
    assert "99.5 %" in finish(axes_for_rows(3), source="x", conf_level=0.995).figure.get_supxlabel()


def test_a_figure_with_several_axes_gets_one_footer():
    figure = Figure()
    for ax in figure.subplots(2):
        finish(ax, source="Steel", n=ax.get_subplotspec().num1 + 1)
    assert figure.get_supxlabel() == "Source: Steel · n = 2"


def test_a_long_footer_stays_inside_the_figure():
    figure = finish(axes_for_rows(3), source="a survey of customers " * 20).figure
    figure.draw_without_rendering()
    footer = next(text for text in figure.texts if text.get_text().startswith("Source"))
    assert footer.get_window_extent().x1 <= figure.bbox.x1


def test_the_footer_stands_clear_of_the_axis_label():
    ax = axes_for_rows(3)
    ax.set_xlabel("Mean answer")
    figure = finish(ax, source="Steel").figure
    figure.draw_without_rendering()
    footer = next(text for text in figure.texts if text.get_text().startswith("Source"))
    assert footer.get_window_extent().y1 < ax.xaxis.label.get_window_extent().y0


def test_a_backend_that_a_first_figure_turns_on_stays_on():
    """A notebook's backend shows figures only while matplotlib is interactive."""
    before = mpl.is_interactive()
    try:
        mpl.interactive(False)
        with contextlib.suppress(ValueError), charts.style():
            mpl.interactive(True)
            raise ValueError("even where the first figure fails")
        assert mpl.is_interactive()
    finally:
        mpl.interactive(before)


def test_dollars_in_a_label_are_no_formula():
    with charts.style():
        figure = Figure()
        text = figure.text(0, 0, r"Cost ($) against value ($), fees in US$\x/A$ terms")
        figure.savefig(io.BytesIO())
    assert not text.get_parse_math()
