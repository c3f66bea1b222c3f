"""Build a market from its configuration: people, sellers, listings, and what lies behind them.

Everything is drawn by birth key: a seller by its name, a listing by its name, a user by group and
number, so the first 5,000 of 6,000 buyers are the 5,000.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import gammaincinv, ndtri

from sim import draws, past, state
from sim.config.market import Care, Listing, Market, Seller
from sim.parameters import first_date, kept_days, parameter_arrays, parameter_record
from sim.room import empty_orders, grown
from sim.rules.costs import service_cost_usd, unit_cost_usd
from sim.rules.fulfilment import slowness
from sim.state import NEVER, NOBODY
from sim.world import World

DAYS_A_YEAR = 365.0
STRATEGIES = ("none", "recover")
CAPACITY_DAYS = 28
_RECENT = 16


class Founder(NamedTuple):
    """A seller about to enter: its values with every drawn one filled in."""

    config: Seller
    stated: bool
    exit_per_year: float


def build(market: Market, replicate: int) -> World:
    """The world on the morning of its first day, which is day 1 - past.days."""
    streams = draws.streams(market.seed, replicate)
    n_users = market.buyers.count + market.non_buying_users.count
    founders = [Founder(s, True, 0.0) for s in market.sellers]
    founders += [rival(market, streams, f"Rival {k + 1}") for k in range(market.rivals.count)]
    w = _empty(market, streams, n_users)
    _make_users(market, w)
    for founder in founders:
        add_seller(market, w, founder, born=None)
    return w


def _empty(market: Market, streams: np.ndarray, n_users: int) -> World:
    """All tables at their first size, empty."""
    n_sellers = len(market.sellers) + market.rivals.count
    n_listings = sum(len(s.listings) for s in market.sellers)
    n_listings += market.rivals.count * market.rivals.listings_each
    spare_sellers = n_sellers + max(4, n_sellers // 4)
    spare_listings = n_listings + max(12, n_listings // 4)
    rows = market.days + market.run_out_days() + 1
    a_day = market.buyers.count * market.buyers.trips_per_year / DAYS_A_YEAR / 2
    orders, due = empty_orders(1024 + int(1.1 * a_day * kept_days(market)))
    now = np.zeros(1, state.NOW)
    now["day"] = 1 - market.past.days
    n_categories = len(market.categories)
    return World(
        now=now,
        p=parameter_record(market),
        streams=streams,
        **parameter_arrays(market),
        rate=np.zeros(n_users),
        users=np.zeros(n_users, state.USER),
        memory=np.zeros((n_users, state.MEMORY), state.REMEMBERED),
        sellers=np.zeros(spare_sellers, state.SELLER),
        listings=np.zeros(spare_listings, state.LISTING),
        stock=np.zeros((spare_listings, 5), np.int32),
        recent=np.zeros((spare_listings, _RECENT), np.int32),
        attraction=np.zeros((len(market.choice.segments), spare_listings)),
        ranking=np.zeros((n_categories, spare_listings), np.int32),
        n_ranked=np.zeros(n_categories, np.int32),
        fresh=np.zeros((n_categories, spare_listings), np.int32),
        n_fresh=np.zeros(n_categories, np.int32),
        orders=orders,
        due=due,
        **{
            name: np.zeros(1024, dtype)
            for name, dtype in {
                "posts": state.POST,
                "trips": state.TRIP,
                "due_today": np.dtype(np.int32),
                "baskets": state.BASKET,
                "encounters": state.ENCOUNTER,
                "drafts": state.DRAFT,
                "revisions": state.REVISION,
                "mail": state.MAIL,
                "outbox": state.CONTACT,
                "inbox": state.MAIL,
                "pending": state.CONTACT,
                "arrivals": state.CONTACT,
            }.items()
        },
        books=np.zeros((rows - first_date(market), spare_sellers), state.BOOK),
        seller_days=np.zeros((rows, spare_sellers), state.SELLER_DAY),
        listing_days=np.zeros((rows, spare_listings), state.LISTING_DAY),
        market_days=np.zeros(rows, state.MARKET_DAY),
    )


def _make_users(market: Market, w: World) -> None:
    """Draw the latent traits of all users."""
    first = 0
    for group, part in ((state.BUYER, market.buyers), (state.NON_BUYER, market.non_buying_users)):
        users = w.users[first : first + part.count]
        u = np.empty(part.count)

        def draw(purpose: int, group: int = group, u: np.ndarray = u) -> np.ndarray:
            past.user_draws(w.streams[purpose], group, u)
            return u

        shape = market.buyers.trips_shape
        mean = part.trips_per_year / DAYS_A_YEAR
        rate = gammaincinv(shape, draw(draws.USER_RATE)) * (mean / shape)
        w.rate[first : first + part.count] = rate
        shares = np.cumsum([s.share for s in market.choice.segments])
        segment = np.searchsorted(shares / shares[-1], draw(draws.USER_SEGMENT), side="right")
        users["segment"] = np.minimum(segment, len(shares) - 1)
        users["leniency"] = market.speaking.leniency_sd * ndtri(draw(draws.USER_LENIENCY))
        sd = market.speaking.voice_sd
        users["voice"] = np.exp(sd * ndtri(draw(draws.USER_VOICE)) - sd * sd / 2)
        conformity = 2.0 * market.speaking.herding * draw(draws.USER_CONFORMITY)
        users["conformity"] = np.minimum(1.0, conformity)
        opted_out = market.platform.contact.opted_out_share
        users["opted_out"] = draw(draws.USER_OPT_OUT) < opted_out
        users["bought_before"] = draw(draws.USER_BOUGHT_BEFORE) < part.bought_before
        first += part.count
    w.users["last_order"] = NOBODY
    w.users["last_post"] = NOBODY
    w.memory["seller"] = NOBODY


class _Drawn:
    """Draws of one name, one slot each, as uniforms or normals."""

    def __init__(self, w_streams: np.ndarray, purpose: int, name: str) -> None:
        self._stream, self._key = w_streams[purpose], draws.name_key(name)

    def uniform(self, slot: int) -> float:
        return float(past.one_draw(self._stream, self._key, slot))

    def normal(self, slot: int) -> float:
        return float(ndtri(self.uniform(slot)))


def rival(market: Market, streams: np.ndarray, name: str) -> Founder:
    """A rival drawn by its name: service, care and listings."""
    r = market.rivals
    drawn = _Drawn(streams, draws.SELLER_VALUES, name)
    late = min(0.9, r.late_median * np.exp(r.late_sd * drawn.normal(0)))
    trouble = min(0.3, r.trouble_median * np.exp(r.trouble_sd * drawn.normal(1)))
    care = float(np.clip(r.care_mean + r.care_sd * drawn.normal(2), 0.0, 1.0))
    own = drawn.normal(3)
    start = int(drawn.uniform(4) * len(market.categories))
    listings = []
    for k in range(r.listings_each):
        z = np.sqrt(0.5) * (own + _Drawn(streams, draws.LISTING_VALUES, f"{name} / {k}").normal(9))
        quality = float(np.clip(r.quality_mean + r.quality_sd * z, 0.02, 0.98))
        category = market.categories[(start + k) % len(market.categories)].name
        listings.append(Listing(category=category, quality=quality))
    seller = Seller(
        name=name,
        on_time=float(np.clip(1.0 - late, 0.02, 0.9998)),
        damaged=float(trouble),
        wrong_item=float(trouble / 2),
        care=Care(answers=min(1.0, 0.6 + 0.4 * care), tone=care, refund=care),
        strategy=r.strategy,
        listings=tuple(listings),
    )
    return Founder(seller, False, r.exit_per_year)


def add_seller(market: Market, w: World, founder: Founder, born: int | None) -> None:
    """Append a seller and its listings. ``born`` None = founded before day 1, with a past."""
    k, n = w.count("n_sellers"), w.count("n_listings")
    _make_room_for(w, k + 1, n + len(founder.config.listings))
    _fill_seller(market, w, k, founder, born)
    for i, listing in enumerate(founder.config.listings):
        _fill_listing(market, w, n + i, k, founder.config, i, listing, born)
    w.now["n_sellers"], w.now["n_listings"] = k + 1, n + len(founder.config.listings)


def _make_room_for(w: World, sellers: int, listings: int) -> None:
    """Make room for so many sellers and listings in every table of theirs."""
    w.replace(
        sellers=grown(w.sellers, sellers),
        listings=grown(w.listings, listings),
        stock=grown(w.stock, listings),
        recent=grown(w.recent, listings),
        attraction=grown(w.attraction, listings, axis=1),
        ranking=grown(w.ranking, listings, axis=1),
        fresh=grown(w.fresh, listings, axis=1),
        books=grown(w.books, sellers, axis=1),
        seller_days=grown(w.seller_days, sellers, axis=1),
        listing_days=grown(w.listing_days, listings, axis=1),
    )


def _fill_seller(market: Market, w: World, k: int, founder: Founder, born: int | None) -> None:
    """Write one seller's row and, if founded before day 1, its older feedback."""
    config, costs, s = founder.config, market.costs, w.sellers[k]
    s["key"] = draws.name_key(config.name)
    s["focal"], s["stated"] = config.focal, founder.stated
    s["born"] = 1 - market.past.days if born is None else born
    s["state"], s["since"] = state.HEALTHY, s["born"]
    s["counted_from"] = -NEVER
    s["strategy"] = STRATEGIES.index(config.strategy)
    s["capacity"] = -1 if config.capacity is None else config.capacity  # -1 = no limit
    s["queue_head"] = s["queue_tail"] = NOBODY
    for name in ("on_time", "damaged", "wrong_item", "cancelled"):
        s[name] = getattr(config, name)
    s["slowness"] = slowness(config.on_time, market.fulfilment)
    s["answers"], s["answer_delay"] = config.care.answers, config.care.delay_days
    s["tone"], s["refund"] = config.care.tone, config.care.refund
    cost = service_cost_usd(config.on_time, config.damaged, costs.punctuality, costs.intactness)
    s["service_cost"] = round(100 * cost)
    s["answer_cost"] = round(100 * costs.answering * config.care.tone)
    s["exit_hazard"] = -np.log1p(-founder.exit_per_year) / DAYS_A_YEAR
    s["score"] = -1.0
    if born is None:
        older = 1 - market.past.days - first_date(market)
        past.old_feedback(w, k, older, market.past.feedback_per_day)


