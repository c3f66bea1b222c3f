"""Strategies in Python: one class with one method that sees the day's mail and returns acts.

What a class may do is what a line may do: the same acts on the same events, toward whom a channel
and consent lead, within the same limits and the platform's rules. It sees what a seller sees and
nothing that is private to customers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from sim.config.strategy import ACTS, WITH_MONEY
from sim.phases import by_code
from sim.room import with_room
from sim.state import STATE_NAMES
from sim.strategies import CODE_EVENTS, code_line
from sim.world import World

LONGEST_DELAY = 365
MOST_REWARD = 1000.0


@dataclass(frozen=True)
class Inbox:
    """What a seller reads on one morning, a row per mail, and what it knows of its own store.

    Arrays have one entry per mail and cannot be written to.
    """

    day: int
    seller: str
    state: str
    """Account state: healthy, at risk or deactivated."""
    odr: float
    """Order defect rate that the platform saw last night (share; NaN without orders)."""
    queue: int
    """Orders waiting to be handled."""
    event: np.ndarray
    """What a mail is about, as in ``when`` of a line: feedback_posted, complaint, ..."""
    stars: np.ndarray
    """Stars 1..5 of a post, else 0."""
    verified: np.ndarray
    """Is it a review whose author bought the listing?"""
    reviewed: np.ndarray
    """Has the customer reviewed the listing, as far as the review can be matched?"""
    contacted: np.ndarray
    """Has the customer had a message about this order before?"""
    days_since: np.ndarray
    """Age of the order in days; -1 where no order is known."""
    price: np.ndarray
    """Price of the order, USD; 0 where no order is known."""
    reachable: np.ndarray
    """Is there a channel to the customer, who takes all kinds of messages? Without consent only
    what is about an order's trouble goes out; without a channel nothing but public replies."""
    draw: np.ndarray
    """A uniform number for every mail, the same in every arm: use it instead of ``random``."""

    def __len__(self) -> int:
        return len(self.event)


@dataclass(frozen=True)
class Act:
    """One act: on mail ``row``, ``do`` as in a line, after so many days, as kindly, with so much.

    ``tone`` 0..1 or None (as the seller's care), ``refund`` share of the price 0..1, ``reward`` USD
    promised for a review.
    """

    row: int
    do: str
    after_days: int = 0
    tone: float | None = None
    refund: float = 0.0
    reward: float = 0.0


class OwnStrategy(Protocol):
    """What a class of one's own must have."""

    def act(self, inbox: Inbox) -> Iterable[Act]:
        """The acts of a day; called once on every morning, also on days without mail."""


Makers = Mapping[str, Callable[[], Any]]
"""Classes (or whatever makes an object with ``act``) by name of strategy."""


class StrategyError(RuntimeError):
    """A strategy in Python did what none may do; says which, whose and on which day."""


@dataclass(frozen=True)
class Follower:
    """A seller (row and name) that follows a strategy in Python, on a day."""

    row: int
    name: str
    strategy: str
    day: int

    def failed(self, problem: object) -> StrategyError:
        """The error that names strategy, seller and day."""
        where = f'strategy "{self.strategy}" of "{self.name}" on day {self.day}'
        if isinstance(problem, BaseException):
            problem = f"{type(problem).__name__}: {problem}"
        return StrategyError(f"{where}: {problem}")


def make(maker: Callable[[], Any], who: Follower) -> Any:
    """An object of a class, for one seller. Raises StrategyError when that fails."""
    try:
        return maker()
    except (Exception, SystemExit) as error:
        raise who.failed(error) from error


