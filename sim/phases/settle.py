"""Settle what agents added today: posts and mail, each in order of key.

The platform applies its rules here: who may post, once. What passes enters stars, books and mail,
at once or when it is shown; what does not is dropped. Rules: feedback, reviews.
"""

import numpy as np

from sim.draws import STRUCK, uniform
from sim.jit import kernel, rule
from sim.phases.come_across import has_bought
from sim.phases.common import (
    add_defect,
    book_row,
    drop_defect,
    order_row,
    record_row,
)
from sim.phases.dates import shown_day
from sim.phases.defaults import drop_default
from sim.phases.judge import has
from sim.phases.ledger import note_bad_feedback, note_post
from sim.phases.ratings import form_day, marked, one_channel, rated_with_earlier
from sim.phases.reward import pay_reward
from sim.phases.shown import count_review
from sim.phases.speak import send_mail
from sim.phases.tally import give_scores, tally_post
from sim.rules.by_platform import about_delivery
from sim.rules.feedback import ALLOWED as MAY_LEAVE
from sim.rules.feedback import SENT_BACK, is_negative, is_positive, may_leave
from sim.rules.outreach import messages
from sim.rules.reviews import ALLOWED as MAY_REVIEW
from sim.rules.reviews import may_review
from sim.rules.satisfaction import felt_stars
from sim.state import (
    ARRIVED,
    BY_FEEDBACK,
    BY_PLATFORM,
    CANCELLED_ORDER,
    DAMAGED_ITEM,
    FEEDBACK,
    HIDDEN,
    MAIL_FEEDBACK,
    MAIL_REVIEW,
    NEVER,
    NO_FOLLOW_UP,
    NOBODY,
    RETURNED,
    REVIEW,
    STANDING,
    WRONG,
)


@rule
def has_reviewed(w, user, listing):
    """Has the user a review of this listing, standing, changed or deleted?"""
    post = w.users.last_post[user]
    while post != NOBODY:
        if w.posts.channel[post] == REVIEW and w.posts.listing[post] == listing:
            return True
        post = w.posts.previous[post]
    return False


@kernel
def feedback_verdict(w, user, order, day):
    """May the user leave feedback on this order today? ALLOWED or why not."""
    row = order_row(w, order) if order >= 0 else -1
    if row < 0:
        return may_leave(user, NOBODY, False, day, 0, 0, 0)
    verdict = may_leave(
        user,
        w.orders.buyer[row],
        w.orders.feedback[row] != NOBODY,
        day,
        form_day(w, row),
        w.p.feedback_opens_after_days,
        w.p.feedback_window_days,
        rated_with_earlier(w, row),
    )
    gone = w.p.feedback_deleted_on_return != 0 and has(w, row, RETURNED)
    return SENT_BACK if gone and verdict == MAY_LEAVE else verdict


@rule
def spent(w, user):
    """Money (USD) spent anywhere on the platform in the days that count for reviews.

    Elsewhere users spend evenly over the year; what they spent here before the past that is lived
    is not known.
    """
    days = w.p.reviews_min_spend_days
    cents, order = 0, w.users.last_order[user]
    while order != NOBODY:
        row = order_row(w, order)
        if row < 0 or w.orders.placed[row] <= w.now.day - days:
            break
        if w.orders.trouble[row] != CANCELLED_ORDER:
            cents += w.orders.price[row] - w.orders.refunded[row]
        order = w.orders.previous[row]
    return cents / 100.0 + w.users.spent_elsewhere[user] * days / 365.0


@kernel
def review_verdict(w, user, listing):
    """May the user review this listing? ALLOWED or why not."""
    money = spent(w, user) if w.p.reviews_min_spend > 0.0 else 0.0
    open_to_all = w.p.reviews_open_to_non_buyers != 0
    return may_review(
        w.users.purchases[user] + w.users.bought_before[user],
        w.p.reviews_min_purchases,
        money,
        w.p.reviews_min_spend,
        has_reviewed(w, user, listing),
        open_to_all or has_bought(w, user, listing),  # looked up only where it matters
        open_to_all,
        one_channel(w),
    )


