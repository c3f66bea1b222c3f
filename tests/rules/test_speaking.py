"""Whether, when and with how many stars people speak."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.config.people import Speaking
from sim.rules.speaking import delay_days, post_day, propensity, reminder_day, said_latent
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
    assert propensity(0.03, 1, 1.0, CURVE) == pytest.approx(0.09)  # three times as ready
    assert propensity(0.03, 4, 2.0, CURVE) == pytest.approx(0.06)
    assert propensity(0.5, 1, 1.0, CURVE) == 1.0
    assert propensity(0.0, 1, 9.0, CURVE) == 0.0


def test_extremes_speak_more_than_the_middle():
    found = [propensity(0.03, stars, 1.0, CURVE) for stars in range(1, 6)]
    assert min(found) == found[2] and found[0] > found[1] > found[2] < found[3] < found[4]


@given(CHANCE, CHANCE, STARS, st.floats(0.0, 20.0), st.floats(0.0, 20.0))
def test_a_louder_voice_never_speaks_less(b1, b2, stars, v1, v2):
    quiet = propensity(min(b1, b2), stars, min(v1, v2), CURVE)
    assert 0.0 <= quiet <= propensity(max(b1, b2), stars, max(v1, v2), CURVE) <= 1.0


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
    assert post_day(u, 0.10, 1.3, day, 25, 3) == due


@given(UNIT, CHANCE, CHANCE, LIFT, LIFT, DAY, DAY, DELAY)
def test_raising_the_chance_never_removes_or_delays_a_post(u, c1, c2, l1, l2, day, reminder, delay):
    before = post_day(u, min(c1, c2), min(l1, l2), day, reminder, delay)
    assert post_day(u, max(c1, c2), max(l1, l2), day, reminder, delay) <= before


@given(UNIT, LIFT, DAY, DAY, DELAY)
def test_certain_posts_are_spontaneous_and_impossible_ones_never_come(u, lift, day, rem, delay):
    assert post_day(u, 1.0, lift, day, rem, delay) == day + delay
    assert post_day(u, 0.0, lift, day, rem, delay) == NEVER


@given(UNIT, CHANCE, LIFT, DAY, DAY, DELAY)
def test_posts_come_after_judging(u, chance, lift, day, reminder, delay):
    assert post_day(u, chance, lift, day, reminder, delay) >= day + delay


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
