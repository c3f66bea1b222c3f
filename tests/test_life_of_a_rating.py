"""The life of a rating on the market: edits, follow-ups, folding, returns."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from compare import OWN_MIND, assert_same
from lines import LOUD, UNMOVED, market, posts_of, whole
from markets import lived
from test_ten_rules import SILENT, buyers, column, counts, last_order, post_of, refusal, steps

from sim.errors import Refused
from sim.model import Buyer, Marketplace
from sim.phases.common import standing_stars
from sim.phases.platform import low_stars_on_page
from sim.rules import editing, feedback, follow_ups
from sim.state import (
    CHANGED,
    DELETED,
    FEEDBACK,
    NEVER,
    NO_FOLLOW_UP,
    RETURNED,
    SOFTENED,
    STANDING,
    STRUCK_THROUGH,
    WORSENED,
)

ONCE_TO_GOOD = (
    "platform.feedback.change_up_to=3",
    "platform.feedback.change_to_from=4",
    "platform.feedback.max_changes=1",
)


def left(stars: int, *overrides: str):
    """A market, the author of feedback with these stars that was settled last night, its id."""
    model = lived(*SILENT, *overrides, days=9)
    order, row = last_order(model, 9)
    author = buyers(model)[row["buyer"]]
    steps(model, 3)
    author.leave_feedback(order, stars)
    model.step()
    return model, author, post_of(model, author.row, FEEDBACK)


# --- changes by class and count ------------------------------------------------------------------


def test_what_is_not_low_may_neither_be_changed_nor_deleted():
    model, author, post = left(4, *ONCE_TO_GOOD)
    stays = editing.REFUSALS[editing.STAYS]
    refusal(stays, author.change_post, post, 5)
    refusal(stays, author.delete_post, post)
    before = counts(model.world)
    model.step()
    assert counts(model.world) == before


def test_a_low_one_may_be_changed_once_and_only_to_good():
    model, author, post = left(2, *ONCE_TO_GOOD)
    refusal(editing.REFUSALS[editing.NOT_TO_THAT], author.change_post, post, 3)
    author.change_post(post, 4)
    model.step()
    assert model.world.posts[["stars", "status", "changes"]][post].tolist() == (4, CHANGED, 1)


def test_what_was_changed_as_often_as_may_be_stays():
    model, author, post = left(1, "platform.feedback.max_changes=2")
    for stars in (2, 3):
        author.change_post(post, stars)
        model.step()
    enough = editing.REFUSALS[editing.CHANGED_ENOUGH]
    refusal(enough, author.change_post, post, 5)
    refusal(enough, author.delete_post, post)


def test_a_low_one_may_be_deleted_instead():
    model, author, post = left(3, *ONCE_TO_GOOD)
    author.delete_post(post)
    model.step()
    assert model.world.posts["status"][post] == DELETED


def test_an_author_changes_only_after_the_seller_has_written():
    apologises = "{when: feedback_posted, do: apologise}"
    config = market(apologises, more=(*UNMOVED, "platform.feedback.change_asked=true"))
    model = Marketplace(config)
    steps(model, 40)
    w = model.world
    posts, people = w.posts[: w.count("n_posts")], buyers(model)
    mine = (posts["channel"] == FEEDBACK) & (posts["status"] == STANDING)
    asked = np.flatnonzero(mine & (posts["asked"] == 1))
    silent = np.flatnonzero(mine & (posts["asked"] == 0) & (posts["posted"] > 0))
    assert set(posts["seller"][asked]) == {0}  # only one seller writes
    not_asked = editing.REFUSALS[editing.NOT_ASKED]
    for post in silent[-5:]:
        refusal(not_asked, people[posts["author"][post]].change_post, int(post), 3)
    post = int(asked[-1])
    people[posts["author"][post]].change_post(post, 3)
    people[posts["author"][silent[-1]]].delete_post(int(silent[-1]))  # that needs no asking
    model.step()
    assert w.posts["status"][post] == CHANGED
    assert w.posts["status"][silent[-1]] == DELETED


def test_won_over_authors_change_only_what_their_platform_lets_them():
    """Everybody is won over at once: what is low becomes good or goes, the rest stays."""
    apologises = "{when: feedback_posted, do: apologise, tone: 1.0}"
    won = (
        "reconsidering.clumsy_share=0.0",
        "reconsidering.apology=1.0",
        "reconsidering.half_life_days=1000.0",
    )
    free = whole(market(apologises, more=won))
    bound = whole(market(apologises, more=(*won, *ONCE_TO_GOOD)))
    anything, posts = posts_of(free, FEEDBACK), posts_of(bound, FEEDBACK)
    high = anything[(anything["first_stars"] > 3) & (anything["changes"] > 0)]
    poor = anything[(anything["status"] == CHANGED) & (anything["stars"] < 4)]
    assert high.size > 0 and poor.size > 0
    touched = posts[posts["changes"] > 0]
    assert touched.size > 20
    assert np.all(touched["first_stars"] <= 3) and np.all(touched["changes"] == 1)
    assert np.all(touched["stars"][touched["status"] == CHANGED] >= 4)


# --- follow-ups ----------------------------------------------------------------------------------

NO_EDITS = ("platform.feedback.can_change=false", "platform.feedback.can_delete=false")


def test_a_follow_up_is_one_by_the_author_in_time_and_moves_no_score():
    model, author, post = left(1, *NO_EDITS, "platform.feedback.follow_up_days=10")
    before = counts(model.world)
    stranger = next(b for b in buyers(model) if b.row != author.row)
    theirs = follow_ups.REFUSALS[follow_ups.NOT_THE_AUTHOR]
    with pytest.raises(Refused, match=theirs):
        stranger.add_follow_up(post, softer=True)
    author.add_follow_up(post, softer=True)
    model.step()
    assert model.world.posts["follow_up"][post] == SOFTENED
    assert counts(model.world) == before
    assert column(model, "market", "follow_ups").sum() == 1
    with pytest.raises(Refused, match=follow_ups.REFUSALS[follow_ups.ONE_ONLY]):
        author.add_follow_up(post, softer=False)


def test_no_follow_up_too_late_or_where_there_are_none():
    model, author, post = left(1)
    with pytest.raises(Refused, match=follow_ups.REFUSALS[follow_ups.NOT_OFFERED]):
        author.add_follow_up(post, softer=True)
    model, author, post = left(1, "platform.feedback.follow_up_days=1",
                               "platform.feedback.auto_confirm_days=1")  # fmt: skip
    row = int(model.world.posts["order"][post])
    while model.world.orders["dispatched"][row] + 2 >= model.day:
        model.step()
    with pytest.raises(Refused, match=follow_ups.REFUSALS[follow_ups.TOO_LATE]):
        author.add_follow_up(post, softer=True)


@pytest.mark.parametrize(
    ("tone", "chances", "words"),
    [
        (
            1.0,
            (
                "reconsidering.clumsy_share=0.0",
                "reconsidering.apology=1.0",
                "reconsidering.half_life_days=1000.0",
            ),
            SOFTENED,
        ),
        (0.0, (*UNMOVED[1:-1], "reconsidering.clumsy_share=0.5"), WORSENED),
    ],
)
def test_outreach_makes_follow_ups_where_stars_are_final(tone, chances, words):
    apologises = f"{{when: feedback_posted, do: apologise, tone: {tone}}}"
    days = "platform.feedback.follow_up_days=180"
    engine = whole(market(apologises, more=(*chances, *NO_EDITS, days)))
    posts, table = posts_of(engine, FEEDBACK), engine.tables()["market"]
    assert table["follow_ups"].sum() > 20
    assert table["changes"].sum() == table["deletions"].sum() == 0
    assert np.all(np.isin(posts["follow_up"], (NO_FOLLOW_UP, words)))
    # with no days for them, nothing happens
    without = whole(market(apologises, more=(*chances, *NO_EDITS)))
    assert without.tables()["market"]["follow_ups"].sum() == 0


def test_who_may_only_delete_deletes_or_adds_words():
    apologises = "{when: feedback_posted, do: apologise, tone: 1.0}"
    chances = ("reconsidering.clumsy_share=0.0", "reconsidering.apology=1.0")
    may = ("platform.feedback.can_change=false", "platform.feedback.follow_up_days=180")
    engine = whole(market(apologises, more=(*chances, *may)))
    posts, table = posts_of(engine, FEEDBACK), engine.tables()["market"]
    assert table["deletions"].sum() > 20 and table["follow_ups"].sum() > 20
    assert table["changes"].sum() == 0
    assert not np.any((posts["status"] == DELETED) & (posts["follow_up"] == SOFTENED))


class Thinks(Buyer):
    """Reconsiders as the rules do."""

    def reconsider(self, arrival):
        return super().reconsider(arrival)


def test_a_mind_of_its_own_adds_the_same_words():
    apologises = "{when: feedback_posted, do: apologise, tone: 0.5}"
    may = ("platform.feedback.change_asked=true", "platform.feedback.change_to_from=5",
           "platform.feedback.follow_up_days=180")  # fmt: skip
    config = market(apologises, more=(*may, "days=40"))
    plain, own = Marketplace(config), Marketplace(config, buyers=dict.fromkeys(range(400), Thinks))
    for _ in range(40):
        plain.step()
        own.step()
    assert_same(plain, own, ignore=OWN_MIND)
    assert set(posts_of(plain, FEEDBACK)["follow_up"]) == {NO_FOLLOW_UP, SOFTENED, WORSENED}
    assert plain.tables()["market"]["changes"].sum() > 0


def test_follow_ups_are_read_on_the_page():
    model = lived("platform.reviews.leave_rate=0.3", days=30)
    w = model.world
    k = int(np.argmax(w.listings["n_recent"]))
    newest = [int(p) for p in w.recent[k] if p > 0]
    for post in newest:
        w.posts["stars"][post] = 1
    low = low_stars_on_page(w, k)
    w.posts["follow_up"][newest] = SOFTENED
    softer = low_stars_on_page(w, k)
    assert 0.0 < softer < low
    for post in newest:
        w.posts["stars"][post], w.posts["follow_up"][post] = 5, NO_FOLLOW_UP
    good = low_stars_on_page(w, k)
    w.posts["follow_up"][newest] = WORSENED
    assert good < low_stars_on_page(w, k)


# --- folding and returns -------------------------------------------------------------------------

PRODUCT_ONLY = (
    *LOUD, "platform.feedback.product_only_share=1.0", "judging.blames_store=1.0",
    "platform.feedback.strike_probability=1.0",
)  # fmt: skip


def test_what_is_folded_counts_and_is_seen_by_nobody():
    struck = lived(*PRODUCT_ONLY, days=60)
    folded = lived(*PRODUCT_ONLY, "platform.feedback.removal=fold", days=60)
    gone = struck.world.posts[: struck.world.count("n_posts")]
    kept = folded.world.posts[: folded.world.count("n_posts")]
    assert (gone["status"] == STRUCK_THROUGH).sum() > 5
    assert (kept["status"] == STRUCK_THROUGH).sum() == 0
    out = np.flatnonzero(kept["folded"])
    assert (
        out.size == column(folded, "market", "struck").sum() + folded.world.market_days["struck"][0]
    )
    assert {int(standing_stars(folded.world, post)) for post in out} == {0}
    seen = np.flatnonzero((kept["folded"] == 0) & (kept["status"] == STANDING))
    assert standing_stars(folded.world, seen[-1]) == kept["stars"][seen[-1]]
    # every score keeps it: as many are rated as were left
    feedback_left = (kept["channel"] == FEEDBACK) & (kept["status"] != DELETED)
    assert folded.world.sellers["rated_ever"].sum() > struck.world.sellers["rated_ever"].sum()
    assert folded.world.books["defects"].sum() > struck.world.books["defects"].sum()
    assert feedback_left.sum() == (kept["channel"] == FEEDBACK).sum()


ALL_RETURN = (*SILENT[:-1], "complaining.returns=[1.0, 1.0, 1.0, 1.0, 1.0]",
              "platform.feedback.deleted_on_return=true")  # fmt: skip


def order_on_its_way(model):
    """(id, buyer) of an order that will not have arrived before its feedback form is open."""
    w = model.world
    orders = w.orders[: w.count("n_orders")]
    slow = (orders["placed"] == model.day - 1) & (orders["delivered"] > model.day + 6)
    order = int(np.flatnonzero(slow & (orders["delivered"] < model.day + 30))[0])
    return order, buyers(model)[orders["buyer"][order]]


def test_a_return_deletes_the_rating_for_good():
    model = lived(*ALL_RETURN, days=9)
    order, buyer = order_on_its_way(model)
    steps(model, 3)
    before = copy.deepcopy(model.world)
    buyer.leave_feedback(order, 1)
    model.step()
    post = post_of(model, buyer.row, FEEDBACK)
    assert model.world.orders["defect"][order] != 0
    while model.day <= model.world.orders["delivered"][order]:
        assert model.world.posts["status"][post] == STANDING
        model.step()
    assert model.world.orders["marks"][order] & RETURNED
    assert model.world.posts[["status", "changed"]][post].tolist() == (DELETED, model.day - 1)
    assert counts(model.world)["rated"] == counts(before)["rated"]
    assert model.world.orders["defect"][order] == 0
    assert column(model, "market", "deletions").sum() == 1
    refusal(feedback.REFUSALS[feedback.ALREADY_LEFT], buyer.leave_feedback, order, 5)


def test_what_was_sent_back_is_not_rated_any_more_or_else_it_is():
    for rule, refused in (("true", True), ("false", False)):
        model = lived(*ALL_RETURN[:-1], f"platform.feedback.deleted_on_return={rule}", days=9)
        order, buyer = order_on_its_way(model)
        while model.day <= model.world.orders["delivered"][order]:
            model.step()
        if refused:
            refusal(feedback.REFUSALS[feedback.SENT_BACK], buyer.leave_feedback, order, 5)
        else:
            buyer.leave_feedback(order, 5)
            model.step()
            assert model.world.orders["feedback"][order] == post_of(model, buyer.row, FEEDBACK)


def test_nothing_of_this_happens_unless_a_platform_has_it():
    model = lived(*LOUD, "sellers.0.strategy=recover", "rivals.strategy=recover", days=60)
    w = model.world
    posts = w.posts[: w.count("n_posts")]
    assert not posts["folded"].any() and not posts["follow_up"].any()
    assert w.count("n_hidden") == w.count("n_troubles") == 0
    np.testing.assert_array_equal(posts["shown_on"], posts["posted"])
    assert np.all(w.orders["defaulted_on"][: w.count("n_orders")] == NEVER)
