"""``docs/platforms.md``: what the shipped rule sets say, side by side, and where it is from.

``python -m experiments.platform_pages > docs/platforms.md`` writes it.
"""

from __future__ import annotations

from collections.abc import Iterable

from experiments.codebook import markdown_table
from experiments.health_words import MARKS
from experiments.listings import as_stated
from experiments.platform_tables import GROUPS, assumed_text, health_rows
from experiments.platform_values import (
    STATUSES,
    Stated,
    platform_file,
    shipped_platforms,
    stated,
)
from experiments.platforms import ROOT
from sim.config.platform import PlatformRules

PAGE = ROOT / "docs" / "platforms.md"
MADE = "<!-- Made by `python -m experiments.platform_pages > docs/platforms.md`; do not edit. -->"
LISTED = ("measures", "gates", "points")
"""Sections in which platforms have entries of their own, so that no rows compare."""
SILENT = "·"
"""Stands where a file is silent."""

INTRO = f"""\
A platform is one YAML file in `configs/platforms/`. This page puts the shipped ones side by side;
how to write one is told in [your own platform](how_to/your_own_platform.md).

What is known of platforms differs. Behind every value of every file stands where it is from and how
well that is known: *documented*, the platform's own page says so; *published*, rule texts that
sellers' portals copy, a study or trade; *calibrated*, fitted to such a figure; *assumed*, nobody
outside the platform knows, or no page was read. An assumed value is a reason to run several. Money
is in USD. These are descriptions for a model, not legal advice, and platforms change their rules.

In the tables the letter behind a value is its status: d, p, c or a. {SILENT} = the file is silent:
the program's default holds, or the rule has no effect there."""

CAN_BE = f"""\
A measure is a share of orders with one of some marks ({", ".join(MARKS.values())}), a mean
or sum over ratings, a score of conduct, or a mix of other measures, perhaps by rank among peers. A
gate is a limit on one. Points are collected in a calendar year. What is found out of forbidden
outreach is punished at once."""

VECTORS: dict[str, tuple[str, ...]] = {
    "amazon": (
        "Stars 5, 4, 3, 2, 1 with 55, 35, 5, 3, 2 entries: 90 % positive, 5 % negative.",
        "An order with feedback, a claim and a chargeback is one defective order.",
    ),
    "jd": (
        "One rating of 1 star, three of 4, four of 5: twice the mean stars is 8.25; with 9 for "
        "volume, review satisfaction is 8.4.",
        "At 25 points a fine, at 100 the end of the contract; gone on 1 January.",
    ),
    "taobao": (
        "Six good ratings of one buyer in a month, two of one item within 14 days: 5 points.",
        "143 good of 146 scored ratings: 97.95 % positive.",
        "12, 24, 36 and 48 points: hidden, delisted, closed for a time, closed for good.",
    ),
    "wish": (
        "A product with 20 orders and 40 % refunds: nothing; with 60 orders: removed.",
        "A store with 5, 8 and 30 % refunds: normal, pays all refunds, at risk.",
    ),
    "ebay": (
        "Fewer than 250 orders are not judged by defects: more than 2 % of 250 are five at least.",
    ),
}
"""Published examples and numbers that tests of the engine compute again, by platform."""

LEFT_OUT: dict[str, tuple[str, ...]] = {
    "amazon": (
        "What tells one violation from another when points of conduct are lost, and points given "
        "back when it is put right.",
        "Messages about orders to be answered within a day.",
    ),
    "ebay": (
        "Standards judged over three months for sellers with many sales, over twelve for others; "
        "here over twelve for all.",
        "A least number of buyers behind the defects; a least number of orders stands for it.",
        "Higher fees below standard; a limited number of requests for revision; the wait before "
        "bad feedback; shares of good feedback without the neutral.",
    ),
    "jd": (
        "No appeals for some months after faked proof.",
        "High stars only for shops that are not among the last in any of the five parts.",
        "Rules against harassment, whose points are not public.",
    ),
    "taobao": (
        "Harassment of buyers over bad ratings, as no line of a strategy is one.",
        "General points beside those of serious violations; what is carried over for counterfeits.",
        "That campaigns want all scores at once: each is a gate of its own, worth a part.",
        "How many fake trades were found together, and demotion of their items alone.",
        "Hearts, diamonds and crowns; replies within so many days.",
    ),
    "wish": (
        "Tiers by orders, infractions and commission: ratings alone move them here.",
        "Badges that want all of several limits at once: each is a gate of its own, worth a part.",
        "That gates on products are left with many orders and few refunds alone.",
        "Days to fulfil an order: they are the market's here, and so are automatic refunds.",
    ),
}
"""Rules of each platform that its file cannot say."""


