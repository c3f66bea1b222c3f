"""The platform's evening: order defect rates, account states, displayed stars, scores, ranking.

Comes last, sees today, and writes what everyone sees tomorrow morning. Rules: odr, account,
display, ranking, choice.
"""

import numpy as np

from sim.draws import LEAVES, PLAN_ACCEPTED, RANK_TIE, join, mix, uniform
from sim.jit import kernel, prefetch, rule
from sim.phases.common import book_row, day_word, record_row, review_on_page, standing_stars
from sim.phases.frozen import (
    account_sees_odr,
    count_in_demand,
    low_stars_in_demand,
    put_in_places,
    ranked_count,
    ranked_sales,
    ranked_stars,
    stars_in_demand,
    store_in_demand,
)
from sim.phases.ledger import note_plan, note_state
from sim.phases.offers import is_listed, price_of, seller_of
from sim.phases.shown import let_reviews_leave
from sim.rules.account import is_closed, is_on_sale, next_state, plan_is_due, sentenced
from sim.rules.choice import first_reviews, utility
from sim.rules.display import displayed_stars, low_share, store_score
from sim.rules.follow_ups import low_weight
from sim.rules.measures import shown_score
from sim.rules.odr import breached, window
from sim.rules.ranking import log_count, new_boost, relative_velocity, scaled, shrunk
from sim.state import CLOSED, DEACTIVATED, HEALTHY, LEFT, NO_FOLLOW_UP, NO_SENTENCE

SCORE_PARTS = ("new", "relevance", "velocity", "conversion", "stars", "count", "price", "exposure")
"""What a score is the sum of: the boost of a new listing, six weighted components, what gates
add."""


@rule
def orders_and_defects(w, seller, first, last):
    """Orders and defective orders of a seller with order dates in [first, last]."""
    orders, defects = 0, 0
    for date in range(max(first, w.p.first_date), last + 1):
        orders += w.books.orders[book_row(w, date), seller]
        defects += w.books.defects[book_row(w, date), seller]
    return orders, defects


@rule
def add_date(w, date, sign):
    """Add a date of the books to everybody's window, or take it out."""
    if date < w.p.first_date:
        return
    row = book_row(w, date)
    for k in range(w.now.n_sellers):
        w.sellers.window_orders[k] += sign * w.books.orders[row, k]
        w.sellers.window_defects[k] += sign * w.books.defects[row, k]


@rule
def move_window(w, first, last):
    """Move everybody's window of order dates to [first, last]: by a day, or wherever it is now."""
    now, s = w.now, w.sellers
    if now.window_first == first - 1 and now.window_last == last - 1:
        add_date(w, first - 1, -1)
        add_date(w, last, 1)
    else:
        for k in range(now.n_sellers):
            s.window_orders[k], s.window_defects[k] = 0, 0
        for date in range(first, last + 1):
            add_date(w, date, 1)
    now.window_first, now.window_last = first, last


@rule
def fulfilled_by_platform(w, seller, first, last):
    """The same of those that the platform fulfilled, which the account state passes over."""
    orders, defects = 0, 0
    if w.sellers.by_platform[seller] != 0:
        for date in range(max(first, w.p.first_date), last + 1):
            orders += w.books.platform_orders[book_row(w, date), seller]
            defects += w.books.platform_defects[book_row(w, date), seller]
    return orders, defects