def live_a_day(w: World, who: Follower, mind: Any) -> None:
    """Let a strategy see its seller's mail and write down what it does.

    Raises StrategyError when it fails or returns what is not allowed.
    """
    rows, inbox = _inbox(w, who.row, who.name, who.day)
    events = list(inbox.event)  # whatever a class does with what it was shown
    try:
        acts = list(mind.act(inbox))
    except (Exception, SystemExit) as error:
        raise who.failed(error) from error
    done: set[tuple[int, str]] = set()
    for act in acts:
        problem = _problem(act, events)
        if not problem and (act.row, act.do) in done:
            problem = f"found do {act.do!r} twice on mail {act.row}; allowed: once"
        if problem:
            raise who.failed(problem)
        done.add((act.row, act.do))
    with_room(w, outbox=w.count("n_outbox") + len(acts) + len(rows))
    first = int(w.strategies["first"][w.sellers["strategy"][who.row]])
    by_code.act_by_code(
        w,
        who.row,
        who.day,
        np.array([rows[act.row] for act in acts], np.int64),
        np.array([first + code_line(events[act.row], act.do) for act in acts], np.int64),
        np.array([act.after_days for act in acts], np.int64),
        np.array([np.nan if act.tone is None else act.tone for act in acts], np.float64),
        np.array([act.refund for act in acts], np.float64),
        np.array([round(100 * act.reward) for act in acts], np.int64),
    )


def _inbox(w: World, seller: int, name: str, day: int) -> tuple[np.ndarray, Inbox]:
    rows = np.flatnonzero(w.inbox["seller"][: w.count("n_inbox")] == seller)
    seen = np.zeros(len(rows), by_code.SEEN)
    by_code.look_at(w, rows, day, seen)
    s = w.sellers[seller]
    columns = {
        "event": np.array([CODE_EVENTS[kind] for kind in seen["kind"]], dtype=object),
        "stars": seen["stars"].copy(),
        **{n: seen[n] != 0 for n in ("verified", "reviewed", "contacted", "reachable")},
        "days_since": seen["days_since"].copy(),
        "price": seen["price"] / 100.0,
        "draw": seen["draw"].copy(),
    }
    for column in columns.values():
        column.flags.writeable = False
    orders = int(s["odr_orders"])
    odr = int(s["odr_defects"]) / orders if orders else float("nan")
    state = STATE_NAMES[int(s["state"])]
    return rows, Inbox(day, name, state, odr, int(s["queue"]), **columns)


def _problem(act: Any, events: list[str]) -> str:
    """What is wrong with an act, or nothing."""
    if not isinstance(act, Act):
        return f"returned {act!r}; allowed: objects of sim.own_strategy.Act"
    if not _whole(act.row, 0, len(events) - 1):
        rows = f"0 to {len(events) - 1}, the mails of the day" if events else "none without mail"
        return f"found row {act.row!r}; allowed: {rows}"
    event = events[act.row]
    if act.do not in ACTS[event]:
        return f"found do {act.do!r} on {event}; allowed: {', '.join(ACTS[event])}"
    if not _whole(act.after_days, 0, LONGEST_DELAY):
        return f"found after_days {act.after_days!r}; allowed: whole days, 0 to {LONGEST_DELAY}"
    if act.tone is not None and not _share(act.tone):
        return f"found tone {act.tone!r}; allowed: 0 to 1, or None"
    if not _share(act.refund):
        return f"found refund {act.refund!r}; allowed: 0 to 1"
    if act.refund == 0 and act.do == "refund":
        return "found a refund of 0; allowed: above 0, up to 1"
    if act.refund > 0 and act.do not in WITH_MONEY:
        return f"found a refund with do {act.do!r}; allowed with: {', '.join(WITH_MONEY)}"
    if not _number(act.reward) or not 0.0 <= act.reward <= MOST_REWARD:
        return f"found reward {act.reward!r}; allowed: 0 to {MOST_REWARD:g} USD"
    if (round(100 * act.reward) > 0) != (act.do == "reward"):
        return f"found reward {act.reward:g} with do {act.do!r}; a reward needs one, and alone has"
    return ""


def _whole(value: Any, low: int, high: int) -> bool:
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    return is_whole and low <= value <= high


def _share(value: Any) -> bool:
    return _number(value) and 0.0 <= value <= 1.0


def _number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
