"""Bought reviews: posted by nobody of this market, counted like others, some found and deleted.

They count for the listing alone, are no orders, and no seller gets mail about them. Rules: rewards.
"""

from sim.draws import BOUGHT_DELAY, BOUGHT_FOUND, join, uniform
from sim.events import BOUGHT_AND_FOUND
from sim.jit import kernel, rule
from sim.phases.common import day_word, record_row
from sim.phases.ledger import note_post, note_removal, post_event
from sim.phases.settle import count_post, new_post, put_on_page, record_review
from sim.phases.write import draft
from sim.rules.rewards import found_day
from sim.state import NOBODY, REMOVED, REVIEW, STANDING


@rule
def next_own(w, seller, listing, day):
    """The seller's next listing after ``listing`` that has been on sale, or NOBODY."""
    for k in range(1, w.now.n_listings + 1):
        other = (listing + k) % w.now.n_listings
        if w.listings.seller[other] == seller and w.listings.born[other] <= day:
            return other
    return NOBODY


@kernel
def post_bought(w, seller, listing, stars, key, day):
    """One bought review appears, and the platform's deletion of it may be due some day."""
    w.now.n_drafts = 0  # today's are settled: the row is free
    draft(w, key, NOBODY, NOBODY, listing, seller, REVIEW, stars, 0)
    w.now.n_drafts = 0
    post, record = new_post(w, 0, day), record_row(day)
    w.posts.verified[post] = w.p.bought_verified
    w.posts.due_strike[post] = found_day(
        day,
        uniform(w.streams[BOUGHT_FOUND], key),
        w.p.bought_found_share,
        uniform(w.streams[BOUGHT_DELAY], key),
        w.p.bought_found_after_days,
    )
    record_review(w, post, day)
    w.posts.status[post] = STANDING
    note_post(w, 0, post)
    put_on_page(w, post)
    count_post(w, post, day, 1)
    w.market_days.bought[record] += 1
    if w.now.first_bought == 0:
        w.now.first_bought = 1 + post


@kernel
def buy_reviews(w, seller, line, day):
    """The reviews of a line, spread evenly over the seller's listings, appear and are paid."""
    a, record = w.lines, record_row(day)
    place = line - w.strategies.first[w.sellers.strategy[seller]]
    key = join(join(w.sellers.key[seller], place), day_word(day))
    listing = NOBODY
    if w.sellers.reviews_blocked[seller] != 0:  # nothing is taken any more
        return
    for k in range(a.reviews[line]):
        listing = next_own(w, seller, listing, day)
        if listing == NOBODY:
            return
        post_bought(w, seller, listing, a.review_stars[line], join(key, k), day)
        w.seller_days.costs[record, seller] += a.review_price[line]
        w.seller_days.spent_outreach[record, seller] += a.review_price[line]


@kernel
def remove_bought(w, day):
    """The platform deletes the bought reviews that it has found by today."""
    if w.now.first_bought == 0:
        return
    q = w.posts
    for post in range(w.now.first_bought - 1, w.now.n_posts):
        found = q.author[post] == NOBODY and q.due_strike[post] == day
        if found and q.channel[post] == REVIEW and q.status[post] == STANDING:
            count_post(w, post, day, -1)
            q.status[post] = REMOVED
            note_removal(w, post, post_event(w, post), BOUGHT_AND_FOUND)
            w.market_days.removed[record_row(day)] += 1
