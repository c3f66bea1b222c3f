"""The ledger of a market: every event that has happened in it, as rows, in order of day.

Phases note events in the world (``sim/phases/ledger.py``); every evening the ledger takes them out,
sorted by day, kind and id, so that neither the order of stepping nor the room in memory changes a
row. Rows are kept in chunks that never change, in memory or in files of a folder, which branches of
a market share.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim import draws
from sim.events import (
    BOUGHT_BEFORE,
    CATEGORIES,
    ENTRY,
    EXIT,
    KINDS,
    NO_EVENT,
    OFFERED,
    OPT_OUT,
    PAST,
    RELEVANCE,
    SETTING,
    SPENDS,
    WORDS,
)
from sim.phases import ledger as phase
from sim.room import for_more_events
from sim.rules.attention import MAX_EXAMINED
from sim.state import EVENT, NEVER, NOBODY
from sim.world import World

ROWS_OF_A_CHUNK = 200_000
Columns = dict[str, np.ndarray]


class Names(NamedTuple):
    """Names by row, as rows of the ledger refer to them."""

    sellers: Sequence[str]
    listings: Sequence[str]
    categories: Sequence[str]


class _Chunk(NamedTuple):
    """Rows and what trips looked at, in memory or in a file."""

    rows: np.ndarray | Path
    looks: np.ndarray | Path

    def load(self) -> tuple[np.ndarray, np.ndarray]:
        rows, looks = (np.load(x) if isinstance(x, Path) else x for x in self)
        return rows, looks


class Ledger:
    """Events of one market. ``folder``: where rows wait for being read; None = in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._chunks: list[_Chunk] = []
        self._new: list[np.ndarray] = []
        self._looks: list[np.ndarray] = []
        self._n_new = self._n_looks = 0
        self._prices = np.zeros(0, np.int64)
        self._seen = [0, 0, 0]

    def copy(self) -> Ledger:
        """The ledger of a branch: what was is shared, what comes is its own."""
        twin = Ledger(self.folder)
        twin.__dict__ |= {name: _own(value) for name, value in self.__dict__.items()}
        return twin

    def begin(self, w: World, first_day: int) -> None:
        """Note who is there before the first day, and what the platform knows of its users."""
        keys = np.zeros(w.users.size, np.uint64)
        phase.keys_of_users(w, keys)
        users = w.users
        for kind, what, who in (
            (PAST, BOUGHT_BEFORE, users["bought_before"] != 0),
            (PAST, SPENDS, users["spent_elsewhere"] > 0.0),
            (OPT_OUT, 0, users["opted_out"] != 0),
        ):
            rows = np.flatnonzero(who)
            born = keys[rows] + np.uint64(what) if kind == PAST else keys[rows]
            new = _blank(kind, born, first_day, what)
            new["user"] = rows
            if what == SPENDS:
                new["value"] = users["spent_elsewhere"][rows]
            self._new.append(new)
        self.greet(w, first_day, {})

    def greet(self, w: World, day: int, replaced: dict[int, str]) -> None:
        """Note who has come: sellers, listings, offers. ``replaced``: name of whom, by row."""
        sellers, listings, offers = (w.count(n) for n in ("n_sellers", "n_listings", "n_offers"))
        first_seller, first_listing, first_offer = self._seen
        for k in range(first_seller, sellers):
            new = _blank(ENTRY, w.sellers["key"][k : k + 1], day, 0)
            new["seller"] = k
            if k in replaced:
                new["cause"] = phase.id_of(EXIT, draws.name_key(replaced[k]))
            self._new.append(new)
        rows = np.arange(first_listing, listings)
        self._new.append(self._listed(w, day, rows))
        stated = _blank(SETTING, w.listings["key"][rows], day, RELEVANCE)
        stated["seller"], stated["listing"] = w.listings["seller"][rows], rows
        stated["value"] = w.listings["relevance"][rows]
        stated["cause"] = phase.ids_of(ENTRY, w.listings["key"][rows])
        self._new.append(stated)
        rows = np.arange(first_offer, offers)
        new = _blank(ENTRY, w.offers["key"][rows], day, OFFERED)
        new["seller"], new["listing"] = w.offers["seller"][rows], w.offers["listing"][rows]
        new["value"] = w.offers["price"][rows] / 100.0
        new["verified"] = w.offers["by_platform"][rows]
        new["cause"] = phase.ids_of(ENTRY, w.sellers["key"][new["seller"]])
        self._new.append(new)
        self._seen = [sellers, listings, offers]
        self._prices = _prices(w)

    @staticmethod
    def _listed(w: World, day: int, rows: np.ndarray) -> np.ndarray:
        """Entries of listings."""
        n = w.listings
        new = _blank(ENTRY, n["key"][rows], day, 0)
        new["seller"], new["listing"] = n["seller"][rows], rows
        new["what"] = CATEGORIES + n["category"][rows]
        new["value"], new["until"] = n["price"][rows] / 100.0, n["born"][rows]
        new["cause"] = phase.ids_of(ENTRY, w.sellers["key"][n["seller"][rows]])
        return new

    def note_prices(self, w: World, day: int) -> None:
        """Note prices that have changed; they hold from ``day`` on."""
        now = _prices(w)
        changed = np.flatnonzero(now != self._prices)
        for_more_events(w, len(changed))
        n = w.count("n_listings")
        for k in changed.tolist():
            listing = k if k < n else int(w.offers["listing"][k - n])
            phase.note_price(w, listing, k - n if k >= n else -1, day)
        self._prices = now

    def take(self, w: World, today: int) -> None:
        """Take the day's events out of the world. Raises RuntimeError where some were lost."""
        self.note_prices(w, today + 1)
        log = w.log[0]
        if log["lost"]:
            raise RuntimeError(f"{log['lost']} events of day {today} had no room in the ledger")
        rows = w.events[: log["n_events"]].copy()
        rows["look"][rows["look"] != NOBODY] += self._n_looks
        self._new.append(rows)
        self._looks.append(w.looks[: log["n_looks"]].copy())
        self._n_new += len(rows)
        self._n_looks += len(self._looks[-1])
        log["n_events"] = log["n_looks"] = 0
        if self._n_new >= ROWS_OF_A_CHUNK:
            self._close_chunk()

    def _close_chunk(self) -> None:
        """What has happened so far becomes a chunk."""
        rows = _in_order(np.concatenate([np.zeros(0, EVENT), *self._new]))
        self._new, self._n_new = [], 0
        if len(rows) == 0:
            return
        looks = np.concatenate([np.zeros((0, MAX_EXAMINED), np.int32), *self._looks])
        self._looks, self._n_looks = [], 0
        if self.folder is None:
            self._chunks.append(_Chunk(rows, looks))
            return
        place = Path(tempfile.mkdtemp(prefix="ledger-", dir=self.folder))
        np.save(place / "rows.npy", rows)
        np.save(place / "looks.npy", looks)
        self._chunks.append(_Chunk(place / "rows.npy", place / "looks.npy"))

    def chunks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Rows (``sim.state.EVENT``) and looks (int32[:, MAX_EXAMINED]) so far, in order."""
        self._close_chunk()
        for chunk in self._chunks:
            yield chunk.load()

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """All rows and looks at once."""
        found, looks, before = [np.zeros(0, EVENT)], [np.zeros((0, MAX_EXAMINED), np.int32)], 0
        for rows, seen in self.chunks():
            rows = rows.copy()
            rows["look"][rows["look"] != NOBODY] += before
            before += len(seen)
            found.append(rows)
            looks.append(seen)
        return np.concatenate(found), np.concatenate(looks)


def columns(rows: np.ndarray, looks: np.ndarray, names: Names) -> Columns:
    """Rows as columns with names: missing are 0 (ids, stars), -1 (whole numbers), NaN and "".

    ``examined`` holds lists of names, in the order in which they were looked at.
    """
    words = np.array(all_words(names), dtype=object)
    sellers, listings = (np.array([*x, ""], dtype=object) for x in names[:2])
    examined = np.full(len(rows), None, dtype=object)
    for i in np.flatnonzero(rows["look"] != NOBODY):
        seen = looks[rows["look"][i]]
        examined[i] = listings[seen[seen != NOBODY]].tolist()
    return {
        **numbers(rows),
        "kind": np.array(KINDS, dtype=object)[rows["kind"]],
        "what": words[word_codes(rows)],
        "seller": sellers[rows["seller"]],
        "listing": listings[rows["listing"]],
        "channel": np.array(["feedback", "review", ""], dtype=object)[rows["channel"]],
        "examined": examined,
    }


def numbers(rows: np.ndarray) -> Columns:
    """The columns of rows that are no words."""
    until = rows["until"].astype(np.int32)
    stars = rows["shown_stars"]
    return {
        "event_id": rows["id"],
        "cause_id": rows["cause"],
        "day": rows["day"],
        "user": rows["user"],
        "order": rows["order"],
        "post": rows["post"],
        "stars": rows["stars"],
        "stars_before": rows["stars_before"],
        "described": rows["described"],
        "served": rows["served"],
        "shipped": rows["shipped"],
        "verified": rows["verified"],
        "prompted_by": rows["prompted"],
        "value": rows["value"],
        "felt_service": rows["service"],
        "felt_product": rows["product"],
        "shown_stars": np.where(stars < 0, np.nan, stars / 10.0),
        "shown_count": rows["shown_count"],
        "position": rows["position"],
        "until": np.where(until == NEVER, -NEVER, until),
        "shown": rows["shown"],
    }


def all_words(names: Names) -> list[str]:
    """Every word for ``what``; codes as ``word_codes`` gives them."""
    return [*WORDS, *names.categories]


def word_codes(rows: np.ndarray) -> np.ndarray:
    """Places in ``all_words`` of what rows say."""
    what = rows["what"].astype(np.int32)
    return np.where(what >= CATEGORIES, what - CATEGORIES + len(WORDS), what)


def _own(value: object) -> object:
    return list(value) if isinstance(value, list) else value


def _prices(w: World) -> np.ndarray:
    """Prices of all listings and further offers, cents."""
    n, offers = w.count("n_listings"), w.count("n_offers")
    return np.concatenate([w.listings["price"][:n], w.offers["price"][:offers]]).astype(np.int64)


def _in_order(rows: np.ndarray) -> np.ndarray:
    """Rows by day, kind and id: by the first bits of the id, and only if they tie by all of it."""
    if len(rows) == 0:
        return rows
    day = rows["day"].astype(np.int64) - int(rows["day"].min())
    key = (day * len(KINDS) + rows["kind"]).astype(np.uint64) << np.uint64(40)
    key |= rows["id"] >> np.uint64(24)
    order = np.argsort(key)
    if (np.diff(key[order]) == 0).any():
        order = np.lexsort((rows["id"], rows["kind"], rows["day"]))
    # Rows are moved as bytes, which is much faster than field by field.
    whole = np.dtype((np.void, rows.dtype.itemsize))
    return rows.view(whole)[order].view(rows.dtype)


def _blank(kind: int, keys: np.ndarray, day: int, what: int) -> np.ndarray:
    """Rows of a kind, born of these keys, without their fields."""
    rows = np.zeros(len(keys), EVENT)
    for name in ("user", "seller", "listing", "look", "shown_stars", "shown_count", "position",
                 "shown", "channel", "verified"):  # fmt: skip
        rows[name] = NOBODY
    for name in ("value", "service", "product"):
        rows[name] = np.nan
    rows["id"], rows["cause"], rows["kind"] = phase.ids_of(kind, keys), NO_EVENT, kind
    rows["day"], rows["until"], rows["what"] = day, NEVER, what
    return rows
