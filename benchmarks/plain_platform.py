"""The platform of the market for plain Python: search by day, the evening's work by night.

What is looked at once an evening for all listings or sellers is NumPy; what agents look up by day
is plain lists, in which one value is found sooner.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict, deque
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.plain_rules import TYPICAL_STARS, TYPICAL_STORE, Rules
from sim.config.market import Market
from sim.world import World

if TYPE_CHECKING:
    from benchmarks.plain_orders import Order
    from benchmarks.plain_users import User

MOST_EXAMINED = 16
BY_FEEDBACK, BY_CLAIM, BY_CHARGEBACK = 1, 2, 4
"""Reasons for which an order is a defect."""


@dataclass(slots=True)
class Day:
    """What happened on one day."""

    trips: int = 0
    browsing: int = 0
    orders: int = 0
    delivered: int = 0
    late: int = 0
    complaints: int = 0
    claims: int = 0
    returns: int = 0
    struck: int = 0
    unverified: int = 0
    feedback: list[int] = field(default_factory=lambda: [0] * 5)
    reviews: list[int] = field(default_factory=lambda: [0] * 5)


class Platform:
    """Pages of listings, books of sellers, results of search; an evening after every day.

    Begins with the sellers and listings of the world ``w`` on its first morning.
    """

    def __init__(self, market: Market, rules: Rules, w: World, random: Random) -> None:
        self.rules, self.market = rules, market
        self.draw = random.random
        self.ties = np.random.default_rng(random.getrandbits(64))
        self.feedback_left: list[tuple[Order, int, bool]] = []
        self.reviews_left: list[tuple[User, int, int, bool]] = []
        self._strikes: defaultdict[int, list[tuple[Order, int]]] = defaultdict(list)
        self.today = Day()
        self.days: list[Day] = []
        self._take_listings(market, w)
        self._take_sellers(market, w)
        self.show(w.count("day") - 1)

    def _take_listings(self, market: Market, w: World) -> None:
        n = w.count("n_listings")
        rows = w.listings[:n]
        self.seller_of: list[int] = rows["seller"].tolist()
        self.quality: list[float] = rows["quality"].tolist()
        self.oversell: list[float] = rows["oversell"].tolist()
        self.price: list[int] = rows["price"].tolist()
        self._owner, self._category = rows["seller"].astype(int), rows["category"].astype(int)
        self._by_category = np.argsort(self._category, kind="stable")
        self._born, self._relevance = rows["born"].copy(), rows["relevance"].copy()
        usual = np.array([100.0 * c.price for c in market.categories])
        self._log_price = np.log(rows["price"] / usual[self._category])
        self._weight, self._said = rows["weight"].copy(), rows["weighted_stars"].copy()
        self._reviews = rows["n_reviews"].astype(float)
        self._velocity, self._looks = np.zeros(n), np.zeros(n)
        seen = market.platform.display.recent_reviews
        self._pages = [deque(_newest(w, k, seen), maxlen=seen) for k in range(n)]
        self._low = np.array([_low_share(page) for page in self._pages])
        self.sold, self._explored = [0] * n, [0] * n
        self._depth_cdf = w.depth_cdf.tolist()
        self._depths = np.zeros((len(market.categories), MOST_EXAMINED + 1), int).tolist()

    def _take_sellers(self, market: Market, w: World) -> None:
        n, self._first_date = w.count("n_sellers"), int(w.p["first_date"][0])
        sellers = w.sellers[:n]
        self._rated, self._positive = sellers["rated"].copy(), sellers["positive"].copy()
        self._rated_ever = sellers["rated_ever"].copy()
        self._positive_ever = sellers["positive_ever"].copy()
        names = ("orders", "defects", "rated", "positive")
        self._books = {name: w.books[name][:, :n].astype(np.int32) for name in names}
        self.odr = np.full((market.days + 1, n), np.nan)
        self.positions = np.zeros((market.days + 1, len(self.seller_of)), np.int32)

    # by day -------------------------------------------------------------------------------------

    def results(self, categories: list[float]) -> list[int]:
        """The listings that one trip examines; ``categories``: running sums of their weights."""
        draw = self.draw
        category = bisect(categories, draw() * categories[-1], 0, len(categories) - 1)
        found = self._ranked[category][: bisect(self._depth_cdf, draw()) + 1]
        self._depths[category][len(found)] += 1
        if draw() < self.rules.explore_share and found and self._fresh[category]:
            fresh = self._fresh[category]
            new = fresh[int(draw() * len(fresh))]
            if new not in found:
                self._explored[found[-1]] -= 1
                self._explored[new] += 1
                found[-1] = new
        return found

    def stars_met(self, listing: int) -> float:
        """Stars that a reviewer meets on the page, 0 = none: displayed, pulled to the newest."""
        shown, page = self.stars[listing], self._pages[listing]
        if shown <= 0.0 or not page:
            return shown
        newest = (page[-1] + page[-2]) / 2 if len(page) > 1 else page[-1]
        return (1.0 - self.rules.nearby) * shown + self.rules.nearby * newest

    def add_defect(self, order: Order, reason: int) -> None:
        """The order is a defect for one more reason; it counts once, by its date."""
        if order.defect == 0:
            self._books["defects"][order.placed - self._first_date, order.seller.row] += 1
        order.defect |= reason

    # by night -----------------------------------------------------------------------------------

    def evening(self, day: int) -> None:
        """Settle what agents added today, show what everyone sees tomorrow, record."""
        self._fade(day)
        for order, stars, product_only in self.feedback_left:
            self._settle_feedback(order, stars, product_only, day)
        for author, listing, stars, verified in self.reviews_left:
            self._settle_review(author, listing, stars, verified)
        self.feedback_left.clear()
        self.reviews_left.clear()
        for order, posted in self._strikes.pop(day, ()):
            self.today.struck += 1
            self._count_feedback(order, False, posted, day, -1)
            self._drop_defect(order, BY_FEEDBACK)
        self.show(day)
        if day >= 1:
            self._record(day)
        self.today = Day()

    def _fade(self, day: int) -> None:
        """A day passes: reviews, recent orders and looks weigh less, old feedback leaves."""
        display, search = self.market.platform.display, self.market.platform.search
        if display.half_life_days is not None:
            self._weight *= 2.0 ** (-1.0 / display.half_life_days)
            self._said *= 2.0 ** (-1.0 / display.half_life_days)
        kept = 2.0 ** (-1.0 / search.velocity_half_life_days)
        sold = np.array(self.sold)
        self._velocity = kept * self._velocity + sold
        self._looks = kept * self._looks + self._looks_today()
        sellers = self._rated.size
        self._books["orders"][day - self._first_date] = np.bincount(self._owner, sold, sellers)
        self.sold = [0] * sold.size
        leaving = day - self.market.platform.feedback.score_window_days - self._first_date
        if leaving >= 0:
            self._rated -= self._books["rated"][leaving]
            self._positive -= self._books["positive"][leaving]

    def _looks_today(self) -> np.ndarray:
        """How often each listing was examined: by everyone who looked at least as far down."""
        depths = np.array(self._depths)
        at_least = depths[:, ::-1].cumsum(axis=1)[:, ::-1]
        looks = np.array(self._explored)
        near = np.flatnonzero((self._position > 0) & (self._position <= MOST_EXAMINED))
        looks[near] += at_least[self._category[near], self._position[near]]
        self._explored = [0] * looks.size
        self._depths = np.zeros_like(depths).tolist()
        return looks

    def _settle_feedback(self, order: Order, stars: int, product_only: bool, day: int) -> None:
        rules = self.rules
        self.today.feedback[stars - 1] += 1
        if product_only and self.draw() < rules.strike_share:
            self._strikes[day + rules.strike_lag].append((order, day))
        self._count_feedback(order, stars >= rules.positive_from, day, day, 1)
        if stars <= rules.negative_up_to:
            self.add_defect(order, BY_FEEDBACK)

    def _count_feedback(self, order: Order, good: bool, posted: int, day: int, sign: int) -> None:
        """Add feedback to the store's score or take it away."""
        row, date = order.seller.row, posted - self._first_date
        self._books["rated"][date, row] += sign
        self._rated_ever[row] += sign
        in_window = posted > day - self.market.platform.feedback.score_window_days
        self._rated[row] += sign * in_window
        if good:
            self._books["positive"][date, row] += sign
            self._positive_ever[row] += sign
            self._positive[row] += sign * in_window

    def _drop_defect(self, order: Order, reason: int) -> None:
        before, order.defect = order.defect, order.defect & ~reason
        if before != 0 and order.defect == 0:
            self._books["defects"][order.placed - self._first_date, order.seller.row] -= 1

    def _settle_review(self, author: User, listing: int, stars: int, verified: bool) -> None:
        """A review is shown: one per user and listing, of users who have bought anything."""
        if listing in author.reviewed or author.purchases < self.rules.min_purchases:
            return
        author.reviewed.add(listing)
        self.today.reviews[stars - 1] += 1
        self.today.unverified += not verified
        display = self.market.platform.display
        weight = display.weight_verified if verified else display.weight_unverified
        self._reviews[listing] += 1
        self._weight[listing] += weight
        self._said[listing] += weight * stars
        self._pages[listing].append(stars)
        self._low[listing] = _low_share(self._pages[listing])

    def show(self, day: int) -> None:
        """Stars, scores of stores, ranking and attraction of the next morning."""
        display = self.market.platform.display
        there = (self._reviews > 0) & (self._weight > 0.0)
        said = self._said + display.prior_reviews * display.prior_stars
        mean = said / (np.where(there, self._weight, 1.0) + display.prior_reviews)
        self._stars = np.where(there, np.floor(10.0 * mean + 0.5) / 10.0, 0.0)
        self.stars: list[float] = self._stars.tolist()
        self._rank(day)
        self._attract(self._store_scores())

    def _store_scores(self) -> np.ndarray:
        """Share of positive feedback of every store, -1 = none yet."""
        enough = self._rated > self.market.platform.feedback.score_min_count
        rated = np.where(enough, self._rated, self._rated_ever)
        positive = np.where(enough, self._positive, self._positive_ever)
        return np.where(rated > 0, positive / np.maximum(rated, 1), -1.0)

    def _rank(self, day: int) -> None:
        """Tomorrow's results: every category's listings in order of tonight's scores."""
        search, n = self.market.platform.search, len(self.market.categories)
        rows = self._by_category[self._born[self._by_category] <= day + 1]
        there, first, place, size = np.unique(
            self._category[rows], return_index=True, return_inverse=True, return_counts=True
        )
        parts = self._components(rows, first, place, size)
        parts -= (np.add.reduceat(parts, first, axis=1) / size)[:, place]
        sd = np.sqrt(np.add.reduceat(parts * parts, first, axis=1) / size)
        weights = np.array([
            search.weight_relevance, search.weight_velocity, search.weight_conversion,
            search.weight_stars, search.weight_count, search.weight_price,
        ])  # fmt: skip
        scales = np.where(sd > 1e-12, weights[:, None] / np.maximum(sd, 1e-12), 0.0)
        age = day + 1 - self._born[rows]
        score = search.new_boost * np.maximum(0.0, 1.0 - age / max(1, search.new_days))
        score += (parts * scales[:, place]).sum(axis=0)
        ranked = rows[np.lexsort((self.ties.random(rows.size), -score, place))]
        self._position = np.zeros(self._born.size, int)
        self._position[ranked] = np.arange(rows.size) - first[place] + 1
        self._ranked: list[list[int]] = [[] for _ in range(n)]
        for category, listings in zip(there.tolist(), np.split(ranked, first[1:]), strict=True):
            self._ranked[category] = listings.tolist()
        self._fresh: list[list[int]] = [[] for _ in range(n)]
        for listing in rows[age < search.new_days].tolist():
            self._fresh[self._category[listing]].append(listing)

    def _components(
        self, rows: np.ndarray, first: np.ndarray, place: np.ndarray, size: np.ndarray
    ) -> np.ndarray:
        """What scores are made of, [6, listings]; shrunk to the means of categories, not scaled.

        ``first`` of each category among the rows, ``place`` of each row's category, its ``size``.
        """
        search = self.market.platform.search
        sold, looks, said, weight = raw = np.stack(
            [self._velocity[rows], self._looks[rows], self._said[rows], self._weight[rows]]
        )
        all_sold, all_looks, all_said, all_weight = np.add.reduceat(raw, first, axis=1)
        velocity = (all_sold / size)[place] + search.prior_orders
        conversion = (all_sold / np.where(all_looks > 0.0, all_looks, np.inf))[place]
        stars = (all_said / np.where(all_weight > 0.0, all_weight, np.inf))[place]
        return np.stack(
            [
                self._relevance[rows],
                np.log((sold + search.prior_orders) / velocity),
                (sold + search.prior_examined * conversion) / (looks + search.prior_examined),
                (said + search.prior_reviews * stars) / (weight + search.prior_reviews),
                np.log1p(self._reviews[rows]),
                -self._log_price[rows],
            ]
        )

    def _attract(self, scores: np.ndarray) -> None:
        """Attraction of every listing to every segment tomorrow: exp(utility), as lists."""
        choice = self.market.choice
        having = choice.first_reviews * (1.0 - np.exp(-self._reviews / choice.first_reviews_scale))
        stars = np.where(self._stars > 0.0, self._stars - TYPICAL_STARS, 0.0)
        score = scores[self._owner]
        store = np.where(score >= 0.0, score - TYPICAL_STORE, 0.0)
        count = np.log1p(self._reviews)
        self.attraction: list[list[float]] = [
            np.exp(
                s.price * self._log_price + s.stars * stars + s.count * count
                + s.low_stars * self._low + s.store * store + having
            ).tolist()
            for s in choice.segments
        ]  # fmt: skip

    def _record(self, day: int) -> None:
        """Daily tables: what happened, order defect rates, positions."""
        odr = self.market.platform.odr
        last = day - odr.lag_days - self._first_date
        first = max(0, last - odr.window_days + 1)
        orders = self._books["orders"][first : last + 1].sum(axis=0)
        defects = self._books["defects"][first : last + 1].sum(axis=0)
        np.divide(defects, orders, out=self.odr[day], where=orders > 0)
        self.positions[day] = self._position
        self.today.orders = int(self._books["orders"][day - self._first_date].sum())
        self.days.append(self.today)

    def defects_since_day_1(self) -> int:
        """Orders of the recorded days that are defects as of now."""
        return int(self._books["defects"][1 - self._first_date :].sum())


def _newest(w: World, listing: int, most: int) -> list[int]:
    """Stars of the newest reviews on a page of the world, the newest last."""
    n, size = int(w.listings["n_recent"][listing]), w.recent.shape[1]
    places = [(n - 1 - k) % size for k in range(min(n, most))]
    return [-int(w.recent[listing, place]) for place in reversed(places)]


def _low_share(page: deque[int]) -> float:
    """Share of one and two stars among the newest reviews."""
    return sum(stars <= 2 for stars in page) / len(page) if page else 0.0
