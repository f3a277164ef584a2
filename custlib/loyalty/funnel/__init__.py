"""The sales funnel: rates from stage to stage, its bottleneck, and the calls a target needs."""

from custlib.loyalty.funnel.bottleneck import funnel_bottleneck
from custlib.loyalty.funnel.plan import funnel_plan
from custlib.loyalty.funnel.rates import funnel_rates, stage_times
from custlib.loyalty.funnel.scenarios import funnel_scenarios

__all__ = [
    "funnel_bottleneck",
    "funnel_plan",
    "funnel_rates",
    "funnel_scenarios",
    "stage_times",
]
