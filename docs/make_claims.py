"""Write docs/claims.md: the claims that studies 09 to 11 audit, from their committed notebooks.

`python docs/make_claims.py` after `make notebooks`; tests/notebooks/test_claims.py compares.
"""

import json
import re
from pathlib import Path

import pandas as pd
import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGE, CLAIMS = ROOT / "docs" / "claims.md", ROOT / "data" / "cited_claims" / "claims.csv"
STUDIES = ROOT / "notebooks" / "studies"
AUDITED = ("09", "10", "11")
FINDING = "application/vnd.custlib.finding+json"
HEAD = """# Numbers that are cited, and what becomes of them

Each of these numbers is cited in texts on customer orientation. A study reads it in every way it \
can be read and computes what follows: it **holds** under every reading, it **holds only if** \
something is true besides, or it is **not supported**. The sentences are the findings of the \
committed notebooks at their default parameters. *Simulated* stands where the study's default data \
are simulated: there a sentence on data shows what such data say, not what happened anywhere; pure \
arithmetic is the same with any data. What was said is retold in our words. This page is made by \
`docs/make_claims.py`; do not edit it.
"""


def findings(notebook: Path) -> dict[str, dict]:
    """Findings in the outputs of a notebook, by key."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    data = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    return {one[FINDING]["key"]: one[FINDING] for one in data if FINDING in one}


def simulated(notebook: Path, data: Path = CLAIMS.parents[1]) -> bool:
    """Whether a data set that the notebook takes by default is simulated."""
    named = re.findall(r'default=\\"(\w+)\\"', notebook.read_text(encoding="utf-8"))
    cards = [yaml.safe_load((data / name / "card.yaml").read_text("utf-8")) for name in named]
    return any(card["kind"] == "simulated" for card in cards)


def audited(claims: Path = CLAIMS) -> pd.DataFrame:
    """Rows of the cited claims that these studies audit, in the order of the studies."""
    table = pd.read_csv(claims)
    table = table[table["study"].str[:2].isin(AUDITED)]
    return table.sort_values("study", kind="stable")


def page(studies: Path = STUDIES, claims: Path = CLAIMS) -> str:
    """The page's text; a KeyError names a claim whose study has no finding for it."""
    lines = ["| claim | what was said | what the arithmetic says | verdict | how it came down |"]
    lines.append("|---|---|---|---|---|")
    for row in audited(claims).itertuples():
        finding = findings(studies / f"{row.study}.ipynb")[f"claim_{row.claim}"]
        link = f"[{row.claim.replace('_', ' ')}](../notebooks/studies/{row.study}.ipynb)"
        link += " *simulated*" if simulated(studies / f"{row.study}.ipynb") else ""
        chain = f"Origin: {row.origin}. Then: {row.chain}."
        cells = [link, row.said, finding["sentence"], f"**{finding['verdict']}**", chain]
        lines.append("| " + " | ".join(" ".join(cell.split()) for cell in cells) + " |")
    return HEAD + "\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
