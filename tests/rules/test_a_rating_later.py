"""What becomes of a rating: changed by class and count, followed up, shown late, by default."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import follow_ups
from sim.rules.defaults import (
    ALWAYS,
    CLEAN_DELIVERY,
    IF_SELLER_RATED,
    NO_DEFAULTS,
    leaves_default,
)
from sim.rules.editing import (
    ALLOWED,
    CHANGED_ENOUGH,
    NOT_ASKED,
    NOT_SHOWN,
    NOT_TO_THAT,
    STAYS,
    may_become,
)
from sim.rules.follow_ups import low_weight, may_follow_up
from sim.rules.reveal import shown_from
from sim.state import NEVER, NO_FOLLOW_UP, SOFTENED, WORSENED

DAY = st.integers(-50, 200)
DAYS = st.integers(0, 100)
STARS = st.integers(1, 5)


# --- changing and deleting -----------------------------------------------------------------------


def become(
    stars=2, wanted=5, hidden=False, asked=True, changes=0, up_to=3, to_from=4, most=1, after=False
):
    return may_become(stars, wanted, hidden, asked, changes, up_to, to_from, most, after)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, ALLOWED),
        ({"wanted": 0}, ALLOWED),
        ({"stars": 3}, ALLOWED),
        ({"stars": 4}, STAYS),  # a good one stays
        ({"stars": 4, "wanted": 0}, STAYS),
        ({"wanted": 4}, ALLOWED),
        ({"wanted": 3}, NOT_TO_THAT),
        ({"changes": 1}, CHANGED_ENOUGH),  # once
        ({"changes": 1, "wanted": 0}, CHANGED_ENOUGH),
        ({"most": 0, "wanted": 0}, CHANGED_ENOUGH),
        ({"after": True, "asked": False}, NOT_ASKED),
        ({"after": True, "asked": False, "wanted": 0}, ALLOWED),  # to delete nobody needs to ask
        ({"after": True}, ALLOWED),
        ({"hidden": True}, NOT_SHOWN),
        ({"hidden": True, "wanted": 0}, ALLOWED),
    ],
)
def test_what_a_post_may_become(case, expected):
    assert become(**case) == expected


@given(STARS, st.integers(0, 5), st.booleans(), st.integers(0, 9))
def test_where_nothing_is_stated_every_post_may_become_anything(stars, wanted, asked, changes):
    assert become(stars, wanted, False, asked, changes, 5, 1, 10_000) == ALLOWED


@given(STARS, STARS, STARS)
def test_deleting_is_allowed_wherever_some_change_is(stars, wanted, up_to):
    if become(stars, wanted, up_to=up_to) == ALLOWED:
        assert become(stars, 0, up_to=up_to) == ALLOWED


# --- follow-ups ----------------------------------------------------------------------------------


def follow(user=1, author=1, on_show=True, already=False, day=20, ended=10, days=30):
    return may_follow_up(user, author, on_show, already, day, ended, days)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, follow_ups.ALLOWED),
        ({"user": 2}, follow_ups.NOT_THE_AUTHOR),
        ({"days": 0, "day": 10}, follow_ups.NOT_OFFERED),
        ({"on_show": False}, follow_ups.NO_RATING),
        ({"already": True}, follow_ups.ONE_ONLY),
        ({"day": 40}, follow_ups.ALLOWED),
        ({"day": 41}, follow_ups.TOO_LATE),
        ({"ended": NEVER}, follow_ups.ALLOWED),  # under way
    ],
)
def test_who_may_add_what_when(case, expected):
    assert follow(**case) == expected


@pytest.mark.parametrize(
    ("stars", "replied", "words", "weight"),
    [
        (2, False, NO_FOLLOW_UP, 1.0),
        (2, True, NO_FOLLOW_UP, 0.8),
        (2, False, SOFTENED, 0.5),
        (2, True, SOFTENED, 0.4),
        (2, False, WORSENED, 1.0),
        (3, False, NO_FOLLOW_UP, 0.0),
        (5, False, SOFTENED, 0.0),
        (5, False, WORSENED, 1.0),  # good, and then bad words
    ],
)
def test_what_a_page_makes_of_it(stars, replied, words, weight):
    assert low_weight(stars, replied, 0.2, words, 0.5) == pytest.approx(weight)


def test_every_refusal_has_words_of_its_own():
    assert len(set(follow_ups.REFUSALS)) == len(follow_ups.REFUSALS) == 6


# --- the end of an order, and defaults -----------------------------------------------------------


def default(when=ALWAYS, rates=True, troubled=False, tracked=True, on_time=True, fine=True):
    return leaves_default(when, rates, troubled, tracked, on_time, fine)


@pytest.mark.parametrize(
    ("case", "left"),
    [
        ({"when": NO_DEFAULTS}, False),
        ({}, True),
        ({"rates": False, "tracked": False, "on_time": False, "fine": False}, True),
        ({"troubled": True}, False),
        ({"when": IF_SELLER_RATED}, True),
        ({"when": IF_SELLER_RATED, "rates": False}, False),  # both silent: no rating
        ({"when": IF_SELLER_RATED, "troubled": True}, False),
        ({"when": CLEAN_DELIVERY, "rates": False}, True),
        ({"when": CLEAN_DELIVERY, "tracked": False}, False),
        ({"when": CLEAN_DELIVERY, "on_time": False}, False),
        ({"when": CLEAN_DELIVERY, "fine": False}, False),
        ({"when": CLEAN_DELIVERY, "troubled": True}, False),
    ],
)
def test_when_the_platform_rates_for_the_silent(case, left):
    assert default(**case) == left


# --- when a rating is shown ----------------------------------------------------------------------


def shown(day=10, moderation=0, blind=True, good=True, rates=True, closes=25, bad_after=2):
    return shown_from(day, moderation, blind, good, rates, closes, bad_after)


@pytest.mark.parametrize(
    ("case", "day"),
    [
        ({"blind": False}, 10),
        ({"blind": False, "moderation": 3}, 13),
        ({}, 10),  # good, and the seller has rated
        ({"rates": False}, 25),  # good, alone: when the form has closed
        ({"good": False}, 12),  # bad, both have rated
        ({"good": False, "rates": False}, 27),
        ({"good": False, "moderation": 5}, 15),  # whichever is later
        ({"rates": False, "day": 30}, 30),
        ({"rates": False, "closes": NEVER}, NEVER),
        ({"rates": False, "good": False, "closes": NEVER}, NEVER),
    ],
)
def test_the_day_from_which_it_is_shown(case, day):
    assert shown(**case) == day


@given(DAY, DAYS, st.booleans(), st.booleans(), st.booleans(), DAY, DAYS)
def test_nothing_is_shown_before_it_is_left_and_no_bad_one_before_a_good_one(
    day, moderation, blind, good, rates, closes, after
):
    when = shown(day, moderation, blind, good, rates, closes, after)
    assert when >= day + moderation
    assert shown(day, moderation, blind, True, rates, closes, after) <= when
    assert shown(day, moderation, blind, good, True, closes, after) <= when
