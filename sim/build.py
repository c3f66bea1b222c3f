"""Build a market from its configuration: people, sellers, listings, and what lies behind them.

Everything is drawn by birth key: a seller by its name, a listing by its name, a user by group and
number, so the first 5,000 of 6,000 buyers are the 5,000.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincinv, ndtri

from sim import draws, past, state
from sim.config.market import Listing, Market, Seller
from sim.founders import Drawn, Founder, listing_name, rival
from sim.measuring import measure_arrays, with_room_for
from sim.memory import zeros
from sim.offers import add_offers, offer_tables
from sim.parameters import first_date, first_shown, kept_days, parameter_arrays, parameter_record
from sim.penalties import penalty_arrays, penalty_state
from sim.room import empty_orders, for_more_events, grown
from sim.rules.attention import MAX_EXAMINED
from sim.settings import set_listing, set_seller
from sim.state import NEVER, NOBODY, OWN
from sim.strategies import strategy_arrays
from sim.world import World

DAYS_A_YEAR = 365.0
_RECENT = 16


def build(
    market: Market, replicate: int, world_replicate: int | None = None, *, ledger: bool = False
) -> World:
    """The world on the morning of its first day, which is day 1 - past.days.

    Replicates as in :func:`sim.draws.streams`. ``ledger``: are events noted?
    """
    streams = draws.streams(market.seed, replicate, world_replicate)
    n_users = market.buyers.count + market.non_buying_users.count
    founders = [Founder(s, True, 0.0) for s in market.sellers]
    founders += [rival(market, streams, f"Rival {k + 1}") for k in range(market.rivals.count)]
    w = _empty(market, streams, n_users)
    if ledger:
        keep_ledger(w)
    _make_users(market, w)
    for founder in founders:
        add_seller(market, w, founder, born=None)
    add_offers(market, w, [founder.config.name for founder in founders])
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
    dates_shown = (
        0 if market.platform.display.window_days is None else 1 + rows - first_shown(market)
    )
    now = np.zeros(1, state.NOW)
    now["day"], now["window_first"] = 1 - market.past.days, NEVER
    n_categories, in_view = len(market.categories), (1 + state.TRIPS_IN_VIEW) * MAX_EXAMINED
    return World(
        now=now,
        p=parameter_record(market),
        streams=streams,
        **parameter_arrays(market),
        **strategy_arrays(market),
        **measure_arrays(market, spare_sellers, spare_listings, rows),
        **penalty_arrays(market),
        **penalty_state(market, spare_sellers, spare_listings),
        line_use=np.zeros((spare_sellers, state.MOST_LINES), state.LINE_USE),
        rate=zeros(n_users, np.float64),
        users=zeros(n_users, state.USER),
        memory=zeros((n_users, state.MEMORY), state.REMEMBERED),
        sellers=np.zeros(spare_sellers, state.SELLER),
        listings=np.zeros(spare_listings, state.LISTING),
        frozen=np.zeros(spare_listings, state.FROZEN),
        stock=np.zeros((spare_listings, 5), np.int32),
        recent=np.zeros((spare_listings, _RECENT), np.int32),
        attraction=np.zeros((len(market.choice.segments), spare_listings)),
        ranking=np.zeros((n_categories, spare_listings), np.int32),
        n_ranked=np.zeros(n_categories, np.int32),
        n_listed=np.zeros(n_categories, np.int32),
        fresh=np.zeros((n_categories, spare_listings), np.int32),
        n_fresh=np.zeros(n_categories, np.int32),
        shelf=np.full((n_categories, MAX_EXAMINED), NOBODY, np.int32),
        looked=np.zeros((n_categories, 1 + MAX_EXAMINED), state.LOOKED),
        in_view=np.zeros(in_view, np.int32),
        viewers=np.zeros(state.TRIPS_IN_VIEW, state.VIEWER),
        view_by=np.zeros(in_view, np.int32),
        view_keys=np.zeros((3, in_view), np.uint64),
        view_sellers=np.zeros(in_view, np.int32),
        view_draws=np.zeros((5, in_view)),
        **empty_orders(1024 + int(1.1 * a_day * kept_days(market))),
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
                "troubles": state.TROUBLE,
                "hidden": np.dtype(np.int32),
                "mail": state.MAIL,
                "outbox": state.CONTACT,
                "inbox": state.MAIL,
                "pending": state.CONTACT,
                "arrivals": state.CONTACT,
            }.items()
        },
        books=zeros((rows - first_date(market), spare_sellers), state.BOOK),
        shown=zeros((dates_shown, spare_listings), state.SHOWN),
        seller_days=zeros((rows, spare_sellers), state.SELLER_DAY),
        listing_days=zeros((rows, spare_listings), state.LISTING_DAY),
        market_days=np.zeros(rows, state.MARKET_DAY),
        **offer_tables(market, rows),
        log=np.zeros(1, state.LOG),
        events=np.zeros(1, state.EVENT),
        looks=np.zeros((1, MAX_EXAMINED), np.int32),
        trails=np.zeros(1, state.TRAIL),
        seller_trails=np.zeros(spare_sellers, state.SELLER_TRAIL),
    )


def keep_ledger(w: World) -> None:
    """Note events from now on."""
    w.log["on"] = 1
    w.replace(trails=np.zeros(w.orders.size, state.TRAIL))


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
        buyers = market.buyers
        spread = np.exp(buyers.spend_elsewhere_sd * ndtri(draw(draws.USER_SPENDS)))
        users["spent_elsewhere"] = buyers.spend_elsewhere * spread
        users["bought_before"] = draw(draws.USER_BOUGHT_BEFORE) < part.bought_before
        first += part.count
    w.users["last_order"] = NOBODY
    w.users["last_post"] = NOBODY
    w.memory["seller"] = NOBODY


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
        seller_trails=grown(w.seller_trails, sellers),
        line_use=grown(w.line_use, sellers),
        seller_gates=grown(w.seller_gates, sellers),
        product_gates=grown(w.product_gates, listings),
        offences=grown(w.offences, sellers),
        exposures=grown(w.exposures, sellers),
        product_exposures=grown(w.product_exposures, listings),
        listings=grown(w.listings, listings),
        frozen=grown(w.frozen, listings),
        stock=grown(w.stock, listings),
        recent=grown(w.recent, listings),
        attraction=grown(w.attraction, listings, axis=1),
        ranking=grown(w.ranking, listings, axis=1),
        fresh=grown(w.fresh, listings, axis=1),
        books=grown(w.books, sellers, axis=1),
        seller_days=grown(w.seller_days, sellers, axis=1),
        listing_days=grown(w.listing_days, listings, axis=1),
        shown=grown(w.shown, listings, axis=1),
        **with_room_for(w, sellers, listings),
    )


def _fill_seller(market: Market, w: World, k: int, founder: Founder, born: int | None) -> None:
    """Write one seller's row and, if founded before day 1, its older feedback."""
    config, s = founder.config, w.sellers[k]
    s["key"] = draws.name_key(config.name)
    s["focal"], s["stated"] = config.focal, founder.stated
    s["born"] = 1 - market.past.days if born is None else born
    s["state"], s["since"] = state.HEALTHY, s["born"]
    s["counted_from"] = -NEVER
    for until in ("hidden", "held", "refunds", "unfeatured"):
        s[f"{until}_until"] = -NEVER
    w.standing["value"][k] = np.nan
    s["capacity"] = -1  # no limit, as long as none is stated or set
    s["queue_head"] = s["queue_tail"] = NOBODY
    s["exit_hazard"] = -np.log1p(-founder.exit_per_year) / DAYS_A_YEAR
    s["score"] = -1.0
    w.standing["value"][k] = np.nan
    s["by_platform"] = any(listing.by_platform for listing in config.listings)
    set_seller(market, w, k, founder)
    if born is None:
        older = 1 - market.past.days - first_date(market)
        for_more_events(w, int(older * market.past.feedback_per_day) + 1)
        past.old_feedback(w, k, older, market.past.feedback_per_day)