@rule
def new_post(w, d, day):
    """Make a post of draft d, hidden until it is shown; returns its row, which is its id."""
    n, q, user = w.now.n_posts, w.posts, w.drafts.author[d]
    stars = marked(w, w.drafts.stars[d])
    q.key[n], q.author[n], q.order[n] = w.drafts.key[d], user, w.drafts.order[d]
    q.listing[n], q.seller[n] = w.drafts.listing[d], w.drafts.seller[d]
    q.previous[n] = w.users.last_post[user] if user != NOBODY else NOBODY
    q.posted[n], q.changed[n], q.due_strike[n], q.order_day[n] = day, NEVER, NEVER, NEVER
    q.channel[n], q.status[n] = w.drafts.channel[d], HIDDEN
    q.stars[n], q.first_stars[n] = stars, stars
    q.verified[n] = 1 if w.drafts.order[d] != NOBODY else 0
    q.product_only[n], q.replied[n] = w.drafts.product_only[d], 0
    q.asked[n], q.follow_up[n], q.folded[n], q.changes[n] = 0, NO_FOLLOW_UP, 0, 0
    q.described[n], q.served[n], q.shipped[n] = 0, 0, 0
    row = order_row(w, w.drafts.order[d])
    q.tallied[n], q.price[n] = 0, w.orders.price[row] if row >= 0 else 0
    q.shown_on[n] = shown_day(w, n, day)
    if user != NOBODY:
        w.users.last_post[user] = n
    w.now.n_posts = n + 1
    return n


@rule
def count_feedback(w, post, day, sign):
    """Add (sign 1) or take away (-1) the post's stars from the store's score and the ODR."""
    q, stars = w.posts, w.posts.stars[post]
    seller, date = q.seller[post], book_row(w, q.posted[post])
    good = sign if is_positive(stars, w.p.feedback_positive_from) else 0
    w.books.rated[date, seller] += sign
    w.books.positive[date, seller] += good
    w.sellers.rated_ever[seller] += sign
    w.sellers.positive_ever[seller] += good
    if q.posted[post] > day - w.p.feedback_score_window_days:
        w.sellers.rated[seller] += sign
        w.sellers.positive[seller] += good
    row = order_row(w, q.order[post])
    if row >= 0 and is_negative(stars, w.p.feedback_negative_up_to):
        if sign > 0:
            add_defect(w, row, BY_FEEDBACK)
            note_bad_feedback(w, post)
        else:
            drop_defect(w, row, BY_FEEDBACK)


@rule
def count_post(w, post, day, sign):
    """Add or take away what a standing post counts for."""
    if w.measures.size > 0:
        tally_post(w, post, sign)
    if w.posts.channel[post] == FEEDBACK:
        count_feedback(w, post, day, sign)
    if w.posts.channel[post] == REVIEW or one_channel(w):
        count_review(w, post, day, sign)


@rule
def blames_delivery(w, row, stars, day):
    """Is this feedback wholly about a delivery by the platform?"""
    o = w.orders
    if o.by[row] & BY_PLATFORM == 0:
        return False
    arrived = has(w, row, ARRIVED)
    return about_delivery(
        is_negative(stars, w.p.feedback_negative_up_to),
        felt_stars(o.service[row], w.cuts),
        felt_stars(o.product[row], w.cuts) if arrived else 0,
        arrived,
        min(day, o.delivered[row]) > o.promised[row],
        o.trouble[row] == DAMAGED_ITEM or o.trouble[row] == WRONG,
    )


@rule
def is_struck(w, post):
    """Will the platform strike feedback about its own delivery through?"""
    return uniform(w.streams[STRUCK], w.posts.key[post]) < w.p.by_platform_struck


@rule
def record_feedback(w, d, post, day):
    """Records of new feedback, and when the platform will strike it through."""
    stars, seller, record = w.posts.stars[post], w.posts.seller[post], record_row(day)
    row = order_row(w, w.posts.order[post])
    w.orders.feedback[row] = post
    w.posts.order_day[post] = w.orders.placed[row]
    if w.measures.size > 0:
        give_scores(w, row, post)
    if w.drafts.product_only[d] == 1:
        u = uniform(w.streams[STRUCK], w.posts.key[post])
        if u < w.p.feedback_strike_probability:
            w.posts.due_strike[post] = w.posts.shown_on[post] + w.p.feedback_strike_lag_days
    elif blames_delivery(w, row, stars, day) and is_struck(w, post):
        w.posts.due_strike[post] = w.posts.shown_on[post] + w.p.feedback_strike_lag_days
    days = w.seller_days
    days.feedback_1[record, seller] += stars == 1
    days.feedback_2[record, seller] += stars == 2
    days.feedback_3[record, seller] += stars == 3
    days.feedback_4[record, seller] += stars == 4
    days.feedback_5[record, seller] += stars == 5
    w.market_days.feedback[record] += 1
    w.market_days.said_feedback[record] += stars