@rule
def judge_account(w, seller, day, orders, defects):
    """Tonight's account state; a plan of action is judged by one draw per plan ever sent.

    Gates that put a store at risk count as the ODR does.
    """
    s, p = w.sellers, w.p
    in_state = day - s.since[seller]
    before = s.state[seller]
    accepted = False
    if plan_is_due(before, in_state, p.account_plan_days):
        u = uniform(w.streams[PLAN_ACCEPTED], s.key[seller], s.plans_sent[seller])
        accepted = u < p.account_plan_accepted
        note_plan(w, seller, accepted)
        s.plans_sent[seller] += 1
        s.plans_refused[seller] += not accepted
        s.since[seller] = day
    above = (
        p.account_enforced != 0
        and p.odr_enforced != 0
        and account_sees_odr(w)
        and breached(defects, orders, p.odr_limit, p.odr_min_orders, p.odr_min_defects, p.odr_z)
    )
    w.seller_days.breaches[record_row(day), seller] += above
    after = next_state(
        before,
        in_state,
        above or s.at_risk[seller] != 0,
        p.account_at_risk_days,
        p.account_plan_days,
        accepted,
        s.plans_refused[seller] >= p.account_plans_allowed and day > p.warm_up,
    )
    after = sentenced(after, s.sentence[seller], day > p.warm_up)
    was_barred = s.barred[seller] != 0 or s.sentence[seller] != NO_SENTENCE
    s.barred[seller] = after == DEACTIVATED and was_barred
    s.sentence[seller], s.at_risk[seller] = NO_SENTENCE, 0
    if after != before:
        s.since[seller] = day
        s.state[seller] = after
        note_state(w, seller, before, orders, defects)
    if before == DEACTIVATED and after == HEALTHY:
        s.plans_refused[seller] = 0
        s.counted_from[seller] = day + 1
    if after == CLOSED:  # what is held back is lost
        w.seller_days.costs[record_row(day), seller] += s.withheld[seller]
        s.withheld[seller] = 0


@rule
def leaves(w, seller, day):
    """Does a rival leave tonight for reasons of its own?"""
    if w.sellers.exit_hazard[seller] <= 0.0:
        return False
    key = join(w.sellers.key[seller], day_word(day))
    return uniform(w.streams[LEAVES], key) < w.sellers.exit_hazard[seller]


@kernel
def judge_accounts(w, day):
    """ODR of every seller by order date, account states, exits (none in the past)."""
    first, last = window(day, w.p.odr_window_days, w.p.odr_lag_days)
    w.now.exits = 0
    move_window(w, first, last)
    for seller in range(w.now.n_sellers):
        s = w.sellers
        orders, defects = s.window_orders[seller], s.window_defects[seller]
        s.odr_orders[seller], s.odr_defects[seller] = orders, defects
        theirs, bad = fulfilled_by_platform(w, seller, first, last)
        s.platform_orders[seller], s.platform_defects[seller] = theirs, bad
        if is_closed(s.state[seller]) or day < 1:
            continue
        since = max(first, s.counted_from[seller])
        if since > first:
            orders, defects = orders_and_defects(w, seller, since, last)
            theirs, bad = fulfilled_by_platform(w, seller, since, last)
        judge_account(w, seller, day, orders - theirs, defects - bad)
        if not is_closed(s.state[seller]) and leaves(w, seller, day):
            before = s.state[seller]
            s.state[seller], s.since[seller] = LEFT, day
            note_state(w, seller, before, orders, defects)
        w.now.exits += is_closed(s.state[seller])


@kernel
def fade(w, day):
    """A day passes over what is remembered: weights of reviews, recent orders, score windows."""
    n, s = w.listings, w.sellers
    record = record_row(day)
    for k in range(w.now.n_listings):
        n.weight[k] *= w.p.display_decay
        n.weighted_stars[k] *= w.p.display_decay
        n.velocity[k] *= w.p.search_decay
        n.examined[k] = n.examined[k] * w.p.search_decay + w.listing_days.examined[record, k]
    let_reviews_leave(w, day)
    leaving = day - w.p.feedback_score_window_days
    if leaving >= w.p.first_date:
        row = book_row(w, leaving)
        for k in range(w.now.n_sellers):
            s.rated[k] -= w.books.rated[row, k]
            s.positive[k] -= w.books.positive[row, k]