def _fill_listing(
    market: Market, w: World, n: int, k: int, seller: Seller, i: int, config: Listing,
    born: int | None,
) -> None:  # fmt: skip
    """Write one listing's row and, if it has a past, its older reviews."""
    row = w.listings[n]
    name = listing_name(seller, i)
    drawn = _Drawn(w.streams, draws.LISTING_VALUES, name)
    names = [c.name for c in market.categories]
    category = names.index(config.category)
    usual = market.categories[category].price
    price = config.price if config.price is not None else usual * np.exp(0.25 * drawn.normal(0))
    quality = config.quality if config.quality is not None else seller.quality
    cost = config.unit_cost
    if cost is None:
        costs = market.costs
        cost = unit_cost_usd(price, quality, costs.unit_share, costs.quality_share)
    row["key"], row["seller"], row["category"] = draws.name_key(name), k, category
    row["price"], row["unit_cost"] = max(1, round(100 * price)), round(100 * cost)
    row["quality"], row["relevance"] = quality, drawn.normal(1)
    oversell = config.oversell
    row["oversell"] = 0.05 * abs(drawn.normal(2)) if oversell is None else oversell
    row["on_sale"] = 1
    if born is not None:
        row["born"] = born
        return
    age = config.age_days
    if age is None:
        age = int(-market.past.age_days * np.log(drawn.uniform(3)))
    row["born"] = 1 - age
    older = max(0, age - market.past.days)
    if config.reviews is not None:
        past.stated_reviews(w, n, np.array(config.reviews), max(older, age))
    else:
        sd = market.past.reviews_sd
        a_day = market.past.reviews_per_day * np.exp(sd * drawn.normal(4) - sd * sd / 2)
        past.old_reviews(w, n, int(a_day * older + drawn.uniform(5)), older)


