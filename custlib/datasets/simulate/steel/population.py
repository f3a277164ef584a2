"""The frame of firms and what every contact in it would answer: a finite population."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.datasets.simulate.steel import planted

STREAMS = ("frame", "answers", "ranks", "careless", "sample", "choices", "field")
ITEM_BLOCK = {item: block for block, items in planted.ATTRIBUTES.items() for item in items}
ATTRIBUTES = list(ITEM_BLOCK)
FACTORS = list(planted.LOG_WORTH)
ANSWERS = [*ATTRIBUTES, *planted.OUTCOMES]
RATED = [*ANSWERS, "recommend"]
RANKS = [f"rank_{factor}" for factor in FACTORS]


@dataclass(frozen=True, slots=True)
class Population:
    """All firms of the frame, and all their contacts with the answers each would give."""

    firms: pd.DataFrame
    contacts: pd.DataFrame


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of one step, so that changing a step leaves the others as they are."""
    key = (STREAMS.index(name),)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def simulate_population(*, seed: int, n_firms: int = planted.FRAME_FIRMS) -> Population:
    """Draw the frame, then one answer of every contact to every question."""
    firms = draw_frame(n_firms, stream(seed, "frame"))
    at = np.repeat(np.arange(len(firms)), firms["contacts"])
    person = firms.iloc[at].reset_index(drop=True).rename(columns={"contacts": "contacts_in_firm"})
    person.insert(0, "contact", np.arange(len(person)))
    answers = cut(latent_answers(person, at, stream(seed, "answers")))
    ranks = rank_factors(person["role"], stream(seed, "ranks"))
    contacts = pd.concat([person, answers, ranks], axis="columns")
    return Population(firms, spoil(contacts, stream(seed, "careless")))


def draw_frame(n_firms: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row a firm: market, role, tonnes a year, number of contacts."""
    sizes = [market.firms for market in planted.MARKETS.values()]
    ends = np.round(np.cumsum(sizes) / planted.FRAME_FIRMS * n_firms).astype(int)
    names = np.repeat(list(planted.MARKETS), np.diff(ends, prepend=0))
    trader_share = np.array([planted.MARKETS[name].trader_share for name in names])
    role = np.where(rng.random(n_firms) < trader_share, "trader", "end_user")
    median = np.array([planted.TONNES_MEDIAN[name] for name in role])
    tonnes = median * np.exp(planted.TONNES_LOG_SD * within_reach(rng, n_firms))
    counts, shares = zip(*planted.CONTACTS_SHARE.items(), strict=True)
    return pd.DataFrame(
        {
            "firm": [f"F{number:03d}" for number in range(1, n_firms + 1)],
            "market": names,
            "role": role,
            "tonnes": np.round(tonnes).astype(int),
            "contacts": rng.choice(counts, n_firms, p=shares),
        }
    )


def within_reach(rng: np.random.Generator, n: int) -> np.ndarray:
    """Standard normal numbers not beyond TONNES_MOST_SDS: the first of twenty tries that is not."""
    tries = rng.normal(size=(n, 20))
    first = (np.abs(tries) <= planted.TONNES_MOST_SDS).argmax(axis=1)
    return tries[np.arange(n), first]


def latent_answers(
    person: pd.DataFrame, firm_at: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Satisfaction before it is cut into answers: planted means plus what firms and people add."""
    n_firms, n_people, n_items = firm_at.max() + 1, len(person), len(ANSWERS)
    sd = {
        part: planted.ANSWER_SD * np.sqrt(share) for part, share in planted.VARIANCE_SHARE.items()
    }
    blocks = [*planted.ATTRIBUTES, "outcome"]
    block_at = [blocks.index(ITEM_BLOCK.get(item, "outcome")) for item in ANSWERS]
    general = rng.normal(0, sd["firm"], n_firms)[firm_at] + rng.normal(0, sd["person"], n_people)
    own = (
        rng.normal(0, sd["firm_item"], (n_firms, n_items))[firm_at]
        + rng.normal(0, sd["person_block"], (n_people, len(blocks)))[:, block_at]
        + rng.normal(0, sd["person_item"], (n_people, n_items))
    )
    overall = ANSWERS.index("overall")
    slopes = np.array([planted.DRIVER_SLOPE.get(item, 0.0) for item in ANSWERS])
    slopes[overall] = planted.OVERALL_OWN_SLOPE
    own[:, overall] = own @ slopes
    latent = planted_means(person) + general[:, None] + own
    moved = planted.RECOMMEND_SLOPE * (general + own[:, overall])
    noise = rng.normal(0, planted.RECOMMEND_SD, n_people)
    return latent.assign(recommend=planted.RECOMMEND_MEAN + moved + noise)


def planted_means(person: pd.DataFrame) -> pd.DataFrame:
    """Mean of each latent answer, given the contact's role and market."""
    means = {item: mean for block in planted.ATTRIBUTES.values() for item, mean in block.items()}
    # Half the gap on either side keeps the attribute's mean where it was planted.
    side = np.where(person["role"] == "end_user", 0.5, -0.5)
    market = person["market"].map({name: place.effect for name, place in planted.MARKETS.items()})
    table = pd.DataFrame(
        {
            item: mean + planted.ROLE_GAP.get(item, 0.0) * side + market.to_numpy()
            for item, mean in (means | planted.OUTCOMES).items()
        }
    )
    for (place, item), gap in planted.MARKET_GAP.items():
        table.loc[person["market"] == place, item] += gap
    return table


def cut(latent: pd.DataFrame) -> pd.DataFrame:
    """Ordered answers: thresholds halfway between the codes, the ends of the scale kept."""
    answers = np.floor(latent + 0.5).astype(int)
    answers[ANSWERS] = answers[ANSWERS].clip(1, 5)
    answers["recommend"] = answers["recommend"].clip(0, 10)
    return answers


def rank_factors(role: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Plackett-Luce ranks, 1 the most important: order of log worth plus Gumbel noise."""
    worth = pd.DataFrame(planted.LOG_WORTH).loc[role].to_numpy()
    utility = worth + rng.gumbel(size=worth.shape)
    rank = (-utility).argsort(axis=1).argsort(axis=1) + 1
    state = rng.random(len(rank))
    absent = state < planted.RANKS_ABSENT_SHARE
    partial = ~absent & (state < planted.RANKS_ABSENT_SHARE + planted.RANKS_PARTIAL_SHARE)
    lost = absent[:, None] | (partial[:, None] & (rank > planted.RANKS_KEPT_WHEN_PARTIAL))
    return pd.DataFrame(rank, columns=RANKS).astype("Int64").mask(lost)


def spoil(contacts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What a contact does not answer, and who gives every question the same answer."""
    table = contacts.copy()
    chance = rng.random((len(table), len(RATED)))
    unknown = np.full(chance.shape, planted.DO_NOT_KNOW_SHARE)
    traders = (table["role"] == "trader").to_numpy()
    unknown[traders, RATED.index("product_development")] = planted.TRADER_DEVELOPMENT_UNKNOWN_SHARE
    refused = chance > 1 - planted.REFUSED_SHARE
    straight = rng.random(len(table)) < planted.STRAIGHT_LINER_SHARE
    habit = table["overall"].to_numpy()[:, None]
    answers = np.where(chance < unknown, planted.DO_NOT_KNOW, table[RATED])
    table[RATED] = np.where(refused, planted.REFUSED, answers)
    table.loc[straight, ANSWERS] = np.broadcast_to(habit, (len(table), len(ANSWERS)))[straight]
    return table.assign(straight_liner=straight)
