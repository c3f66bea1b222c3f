"""Speak and complain: an unhappy customer asks the seller, then claims; some leave posts.

Works on the orders due today; writes those orders, mail to sellers, drafts of posts, and whole
numbers of the day. Rules: complaints, speaking, feedback.
"""

from sim.draws import (
    CHARGEBACK,
    CLAIMS,
    COMPLAINS,
    COMPLAINT_DELAY,
    FEEDBACK_DELAY,
    FEEDBACK_NOISE,
    FEEDBACK_POSTED,
    PRODUCT_ONLY,
    RETURNS,
    REVIEW_DELAY,
    REVIEW_NOISE,
    REVIEW_POSTED,
    join,
    logistic_noise,
    normal,
    uniform,
)
from sim.jit import kernel, rule
from sim.phases.common import add_defect, give_back, order_id, record_row, refresh_due
from sim.phases.judge import has, store_felt
from sim.rules.complaints import claim_granted, may_claim, worst_stars
from sim.rules.feedback import is_negative
from sim.rules.satisfaction import felt_stars
from sim.rules.speaking import delay_days, post_day, propensity, reminder_day, said_latent
from sim.state import (
    ANSWERED,
    ARRIVED,
    BY_CHARGEBACK,
    BY_CLAIM,
    CARE_OVER,
    CLAIM_OPEN,
    COMPLAINED,
    DAMAGED_ITEM,
    FED_BACK,
    FEEDBACK,
    FINE,
    MAIL_COMPLAINT,
    NEVER,
    NOBODY,
    QUIET,
    RETURNED,
    REVIEW,
    REVIEWED,
    SETTLED,
    WILL_COMPLAIN,
    WRONG,
)


@rule
def severity(w, row):
    """Felt stars 1..5 of the worse of service and product."""
    service = felt_stars(w.orders.service[row], w.cuts)
    return worst_stars(service, felt_stars(w.orders.product[row], w.cuts), has(w, row, ARRIVED))


@rule
def decide_complaint(w, row, day):
    """Once per order: will the customer ask the seller to put it right, and when?"""
    o = w.orders
    if uniform(w.streams[COMPLAINS], o.key[row]) < w.complain[severity(w, row) - 1]:
        z = normal(w.streams[COMPLAINT_DELAY], o.key[row])
        o.care[row] = WILL_COMPLAIN
        o.due_care[row] = day + delay_days(z, w.p.complaining_delay_days, 0.5) - 1


@rule
def send_mail(w, key, seller, kind, order, post, stars):
    """Append to what the seller reads tomorrow."""
    n = w.now.n_mail
    w.mail.key[n] = key
    w.mail.seller[n] = seller
    w.mail.kind[n] = kind
    w.mail.order[n] = order
    w.mail.post[n] = post
    w.mail.stars[n] = stars
    w.now.n_mail = n + 1


@rule
def complain(w, row, day):
    """The complaint goes to the seller, who may answer until the platform's deadline."""
    o, record = w.orders, record_row(day)
    o.care[row] = COMPLAINED
    o.due_care[row] = day + 1 + w.p.claims_answer_days
    w.seller_days.complaints[record, o.seller[row]] += 1
    w.market_days.complaints[record] += 1
    send_mail(w, o.key[row], o.seller[row], MAIL_COMPLAINT, order_id(w, row), NOBODY, 0)


@rule
def escalate(w, row, day, share):
    """An unsettled complaint becomes a claim or chargeback with ``share`` of the usual chance."""
    o, record = w.orders, record_row(day)
    o.due_care[row] = NEVER
    chance = share * w.claim[severity(w, row) - 1]
    open_still = may_claim(day, o.promised[row], w.p.claims_window_days)
    if not open_still or uniform(w.streams[CLAIMS], o.key[row]) >= chance:
        end_care(w, row, day)
    elif uniform(w.streams[CHARGEBACK], o.key[row]) < w.p.claims_chargeback_share:
        add_defect(w, row, BY_CHARGEBACK)
        give_back(w, row, o.price[row], day)
        end_care(w, row, day)
    else:
        o.care[row] = CLAIM_OPEN
        o.due_care[row] = day + w.p.claims_decision_days
        w.seller_days.claims[record, o.seller[row]] += 1
        w.market_days.claims[record] += 1


