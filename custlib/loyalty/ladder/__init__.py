"""The loyalty ladder: stages by rules, moves between them, climbing, value, money on rungs."""

from custlib.loyalty.ladder.answers import ladder_answers
from custlib.loyalty.ladder.budget import ladder_budget
from custlib.loyalty.ladder.climb import ladder_climb, ladder_rungs
from custlib.loyalty.ladder.gains import ladder_gains
from custlib.loyalty.ladder.lifetimes import ladder_lifetimes, ladder_visits
from custlib.loyalty.ladder.occupancy import ladder_occupancy
from custlib.loyalty.ladder.order import ladder_tests
from custlib.loyalty.ladder.plan import LadderPlan, ladder_plan
from custlib.loyalty.ladder.rules import ladder_of, read_stage_rules, stage_rules
from custlib.loyalty.ladder.stages import ladder_shares, ladder_stages
from custlib.loyalty.ladder.transitions import LadderTransitions, ladder_transitions
from custlib.loyalty.ladder.value import ladder_margins, ladder_value
from custlib.loyalty.ladder.what_if import ladder_what_if

__all__ = [
    "LadderPlan",
    "LadderTransitions",
    "ladder_answers",
    "ladder_budget",
    "ladder_climb",
    "ladder_gains",
    "ladder_lifetimes",
    "ladder_margins",
    "ladder_occupancy",
    "ladder_of",
    "ladder_plan",
    "ladder_rungs",
    "ladder_shares",
    "ladder_stages",
    "ladder_tests",
    "ladder_transitions",
    "ladder_value",
    "ladder_visits",
    "ladder_what_if",
    "read_stage_rules",
    "stage_rules",
]
