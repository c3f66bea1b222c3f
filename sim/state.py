"""The columns of the market: one structured array per table, gathered in :class:`World`.

Read in kernels as ``orders.buyer[row]``, in Python as ``orders["buyer"]``. After each table stands
who writes it. Days are numbered so that day 1 is the first recorded one; the past is day <= 0.
Money is whole US cents, so that sums do not depend on their order. Stars are 1..5, 0 = none.
"""

from __future__ import annotations

import numpy as np

from sim.parameters import PARAMETERS, SEGMENT

NEVER = 32_000
"""A day that does not come (days are int16)."""
NOT_SENT = -NEVER
"""Due day of a contact for which no money was left; days of the past are negative too."""
NOBODY = -1
MEMORY = 4
"""Stores a user remembers."""
OWN, NO_OFFER = -1, -2
"""In place of a row of ``offers``: the offer of the listing's own seller, and none at all."""

# Groups of users and channels of posts
BUYER, NON_BUYER = 0, 1
FEEDBACK, REVIEW = 0, 1
# Account states of a seller
HEALTHY, AT_RISK, DEACTIVATED, CLOSED, LEFT = range(5)
STATE_NAMES = ("healthy", "at risk", "deactivated", "closed", "left")
# What went wrong with an order
FINE, DAMAGED_ITEM, WRONG, CANCELLED_ORDER = range(4)
# Progress of an order, bits of ``marks``
ARRIVED, JUDGED, RETURNED, SETTLED, ANSWERED, FED_BACK, REVIEWED, QUEUED = (
    1 << k for k in range(8)
)
# Reasons for which an order counts as a defect, bits of ``defect``
BY_FEEDBACK, BY_CLAIM, BY_CHARGEBACK = 1, 2, 4
# Who does what about an order, bits of ``by``
BY_PLATFORM = 1  # stored, packed and shipped by the platform
# Stages of a complaint
QUIET, WILL_COMPLAIN, COMPLAINED, CLAIM_OPEN, CARE_OVER = range(5)
# Standing of a post
STANDING, CHANGED, DELETED, STRUCK_THROUGH = range(4)
# What a seller sends (``kind`` of a contact): its care's answer, and the acts of strategies; the
# last three are orders to its own store
(ANSWER, APOLOGISE, THANK, ASK_FEEDBACK, ASK_REVIEW, ASK_BOTH, REFUND, REPLACE, ASK_CHANGE,
 REPLY_PUBLIC, REQUEST_REMOVAL, SET_SERVICE, SET_PRICE, PAUSE) = range(14)  # fmt: skip
# What it reads (``kind`` of mail): one kind for every event that a line of a strategy may name;
# the last three are no mail, the seller looks at its own store
(MAIL_COMPLAINT, MAIL_FEEDBACK, MAIL_REVIEW, MAIL_CLAIM, MAIL_SHIPPED, MAIL_DELIVERED,
 MAIL_PROMISE_PASSED, ODR_ABOVE, STATE_IS, EVERY_DAYS) = range(10)  # fmt: skip
# What a seller has written about an order, bits of ``asked``: requests that were heard; four bits
# that count messages; a request sent; an apology that came before the customer judged
ASKED_FEEDBACK, ASKED_REVIEW, ONE_MESSAGE, REQUESTED, FORGIVEN = 1, 2, 4, 64, 128
MOST_MESSAGES = 15
# Whether a user takes messages (``opted_out``): sellers learn in the evening who opts out today
OPTED_OUT, OPTS_OUT_TODAY = 1, 2
MOST_LINES = 50


def _table(*columns: tuple[str, str]) -> np.dtype:
    return np.dtype(list(columns), align=True)


