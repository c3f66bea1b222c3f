"""Keyed draws keep worlds paired: what is not touched does not move."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import pkgutil
import subprocess
import sys

import numpy as np
import pytest
from compare import assert_same, fingerprint, table_bytes
from markets import lived, small_market
from numba.core.dispatcher import Dispatcher

import sim
from experiments.config import ROOT
from sim import cache, day, draws, room
from sim.model import Buyer, Marketplace
from sim.rules.fulfilment import slowness
from sim.state import ANSWERED, ARRIVED, DEACTIVATED
from sim.world import World

NO_QUEUES = ("sellers.0.capacity=null", "rivals.load=null")
BUSY_MORNING = ("buyers.count=1500", "buyers.trips_per_year=150.0", "past.days=15")
REPLICATES = 40

# one morning, scores and examined sets held --------------------------------------------------


def morning(w: World, config, replicate: int) -> World:
    """The same state, with the draws of another replicate for what happens today."""
    again = w.copy()
    again.streams[:] = draws.streams(config.seed, replicate, 0)
    return again


def shopped(w: World, today: int) -> tuple[dict[int, int], np.ndarray]:
    """What every trip of a morning buys (listing by trip key), and orders by listing."""
    w = w.copy()
    room.for_the_morning(w, today)
    day.shop_all(w, today)
    baskets = w.baskets[: w.count("n_baskets")]
    bought = dict(zip(baskets["key"].tolist(), baskets["listing"].tolist(), strict=True))
    return bought, np.bincount(baskets["listing"], minlength=w.count("n_listings"))


def raised(w: World, listing: int) -> World:
    """The same morning, with a listing 10 % more attractive to everyone."""
    other = w.copy()
    other.attraction[:, listing] *= 1.1
    return other


def taken_off_sale(w: World, listing: int) -> World:
    """The same morning and examined sets, with a listing that cannot be bought."""
    other = w.copy()
    other.attraction[:, listing] = 0.0
    return other


@pytest.fixture(scope="module")
def warmed_up() -> Marketplace:
    return Marketplace(small_market(*BUSY_MORNING))


def popular(model: Marketplace) -> int:
    """The listing that sells most."""
    return int(model.world.listings["velocity"][: model.world.count("n_listings")].argmax())


@pytest.mark.parametrize("change", [raised, taken_off_sale])
def test_changing_one_listing_moves_only_trips_to_or_from_it(warmed_up, change):
    w, today, moved = warmed_up.world, warmed_up.day, 0
    for listing in range(w.count("n_listings")):
        before, _ = shopped(w, today)
        after, _ = shopped(change(w, listing), today)
        for trip in before.keys() | after.keys():
            a, b = before.get(trip), after.get(trip)
            if a != b:
                moved += 1
                if change is raised:
                    assert b == listing  # nobody leaves what has become better
                else:
                    assert a == listing
    assert moved > 0


def shares_of_independent(w: World, config, today: int, change, listing: int) -> np.ndarray:
    """var(A - B) of every listing's orders, paired over independent seeds."""
    paired, independent = [], []
    for replicate in range(REPLICATES):
        here = morning(w, config, replicate)
        elsewhere = morning(w, config, REPLICATES + replicate)
        _, a = shopped(here, today)
        _, b = shopped(change(here, listing), today)
        _, other = shopped(change(elsewhere, listing), today)
        paired.append(a - b)
        independent.append(a - other)
    return np.var(paired, axis=0) / np.var(independent, axis=0)


@pytest.mark.parametrize("change", [raised, taken_off_sale])
def test_an_untouched_listing_varies_by_less_than_a_tenth_of_independent_seeds(warmed_up, change):
    listing, rows = popular(warmed_up), warmed_up.world.listings
    shares = shares_of_independent(
        warmed_up.world, warmed_up.config, warmed_up.day, change, listing
    )
    untouched = np.arange(shares.size) != listing
    category = rows["category"][: shares.size] == rows["category"][listing]
    everywhere = np.median(shares[untouched])
    beside_it = np.median(shares[untouched & category])
    print(
        f"one morning, a listing {change.__name__}: {everywhere:.4f} of independent seeds for the "
        f"median untouched listing, {beside_it:.4f} within its category"
    )
    assert 0 < beside_it < 0.1
    assert everywhere < 0.1


def test_a_listing_off_the_results_leaves_trips_that_had_not_seen_it_as_they_were(warmed_up):
    """Others move up one place: a trip gains at most what it now sees as its last."""
    w, today, listing = warmed_up.world.copy(), warmed_up.day, popular(warmed_up)
    w.p["search_explore_share"] = 0.0
    gone, category = w.copy(), int(w.listings["category"][listing])
    n = int(w.n_ranked[category])
    kept = w.ranking[category, :n][w.ranking[category, :n] != listing]
    gone.ranking[category, : n - 1] = kept
    gone.n_ranked[category] = n - 1
    before, _ = shopped(w, today)
    after, _ = shopped(gone, today)
    moved = [t for t in before.keys() | after.keys() if before.get(t) != after.get(t)]
    place = {int(k): i for i, k in enumerate(w.ranking[category, :n])}
    assert moved
    for trip in moved:
        a, b = before.get(trip), after.get(trip)
        # it had chosen the one that is gone, or found a better one further down
        assert a == listing or place[b] > place[listing]