def document() -> str:
    """The page as of now."""
    platforms = shipped_platforms()
    values = {name: stated(platform_file(name)) for name in platforms}
    parts = [MADE, "# The shipped platforms", INTRO, "## Side by side"]
    for title, rows in GROUPS.items():
        cells = [(label, *map(say, platforms.values())) for label, say in rows]
        parts += [f"**{title}**", markdown_table(("", *platforms), cells)]
    parts += ["## How well it is known", known(values)]
    parts += ["## What each measures, and what follows", CAN_BE]
    for name, rules in platforms.items():
        parts += _platform(name, rules)
    parts += ["## Every rule, side by side"]
    for section in _sections(values.values()):
        parts += [f"### {section or 'in general'}", compared(section, values)]
    parts += ["## Where every value is from"]
    for name in platforms:
        parts += [f"### Sources of {name}", _sources(values[name])]
    return "\n\n".join(parts) + "\n"


def known(values: dict[str, list[Stated]]) -> str:
    """How many values there are of each status, platform by platform."""
    rows = []
    for name, found in values.items():
        count = [sum(v.status == status for v in found) for status in STATUSES]
        rows.append((name, str(len(found)), *map(str, count), assumed_text(name).split(" of ")[0]))
    return markdown_table(("platform", "values", *STATUSES, "share assumed"), rows)


def compared(section: str, values: dict[str, list[Stated]]) -> str:
    """A section's values with the letters of their statuses, platforms as columns."""
    rows: dict[str, dict[str, str]] = {}
    for name, found in values.items():
        for v in found:
            if v.section == section:
                cells = rows.setdefault(v.path, {})
                cells[name] = f"{as_stated(v.value)} {v.status[0]}"
    return markdown_table(
        ("rule", *values),
        [
            (f"`{path}`", *(cells.get(name, SILENT) for name in values))
            for path, cells in rows.items()
        ],
    )


def _sections(values: Iterable[list[Stated]]) -> list[str]:
    """Sections whose rows compare, in the order of the files."""
    order = [name for name in PlatformRules.model_fields if name not in LISTED]
    found = {v.section for of_one in values for v in of_one}
    return [""] * ("" in found) + [name for name in order if name in found]


def _platform(name: str, rules: PlatformRules) -> list[str]:
    """What one platform is, measures, does, and is held against."""
    file = f"configs/platforms/{name}.yaml"
    parts = [f"### {name}", f"{rules.about}. {assumed_text(name)} ([`{file}`](../{file}))."]
    rows = [(f"`{what}`", said) for what, said, _ in health_rows(rules)]
    if rows:
        parts.append(markdown_table(("what", "in words"), rows))
    if name in VECTORS:
        vectors = "\n".join(f"* {said}" for said in VECTORS[name])
        parts += ["Numbers that the engine's rules are held against:", vectors]
    if name in LEFT_OUT:
        parts += ["Left out:", "\n".join(f"* {said}" for said in LEFT_OUT[name])]
    return parts


def _sources(values: list[Stated]) -> str:
    return markdown_table(
        ("value", "is", "status", "from"),
        [(f"`{v.path}`", as_stated(v.value), v.status, v.source) for v in values],
    )


if __name__ == "__main__":
    print(document(), end="")
