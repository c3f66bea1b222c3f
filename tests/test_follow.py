"""Diaries: every event once, in words that say what the ledger says, beside its twin."""

from __future__ import annotations

import re
from io import StringIO

import numpy as np
import pytest
from rich.console import Console
from tiny import QUICKSTART, tiny

from experiments.event_words import in_words
from experiments.follow.command import Target, _Lives, follow
from experiments.follow.diary import order_diary, user_diary, when_of
from experiments.follow.of_listing import listing_diary
from experiments.follow.page import as_html, page_of, show
from experiments.follow.twins import compare, first_sentence, within
from experiments.mistakes import UserError
from experiments.replay import open_result
from experiments.runner import run_experiment

BASE, OTHER, PLACEBO = "as it is", "better service", "as it is, again"
PAN = "Steel pan"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    into = tmp_path_factory.mktemp("follow")
    text, cheap = QUICKSTART.read_text(encoding="utf-8"), "    focal.listings.0.price: 9.0\n"
    better = f"  {OTHER}:\n"
    (into / "file.yaml").write_text(text.replace(better, better + cheap), encoding="utf-8")
    loaded = tiny("replicates=1", "days=40", "sellers.0.damaged=0.3", path=into / "file.yaml")
    return run_experiment(loaded, into / "out", workers=1).path


@pytest.fixture(scope="module")
def of(folder):
    return _Lives(open_result(folder), 0).of


def busiest(life, kind="feedback"):
    """A buyer of whom the ledger has an event of the kind, and most events altogether."""
    users = life.ledger["user"]
    mine = users[(life.ledger["kind"] == kind) & (users >= 0)]
    return int(max(np.unique(mine), key=lambda user: (users == user).sum()))


def orders_of(life):
    placed = life.ledger["kind"] == "order"
    return set(life.ledger["order"][placed].tolist())


# ---------------------------------------------------------------- diaries


def test_the_diary_of_a_user_tells_every_event_once_in_the_order_of_the_ledger(of):
    life = of(BASE)
    for user in (busiest(life), busiest(life, "complaint"), life.n_users - 1):
        diary = user_diary(life, user)
        told = [event.event_id for entry in diary.entries for event in entry.events]
        mine = life.ledger["event_id"][life.ledger["user"] == user].tolist()
        assert sorted(told) == sorted(mine)
        assert [e.when for e in diary.entries] == sorted(e.when for e in diary.entries)
        assert all(entry.text and "None" not in entry.text for entry in diary.entries)


def test_an_order_stands_with_its_trip_and_says_what_the_buyer_saw(of):
    life = of(BASE)
    diary = user_diary(life, busiest(life))
    bought = [entry for entry in diary.entries if len(entry.events) == 2]
    orders = [entry.events[1] for entry in bought if entry.events[1].kind == "order"]
    assert len(orders) == sum(event.kind == "order" for event in diary.events) > 0
    order, text = orders[0], bought[0].text
    trip = bought[0].events[0]
    assert f"looked at {len(trip.examined)} of {trip.shown} {trip.what} listings shown" in text
    assert f"bought {order.listing} from {order.seller} for {order.value:.2f} USD" in text
    assert f"position {order.position})" in text and f"promised for day {order.until}" in text
    assert f"order {order.order}" in text
    without = [e for e in diary.entries if e.events[0].kind == "trip" and len(e.events) == 1]
    assert all(entry.text.endswith("bought nothing") for entry in without)


def test_what_is_felt_is_told_as_private_stars_by_the_thresholds_of_the_market(of):
    life = of(BASE)
    context, cuts = life.context("user"), life.engine.config.judging.cuts
    rows = np.flatnonzero((life.ledger["kind"] == "feedback") & (life.ledger["order"] > 0))
    seen = set()
    for event in life.at(rows[:200]):
        stars = 1 + int(np.searchsorted(cuts, event.felt_service))
        assert f"(felt, in private: service {stars}" in in_words(event, context)
        seen.add(stars)
    assert len(seen) > 1
    assert "felt" not in in_words(event)  # who gives no thresholds is told nothing private


