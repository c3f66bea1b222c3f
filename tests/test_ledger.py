"""The ledger: every event once, with its cause, and nothing else changed by keeping it."""

from __future__ import annotations

import numpy as np
import pytest
from compare import agents_in_random_order
from markets import small_market
from tiny import tiny

from experiments.ledger_table import in_memory, names_of
from experiments.results import content_hash, read_table
from experiments.runner import run_experiment
from sim import ledger as ledger_module
from sim.engine import Engine
from sim.events import KINDS
from sim.ledger import Ledger
from sim.model import Marketplace

BUSY = (
    "days=50",
    "run_out=10",
    "platform.feedback.leave_rate=0.3",
    "platform.reviews.leave_rate=0.3",
    "platform.reviews.leave_rate_unbought=0.05",
    "sellers.0.strategy=full_service",
    "sellers.0.capacity=4",
    "sellers.0.damaged=0.15",
    "rivals.strategy=hit_product",
    "rivals.late_median=0.15",
    "rivals.exit_per_year=0.9",
)
"""Everything happens often."""


def lived(*overrides: str, **kept: object) -> Engine:
    engine = Engine(small_market(*BUSY, *overrides), 0, **kept)
    engine.live_through(engine.last_day)
    return engine


@pytest.fixture(scope="module")
def kept():
    return lived(ledger=Ledger())


@pytest.fixture(scope="module")
def events(kept):
    return in_memory(kept)


def count(events, kind, what=None):
    mine = events["kind"] == kind
    return int((mine if what is None else mine & (events["what"] == what)).sum())


@pytest.mark.parametrize("platform", ["amazon", "taobao", "jd", "wish", "ebay"])
def test_keeping_a_ledger_changes_nothing(platform):
    overrides = f"platform={platform}", "days=25"
    without, with_one = lived(*overrides), lived(*overrides, ledger=Ledger())
    assert content_hash(without.tables()) == content_hash(with_one.tables())
    assert without.state_hash() == with_one.state_hash()


def test_ids_are_unique_and_rows_in_order(events):
    assert len(np.unique(events["event_id"])) == len(events["event_id"])
    kind = np.array([KINDS.index(name) for name in events["kind"]])
    order = np.lexsort((events["event_id"], kind, events["day"]))
    assert (order == np.arange(len(order))).all()


def test_every_cause_is_an_event_that_came_no_later(events):
    days = dict(zip(events["event_id"].tolist(), events["day"].tolist(), strict=True))
    caused = events["cause_id"] != 0
    for cause, day in zip(events["cause_id"][caused].tolist(), events["day"][caused], strict=True):
        assert days[cause] <= day
    uncaused = set(events["kind"][~caused].tolist())
    assert uncaused <= {"past", "entry", "setting", "trip", "opt-out", "state"}


def test_everything_that_can_happen_here_does(events):
    missing = set(KINDS) - set(events["kind"].tolist())
    assert missing <= {"intervention", "enforcement"}


@pytest.mark.parametrize(
    ("kind", "what", "column"),
    [
        ("order", None, "orders"),
        ("feedback", "", "feedback"),
        ("review", "", "reviews"),
        ("complaint", "", "complaints"),
        ("claim", "opened", "claims"),
        ("return", None, "returns"),
        ("change", "", "changes"),
        ("deletion", "by author", "deletions"),
    ],
)
def test_days_of_the_table_are_counted_in_the_ledger(kept, events, kind, what, column):
    mine = events["kind"] == kind
    if what is not None:
        mine &= events["what"] == what
    table = kept.tables()["market"]
    by_day = np.bincount(events["day"][mine & (events["day"] > 0)], minlength=kept.day)
    assert table[column].sum() > 0
    assert (by_day[table["day"]] == table[column]).all()


def test_parcels_are_on_their_way_on_a_day_of_their_own(kept, events):
    sent = (events["kind"] == "dispatch") & (events["what"] != "cancelled")
    day, until = events["day"][sent], events["until"][sent]
    assert (until >= day).all() and (until > day).any() and (until > kept.last_day).any()
    table = kept.tables()["sellers"]
    lived = int(((until >= table["day"].min()) & (until <= table["day"].max())).sum())
    assert table["dispatched"].sum() == lived > 0


def test_what_decides_a_claim_is_the_claim_and_nothing_makes_a_store_leave(events):
    def of_kind(kind, *what):
        return (events["kind"] == kind) & np.isin(events["what"], what)

    opened = events["event_id"][of_kind("claim", "opened")]
    decided = of_kind("claim", "granted", "refused", "paid by platform")
    assert decided.sum() > 5 and np.isin(events["cause_id"][decided], opened).all()
    left = of_kind("state", "left")
    assert left.any() and (events["cause_id"][left] == 0).all()


