"""What 20/80 asks of a law of sizes: the numbers in common use, and textbook values."""

import pytest

from custlib.segmentation.lorenz.theory import shape_for_top_share, theoretical_top_share


def test_the_lognormal_and_the_pareto_law_that_give_20_80():
    # Pareto: alpha = log 5 / log 4 = 1.161, the index the rule is usually quoted with.
    assert shape_for_top_share(top=0.2, share=0.8) == pytest.approx(1.683, abs=5e-4)
    assert shape_for_top_share(top=0.2, share=0.8, law="pareto") == pytest.approx(1.161, abs=5e-4)


def test_a_lognormal_of_sigma_one_falls_far_short_of_it():
    assert theoretical_top_share(top=0.2, sigma=1) == pytest.approx(0.56, abs=0.005)


@pytest.mark.parametrize("alpha, top, printed", [(1.161, 0.2, 0.80), (1.161, 0.04, 0.64)])
def test_the_pareto_law_repeats_itself_among_the_largest(alpha, top, printed):
    # 80 % to the top 20 %, and 80 % of that to the top 20 % of those.
    assert theoretical_top_share(top=top, alpha=alpha) == pytest.approx(printed, abs=0.001)
