"""What is put to custlib and to its peers, how near their answers must be, and the targets."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Peer:
    """Another program, and how much of a job it can be given within minutes."""

    side: str
    few: int | None = None  # resamples (or groups) it is given; the time is scaled to all of them
    groups: int | None = None  # where it goes through groups instead of resamples, how many
    factor: float | None = None  # target: custlib is so many times faster
    rows: int | None = None  # custlib again on so many rows: shows how its time grows


@dataclass(frozen=True)
class Job:
    """One question, asked of every side on the same table."""

    title: str
    kind: str
    sizes: tuple[int, ...]
    resamples: int  # 0 asks for the estimates alone
    tolerance: dict[str, float]  # largest difference, as a share of the largest answer
    peers: tuple[Peer, ...] = ()
    most_seconds: float | None = None  # target where there is no peer
    most_megabytes: float | None = None  # target for custlib's process
    table: str | None = None  # kind of table, where it is not the kind of job
    ours: str = "custlib"  # the file of custlib's side

    def smaller(self) -> "Job":
        """The same job in a size that shows within seconds whether every side runs."""
        sizes = (200, *(min(size, 6) for size in self.sizes[1:]))
        points = {name: within for name, within in self.tolerance.items() if name != "interval"}
        peers = tuple(replace(peer, rows=peer.rows and 100) for peer in self.peers)
        fewer = {"resamples": min(self.resamples, 30), "tolerance": points, "peers": peers}
        return replace(self, sizes=sizes, **fewer)


def order_jobs(n: int) -> list[Job]:
    """Three questions on n orders: one row a customer, nine classes, and both with cohorts."""
    level = 1 if n >= 1_000_000 else None
    engines = (Peer("pandas"), Peer("polars"), Peer("duckdb", factor=level))
    together = (Peer("pandas"), Peer("polars"), Peer("duckdb"))
    if n == LARGE:
        together = (Peer("pandas", factor=8), Peer("polars", factor=2), Peer("duckdb", factor=2))
        together += (Peer("custlib_orders", rows=n // 10),)
    limit = {"most_megabytes": 1000} if n == LARGE else {}
    asked = {
        "RFM": ("rfm", RFM, (*engines, Peer("lifetimes"))),
        "ABC–XYZ": ("abc_xyz", CLASSES, engines),
        TOGETHER: ("together", RFM | CLASSES | COHORTS, together),
    }
    return [
        Job(f"{name}, {n:,} orders", kind, (n,), 0, tolerance, peers, **ORDERS, **limit)
        for name, (kind, tolerance, peers) in asked.items()
    ]


def loyalty_jobs() -> list[Job]:
    """Will they buy again, for how much, tell others, stay?"""
    jobs = []
    for n, table, level in ((2357, "cdnow", None), (100_000, "buyers", 15), (LOTS, "buyers", 15)):
        whose = "of CDNOW" if table == "cdnow" else "simulated"
        peers = (Peer("lifetimes", factor=level), Peer("pymc"))
        settings = {"peers": peers, "table": table, "ours": LOYALTY}
        title = f"BG/NBD fit, {n:,} customers {whose}"
        jobs.append(Job(title, "purchase_model", (n,), 0, MODEL, **settings))
    for n in (100_000, LOTS):
        for name, kind, table, tolerance, level in (
            ("BG/NBD expected purchases", "expected_purchases", "buyers", PURCHASES, 3),
            ("gamma–gamma fit", "spend_model", "spenders", MODEL, 6),
        ):
            settings = {"peers": (Peer("lifetimes", factor=level),), "table": table}
            title = f"{name}, {n:,} customers"
            jobs.append(Job(title, kind, (n,), 0, tolerance, **settings, ours=LOYALTY))
    for n, few, factor in ((100_000, None, 100), (LOTS, 10, 500)):
        settings = {"peers": (Peer("scipy", few, 100, factor),), "table": "top_box"}
        for name, kind in (
            ("10,000 resamples", "promoter_score"),
            ("exact bootstrap", "promoter_score_exact"),
        ):
            title = f"NPS of 100 groups, {name}, n = {n:,}"
            jobs.append(Job(title, kind, (n,), 10_000, SCORE, **settings, ours=LOYALTY))
    peers = (Peer("statsmodels"), Peer("lifelines"))
    title = f"Kaplan–Meier, {LOTS:,} customers"
    settings = {"peers": peers, "table": "stays", "ours": LOYALTY}
    return [*jobs, Job(title, "kaplan_meier", (LOTS,), 0, SURVIVAL, **settings)]


LMG, PATHS = {"contribution": 1e-8}, {"paths": 1e-5}
ALPHA, SHARE = {"alpha": 1e-9, "interval": 0.01}, {"share": 1e-9, "interval": 0.02}
RFM = dict.fromkeys(("customers", "orders", "revenue", "recency"), 1e-9)
CLASSES, COHORTS = {"classes": 1e-9}, {"bought": 1e-9, "spent": 1e-9}
TOGETHER, LARGE = "RFM + ABC–XYZ + cohorts", 10_000_000
ORDERS = {"table": "orders", "ours": "custlib_orders"}
LOTS, LOYALTY = 1_000_000, "custlib_loyalty"
MODEL, PURCHASES = {"parameters": 2e-4, "log-likelihood": 1e-9}, {"purchases": 1e-5}
SCORE = {"score": 1e-9, "interval": 0.02}
SURVIVAL = {"survival": 1e-9, "error": 1e-9, "interval": 1e-9}
LOGLIK = {"log-likelihood": 1e-8}
PLS = "PLS path model, 7 constructs, 1,000 resamples"
JOBS = [
    Job("LMG, 12 drivers", "lmg", (1000, 12), 0, LMG, (Peer("pingouin"),)),
    Job("LMG, 15 drivers", "lmg", (1000, 15), 0, LMG, (Peer("pingouin"),)),
    Job("LMG, 20 drivers", "lmg", (1000, 20), 0, LMG, most_seconds=0.2),
    Job("LMG, 12 drivers, 1,000 resamples", "lmg", (1000, 12), 1000, LMG, (Peer("pingouin", 8),)),
    Job(f"{PLS}, n = 250", "pls", (250,), 1000, PATHS, (Peer("plspm", 30),)),
    Job(f"{PLS}, n = 10,000", "pls", (10_000,), 1000, PATHS, (Peer("plspm", 30),)),
    *(
        Job(
            f"alpha, 10 items, 1,000 resamples, n = {n:,}",
            "alpha",
            (n,),
            1000,
            ALPHA,
            (Peer("pingouin", factor=10), Peer("psych", few)),
        )
        for n, few in ((1000, None), (100_000, 20))
    ),
    *(
        Job(
            f"top boxes of 100 groups, 10,000 resamples, n = {n:,}",
            "top_box",
            (n,),
            10_000,
            SHARE,
            (Peer("scipy", few, 100, factor),),
        )
        for n, few, factor in ((100_000, None, 100), (1_000_000, 10, 500))
    ),
    *(job for n in (100_000, 1_000_000, LARGE) for job in order_jobs(n)),
    Job(
        f"{TOGETHER}, {5 * LARGE:,} orders",
        "together",
        (5 * LARGE,),
        0,
        {},
        (Peer("custlib_orders", rows=LARGE),),
        most_megabytes=2000,
        **ORDERS,
    ),
    *(
        Job(
            f"latent classes, 8 items, 3 classes, 20 starts, n = {n:,}",
            "latent",
            (n,),
            20,
            LOGLIK,
            (Peer("stepmix", factor=20),),
        )
        for n in (10_000, 100_000)
    ),
    *loyalty_jobs(),
    Job(
        "12 runs of one study",
        "sweep",
        (999, 12),
        0,
        {"findings": 1e-9},
        (Peer("papermill", factor=3),),
        table="runs",
        ours="custlib_sweep",
    ),
]
