"""Tally: what measures count, by date: orders and their marks, ratings while they count.

Orders count by their own date, ratings by that of posting. Whole numbers, which commute, are added
and taken away as things happen; the platform adds them up over windows in the evening
(``sim/phases/measures.py``). Rules: measures, feedback, satisfaction, speaking.
"""

import numpy as np

from sim.draws import FEEDBACK_NOISE, logistic_noise, uniform
from sim.jit import rule
from sim.phases.common import book_row
from sim.rules.feedback import is_negative, is_positive
from sim.rules.measures import class_points, month_of, points_within
from sim.rules.satisfaction import felt_stars
from sim.rules.speaking import said_latent
from sim.state import (
    BY_PLATFORM,
    FEEDBACK,
    NEVER,
    NOBODY,
    OF_CONDUCT,
    OF_ORDERS,
    OF_RATINGS,
    RATED_DESCRIBED,
    RATED_GOOD,
    RATED_POINTS,
    RATED_SERVICE,
    RATED_SHIPPING,
    RATED_STARS,
    REVIEW,
)

BEST = 5
"""Stars of a rating that is left for a customer who says nothing."""


@rule
def tally_sale(w, row):
    """A new order is one more of those of which marks are counted."""
    o, n = w.orders, w.measures.size
    for m in range(n):
        kind = w.measures.kind[m]
        if kind != OF_ORDERS and kind != OF_CONDUCT:
            continue
        date = book_row(w, o.placed[row])
        if w.measures.product[m] != 0:
            w.product_tallies.whole[date, o.listing[row] * n + m] += 1
        elif o.by[row] & BY_PLATFORM == 0 or kind == OF_CONDUCT:
            w.tallies.whole[date, o.seller[row] * n + m] += 1


@rule
def add_rating(w, m, seller, listing, day, part, whole):
    """Add to what measure m has counted of the ratings of a day."""
    date, n = book_row(w, day), w.measures.size
    if w.measures.product[m] != 0:
        w.product_tallies.part[date, listing * n + m] += part
        w.product_tallies.whole[date, listing * n + m] += whole
    else:
        w.tallies.part[date, seller * n + m] += part
        w.tallies.whole[date, seller * n + m] += whole


@rule
def is_rated(w, m, channel):
    """Does measure m look at this channel? Stores: feedback; products: reviews, or where there is
    one channel all that is rated, what was bought included."""
    of_products = w.measures.product[m] != 0
    looks = channel == REVIEW if of_products else channel == FEEDBACK
    looks = looks or (of_products and w.p.channels == 1)
    return w.measures.kind[m] == OF_RATINGS and looks


@rule
def points_of(w, stars):
    """1 for a good rating, -1 for a bad one, else 0."""
    good = is_positive(stars, w.p.feedback_positive_from)
    return class_points(good, is_negative(stars, w.p.feedback_negative_up_to))


@rule
def stars_in(w, rated, stars):
    """What a rating with these stars adds to a sum, shop scores apart."""
    if rated == RATED_STARS:
        return np.int64(stars)
    if rated == RATED_GOOD:
        return np.int64(is_positive(stars, w.p.feedback_positive_from))
    if rated == RATED_POINTS:
        return np.int64(points_of(w, stars))
    return np.int64(1)


@rule
def part_of_post(w, rated, post):
    """What a post adds to a sum over ratings; 0 of a shop score that was not given."""
    if rated == RATED_DESCRIBED:
        return np.int64(w.posts.described[post])
    if rated == RATED_SERVICE:
        return np.int64(w.posts.served[post])
    if rated == RATED_SHIPPING:
        return np.int64(w.posts.shipped[post])
    return stars_in(w, rated, w.posts.stars[post])


@rule
def is_shop_score(rated):
    """Is it one of the three that are given beside the rating?"""
    return rated == RATED_DESCRIBED or rated == RATED_SERVICE or rated == RATED_SHIPPING


@rule
def may_count(w, m, post):
    """Can measure m count this post at all, whatever else its author has said?"""
    q, rated = w.posts, w.measures.rated[m]
    if not is_rated(w, m, q.channel[post]) or q.price[post] < w.measures.min_price[m]:
        return False
    return not is_shop_score(rated) or part_of_post(w, rated, post) > 0


@rule
def trade_day(w, post):
    """Day of the order that a post is about; its own without one."""
    return w.posts.posted[post] if w.posts.order_day[post] == NEVER else w.posts.order_day[post]


@rule
def same_pair(w, m, one, other):
    """Are two posts of an author about the same store (or product), for measure m?"""
    if w.measures.product[m] != 0:
        return w.posts.listing[one] == w.posts.listing[other]
    return w.posts.seller[one] == w.posts.seller[other]


