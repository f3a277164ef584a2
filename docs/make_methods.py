"""Write docs/methods: a page a topic, from docstrings, worked tables and the numbers of R.

`make docs`, or `python docs/make_methods.py`; tests/architecture/test_methods.py compares. Files
are read as text and never imported, so that the pages hang on nothing but what they show.
"""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path

from docstring_text import described, fenced, notes, prose, sources
from worked_tables import pipe_table, tree, worked

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "methods"
NUMBERS = ROOT / "tests" / "oracles" / "docstring_examples" / "expected.json"
FLOORS = {
    "survey": "What do customers think?",
    "segmentation": "Who are they?",
    "loyalty": "Will they stay, tell others, pay?",
}
# A page: its name, its title, its floor, and the rooms (modules or packages) it is made of.
TOPICS = [
    ("reading", "From a file to answers", "survey", "codebook reading exports draft plan"),
    ("published", "Are these the numbers that were published?", "survey", "published"),
    ("quality", "Were the questions answered with care, and by whom?", "survey", "quality"),
    ("weights", "Whom does an answer stand for?", "survey", "weights"),
    ("profile", "How satisfied are they?", "survey", "profile deviations statements"),
    ("comparison", "Do groups differ?", "survey", "comparison sensitivity"),
    ("ordinal", "What moves an answer up the scale?", "survey", "ordinal"),
    ("ranking", "What do they put first?", "survey", "ranking"),
    ("drivers", "What goes with satisfaction?", "survey", "drivers evidence"),
    ("contrast", "What disappoints, what delights?", "survey", "contrast"),
    ("importance", "What to mend first?", "survey", "importance"),
    ("kano", "What is taken for granted?", "survey", "kano"),
    ("servqual", "What was expected, what was found?", "survey", "servqual"),
    ("reliability", "Do the items measure one thing?", "survey", "reliability"),
    ("path_models", "What leads to what?", "survey", "path_models"),
    ("indices", "One number for many", "survey", "indices"),
    ("audit", "How customer oriented is a firm?", "survey", "audit"),
    ("transactions", "From orders to customers", "segmentation", "transactions plan"),
    ("lorenz", "Who carries sales and profit?", "segmentation", "lorenz"),
    ("lenses", "How is the base made up, and how does it change?", "segmentation", "lenses"),
    ("abc_xyz", "Who is large, who is steady?", "segmentation", "abc_xyz"),
    ("rfm", "Who came lately, often, for much?", "segmentation", "rfm"),
    ("migration", "Who moved between classes?", "segmentation", "migration"),
    ("variables", "What may customers be segmented by?", "segmentation", "variables agreement"),
    ("clusters", "Are there segments?", "segmentation", "clusters"),
    ("latent", "Are there kinds of answers?", "segmentation", "latent"),
    ("strategy", "What pays for whom?", "segmentation", "strategy"),
    ("recommendation", "Would they tell others?", "loyalty", "recommendation"),
    ("ladder", "How do they climb?", "loyalty", "ladder"),
    ("retention", "How long do they stay, and why do they leave?", "loyalty", "retention"),
    ("geometric", "Will they renew?", "loyalty", "retention.geometric"),
    ("value", "How much will they buy and spend?", "loyalty", "value"),
    ("economics", "What is it worth?", "loyalty", "economics"),
    ("referral", "How many come by word of mouth?", "loyalty", "referral"),
    ("funnel", "Where are leads lost?", "loyalty", "funnel"),
    ("contact", "Whom to contact, and how often?", "loyalty", "contact"),
    ("claims", "Does a cited number hold?", "loyalty", "claims"),
]
# Where R computes what the small example of a function cannot show.
COMPARED = {
    "survey.rake": "weights_sim",
    "survey.rank_worths": "rank_worths",
    "survey.best_worst_worths": "rank_worths",
    "survey.path_model": "ecsi_sim",
    "survey.effect_by_method": "ecsi_sim",
    "segmentation.latent_class_choice": "lca_sim",
}
MADE = "Made by `make docs` from docstrings and tests; do not edit, change those."


