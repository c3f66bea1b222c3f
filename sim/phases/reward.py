"""Rewards: a promise of money for a post is heard, moves who posts and how kindly, and is paid.

Rewarded are reviews; where one rating serves store and listing, that rating. Rules: rewards,
outreach.
"""

from sim.jit import kernel, rule
from sim.phases.common import order_row, record_row
from sim.rules.outreach import lift
from sim.rules.rewards import reach, reward_effect
from sim.state import FEEDBACK, REVIEW


@rule
def rewarded_channel(w):
    """The channel whose posts rewards are for."""
    return REVIEW if w.p.channels == 2 else FEEDBACK


@rule
def reached(w, row, channel):
    """How far the promise that a buyer has heard goes in a channel, 0..1; 0 = no promise."""
    if w.orders.reward[row] <= 0 or channel != rewarded_channel(w):
        return 0.0
    return reach(w.orders.reward[row], w.p.responding_reward_scale)


@rule
def reward_lift(w, row, channel, before):
    """What the promise does to the propensity to post, after so many other messages."""
    effect = reward_effect(w.p.responding_reward, reached(w, row, channel))
    return lift(effect > 1.0, effect, w.p.responding_further_message, before)


@rule
def kinder(w, row, channel):
    """Latent units by which a post that a reward was promised for is kinder."""
    return w.p.responding_reward_kindness * reached(w, row, channel)


@kernel
def pay_reward(w, post, day):
    """What was promised for this post is paid, once."""
    row = order_row(w, w.posts.order[post])
    if row >= 0 and w.posts.channel[post] == rewarded_channel(w) and w.orders.reward[row] > 0:
        seller, record, cents = w.orders.seller[row], record_row(day), w.orders.reward[row]
        w.seller_days.costs[record, seller] += cents
        w.seller_days.spent_outreach[record, seller] += cents
        w.orders.reward[row] = 0
