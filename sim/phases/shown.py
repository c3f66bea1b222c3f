"""What the displayed stars of a listing are made of: its reviews, as long as they are displayed.

Where reviews leave the display after a number of days, ``shown`` counts them by date, so that each
leaves on its day, those from before the lived past included. Whole numbers: what has left leaves
nothing behind. Rules: display, feedback.
"""

from sim.jit import kernel, rule
from sim.rules.feedback import in_class


@rule
def review_weight(w, post, day):
    """Weight of a review in the displayed stars as of today."""
    verified = w.posts.verified[post] != 0
    own = w.p.display_weight_verified if verified else w.p.display_weight_unverified
    return own * w.p.display_decay ** (day - w.posts.posted[post])


@rule
def displayed_as(w, stars):
    """Stars for which a review counts in the display: its own, or those of its class."""
    if w.p.display_by_class != 0:
        return in_class(stars, w.p.feedback_positive_from, w.p.feedback_negative_up_to)
    return stars


@rule
def reviews_leave(w):
    """Do reviews leave the display?"""
    return w.shown.shape[0] > 0


@rule
def weigh_shown(w, listing):
    """Number and weights of a listing's displayed reviews, from their counts."""
    n, s = w.listings, w.shown
    verified, other = w.p.display_weight_verified, w.p.display_weight_unverified
    n.n_reviews[listing] = s.verified[0, listing] + s.others[0, listing]
    n.weight[listing] = verified * s.verified[0, listing] + other * s.others[0, listing]
    n.weighted_stars[listing] = (
        verified * s.verified_stars[0, listing] + other * s.others_stars[0, listing]
    )


@rule
def count_shown(w, listing, date, verified, stars, day, sign):
    """Add or take away a review of this date, unless it has left by today."""
    if date <= day - w.p.display_window_days:
        return
    s = w.shown
    for row in (0, 1 + date - w.p.display_first_date):
        if verified:
            s.verified[row, listing] += sign
            s.verified_stars[row, listing] += sign * stars
        else:
            s.others[row, listing] += sign
            s.others_stars[row, listing] += sign * stars
    weigh_shown(w, listing)


@rule
def clear_shown(w, listing):
    """Nothing of a listing is displayed any more, of whatever date."""
    s = w.shown
    for row in range(s.shape[0]):
        s.verified[row, listing], s.verified_stars[row, listing] = 0, 0
        s.others[row, listing], s.others_stars[row, listing] = 0, 0


@rule
def count_review(w, post, day, sign):
    """Add (sign 1) or take away (-1) the post's stars from the listing's."""
    q, listing = w.posts, w.posts.listing[post]
    stars = displayed_as(w, q.stars[post])
    w.stock[listing, q.stars[post] - 1] += sign
    if reviews_leave(w):
        count_shown(w, listing, q.posted[post], q.verified[post] != 0, stars, day, sign)
        return
    weight = sign * review_weight(w, post, day)
    w.listings.n_reviews[listing] += sign
    w.listings.weight[listing] += weight
    w.listings.weighted_stars[listing] += weight * stars


@rule
def note_default(w, row, day, sign):
    """Add (sign 1) or take away (-1) what the platform's own rating of an order counts for.

    It is good, five stars, of the day on which it was left.
    """
    listing, date = w.orders.listing[row], w.orders.defaulted_on[row]
    if w.p.defaults_in_display == 0:
        return
    w.stock[listing, 4] += sign
    if reviews_leave(w):
        count_shown(w, listing, date, True, 5, day, sign)
        return
    n, weight = w.listings, sign * w.p.display_weight_verified * w.p.display_decay ** (day - date)
    n.n_reviews[listing] += sign
    n.weight[listing] += weight
    n.weighted_stars[listing] += 5.0 * weight


@kernel
def let_reviews_leave(w, day):
    """The reviews whose days are over leave the display."""
    row = 1 + day - w.p.display_window_days - w.p.display_first_date
    if not reviews_leave(w) or row < 1:
        return
    s = w.shown
    for k in range(w.now.n_listings):
        if s.verified[row, k] != 0 or s.others[row, k] != 0:
            s.verified[0, k] -= s.verified[row, k]
            s.verified_stars[0, k] -= s.verified_stars[row, k]
            s.others[0, k] -= s.others[row, k]
            s.others_stars[0, k] -= s.others_stars[row, k]
            weigh_shown(w, k)
