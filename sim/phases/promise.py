"""The promise of a reward reaches a customer, who may plan a post after all. Rules: rewards."""

from sim.jit import kernel
from sim.phases.common import refresh_due
from sim.phases.judge import has
from sim.phases.reward import reward_lift, rewarded_channel
from sim.phases.write import feedback_day, note_plan, review_day
from sim.rules.outreach import messages
from sim.state import ARRIVED, FED_BACK, FEEDBACK, JUDGED, NEVER, REVIEW, REVIEWED


@kernel
def hear_reward(w, row, cents, day, open_minded):
    """Who has not written yet keeps the promise in mind, and may write now.

    ``open_minded``: no complaint is open; its end looks at what was promised. Of several promises
    the largest counts.
    """
    o, channel = w.orders, rewarded_channel(w)
    if has(w, row, REVIEWED if channel == REVIEW else FED_BACK):
        return
    o.reward[row] = max(o.reward[row], cents)
    factor = reward_lift(w, row, channel, messages(o.asked[row]))
    feedback_due, review_due = o.due_feedback[row], o.due_review[row]
    if channel == FEEDBACK and feedback_due == NEVER and open_minded and has(w, row, JUDGED):
        feedback_due = feedback_day(w, row, day, factor)
    if channel == REVIEW and review_due == NEVER and open_minded and has(w, row, ARRIVED):
        review_due = review_day(w, row, day, factor)
    note_plan(w, row, feedback_due, review_due)
    refresh_due(w, row)
