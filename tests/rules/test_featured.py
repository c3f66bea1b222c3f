"""The featured offer: what is live, who may be featured, and a race by price and defect rate."""

import math

import numpy as np
import pytest

from sim.draws import join, uniform
from sim.rules.by_platform import about_delivery, platform_pays
from sim.rules.featured import MOST_OVER_LIMIT, is_live, log_time, log_weight, may_be_featured
from sim.state import AT_RISK, CLOSED, DEACTIVATED, HEALTHY, LEFT

STREAM = np.uint64(0x1234567890ABCDEF)


@pytest.mark.parametrize("state", [HEALTHY, AT_RISK, DEACTIVATED, CLOSED, LEFT])
def test_what_the_seller_ships_is_live_while_it_sells(state):
    selling = state in (HEALTHY, AT_RISK)
    assert is_live(state, 4, 5, False, True, False) == selling
    assert not is_live(state, 5, 5, False, True, False)  # its own pause


def test_what_the_platform_ships_may_outlive_a_deactivation_and_nothing_else():
    assert is_live(DEACTIVATED, 4, 5, True, True, False)
    assert not is_live(DEACTIVATED, 4, 5, True, False, False)  # where the platform stops it too
    assert not is_live(DEACTIVATED, 4, 5, True, True, True)  # forbidden outreach
    assert not is_live(DEACTIVATED, 5, 5, True, True, False)  # a pause
    assert not is_live(CLOSED, 4, 5, True, True, False)
    assert not is_live(LEFT, 4, 5, True, True, False)
    assert is_live(HEALTHY, 4, 5, True, False, False)


def test_who_may_be_featured():
    assert may_be_featured(HEALTHY, False, False)
    assert may_be_featured(AT_RISK, False, True)
    assert not may_be_featured(AT_RISK, False, False)
    assert not may_be_featured(HEALTHY, True, True)


def test_a_weight_by_hand():
    assert log_weight(20.0, 0.005, 0.01, 8.0, 2.0) == pytest.approx(-8.0 * math.log(20.0) - 1.0)
    assert log_weight(20.0, 0.0, 0.01, 0.0, 2.0) == 0.0


def test_a_rate_counts_until_it_is_so_many_times_the_limit():
    most = MOST_OVER_LIMIT * 0.01
    weights = [log_weight(1.0, odr, 0.01, 8.0, 1.0) for odr in (0.0, most / 2, most, 1.0)]
    assert weights[0] > weights[1] > weights[2] == weights[3] == -MOST_OVER_LIMIT
    assert log_weight(1.0, 0.5, 0.0, 8.0, 1.0) == -MOST_OVER_LIMIT  # a limit of nothing


def won(weights, days=8000):
    """Share of days on which each of some offers has the smallest time."""
    wins = np.zeros(len(weights))
    for day in range(days):
        keys = [np.uint64(join(np.uint64(k), day)) for k in range(len(weights))]
        times = [
            log_time(uniform(STREAM, key), weight)
            for key, weight in zip(keys, weights, strict=True)
        ]
        wins[np.argmin(times)] += 1
    return wins / days


def test_an_offer_is_featured_in_proportion_to_its_rate():
    """Two offers: 10 % dearer at weight 8 wins 1 / (1 + 1.1^8) of the days."""
    cheap, dear = (log_weight(price, 0.0, 0.01, 8.0, 1.0) for price in (20.0, 22.0))
    share = 1.0 / (1.0 + 1.1**8)
    assert won([cheap, dear])[1] == pytest.approx(share, abs=4 * math.sqrt(share / 8000))


def test_rates_beyond_numbers_still_race():
    assert log_time(0.5, log_weight(1e8, 0.0, 0.01, 100.0, 1.0)) > log_time(0.5, -1000.0)


def test_what_is_about_delivery():
    negative, unhappy, liked = True, 2, 4
    assert about_delivery(negative, unhappy, liked, True, True, False)  # late
    assert about_delivery(negative, unhappy, liked, True, False, True)  # broken
    assert about_delivery(negative, unhappy, 0, False, True, False)  # still waiting
    assert not about_delivery(False, unhappy, liked, True, True, False)
    assert not about_delivery(negative, 4, liked, True, True, False)
    assert not about_delivery(negative, unhappy, 3, True, True, True)  # of the product too
    assert not about_delivery(negative, unhappy, liked, True, False, False)  # of something else


def test_who_pays_a_granted_claim():
    assert platform_pays(True, True, False) and platform_pays(True, False, True)
    assert not platform_pays(True, False, False)
    assert not platform_pays(False, True, True)
