"""Users of the market as plain Mesa has them: they search, look, and may review what they met.

What agents do is in this file and in ``plain_orders.py`` and ``plain_agents.py``; who is asked on
which day is the idiom's business (``plain_mesa.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from benchmarks.plain_rules import TYPICAL_QUALITY, trips_on_day

if TYPE_CHECKING:
    from benchmarks.plain_mesa import PlainMarket


class User(mesa.Agent):
    """Somebody who searches, looks at listings, and may review what was not bought.

    ``row``: its traits in the world that the market begins with. ``vocal``: the listings of which
    it would have something to say this year if it met them and felt enough; one draw for each
    listing and year, however often they meet.
    """

    model: PlainMarket

    def __init__(self, model: PlainMarket, row: np.void, rate: float) -> None:
        super().__init__(model)
        self.rate = rate
        self.leniency, self.voice = float(row["leniency"]), float(row["voice"])
        self.conformity = float(row["conformity"])
        self.purchases = int(row["bought_before"])
        self.reviewed: set[int] = set()
        self.vocal: set[int] = set()

    def step(self) -> None:
        """Every day: go shopping or not."""
        model = self.model
        u, rate = model.draw(), self.rate * model.pace
        if u < rate:
            self.go_shopping(trips_on_day(rate, u))

    def go_shopping(self, trips: int) -> None:
        """Search so many times and look at what is found."""
        model = self.model
        model.platform.today.browsing += trips
        for _ in range(trips):
            found = model.platform.results(model.categories)
            if not self.vocal.isdisjoint(found):
                self.come_across(found, None)

    def come_across(self, found: list[int], bought: int | None) -> None:
        """Review what was met and not bought, where the opinion is extreme enough."""
        model, rules, platform = self.model, self.model.rules, self.model.platform
        for listing in self.vocal.intersection(found):
            if listing == bought or self.has_bought(listing):
                continue
            self.vocal.discard(listing)
            looks = rules.quality * (platform.quality[listing] - TYPICAL_QUALITY)
            own = rules.unbought_bias + rules.unbought_spread * model.logistic()
            latent = rules.product + looks + rules.known * self.taste_of(listing) + own
            if model.draw() < rules.unbought_share[rules.felt(latent) - 1]:
                stars = self.in_stars(latent, platform.stars_met(listing))
                platform.reviews_left.append((self, listing, stars, False))

    def has_bought(self, listing: int) -> bool:
        """Who does not buy has bought nothing."""
        return False

    def taste_of(self, listing: int) -> float:
        """How well a listing seems to suit this user, in latent units."""
        return self.model.rules.taste * (2.0 * self.model.draw() - 1.0)

    def in_stars(self, latent: float, shown: float, noise: float = 0.0) -> int:
        """Stars 1..5 in which an opinion is said; ``shown`` stars pull it, 0 = none."""
        rules, said = self.model.rules, latent + self.leniency + noise
        if shown > 0.0:
            said += self.conformity * rules.per_star * (shown - rules.felt(latent))
        return rules.felt(said)