def test_the_diary_of_an_order_begins_with_its_trip_and_holds_all_that_came_of_it(of):
    life = of(BASE)
    rated = life.ledger["order"][life.ledger["kind"] == "complaint"]
    order = int(rated[0])
    trip = life.events.of_order(order).cause_id
    diary = order_diary(life, order, trip)
    mine = set(life.ledger["event_id"][life.ledger["order"] == np.uint64(order)].tolist())
    assert {event.event_id for event in diary.events} == mine | {trip}
    assert [event.kind for event in diary.entries[0].events] == ["trip", "order"]
    late = {"late": 1, "early": -1}
    for event in diary.events:
        if event.kind == "delivery":
            said = re.search(r"(\d+) days? (late|early)|on time", in_words(event, diary.context))
            gap = event.day - life.events.of_order(order).until
            assert gap == (int(said[1]) * late[said[2]] if said[1] else 0)


def test_a_week_of_a_listing_counts_what_the_daily_tables_count(of):
    life = of(BASE)
    diary = listing_diary(life, PAN)
    table = life.engine.tables()["listings"]
    mine = table["listing"] == PAN
    weeks = [entry for entry in diary.entries if entry.since is not None and entry.since >= 1]
    checked = 0
    for week in weeks:
        inside = mine & (table["day"] >= week.since) & (table["day"] <= week.day)
        if inside.sum() < 7:
            continue
        for column, verb in (("examined", "looked at"), ("orders", "ordered")):
            said = re.search(rf"{verb} (once|[\d,]+ times?)", week.text)[1]
            number = 1 if said == "once" else int(said.split()[0].replace(",", ""))
            assert number == table[column][inside].sum(), (week, column)
        assert f"position {table['position'][inside][-1]}, " in week.text
        checked += 1
    assert checked == 5


def test_a_listing_tells_each_review_with_who_wrote_it(of):
    life = of(BASE)
    diary = listing_diary(life, PAN)
    reviews = [entry for entry in diary.entries if any(e.kind == "review" for e in entry.events)]
    mine = (life.ledger["kind"] == "review") & (life.ledger["listing"] == PAN)
    assert len(reviews) == mine.sum() > 3
    for entry in reviews:
        (event,) = entry.events
        never = event.user >= life.n_buyers
        assert entry.text.startswith(f"{'non-buying user' if never else 'buyer'} {event.user} ")
        bought = event.verified == 1
        assert ("without having bought it" in entry.text) == (not bought and not never)


# ---------------------------------------------------------------- twins


def test_a_placebo_is_a_twin_without_a_difference(of):
    user = busiest(of(BASE))
    found = compare(user_diary(of(BASE), user), user_diary(of(PLACEBO), user))
    assert found.first is None and not any(row.differs for row in found.rows)
    assert first_sentence(found).startswith("No difference")


def test_the_first_difference_is_the_first_event_that_differs(of):
    mine, twin = of(BASE), of(OTHER)
    firsts = 0
    for user in range(0, 200, 5):
        found = compare(user_diary(mine, user), user_diary(twin, user))
        here, there = ({e.event_id: e for e in d.events} for d in (found.mine, found.twin))
        unlike = [
            min((d[i] for d in (here, there) if i in d), key=when_of)
            for i in here | there
            if here.get(i) != there.get(i)
        ]
        if not unlike:
            assert found.first is None
            continue
        first = min(unlike, key=when_of)
        assert when_of(found.first.one) == when_of(first)
        assert found.first_row.differs and found.first_row.one.day == first.day
        before = [row for row in found.rows if row.one.when < found.first_row.one.when]
        assert not any(row.differs for row in before)
        assert f"First difference, day {first.day}" in first_sentence(found)
        firsts += 1
    assert firsts > 10


def test_an_order_that_the_twin_lacks_leaves_its_trip(of):
    mine, twin = of(BASE), of(OTHER)
    order = min(orders_of(mine) - orders_of(twin))
    trip = mine.events.of_order(order).cause_id
    found = compare(order_diary(mine, order, trip), order_diary(twin, order, trip))
    assert found.first is not None
    if found.twin.entries:
        assert found.twin.entries[0].text.endswith("bought nothing")
    assert found.twin.about == "there is no such order"


