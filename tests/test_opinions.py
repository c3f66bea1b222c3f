"""Whose opinion is written, shown and met: taste before buying, reviews without it, the page."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same
from markets import lived

from sim.draws import TASTE_CHOICE, uniform
from sim.model import NonBuyingUser
from sim.phases.common import key_of_pair, newest_stars
from sim.state import NOBODY, REVIEW

TALK = (
    "platform.reviews.leave_rate=0.3",
    "platform.reviews.leave_rate_unbought=0.03",
    "platform.reviews.min_purchases=0",
)
SAID_AS_FELT = ("speaking.herding=0.0", "speaking.leniency_sd=0.0", "speaking.noise=0.0")
SILENT = ("platform.reviews.leave_rate=0.0", "platform.reviews.leave_rate_unbought=0.0")
NONE = "sellers.0.listings.0.reviews=[0, 0, 0, 0, 0]"


def reviews(model):
    posts = model.world.posts[: model.world.count("n_posts")]
    return posts[posts["channel"] == REVIEW]


def liking(model, users, listings):
    """How much users liked listings before buying, 0 to 1."""
    w = model.world
    pairs = [key_of_pair(w, *pair) for pair in zip(users.tolist(), listings.tolist(), strict=True)]
    return np.array([uniform(w.streams[TASTE_CHOICE], np.uint64(pair)) for pair in pairs])


# taste before buying ---------------------------------------------------------------------------


@pytest.mark.parametrize("known", [0.0, 0.9])
def test_buyers_like_it_as_far_as_they_knew(known):
    model = lived(*TALK, f"judging.taste_known={known}", "judging.taste=3.0", "choice.taste=3.0")
    w = model.world
    judged = w.orders[: w.count("n_orders")]
    judged = judged[~np.isnan(judged["product"]) & (judged["product"] != 0.0)]
    u = liking(model, judged["buyer"], judged["listing"])
    found = np.corrcoef(u, judged["product"])[0, 1]
    assert len(judged) > 500 and u.mean() > 0.6  # chosen for being liked
    assert abs(found) < 0.1 if known == 0.0 else found > 0.2


def test_those_who_looked_and_did_not_buy_like_it_less():
    model = lived(*TALK, "choice.taste=3.0", "speaking.report_curve=[1.0, 1.0, 1.0, 1.0, 1.0]")
    rows = reviews(model)
    bought = rows["order"] != NOBODY
    assert min(bought.sum(), (~bought).sum()) > 50
    u = liking(model, rows["author"], rows["listing"])
    assert u[bought].mean() > u[~bought].mean() + 0.05


# reviews without buying ------------------------------------------------------------------------


def test_only_what_is_extreme_enough_is_said_without_buying():
    extreme = "speaking.report_curve=[2.0, 0.0, 0.0, 0.0, 2.0]"
    model = lived(*TALK, *SAID_AS_FELT, extreme)
    rows = reviews(model)
    unbought = rows[rows["order"] == NOBODY]
    assert unbought.size > 50 and set(unbought["first_stars"]) == {1, 5}


def test_a_curve_twice_as_high_at_half_the_rate_is_the_same_without_buying():
    """Who may speak is asked with the largest value, who speaks with that of the felt stars."""
    still = (*TALK[2:], "platform.reviews.leave_rate=0.0", "platform.feedback.leave_rate=0.0")
    low = lived(*still, "platform.reviews.leave_rate_unbought=0.03", days=40)
    high = lived(*still, "platform.reviews.leave_rate_unbought=0.015",
                 "speaking.report_curve=[7.0, 3.0, 1.2, 2.0, 4.0]", days=40)  # fmt: skip
    one, other = (reviews(m) for m in (low, high))
    assert one.size > 20 and one["key"].tobytes() == other["key"].tobytes()
    assert one["stars"].tobytes() == other["stars"].tobytes()


# the page --------------------------------------------------------------------------------------


def test_the_two_newest_reviews_that_stand_are_met():
    model = lived(*SILENT, "platform.reviews.min_purchases=0", NONE, days=10)
    w, users = model.world, list(model.agents_by_type[NonBuyingUser])[:4]
    assert newest_stars(w, 0) == 0.0
    for user, stars, newest in zip(users, (1, 5, 4, 2), (1.0, 3.0, 4.5, 3.0), strict=True):
        user.post_review(0, stars)
        before = newest_stars(w, 0)
        assert before != newest  # today's reviews are met tomorrow
        model.step()
        assert newest_stars(w, 0) == newest
    users[3].delete_post(int(w.users["last_post"][users[3].row]))
    model.step()
    assert newest_stars(w, 0) == 4.5


def test_reviews_of_before_the_lived_past_are_met_too():
    model = lived(*SILENT, "sellers.0.listings.0.reviews=[0, 0, 7, 0, 0]", "past.days=0", days=1)
    assert newest_stars(model.world, 0) == 3.0


def test_whose_opinion_pulls_is_felt_only_where_opinion_pulls():
    near, far = (
        lived(*TALK, "speaking.herding=0.0", f"speaking.nearby={x}", days=30) for x in (1.0, 0.0)
    )
    assert_same(near, far, ignore=("p.speaking_nearby",))
    near, far = (
        lived(*TALK, "speaking.herding=0.5", f"speaking.nearby={x}", days=30) for x in (1.0, 0.0)
    )
    assert reviews(near)["first_stars"].tobytes() != reviews(far)["first_stars"].tobytes()


# how stars are shown ---------------------------------------------------------------------------


def test_without_a_half_life_and_equal_weights_the_plain_mean_is_shown():
    model = lived(*TALK, "platform.display.half_life_days=null",
                  "platform.display.weight_unverified=1.0")  # fmt: skip
    w, n = model.world, model.world.count("n_listings")
    stock = w.stock[:n]
    assert np.allclose(w.listings["weight"][:n], stock.sum(axis=1))
    some = stock.sum(axis=1) > 0
    mean = (stock @ np.arange(1, 6))[some] / stock.sum(axis=1)[some]
    assert np.abs(w.listings["stars"][:n][some] - mean).max() <= 0.05 + 1e-9


def test_a_prior_draws_every_listing_to_it_but_shows_none_without_a_review():
    model = lived(*TALK, "platform.display.prior_reviews=1000.0",
                  "platform.display.prior_stars=3.0", NONE, days=1)  # fmt: skip
    w, n = model.world, model.world.count("n_listings")
    some = w.listings["n_reviews"][:n] > 0
    assert some.any() and (np.abs(w.listings["stars"][:n][some] - 3.0) <= 0.3).all()
    assert (w.listings["stars"][:n][~some] == 0.0).all()