@rule
def decide_claim(w, row, day):
    """The platform decides the claim by its rule; granted, it is a defect and a refund."""
    o = w.orders
    arrived = has(w, row, ARRIVED)
    late = o.delivered[row] > o.promised[row] if arrived else day > o.promised[row]
    if claim_granted(
        has(w, row, ANSWERED),
        o.refunded[row] >= o.price[row],
        late or o.trouble[row] != FINE,
        w.p.claims_granted_unanswered != 0,
    ):
        add_defect(w, row, BY_CLAIM)
        give_back(w, row, o.price[row], day)
    end_care(w, row, day)


@rule
def end_care(w, row, day):
    """Complaint over, one way or another: what is left is said in public."""
    w.orders.care[row] = CARE_OVER
    w.orders.due_care[row] = NEVER
    plan_posts(w, row, day)


@rule
def advance_care(w, row, day):
    """The next step of a complaint is due today."""
    care = w.orders.care[row]
    if care == WILL_COMPLAIN:
        complain(w, row, day)
    elif care == COMPLAINED:
        escalate(w, row, day, 1.0)
    elif care == CLAIM_OPEN:
        decide_claim(w, row, day)


@rule
def decide_return(w, row, day):
    """A disappointed customer sends the item back, unless money has settled it."""
    o, record = w.orders, record_row(day)
    if not has(w, row, ARRIVED) or has(w, row, RETURNED) or has(w, row, SETTLED):
        return
    broken = o.trouble[row] == DAMAGED_ITEM or o.trouble[row] == WRONG
    stars = 1 if broken else felt_stars(o.product[row], w.cuts)
    if uniform(w.streams[RETURNS], o.key[row]) < w.returns[stars - 1]:
        o.marks[row] |= RETURNED
        give_back(w, row, o.price[row], day)
        w.seller_days.returns[record, o.seller[row]] += 1
        w.seller_days.costs[record, o.seller[row]] += int(100.0 * w.p.costs_return_shipping)
        w.market_days.returns[record] += 1


@rule
def feedback_day(w, row, day):
    """Day on which feedback will be left if nothing more happens, or NEVER."""
    o = w.orders
    stars = felt_stars(store_felt(w, row), w.cuts)
    voice = w.users.voice[o.buyer[row]]
    chance = propensity(w.p.feedback_leave_rate, stars, voice, w.report_curve)
    if w.p.speaking_everyone_posts != 0:
        chance = 1.0
    z = normal(w.streams[FEEDBACK_DELAY], o.key[row])
    due = post_day(
        uniform(w.streams[FEEDBACK_POSTED], o.key[row]),
        chance,
        w.p.feedback_reminder_lift,
        day,
        reminder_day(
            o.placed[row],
            o.promised[row],
            w.p.feedback_reminder_after_promise_days,
            w.p.feedback_reminder_after_order_days,
        ),
        delay_days(z, w.p.speaking_feedback_delay_days, w.p.speaking_feedback_delay_sd),
    )
    due = max(due, o.placed[row] + w.p.feedback_opens_after_days)
    return due if due <= o.placed[row] + w.p.feedback_window_days else NEVER


@rule
def review_day(w, row, day):
    """Day on which the buyer will review the listing, or NEVER; only of what has arrived.

    Nobody reviews an order older than the market keeps orders.
    """
    o = w.orders
    if not has(w, row, ARRIVED):
        return NEVER
    stars = felt_stars(o.product[row], w.cuts)
    voice = w.users.voice[o.buyer[row]]
    chance = propensity(w.p.reviews_leave_rate, stars, voice, w.report_curve)
    if w.p.speaking_everyone_posts != 0:
        chance = 1.0
    z = normal(w.streams[REVIEW_DELAY], o.key[row])
    delay = delay_days(z, w.p.speaking_review_delay_days, w.p.speaking_review_delay_sd)
    due = post_day(uniform(w.streams[REVIEW_POSTED], o.key[row]), chance, 1.0, day, day, delay)
    return due if due <= o.placed[row] + w.p.kept_days else NEVER