@rule
def posts_of_pair(w, m, post):
    """Posts of the pair of this one that may count, oldest first."""
    found, other = 0, w.users.last_post[w.posts.author[post]]
    while other != NOBODY:
        found += same_pair(w, m, post, other) and may_count(w, m, other)
        other = w.posts.previous[other]
    posts = np.empty(found, np.int64)
    other = w.users.last_post[w.posts.author[post]]
    while other != NOBODY:
        if same_pair(w, m, post, other) and may_count(w, m, other):
            found -= 1
            posts[found] = other
        other = w.posts.previous[other]
    return posts


@rule
def says_again(w, m, posts, kept, i):
    """Has the pair already said so, good or bad, of the same listing, ordered about then?"""
    points = points_of(w, w.posts.stars[posts[i]])
    for j in range(i):
        apart = abs(trade_day(w, posts[i]) - trade_day(w, posts[j]))
        if (
            kept[j]
            and w.posts.listing[posts[j]] == w.posts.listing[posts[i]]
            and points_of(w, w.posts.stars[posts[j]]) == points != 0
            and apart < w.measures.pair_item_days[m]
        ):
            return True
    return False


@rule
def count_pair(w, m, post, sign):
    """Add or take away what all counted posts of the pair of this one add up to."""
    a, q = w.measures, w.posts
    posts = posts_of_pair(w, m, post)
    kept = np.zeros(posts.size, np.bool_)
    rated, most = a.rated[m], a.pair_month_max[m]
    for i in range(posts.size):
        if q.tallied[posts[i]] == 0 or says_again(w, m, posts, kept, i):
            continue
        kept[i] = True
        before = 0  # what the month has so far: points, or ratings
        for j in range(i):
            if kept[j] and month_of(trade_day(w, posts[j])) == month_of(trade_day(w, posts[i])):
                before += part_of_post(w, rated, posts[j]) if rated == RATED_POINTS else 1
        part, whole = part_of_post(w, rated, posts[i]), 1
        if rated == RATED_POINTS:
            part = points_within(part, before, most)
        elif 0 < most <= before:
            part, whole = np.int64(0), 0
        add_rating(
            w, m, q.seller[post], q.listing[post], q.posted[posts[i]], sign * part, sign * whole
        )


@rule
def of_pairs(w, m, post):
    """Does it matter for measure m what else the author has said?"""
    by_pair = w.measures.pair_month_max[m] > 0 or w.measures.pair_item_days[m] > 0
    return by_pair and w.posts.author[post] != NOBODY


@rule
def tally_post(w, post, sign):
    """A post counts from now on (sign 1) or no longer (-1), in every measure that looks at it."""
    q = w.posts
    for m in range(w.measures.size):
        if may_count(w, m, post):
            if of_pairs(w, m, post):
                count_pair(w, m, post, -1)
            else:
                part = sign * part_of_post(w, w.measures.rated[m], post)
                add_rating(w, m, q.seller[post], q.listing[post], q.posted[post], part, sign)
    q.tallied[post] = 1 if sign > 0 else 0
    for m in range(w.measures.size):
        if may_count(w, m, post) and of_pairs(w, m, post):
            count_pair(w, m, post, 1)


@rule
def tally_old(w, seller, day, stars):
    """Feedback from before the lived past: of no known order or customer, without shop scores."""
    a = w.measures
    for m in range(a.size):
        if a.product[m] == 0 and is_rated(w, m, FEEDBACK) and not is_shop_score(a.rated[m]):
            add_rating(w, m, seller, NOBODY, day, stars_in(w, a.rated[m], stars), 1)


@rule
def tally_default(w, row, day, sign):
    """The platform leaves (or takes back) the best rating of the silent customer of an order.

    ``day``: on which it was left. Limits on what one customer may add do not look at it.
    """
    o, a = w.orders, w.measures
    for m in range(a.size):
        if not is_rated(w, m, FEEDBACK) or a.defaults[m] == 0 or is_shop_score(a.rated[m]):
            continue
        if o.price[row] >= a.min_price[m]:
            part = sign * stars_in(w, a.rated[m], BEST)
            add_rating(w, m, o.seller[row], o.listing[row], day, part, sign)


@rule
def score_said(w, user, latent, noise):
    """Stars 1..5 of a shop score, however many marks a rating has; nothing on a page pulls it."""
    return felt_stars(said_latent(latent, w.users.leniency[user], noise, 0.0, 0, 0.0, 0.0), w.cuts)


@rule
def give_scores(w, row, post):
    """With a rating go stars for the product, for service without its lateness, for lateness."""
    o, q, user = w.orders, w.posts, w.orders.buyer[row]
    noise = w.p.speaking_noise * logistic_noise(uniform(w.streams[FEEDBACK_NOISE], o.key[row]))
    noise += w.p.feedback_kindness
    late, service = np.float64(o.lateness[row]), np.float64(o.service[row])
    product = np.float64(o.product[row])
    if not np.isnan(product):
        q.described[post] = score_said(w, user, product, noise)
    if not np.isnan(service):
        q.served[post] = score_said(w, user, service + late, noise)
        q.shipped[post] = score_said(w, user, w.p.judging_service - late, noise)
