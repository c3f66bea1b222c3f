"""Authors reconsider what reached them by yesterday evening: answers and apologies.

Writes the author's own order, and revisions that the platform settles tonight. Rules: complaints,
reconsidering, editing, follow_ups.
"""

from sim.draws import DELETES as DELETES_PURPOSE
from sim.draws import OPTS_OUT, REMEMBERS, SETTLES, WON_OVER, uniform
from sim.events import WAS_FORGIVEN, WAS_SETTLED
from sim.jit import kernel, rule
from sim.phases.common import order_row, refresh_due
from sim.phases.judge import has, remember_store, store_felt
from sim.phases.ledger import note_calmed, note_heard, note_opt_out, note_prompted
from sim.phases.promise import hear_reward
from sim.phases.ratings import one_channel
from sim.phases.revising import (
    HARSHER_WORDS,
    LOUDER,
    SOFTER_WORDS,
    follow_up_verdict,
    offered,
    revise,
    stars_after,
    stars_put_off,
)
from sim.phases.speak import end_care, escalate
from sim.phases.write import feedback_day, note_plan, review_day
from sim.rules.complaints import answered_well
from sim.rules.editing import ALLOWED
from sim.rules.follow_ups import ALLOWED as MAY_FOLLOW_UP
from sim.rules.outreach import clumsiness, lift, messages, won_over
from sim.rules.reconsidering import CHANGES, DELETES, WORSE, reaction
from sim.rules.satisfaction import felt_stars
from sim.state import (
    ANSWER,
    ANSWERED,
    APOLOGISE,
    ARRIVED,
    ASK_BOTH,
    ASK_CHANGE,
    ASK_FEEDBACK,
    ASK_REVIEW,
    ASKED_FEEDBACK,
    ASKED_REVIEW,
    CARE_OVER,
    CLAIM_OPEN,
    COMPLAINED,
    FEEDBACK,
    FORGIVEN,
    JUDGED,
    MOST_MESSAGES,
    NEVER,
    NOBODY,
    ONE_MESSAGE,
    OPTS_OUT_TODAY,
    QUIET,
    REFUND,
    REPLACE,
    REVIEWED,
    REWARD,
    SETTLED,
    THANK,
)


@rule
def days_to_answer(w, i, day):
    """Days from when the seller could read of it (the day after) to when it wrote (yesterday)."""
    return day - 1 - (w.arrivals.about[i] + 1)


@rule
def money_in(w, i):
    """Share of the price that comes with arrival i; a new item is worth all of it."""
    return 1.0 if w.arrivals.kind[i] == REPLACE else w.arrivals.refund[i]


@rule
def is_over(w, row):
    """Is no complaint open or on its way, so that posts may be planned?"""
    return w.orders.care[row] == QUIET or w.orders.care[row] == CARE_OVER


@rule
def be_settled(w, row, seller, refund, day):
    """A complaint is settled: satisfaction comes back, and what is left is said in public."""
    o = w.orders
    o.marks[row] |= SETTLED
    o.service[row] += w.p.complaining_recovery
    if has(w, row, ARRIVED):
        o.product[row] += refund * w.p.complaining_recovery
    felt = felt_stars(store_felt(w, row), w.cuts)
    remember_store(w, o.buyer[row], seller, felt, day)
    end_care(w, row, day)


@kernel
def hear_answer(w, i, day):
    """Words, money or goods about an order: a complaint is settled or taken further.

    Who has neither judged nor complained yet may forgive a part of the lateness.
    """
    a, o = w.arrivals, w.orders
    row = order_row(w, a.order[i])
    if row < 0:
        return
    refund = money_in(w, i)
    chance = answered_well(
        a.tone[i],
        refund,
        days_to_answer(w, i, day),
        w.p.complaining_tone_settles,
        w.p.complaining_refund_settles,
        w.p.reconsidering_half_life_days,
    )
    settled = uniform(w.streams[SETTLES], o.key[row]) < chance
    if o.care[row] == COMPLAINED:
        o.marks[row] |= ANSWERED
        note_heard(w, i, row)
        if settled:
            note_calmed(w, i, row, WAS_SETTLED)
            be_settled(w, row, a.seller[i], refund, day)
        else:
            escalate(w, row, day, w.p.complaining_claim_if_refused)
    elif o.care[row] == CLAIM_OPEN:
        o.marks[row] |= ANSWERED  # too late to settle it, but the platform sees the answer
    elif settled and o.care[row] == QUIET and not has(w, row, JUDGED):
        o.asked[row] |= FORGIVEN  # told before there was a reason to ask
        note_calmed(w, i, row, WAS_FORGIVEN)
    refresh_due(w, row)