@rule
def note_plan(w, row, feedback_due, review_due):
    """Write when posts are due; what was planned before is kept unless it is called off."""
    o = w.orders
    if not has(w, row, FED_BACK):
        kept = feedback_due != NEVER and o.due_feedback[row] != NEVER
        o.due_feedback[row] = min(feedback_due, o.due_feedback[row]) if kept else feedback_due
    if not has(w, row, REVIEWED):
        kept = review_due != NEVER and o.due_review[row] != NEVER
        o.due_review[row] = min(review_due, o.due_review[row]) if kept else review_due


@rule
def plan_posts(w, row, day):
    """After judging, or when a complaint is over: returns, feedback, review."""
    w.orders.planned_on[row] = day
    decide_return(w, row, day)
    note_plan(w, row, feedback_day(w, row, day), review_day(w, row, day))


@kernel
def stars_said(w, row, channel):
    """Stars 1..5 that the buyer gives in a channel, from satisfaction, leniency and opinion."""
    o = w.orders
    latent = store_felt(w, row) if channel == FEEDBACK else o.product[row]
    purpose = FEEDBACK_NOISE if channel == FEEDBACK else REVIEW_NOISE
    noise = w.p.speaking_noise * logistic_noise(uniform(w.streams[purpose], o.key[row]))
    shown = w.listings.stars[o.listing[row]] if channel == REVIEW else 0.0
    user = o.buyer[row]
    said = said_latent(
        latent,
        w.users.leniency[user],
        noise,
        shown,
        felt_stars(latent, w.cuts),
        w.users.conformity[user],
        w.p.speaking_latent_per_star,
    )
    return felt_stars(said, w.cuts)


@kernel
def post_key(key, channel):
    """Birth key of a first post: what it is about, and the channel."""
    return join(key, channel)


@kernel
def draft(w, key, author, order, listing, seller, channel, stars, product_only):
    """Append a post to be settled by the platform tonight."""
    n = w.now.n_drafts
    w.drafts.key[n] = key
    w.drafts.author[n] = author
    w.drafts.order[n] = order
    w.drafts.listing[n] = listing
    w.drafts.seller[n] = seller
    w.drafts.channel[n] = channel
    w.drafts.stars[n] = stars
    w.drafts.product_only[n] = product_only
    w.now.n_drafts = n + 1


@kernel
def write(w, row, channel, stars):
    """The buyer writes feedback or a review with these stars today."""
    o = w.orders
    key = post_key(o.key[row], channel)
    product_only = 0
    if channel == FEEDBACK:
        o.marks[row] |= FED_BACK
        o.due_feedback[row] = NEVER
        service_fine = felt_stars(o.service[row], w.cuts) >= 4
        only = uniform(w.streams[PRODUCT_ONLY], key) < w.p.feedback_product_only_share
        negative = is_negative(stars, w.p.feedback_negative_up_to)
        product_only = 1 if service_fine and only and negative else 0
    else:
        o.marks[row] |= REVIEWED
        o.due_review[row] = NEVER
    draft(
        w,
        key,
        o.buyer[row],
        order_id(w, row),
        o.listing[row],
        o.seller[row],
        channel,
        stars,
        product_only,
    )


@kernel
def care_for(w, row, day):
    """The first half of speaking: complain, claim, or (nothing to complain of) plan posts."""
    o = w.orders
    if o.judged_on[row] == day:
        if o.care[row] == QUIET:
            decide_complaint(w, row, day)
        if o.care[row] == QUIET or o.care[row] == CARE_OVER:
            plan_posts(w, row, day)
    if o.due_care[row] == day:
        advance_care(w, row, day)


@kernel
def speak(w, day, lo, hi):
    """Rows [lo, hi) of today's due orders: complaints, claims, returns, feedback, reviews."""
    o = w.orders
    for i in range(lo, hi):
        row = w.due_today[i]
        if w.users.own_mind[o.buyer[row]] == 0:
            care_for(w, row, day)
            if o.due_feedback[row] == day:
                write(w, row, FEEDBACK, stars_said(w, row, FEEDBACK))
            if o.due_review[row] == day:
                write(w, row, REVIEW, stars_said(w, row, REVIEW))
            refresh_due(w, row)