@kernel
def show_stars(w, day):
    """Displayed stars of listings, scores of stores, and what is on sale tomorrow."""
    n, s = w.listings, w.sellers
    for k in range(w.now.n_sellers):
        s.score[k] = store_score(
            s.positive[k],
            s.rated[k],
            s.positive_ever[k],
            s.rated_ever[k],
            w.p.feedback_score_min_count,
        )
        if w.p.shown_measure >= 0:
            s.score[k] = shown_score(w.standing.value[k, w.p.shown_measure], w.p.shown_best)
    for k in range(w.now.n_listings):
        n.stars[k] = displayed_stars(
            n.weighted_stars[k],
            n.weight[k],
            n.n_reviews[k],
            w.p.display_prior_stars,
            w.p.display_prior_reviews,
        )
        off_until = max(s.paused_until[n.seller[k]], s.hidden_until[n.seller[k]])
        there = n.born[k] <= day + 1 and n.removed[k] == 0
        n.on_sale[k] = there and is_on_sale(s.state[n.seller[k]], off_until, day + 1)


@rule
def mean_and_sd(values):
    """Mean and standard deviation, summed in order."""
    total, squares = 0.0, 0.0
    for x in values:
        total += x
    mean = total / values.size
    for x in values:
        squares += (x - mean) * (x - mean)
    return mean, np.sqrt(squares / values.size)


@rule
def components(w, rows, out):
    """Write the six components of the score, scaled within the category, into out[6, n]."""
    n, p = w.listings, w.p
    orders, looks, weight, stars = 0.0, 0.0, 0.0, 0.0
    for k in rows:
        sold, seen = ranked_sales(w, k)
        reviews, said = ranked_stars(w, k)
        orders += sold
        looks += seen
        weight += reviews
        stars += said
    mean_velocity = orders / rows.size
    mean_conversion = orders / looks if looks > 0.0 else 0.0
    mean_stars = stars / weight if weight > 0.0 else 0.0
    for i in range(rows.size):
        k = rows[i]
        out[0, i] = n.relevance[k]
        sold, seen = ranked_sales(w, k)
        reviews, said = ranked_stars(w, k)
        out[1, i] = relative_velocity(sold, p.search_prior_orders, mean_velocity)
        out[2, i] = shrunk(sold, seen, p.search_prior_examined, mean_conversion)
        out[3, i] = shrunk(said, reviews, p.search_prior_reviews, mean_stars)
        out[4, i] = log_count(ranked_count(w, k))
        out[5, i] = -np.log(price_of(w, k, n.shown[k]) / w.category_price[n.category[k]])
    for c in range(6):
        mean, sd = mean_and_sd(out[c])
        for i in range(rows.size):
            out[c, i] = scaled(out[c, i], mean, sd)


@rule
def break_ties(order, scores, ties):
    """Put rows of equal score in order of their tie (insertion within runs, which are rare)."""
    for i in range(1, order.size):
        j = i
        while j > 0:
            a, b = order[j - 1], order[j]
            if scores[a] != scores[b] or ties[a] <= ties[b]:
                break
            order[j - 1], order[j] = b, a
            j -= 1


@kernel
def score_parts(w, rows, day, out):
    """Write what the scores of a category's listings on sale are the sums of into out[8, n].

    In the order of ``SCORE_PARTS``, in which they are added.
    """
    n, p = w.listings, w.p
    components(w, rows, out[1:7])
    weights = (
        p.search_weight_relevance,
        p.search_weight_velocity,
        p.search_weight_conversion,
        p.search_weight_stars,
        p.search_weight_count,
        p.search_weight_price,
    )
    for i in range(rows.size):
        k = rows[i]
        out[0, i] = new_boost(day + 1 - n.born[k], p.search_new_days, p.search_new_boost)
        for c in range(6):
            out[1 + c, i] *= weights[c]
        out[7, i] = w.sellers.exposure[n.seller[k]] + n.exposure[k]


