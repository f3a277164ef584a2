"""Everything planted in the simulated steel survey: change a number here and nowhere else.

The verbal findings of the 2015 study that the simulation follows are statements about order and
sign. The numbers are our own, set wide enough apart for about 210 respondents to see them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Market:
    """One stratum of the frame; the counts are for a frame of FRAME_FIRMS firms."""

    firms: int
    sampled: int
    trader_share: float
    effect: float


# --- Who the customers are ------------------------------------------------------------------------
FRAME_FIRMS = 240
MARKETS = {
    "iran": Market(firms=70, sampled=30, trader_share=0.60, effect=0.05),
    "east_asia": Market(firms=90, sampled=35, trader_share=0.35, effect=-0.05),
    "middle_east": Market(firms=80, sampled=30, trader_share=0.50, effect=0.00),
}
ROLES = ("end_user", "trader")
TONNES_MEDIAN = {"end_user": 6_000, "trader": 8_000}
TONNES_LOG_SD = 0.7
# Giants buy by contract and stand outside the frame: with one of them in or out of a sample of
# 95 firms, no interval for the tonnage-weighted mean could keep its level.
TONNES_MOST_SDS = 2
CONTACTS_SHARE = {1: 0.10, 2: 0.20, 3: 0.30, 4: 0.25, 5: 0.15}
REACHED_SHARE = 0.6
# Two answers from a firm show how far its people differ; one alone cannot.
LEAST_RESPONDENTS, MOST_RESPONDENTS = 2, 4

# --- What they think: means on the latent 1-5 scale, before it is cut into answers ----------------
ATTRIBUTES = {
    "product": {"product_quality": 4.05, "processing": 3.95, "product_development": 3.20},
    "shipment": {
        "packing": 4.00,
        "marking": 4.10,
        "transport_handling": 3.80,
        "delivery_date": 3.85,
    },
    "service": {
        "order_management": 4.10,
        "claims_handling": 2.85,
        "technical_support": 3.95,
        "communication": 4.00,
        "sales_service": 4.05,
    },
    "commercial": {"payment_terms": 3.80, "price": 3.75},
}
OUTCOMES = {"overall": 4.05, "informed": 4.05, "partnership": 4.40}
RECOMMEND_MEAN = 7.9

# End user less trader; every other attribute has the same mean in both roles.
ROLE_GAP = {
    "product_quality": -0.80,
    "product_development": -0.75,
    "claims_handling": -0.75,
    "sales_service": 0.65,
}
MARKET_GAP = {("east_asia", "transport_handling"): -0.30, ("iran", "payment_terms"): -0.30}

# --- How alike answers are ------------------------------------------------------------------------
ANSWER_SD = 0.9
# Shares of an answer's variance; the first two are shared in a firm, so ICC = 0.30.
VARIANCE_SHARE = {
    "firm": 0.20,
    "firm_item": 0.10,
    "person": 0.20,
    "person_block": 0.10,
    "person_item": 0.40,
}
# What moves overall satisfaction beyond the general level: slopes on an attribute's own part.
# Role gaps stay out of it, so that both roles are equally satisfied overall.
DRIVER_SLOPE = {
    "product_quality": 0.35,
    "claims_handling": 0.30,
    "delivery_date": 0.20,
    "price": 0.20,
    "technical_support": 0.15,
    "product_development": 0.10,
    "communication": 0.10,
}
OVERALL_OWN_SLOPE = 0.6
RECOMMEND_SLOPE = 1.8
RECOMMEND_SD = 1.2

# --- What decides a purchase: log worths of the Plackett-Luce ranks and the best-worst choices ----
LOG_WORTH = {
    "product_quality": {"end_user": 2.0, "trader": 1.9},
    "technical_support": {"end_user": 1.1, "trader": -0.5},
    "payment_terms": {"end_user": 0.8, "trader": 0.1},
    "price": {"end_user": 1.6, "trader": 1.7},
    "delivery_date": {"end_user": 0.2, "trader": 1.1},
    "communication": {"end_user": -0.2, "trader": 0.8},
    "sales_service": {"end_user": -0.4, "trader": 0.5},
    "claims_handling": {"end_user": 0.1, "trader": 0.0},
}
TASKS = 6
TASK_SIZE = 4

# --- What goes wrong in the field -----------------------------------------------------------------
REFUSED, DO_NOT_KNOW = 98, 99
REFUSED_SHARE = 0.01
DO_NOT_KNOW_SHARE = 0.03
# A trader passes the steel on and often has no view of how the range develops.
TRADER_DEVELOPMENT_UNKNOWN_SHARE = 0.10
RANKS_ABSENT_SHARE = 0.03
RANKS_PARTIAL_SHARE = 0.04
RANKS_KEPT_WHEN_PARTIAL = 3
STRAIGHT_LINER_SHARE = 0.03
SPEEDER_SHARE = 0.025
DURATION_MEDIAN_SECONDS = 840
DURATION_LOG_SD = 0.35
SPEEDER_SECONDS = (90, 210)
FIELD_START = "2015-09-07"
FIELD_DAYS = 42