def test_days_are_kept_with_the_weeks_that_overlap_them(of):
    found = compare(listing_diary(of(BASE), PAN), listing_diary(of(OTHER), PAN), listing=True)
    kept = within(found.rows, (10, 16))
    assert {row.one.since for row in kept if row.one.since} == {8, 15}
    assert all(10 <= row.one.day <= 16 for row in kept if row.one.since is None)


# ---------------------------------------------------------------- how it is shown


@pytest.fixture(scope="module")
def page(of):
    user = busiest(of(BASE))
    found = compare(user_diary(of(BASE), user), user_diary(of(OTHER), user))
    return page_of("Buyer <b>", found, found.rows, ["a note"])


def printed(page, width):
    screen = Console(width=width, file=StringIO())
    show(page, screen)
    return screen.file.getvalue()


def test_side_by_side_where_there_is_room_else_one_under_the_other(page):
    wide, narrow = printed(page, 160), printed(page, 80)
    assert any(line.split() == f"{BASE} {OTHER}".split() for line in wide.splitlines())
    assert "the same" in wide
    assert narrow.index(f"\n“{BASE}”\n") < narrow.index(f"\n“{OTHER}”\n")
    assert "the same" not in narrow
    assert all(len(line) <= 80 for line in narrow.splitlines())
    for text in (wide, narrow):
        assert (
            re.search(r"^ *>> +day", text, re.M)
            and "First difference, day" in text
            and "a note" in text
        )


def test_the_page_escapes_what_it_shows_and_marks_the_first_difference(page):
    html = as_html(page)
    assert "Buyer &lt;b&gt;" in html and "<b>Buyer" not in html
    assert html.count('class="first"') == 1 and html.count("first difference") == 1
    assert "http" not in html  # nothing is fetched


# ---------------------------------------------------------------- the command


def test_without_a_target_it_says_whom_to_follow_and_how(folder, capsys):
    follow(folder, Target())
    said = capsys.readouterr().out
    commands = re.findall(r"run\.py follow \S+ --user (\d+)(?: --arm '?([^'\n]+)'?)?", said)
    assert 2 <= len(commands) <= 3 and "--listing 'Steel pan'" in said
    user, arm = commands[0]
    follow(folder, Target(user=int(user)), arm=arm or None)
    assert f"Buyer {user} of quickstart, replicate 0" in capsys.readouterr().out


def test_a_page_is_written_once(folder, tmp_path, capsys):
    file = tmp_path / "page.html"
    follow(folder, Target(listing=PAN), out=file, twin=OTHER)
    assert capsys.readouterr().out.strip() == str(file)
    assert f"{PAN} of quickstart" in file.read_text(encoding="utf-8")
    with pytest.raises(UserError, match="is there; allowed: a new file"):
        follow(folder, Target(listing=PAN), out=file)


@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        (Target(user=320), {}, "found 320; allowed: 0 to 319, of which buyers are 0 to 299"),
        (Target(user=-1), {}, "found -1"),
        (Target(listing="Stel pan"), {}, 'did you mean "Steel pan"'),
        (Target(order=5), {}, "no arm of this replicate has"),
        (Target(order=10**25), {}, "no arm of this replicate has"),
        (Target(user=1, order=5), {}, "found --user and --order; allowed: one"),
        (Target(user=1), {"arm": "better servce"}, 'did you mean "better service"'),
        (Target(user=1), {"twin": BASE}, "the arm that is followed"),
        (Target(user=1), {"twin": "x"}, "--twin: found 'x'"),
        (Target(user=1), {"replicate": 3}, "--replicate: found 3; allowed: 0"),
        (Target(user=1), {"days": "9-3"}, "--days: found '9-3'"),
        (Target(user=1), {"days": "soon"}, "allowed: FROM-TO"),
    ],
)
def test_what_cannot_be_followed_is_said_in_one_sentence(folder, target, options, message):
    with pytest.raises(UserError, match=re.escape(message)):
        follow(folder, target, **options)


def test_an_order_of_another_arm_is_named_with_the_arm(folder, of):
    order = min(orders_of(of(OTHER)) - orders_of(of(BASE)))
    with pytest.raises(UserError, match=r"never had; “.*” has it: --arm"):
        follow(folder, Target(order=order))


def test_a_folder_without_a_result_is_refused(tmp_path):
    with pytest.raises(UserError, match="no result"):
        follow(tmp_path, Target(user=1))
