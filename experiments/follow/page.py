"""A diary beside its twin, on a terminal and as a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.follow.diary import Diary, Entry
from experiments.follow.twins import Compared, Row, first_sentence, unsaid_difference
from experiments.numbers import harmless

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDE = 110
"""Columns of a terminal from which on two diaries stand side by side."""
FIRST, DIFFERS, SAME = ">>", "*", ""
TEMPLATES = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True)
class Line:
    """One line: a mark, its day, what it says in the arm, and in its twin ("" = nothing)."""

    mark: str
    day: str
    mine: str
    twin: str = ""
    twin_alone: str = ""
    """What the twin says where the two diaries stand one under the other."""


@dataclass(frozen=True)
class Page:
    """All that is shown."""

    title: str
    arms: tuple[str, ...]
    abouts: tuple[str, ...]
    lead: str
    lines: Sequence[Line]
    notes: Sequence[str]


def page_of(title: str, found: Compared, rows: Sequence[Row], notes: Sequence[str]) -> Page:
    """A diary and its twin."""
    lines = [_line(found, row) for row in rows]
    n = sum(bool(line.mark) for line in lines)
    if n:
        said = f"{n:,} of {len(lines):,} lines differ: marked {DIFFERS}, the first of all {FIRST}."
        notes = [said, *notes]
    arms, abouts = zip(*((d.arm, d.about) for d in (found.mine, found.twin)), strict=True)
    return Page(title, arms, abouts, first_sentence(found), lines, notes)


def page_alone(title: str, diary: Diary, entries: Sequence[Entry], notes: Sequence[str]) -> Page:
    """A diary of an experiment without another arm."""
    lines = [Line(SAME, entry.days, entry.text) for entry in entries]
    return Page(title, (diary.arm,), (diary.about,), "", lines, notes)


def _line(found: Compared, row: Row) -> Line:
    mark = FIRST if row is found.first_row else DIFFERS if row.differs else SAME
    mine = row.mine.text if row.mine else ""
    twin = row.twin.text if row.twin else ""
    beside, unsaid = "the same", unsaid_difference(row)
    if row.differs:
        beside = f"the same in words; differs in {unsaid}" if unsaid else twin
    elif mark == FIRST:
        beside = "the same in numbers, not in who they were"
    return Line(mark, row.one.days, mine, beside, twin)


# ---------------------------------------------------------------- on a terminal


def show(page: Page, screen: Console) -> None:
    """Print a page: side by side where there is room, else one diary under the other."""
    from rich.text import Text

    screen.print(Text(harmless(page.title), style="bold"))
    for arm, about in zip(page.arms, page.abouts, strict=True):
        screen.print(Text(harmless(f"“{arm}”: {about}")))
    if page.lead:
        screen.print(Text(harmless(page.lead), style="bold"))
    if len(page.arms) == 1:
        _show_one(page, screen, twin=False)
    elif screen.width >= WIDE:
        _show_beside(page, screen)
    else:
        for twin, arm in enumerate(page.arms):
            screen.print(Text(harmless(f"\n“{arm}”"), style="bold"))
            _show_one(page, screen, twin=bool(twin))
    for note in page.notes:
        screen.print(Text(harmless(note)))


def _show_one(page: Page, screen: Console, *, twin: bool) -> None:
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    for width in (len(FIRST), None, None):
        table.add_column(min_width=width, no_wrap=width is not None)
    for line in page.lines:
        said = line.twin_alone if twin else line.mine
        if said:
            table.add_row(*_cells(line, said))
    screen.print(table)


def _show_beside(page: Page, screen: Console) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), expand=True)
    table.add_column("", min_width=len(FIRST), no_wrap=True)
    table.add_column("")
    for arm in page.arms:
        table.add_column(Text(harmless(arm)), ratio=1)
    for line in page.lines:
        table.add_row(*_cells(line, line.mine, line.twin))
    screen.print(table)


def _cells(line: Line, *said: str) -> list[Text]:
    from rich.text import Text

    style = "bold" if line.mark == FIRST else ""
    cells = [Text(harmless(text), style=style) for text in (line.mark, line.day, *said)]
    cells[1].no_wrap = True
    if not line.mark and len(said) > 1:
        cells[-1].stylize("dim")
    return cells


# ---------------------------------------------------------------- as a page of its own


def as_html(page: Page) -> str:
    """The page as HTML that needs nothing else."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("follow.html.j2")
    return template.render(page=page, first=FIRST)