@dataclass(frozen=True)
class Quantity:
    """A public function of a floor, and where it stands."""

    floor: str
    name: str
    file: Path
    node: ast.FunctionDef

    @property
    def key(self) -> str:
        return f"{self.floor}.{self.name}"

    @property
    def page(self) -> str:
        room = ".".join(self.file.relative_to(ROOT / "custlib" / self.floor).with_suffix("").parts)
        homes = {
            name: len(one)
            for name, _, floor, rooms in TOPICS
            for one in rooms.split()
            if floor == self.floor and f"{room}.".startswith(f"{one}.")
        }
        if not homes:
            raise LookupError(f"{self.key} is in {room}, which TOPICS of {__file__} gives no page.")
        return max(homes, key=lambda name: homes[name])

    def section(self, title: str) -> str:
        """A section of the docstring; the text in front of all sections for an empty title."""
        parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", ast.get_docstring(self.node) or "", flags=re.M)
        return dict(zip(["", *parts[1::2]], parts[::2], strict=True)).get(title, "").strip()

    def told(self, label: str) -> str:
        """The paragraph of the Notes that begins with a label; the rest for an empty one."""
        paragraphs = [one for one in self.section("Notes").split("\n\n") if one.strip()]
        labels = ("Assumes:", "Not for:")
        kept = [p for p in paragraphs if p.startswith(label or labels) == bool(label)]
        return "\n\n".join(one.removeprefix(label).strip() for one in kept)


def quantities() -> list[Quantity]:
    """The public functions of the three floors, by name."""
    found = []
    for floor in FLOORS:
        for name in sorted(_exported(ROOT / "custlib" / floor / "__init__.py")):
            file, node = _defined(f"custlib.{floor}", name)
            if isinstance(node, ast.FunctionDef):
                found.append(Quantity(floor, name, file, node))
    return found


def _exported(file: Path) -> list[str]:
    for node in tree(file).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    raise LookupError(f"{file} has no __all__.")


def _defined(module: str, name: str) -> tuple[Path, ast.stmt | None]:
    """The file that defines a name, following imports down, and the definition."""
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in tree(file).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return file, node
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                if (one.asname or one.name) == name:
                    return _defined(node.module, one.name)
    return file, None


def numbers_of_r() -> dict[str, dict[str, dict]]:
    """By function: number, its value and the call in R that gave it."""
    found: dict[str, dict[str, dict]] = {}
    for key, entry in json.loads(NUMBERS.read_text(encoding="utf-8"))["values"].items():
        floor, function, number = key.split(".", 2)
        found.setdefault(f"{floor}.{function}", {})[number] = entry
    return found


def article(quantity: Quantity, links: dict[str, str], from_r: dict[str, dict]) -> str:
    """All that a page says about one function."""
    source = quantity.file.relative_to(ROOT).as_posix()
    parts = [f"## {quantity.name}", prose(summary(quantity), links)]
    parts += [f"`custlib.{quantity.key}` · [source](../../{source})"]
    if told := quantity.told(""):
        parts += ["### How it is computed", notes(told, links)]
    for label, title in (("Assumes:", "Assumes"), ("Not for:", "Not for")):
        if told := quantity.told(label):
            parts.append(f"**{title}** {prose(told, links)}")
    if cited := quantity.section("References"):
        parts.append(f"**Source** {sources(cited)}")
    if found := worked(quantity.floor, quantity.name):
        file, tables, code = found
        link = f"[tests/worked/{file.name}](../../tests/worked/{file.name})"
        parts += [f"### By hand\n\nFrom {link}; the arithmetic is the expectation.", *tables]
        parts.append(fenced(code, "python"))
    if example := quantity.section("Examples"):
        parts += ["### Example", *_example(example)]
    if from_r:
        script = (NUMBERS.parent / "make.R").relative_to(ROOT).as_posix()
        parts += [f"From the same data R gives the same ([script](../../{script})):"]
        rows = [[key.replace("_", " "), *_value_and_call(one)] for key, one in from_r.items()]
        parts += [pipe_table(["number", "value", "call in R"], rows)]
    if quantity.key in COMPARED:
        where = f"tests/oracles/{COMPARED[quantity.key]}"
        told = json.loads((ROOT / where / "expected.json").read_text(encoding="utf-8"))
        packages = [name for name in told["reference"] if name != "R"]
        count = f"{len(told['values'])} numbers of {', '.join(packages) or 'R'}"
        parts.append(f"The full comparison, {count}, is in [{where}](../../{where}).")
    return "\n\n".join([*parts, *_folded(quantity, links)])