USER = _table(  # build; shop, judge and settle write the user's own row
    ("segment", "u1"),  # latent class
    ("opted_out", "u1"),  # 1 = takes no messages beyond what an order needs; 2 = from tonight on
    ("own_mind", "u1"),  # 1 = an overriding agent: left out of compiled loops
    ("bought_before", "u1"),  # 1 = bought something on the platform before day 1
    ("spent_elsewhere", "f4"),  # USD a year on the platform with others than these sellers
    ("leniency", "f4"),  # latent units added to what is said
    ("voice", "f4"),  # multiplies the propensity to post; mean 1
    ("conformity", "f4"),  # share of the way that displayed opinion pulls
    ("purchases", "i4"),  # orders here so far
    ("last_order", "i4"),  # id of the last order, or NOBODY
    ("last_post", "i4"),  # id of the last post, or NOBODY
)
REMEMBERED = _table(  # judge: [user, MEMORY]
    ("seller", "i4"),  # or NOBODY
    ("stars", "i2"),  # felt store stars 1..5
    ("day", "i2"),  # when felt
)
LISTING = _table(  # build, platform
    ("key", "u8"),
    ("seller", "i4"),
    ("category", "i4"),
    ("price", "i4"),  # cents
    ("stated_price", "i4"),  # cents; what a strategy's price is a share of
    ("unit_cost", "i4"),  # cents
    ("born", "i4"),  # day the listing went on sale first
    ("on_sale", "i4"),
    ("quality", "f8"),  # true, 0..1
    ("oversell", "f8"),  # quality promised above the true
    ("since", "i4"),  # first day of these two; orders from before got those that follow
    ("quality_before", "f8"),
    ("oversell_before", "f8"),
    ("relevance", "f8"),  # standard normal
    ("weight", "f8"),  # sum of review weights as of the day
    ("weighted_stars", "f8"),  # sum of weight * stars
    ("stars", "f8"),  # displayed, rounded to 0.1; 0 = no reviews
    ("n_reviews", "i4"),  # standing
    ("n_recent", "i4"),  # reviews ever added to ``recent``
    ("velocity", "f8"),  # decayed orders
    ("examined", "f8"),  # decayed examinations
    ("score", "f8"),
    ("position", "i4"),  # 1 = first; listings in category + 1 when not on sale
    ("by_platform", "i4"),  # 1 = what its own seller sells is shipped by the platform
    ("own_live", "i4"),  # 1 = its own seller's offer can be bought tomorrow
    ("first_offer", "i4"),  # row of ``offers``; NOBODY = nobody else sells it
    ("offer", "i4"),  # the featured one: row of ``offers``, OWN or NO_OFFER
    ("shown", "i4"),  # the one that shoppers see: the featured one or, without it, the next
    ("own_slot", "i4"),  # of its own offer in ``offer_days``; NOBODY = nobody else sells it
)
OFFER = _table(  # build, platform: what a seller asks for another seller's listing
    ("key", "u8"),
    ("listing", "i4"),
    ("seller", "i4"),
    ("next", "i4"),  # the next on the same listing; NOBODY = the last
    ("price", "i4"),  # cents
    ("stated_price", "i4"),  # cents; what a strategy's price is a share of
    ("unit_cost", "i4"),  # cents
    ("by_platform", "i4"),  # 1 = stored, packed and shipped by the platform
    ("live", "i4"),  # 1 = it can be bought tomorrow
)
SELLER = _table(  # build, act, platform
    ("key", "u8"),
    ("focal", "i4"),
    ("own_mind", "i4"),  # 1 = an overriding agent
    ("stated", "i4"),  # 1 = named in the configuration, 0 = drawn
    ("state", "i4"),
    ("born", "i4"),  # first day
    ("since", "i4"),  # day the state was entered
    ("counted_from", "i4"),  # order dates before this do not count toward the state
    ("plans_refused", "i4"),  # in this deactivation
    ("plans_sent", "i4"),  # ever
    ("strategy", "i4"),  # row of ``strategies``, 0 = none
    ("paused_until", "i4"),  # last day on which it keeps its listings off sale
    ("found_out", "i4"),  # 1 = a forbidden message was found out today
    ("capacity", "i4"),  # orders a day, -1 = no limit
    ("queue_head", "i4"),  # order ids; NOBODY = empty
    ("queue_tail", "i4"),
    ("queue", "i4"),  # orders waiting
    ("slowness", "f8"),  # multiplies handling and transit days
    ("on_time", "f8"),
    ("damaged", "f8"),
    ("wrong_item", "f8"),
    ("cancelled", "f8"),
    ("answers", "f8"),
    ("answer_delay", "f8"),  # mean days
    ("tone", "f8"),
    ("refund", "f8"),  # share of price
    ("service_cost", "i4"),  # cents per order
    ("exit_hazard", "f8"),  # per day
    ("positive", "i4"),  # standing positive feedback in the score window
    ("rated", "i4"),  # all standing feedback in the score window
    ("positive_ever", "i4"),
    ("rated_ever", "i4"),
    ("score", "f8"),  # share positive as displayed; -1 = none yet
    ("odr_orders", "i4"),  # orders in the platform's window tonight
    ("odr_defects", "i4"),
    ("platform_orders", "i4"),  # of those, the ones that the platform fulfilled
    ("platform_defects", "i4"),
    ("by_platform", "i4"),  # 1 = the platform fulfils some of its offers
    ("barred", "i4"),  # 1 = deactivated for forbidden outreach: nothing stays on sale
    ("no_featured", "i4"),  # 1 = none of its offers may be featured
)
ORDER = _table(  # settle creates; fulfil; then the buyer's own phases. Row = id % capacity
    ("key", "u8"),
    ("buyer", "i4"),
    ("listing", "i4"),
    ("seller", "i4"),
    ("offer", "i4"),  # row of ``offers``, or OWN
    ("price", "i4"),  # cents
    ("refunded", "i4"),  # cents given back so far
    ("cost", "i4"),  # cents booked when it was placed: goods, service, fee
    ("previous", "i4"),  # id of the buyer's order before, or NOBODY
    ("next_in_queue", "i4"),
    ("feedback", "i4"),  # post id, or NOBODY
    ("service", "f4"),  # latent satisfaction with service
    ("product", "f4"),  # latent satisfaction with the product
    ("seen_count", "u2"),  # reviews displayed when ordering, at most 65535
    ("placed", "i2"),
    ("promised", "i2"),
    ("dispatched", "i2"),
    ("delivered", "i2"),
    ("due_receive", "i2"),  # delivery; before it, when a waiting customer judges
    ("due_care", "i2"),
    ("due_feedback", "i2"),
    ("due_review", "i2"),
    ("judged_on", "i2"),
    ("planned_on", "i2"),  # when it was last decided what to post
    ("seen_stars", "u1"),  # tenths of a star displayed when ordering
    ("seen_position", "u1"),
    ("trouble", "u1"),
    ("marks", "u1"),
    ("defect", "u1"),
    ("care", "u1"),  # stage of the complaint
    ("asked", "u1"),  # what the seller has written about it
    ("by", "u1"),  # who does what about it
)
POST = _table(  # settle, platform. Row = id
    ("key", "u8"),
    ("author", "i4"),
    ("order", "i4"),  # id, or NOBODY
    ("listing", "i4"),
    ("seller", "i4"),
    ("previous", "i4"),  # the author's post before, or NOBODY
    ("posted", "i2"),
    ("changed", "i2"),  # day of the last change or deletion, NEVER = none
    ("due_strike", "i2"),
    ("order_day", "i2"),  # NEVER = no order
    ("channel", "u1"),
    ("stars", "u1"),
    ("first_stars", "u1"),
    ("status", "u1"),
    ("verified", "u1"),
    ("product_only", "u1"),  # 1 = speaks of nothing but the product
    ("replied", "u1"),  # 1 = the seller has replied in public
)
TRIP = _table(  # morning
    ("key", "u8"),
    ("user", "i4"),
    ("category", "i4"),
)
BASKET = _table(  # shop; settled in order of key
    ("key", "u8"),
    ("user", "i4"),
    ("listing", "i4"),
    ("offer", "i4"),  # row of ``offers``, or OWN
    ("stars", "f4"),
    ("count", "i4"),
    ("position", "i4"),
)
ENCOUNTER = _table(("user", "i4"), ("listing", "i4"))  # shop
DRAFT = _table(  # speak, come across; settled in order of key
    ("key", "u8"),
    ("author", "i4"),
    ("order", "i4"),
    ("listing", "i4"),
    ("seller", "i4"),
    ("channel", "i4"),
    ("stars", "i4"),
    ("product_only", "i4"),  # 1 = speaks of nothing but the product
)
REVISION = _table(("key", "u8"), ("post", "i4"), ("stars", "i4"))  # reconsider; 0 stars = delete
MAIL = _table(  # speak and settle write what arrived today; sellers read it tomorrow
    ("key", "u8"),
    ("seller", "i4"),
    ("kind", "i4"),
    ("order", "i4"),
    ("post", "i4"),
    ("stars", "i4"),
    ("contacted", "i4"),  # 1 = a message about the order had been heard that evening
)
CONTACT = _table(  # act; sent on ``due``, reaches the author the morning after
    ("key", "u8"),
    ("seller", "i4"),
    ("user", "i4"),
    ("kind", "i4"),
    ("order", "i4"),
    ("post", "i4"),
    ("due", "i4"),
    ("about", "i4"),  # day of what it answers
    ("line", "i4"),  # of the strategy, NOBODY = care
    ("tone", "f8"),  # kindness of the message
    ("refund", "f8"),  # share of the price that goes with it
)
LINE = _table(  # build, change_settings
    ("when", "i4"),  # kind of mail
    ("do", "i4"),  # kind of contact
    ("stars", "i4"),  # bits 1..5, 0 = any
    ("verified", "i4"),  # 1, 0, or -1 = either, as the next two
    ("reviewed", "i4"),
    ("contacted", "i4"),
    ("from_days", "i4"),  # age of the order
    ("to_days", "i4"),
    ("after_days", "i4"),
    ("purse", "i4"),  # which of the strategy's limits it draws on
    ("per_day", "i4"),
    ("budget", "i8"),  # cents in 30 days
    ("tone", "f8"),  # negative = the seller's
    ("refund", "f8"),
    ("forbidden", "i4"),  # 1 = the platform forbids it
    ("found_out", "f8"),  # chance that the platform finds out; 0 where it does not forbid
    ("deactivates", "i4"),  # 1 = whoever is found out is deactivated
    ("above", "f8"),  # odr_above: the rate
    ("state", "i4"),  # state_is
    ("days", "i4"),  # every_days
    ("pause_days", "i4"),
    ("price", "f8"),  # factor on the stated price
    ("on_time", "f8"),  # set_service, as the rest; negative = as it is
    ("slowness", "f8"),
    ("damaged", "f8"),
    ("wrong_item", "f8"),
    ("cancelled", "f8"),
    ("capacity", "i4"),
)
STRATEGY = _table(  # build, change_settings
    ("first", "i4"),  # row of ``lines``
    ("count", "i4"),
    ("reads", "i4"),  # bit of every kind of mail that some line names
    ("code", "i4"),  # 1 = a class in Python reads the mail; its lines only say what is allowed
)
LINE_USE = _table(  # [seller, line of its strategy] act
    ("day", "i4"),
    ("sent", "i4"),  # on that day
    ("month", "i4"),
    ("spent", "i8"),  # cents in that month of 30 days
)
BOOK = _table(  # [date, seller] settle, platform: standing counts by date
    ("orders", "i4"),  # by order date
    ("defects", "i4"),  # by order date
    ("positive", "i4"),  # feedback by posting date
    ("rated", "i4"),
    ("platform_orders", "i4"),  # of the orders, those that the platform fulfils
    ("platform_defects", "i4"),
)
SELLER_DAY = _table(  # [day, seller] everyone: whole numbers, which commute
    ("orders", "i4"),
    ("dispatched", "i4"),
    ("delivered", "i4"),
    ("late", "i4"),
    ("complaints", "i4"),
    ("returns", "i4"),
    ("claims", "i4"),
    ("cancelled", "i4"),
    ("contacts", "i4"),
    ("forbidden", "i4"),  # of those, the ones that the platform forbids
    ("found_out", "i4"),  # of those, the ones that it found out
    ("revenue", "i8"),  # cents
    ("costs", "i8"),  # cents: goods, service, fees, refunds, returns, answers
    ("spent_quality", "i8"),  # cents, parts of the costs: goods beyond those of quality 0
    ("spent_service", "i8"),  # punctual and careful dispatch, answers to complaints
    ("spent_outreach", "i8"),  # what lines of strategies cost: work, money, goods
    ("feedback_1", "i4"),  # posted on the day
    ("feedback_2", "i4"),
    ("feedback_3", "i4"),
    ("feedback_4", "i4"),
    ("feedback_5", "i4"),
    ("judged_service", "i4"),  # orders whose service was first judged on the day
    ("judged_product", "i4"),
    ("felt_service", "i4"),  # sum of private stars
    ("felt_product", "i4"),
    ("window_orders", "i4"),
    ("window_defects", "i4"),
    ("state", "i4"),
    ("queue", "i4"),
    ("platform_orders", "i4"),  # in the window, as the next
    ("platform_defects", "i4"),
    ("offers", "i4"),  # on own and others' listings, unless closed
    ("live_offers", "i4"),  # tomorrow
    ("featured", "i4"),  # tomorrow
)
LISTING_DAY = _table(  # [day, listing]
    ("score", "f8"),
    ("impressions", "i4"),
    ("examined", "i4"),
    ("orders", "i4"),
    ("n_reviews", "i4"),  # standing
    ("position", "i4"),
    ("reviews_1", "u2"),  # posted on the day
    ("reviews_2", "u2"),
    ("reviews_3", "u2"),
    ("reviews_4", "u2"),
    ("reviews_5", "u2"),
    ("tenths", "u1"),  # displayed stars times 10
    ("on_sale", "u1"),  # tomorrow
)
OFFER_DAY = _table(  # [day, slot]: ``offers`` by row, then own offers of the same listings
    ("price", "i4"),  # cents
    ("orders", "i4"),
    ("position", "i4"),  # of the listing; listings in category + 1 when not live
    ("live", "u1"),  # tomorrow
    ("featured", "u1"),  # tomorrow
)
MARKET_DAY = _table(  # [day]
    ("trips", "i4"),
    ("browsing", "i4"),
    ("orders", "i4"),
    ("feedback", "i4"),
    ("reviews", "i4"),
    ("reviews_by_buyers_of_other_things", "i4"),
    ("reviews_by_non_buying_users", "i4"),
    ("changes", "i4"),
    ("deletions", "i4"),
    ("struck", "i4"),
    ("complaints", "i4"),
    ("claims", "i4"),
    ("returns", "i4"),
    ("said_feedback", "i8"),  # sum of stars
    ("said_reviews", "i8"),
)
NOW = _table(  # one row
    ("day", "i4"),
    ("n_orders", "i4"),  # ever; the next id
    ("oldest_order", "i4"),  # oldest id that may still matter
    ("n_posts", "i4"),
    ("n_struck", "i4"),  # posts looked at for strike-through so far
    ("n_trips", "i4"),
    ("n_due", "i4"),
    ("n_baskets", "i4"),
    ("n_encounters", "i4"),
    ("n_drafts", "i4"),
    ("n_revisions", "i4"),
    ("n_mail", "i4"),
    ("n_outbox", "i4"),
    ("n_inbox", "i4"),
    ("n_pending", "i4"),
    ("n_arrivals", "i4"),
    ("n_sellers", "i4"),
    ("n_listings", "i4"),
    ("n_offers", "i4"),
    ("exits", "i4"),  # sellers that closed or left this evening
)
# What a World is made of (see sim/world.py): records of one row, and tables as (dtype, dimensions)
RECORDS = {
    "now": NOW,
    "p": PARAMETERS,  # by flat names, see sim/parameters.py
}
_F8, _I4, _I2, _U8 = (np.dtype(t) for t in ("f8", "i4", "i2", "u8"))
TABLES: dict[str, tuple[np.dtype, int]] = {
    "streams": (_U8, 1),  # [purposes]
    # parameters that are lists
    "cuts": (_F8, 1),  # [4]
    "lateness": (_F8, 2),  # [2, knots]: days, latent loss
    "report_curve": (_F8, 1),  # [5] by felt stars, as the next three
    "complain": (_F8, 1),
    "claim": (_F8, 1),
    "returns": (_F8, 1),
    "depth_cdf": (_F8, 1),  # [MAX_EXAMINED]
    "category_cdf": (_F8, 1),  # [categories]
    "category_price": (_F8, 1),  # [categories], cents
    "weekday": (_F8, 1),  # [7], mean 1
    "segments": (SEGMENT, 1),
    # who there is
    "rate": (_F8, 1),  # [users] trips a day; buyers first
    "users": (USER, 1),
    "memory": (REMEMBERED, 2),  # [users, MEMORY]
    "lines": (LINE, 1),
    "strategies": (STRATEGY, 1),
    "line_use": (LINE_USE, 2),  # [sellers, MOST_LINES]
    "sellers": (SELLER, 1),
    "listings": (LISTING, 1),
    "offers": (OFFER, 1),
    "stock": (_I4, 2),  # [listings, 5] standing reviews by stars
    "recent": (_I4, 2),  # [listings, 16] ids of the last reviews, a ring; -stars = of the past
    # what the search knows since last night
    "attraction": (_F8, 2),  # [segments, listings]
    "ranking": (_I4, 2),  # [categories, listings]
    "n_ranked": (_I4, 1),  # [categories]
    "n_listed": (_I4, 1),  # [categories]: listings of sellers that have not closed
    "fresh": (_I4, 2),  # [categories, listings]: new listings
    "n_fresh": (_I4, 1),
    # what has happened
    "orders": (ORDER, 1),
    "due": (_I2, 1),  # beside orders: next day on which something happens
    "posts": (POST, 1),
    # the day's sets
    "trips": (TRIP, 1),
    "due_today": (_I4, 1),  # rows of orders
    "baskets": (BASKET, 1),
    "encounters": (ENCOUNTER, 1),
    "drafts": (DRAFT, 1),
    "revisions": (REVISION, 1),
    "mail": (MAIL, 1),
    "outbox": (CONTACT, 1),
    # what was settled last night
    "inbox": (MAIL, 1),
    "pending": (CONTACT, 1),  # to be sent later
    "arrivals": (CONTACT, 1),  # sent yesterday
    # records
    "books": (BOOK, 2),  # [dates, sellers]
    "seller_days": (SELLER_DAY, 2),
    "listing_days": (LISTING_DAY, 2),
    "offer_days": (OFFER_DAY, 2),
    "market_days": (MARKET_DAY, 1),
}
