"""Lesson 3: what customers say matters, what goes with satisfaction, and what neither can say."""

from collections.abc import Mapping

from custlib.lessons import driver_keys as keys
from custlib.lessons.answers import Choices, Number, Values
from custlib.lessons.driver_overlap import DRIVERS
from custlib.lessons.exercise import Exercise, Given, Mistake
from custlib.report import numbers

GIVENS = ("answers", "truth", "seed")
LETTERS = ("a", "b", "c", "d", "e")


def _said(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {numbers.number(value, 2)}" for name, value in values.items())


def _shown_correlations(given: Given) -> str:
    found = keys.simple(given)
    overlap = numbers.number(keys.overlap(given), 2)
    return (
        f"Correlations: {_said(found)}. Now claims handling matters"
        f"{', and delivery too' if found['delivery'] > 0.2 else ''}. But delivery and quality "
        f"correlate with each other: {overlap}."
    )


def _shown_weights(given: Given) -> str:
    alone = numbers.number(keys.simple(given)["delivery"], 2)
    return (
        f"Weights: {_said(keys.weights(given))}. The correlation of delivery was {alone}; what "
        "its weight leaves of that came by way of quality and claims handling."
    )


def _shown_added_up(given: Given) -> str:
    whole = "+".join(DRIVERS)
    together, apart = keys.r_squared(given)[whole], keys.added_up(given)[whole]
    return (
        f"Together the three explain {numbers.percent(together)} of the variance. What each "
        f"explains alone adds up to {numbers.percent(apart)}: the overlap is counted twice."
    )


def _shown_interval(given: Given) -> str:
    low, high = keys.interval(given).values()
    return (
        f"The share of claims handling is {numbers.interval(low, high, unit='share')}, with 95 % "
        "confidence. A report that gives one number hides this."
    )


def _shown_truth(given: Given) -> str:
    share = numbers.percent(keys.shares(given)["delivery"])
    return (
        f"The weights by which satisfaction was simulated: {_said(given.truth)}. Delivery does "
        f"nothing, yet has a share of {share}, because it goes with quality."
    )


EXERCISES = (
    Exercise(
        kind=Values(0.005, DRIVERS),
        key=keys.stated,
        mistakes=(
            Mistake(keys.stated_with_code, "A 9 was taken as a rating somewhere."),
            Mistake(keys.stated_over_all, "The sum is of those who answered, the divisor is not."),
            Mistake(keys.performance, "This is how well each is rated, not how much it matters."),
        ),
        hints=(
            "The columns end in `_stated`. Which of their values is no rating?",
            "`where(stated != 9)` makes the code missing, and `mean` leaves missing values out.",
        ),
        shown=lambda given: (
            f"Stated importance: {_said(keys.stated(given))}. Claims handling comes last when "
            "people are asked. A report could stop here."
        ),
    ),
    Exercise(
        kind=Values(0.005, DRIVERS),
        key=keys.simple,
        mistakes=(
            Mistake(keys.covariances, "These still carry the units of both ratings."),
            Mistake(keys.squared, "These are squares: shares of variance, not correlations."),
        ),
        hints=(
            "Each rating is held against satisfaction alone, without the other two.",
            "`answers[drivers].corrwith(...)` gives all three at once.",
        ),
        shown=_shown_correlations,
    ),
    Exercise(
        kind=Values(0.005, DRIVERS),
        key=keys.weights,
        mistakes=(
            Mistake(keys.simple, "These are the weights of one driver at a time."),
            Mistake(
                lambda given: keys.weights_in_points(given, of_drivers=True),
                "These are points per point, and ratings with a wide spread get small weights.",
            ),
            Mistake(
                lambda given: keys.weights_in_points(given, of_drivers=False),
                "The drivers are standardized, the outcome is not.",
            ),
        ),
        hints=(
            "Standardize all four columns: minus the mean, over the standard deviation.",
            "`np.linalg.lstsq(x, y)[0]` holds the weights, in the order of the columns of x.",
        ),
        shown=_shown_weights,
    ),
    Exercise(
        kind=Values(0.0005, tuple("+".join(part) for part in keys.SUBSETS)),
        key=keys.r_squared,
        mistakes=(
            Mistake(keys.added_up, "Squares are added up: what two drivers share counts twice."),
            Mistake(
                lambda given: keys.r_squared(given, adjusted=True),
                "These are adjusted for the number of drivers; R² itself is asked for.",
            ),
        ),
        hints=(
            "There are three subsets of one driver, three of two, and one of all three.",
            "R² is the sum of weight times correlation, with the weights of that subset alone.",
            "Weights of a list s: `np.linalg.solve(r.loc[s, s], r.loc[s, 'satisfaction'])`.",
        ),
        shown=_shown_added_up,
    ),
    Exercise(
        kind=Values(0.001, DRIVERS),
        key=keys.shares,
        mistakes=(
            Mistake(lambda given: keys.shares(given, measure="contribution"), "These sum to R²."),
            Mistake(keys.shares_in_one_order, "This is one order of six."),
            Mistake(keys.shares_by_subset, "Some gains occur in two of the six orders."),
            Mistake(keys.shares_by_last, "This is what each driver adds as the last one."),
            Mistake(keys.shares_by_first, "This is what each driver adds as the first one."),
            Mistake(keys.shares_by_weight, "A squared weight is no gain of R²."),
            Mistake(keys.shares_by_product, "Weight times correlation is no gain of R²."),
        ),
        hints=(
            "In one order, the first driver gets its own R², the next one what R² grows by.",
            "Six orders give six gains a driver. Their mean, over R² of all three, is its share.",
            "Loop over `itertools.permutations(drivers)` and add the gains up in a Series.",
        ),
        shown=lambda given: (
            f"Shares: {_said(keys.shares(given))}. They sum to 1 however much the drivers overlap, "
            "because no driver is favored by its place."
        ),
    ),
    Exercise(
        kind=Values(0.02, ("low", "high")),
        key=keys.interval,
        mistakes=(
            Mistake(keys.interval_of_contribution, "This is the contribution in units of R²."),
            Mistake(
                lambda given: keys.interval(given, driver="quality"),
                "This is the interval of another driver.",
            ),
        ),
        hints=(
            "`survey.driver_shares` takes `n_boot` and `seed`; `.estimates` has the intervals.",
            "It is the row of item claims and measure share; its ends are `ci_low` and `ci_high`.",
        ),
        shown=_shown_interval,
    ),
    Exercise(
        kind=Number(0.005),
        key=keys.below(keys.concentrate),
        mistakes=(
            Mistake(keys.below(keys.concentrate_by_stated), "So people say. Take the shares."),
            Mistake(keys.below(keys.rated_low), "Rated low is one half. Does it matter, too?"),
            Mistake(keys.below(keys.rated_high), "What is rated well already can wait."),
        ),
        hints=(
            "Two lines divide the field: the mean of the three shares, the mean of the ratings.",
            "Wanted: a share on or above its line, and a rating below its line. How far below?",
        ),
        shown=lambda given: (
            f"By shares, concentrate on {', '.join(keys.concentrate(given)) or 'nothing'}; by what "
            f"they say, on {', '.join(keys.concentrate_by_stated(given)) or 'nothing'}."
        ),
    ),
    Exercise(
        kind=Choices(LETTERS),
        key=keys.supported,
        mistakes=(
            Mistake(
                lambda given: keys.supported(given, "raised"),
                "One of them says what would happen after a change; nothing was changed here.",
            ),
            Mistake(
                lambda given: keys.supported(given, "shown"),
                "Can a share, a mean of squares, reach 0 even where a driver does nothing?",
            ),
            Mistake(
                lambda given: keys.supported(given, "kept"),
                "What would a fourth driver that goes with these take from them?",
            ),
            Mistake(lambda _: LETTERS, "Some describe the answers, others speak of causes."),
            Mistake(keys.lone("larger"), "Is there no other that describes, and promises nothing?"),
            Mistake(keys.lone("sampled"), "Hold the shares that you computed against the others."),
        ),
        hints=(
            "Which statements only describe, and which need an experiment?",
            "One compares two shares: look at both. One is about drawing other customers.",
        ),
        shown=_shown_truth,
    ),
)
