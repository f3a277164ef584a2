"""What becomes of numbers that texts cite, once they are read exactly."""

from custlib.loyalty.claims.counts import count_against_shares, count_power, silent_share
from custlib.loyalty.claims.verdicts import claim_verdicts

__all__ = ["claim_verdicts", "count_against_shares", "count_power", "silent_share"]