def test_where_nothing_was_displayed_no_stars_were_seen(events):
    of = np.isin(events["kind"], ("order", "review"))
    none = np.isnan(events["shown_stars"])
    assert (none[of] == (events["shown_count"][of] == 0)).all() and none[of].any()
    assert (events["shown_stars"][~none] >= 1.0).all()


def test_an_event_has_the_same_id_in_every_arm():
    market = small_market("days=30", "run_out=0", "warm_up=5")
    engine = Engine(market, 0, ledger=Ledger())
    engine.live_through(5)
    service = market.sellers[0].model_copy(update={"on_time": 0.7})
    other = market.model_copy(update={"sellers": (service, *market.sellers[1:])})
    twins = []
    for arm in (market, other):
        twin = engine.branch(arm)
        twin.live_through(twin.last_day)
        twins.append(in_memory(twin))
    orders = [set(t["event_id"][t["kind"] == "order"].tolist()) for t in twins]
    assert len(orders[0] & orders[1]) > 0.8 * len(orders[0])
    assert orders[0] != orders[1]
    before = [t["event_id"][t["day"] <= 5] for t in twins]
    assert (before[0] == before[1]).all()  # what arms share stands in the ledger of each


def test_agents_in_any_order_leave_the_same_ledger():
    market = small_market(*BUSY, "days=12", "run_out=3", "past.days=10", "buyers.count=120")
    whole, stepped = Engine(market, 0, ledger=Ledger()), Marketplace(market, 0, ledger=Ledger())
    whole.live_through(whole.last_day)
    while stepped.day <= stepped.last_day:
        agents_in_random_order(stepped)
    rows, looks = whole.ledger.rows()
    others, their_looks = stepped.ledger.rows()
    for name in set(rows.dtype.names) - {"look"}:
        assert rows[name].tobytes() == others[name].tobytes(), name
    trips = rows["look"] >= 0
    assert (looks[rows["look"][trips]] == their_looks[others["look"][trips]]).all()


def test_chunks_in_files_are_the_rows_in_memory(events, monkeypatch, tmp_path):
    monkeypatch.setattr(ledger_module, "ROWS_OF_A_CHUNK", 500)
    engine = lived(ledger=Ledger(tmp_path))
    assert len(list(engine.ledger.chunks())) > 5
    again = in_memory(engine)
    for name, values in events.items():
        if name == "examined":
            assert values.tolist() == again[name].tolist()
        else:
            assert content_hash({"t": {name: values}}) == content_hash({"t": {name: again[name]}})


def test_what_does_not_fit_is_said_aloud():
    engine = Engine(small_market("days=3", "run_out=0"), 0, ledger=Ledger())
    engine.world.log["lost"] = 1
    with pytest.raises(RuntimeError, match="no room"):
        engine.live_a_day()


def test_a_market_without_a_ledger_has_none():
    engine = Engine(small_market("days=1", "past.days=0", "run_out=0"), 0)
    with pytest.raises(ValueError, match="keeps no ledger"):
        in_memory(engine)


def test_the_file_holds_every_run_with_missing_values_as_such(tmp_path):
    import duckdb

    loaded = tiny("record=ledger", "replicates=2")
    outcome = run_experiment(loaded, tmp_path / "out", workers=1)
    file = outcome.path / "ledger.parquet"
    stored = read_table(file, ("arm", "replicate", "event_id"))
    base = Engine(loaded.market, 1, ledger=Ledger())
    twin = base.branch(loaded.arms[1].market)
    twin.live_through(twin.last_day)
    alone = in_memory(twin)
    mine = (stored["arm"] == loaded.arms[1].name) & (stored["replicate"] == 1)
    assert (stored["event_id"][mine] == alone["event_id"]).all()
    assert outcome.manifest["rows"]["ledger"] == len(stored["arm"])
    with duckdb.connect() as db:
        trips = db.execute(
            f"SELECT what, examined, shown, stars, post, value FROM '{file}' WHERE kind = 'trip' "
            f"AND arm = '{loaded.arms[1].name}' AND replicate = 1"
        ).fetchall()
    wanted = alone["kind"] == "trip"
    assert [t[1] for t in trips] == alone["examined"][wanted].tolist()
    assert {t[0] for t in trips} == set(names_of(twin).categories)
    assert {t[3:] for t in trips} == {(None, None, None)}


def test_the_page_names_every_kind_and_word():
    from experiments.platforms import ROOT
    from sim.events import WORDS

    text = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| ")]
    kinds = {word.strip() for row in rows for word in row[0].split(",")}
    words = {word.strip() for row in rows for word in row[1].split(", ")}
    assert set(KINDS) <= kinds
    found_whole = {"bought, found"}  # a word with a comma of its own
    assert set(WORDS[1:]) - found_whole <= words
    assert all(word in text for word in found_whole)