@rule
def rank_category(w, rows, day, category):
    """Score the listings on sale in a category and put them in order; ties by keyed hash."""
    n, p = w.listings, w.p
    parts = np.empty((8, rows.size))
    score_parts(w, rows, day, parts)
    scores, ties = np.empty(rows.size), np.empty(rows.size, np.uint64)
    fresh = 0
    for i in range(rows.size):
        k = rows[i]
        score = 0.0
        for c in range(8):
            score += parts[c, i]
        n.score[k] = score
        scores[i] = -score
        ties[i] = mix(w.streams[RANK_TIE] ^ join(n.key[k], day_word(day)))
        if day + 1 - n.born[k] < p.search_new_days:
            w.fresh[category, fresh] = k
            fresh += 1
    w.n_fresh[category] = fresh
    order = np.argsort(scores)
    break_ties(order, scores, ties)
    put_in_places(w, rows, order, day)
    for i in range(rows.size):
        w.ranking[category, i] = rows[order[i]]
        n.position[rows[order[i]]] = i + 1
    w.n_ranked[category] = rows.size


@rule
def by_category(w):
    """Listings on sale, category by category, and where each category begins among them."""
    n, begins = w.listings, np.zeros(w.n_ranked.size + 1, np.int64)
    w.n_listed[:] = 0
    there = np.zeros(w.now.n_listings, np.bool_)
    for k in range(w.now.n_listings):
        if is_listed(w, k):
            w.n_listed[n.category[k]] += 1
            there[k] = n.on_sale[k] != 0
            begins[n.category[k] + 1] += there[k]
    for category in range(w.n_ranked.size):
        begins[category + 1] += begins[category]
    rows, place = np.empty(w.now.n_listings, np.int32), begins.copy()
    for k in range(w.now.n_listings):
        if there[k]:
            rows[place[n.category[k]]] = k
            place[n.category[k]] += 1
    return rows, begins


@kernel
def rank(w, day):
    """Tomorrow's search results: every category's listings in order of tonight's scores."""
    rows, begins = by_category(w)
    for k in range(w.now.n_listings):
        if w.listings.on_sale[k] == 0:
            w.listings.position[k] = w.n_listed[w.listings.category[k]] + 1
            w.listings.score[k] = np.nan
    for category in range(w.n_ranked.size):
        w.n_ranked[category], w.n_fresh[category] = 0, 0
        on_sale = rows[begins[category] : begins[category + 1]]
        if on_sale.size > 0:
            rank_category(w, on_sale, day, category)


@kernel
def low_stars_on_page(w, listing):
    """Share of low stars among the newest standing reviews of a listing."""
    shown, low = 0, 0.0
    for k in range(min(w.listings.n_recent[listing], w.p.display_recent_reviews)):
        post = review_on_page(w, listing, k)
        stars = standing_stars(w, post)
        if stars == 0 or shown == w.listings.n_reviews[listing]:  # the others have left
            continue
        replied = post >= 0 and w.posts.replied[post] != 0
        added = w.posts.follow_up[post] if post >= 0 else NO_FOLLOW_UP
        softens = w.p.responding_reply_softens
        shown += 1
        low += low_weight(stars, replied, softens, added, w.p.responding_follow_up_softens)
    return low_share(low, shown)


@rule
def fetch_page(w, listing):
    """Ask for the newest reviews of a listing ahead of their use."""
    for k in range(min(w.listings.n_recent[listing], w.p.display_recent_reviews)):
        prefetch(w.posts, max(review_on_page(w, listing, k), 0))


@kernel
def price_attraction(w):
    """Attraction of every listing to every segment tomorrow: exp(utility), once a day."""
    n = w.listings
    for k in range(w.now.n_listings):
        if k + 2 < w.now.n_listings:
            fetch_page(w, k + 2)
        if n.on_sale[k] == 0:
            continue
        log_price = np.log(price_of(w, k, n.shown[k]) / w.category_price[n.category[k]])
        stars, count = stars_in_demand(w, k), count_in_demand(w, k)
        having = first_reviews(count, w.p.choice_first_reviews, w.p.choice_first_reviews_scale)
        low = low_stars_in_demand(w, k, low_stars_on_page(w, k))
        score = store_in_demand(w, k, w.sellers.score[seller_of(w, k, n.shown[k])])
        for g in range(w.segments.size):
            x = w.segments
            v = utility(
                log_price, stars, count, low, score, having,
                x.price[g], x.stars[g], x.count[g], x.low_stars[g], x.store[g],
            )  # fmt: skip
            w.attraction[g, k] = np.exp(v)