def _fill_listing(
    market: Market, w: World, n: int, k: int, seller: Seller, i: int, config: Listing,
    born: int | None,
) -> None:  # fmt: skip
    """Write one listing's row and, if it has a past, its older reviews."""
    row = w.listings[n]
    name = listing_name(seller, i)
    drawn = Drawn(w.streams, draws.LISTING_VALUES, name)
    names = [c.name for c in market.categories]
    row["key"], row["seller"] = draws.name_key(name), k
    row["category"], row["relevance"] = names.index(config.category), drawn.normal(1)
    row["on_sale"], row["refunds_until"] = 1, -NEVER
    row["by_platform"] = config.by_platform
    row["offer"] = row["shown"] = OWN
    row["first_offer"] = row["own_slot"] = NOBODY
    w.frozen["score"][n] = -1.0
    w.product_standing["value"][n] = np.nan
    set_listing(market, w, n, seller, config, drawn)
    if born is not None:
        row["born"] = born
        return
    age = config.age_days
    if age is None:
        age = int(-market.past.age_days * np.log(drawn.uniform(3)))
    row["born"] = 1 - age
    older = max(0, age - market.past.days)
    if config.reviews is not None:
        for_more_events(w, sum(config.reviews))
        past.stated_reviews(w, n, np.array(config.reviews), max(older, age))
    else:
        sd = market.past.reviews_sd
        a_day = market.past.reviews_per_day * np.exp(sd * drawn.normal(4) - sd * sd / 2)
        count = int(a_day * older + drawn.uniform(5))
        for_more_events(w, count)
        past.old_reviews(w, n, count, older)