def _folded(quantity: Quantity, links: dict[str, str]) -> list[str]:
    """What goes in and what comes out, to be opened where a symbol or a column is not clear."""
    titles = [one for one in ("Parameters", "Returns") if quantity.section(one)]
    told = [f"**{one}**\n\n{described(quantity.section(one), links)}" for one in titles]
    head = "<details><summary>" + " and ".join(titles).capitalize() + "</summary>"
    return [head, *told, "</details>"] if told else []


def _value_and_call(entry: dict) -> list[str]:
    call = entry["source"].replace("|", "\\|")
    return [f"{entry['value']:.6g}", f"`{call}`"]


def _example(text: str) -> list[str]:
    """The doctest as a block of code, sentences between its parts as prose."""
    blocks = [one for one in text.split("\n\n") if one.strip()]
    return [fenced(b, "python") if b.startswith(">>>") else prose(b, {}) for b in blocks]


def pages() -> dict[str, str]:
    """Every page by its file's name."""
    found, from_r = quantities(), numbers_of_r()
    made = {"README.md": index(found, from_r)}
    for name, title, floor, rooms in TOPICS:
        own = [one for one in found if one.page == name and one.floor == floor]
        links = {one.name: f"{one.page}.md#{one.name}" for one in found if one.floor != floor}
        links |= {one.name: f"{one.page}.md#{one.name}" for one in found if one.floor == floor}
        contents = [[f"[{one.name}](#{one.name})", prose(summary(one), {})] for one in own]
        modules = ", ".join(f"`custlib.{floor}.{room}`" for room in rooms.split())
        parts = [f"# {title}", f"*{MADE}* [All methods](README.md) · {modules}"]
        parts += [pipe_table(["function", "what it is"], contents)]
        parts += [article(one, links, from_r.get(one.key, {})) for one in own]
        made[f"{name}.md"] = "\n\n".join(parts) + "\n"
    return made


def summary(quantity: Quantity) -> str:
    return " ".join(quantity.section("").split("\n\n")[0].split())


def index(found: list[Quantity], from_r: dict[str, dict]) -> str:
    """The list of the pages, a line each."""
    checked = sum(one.key in from_r for one in found)
    parts = [
        "# Methods",
        f"*{MADE}*",
        "What each public function computes: its formula, its source and, where it estimates, what "
        "it assumes and when not to use it, a table worked by hand, and an example. Where R gives "
        "the number of the example too, the call stands beside it: "
        f"{checked} of {len(found)} functions. In some a function of R computes the number, in "
        "others the formula is written once more in R, which shows slips of the program but not of "
        "the formula; the call says which. Tables and examples are invented to be small; none is "
        "data of a firm.",
    ]
    for floor, question in FLOORS.items():
        rows = []
        for name, title, where, _ in TOPICS:
            own = [
                f"[{q.name}]({name}.md#{q.name})"
                for q in found
                if (q.floor, q.page) == (floor, name)
            ]
            if where == floor:
                rows.append([f"[{title}]({name}.md)", ", ".join(own)])
        parts += [f"## {question}", pipe_table(["page", "functions"], rows)]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    PAGES.mkdir(exist_ok=True)
    made = pages()
    for old in PAGES.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (PAGES / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
