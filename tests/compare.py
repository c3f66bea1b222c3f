"""What two markets differ in, to the byte; and the ways of living through a day."""

from __future__ import annotations

import hashlib

import numpy as np

from experiments.results import content_hash
from sim.model import Marketplace
from sim.world import World

_COUNTS = {
    "posts": "n_posts",
    "inbox": "n_inbox",
    "pending": "n_pending",
    "arrivals": "n_arrivals",
    "sellers": "n_sellers",
    "listings": "n_listings",
    "stock": "n_listings",
    "recent": "n_listings",
    "baskets": "n_baskets",
    "encounters": "n_encounters",
    "drafts": "n_drafts",
    "revisions": "n_revisions",
    "troubles": "n_troubles",
    "hidden": "n_hidden",
    "mail": "n_mail",
    "outbox": "n_outbox",
}
"""Rows in use of tables with room to spare."""

_NOTHING_BY_EVENING = ("trips", "due_today", "due_blocks", "shelf", "in_view")
OWN_MIND = ("users.own_mind", "sellers.own_mind")


def columns(w: World) -> dict[str, np.ndarray]:
    """Every column of every table of a world by name ("orders.price"), rows in use only."""
    found: dict[str, np.ndarray] = {}
    for name, array in w.tables().items():
        if name in _NOTHING_BY_EVENING or name.startswith("view"):
            continue
        if name in ("orders", "due"):
            kept = np.arange(w.count("oldest_order"), w.count("n_orders"))
            array = array[kept % array.size]
        elif name in _COUNTS:
            array = array[: w.count(_COUNTS[name])]
        for field in array.dtype.names or ("",):
            found[f"{name}.{field}".rstrip(".")] = array[field] if field else array
    return found


def differing(a: World, b: World, ignore: tuple[str, ...] = ()) -> list[str]:
    """Names of the columns that are not equal to the last bit (NaN equals NaN)."""
    left, right = columns(a), columns(b)
    assert left.keys() == right.keys()
    return [
        name
        for name in left
        if name not in ignore
        and (left[name].shape != right[name].shape or left[name].tobytes() != right[name].tobytes())
    ]


def table_bytes(model: Marketplace) -> dict[str, bytes]:
    """Every column of the daily tables as bytes, by table and column."""
    return {
        f"{table}.{name}": (repr(c.tolist()).encode() if c.dtype == object else c.tobytes())
        for table, cols in model.tables().items()
        for name, c in cols.items()
    }


def assert_same(a: Marketplace, b: Marketplace, ignore: tuple[str, ...] = ()) -> None:
    """Two markets agree to the last bit: all columns of the state and all daily tables."""
    assert a.day == b.day
    assert differing(a.world, b.world, ignore) == []
    assert table_bytes(a) == table_bytes(b)


def fingerprint(model: Marketplace) -> str:
    """Hash of the daily tables and of every order, post, user and seller."""
    digest = hashlib.sha256(content_hash(model.tables()).encode())
    for name, column in columns(model.world).items():
        digest.update(name.encode() + column.tobytes())
    return digest.hexdigest()


# ways of living through a day --------------------------------------------------------------------


def compiled_day(model: Marketplace) -> None:
    """Everyone at once, in compiled loops."""
    model.step()


def agents_in_random_order(model: Marketplace) -> None:
    """Agent by agent, as Mesa shuffles them."""
    model.agents.shuffle_do("step")
    model.platform_turn()


def agents_in_order(model: Marketplace) -> None:
    """Agent by agent, as they were made."""
    model.agents.do("step")
    model.platform_turn()


def agents_in_reverse(model: Marketplace) -> None:
    """Agent by agent, the last one first."""
    for agent in reversed(list(model.agents)):
        agent.step()
    model.platform_turn()