@pytest.mark.slow
def test_print_the_same_figure_with_the_loops_on():
    """Reported, not gated: over 60 days the loops of reputation spread what one seller does."""
    figures = {}
    for name, change in {"on time .98 -> .80": late, "off sale": off_sale}.items():
        paired, independent = [], []
        for replicate in range(20):
            a = orders_by_listing(replicate)
            paired.append(a - orders_by_listing(replicate, change))
            independent.append(a - orders_by_listing(100 + replicate, change))
        ratio = np.var(paired, axis=0) / np.var(independent, axis=0)
        figures[name] = float(np.median(ratio[4:]))  # the first four are the focal seller's
    print("with the loops on:", {name: round(f, 3) for name, f in figures.items()})
    assert all(f > 0.0 for f in figures.values())


def orders_by_listing(replicate: int, change=lambda model: None) -> np.ndarray:
    """Orders of 60 days by listing: one world and past, draws of a replicate from day 1 on."""
    model = Marketplace(small_market("rivals.exit_per_year=0.0", "platform.account.plan_days=365"))
    model.world.streams[:] = draws.streams(model.config.seed, replicate, 0)
    change(model)
    model.run()
    n = model.world.count("n_listings")
    return model.world.listing_days["orders"][1:, :n].sum(axis=0)


def late(model: Marketplace) -> None:
    """The focal seller delivers a fifth of its orders late from now on."""
    row = model.world.sellers[0]
    row["on_time"], row["slowness"] = 0.8, slowness(0.8, model.config.fulfilment)


def off_sale(model: Marketplace) -> None:
    """The focal seller is deactivated on day 1."""
    model.world.sellers["state"][0], model.world.sellers["since"][0] = DEACTIVATED, model.day
    day.platform_opens(model.world, model.day - 1)


# a better seller -----------------------------------------------------------------------------


def kept_orders(model: Marketplace) -> dict[tuple[int, int], np.void]:
    """Orders that have arrived and got neither an answer nor money, by (key, listing)."""
    w = model.world
    orders = w.orders[np.arange(w.count("oldest_order"), w.count("n_orders")) % w.orders.size]
    quiet = (orders["marks"] & ARRIVED != 0) & (orders["marks"] & ANSWERED == 0)
    quiet &= orders["refunded"] == 0  # a claim that is granted makes up for a part
    return {(int(o["key"]), int(o["listing"])): o for o in orders[quiet]}


@pytest.mark.parametrize(("worse", "better"), [(0.5, 0.7), (0.7, 0.95), (0.95, 0.999)])
def test_a_more_punctual_seller_never_satisfies_an_order_less(worse, better):
    still = (*NO_QUEUES, "sellers.0.care.answers=0.0", "run_out=60")
    a, b = (kept_orders(lived(*still, f"sellers.0.on_time={p}")) for p in (worse, better))
    both = a.keys() & b.keys()
    change = {key: float(b[key]["service"]) - float(a[key]["service"]) for key in both}
    mine = [key for key in both if a[key]["seller"] == 0]
    assert len(mine) > 100 and min(change[key] for key in mine) >= 0.0
    assert max(change[key] for key in mine) > 0.0
    # and an order of anybody else is fulfilled and felt as it was
    others = [key for key in both if a[key]["seller"] != 0]
    assert len(others) > 100 and all(change[key] == 0.0 for key in others)
    assert all(a[key]["delivered"] == b[key]["delivered"] for key in others)


# draws ---------------------------------------------------------------------------------------


def test_a_new_purpose_moves_no_other_draw(monkeypatch):
    before = dict(zip(draws.purposes(), draws.streams(7, 3, 2), strict=True))
    first = {"the first of all": False, **draws._REGISTRY, "the last of all": True}
    monkeypatch.setattr(draws, "_REGISTRY", first)
    after = dict(zip(draws.purposes(), draws.streams(7, 3, 2), strict=True))
    assert len(after) == len(before) + 2
    assert {name: after[name] for name in before} == before
    assert len(set(after.values())) == len(after)


