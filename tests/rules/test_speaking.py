"""Whether, when and with how many stars people speak."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.config.people import Speaking
from sim.rules.speaking import (
    delay_days,
    post_day,
    propensity,
    reminder_day,
    said_latent,
    stars_met,
)
from sim.state import NEVER

CURVE = np.array(Speaking().report_curve)
UNIT = st.floats(1e-9, 1 - 1e-9)
CHANCE = st.floats(0.0, 1.0)
LIFT = st.floats(1.0, 5.0)
DAY = st.integers(1, 100)
DELAY = st.integers(1, 30)
STARS = st.integers(1, 5)
LATENT = st.floats(-5.0, 5.0)


def test_propensity_by_hand():
    assert propensity(0.03, 1, 1.0, CURVE, 1.0) == pytest.approx(0.105)  # 3.5 times as ready
    assert propensity(0.03, 4, 2.0, CURVE, 1.0) == pytest.approx(0.06)
    assert propensity(0.5, 1, 1.0, CURVE, 1.0) == 1.0
    assert propensity(0.0, 1, 9.0, CURVE, 3.0) == 0.0
    # a prompt that doubles 1 adds a base rate to whatever is there: 3.5 + 1, 1 + 1 and 0.6 + 1
    assert propensity(0.03, 1, 1.0, CURVE, 2.0) == pytest.approx(0.135)
    assert propensity(0.03, 4, 2.0, CURVE, 2.0) == pytest.approx(0.12)
    assert propensity(0.03, 3, 1.0, CURVE, 2.0) == pytest.approx(0.048)
    assert propensity(0.03, 3, 1.0, CURVE, 0.2) == 0.0  # put off, but not below never


def test_extremes_speak_more_than_the_middle():
    found = [propensity(0.03, stars, 1.0, CURVE, 1.0) for stars in range(1, 6)]
    assert min(found) == found[2] and found[0] > found[1] > found[2] < found[3] < found[4]


@given(CHANCE, CHANCE, STARS, st.floats(0.0, 20.0), st.floats(0.0, 20.0), LIFT, LIFT)
def test_a_louder_or_prompted_voice_never_speaks_less(b1, b2, stars, v1, v2, l1, l2):
    quiet = propensity(min(b1, b2), stars, min(v1, v2), CURVE, min(l1, l2))
    loud = propensity(max(b1, b2), stars, max(v1, v2), CURVE, max(l1, l2))
    assert 0.0 <= quiet <= loud <= 1.0


@given(CHANCE, STARS, st.floats(0.0, 20.0))
def test_without_a_prompt_the_curve_multiplies_the_base_rate(base, stars, voice):
    plain = min(1.0, base * CURVE[stars - 1] * voice)
    assert propensity(base, stars, voice, CURVE, 1.0) == plain


@given(st.floats(0.001, 0.02), st.floats(0.1, 2.0), LIFT)
def test_a_prompt_adds_the_same_whatever_was_felt(base, voice, lift):
    """Far from certainty; so who is asked is less extreme than who speaks unasked."""
    alone, asked = (
        [propensity(base, stars, voice, CURVE, x) for stars in range(1, 6)] for x in (1.0, lift)
    )
    added = [b - a for a, b in zip(alone, asked, strict=True)]
    assert added == pytest.approx([base * voice * (lift - 1.0)] * 5)
    assert asked[2] / sum(asked) >= alone[2] / sum(alone) - 1e-12  # the middle comes back
    assert asked[0] / sum(asked) <= alone[0] / sum(alone) + 1e-12


def test_delays_by_hand():
    assert delay_days(0.0, 2.1, 0.85) == 2  # the nearest whole day
    assert delay_days(1.0, 2.1, 0.85) == 5 == round(2.1 * math.exp(0.85))  # 4.91
    assert delay_days(-9.0, 2.1, 0.85) == 1
    assert delay_days(0.0, 0.0, 0.85) == 1


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0.0, 20.0), st.floats(0.0, 1.5))
def test_a_larger_draw_never_posts_sooner(a, b, median, sd):
    soon, late = (delay_days(z, median, sd) for z in sorted((a, b)))
    assert 1 <= soon <= late


@pytest.mark.parametrize(("promised", "day"), [(12, 14), (30, 32), (99, 32)])
def test_the_reminder_follows_promise_or_order_whichever_is_earlier(promised, day):
    assert reminder_day(10, promised, 2, 22) == day


@pytest.mark.parametrize(
    ("u", "day", "due"),
    [
        (0.09, 20, 23),  # of its own accord, three days after judging
        (0.10, 20, 28),
        (0.12, 20, 28),  # only after the reminder of day 25
        (0.12, 27, 30),  # judged after the reminder
        (0.13, 20, NEVER),
    ],
)
def test_posting_by_hand(u, day, due):
    assert post_day(u, 0.10, 0.13, day, 25, 3) == due


@given(UNIT, CHANCE, CHANCE, CHANCE, CHANCE, DAY, DAY, DELAY)
def test_raising_the_chance_never_removes_or_delays_a_post(u, c1, c2, r1, r2, day, reminder, delay):
    before = post_day(u, min(c1, c2), min(r1, r2), day, reminder, delay)
    assert post_day(u, max(c1, c2), max(r1, r2), day, reminder, delay) <= before


@given(UNIT, DAY, DAY, DELAY)
def test_certain_posts_are_spontaneous_and_impossible_ones_never_come(u, day, rem, delay):
    assert post_day(u, 1.0, 1.0, day, rem, delay) == day + delay
    assert post_day(u, 0.0, 0.0, day, rem, delay) == NEVER


@given(UNIT, CHANCE, CHANCE, DAY, DAY, DELAY)
def test_posts_come_after_judging(u, chance, reminded, day, reminder, delay):
    assert post_day(u, chance, reminded, day, reminder, delay) >= day + delay


def test_stars_met_by_hand():
    assert stars_met(4.5, 2.0, 0.5) == 3.25
    assert stars_met(4.5, 2.0, 0.0) == 4.5  # only what is displayed
    assert stars_met(4.5, 2.0, 1.0) == 2.0  # only the newest
    assert stars_met(4.5, 0.0, 1.0) == 4.5  # none of them stands
    assert stars_met(0.0, 2.0, 1.0) == 0.0  # nothing displayed, nothing pulls


@given(st.floats(1.0, 5.0), st.floats(1.0, 5.0), st.floats(1.0, 5.0), CHANCE)
def test_better_reviews_on_the_page_never_pull_down(displayed, n1, n2, nearby):
    low, high = (stars_met(displayed, n, nearby) for n in sorted((n1, n2)))
    assert 1.0 - 1e-9 <= low <= high <= 5.0 + 1e-9


def test_what_is_said_by_hand():
    # felt 3 stars, 4.5 displayed, a tenth of the way at 2 a star: 1.0 + .3 - .2 + .1 * 2 * 1.5
    assert said_latent(1.0, 0.3, -0.2, 4.5, 3, 0.1, 2.0) == pytest.approx(1.4)


@given(LATENT, LATENT, LATENT, STARS, CHANCE)
def test_with_nothing_displayed_or_no_conformity_opinion_does_not_pull(
    latent, leniency, noise, felt, conformity
):
    alone = pytest.approx(latent + leniency + noise)
    assert said_latent(latent, leniency, noise, 0.0, felt, conformity, 1.0) == alone
    assert said_latent(latent, leniency, noise, 4.9, felt, 0.0, 1.0) == alone


@given(LATENT, st.floats(1.0, 5.0), STARS, CHANCE)
def test_opinion_pulls_toward_what_is_displayed(latent, shown, felt, conformity):
    pull = said_latent(latent, 0.0, 0.0, shown, felt, conformity, 1.0) - latent
    assert pull * (shown - felt) >= -1e-12
    assert abs(pull) <= abs(shown - felt) + 1e-9


@given(LATENT, LATENT, LATENT, LATENT, LATENT, LATENT)
def test_the_happier_and_the_more_lenient_never_say_less(l1, l2, e1, e2, n1, n2):
    less = said_latent(min(l1, l2), min(e1, e2), min(n1, n2), 4.0, 4, 0.2, 1.0)
    assert less <= said_latent(max(l1, l2), max(e1, e2), max(n1, n2), 4.0, 4, 0.2, 1.0)
