"""Speak and complain: an unhappy customer asks the seller, then claims; some leave posts.

Works on the orders due today; writes those orders, mail to sellers, drafts of posts, and whole
numbers of the day. Posts are planned and written in ``sim/phases/write.py``. Rules: complaints.
"""

import numpy as np

from sim.draws import CHARGEBACK, CLAIMS, COMPLAINS, COMPLAINT_DELAY, RETURNS, normal, uniform
from sim.events import CHARGEBACK as MONEY_BACK
from sim.events import GRANTED, PAID_BY_PLATFORM, REFUSED
from sim.jit import kernel, rule
from sim.phases.common import (
    add_defect,
    give_back,
    give_back_by_rule,
    happens,
    note_trouble,
    order_id,
    record_row,
    refresh_due,
)
from sim.phases.judge import has
from sim.phases.ledger import (
    note_claim_decided,
    note_claim_opened,
    note_complaint,
    note_return,
)
from sim.phases.reward import reward_lift
from sim.phases.write import feedback_day, note_plan, review_day, stars_said, write
from sim.rules.by_platform import platform_pays
from sim.rules.complaints import claim_granted, may_claim, worst_stars
from sim.rules.outreach import lift, messages
from sim.rules.satisfaction import felt_stars
from sim.rules.speaking import delay_days
from sim.state import (
    ANSWERED,
    ARRIVED,
    ASKED_FEEDBACK,
    ASKED_REVIEW,
    BY_CHARGEBACK,
    BY_CLAIM,
    BY_PLATFORM,
    CARE_OVER,
    CLAIM_OPEN,
    COMPLAINED,
    DAMAGED_ITEM,
    DISPUTED,
    FEEDBACK,
    FINE,
    MAIL_CLAIM,
    MAIL_COMPLAINT,
    NEVER,
    NOBODY,
    QUIET,
    RETURNED,
    REVIEW,
    SENT_BACK,
    SETTLED,
    UNANSWERED,
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
    note_trouble(w, row)
    o.care[row] = COMPLAINED
    o.due_care[row] = day + 2 + w.p.claims_answer_days  # what is sent in time has been heard
    w.seller_days.complaints[record, o.seller[row]] += 1
    w.market_days.complaints[record] += 1
    note_complaint(w, row, False)
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
        note_claim_decided(w, row, MONEY_BACK, give_back(w, row, o.price[row], day))
        end_care(w, row, day)
    else:
        o.care[row] = CLAIM_OPEN
        happens(w, row, DISPUTED)
        o.due_care[row] = day + w.p.claims_decision_days
        w.seller_days.claims[record, o.seller[row]] += 1
        w.market_days.claims[record] += 1
        note_claim_opened(w, row)
        send_mail(w, o.key[row], o.seller[row], MAIL_CLAIM, order_id(w, row), NOBODY, 0)


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
        if platform_pays(o.by[row] & BY_PLATFORM != 0, late, o.trouble[row] != FINE):
            note_claim_decided(w, row, PAID_BY_PLATFORM, o.price[row] - o.refunded[row])
            o.refunded[row] = o.price[row]
        else:
            add_defect(w, row, BY_CLAIM)
            note_claim_decided(w, row, GRANTED, give_back_by_rule(w, row, o.price[row], day))
        o.service[row] += w.p.complaining_refund_settles * w.p.complaining_recovery
    else:
        note_claim_decided(w, row, REFUSED, 0)
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
        happens(w, row, UNANSWERED)
        note_complaint(w, row, True)
        escalate(w, row, day, 1.0)
    elif care == CLAIM_OPEN:
        decide_claim(w, row, day)


@rule
def decide_return(w, row, day):
    """A disappointed customer sends the item back, unless money has settled it."""
    o, record = w.orders, record_row(day)
    if not has(w, row, ARRIVED) or has(w, row, RETURNED) or has(w, row, SETTLED):
        return
    if o.refunded[row] >= o.price[row]:
        return
    broken = o.trouble[row] == DAMAGED_ITEM or o.trouble[row] == WRONG
    stars = 1 if broken else felt_stars(o.product[row], w.cuts)
    if uniform(w.streams[RETURNS], o.key[row]) < w.returns[stars - 1]:
        note_trouble(w, row)
        o.marks[row] |= RETURNED
        happens(w, row, SENT_BACK)
        note_return(w, row, give_back_by_rule(w, row, o.price[row], day))
        w.seller_days.returns[record, o.seller[row]] += 1
        w.seller_days.costs[record, o.seller[row]] += int(
            np.rint(100.0 * w.p.costs_return_shipping)
        )
        w.market_days.returns[record] += 1


@rule
def plan_posts(w, row, day):
    """After judging, or when a complaint is over: returns, feedback, review."""
    w.orders.planned_on[row] = day
    decide_return(w, row, day)
    further, before = w.p.responding_further_message, messages(w.orders.asked[row]) - 1
    asked = w.orders.asked[row]
    to_store = lift(asked & ASKED_FEEDBACK != 0, w.p.responding_ask_feedback, further, before)
    to_review = lift(asked & ASKED_REVIEW != 0, w.p.responding_ask_review, further, before)
    to_store = max(to_store, reward_lift(w, row, FEEDBACK, before))
    to_review = max(to_review, reward_lift(w, row, REVIEW, before))
    note_plan(w, row, feedback_day(w, row, day, to_store), review_day(w, row, day, to_review))


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