@kernel
def reconsidered(w, i, day):
    """Stars that arrival i makes its author give: 1..5, 0 = delete, -1 = leave it as it is.

    LOUDER where it was clumsy and no star may be taken away; SOFTER_WORDS or HARSHER_WORDS where
    the stars may not be changed and a follow-up may be added.
    """
    a = w.arrivals
    post, user = a.post[i], a.user[i]
    before = messages_before(w, order_row(w, a.order[i]))
    words = 0.0
    if a.kind[i] == APOLOGISE:
        words = w.p.reconsidering_apology
    elif a.kind[i] == ASK_CHANGE:
        words = w.p.reconsidering_ask_change
    effect = won_over(words, w.p.reconsidering_money, money_in(w, i))
    better = stars_after(w, post, a.kind[i] != ASK_CHANGE)
    change = offered(w, post, user, day, better) == ALLOWED
    adds = not change and follow_up_verdict(w, post, user, day) == MAY_FOLLOW_UP
    outcome = reaction(
        uniform(w.streams[WON_OVER], a.key[i]),
        effect * w.p.responding_further_message**before,
        days_to_answer(w, i, day),
        w.p.reconsidering_half_life_days,
        clumsiness(w.p.reconsidering_clumsy_share, a.tone[i]),
        uniform(w.streams[DELETES_PURPOSE], a.key[i]),
        w.p.reconsidering_delete_share,
        change or adds,
        offered(w, post, user, day, 0) == ALLOWED,
    )
    if outcome == CHANGES:
        return better if change else SOFTER_WORDS
    if outcome == DELETES:
        return 0
    if outcome == WORSE:
        return stars_put_off(w, post, user, day) if change else HARSHER_WORDS
    return -1


@rule
def messages_before(w, row):
    """Messages about an order that its customer had before, as far as it is still known."""
    return messages(w.orders.asked[row]) if row >= 0 else 0


@kernel
def count_message(w, i):
    """The customer has had one more message about the order, and may want no more at all."""
    a, o = w.arrivals, w.orders
    row = order_row(w, a.order[i])
    if row >= 0 and messages(o.asked[row]) < MOST_MESSAGES:
        o.asked[row] += ONE_MESSAGE
    leaves = uniform(w.streams[OPTS_OUT], a.key[i]) < w.p.responding_opt_out
    if leaves and w.users.opted_out[a.user[i]] == 0:
        w.users.opted_out[a.user[i]] = OPTS_OUT_TODAY
        note_opt_out(w, i)


@kernel
def hear_request(w, i, day):
    """A request for feedback, a review or both: who was too silent to write may write now."""
    a, o = w.arrivals, w.orders
    row = order_row(w, a.order[i])
    if row < 0:
        return
    # While a complaint is open nothing is planned; its end looks at what was asked for.
    open_minded, kind, before = is_over(w, row), a.kind[i], messages_before(w, row)
    if one_channel(w):  # whatever is asked for, it is the rating
        kind = ASK_FEEDBACK
    further = w.p.responding_further_message
    feedback_due, review_due = o.due_feedback[row], o.due_review[row]
    if kind == ASK_FEEDBACK or kind == ASK_BOTH:
        o.asked[row] |= ASKED_FEEDBACK
        factor = lift(True, w.p.responding_ask_feedback, further, before)
        if feedback_due == NEVER and open_minded and has(w, row, JUDGED):
            feedback_due = feedback_day(w, row, day, factor)
    if kind == ASK_REVIEW or kind == ASK_BOTH:
        o.asked[row] |= ASKED_REVIEW
        factor = lift(True, w.p.responding_ask_review, further, before)
        if review_due == NEVER and open_minded and has(w, row, ARRIVED):
            review_due = review_day(w, row, day, factor)
    before, review_before = o.due_feedback[row], o.due_review[row]
    note_plan(w, row, feedback_due, review_due)
    note_prompted(w, i, row, before, review_before)
    refresh_due(w, row)


