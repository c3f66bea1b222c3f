"""The description of the model: its made parts are current, and it leaves nothing out."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from experiments.listings import parameters
from experiments.odd import MARKS, PAGE, document, parts, tables
from experiments.platform_values import shipped_platforms
from experiments.platforms import ROOT
from sim import draws, state
from sim.config.market import Market

TEXT = PAGE.read_text(encoding="utf-8")
BEGIN, END = (mark.replace("{}", r"[a-z]+").replace("(", r"\(") for mark in MARKS)
WRITTEN = re.sub(f"{BEGIN}.*?{END}", "", TEXT, flags=re.DOTALL)
"""What was written by hand."""
WORDS = ("name", "about", "scale")
"""Parameters that change nothing, or have one value."""
CODE = re.compile(r"`((?:sim|experiments|tests|configs|docs)/[\w/.]+)`")


def part(title: str) -> str:
    """The text under a heading, up to the next of its own or a higher level."""
    level = title.split(maxsplit=1)[0]
    after = TEXT.split(f"\n{title}\n")[1]
    return re.split(rf"\n#{{2,{len(level)}}} ", after)[0]


def submodels() -> dict[str, str]:
    """Every submodel's text by its title."""
    titled = re.split(r"^### (.+)$", part("## Submodels"), flags=re.MULTILINE)[1:]
    return dict(zip(titled[::2], titled[1::2], strict=True))


def table_rows(text: str) -> list[list[str]]:
    """Cells of the body rows of the tables in a text."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


# --- what is made ------------------------------------------------------------------------------


def test_the_made_parts_are_current():
    assert document(TEXT) == TEXT, "write it again: python -m experiments.odd"


@pytest.mark.parametrize("name", parts())
def test_a_lost_mark_is_noticed(name):
    begin = MARKS[0].format(name)
    with pytest.raises(ValueError, match=re.escape(begin)):
        document(TEXT.replace(begin, ""))


def test_what_stands_between_the_marks_is_replaced_and_nothing_else():
    spoiled = re.sub(f"({BEGIN})(.*?)({END})", r"\1 old \3", TEXT, flags=re.DOTALL)
    assert spoiled != TEXT and document(spoiled) == TEXT


def test_every_parameter_has_a_row_with_its_cells():
    rows = {row[0].strip("`"): row for row in table_rows(tables())}
    assert list(rows) and set(rows) == {p.path for p in parameters(Market)}
    limit = rows["platform.odr.limit"]
    assert limit[2 : 3 + len(shipped_platforms())] == [
        "0.01",
        *(f"{rules.odr.limit:g}" for rules in shipped_platforms().values()),
    ]
    assert rows["rivals.load"][2:6] == ["0.5", "share", "0.01 to 10", "assumed"]
    assert rows["sellers.NAME.name"][2] == "required"


def test_tables_are_whole():
    widths = set()
    for line in tables().splitlines():
        if line.startswith("| --- "):
            width = line.count("|")
            widths.add(width)
        if line.startswith("| `"):
            assert line.replace("\\|", "").count("|") == width, line
    assert widths >= {8, 8 + len(shipped_platforms())}


# --- what is written ---------------------------------------------------------------------------


def test_every_submodel_names_files_that_exist():
    assert len(submodels()) > 12
    for title, text in submodels().items():
        files = CODE.findall(text.strip().split("\n\n")[0])
        assert text.strip().startswith("Files: ") and files, title
        assert all((ROOT / file).is_file() for file in files), title


def test_every_file_and_heading_that_is_named_exists():
    for file in CODE.findall(TEXT):
        assert (ROOT / file).exists(), file
    headings = re.findall(r"^#+ (.+)$", TEXT, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}
    for link in re.findall(r"\]\(([^)]+)\)", TEXT):
        page, _, anchor = link.partition("#")
        assert (PAGE.parent / page).exists() if page else anchor in anchors, link


@pytest.mark.parametrize("folder", ["sim/phases", "sim/rules"])
def test_every_phase_and_rule_is_described(folder):
    files = {f"{folder}/{file.name}" for file in Path(ROOT, folder).glob("[!_]*.py")}
    assert files <= set(CODE.findall(WRITTEN)), "describe it in docs/model.md"


def test_every_parameter_is_used_in_what_is_written_by_hand():
    """Under the names that "Notation" lays down; of entries of a list the last name will do."""
    for parameter in parameters(Market):
        name = re.sub(r"^.*(NAME|N)\.|^platform\.", "", parameter.path)
        if name.split(".")[-1] not in WORDS:
            assert re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", WRITTEN), (
                f"say in docs/model.md what {parameter.path} does"
            )


def test_every_draw_stands_in_the_table_with_its_key():
    rows = table_rows(part("### Stochasticity"))
    named = [row[0].removesuffix(" (world)").strip("`") for row in rows]
    assert named == list(draws.purposes()), "in the order of sim/draws.py"
    assert all(len(row) == 3 and all(row) for row in rows)
    world = {name for name, row in zip(named, rows, strict=True) if row[0].endswith("(world)")}
    assert world == {name for name, builds in draws._REGISTRY.items() if builds}


@pytest.mark.parametrize("table", ["USER", "REMEMBERED", "SELLER", "LISTING", "ORDER", "POST"])
def test_every_column_of_an_entity_is_described(table):
    described = set(re.findall(r"`(\w+)`", part("### Entities, state variables and scales")))
    assert set(getattr(state, table).names) <= described


def test_constants_are_those_of_the_code():
    found = 0
    for what, _, files in table_rows(part("### Implementation")):
        match = re.fullmatch(r"`([A-Z_]+) = (.+)`", what)
        if match:
            for file in CODE.findall(files):
                module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
                assert getattr(module, match[1]) == float(match[2]), what
                found += 1
    assert found >= 10
