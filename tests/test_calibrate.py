"""Calibration: what a fit finds, and known parameters found again."""

from __future__ import annotations

from pathlib import Path

import markets  # noqa: F401 - compiles once
import numpy as np
import pytest
from fake_moments import Linear, linear

from experiments.calibration.command import calibrated, problem_of, run_calibration
from experiments.calibration.config import load_calibration
from experiments.calibration.evaluate import Evaluator, Moments, moments_at
from experiments.calibration.fit import CannotStart, Problem, damped_step, fit, without_luck
from experiments.calibration.identified import Direction, identify, sandwich
from experiments.calibration.report import _in_words, outside

# --- the fit ---------------------------------------------------------------------------------

MATRIX = ((3.0, 0.5, 0.0), (0.0, 2.0, -1.0), (1.0, 0.0, 4.0), (1.0, 1.0, 1.0))
TRUTH = np.array([0.3, 0.6, 0.45])


def problem(targets, n=3, start=0.9, low=0.0, high=1.0) -> Problem:
    """Bands of half-width 0.1 about the targets."""
    m = len(targets)
    ends = np.full(n, low), np.full(n, high)
    return Problem(np.asarray(targets), np.full(m, 0.1), *ends, np.full(n, start))


def fitted(plan: Linear, wanted: Problem, workers: int = 1, seeds: int = 4, steps: int = 8):
    return fit(wanted, Evaluator(linear, plan, range(1, seeds + 1), workers), steps)


def test_a_linear_market_is_found_exactly():
    found = fitted(Linear(MATRIX), problem(np.array(MATRIX) @ TRUTH))
    assert found.after == pytest.approx(TRUTH, abs=1e-3)
    assert found.stopped.startswith("moments are within") and len(found.steps) <= 2
    known = identify(found)
    assert all(i.identified and not i.at_bound for i in known.intervals)
    assert not known.directions and not known.alone
    for interval, truth in zip(known.intervals, TRUTH, strict=True):
        assert interval.low < truth < interval.high


def test_intervals_are_those_of_the_textbook():
    """With as many moments as parameters errors are J^-1 V J^-T; V is 1 / 1.96^2 without luck."""
    matrix = ((2.0, 0.0), (1.0, 4.0))
    found = fitted(Linear(matrix), problem(np.array(matrix) @ [0.4, 0.5], n=2))
    inverse = np.linalg.inv(np.array(matrix) / 0.1)
    wide = np.sqrt(np.diag(inverse @ inverse.T))
    for value, interval, half in zip(found.after, identify(found).intervals, wide, strict=True):
        assert (interval.high - value, value - interval.low) == pytest.approx((half, half), 1e-6)


def test_two_parameters_of_which_only_the_sum_matters_are_named():
    matrix = ((2.0, 2.0, 0.0), (0.0, 0.0, 3.0), (1.0, 1.0, 1.0))
    found = fitted(Linear(matrix), problem(np.array(matrix) @ TRUTH))
    known = identify(found)
    (direction,) = known.directions
    assert {j for j, _ in direction.parts} == {0, 1}
    assert direction.parts[0][1] == pytest.approx(-direction.parts[1][1], abs=1e-6)
    assert [pair[:2] for pair in known.pairs] == [(0, 1)] and known.pairs[0][2] < -0.9
    assert [i.identified for i in known.intervals] == [False, False, True]
    assert found.after[0] + found.after[1] == pytest.approx(0.9, abs=1e-3)


def test_directions_are_said_in_words():
    both = Direction(0.2, ((0, 1.0), (1, -0.5)))
    assert _in_words(both, ["a", "b"]).startswith(
        "These move together (in shares of their ranges): a up by 1.00, b down by 0.50 leave all"
    )
    assert _in_words(Direction(0.2, ((1, 1.0),)), ["a", "b"]).startswith("b nearly alone")


def test_a_parameter_that_moves_nothing_is_named_alone():
    matrix = ((2.0, 0.0), (1.0, 0.0))
    found = fitted(Linear(matrix), problem(np.array(matrix) @ [0.4, 0.5], n=2))
    known = identify(found)
    assert known.alone == (1,) and not known.directions
    assert not known.intervals[1].identified and found.after[1] == found.before[1]


def test_bounds_are_kept_and_named():
    found = fitted(Linear(MATRIX), problem(np.array(MATRIX) @ [1.4, 0.6, 0.4], start=0.5))
    assert found.after[0] == 1.0 and max(found.after) <= 1.0
    first = identify(found).intervals[0]
    assert first.at_bound and first.clipped and first.high == 1.0


def test_a_start_outside_of_the_bounds_is_clipped():
    found = fitted(Linear(MATRIX), problem(np.array(MATRIX) @ TRUTH, start=7.0))
    assert found.before == (1.0, 1.0, 1.0) and found.after == pytest.approx(TRUTH, abs=1e-3)


def test_the_number_of_workers_changes_nothing():
    wanted = problem(np.array(MATRIX) @ TRUTH)
    one, two = (fitted(Linear(MATRIX, luck=0.3), wanted, n) for n in (1, 2))
    assert one.after == two.after and one.steps == two.steps
    assert np.array_equal(one.slopes, two.slopes)


def test_points_that_cannot_be_lived_are_refused_and_told():
    matrix = ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0))
    wanted = problem(np.array(matrix) @ [0.8, 0.3], n=2, start=0.5)
    found = fitted(Linear(matrix, refuses=0.7), wanted)
    assert found.refused == ["ValueError: too much of it"]
    assert sum(step.refused for step in found.steps) > 0 and max(found.after) <= 0.7
    with pytest.raises(CannotStart, match="too much of it"):
        fitted(Linear(matrix, refuses=0.2), wanted)