@kernel
def hear_thanks(w, i, day):
    """Thanks: a customer may write after all, and may remember the store as if served today."""
    a, o = w.arrivals, w.orders
    row = order_row(w, a.order[i])
    if row < 0:
        return
    before = messages_before(w, row)
    factor = lift(True, w.p.responding_thank_posting, w.p.responding_further_message, before)
    open_minded = is_over(w, row) and has(w, row, ARRIVED) and factor > 1.0
    feedback_before, review_before = o.due_feedback[row], o.due_review[row]
    if one_channel(w):
        if o.due_feedback[row] == NEVER and open_minded:
            note_plan(w, row, feedback_day(w, row, day, factor), NEVER)
            refresh_due(w, row)
    elif o.due_review[row] == NEVER and open_minded:
        note_plan(w, row, o.due_feedback[row], review_day(w, row, day, factor))
        refresh_due(w, row)
    note_prompted(w, i, row, feedback_before, review_before)
    comes_to_mind = uniform(w.streams[REMEMBERS], a.key[i]) < w.p.responding_thank_return
    if comes_to_mind and has(w, row, JUDGED):
        felt = felt_stars(store_felt(w, row), w.cuts)
        remember_store(w, o.buyer[row], a.seller[i], felt, day)


@kernel
def complain_louder(w, i, day):
    """A clumsy message about feedback with one star left to lose: its author reviews too."""
    a, o = w.arrivals, w.orders
    row = order_row(w, a.order[i])
    feedback = w.posts.channel[a.post[i]] == FEEDBACK and not one_channel(w)
    if row >= 0 and feedback and has(w, row, ARRIVED) and not has(w, row, REVIEWED):
        o.due_review[row] = day + 1
        note_prompted(w, i, row, o.due_feedback[row], NEVER)
        refresh_due(w, row)


@kernel
def asks_to_think_again(w, i):
    """Is this message about a post, and more than thanks or a request to write?"""
    kind = w.arrivals.kind[i]
    mends = kind == APOLOGISE or kind == REFUND or kind == REPLACE
    return w.arrivals.post[i] != NOBODY and (mends or kind == ASK_CHANGE)


@kernel
def think_again(w, i):
    """The author has read what the seller has to say about the post."""
    w.posts.asked[w.arrivals.post[i]] = 1


@kernel
def answer_in_words(w, i, day, words):
    """What an author says in place of other stars, if anything."""
    if words == LOUDER:
        complain_louder(w, i, day)
    elif words == SOFTER_WORDS or words == HARSHER_WORDS:
        revise(w, w.arrivals.key[i], w.arrivals.post[i], words)


@kernel
def hear(w, i, day):
    """What one message does to the customer whom it reached."""
    kind, post = w.arrivals.kind[i], w.arrivals.post[i]
    if asks_to_think_again(w, i):
        think_again(w, i)
        stars = reconsidered(w, i, day)
        if stars >= 0:
            revise(w, w.arrivals.key[i], post, stars)
        else:
            answer_in_words(w, i, day, stars)
    elif ASK_FEEDBACK <= kind <= ASK_BOTH:
        hear_request(w, i, day)
    elif kind == THANK:
        hear_thanks(w, i, day)
    elif kind == REWARD:
        row = order_row(w, w.arrivals.order[i])
        if row >= 0:
            before, review_before = w.orders.due_feedback[row], w.orders.due_review[row]
            hear_reward(w, row, w.arrivals.reward[i], day, is_over(w, row))
            note_prompted(w, i, row, before, review_before)
    else:
        hear_answer(w, i, day)
    if kind != ANSWER and not (kind == REPLACE and post == NOBODY):  # those an order needs
        count_message(w, i)


@kernel
def reconsider(w, day, lo, hi):
    """Arrivals [lo, hi) of yesterday evening: answers are heard, apologies weighed."""
    for i in range(lo, hi):
        if w.users.own_mind[w.arrivals.user[i]] == 0:
            hear(w, i, day)
