"""The order of the day. Nothing else in the market knows it.

Users act on the state of the morning and add to sets; the platform settles the sets in the
evening. So the order in which users and sellers act within their turn changes nothing, and one
agent's step is the same phases on its own rows.
"""

from sim.jit import kernel
from sim.phases.act import act
from sim.phases.afterwards import reveal, undo_after_trouble
from sim.phases.amend import settle_revisions, strike_through
from sim.phases.bought import remove_bought
from sim.phases.come_across import come_across
from sim.phases.common import AT_ONCE, fetch_records
from sim.phases.contacts import settle_contacts
from sim.phases.defaults import leave_defaults
from sim.phases.fulfil import serve_queues, settle_orders
from sim.phases.gates import pass_gates
from sim.phases.judge import judge, receive
from sim.phases.measures import measure
from sim.phases.notice import notice
from sim.phases.offers import feature
from sim.phases.platform import (
    fade,
    judge_accounts,
    price_attraction,
    rank,
    show_stars,
)
from sim.phases.reconsider import reconsider
from sim.phases.record import record
from sim.phases.settle import deliver_mail, settle_posts
from sim.phases.shop import count_looks, shop
from sim.phases.speak import speak


@kernel
def users_turn(w, day):
    """Everyone but the platform, after shopping: buyers, other users, sellers, authors.

    Customers in groups, so that what they touch stays at hand from one phase to the next.
    """
    fetch_records(w, day)
    for first in range(0, w.now.n_due, AT_ONCE):
        last = min(first + AT_ONCE, w.now.n_due)
        receive(w, day, first, last)
        judge(w, day, first, last)
        speak(w, day, first, last)
    come_across(w, day, 0, w.now.n_encounters)
    act(w, day, 0, w.now.n_sellers, 0)
    reconsider(w, day, 0, w.now.n_arrivals)


@kernel
def shop_all(w, day):
    """Search and shop: every trip of today. Apart, as posts may need room afterwards."""
    shop(w, day, 0, w.now.n_trips)


@kernel
def settle_sales(w, day):
    """The evening, first part: orders. Interventions may act before every part."""
    count_looks(w, day)
    fade(w, day)
    settle_orders(w, day)
    serve_queues(w, day)


@kernel
def settle_words(w, day):
    """The evening, second part: posts and revisions."""
    settle_posts(w, day)
    settle_revisions(w, day)


@kernel
def close_day(w, day):
    """The evening, the rest: enforce, show, rank, record."""
    strike_through(w, day)
    reveal(w, day)
    undo_after_trouble(w, day)
    leave_defaults(w, day)
    remove_bought(w, day)
    settle_contacts(w, day)
    notice(w, day)
    deliver_mail(w)
    measure(w, day)
    pass_gates(w, day)
    judge_accounts(w, day)
    show_stars(w, day)
    feature(w, day)
    rank(w, day)
    price_attraction(w)
    record(w, day)
    w.now.n_encounters = 0


@kernel
def platform_shows(w, day):
    """What is shown on the next morning, once more after prices have changed; not recorded."""
    show_stars(w, day)
    feature(w, day)
    rank(w, day)
    price_attraction(w)


@kernel
def platform_opens(w, day):
    """What is shown on a morning after listings have come: as the platform's turn ends."""
    platform_shows(w, day)
    record(w, day)
