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
DUE_BLOCK = 1024
"""Orders of which one number says when the next of them is due."""
TRIPS_IN_VIEW = 64
"""Trips of which the examined listings are in view at once."""
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
# What may be said of an order, bits of ``happened``, as OrderMark in sim/config/health.py
(LOW_RATING, CLAIM, CHARGED_BACK, WAS_CANCELLED, REFUNDED, SENT_BACK, SHIPPED_LATE, ARRIVED_LATE,
 UNTRACKED, UNANSWERED, DISPUTED) = (1 << k for k in range(11))  # fmt: skip
# Kinds of measures; what is summed over ratings, as Rated there
OF_ORDERS, OF_RATINGS, OF_CONDUCT, OF_MEASURES = range(4)
(
    RATED_STARS,
    RATED_GOOD,
    RATED_POINTS,
    RATED_DESCRIBED,
    RATED_SERVICE,
    RATED_SHIPPING,
    RATED_VOLUME,
) = range(7)
# Who does what about an order, bits of ``by``
BY_PLATFORM = 1  # stored, packed and shipped by the platform
HELD = 2  # its price is held back by the platform
# Stages of a complaint
QUIET, WILL_COMPLAIN, COMPLAINED, CLAIM_OPEN, CARE_OVER = range(5)
# Standing of a post
STANDING, CHANGED, DELETED, STRUCK_THROUGH, HIDDEN, REMOVED = range(6)
# What its author has added to it, and the rating that the platform leaves for a silent customer
NO_FOLLOW_UP, SOFTENED, WORSENED = range(3)
NO_DEFAULT, DEFAULT_STANDS, DEFAULT_GONE = range(3)
# What a seller sends (``kind`` of a contact): its care's answer, and the acts of strategies; from
# SET_SERVICE on, all but REWARD are orders to its own store, or to those who sell reviews
(ANSWER, APOLOGISE, THANK, ASK_FEEDBACK, ASK_REVIEW, ASK_BOTH, REFUND, REPLACE, ASK_CHANGE,
 REPLY_PUBLIC, REQUEST_REMOVAL, SET_SERVICE, SET_PRICE, PAUSE, REWARD,
 BUY_REVIEWS) = range(16)  # fmt: skip
# What it reads (``kind`` of mail): one kind for every event that a line of a strategy may name;
# the last four are no mail, the seller looks at its own store
(MAIL_COMPLAINT, MAIL_FEEDBACK, MAIL_REVIEW, MAIL_CLAIM, MAIL_SHIPPED, MAIL_DELIVERED,
 MAIL_PROMISE_PASSED, ODR_ABOVE, STATE_IS, EVERY_DAYS, ON_DAY) = range(11)  # fmt: skip
# What a seller has written about an order, bits of ``asked``: requests that were heard; four bits
# that count messages; a request sent; an apology that came before the customer judged
ASKED_FEEDBACK, ASKED_REVIEW, ONE_MESSAGE, REQUESTED, FORGIVEN = 1, 2, 4, 64, 128
MOST_MESSAGES = 15
# Whether a user takes messages (``opted_out``): sellers learn in the evening who opts out today
OPTED_OUT, OPTS_OUT_TODAY = 1, 2
MOST_LINES = 50
# What a platform does as a penalty (``do``), in the order of ``sim.config.health.PenaltyKind``
(PUT_AT_RISK, DEACTIVATE, CLOSE, ADD_POINTS, HIDE, DELIST, REMOVE, EXPOSE, CHARGE, HOLD_PAYOUT,
 PAY_REFUNDS, UNFEATURE, LOWER_POLICY_SCORE, WIPE_REVIEWS, BLOCK_REVIEWS) = range(15)  # fmt: skip
# Arrows that an intervention has frozen, bits of ``frozen``, as Arrow in sim/config/intervention.py
(SALES_TO_RANK, STARS_TO_RANK, COUNT_TO_RANK, POSITION_TO_DEMAND, STARS_TO_DEMAND, COUNT_TO_DEMAND,
 LOW_STARS_TO_DEMAND, STORE_TO_DEMAND, ODR_TO_ACCOUNT) = (1 << k for k in range(9))  # fmt: skip
