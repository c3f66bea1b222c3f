"""A market whose evenings are lived one by one: what is measured is written by the test."""

from __future__ import annotations

from markets import small_market

from sim.config.policy import KINDS
from sim.engine import Engine
from sim.jit import kernel
from sim.phases.gates import pass_gates
from sim.phases.platform import judge_accounts, rank, show_stars
from sim.phases.punish import break_rule
from sim.phases.record import record
from sim.world import World

QUIET = (
    "past.days=0", "days=800", "run_out=0", "buyers.count=1", "non_buying_users.count=0",
    "rivals.exit_per_year=0.0",
)  # fmt: skip
MEASURES = (
    "platform.measures={late: {orders_with: [arrived_late]}, "
    "refunds: {orders_with: [refunded]}, rating: {ratings: stars, better: higher}, "
    "of_product: {orders_with: [refunded], level: product}, "
    "conduct: {policy_score: true, better: higher}}"
)
LATE, REFUNDS, RATING, OF_PRODUCT, CONDUCT = range(5)
SELLERS, LISTINGS = range(5), range(12)
THANK, ASK = KINDS.index("thank"), KINDS.index("ask")


def world(*gates: str, more: tuple[str, ...] = ()) -> World:
    """The morning of day 1 under these gates (YAML mappings)."""
    stated = f"platform.gates=[{', '.join(gates)}]"
    return Engine(small_market(*QUIET, MEASURES, stated, *more)).world


def forbids(penalties: str, kind: str = "thank") -> str:
    """The verdict on a kind of outreach, with what follows."""
    return f"platform.policy.{kind}={{says: forbidden, found_out: 1.0, penalties: [{penalties}]}}"


def measure(w: World, column: int, value: float, whole: int = 100, seller: int = 0) -> None:
    """What is measured of a store."""
    w.standing[seller, column] = (value, 0, whole)


def measure_product(w: World, value: float, whole: int, listing: int = 0) -> None:
    """What is measured of a product."""
    w.product_standing[listing, OF_PRODUCT] = (value, 0, whole)


@kernel
def found_out(w, seller, kind, day):
    """The platform finds a seller out."""
    break_rule(w, seller, kind, day)


def evening(w: World, day: int) -> None:
    """Of an evening that in which the platform acts on what it knows."""
    w.now["day"] = day
    pass_gates(w, day)
    judge_accounts(w, day)
    show_stars(w, day)
    rank(w, day)
    record(w, day)


def on_sale(w: World) -> list[int]:
    """Listings that are on sale tomorrow."""
    return [k for k in LISTINGS if w.listings["on_sale"][k]]


def of(w: World, seller: int) -> list[int]:
    """Listings of a seller."""
    return [k for k in LISTINGS if w.listings["seller"][k] == seller]
