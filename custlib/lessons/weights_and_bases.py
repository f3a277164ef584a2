"""Lesson 1: whom a share speaks for, what repairs it, and how sure it then is."""

from custlib.lessons import weight_keys as keys
from custlib.lessons.answers import Choices, Number, Values, share
from custlib.lessons.customer_survey import CHANNELS
from custlib.lessons.exercise import Exercise, Mistake
from custlib.report.numbers import count, number, percent

GIVENS = ("ledger", "answers")
ROLES = ("end user", "trader")

BASE = Exercise(
    kind=share(),
    key=keys.plain_share,
    mistakes=(
        Mistake(
            lambda given: float(keys.top(given.answers).mean()),
            "People without a delivery are in the base, and count as if they were not satisfied.",
        ),
        Mistake(
            lambda given: float((keys.valid(given)["delivery"] == 5).mean()),
            "Only the highest answer is counted; satisfied means 4 or 5.",
        ),
        Mistake(
            lambda given: float((keys.valid(given)["delivery"] >= 3).mean()),
            "The middle of the scale is counted as satisfied.",
        ),
    ),
    hints=(
        "A share has a numerator and a base. Who could have given an answer at all?",
        "A comparison with a missing value is False in pandas, so the missing must go first.",
        "`answers.delivery.dropna()` leaves the base; then ask which of these are at least 4.",
    ),
    shown=lambda given: (
        f"{percent(keys.plain_share(given))} of {count(len(keys.valid(given)))} people are "
        f"satisfied; {count(given.answers['delivery'].isna().sum())} rows are in no base."
    ),
)
ROLE_WEIGHTS = Exercise(
    kind=Values(0.001, ROLES),
    key=keys.role_weights,
    mistakes=(
        Mistake(
            lambda given: 1 / keys.role_weights(given),
            "Turned upside down: who is missing from the answers must count more, not less.",
        ),
        Mistake(keys.firm_share_weights, "This speaks for firms; the question was about tonnes."),
        Mistake(
            keys.valid_row_weights,
            "Only people with a delivery were counted; a weight belongs to everyone who answered.",
        ),
        Mistake(
            lambda given: keys.bought(given, "role"),
            "These are the shares to be reached. What share does each role have now?",
        ),
    ),
    hints=(
        "Two shares for each role: what it buys, and how many of the answers are its own.",
        "The weight is the share it should have over the share it has.",
        "`ledger.groupby('role').tonnes.sum()`, `answers.role.value_counts(normalize=True)`.",
    ),
    shown=lambda given: (
        f"An end user's answer counts {number(keys.role_weights(given)['end user'])} times, a "
        f"trader's {number(keys.role_weights(given)['trader'])} times: traders answered "
        "more than they buy."
    ),
)
ROLE_WEIGHTED = Exercise(
    kind=share(),
    key=keys.role_weighted,
    mistakes=(
        Mistake(keys.plain_share, "That is the share without weights: every answer counts alike."),
        Mistake(
            keys.over_all_weights,
            "The weights below the line include people without a delivery, who are not above it.",
        ),
        Mistake(
            lambda given: float((keys.by_role(given)["mean"] * keys.bought(given, "role")).sum()),
            "That gives each role its tonnes exactly; here the weights of people without a "
            "delivery fall away with them.",
        ),
        Mistake(
            lambda given: float(keys.by_role(given)["mean"].mean()),
            "Both roles count alike here, but one of them buys far more.",
        ),
    ),
    hints=(
        "Each answer now counts as often as its weight says, above the line and below it.",
        "Sum of weight times (1 if satisfied, else 0), over the sum of the same people's weights.",
        "`by_role.dropna(subset='delivery')` is the base; `np.average` takes `weights`.",
    ),
    shown=lambda given: (
        f"Each role counted by what it buys, {percent(keys.role_weighted(given))} are satisfied; "
        f"of the answers it was {percent(keys.plain_share(given))}. These are the tonnes only if "
        "large and small firms of a role are equally satisfied."
    ),
)
RAKED = Exercise(
    kind=Number(0.001, 0),
    key=keys.largest,
    mistakes=(
        Mistake(
            lambda given: keys.largest_repaired_once(given, in_turn=False),
            "Two ratios were multiplied that were both taken before any weight. The second must "
            "be taken from the weights that the first one left.",
        ),
        Mistake(
            lambda given: keys.largest_repaired_once(given, in_turn=True),
            "One round is not enough: repairing the market moved the role away again.",
        ),
        Mistake(
            lambda given: keys.largest_repaired_once(given, "market", "role", in_turn=True),
            "One round is not enough: repairing the role moved the market away again.",
        ),
        Mistake(
            lambda given: float(keys.role_weights(given).max()),
            "Only the role was repaired; the market has a known share too.",
        ),
        Mistake(
            lambda given: keys.largest(given) / len(given.answers),
            "These weights sum to 1. Give weights whose mean is 1.",
        ),
    ),
    hints=(
        "Repair one margin, then the other, then the first again, until nothing moves.",
        "One repair: the weight times `column.map(target / share under the weights so far)`.",
        "The share so far: `weight.groupby(answers.role).sum() / weight.sum()`. Fifty rounds do.",
    ),
    shown=lambda given: (
        f"The heaviest answer counts {number(keys.largest(given))} times, the lightest "
        f"{number(keys.raked(given)['weight'].min())} times."
    ),
)
KISH = Exercise(
    kind=Number(0.1, 0),
    key=keys.kish,
    mistakes=(
        Mistake(
            lambda given: float(len(given.answers)),
            "That is how many answers there are. Unequal weights must cost something.",
        ),
        Mistake(
            lambda given: len(given.answers) / keys.kish(given),
            "That is the design effect: how many times the variance has grown.",
        ),
        Mistake(
            lambda given: keys.kish(given) / len(given.answers),
            "The sum above the line must be squared before it is divided.",
        ),
    ),
    hints=(
        "If all weights were equal, the answer would be the number of answers.",
        "Kish: the square of the sum of the weights, over the sum of their squares.",
        "Begin with `weighted.weight.sum() ** 2`.",
    ),
    shown=lambda given: (
        f"{count(len(given.answers))} answers tell as much as {count(keys.kish(given))} of equal "
        "weight would: the price of the repair."
    ),
)
MARGIN = Exercise(
    kind=share(0.00005),
    key=keys.margin,
    mistakes=(
        Mistake(
            lambda given: keys.margin(given, len(keys.valid(given))),
            "This rests on all the answers, as if their weights were equal.",
        ),
        Mistake(keys.raked_error, "This is the standard error. A 95 % interval reaches further."),
        Mistake(lambda given: 2 * keys.margin(given), "This is the whole width, not one side."),
        Mistake(
            lambda given: keys.margin(given, p=keys.plain_share(given)),
            "This p is the plain share; the weights belong in it too.",
        ),
    ),
    hints=(
        "Three steps: the weighted share, the effective number of its answers, their formula.",
        "1.96 times the square root of p (1 - p) / n_effective.",
        "`weighted.dropna(subset='delivery')` has the weights for p and for n_effective.",
    ),
    shown=lambda given: (
        f"{number(100 * keys.margin(given), 1)} points to either side, where equal weights would "
        f"have given {number(100 * keys.margin(given, len(keys.valid(given))), 1)}."
    ),
)
FIRMS = Exercise(
    kind=Number(0.00005, 0, 1, "a standard error of a share"),
    key=keys.corrected_error,
    mistakes=(
        Mistake(keys.firm_error, "How many firms there are is known: look into the ledger."),
        Mistake(keys.corrected_twice_error, "1 - m / M belongs to the squared standard error."),
        Mistake(
            lambda given: keys.firm_error(given, population=len(given.ledger)),
            "Here M was every firm of the ledger; only its traders are meant.",
        ),
        Mistake(lambda given: keys.corrected_error(given) ** 2, "This is the variance."),
        Mistake(
            lambda given: keys.firm_error(given, cluster=False),
            "Every answer is taken as independent, but people of one firm answer alike.",
        ),
        Mistake(keys.corrected_person_error, "People of one firm are still taken as independent."),
    ),
    hints=(
        "Firms came, not single persons. How far does each firm pull the share up or down?",
        "e = satisfied - p, summed within each firm by `groupby`; then square, and sum again.",
        "The root of m / (m - 1) · Σ E² / n² · (1 - m / M), all of them of traders.",
    ),
    shown=lambda given: (
        f"{number(keys.corrected_error(given), 4)}. Without the ledger it would be "
        f"{number(keys.firm_error(given), 4)}, and with answers taken as independent "
        f"{number(keys.firm_error(given, cluster=False), 4)}."
    ),
)
READABLE = Exercise(
    kind=Choices(CHANNELS),
    key=keys.readable,
    mistakes=(
        Mistake(
            lambda given: keys.large_enough(given.answers),
            "The rows were counted. The base of this question is smaller.",
        ),
        Mistake(
            lambda given: sorted(set(CHANNELS) - set(keys.readable(given))),
            "These are the ones that must not be read.",
        ),
    ),
    hints=(
        "The base belongs to the question, not to the table.",
        "Count, for each channel, the people with an answer about delivery.",
        "In a groupby, `size` counts rows and `count` counts values that are there.",
    ),
    shown=lambda given: (
        f"{len(keys.readable(given))} of {len(CHANNELS)} channels may be read; the others are "
        "reported as having too few answers, without a number."
    ),
)
EXERCISES = (BASE, ROLE_WEIGHTS, ROLE_WEIGHTED, RAKED, KISH, MARGIN, FIRMS, READABLE)