def listing_name(seller: Seller, i: int) -> str:
    """Name of a seller's i-th listing."""
    return seller.listings[i].name or f"{seller.name} / {i + 1}"


def set_capacities(market: Market, w: World, first: int = 0) -> None:
    """Give drawn sellers from row ``first`` on the capacity that their load implies.

    Expected orders are those of the last 28 days; for an entrant, the mean of drawn sellers that
    sell and were there all that time. Before 28 days have been lived nobody knows: no limit.
    """
    load, n, day = market.rivals.load, w.count("n_sellers"), w.count("day")
    if load is None or day < first_capacities(market):
        return
    row, s = day + 1 - first_date(market), w.sellers[:n]
    recent = w.books["orders"][row - CAPACITY_DAYS : row, :n].mean(axis=0)
    drawn = s["stated"] == 0
    there = drawn & (s["state"] <= state.AT_RISK) & (s["born"] <= day - CAPACITY_DAYS)
    usual = float(recent[there].mean()) if there.any() else 0.0
    young = s["born"] > day - CAPACITY_DAYS
    expected = np.where(young, np.maximum(recent, usual), recent)
    for k in np.flatnonzero(drawn):
        if k >= first:
            s["capacity"][k] = max(1, int(np.ceil(expected[k] / load)))


def first_capacities(market: Market) -> int:
    """Day on whose evening drawn sellers first get a capacity: day 0, or 28 days lived."""
    return max(0, CAPACITY_DAYS - market.past.days)
