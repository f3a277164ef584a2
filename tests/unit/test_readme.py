"""What the README promises is so."""

import re
from pathlib import Path

import pandas as pd

from custlib import survey
from custlib.survey.codebook.book import Codebook

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_codebook_of_the_readme_decodes_a_file(tmp_path):
    (tmp_path / "answers.yaml").write_text(
        re.search(r"```yaml\n(.*?)```", README, flags=re.DOTALL)[1], encoding="utf-8"
    )
    table = pd.DataFrame(
        {
            "quality": [4, 99, 5, 2],
            "delivery": [3, 3, 4, 1],
            "role": ["user", "trader", "user", "trader"],
            "tonnes": [120, 80.5, 300, 40],
            "firm": ["a", "b", "c", "d"],
        }
    )
    table.to_csv(tmp_path / "answers.csv", index=False)
    book = Codebook.read(tmp_path / "answers.yaml")
    responses = survey.read_responses(tmp_path / "answers.csv", codebook=book)
    plan = survey.analysis_plan(responses, book, by="role")
    assert responses["quality"].isna().tolist() == [False, True, False, False]
    assert plan.design.population == 240
    assert list(plan.gaps["measure"]) == ["raking", "strata"]


def test_every_command_the_readme_names_is_in_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in re.findall(r"(?:^|`)make ([a-z-]+)", README, flags=re.MULTILINE):
        assert re.search(rf"^{command}:", makefile, flags=re.MULTILINE), command


def test_every_file_the_readme_names_is_there():
    for name in re.findall(r"`((?:docs|data|tests)/[^`]*)`|\]\((docs/[^)]*)\)", README):
        assert (ROOT / (name[0] or name[1])).exists(), name
    for name in ("CITATION.cff", "CONTRIBUTING.md", "LICENSE", "environment.yml"):
        assert name in README or name == "LICENSE"
        assert (ROOT / name).exists()