def test_a_rule_that_draws_more_changes_no_table(monkeypatch):
    plain = lived(days=15)
    monkeypatch.setattr(draws, "_REGISTRY", dict(draws._REGISTRY))
    another = draws.purpose("order: a whim")
    whims = []

    class Whimsical(Buyer):
        def choose(self, trip, examined):
            key = self.world.trips["key"][trip]
            whims.append(draws.uniform(self.world.streams[another], key))
            return super().choose(trip, examined)

    own = Marketplace(small_market(), buyers=dict.fromkeys(range(30), Whimsical))
    for _ in range(15):
        own.step()
    assert whims
    assert_same(plain, own, ignore=("users.own_mind", "streams"))


def test_the_same_seed_gives_the_same_market_and_another_another():
    plain = lived(days=30)
    assert_same(plain, lived(days=30))
    for other in (lived("seed=2", days=30), lived(days=30, replicate=1)):
        ours, theirs = table_bytes(plain), table_bytes(other)
        for name in ("market.trips", "market.orders", "sellers.orders", "listings.stars"):
            assert ours[name] != theirs[name], name


def test_more_buyers_leave_the_trips_of_the_first_as_they_were():
    def first_500(count: int) -> np.ndarray:
        model = Marketplace(small_market("past.days=0", f"buyers.count={count}"))
        model.begin_day()
        trips = model.world.trips[: model.world.count("n_trips")]
        return trips[trips["user"] < 500], trips[trips["user"] >= count]["key"]

    (few, few_browse), (many, many_browse) = first_500(500), first_500(600)
    assert few.size > 20
    for column in few.dtype.names:
        assert np.array_equal(few[column], many[column]), column
    assert few_browse.size > 0 and np.array_equal(few_browse, many_browse)


def test_more_rivals_leave_the_first_as_they_were():
    few, many = (Marketplace(small_market(f"rivals.count={n}", "past.days=0")) for n in (3, 6))
    for table, n in (("sellers", 4), ("listings", 10)):
        a, b = (getattr(m.world, table)[:n] for m in (few, many))
        for column in ("key", "quality") if table == "listings" else ("key", "on_time", "damaged"):
            assert np.array_equal(a[column], b[column])


# threads and processes -----------------------------------------------------------------------


def modules():
    """Every module of the simulator."""
    return [importlib.import_module(m.name) for m in pkgutil.walk_packages(sim.__path__, "sim.")]


def test_nothing_is_compiled_for_several_threads_or_with_loose_arithmetic():
    compiled = {
        id(thing): thing
        for module in modules()
        for thing in vars(module).values()
        if isinstance(thing, Dispatcher)
    }.values()
    assert len(compiled) > 80
    for one in compiled:
        options = {name for name, value in one.targetoptions.items() if value}
        assert options <= {"nopython", "error_model", "boundscheck"}, one.py_func.__name__
    for path in cache.SOURCES.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for word in ("prange", "parallel=", "fastmath", "np.random", "import random", "threading"):
            assert word not in source, f"{path.name}: {word}"


def replicate_fingerprint(replicate: int) -> str:
    """What one replicate comes to; at the top of a module, so that workers find it."""
    return fingerprint(lived(days=30, replicate=replicate))


def test_two_worker_processes_find_what_one_process_finds():
    replicates = range(3)
    here = [replicate_fingerprint(r) for r in replicates]
    assert len(set(here)) == len(here)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(replicate_fingerprint, replicates, chunksize=1) == here


def test_the_number_of_threads_changes_nothing():
    code = "from test_isolation import replicate_fingerprint; print(replicate_fingerprint(0))"
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path, "NUMBA_NUM_THREADS": threads},
            stdout=subprocess.PIPE,
            text=True,
        )
        for threads in ("1", "2")
    ]
    assert [run.communicate()[0].split() for run in runs] == [[replicate_fingerprint(0)]] * 2


def test_money_and_stars_are_summed_in_whole_numbers():
    """Sums across agents are of integers; what is a float is summed by the platform, in order."""
    w = lived(days=1).world
    for table in ("seller_days", "market_days", "books"):
        for name in set(getattr(w, table).dtype.names) - {"score", "points"}:  # copied at night
            assert getattr(w, table)[name].dtype.kind == "i", f"{table}.{name}"
    floats = {n for n in w.listing_days.dtype.names if w.listing_days[n].dtype.kind == "f"}
    assert floats == {"score"}  # copied at the end of the day


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_agents_changes_no_float(seed):
    """A float sum inside agents' phases would depend on who comes first."""
    talk = ("platform.reviews.leave_rate=0.3", "platform.feedback.leave_rate=0.3", f"seed={seed}")
    config = small_market(*talk)
    models = [Marketplace(config) for _ in range(3)]
    rng = np.random.default_rng(seed)
    for _ in range(15):
        for k, model in enumerate(models):
            agents = list(model.agents)
            order = np.arange(len(agents)) if k == 0 else rng.permutation(len(agents))
            for i in order:
                agents[i].step()
            model.platform_turn()
    for other in models[1:]:
        assert_same(models[0], other)
