"""``run.py follow``: the diary of one customer, listing or order, beside its twin."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from experiments.follow.diary import Diary, order_diary, user_diary
from experiments.follow.lives import Life, live
from experiments.follow.of_listing import listing_diary
from experiments.follow.page import Page, as_html, page_alone, page_of, show
from experiments.follow.twins import compare, within
from experiments.follow.whom import suggestions
from experiments.mistakes import UserError
from experiments.own_code import code_of
from experiments.replay import Result, one_of, open_result

Days = tuple[int, int]
EVER: Days = (-(10**6), 10**6)
SINCE_DAY_1: Days = (1, EVER[1])
PRIVATE = (
    "What somebody felt is private: stars that nobody in the market sees, between the judging "
    "thresholds of the market."
)


@dataclass(frozen=True)
class Target:
    """Whom or what to follow: one of the three."""

    user: int | None = None
    listing: str | None = None
    order: int | None = None

    def given(self) -> list[str]:
        """Options that say it."""
        return [f"--{name}" for name, value in vars(self).items() if value is not None]


def follow(
    folder: Path,
    target: Target,
    arm: str | None = None,
    replicate: int | None = None,
    twin: str | None = None,
    days: str | None = None,
    out: Path | None = None,
) -> None:
    """Print a diary beside its twin, or whom one might follow. Raises UserError."""
    from experiments.screen import console

    result = open_result(folder)
    mine, number = result.arm(arm), result.replicate(replicate)
    other, shown = _twin_of(result, mine, twin), _days(days)
    _check(target, out)
    lived = _Lives(result, number)
    if not target.given():
        for line in suggestions(lived.of, result, mine, number, folder):
            console().print(line, markup=False, highlight=False, soft_wrap=True)
        return
    page = _page(lived.of, target, result, mine, other, number, shown)
    if out is None:
        show(page, console())
        return
    out.write_text(as_html(page), encoding="utf-8")
    print(out)


class _Lives:
    """Arms of one replicate, each lived at most once."""

    def __init__(self, result: Result, replicate: int) -> None:
        self._result, self._replicate = result, replicate
        self._lived: dict[str, Life] = {}

    def of(self, arm: str) -> Life:
        """The life of an arm."""
        if arm not in self._lived:
            self._lived[arm] = live(self._result, arm, self._replicate)
        return self._lived[arm]


def _page(
    of: Callable[[str], Life],
    target: Target,
    result: Result,
    arm: str,
    twin: str | None,
    replicate: int,
    days: Days | None,
) -> Page:
    """The page of a target."""
    life = of(arm)
    where = f"{result.manifest['name']}, replicate {replicate}"
    notes = [PRIVATE]
    shown = days or EVER
    if target.user is not None:
        _check_user(life, target.user)
        title = f"{life.context().named(target.user)} of {where}".capitalize()
        diary_of = _of_user(target.user)
    elif target.order is not None:
        trip = _trip_of(of, result, arm, target.order)
        title, diary_of = f"Order {target.order} of {where}", _of_order(target.order, trip)
    else:
        listing = _known_listing(of, result, arm, str(target.listing))
        title, diary_of = f"{listing} of {where}", _of_listing(listing)
        shown = days or SINCE_DAY_1
        if days is None:
            notes.append("Days before day 1, the same in every arm, are left out; --days has them.")
    mine = diary_of(life)
    if twin is None:
        first, last = shown
        kept = [e for e in mine.entries if first <= e.day and (e.since or e.day) <= last]
        return page_alone(title, mine, kept, notes)
    found = compare(mine, diary_of(of(twin)), listing=target.listing is not None)
    return page_of(title, found, within(found.rows, shown), notes)


def _of_user(user: int) -> Callable[[Life], Diary]:
    return lambda life: user_diary(life, user)


def _of_order(order: int, trip: int | None) -> Callable[[Life], Diary]:
    return lambda life: order_diary(life, order, trip)


def _of_listing(listing: str) -> Callable[[Life], Diary]:
    return lambda life: listing_diary(life, listing)


# ---------------------------------------------------------------- what is asked for


def _check(target: Target, out: Path | None) -> None:
    """Raises UserError where too much is asked for, or the page cannot be written."""
    given = target.given()
    if len(given) > 1:
        raise UserError(f"found {' and '.join(given)}; allowed: one of them")
    if out is None:
        return
    if not given:
        raise UserError("--out: found nobody to follow; allowed with --user, --listing or --order")
    if out.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--out: found {out}; allowed: a file that ends in .html")
    if out.exists():
        raise UserError(f"--out: found {out}, which is there; allowed: a new file")
    if not out.parent.is_dir():
        raise UserError(f"--out: found {out}; allowed: a file in a directory that is there")


def _days(given: str | None) -> Days | None:
    """``40-70`` or ``-20-10``, or a single day. Raises UserError."""
    if given is None:
        return None
    found = re.fullmatch(r"\s*(-?\d{1,6})(?:\s*-\s*(-?\d{1,6}))?\s*", given)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last:
        raise UserError(f"--days: found {given!r}; allowed: FROM-TO, as in 40-70, or one day")
    return first, last


def _twin_of(result: Result, arm: str, twin: str | None) -> str | None:
    """The arm beside which to show another; by default the first that differs from it."""
    if twin is not None:
        if one_of(twin, result.arms, "--twin") == arm:
            raise UserError(f"--twin: found {twin!r}, the arm that is followed; allowed: another")
        return twin
    arms = {entry["name"]: entry for entry in result.manifest["arms"]}
    parts = ("resolved", "resolved_in_warm_up")
    for name, entry in arms.items():
        differs = any(entry[part] != arms[arm][part] for part in parts)
        if differs and not code_of(result.market(name)):
            return name
    return None


def _check_user(life: Life, user: int) -> None:
    if 0 <= user < life.n_users:
        return
    said = f"--user: found {user}; allowed: 0 to {life.n_users - 1}, of which buyers are 0 to "
    raise UserError(f"{said}{life.n_buyers - 1}, and the others never buy here")


def _known_listing(of: Callable[[str], Life], result: Result, arm: str, listing: str) -> str:
    """The name of a listing of the arm. Raises UserError where it has none."""
    known = list(of(arm).engine.listing_names)
    if listing not in known:
        for other in _others(result, arm):
            if listing in of(other).engine.listing_names:
                said = f"--listing: found {listing!r}, which “{arm}” never had; “{other}” has it: "
                raise UserError(f'{said}--arm "{other}"')
    return one_of(listing, known, "--listing")


def _trip_of(of: Callable[[str], Life], result: Result, arm: str, order: int) -> int | None:
    """Id of the trip that led to an order. Raises UserError where the arm never had it."""
    life = of(arm)
    if life.has_order(order):
        placed = life.events.of_order(order)
        return placed.cause_id if placed else None
    for other in _others(result, arm):
        if of(other).has_order(order):
            said = f"--order: found {order}, which “{arm}” never had; “{other}” has it: "
            raise UserError(f'{said}--arm "{other}"')
    raise UserError(
        f"--order: found {order}, which no arm of this replicate has; allowed: numbers of orders "
        "as the column order of `run.py query` or the diary of a customer has them"
    )


def _others(result: Result, arm: str) -> list[str]:
    """Other arms that can be lived again."""
    return [name for name in result.arms if name != arm and not code_of(result.market(name))]