def test_a_fit_stops_where_no_step_helps_and_says_so():
    found = fitted(Linear(((1.0,), (1.0,))), problem([0.2, 0.6], n=1, start=0.4))
    assert found.stopped == "no step lowers the distance any further"
    assert found.after == (0.4,) and found.steps[-1].damping is None


def test_points_are_lived_once():
    lived = Evaluator(linear, Linear(MATRIX), (1, 2))
    first = lived([(0.1, 0.2, 0.3), (0.1, 0.2, 0.3)])
    assert lived.n_lived == 2 and np.array_equal(first[0], first[1])
    lived([(0.1, 0.2, 0.3)])
    assert lived.n_lived == 2


def test_slopes_that_luck_explains_are_dropped():
    rng = np.random.default_rng(1)
    luck, clear = rng.normal(size=(6, 400)), 9.0 + rng.normal(size=(6, 400))
    assert np.abs(without_luck(luck)).mean() < 0.7 * np.abs(luck.mean(axis=0)).mean()
    assert without_luck(clear) == pytest.approx(clear.mean(axis=0), rel=0.2)
    gaps = np.array([[1.0, np.nan, 2.0], [1.0, np.nan, np.nan]])
    assert without_luck(gaps).tolist() == [1.0, 0.0, 2.0]


def test_a_damped_step_is_least_squares_within_bounds():
    slopes, residuals = np.array(MATRIX), np.array([1.0, -1.0, 0.5, 0.2])
    free = np.linalg.lstsq(slopes, -residuals, rcond=None)[0]
    inner = damped_step(slopes, residuals, np.full(3, 0.5), 1e-12)
    assert inner == pytest.approx(np.clip(free, -0.5, 0.5), abs=0.2)
    assert np.abs(damped_step(slopes, residuals, np.full(3, 0.5), 1e6)).max() < 1e-4


def test_the_sandwich_is_the_formula():
    rng = np.random.default_rng(2)
    j, half = rng.normal(size=(5, 3)), rng.normal(size=(5, 5))
    v, bread = half @ half.T, np.linalg.inv(j.T @ j)
    assert sandwich(j, v) == pytest.approx(bread @ j.T @ v @ j @ bread)


# --- known parameters found again ------------------------------------------------------------

SMALL = """\
platform: amazon_2016
days: 120
run_out: 0
categories: [{name: toys}, {name: books}]
rivals: {count: 9, listings_each: 4}
buyers: {count: 3000, trips_per_year: 25.0}
non_buying_users: {count: 300}
"""
RECOVERED = """\
market: small.yaml
seeds: 6
moments: [A2, A3, R12, S-orders]
parameters:
  judging.product: [-0.6, 0.8]
  choice.buy_nothing: [2.0, 4.5]
  platform.reviews.leave_rate: [0.01, 0.06]
"""
KNOWN = (0.5, 2.6, 0.045)


@pytest.fixture
def small(tmp_path) -> Path:
    (tmp_path / "small.yaml").write_text(SMALL)
    file = tmp_path / "calibration.yaml"
    file.write_text(RECOVERED)
    return file


@pytest.mark.slow
def test_known_parameters_are_found_again(small):
    """Targets come from markets of other seeds; the search begins at the defaults."""
    found = load_calibration(small)
    paths, ids = [n.path for n in found.numbers], [f.id for f in found.findings]
    plan = Moments(found.market_file, tuple(paths), tuple(ids), None)
    (there,) = Evaluator(moments_at, plan, range(101, 109), 2)([KNOWN])
    targets = dict(zip(ids, there.mean(axis=0), strict=True))
    fitted, _ = calibrated(found, workers=2, targets=targets)
    known = np.array(KNOWN)
    span = np.array([n.high - n.low for n in found.numbers])
    before, after = (
        np.linalg.norm((np.array(x) - known) / span) for x in (fitted.before, fitted.after)
    )
    assert before > 0.3 and after < 0.3 * before, (fitted.before, fitted.after)
    for truth, interval in zip(KNOWN, identify(fitted).intervals, strict=True):
        middle, half = (interval.low + interval.high) / 2, (interval.high - interval.low) / 2
        assert abs(truth - middle) < 1.2 * half
        assert interval.identified


@pytest.mark.slow
def test_a_calibration_is_written_and_can_be_pasted(small, tmp_path, capsys):
    small.write_text(RECOVERED.replace("seeds: 6", "seeds: 2\nsteps: 1\ndays: 30"))
    out = tmp_path / "out"
    ended_well = run_calibration(small, out, 1, quiet=False)
    said = capsys.readouterr().out
    assert ended_well == ("Outside of their bands" not in said)
    page = (out / "calibration.md").read_text(encoding="utf-8")
    assert all(f"| {id} |" in page for id in ("A2", "A3", "R12", "S-orders"))
    points = (out / "calibration.csv").read_text(encoding="utf-8").splitlines()
    assert points[0].startswith("judging.product,") and len(points) > 4
    assert run_calibration(small, None, 2, quiet=True) == ended_well
    lines = capsys.readouterr().out
    assert lines in said and "leave_rate: " in lines


def test_moments_outside_of_their_bands_are_named(small):
    found = load_calibration(small)
    wanted = problem_of(found)
    rows = np.tile(wanted.targets, (2, 1))
    rows[:, 2] = 0.5
    fitted = fit(wanted, lambda points: [rows for _ in points], 1)
    assert outside(found, fitted) == ["R12"]