@rule
def record_review(w, post, day):
    """Records of a new review."""
    stars, listing, record = w.posts.stars[post], w.posts.listing[post], record_row(day)
    days = w.listing_days
    days.reviews_1[record, listing] += stars == 1
    days.reviews_2[record, listing] += stars == 2
    days.reviews_3[record, listing] += stars == 3
    days.reviews_4[record, listing] += stars == 4
    days.reviews_5[record, listing] += stars == 5
    w.market_days.reviews[record] += 1
    w.market_days.said_reviews[record] += stars
    if w.posts.verified[post] == 0 and w.posts.author[post] != NOBODY:
        if w.posts.author[post] < w.p.n_buyers:
            w.market_days.reviews_by_buyers_of_other_things[record] += 1
        else:
            w.market_days.reviews_by_non_buying_users[record] += 1


@rule
def put_on_page(w, post):
    """The post becomes the newest review on its listing's page."""
    listing = w.posts.listing[post]
    n = w.listings.n_recent[listing]
    w.recent[listing, n % w.recent.shape[1]] = post
    w.listings.n_recent[listing] = n + 1


@rule
def show(w, post, day):
    """The post is shown: it counts from tonight on, and the seller reads it tomorrow."""
    q = w.posts
    q.status[post] = STANDING
    if q.channel[post] == REVIEW or one_channel(w):
        put_on_page(w, post)
    count_post(w, post, day, 1)
    kind = MAIL_FEEDBACK if q.channel[post] == FEEDBACK else MAIL_REVIEW
    send_mail(w, q.key[post], q.seller[post], kind, q.order[post], post, q.stars[post])


@rule
def show_in_time(w, post, day):
    """A new post is shown tonight, or kept back until its day."""
    if w.posts.shown_on[post] <= day:
        show(w, post, day)
    else:
        w.hidden[w.now.n_hidden] = post
        w.now.n_hidden += 1


@kernel
def may_post(w, d, day):
    """Do the platform's rules allow draft d to become a post tonight?"""
    user, order, listing = w.drafts.author[d], w.drafts.order[d], w.drafts.listing[d]
    blocked = w.sellers.reviews_blocked[w.listings.seller[listing]] != 0
    if w.drafts.channel[d] == FEEDBACK:
        blocked = blocked and one_channel(w)
        return not blocked and feedback_verdict(w, user, order, day) == MAY_LEAVE
    return not blocked and review_verdict(w, user, listing) == MAY_REVIEW


@kernel
def settle_posts(w, day):
    """Today's drafts become posts, in order of key, where the platform's rules allow them."""
    for d in np.argsort(w.drafts.key[: w.now.n_drafts]):
        if not may_post(w, d, day):
            continue
        post = new_post(w, d, day)
        if w.drafts.channel[d] == FEEDBACK:
            record_feedback(w, d, post, day)
            if one_channel(w):
                record_review(w, post, day)
            note_post(w, d, post)
            drop_default(w, order_row(w, w.drafts.order[d]), day)
        else:
            record_review(w, post, day)
            note_post(w, d, post)
        pay_reward(w, post, day)
        show_in_time(w, post, day)
    w.now.n_drafts = 0


@kernel
def deliver_mail(w):
    """What arrived today lies in the sellers' inboxes tomorrow, in order of key."""
    n = w.now.n_mail
    by_key = np.argsort(w.mail.key[:n])
    for k in range(n):
        w.inbox[k] = w.mail[by_key[k]]
        row = order_row(w, w.inbox.order[k])
        w.inbox.contacted[k] = row >= 0 and messages(w.orders.asked[row]) > 0
    w.now.n_inbox = n
    w.now.n_mail = 0
