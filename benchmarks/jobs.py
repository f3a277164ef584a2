"""What is put to custlib and to its peers, how near their answers must be, and the targets."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Peer:
    """Another program, and how much of a job it can be given within minutes."""

    side: str
    few: int | None = None  # resamples (or groups) it is given; the time is scaled to all of them
    groups: int | None = None  # where it goes through groups instead of resamples, how many
    factor: float | None = None  # target: custlib is so many times faster


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

    def smaller(self) -> "Job":
        """The same job in a size that shows within seconds whether every side runs."""
        sizes = (200, *(min(size, 6) for size in self.sizes[1:]))
        points = {name: within for name, within in self.tolerance.items() if name != "interval"}
        return replace(self, sizes=sizes, resamples=min(self.resamples, 30), tolerance=points)


LMG, PATHS = {"contribution": 1e-8}, {"paths": 1e-5}
ALPHA, SHARE = {"alpha": 1e-9, "interval": 0.01}, {"share": 1e-9, "interval": 0.02}
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
]
