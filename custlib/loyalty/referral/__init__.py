"""Who tells others: what referrals add up to, and how long people look for whom they seek."""

from custlib.loyalty.referral.balance import referral_balance
from custlib.loyalty.referral.offspring import chain_sizes, referral_map
from custlib.loyalty.referral.search import search_rates, search_success

__all__ = [
    "chain_sizes",
    "referral_balance",
    "referral_map",
    "search_rates",
    "search_success",
]
