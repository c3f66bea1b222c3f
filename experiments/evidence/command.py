"""``python run.py validate``: the scorecard on the screen and, where asked for, on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.config import load, load_market
from experiments.evidence.finding import Finding
from experiments.evidence.markets import ACTED_UPON, BASE, CELLS
from experiments.evidence.page import (
    Scorecard,
    band_text,
    card_of,
    number,
    page,
    values_csv,
    verdict_text,
    why,
)
from experiments.evidence.scorecard import SEEDS, SHORT_DAYS, chosen, measure
from experiments.mistakes import UserError
from experiments.own_code import refuse_unless_allowed
from experiments.size import n_cores

if TYPE_CHECKING:
    from rich.table import Table

LEAST_SEEDS = 30
FILES = ("validation.md", "validation.csv", "validation.png", "validation.svg")


def validate(
    config: Path | None,
    only: Sequence[str],
    out: Path | None,
    seeds: int = SEEDS,
    short: bool = False,
) -> Scorecard:
    """Measure the findings, print the table, write the page. Raises ConfigError and UserError.

    The market must have a first stated store with listings for what-if markets to act on.
    """
    from experiments.progress import shown_progress
    from experiments.screen import console
    from sim.warm import warm_up

    findings, unmeasured = chosen(only)
    path = config or BASE
    rules = _suits(path, findings)
    if out is not None and out.exists() and not out.is_dir():
        raise UserError(f"found a file at {out}; allowed for --out: a directory")
    _keeps_more(out, [f.id for f in findings])
    warm_up()
    days = SHORT_DAYS if short else None
    with shown_progress(quiet=False) as progress:
        measured = measure(
            findings, config=path, seeds=range(1, seeds + 1), days=days, workers=n_cores(),
            progress=progress,
        )  # fmt: skip
    card = Scorecard(measured, unmeasured, path.stem, rules, seeds, days)
    screen = console()
    screen.print(table(card))
    screen.print(_last_words(card))
    if out is not None:
        _write(card, out)
        screen.print(f"Page: {out / FILES[0]}")
    return card


def again(folder: Path) -> None:
    """Write page and figure of the base market again, from the values in ``folder``.

    Raises UserError where there are none.
    """
    values = folder / FILES[1]
    if not values.is_file():
        raise UserError(f"found no {values}; allowed: a directory that --out was given before")
    rules = load(BASE).market.platform.name
    _write(card_of(values.read_text(encoding="utf-8"), BASE.stem, rules), folder)
    print(f"Page: {folder / FILES[0]}")


def _keeps_more(out: Path | None, ids: Sequence[str]) -> None:
    """Refuse to write a part over a page of more. Raises UserError."""
    if out is not None and (out / FILES[1]).is_file():
        there = card_of((out / FILES[1]).read_text(encoding="utf-8"), "", "").measured
        if not {m.finding.id for m in there} <= set(ids):
            raise UserError(f"found a scorecard of more findings in {out}; allowed: another --out")


def _suits(path: Path, findings: Sequence[Finding]) -> str:
    """Name of the market's rule set. Raises UserError where no what-if market can be made of it."""
    loaded = load(path)
    if refuse_unless_allowed(loaded, allowed=True):
        raise UserError("found a strategy in Python; allowed for validate: strategies of lines")
    changes = [o for f in findings for name in f.markets for o in CELLS[name].overrides]
    stated = [len(seller.listings) for seller in loaded.market.sellers]
    least = ACTED_UPON if any(o.startswith("sellers.0.listings.") for o in changes) else 1
    if any(o.startswith("sellers.0.") for o in changes) and (stated or [0])[0] < least:
        found = f"a first stated seller with {stated[0]} listings" if stated else "no stated seller"
        raise UserError(
            f"{path}: found {found}; allowed for these findings: at least {least}, on which "
            "what-if markets act"
        )
    for name in dict.fromkeys(name for f in findings for name in f.markets):
        load_market(path, CELLS[name].overrides)  # what cannot be made of it is said at once
    return loaded.market.platform.name


def table(card: Scorecard) -> Table:
    """The scorecard for a terminal."""
    from rich.table import Table

    title = f"{card.market}, {card.seeds} seeds: median and middle 80 %"
    rows = Table(title=title, title_justify="left")
    for heading in ("", "finding", "band", "middle", "unit", "verdict"):
        right = heading in ("band", "middle")
        rows.add_column(heading, justify="right" if right else "left")
    for role in ("outcome", "tuned", "input"):
        for m in card.of(role):
            f = m.finding
            low, high = m.spread
            middle = f"{number(m.median)} [{number(low)}, {number(high)}]".replace("[", "\\[")
            verdict = verdict_text(m) + ("" if role == "outcome" else f" ({role})")
            rows.add_row(f.id, f.name, band_text(f), middle, f.unit, verdict)
        if card.of(role):
            rows.add_section()
    for u in card.unmeasured:
        rows.add_row(u.id, u.name, "", "", "", u.verdict)
    return rows


def _last_words(card: Scorecard) -> str:
    n = card.count("outcome")
    said = [
        f"Tests: {n['in band']} in band, {n['right sign only']} right sign only, "
        f"{n['wrong']} wrong of {sum(n.values())}; rows tuned to: "
        f"{card.count('tuned')['in band']} of {len(card.of('tuned'))} in band."
    ]
    for m in (m for role in ("outcome", "tuned") for m in card.of(role)):
        if m.verdict != "in band" and why(m):
            said.append(f"{m.finding.id}: {why(m)}")
    if card.seeds < LEAST_SEEDS:
        said.append(f"Fewer than {LEAST_SEEDS} seeds: read it as a first look.")
    return "\n".join(said)


def _write(card: Scorecard, out: Path) -> None:
    """The page, its values and its figure."""
    from experiments.evidence.figure import draw

    out.mkdir(parents=True, exist_ok=True)
    (out / FILES[0]).write_text(page(card), encoding="utf-8")
    (out / FILES[1]).write_text(values_csv(card), encoding="utf-8")
    draw(card, out)
