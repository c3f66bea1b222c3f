"""Explanations: parts add up exactly, and are what the market lived."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import ledger_of
from markets import small_market

from experiments.events import Events
from experiments.explain.because import Between
from experiments.explain.command import (
    change_of_place,
    change_of_rate,
)
from experiments.explain.evenings import Evening, evening
from experiments.explain.figures import draw_place, draw_rate
from experiments.explain.of_places import told_place
from experiments.explain.of_rates import points, told_rate
from experiments.explain.places import HOWS, Results, place_change
from experiments.explain.rates import OF_DEFECTS, PARTS, Window, rate_change
from experiments.explain.said import adding_up
from sim.engine import Engine
from sim.phases.platform import SCORE_PARTS

N_PARTS = len(SCORE_PARTS)


# ---------------------------------------------------------------- parts add up, whatever the market


@st.composite
def results(draw, day: int, names: tuple[str, ...]) -> Results:
    """An evening on which listings with these names may be on sale; small scores, so with ties."""
    n = len(names)
    on_sale = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), bool)
    small = st.integers(-3, 3)
    parts = np.array(draw(st.lists(small, min_size=N_PARTS * n, max_size=N_PARTS * n)), float)
    parts = np.where(on_sale, parts.reshape(N_PARTS, n) / 7.0, np.nan)
    ties = draw(st.permutations(range(n)))
    score = parts.sum(axis=0)
    ranked = sorted(np.flatnonzero(on_sale), key=lambda k: (-score[k], ties[k]))
    position = np.full(n, n + 1)
    position[ranked] = np.arange(1, len(ranked) + 1)
    return Results(day, names, on_sale, position, score, parts, np.zeros((N_PARTS, n)))


@st.composite
def two_evenings(draw) -> tuple[Results, Results]:
    """Listings may come in between, as those of a new seller do."""
    n = draw(st.integers(1, 9))
    names = tuple(f"listing {k}" for k in range(n))
    first = draw(st.integers(0, n))
    return draw(results(3, names[:first])), draw(results(9, names))


@given(two_evenings())
def test_positions_change_by_passes_entries_and_exits(evenings):
    before, after = evenings
    for listing in after.listings:
        change = place_change(listing, before, after)
        kinds = {how: len(change.of(how)) for how in HOWS}
        assert change.change == change.own_step + (
            kinds["passed me"]
            - kinds["passed by me"]
            + kinds["entered above"]
            - kinds["left above"]
        )
        rivals = [one.rival for one in change.passes]
        assert len(rivals) == len(set(rivals)) and listing not in rivals
        if change.stays:
            assert change.own_step == 0
            assert change.own.sum() == pytest.approx(change.after.score - change.before.score)


@given(two_evenings())
def test_every_pass_is_a_change_of_the_lead_and_its_parts_add_up(evenings):
    before, after = evenings
    for listing in after.listings:
        change = place_change(listing, before, after)
        for one in change.passes:
            if one.how in ("entered above", "left above"):
                assert np.isnan(one.gap).all() and one.most is None
                continue
            old, new = (
                evening.place(one.rival).score - evening.place(listing).score
                for evening in evenings
            )
            assert one.gap.sum() == pytest.approx(new - old)
            assert one.leads == (old, new) and one.by_score
            assert HOWS[one.how] * one.gap.sum() >= -1e-12
            toward = HOWS[one.how] * one.gap
            assert one.most is None or toward[one.most] == toward.max() > 0


def test_a_position_that_is_set_is_not_explained_by_scores():
    names, sold = ("mine", "theirs"), np.array([True, True])
    parts = np.zeros((N_PARTS, 2))
    parts[2] = 1.0, 0.5  # mine has the larger score on both evenings
    before = Results(3, names, sold, np.array([1, 2]), parts.sum(axis=0), parts, parts)
    after = Results(9, names, sold, np.array([2, 1]), parts.sum(axis=0), parts, parts)
    change = place_change("mine", before, after)
    (one,) = change.passes
    assert change.change == 1 and one.how == "passed me"
    assert not one.by_score and one.most is None


@st.composite
def two_windows(draw) -> tuple[Window, Window]:
    """The orders of two evenings: some leave the window, some come in, some change sides."""
    n = draw(st.integers(0, 30))
    ints = st.lists(st.integers(0, 40), min_size=n, max_size=n)
    marks = st.lists(st.sampled_from([0, 0, 0, 1, 2, 5]), min_size=n, max_size=n)
    placed, then, now = (np.array(draw(one), int) for one in (ints, marks, marks))
    keys = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(2**58)

    def window(day: int, first: int, last: int, defect: np.ndarray) -> Window:
        inside = (placed >= first) & (placed <= last)
        return Window(day, first, last, keys[inside], placed[inside], defect[inside])

    first, last = draw(st.integers(0, 20)), draw(st.integers(20, 40))
    moved = draw(st.integers(0, 20))
    return window(50, first, last, then), window(57, first + moved, last + moved, now)


@given(two_windows())
def test_parts_of_a_rate_add_up_exactly(windows):
    before, after = windows
    change = rate_change("A", before, after)
    defects = sum(sign * change.count(part) for part, sign in OF_DEFECTS.items())
    assert defects == after.defects - before.defects
    assert change.count("orders in") - change.count("orders aged out") == (
        after.orders - before.orders
    )
    if not (before.orders and after.orders):
        assert change.change is None and change.parts() == {} and change.largest() is None
        return
    parts = change.parts()
    assert tuple(parts) == PARTS
    assert sum(parts.values()) == change.change == Fraction(after.rate) - Fraction(before.rate)
    assert (change.largest() is None) == (not any(parts.values()))
    printed = points(change)
    old, new = (round(100 * float(window.rate), 3) for window in windows)
    assert round(sum(printed), 3) == round(new - old, 3)
    for one, effect in zip(printed, parts.values(), strict=True):
        assert abs(one - 100 * effect) < 0.002


def test_a_rate_by_hand():
    """Of 4 orders 1 was a defect, of 5 are 2: one more defect, an old one gone, two orders in."""
    keys = np.arange(1, 7, dtype=np.uint64)
    before = Window(50, 1, 4, keys[:4], np.array([1, 2, 3, 4]), np.array([1, 0, 0, 0]))
    after = Window(52, 2, 6, keys[1:], np.array([2, 3, 4, 5, 6]), np.array([0, 2, 0, 0, 1]))
    change = rate_change("A", before, after)
    each = (Fraction(1, 4) + Fraction(1, 5)) / 2
    order = Fraction(3, 40)  # (1 + 2) / (2 · 4 · 5)
    assert change.parts() == {
        "defects added": 2 * each,
        "defects withdrawn": 0,
        "defects aged out": -each,
        "orders in": -2 * order,
        "orders aged out": order,
    }
    assert change.change == Fraction(2, 5) - Fraction(1, 4)
    assert [(d.order, d.with_order) for d in change.of("defects added")] == [(3, False), (6, True)]


@given(st.lists(st.integers(-(10**6), 10**6), max_size=9), st.integers(0, 4))
def test_rounded_values_add_up_as_printed(numbers, digits):
    values = [number / 987.0 for number in numbers]
    printed = adding_up(values, digits)
    assert round(sum(printed), digits) == pytest.approx(round(sum(values), digits), abs=1e-9)
    assert all(abs(a - b) < 10.0**-digits + 1e-9 for a, b in zip(printed, values, strict=True))
    assert all(a == 0 for a, b in zip(printed, values, strict=True) if b == 0)


# ---------------------------------------------------------------- real markets

LIVED = {
    "amazon": ("rivals.exit_per_year=0.99",),
    "wish": ("platform=wish", "sellers.Northwind.on_time=0.6"),
    "jd": ("platform=jd", "sellers.Northwind.strategy=recover"),
    "late": ("sellers.Northwind.on_time=0.5", "platform.odr.window_days=20"),
}


@cache
def evenings_of(name: str, seed: int) -> tuple[Engine, dict[int, Evening]]:
    """A small market that has been lived, and its evenings."""
    engine = Engine(small_market(*LIVED[name], f"seed={seed}"))
    evenings = {}
    while engine.day <= engine.last_day:
        engine.live_a_day()
        evenings[engine.day - 1] = evening(engine)
    return engine, evenings


@pytest.fixture(params=LIVED)
def lived(request) -> tuple[Engine, dict[int, Evening]]:
    return evenings_of(request.param, 1)


def test_evenings_are_those_of_the_daily_tables(lived):
    engine, evenings = lived
    tables = engine.tables()
    listings, sellers = tables["listings"], tables["sellers"]
    for row in range(len(listings["day"])):
        seen = evenings[int(listings["day"][row])]
        found = seen.results[listings["category"][row]]
        place = found.place(listings["listing"][row])
        assert place.position == listings["position"][row]
        assert place.on_sale == (listings["on_sale"][row] != 0)
        np.testing.assert_equal(place.score, listings["score"][row])
        if place.on_sale:
            total = 0.0
            for part in place.parts:  # in the order in which the market adds
                total += part
            assert total == place.score
        assert (listings["listing"][row] in seen.off) == (not place.on_sale)
    for row in range(len(sellers["day"])):
        window = evenings[int(sellers["day"][row])].windows[sellers["seller"][row]]
        assert window.orders == sellers["window_orders"][row]
        assert window.defects == sellers["window_defects"][row]


@given(st.sampled_from(list(LIVED)), st.integers(1, 3), st.integers(1, 59), st.data())
def test_parts_add_up_in_markets_that_were_lived(name, seed, first, data):
    _, evenings = evenings_of(name, seed)
    last = data.draw(st.integers(first + 1, 60))
    between = Between(evenings[first], evenings[last], Events(ledger_of([])))
    for listing in between.after.sellers:
        change = change_of_place(listing, between)
        assert change.change == sum(n for _, n in change.counts()) + change.own_step
        if change.stays:
            moved = change.after.score - change.before.score
            assert change.own.sum() == pytest.approx(moved, abs=1e-9)
        assert told_place(change, between, "as it is", 0).heading
    for seller in between.after.windows:
        rate = change_of_rate(seller, between)
        assert rate.change is None or sum(rate.parts().values()) == rate.change
        assert bool(told_rate(rate, between, "as it is", 0).tables) == (rate.change is not None)


def test_figures_are_drawn_of_what_was_lived(lived, tmp_path):
    _, evenings = lived
    between = Between(evenings[10], evenings[60], Events(ledger_of([])))
    changes = [change_of_place(listing, between) for listing in between.after.sellers]
    change = max(changes, key=lambda one: (one.stays, len(one.passes)))
    draw_place(change, "a test", [tmp_path / "place.svg", tmp_path / "place.png"])
    assert change.listing in (tmp_path / "place.svg").read_text(encoding="utf-8")
    assert (tmp_path / "place.png").read_bytes()[:4] == b"\x89PNG"
    others = [one for one in changes if one.before is not None and not one.stays]
    for one in others[:1]:
        draw_place(one, "a test", [tmp_path / "gone.svg"])
        assert one.listing in (tmp_path / "gone.svg").read_text(encoding="utf-8")
    rate = change_of_rate("Northwind", between)
    draw_rate(rate, "a test", [tmp_path / "rate.svg"])
    assert "Northwind" in (tmp_path / "rate.svg").read_text(encoding="utf-8")