ANYWHERE = -1
"""In place of a forced position: another one every evening."""
# What is decided about an account tonight (``sentence``)
NO_SENTENCE, TO_DEACTIVATE, TO_CLOSE = range(3)


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
    ("shown", "i4"),  # the offer that shoppers see: the featured one or, without it, the next
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
    ("removed", "i4"),  # 1 = the platform has taken it off sale for good
    ("refunds_until", "i4"),  # last day on which its seller pays all refunds of it
    ("exposure", "f8"),  # added to its score by gates; log of a factor
    ("by_platform", "i4"),  # 1 = what its own seller sells is shipped by the platform
    ("own_live", "i4"),  # 1 = its own seller's offer can be bought tomorrow
    ("first_offer", "i4"),  # row of ``offers``; NOBODY = nobody else sells it
    ("offer", "i4"),  # the featured one: row of ``offers``, OWN or NO_OFFER
    ("own_slot", "i4"),  # of its own offer in ``offer_days``; NOBODY = nobody else sells it
    ("forced", "i4"),  # position that an intervention keeps it at, or ANYWHERE; 0 = none
)
FROZEN = _table(  # interventions: what readers of a listing see of it where an arrow is frozen
    ("velocity", "f8"),
    ("examined", "f8"),
    ("weight", "f8"),
    ("weighted_stars", "f8"),
    ("ranked_reviews", "i4"),  # number of reviews, for the ranking
    ("n_reviews", "i4"),  # ... for shoppers, as the rest
    ("stars", "f8"),
    ("low", "f8"),  # share of low stars on its page
    ("score", "f8"),  # of the store; -1 = none
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
    ("sentence", "i4"),  # what penalties of today do to the account tonight
    ("at_risk", "i4"),  # 1 = a gate puts it at risk tonight
    ("points", "f8"),  # penalty points of the calendar year
    ("points_year", "i4"),  # that year, 0 = the first
    ("hidden_until", "i4"),  # last day on which the platform keeps its listings off sale
    ("held_until", "i4"),  # last day whose revenue is held back
    ("refunds_until", "i4"),  # last day on which it pays all refunds
    ("unfeatured_until", "i4"),  # last day on which none of its offers is featured
    ("no_featured", "i4"),  # 1 = that is so tomorrow
    ("to_wipe", "i4"),  # 1 = the reviews of its listings are removed tonight
    ("reviews_blocked", "i4"),  # 1 = its listings take no new reviews
    ("exposure", "f8"),  # added to its listings' scores; log of a factor
    ("withheld", "i8"),  # cents held back and not paid yet
    ("capacity", "i4"),  # orders a day, -1 = no limit
    ("queue_head", "i4"),  # order ids; NOBODY = empty
    ("queue_tail", "i4"),
    ("queue", "i4"),  # orders waiting
    ("slowness", "f8"),  # multiplies handling and transit days
    ("on_time", "f8"),
    ("damaged", "f8"),
    ("wrong_item", "f8"),
    ("cancelled", "f8"),
    ("tracked", "f8"),  # share of orders sent with a tracking number that works
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
    ("window_orders", "i4"),  # orders with dates in [window_first, window_last], always up to date
    ("window_defects", "i4"),
    ("platform_orders", "i4"),  # of those, the ones that the platform fulfilled
    ("platform_defects", "i4"),
    ("by_platform", "i4"),  # 1 = the platform fulfils some of its offers
    ("barred", "i4"),  # 1 = deactivated for forbidden outreach: nothing stays on sale
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
    ("reward", "i4"),  # cents that the buyer has heard will be paid for a post, 0 = none or paid
    ("service", "f4"),  # latent satisfaction with service
    ("product", "f4"),  # latent satisfaction with the product
    ("lateness", "f4"),  # latent satisfaction with service that lateness cost
    ("happened", "u2"),  # marks that measures look at
    ("seen_count", "u2"),  # reviews displayed when ordering, at most 65535
    ("placed", "i2"),
    ("promised", "i2"),
    ("dispatched", "i2"),
    ("delivered", "i2"),
    ("due_receive", "i2"),  # delivery; before it, when a waiting customer judges
    ("due_care", "i2"),
    ("due_feedback", "i2"),
    ("due_review", "i2"),
    ("due_default", "i2"),  # the platform leaves a rating if none has come
    ("defaulted_on", "i2"),  # when it did, NEVER = it did not
    ("judged_on", "i2"),
    ("planned_on", "i2"),  # when it was last decided what to post
    ("seen_stars", "u1"),  # tenths of a star displayed when ordering
    ("seen_position", "u1"),
    ("trouble", "u1"),
    ("marks", "u1"),
    ("defect", "u1"),
    ("care", "u1"),  # stage of the complaint
    ("asked", "u1"),  # what the seller has written about it
    ("default", "u1"),  # the platform's own rating: none, standing, gone
    ("by", "u1"),  # who does what about it
)
POST = _table(  # settle, platform. Row = id
    ("key", "u8"),
    ("author", "i4"),  # NOBODY = bought: nobody of this market wrote it
    ("order", "i4"),  # id, or NOBODY
    ("listing", "i4"),
    ("seller", "i4"),
    ("previous", "i4"),  # the author's post before, or NOBODY
    ("price", "i4"),  # cents, of its order; 0 = no order
    ("posted", "i2"),
    ("changed", "i2"),  # day of the last change or deletion, NEVER = none
    ("shown_on", "i2"),  # day from which it is read and counts
    ("due_strike", "i2"),  # feedback: struck through; bought reviews: removed
    ("order_day", "i2"),  # NEVER = no order
    ("channel", "u1"),
    ("stars", "u1"),
    ("first_stars", "u1"),
    ("status", "u1"),
    ("verified", "u1"),
    ("product_only", "u1"),  # 1 = speaks of nothing but the product
    ("replied", "u1"),  # 1 = the seller has replied in public
    ("asked", "u1"),  # 1 = a message of the seller about it has reached the author
    ("follow_up", "u1"),  # what the author has added: nothing, softer or harsher words
    ("folded", "u1"),  # 1 = the platform has put it out of sight; it counts
    ("changes", "u2"),  # by the author, deletions among them
    ("described", "u1"),  # stars given with it for the product, 0 = none, as the next two
    ("served", "u1"),  # ... for service without its lateness
    ("shipped", "u1"),  # ... for lateness alone
    ("tallied", "u1"),  # 1 = counts in the platform's measures
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
VIEWER = _table(  # shop: one of the trips at hand
    ("trip", "u8"),  # birth keys, as the next
    ("user", "u8"),
    ("row", "i4"),  # of the user
    ("segment", "i4"),
    ("voice", "f4"),
    ("ranked", "i4"),  # so many of what it examines are the first results
    ("bought", "i4"),  # listing, or NOBODY
)
LOOKED = _table(  # shop: trips of today by category and by how far down the results they went
    ("pages", "i4"),  # so many pages opened
    ("depth", "i4"),  # so many results examined as they are ranked
)
ENCOUNTER = _table(  # shop
    ("user", "i4"),
    ("listing", "i4"),
    ("trip", "u8"),  # key of the trip
)
DRAFT = _table(  # speak, come across; settled in order of key
    ("key", "u8"),
    ("author", "i4"),
    ("order", "i4"),
    ("listing", "i4"),
    ("seller", "i4"),
    ("channel", "i4"),
    ("stars", "i4"),
    ("product_only", "i4"),  # 1 = speaks of nothing but the product
    ("cause", "u8"),  # event that led to it, where no order did
)
REVISION = _table(  # reconsider
    ("key", "u8"),
    ("post", "i4"),
    ("stars", "i4"),  # 0 = delete; below, a follow-up
)
TROUBLE = _table(("key", "u8"), ("order", "i4"))  # speak: a complaint, claim or return today
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
    ("reward", "i4"),  # cents promised for a post
)
LINE = _table(  # build, change_settings
    ("when", "i4"),  # kind of mail
    ("do", "i4"),  # kind of contact
    ("for_reviews", "i4"),  # 1 = written for reviews; read of ratings where they are both
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
    ("kind", "i4"),  # of outreach, a row of ``verdicts``; NOBODY = none
    ("wrong_forbidden", "i4"),  # these three of requests to remove what is not about the product
    ("wrong_found_out", "f8"),
    ("wrong_kind", "i4"),
    ("above", "f8"),  # odr_above: the rate
    ("state", "i4"),  # state_is
    ("days", "i4"),  # every_days
    ("day", "i4"),  # on_day
    ("reward", "i4"),  # cents promised for a post
    ("reviews", "i4"),  # bought at once
    ("review_price", "i4"),  # cents for each
    ("review_stars", "i4"),
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
MEASURED = _table(("value", "f8"), ("part", "i8"), ("whole", "i8"))  # measures; value NaN = none
MEASURE = _table(  # build
    ("kind", "i4"),  # of orders, of ratings, of conduct, of other measures
    ("product", "i4"),  # 1 = of every listing, 0 = of every store
    ("marks", "i4"),  # bits of ``happened``, one of which is enough
    ("rated", "i4"),  # what is summed over ratings
    ("higher", "i4"),  # 1 = higher is better
    ("window_days", "i4"),
    ("lag_days", "i4"),
    ("min_count", "i4"),
    ("spared", "i4"),  # orders with a mark that are passed over
    ("defaults", "i4"),  # 1 = ratings left for the silent count
    ("pair_month_max", "i4"),  # of one customer in a calendar month, 0 = all
    (
        "pair_item_days",
        "i4",
    ),  # days in which a customer's good ratings of a listing are one, 0 = no
    ("min_price", "i4"),  # cents
    ("start", "f8"),  # of a score of conduct, as the next three
    ("most", "f8"),
    ("gain", "f8"),
    ("gain_orders", "i4"),
    ("first_part", "i4"),  # row of ``mix_parts``
    ("n_parts", "i4"),
    ("first_step", "i4"),  # row of ``steps``
    ("n_steps", "i4"),
)
MIX_PART = _table(  # build
    ("measure", "i4"),
    ("weight", "f8"),
    ("ranked", "i4"),  # 1 = taken as the rank among peers, from ``worst`` to ``best``
    ("worst", "f8"),
    ("best", "f8"),
)
STEP = _table(("rank", "f8"), ("value", "f8"))  # build: value shown from this rank on
TALLY = _table(("part", "i4"), ("whole", "i4"))  # everyone: whole numbers, which commute
STANDING_DAY = _table(  # measures; gates write ``breached``
    ("value", "f8"),
    ("part", "i8"),
    ("whole", "i8"),
    ("breached", "i8"),  # 1 = a gate on it was breached that evening
)
PENALTY = _table(  # build
    ("do", "i4"),  # HIDE and the like
    ("amount", "f8"),  # points; log of a factor; cents
    ("days", "i4"),  # 0 = none stated
    ("first_time", "i4"),
    ("last_time", "i4"),
)
GATE = _table(  # build
    ("measure", "i4"),  # column of ``standing`` and ``product_standing``
    ("of_products", "i4"),  # 1 = looks at listings, 0 = at sellers
    ("above", "i4"),  # 1 = breached above the limit, 0 = below
    ("limit", "f8"),
    ("at_least", "i8"),  # orders or ratings
    ("marked_at_least", "i8"),  # of those, with a mark
    ("z", "f8"),  # normal quantile of the bound that must exceed the limit, 0 = plain value
    ("first_also", "i4"),  # row of ``further_limits``
    ("n_also", "i4"),
    ("every_days", "i4"),
    ("harms", "i4"),  # 1 = what follows is no advantage
    ("first", "i4"),  # row of ``penalties``
    ("count", "i4"),
)
FURTHER_LIMIT = _table(  # build: what must hold besides for a gate to be breached
    ("measure", "i4"),
    ("above", "i4"),
    ("limit", "f8"),
)
VERDICT = _table(("first", "i4"), ("count", "i4"))  # build; rows of ``penalties``
POINTS_STEP = _table(("at", "f8"), ("first", "i4"), ("count", "i4"))  # build; as in VERDICT
GATED = _table(  # gates
    ("breached", "i4"),  # 1 = it was so at the last look
    ("times", "i4"),  # crossings in that year
    ("year", "i4"),  # calendar year of the last crossing
)
OFFENCE = _table(("times", "i4"), ("year", "i4"))  # punish: times found out in that year
BOOK = _table(  # [date, seller] settle, platform: standing counts by date
    ("orders", "i4"),  # by order date
    ("defects", "i4"),  # by order date
    ("positive", "i4"),  # feedback by posting date
    ("rated", "i4"),
    ("platform_orders", "i4"),  # of the orders, those that the platform fulfils
    ("platform_defects", "i4"),
)
SHOWN = _table(  # [date, listing] settle, platform: reviews in display by posting date; row 0 = all
    ("verified", "i4"),
    ("verified_stars", "i4"),  # sum of their stars
    ("others", "i4"),
    ("others_stars", "i4"),
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
    ("forbidden", "i4"),  # of those, and of bought reviews, the ones that the platform forbids
    ("found_out", "i4"),  # of those, the ones that it found out
    ("revenue", "i8"),  # cents
    ("costs", "i8"),  # cents: goods, service, fees, refunds, returns, answers
    ("spent_quality", "i8"),  # cents, parts of the costs: goods beyond those of quality 0
    ("spent_service", "i8"),  # punctual and careful dispatch, answers to complaints
    ("spent_outreach", "i8"),  # what lines of strategies cost: work, money, goods
    ("fines", "i8"),  # cents, part of the costs
    ("withheld", "i8"),  # cents of the day's revenue that are held back
    ("points", "f8"),  # penalty points that evening
    ("feedback_1", "i4"),  # posted on the day
    ("feedback_2", "i4"),
    ("feedback_3", "i4"),
    ("feedback_4", "i4"),
    ("feedback_5", "i4"),
    ("defaults", "i4"),  # left by the platform
    ("judged_service", "i4"),  # orders whose service was first judged on the day
    ("judged_product", "i4"),
    ("felt_service", "i4"),  # sum of private stars
    ("felt_product", "i4"),
    ("window_orders", "i4"),
    ("window_defects", "i4"),
    ("state", "i4"),
    ("queue", "i4"),
    ("breaches", "i4"),  # limits of the platform beyond which it or one of its products stood
    ("score", "f8"),  # as shoppers see it tomorrow; -1 = none yet
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
    ("follow_ups", "i4"),
    ("defaults", "i4"),
    ("bought", "i4"),  # reviews that sellers bought
    ("removed", "i4"),  # bought reviews that the platform found and deleted
    ("complaints", "i4"),
    ("claims", "i4"),
    ("returns", "i4"),
    ("said_feedback", "i8"),  # sum of stars
    ("said_reviews", "i8"),
)
EVENT = _table(  # everyone, where a ledger is kept: what has happened today (see sim/events.py)
    ("id", "u8"),
    ("cause", "u8"),  # id of the event that caused it, or NO_EVENT
    ("order", "u8"),  # key; 0 = none, as the next two
    ("post", "u8"),
    ("prompted", "u8"),  # id of the message without which the post had not been planned
    ("value", "f8"),  # NaN = none, as the next two
    ("service", "f8"),  # latent satisfaction
    ("product", "f8"),
    ("day", "i4"),  # of dispatch it may lie ahead
    ("user", "i4"),  # NOBODY = none, as the next two
    ("seller", "i4"),
    ("listing", "i4"),
    ("shown_stars", "i4"),  # tenths; negative = none, as the next two
    ("shown_count", "i4"),
    ("position", "i4"),
    ("until", "i4"),  # a day; NEVER = none
    ("shown", "i4"),  # listings on opened pages; negative = none
    ("look", "i4"),  # row of ``looks``, or NOBODY
    ("what", "i2"),
    ("kind", "u1"),
    ("channel", "i1"),  # negative = none
    ("stars", "u1"),  # 0 = none, as the next four
    ("stars_before", "u1"),
    ("described", "u1"),
    ("served", "u1"),
    ("shipped", "u1"),
    ("verified", "i1"),  # negative = not said
)
TRAIL = _table(  # whoever acts on an order, where a ledger is kept; row = that of the order
    ("last", "u8"),  # last event of the order that its customer noticed
    ("feedback_by", "u8"),  # message without which the feedback had not been planned
    ("review_by", "u8"),
)
SELLER_TRAIL = _table(  # the same of a seller
    ("worse", "u8"),  # last event that spoke against it: a defect, an act found out
    ("state", "u8"),  # its last change of state
    ("set", "u8"),  # last time its strategy set something
)
LOG = _table(  # one row
    ("on", "i4"),  # 1 = a ledger is kept
    ("n_events", "i4"),
    ("n_looks", "i4"),
    ("lost", "i4"),  # events for which there was no room: a defect
)
NOW = _table(  # one row
    ("day", "i4"),
    ("n_orders", "i4"),  # ever; the next id
    ("oldest_order", "i4"),  # oldest id that may still matter
    ("n_posts", "i4"),
    ("window_first", "i4"),  # the platform's window of order dates last night
    ("window_last", "i4"),
    ("n_struck", "i4"),  # posts looked at for strike-through so far
    ("first_bought", "i4"),  # 1 + id of the first bought review, 0 = none was bought
    ("n_trips", "i4"),
    ("n_due", "i4"),
    ("n_baskets", "i4"),
    ("n_encounters", "i4"),
    ("n_drafts", "i4"),
    ("n_revisions", "i4"),
    ("n_troubles", "i4"),
    ("n_hidden", "i4"),
    ("n_mail", "i4"),
    ("n_outbox", "i4"),
    ("n_inbox", "i4"),
    ("n_pending", "i4"),
    ("n_arrivals", "i4"),
    ("n_sellers", "i4"),
    ("n_listings", "i4"),
    ("n_offers", "i4"),
    ("exits", "i4"),  # sellers that closed or left this evening
    ("frozen", "i4"),  # arrows that an intervention has frozen, bits
)
# What a World is made of (see sim/world.py): records of one row, and tables as (dtype, dimensions)
RECORDS = {
    "now": NOW,
    "p": PARAMETERS,  # by flat names, see sim/parameters.py
    "log": LOG,
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
    "measures": (MEASURE, 1),
    "mix_parts": (MIX_PART, 1),
    "steps": (STEP, 1),
    "standing": (MEASURED, 2),  # [sellers, measures]
    "product_standing": (MEASURED, 2),  # [listings, measures]
    "lost_points": (_F8, 2),  # [dates, sellers]: points of conduct lost to violations
    "penalties": (PENALTY, 1),
    "gates": (GATE, 1),
    "further_limits": (FURTHER_LIMIT, 1),
    "verdicts": (VERDICT, 1),  # [kinds of outreach]
    "points_steps": (POINTS_STEP, 1),
    "seller_gates": (GATED, 2),  # [sellers, gates]
    "product_gates": (GATED, 2),  # [listings, gates]
    "offences": (OFFENCE, 2),  # [sellers, kinds of outreach]
    "exposures": (_I4, 2),  # [sellers, penalties] last day of each; none where none is exposure
    "product_exposures": (_I4, 2),  # [listings, penalties]
    "sellers": (SELLER, 1),
    "listings": (LISTING, 1),
    "frozen": (FROZEN, 1),  # beside listings
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
    "due_blocks": (_I2, 1),  # [orders / DUE_BLOCK] no order of the block is due before this day
    "posts": (POST, 1),
    "hidden": (_I4, 1),  # posts to be shown, or struck through after a late showing
    # the day's sets
    "trips": (TRIP, 1),
    "due_today": (_I4, 1),  # rows of orders
    "shelf": (_I4, 2),  # [categories, MAX_EXAMINED] first results this morning, or NOBODY
    "looked": (LOOKED, 2),  # [categories, 1 + MAX_EXAMINED]
    "in_view": (
        _I4,
        1,
    ),  # listings in view of the trips at hand; means nothing afterwards, as the next
    "viewers": (VIEWER, 1),  # [TRIPS_IN_VIEW] who looks
    "view_by": (_I4, 1),  # [in view] row of ``viewers``
    "view_keys": (_U8, 2),  # [3, in view]: of trip, user, listing
    "view_sellers": (_I4, 1),  # [in view] who sells
    "view_draws": (_F8, 2),  # [5, in view]: luck, taste, tells of it unbought, attraction, soonest
    "baskets": (BASKET, 1),
    "encounters": (ENCOUNTER, 1),
    "drafts": (DRAFT, 1),
    "revisions": (REVISION, 1),
    "troubles": (TROUBLE, 1),
    "mail": (MAIL, 1),
    "outbox": (CONTACT, 1),
    # what was settled last night
    "inbox": (MAIL, 1),
    "pending": (CONTACT, 1),  # to be sent later
    "arrivals": (CONTACT, 1),  # sent yesterday
    # records
    "books": (BOOK, 2),  # [dates, sellers]
    "shown": (SHOWN, 2),  # [1 + dates, listings]; no rows where reviews never leave the display
    "seller_days": (SELLER_DAY, 2),
    "listing_days": (LISTING_DAY, 2),
    "tallies": (TALLY, 2),  # [dates, sellers x measures] by date of the order or the rating
    "product_tallies": (TALLY, 2),  # [dates, listings x measures]
    "standing_days": (STANDING_DAY, 2),  # [days, sellers x measures]
    "product_standing_days": (STANDING_DAY, 2),  # [days, listings x measures]
    "offer_days": (OFFER_DAY, 2),
    "market_days": (MARKET_DAY, 1),
    # the ledger; one row each where none is kept
    "events": (EVENT, 1),
    "looks": (_I4, 2),  # [trips of today, MAX_EXAMINED]: listings examined, or NOBODY
    "trails": (TRAIL, 1),  # beside orders
    "seller_trails": (SELLER_TRAIL, 1),
}
LEDGER = ("log", "events", "looks", "trails", "seller_trails")
"""Tables that say nothing about the market, only about what is noted of it."""
