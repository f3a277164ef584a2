"""Lesson 4: from scores to segments, and how to tell segments from noise."""

from custlib.lessons import segment_keys as keys
from custlib.lessons.answers import Number, Values, count, share
from custlib.lessons.exercise import Exercise, Given, Mistake
from custlib.lessons.planted_segments import FALSE_SEGMENTS
from custlib.report import numbers

GIVENS = ("customers", "noise", "rules", "seed")
CLEARLY = 0.1


def _shown_rules(given: Given) -> str:
    found = keys.met_by_rules(given)
    return (
        f"{numbers.count(found['none'])} customers are in no rule, and for "
        f"{numbers.count(found['several'])} the order of the rules decides. A report that shows "
        "only the named segments shows neither."
    )


def _shown_agreement(given: Given) -> str:
    found = keys.agreement(given)
    return (
        f"Adjusted Rand: {numbers.number(found['unscaled'], 2)} unscaled, "
        f"{numbers.number(found['scaled'], 2)} scaled. The unscaled segments are slices of the "
        "amount, which has nothing to do with the planted ones."
    )


def _shown_stability(given: Given) -> str:
    found = keys.stability(given)
    apart = found["customers"] - found["noise"] > CLEARLY
    return (
        f"Mean Jaccard: {numbers.number(found['customers'], 2)} for the customers, "
        f"{numbers.number(found['noise'], 2)} for noise. Both tables gave segments; drawing anew "
        f"{'tells them apart' if apart else 'hardly tells them apart here'}."
    )


EXERCISES = (
    Exercise(
        kind=count(),
        key=keys.best_customers,
        mistakes=(
            Mistake(
                lambda given: keys.best_customers(given, backwards=True),
                "Few days since the last order is good: recency counts backwards.",
            ),
            Mistake(keys.best_by_sum, "A high sum can hide one low score."),
        ),
        hints=(
            "Four cut points part a column: its quantiles at .2, .4, .6 and .8.",
            "`np.searchsorted(cuts, values)` counts the cuts below each value; that plus 1 is the "
            "score, and for recency 6 minus the score.",
        ),
        shown=lambda given: (
            f"{numbers.count(keys.best_customers(given))} customers are good in all three. The "
            "scores are ranks: in any base, however poor, somebody as a rule has a 5."
        ),
    ),
    Exercise(
        kind=Values(0, ("none", "several")),
        key=keys.met_by_rules,
        mistakes=(Mistake(keys.met_by_difference, "Whoever is in two rules was taken off twice."),),
        hints=(
            "For every customer count the rules that he or she meets.",
            "A rule is met where all three scores lie `between` its low and its high end.",
        ),
        shown=_shown_rules,
    ),
    Exercise(
        kind=share(0.001),
        key=keys.amount_share,
        mistakes=(
            Mistake(
                lambda given: keys.amount_share(given, power=1),
                "Distances are sums of squares, so variances count here.",
            ),
            Mistake(keys.amount_share_of_means, "A column's size does not count; its spread does."),
        ),
        hints=(
            "The mean squared distance between two customers is twice the sum of the variances.",
            "The variance of the amount over the sum of the three variances.",
        ),
        shown=lambda given: (
            f"The amount makes {numbers.percent(keys.amount_share(given))} of all squared "
            "distances, because euros come in hundreds. In cents it would be nearly all."
        ),
    ),
    Exercise(
        kind=Values(0.01, ("unscaled", "scaled")),
        key=keys.agreement,
        mistakes=(
            Mistake(
                lambda given: keys.agreement(given, adjusted=False),
                "This is the plain Rand index; chance alone makes it large.",
            ),
            Mistake(
                lambda given: keys.turned(keys.agreement(given)),
                "Which of the two divides by the standard deviation?",
            ),
        ),
        hints=(
            '`seg.cluster_customers(..., scale="none")` leaves columns as they are; "z" scales.',
            "Its `.cases` has the columns segment and planted, for `seg.segment_agreement`.",
        ),
        shown=_shown_agreement,
    ),
    Exercise(
        kind=Number(0.001, -1, 1, "a silhouette"),
        key=keys.silhouette,
        mistakes=(
            Mistake(keys.silhouette_with_self, "A customer is no neighbor of itself."),
            Mistake(lambda given: keys.silhouette(given, "none"), "Those columns are unscaled."),
            Mistake(keys.silhouette_of_squares, "The distances are squared; take plain ones."),
        ),
        hints=(
            "`cdist(z, z)` has all distances. Per segment, sum them over its members.",
            "Own segment: over the size less 1. Others: over the size, and the smallest of them.",
            "Then (other − own) over the larger of both, and the mean of that.",
        ),
        shown=lambda given: (
            f"Silhouette of three segments: {numbers.number(keys.silhouette(given), 2)}. It needs "
            "a next segment, so it cannot say that there is only one."
        ),
    ),
    Exercise(
        kind=Number(0.05),
        key=keys.bic,
        mistakes=(
            Mistake(keys.aic, "This charges 2 a parameter, as AIC does."),
            Mistake(keys.bic_without_shares, "The shares of the classes are parameters as well."),
        ),
        hints=(
            "BIC is −2 times the log-likelihood, plus the parameters times the log of n.",
            "Three classes with a probability for each of five needs, and two free shares.",
        ),
        shown=lambda given: (
            f"BIC of three classes is {numbers.number(keys.bic(given), 1)}. Alone it says "
            "nothing; beside other numbers of classes the lowest is taken, and one may win."
        ),
    ),
    Exercise(
        kind=share(0.001),
        key=keys.jaccard,
        mistakes=(
            Mistake(keys.jaccard_of_names, "Segments' numbers mean nothing: seek the best match."),
            Mistake(keys.share_kept, "Divide by all who are in either of the two segments."),
        ),
        hints=(
            "For one segment of `first`, hold each segment of `again` against it; keep the best.",
            "Customers in both, over customers in either; then the mean over the four segments.",
        ),
        shown=lambda given: (
            f"Mean Jaccard after one draw: {numbers.number(keys.jaccard(given), 2)}. One draw is "
            "one chance; the next exercise draws many times."
        ),
    ),
    Exercise(
        kind=Values(0.005, ("customers", "noise")),
        key=keys.stability,
        mistakes=(
            Mistake(
                lambda given: keys.stability(given, take="recovered"),
                "This is the share of draws in which a segment comes back.",
            ),
            Mistake(
                lambda given: keys.stability(given, take="dissolved"),
                "This is the share of draws in which a segment is lost.",
            ),
            Mistake(lambda given: keys.turned(keys.stability(given)), "Which of the two is noise?"),
            Mistake(
                lambda given: keys.stability(given, k=FALSE_SEGMENTS),
                "Noise was cut into more segments than the customers were.",
            ),
        ),
        hints=(
            "`seg.segment_stability` has a row of segment all and measure jaccard.",
            "Call it twice, once a table, both with k=3; all else is in the task.",
        ),
        shown=_shown_stability,
    ),
)
