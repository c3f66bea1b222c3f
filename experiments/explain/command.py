"""``run.py explain``: why a position or an order defect rate of a result changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.events import Events, Ledger
from experiments.explain.because import Between
from experiments.explain.evenings import Evening, evening
from experiments.explain.places import PlaceChange, Results, place_change
from experiments.explain.rates import RateChange, Window, rate_change
from experiments.explain.said import Told, in_run
from experiments.mistakes import UserError
from experiments.numbers import plain
from experiments.replay import Result, one_of, open_result, replay
from experiments.results import slug

if TYPE_CHECKING:
    from sim.engine import Engine

A_WEEK = 7
ENDINGS = (".png", ".svg")


@dataclass(frozen=True)
class Asked:
    """What is to be explained, checked against the result."""

    what: str
    """Name of a listing or a seller."""
    is_listing: bool
    days: tuple[int, int]
    arm: str
    replicate: int


class Watcher:
    """Notes two evenings of a run that is lived again, as its tables have them.

    The last of the warm-up is seen twice; the tables have it before the arm's settings hold.
    """

    def __init__(self, days: tuple[int, int]) -> None:
        self.days = days
        self.seen: dict[int, Evening] = {}

    def __call__(self, engine: Engine, day: int) -> None:
        if day in self.days and day not in self.seen:
            self.seen[day] = evening(engine)

    def between(self, ledger: Ledger) -> Between:
        """Both evenings with the events of the run."""
        return Between(self.seen[self.days[0]], self.seen[self.days[1]], Events(ledger))


def explain(
    folder: Path,
    *,
    listing: str | None,
    seller: str | None,
    day: int,
    since: int | None,
    arm: str | None,
    replicate: int | None,
    out: Path | None,
) -> None:
    """Explain, print and draw. Raises UserError for what the result does not hold."""
    result = open_result(folder)
    asked = checked(result, listing, seller, day, since, arm, replicate)
    if out is not None and out.suffix.lower() not in ENDINGS:
        raise UserError(f"found {out.name}; allowed: a file that ends with {' or '.join(ENDINGS)}")
    watcher = Watcher(asked.days)
    lived = replay(result, asked.arm, asked.replicate, watcher)
    between = watcher.between(lived.ledger)
    _known(asked, between.after, lived.engine)
    files = [out] if out else [folder / f"{file_name(asked)}{ending}" for ending in ENDINGS]
    told = _told_and_drawn(asked, between, files)
    _print(told)


def checked(
    result: Result,
    listing: str | None,
    seller: str | None,
    day: int,
    since: int | None,
    arm: str | None,
    replicate: int | None,
) -> Asked:
    """What is asked, with what was left out filled in. Raises UserError."""
    what = listing if seller is None else seller
    if what is None or None not in (listing, seller):
        raise UserError("found both or none of --listing and --seller; allowed: one of them")
    last = int(result.manifest["days"])
    if not 2 <= day <= last:
        raise UserError(f"--day: found {day}; allowed: 2 to {last}, the days of the run")
    first = since if since is not None else max(1, day - A_WEEK)
    if not 1 <= first < day:
        raise UserError(f"--since: found {first}; allowed: 1 to {day - 1}, before --day")
    where = result.arm(arm), result.replicate(replicate)
    return Asked(what, listing is not None, (first, day), *where)


def _known(asked: Asked, after: Evening, engine: Engine) -> None:
    """Raises UserError where the run has no such listing or seller on the second evening."""
    there = list(after.sellers) if asked.is_listing else list(after.windows)
    ever = engine.listing_names if asked.is_listing else engine.seller_names
    option = "--listing" if asked.is_listing else "--seller"
    if asked.what in ever and asked.what not in there:
        said = f"is not there yet on day {asked.days[1]}; allowed: a later --day"
        raise UserError(f"{option}: found {asked.what!r}, which {said}")
    one_of(asked.what, there, option)


def file_name(asked: Asked) -> str:
    """``explain-steel-pan-day-60``, with arm and replicate, without an ending."""
    words = (
        asked.what,
        f"days {asked.days[0]} to {asked.days[1]}",
        asked.arm,
        str(asked.replicate),
    )
    return "-".join(["explain", *(slug(word) or "it" for word in words)])


def change_of_place(listing: str, between: Between) -> PlaceChange:
    """The change of a listing's position."""
    category = between.after.category(listing) or ""
    return place_change(
        listing,
        between.before.results.get(category) or _nothing(between),
        between.after.results[category],
    )


def _nothing(between: Between) -> Results:
    import numpy as np

    none = np.zeros(0)
    return Results(between.days[0], (), none.astype(bool), none, none, np.zeros((8, 0)), none)


def change_of_rate(seller: str, between: Between) -> RateChange:
    """The change of a seller's order defect rate; one that was not there had no orders."""
    import numpy as np

    after = between.after.windows[seller]
    none = np.zeros(0, np.uint64)
    before = between.before.windows.get(seller)
    anyone = next(iter(between.before.windows.values()))
    before = before or Window(between.days[0], anyone.first, anyone.last, none, none, none)
    return rate_change(seller, before, after)


def _told_and_drawn(asked: Asked, between: Between, files: list[Path]) -> tuple[Told, list[Path]]:
    from experiments.explain.figures import draw_place, draw_rate
    from experiments.explain.of_places import told_place
    from experiments.explain.of_rates import told_rate

    where = in_run(asked.days, asked.arm, asked.replicate)
    try:
        if asked.is_listing:
            change = change_of_place(asked.what, between)
            told = told_place(change, between, asked.arm, asked.replicate)
            if change.before is None:
                return told, []
            draw_place(change, where, files)
            return told, files
        rate = change_of_rate(asked.what, between)
        told = told_rate(rate, between, asked.arm, asked.replicate)
        if rate.change is None:
            return told, []
        draw_rate(rate, where, files)
        return told, files
    except OSError as error:
        raise UserError(f"{files[0]}: cannot be written: {error.strerror}") from error


def _print(explained: tuple[Told, list[Path]]) -> None:
    from rich.text import Text

    from experiments.screen import console

    told, files = explained
    screen = console()
    screen.print(Text(plain(told.heading), style="bold"))
    for sentence in told.sentences:
        screen.print(Text(plain(sentence)))
    for table in told.tables:
        screen.print(table)
    if told.behind:
        screen.print(Text("What is behind the largest part", style="bold"))
    for line in told.behind:
        screen.print(Text(plain(line)))
    if files:
        screen.print(Text(plain(f"Figure: {', '.join(map(str, files))}")))
