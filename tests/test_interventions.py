"""Interventions: nothing differs until one acts, and then what it says, at both grains."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from compare import agents_in_random_order, assert_same, compiled_day, differing
from markets import small_market
from tiny import tiny

from experiments.again import read_manifest
from experiments.ledger_table import in_memory
from experiments.mistakes import ConfigError
from experiments.plan import plan_text
from experiments.runner import run_experiment
from sim.births import born_of, event_of, key_of, next_change
from sim.config.intervention import ARROWS
from sim.draws import join
from sim.engine import Engine
from sim.events import KINDS, event_id
from sim.ledger import Ledger
from sim.model import Marketplace
from sim.phases.write import post_key
from sim.state import AT_RISK, DELETED, FEEDBACK, HEALTHY, LINE, REVIEW, STRATEGY

ACTS = 25
LIVELY = (
    "run_out=20",
    "platform.feedback.leave_rate=0.3",
    "platform.reviews.leave_rate=0.3",
    "sellers.0.damaged=0.2",
    "rivals.strategy=recover",
)
MINE, THEIRS = "Steel pan", "Rival 1 / 1"
ON_A_DAY: tuple[dict[str, Any], ...] = (
    {"do": "post", "listing": MINE, "stars": 1},
    {"do": "set", "values": {"focal.on_time": 0.3}},
    {"do": "set", "values": {"sellers.Northwind.listings.0.price": 99.0}},
    {"do": "set", "values": {"strategy": "hit_product", "rivals.strategy": "none"}},
    {"do": "set", "values": {"platform.search.weight_stars": 5.0}},
    {"do": "set", "values": {"choice.segments.0.stars": 3.0, "costs.answering": 9.0}},
    {"do": "position", "listing": MINE, "position": 1},
    {"do": "position", "listing": MINE, "position": "random", "until": 40},
    *({"do": "freeze", "arrow": arrow} for arrow in ARROWS if arrow != "odr -> account"),
)
ON_AN_EVENT: tuple[dict[str, Any], ...] = (
    {"when": {"first_negative_feedback": "Northwind"}, "do": "block"},
    {"when": {"first_negative_feedback": "Northwind"}, "do": "flip", "stars": 5},
    {"when": {"first_negative_review": THEIRS}, "do": "block"},
    {"when": {"first_review": MINE}, "do": "flip", "stars": 1},
    {"when": {"first_review": MINE}, "do": "change", "stars": 2, "after_days": 3},
    {"when": {"first_feedback": "Rival 2"}, "do": "delete", "after_days": 2},
    {"when": {"nth_order": {"seller": "Northwind", "n": 30}}, "do": "post", "stars": 1},
    {"when": {"nth_order": {"seller": "Rival 3", "n": 7}}, "do": "block"},
    {"when": {"nth_order": {"seller": "Northwind", "n": 5}}, "do": "freeze",
     "arrow": "sales -> rank", "after_days": 6},
)  # fmt: skip

ONE_WEIGHT = tuple(
    f"platform.search.weight_{name}=0.0"
    for name in ("relevance", "velocity", "conversion", "stars", "count", "price")
)
NOBODY_LEAVES = (
    "rivals.exit_per_year=0.0",
    "platform.search.new_days=0",
    "platform.account.enforced=false",
)


def market(*interventions: dict[str, Any], more: tuple[str, ...] = ()):
    """A lively small market with interventions."""
    return small_market(*LIVELY, *more, f"interventions={json.dumps(interventions)}")


def on_day(content: dict[str, Any], day: int = ACTS) -> dict[str, Any]:
    return {"when": {"day": day}, **content}


def lived(*interventions: dict[str, Any], to: int = 60, more: tuple[str, ...] = ()) -> Engine:
    engine = Engine(market(*interventions, more=more))
    engine.live_through(to)
    return engine


def posts(engine: Engine) -> np.ndarray:
    return engine.world.posts[: engine.world.count("n_posts")]


@pytest.fixture(scope="module")
def plain() -> Engine:
    return lived()


# nothing until it acts -----------------------------------------------------------------------


def test_an_intervention_that_never_acts_changes_nothing(plain):
    waiting = lived({"when": {"event": 1}, "do": "block"}, on_day({"do": "block"} | POST, 70))
    assert [one.acted for one in waiting.interventions.planned] == [None, None]
    assert waiting.state_hash() == plain.state_hash()


POST = {"do": "post", "listing": MINE, "stars": 1}
NAMED = (
    "sellers.strategy",
    *(f"{table}.line" for table in ("outbox", "arrivals", "pending")),
    *(f"lines.{name}" for name in LINE.names or ()),
    *(f"strategies.{name}" for name in STRATEGY.names or ()),
)
"""Columns that say which strategies there are, and in which row, whoever follows them."""


@pytest.mark.parametrize("content", ON_A_DAY, ids=lambda c: json.dumps(c)[:60])
def test_on_a_day_nothing_differs_before_and_something_after(plain, content):
    before, with_it = Engine(plain.config), Engine(market(on_day(content)))
    for engine in (before, with_it):
        engine.live_through(ACTS - 1)
    if "strategy" in content.get("values", {}):  # which stands in the table of strategies already
        assert differing(before.world, with_it.world, NAMED) == []
    else:
        assert with_it.state_hash() == before.state_hash()
    assert with_it.interventions.planned[0].acted is None
    with_it.live_through(60)
    assert with_it.interventions.planned[0].acted == ACTS
    assert with_it.state_hash() != plain.state_hash()
    assert rows_before(with_it, ACTS) == rows_before(plain, ACTS)


@pytest.mark.parametrize("content", ON_AN_EVENT, ids=lambda c: json.dumps(c)[:60])
def test_on_an_event_nothing_differs_before_and_something_after(plain, content):
    with_it = lived(content)
    acted = with_it.interventions.planned[0].acted
    assert acted is not None and 1 <= acted < 60
    before, so_far = Engine(plain.config), Engine(with_it.config)
    for engine in (before, so_far):
        engine.live_through(acted - 1)
    assert so_far.state_hash() == before.state_hash()
    assert with_it.state_hash() != plain.state_hash()
    assert rows_before(with_it, acted) == rows_before(plain, acted)


def rows_before(engine: Engine, day: int) -> list[bytes]:
    """The tables before a day, without what is known only at the end."""
    return [
        column[columns["day"] < day].tobytes()
        for columns in engine.tables().values()
        for name, column in columns.items()
        if name not in ("defects", "odr_final", "quality") and column.dtype != object
    ]


# what each does ------------------------------------------------------------------------------


def test_a_blocked_post_is_never_there_and_a_flipped_one_has_other_stars(plain):
    for name, key in (("first_negative_feedback", "Northwind"), ("first_negative_review", THEIRS)):
        when = {"when": {name: key}}
        blocked = lived({**when, "do": "block"})
        flipped = lived({**when, "do": "flip", "stars": 5})
        event = blocked.interventions.planned[0].event
        assert event == flipped.interventions.planned[0].event
        mine = [posts(e)["key"] == np.uint64(event.key) for e in (plain, blocked, flipped)]
        assert [int(rows.sum()) for rows in mine] == [1, 0, 1]
        was, now = posts(plain)[mine[0]][0], posts(flipped)[mine[2]][0]
        assert was["first_stars"] <= 2 and now["first_stars"] == 5
        assert was["posted"] == now["posted"] == event.day
        assert was["author"] == now["author"]
        earlier = posts(plain)[posts(plain)["posted"] < event.day]
        channel = REVIEW if "review" in name else FEEDBACK
        column = "listing" if channel == REVIEW else "seller"
        same = (earlier["channel"] == channel) & (earlier[column] == was[column])
        lived_days = earlier["posted"] > 0
        assert not (same & lived_days & (earlier["first_stars"] <= 2)).any(), "it was the first"


def test_a_post_changes_and_goes_in_time(plain):
    changed = lived({"when": {"first_review": MINE}, "do": "change", "stars": 1, "after_days": 3})
    deleted = lived({"when": {"first_review": MINE}, "do": "delete", "after_days": 3})
    event = changed.interventions.planned[0].event
    for engine, status in ((changed, None), (deleted, DELETED)):
        row = posts(engine)[posts(engine)["key"] == np.uint64(event.key)][0]
        assert row["changed"] == event.day + 3
        assert row["status"] == status if status else row["stars"] == 1
    for engine, column in ((changed, "changes"), (deleted, "deletions")):
        on_the_day = engine.tables()["market"][column][event.day + 2]
        assert on_the_day == plain.tables()["market"][column][event.day + 2] + 1


def test_the_customer_of_the_nth_order_leaves_feedback(plain):
    when = {"nth_order": {"seller": "Northwind", "n": 30}}
    with_it = lived({"when": when, "do": "post", "stars": 1, "after_days": 4})
    one = with_it.interventions.planned[0]
    orders = plain.tables()["sellers"]
    mine = orders["orders"][orders["seller"] == "Northwind"].cumsum()
    assert one.event.day == int(np.flatnonzero(mine >= 30)[0]) + 1
    key = post_key(np.uint64(one.event.key), FEEDBACK)
    found = posts(with_it)[posts(with_it)["key"] == key]
    assert found["posted"].tolist() == [one.event.day + 4] and found["first_stars"].tolist() == [1]
    kept = with_it.world.orders
    order = kept[kept["key"] == np.uint64(one.event.key)][0]
    assert order["buyer"] == found["author"][0] and order["seller"] == found["seller"][0] == 0
    assert order["defect"] != 0


def test_who_has_left_feedback_does_not_do_so_twice():
    when = {"nth_order": {"seller": "Northwind", "n": 30}}
    post = {"when": when, "do": "post", "stars": 1}
    twice = lived(post, {**post, "after_days": 5})
    assert [one.lost for one in twice.interventions.planned] == [
        "",
        "the customer had posted already",
    ]


def test_nobody_of_this_market_reviews_a_listing(plain):
    with_it = lived(on_day(POST), on_day(POST))
    found = posts(with_it)[posts(with_it)["author"] == -1]
    assert found["posted"].tolist() == [ACTS] * 2 and len(set(found["key"])) == 2
    assert found["first_stars"].tolist() == [1, 1] and not found["verified"].any()
    tables = [e.tables()["listings"] for e in (with_it, plain)]
    ones = [t["reviews_1"][(t["listing"] == MINE) & (t["day"] == ACTS)][0] for t in tables]
    assert ones[0] == ones[1] + 2


def test_an_order_that_is_blocked_is_never_placed(plain):
    without = lived({"when": {"nth_order": {"seller": "Rival 3", "n": 7}}, "do": "block"})
    day = without.interventions.planned[0].acted
    orders = [e.tables()["sellers"] for e in (plain, without)]
    on_it = [t["orders"][(t["seller"] == "Rival 3") & (t["day"] == day)][0] for t in orders]
    assert on_it[0] == on_it[1] + 1


@pytest.mark.parametrize("content", ON_A_DAY[1:6], ids=lambda c: json.dumps(c["values"])[:50])
def test_what_is_set_is_as_if_an_arm_had_branched_that_morning(content):
    """Of settings; rules that arms cannot branch with are read off the parameters."""
    with_it = lived(on_day(content))
    assert with_it.config.platform == small_market(*LIVELY).platform
    if any(path.startswith(("platform", "choice")) for path in content["values"]):
        assert with_it.holds.platform != with_it.config.platform or (
            with_it.world.segments["stars"][0] == 3.0
        )
        return
    begun = Engine(small_market(*LIVELY))
    begun.live_through(ACTS - 1)
    arm = begun.branch(with_it.holds.model_copy(update={"interventions": ()}))
    arm.live_through(60)
    assert arm.state_hash() == with_it.state_hash()


def test_a_position_is_kept_and_the_others_keep_their_order():
    with_it = lived(
        on_day({"do": "position", "listing": MINE, "position": 2, "until": 40}),
        on_day({"do": "position", "listing": THEIRS, "position": "random"}),
        more=NOBODY_LEAVES,
    )
    table, names = with_it.tables()["listings"], with_it.listing_names
    category = table["category"][table["listing"] == MINE][0]
    for day in range(ACTS, 40):  # the evening of 40 shows what day 41 sees
        rows = (table["day"] == day) & (table["category"] == category) & (table["on_sale"] == 1)
        order = np.argsort(table["position"][rows])
        there, scores = table["listing"][rows][order], table["score"][rows][order]
        assert list(there).index(MINE) == 1
        free = [score for name, score in zip(there, scores, strict=True)
                if name not in (MINE, THEIRS)]  # fmt: skip
        assert free == sorted(free, reverse=True)
    assert (table["position"][(table["listing"] == MINE) & (table["day"] >= 40)] != 2).any()
    places = table["position"][(table["listing"] == THEIRS) & (table["day"] >= ACTS)]
    assert len(set(places)) > 1 and names.index(THEIRS) >= 0


@pytest.mark.parametrize(
    ("arrow", "weight"),
    [("sales -> rank", "velocity"), ("sales -> rank", "conversion"), ("stars -> rank", "stars"),
     ("count -> rank", "count")],
)  # fmt: skip
def test_a_rank_of_one_component_stands_still_once_its_arrow_is_frozen(arrow, weight):
    one = tuple(w for w in ONE_WEIGHT if weight not in w)
    with_it = lived(on_day({"do": "freeze", "arrow": arrow}), more=(*one, *NOBODY_LEAVES))
    table = with_it.tables()["listings"]
    scores = {
        name: table["score"][(table["listing"] == name) & (table["day"] >= ACTS)]
        for name in with_it.listing_names
    }
    assert all(len(set(values)) == 1 for values in scores.values())
    assert len({values[0] for values in scores.values()}) > 1
    free = lived(more=(*one, *NOBODY_LEAVES)).tables()["listings"]
    assert len(set(free["score"][(free["listing"] == MINE) & (free["day"] >= ACTS)])) > 1


@pytest.mark.parametrize(
    ("arrow", "weight"),
    [("stars -> demand", "stars"), ("count -> demand", "count"),
     ("low stars -> demand", "low_stars"), ("store score -> demand", "store")],
)  # fmt: skip
def test_shoppers_see_what_they_saw_once_an_arrow_is_frozen(arrow, weight):
    deaf = [f"choice.segments.{g}.{name}=0.0" for g in range(len(small_market().choice.segments))
            for name in ("stars", "count", "low_stars", "store") if name != weight]  # fmt: skip
    more = (*deaf, *NOBODY_LEAVES, "choice.first_reviews=0.0")
    if weight == "count":
        more = (*deaf, *NOBODY_LEAVES)
    frozen, free = (Engine(market(*i, more=more)) for i in
                    ((on_day({"do": "freeze", "arrow": arrow, "until": 45}),), ()))  # fmt: skip
    seen = []
    for engine in (frozen, free):
        engine.live_through(ACTS - 1)
        before = engine.world.attraction.copy()
        engine.live_through(44)
        seen.append((before, engine.world.attraction.copy()))
    assert (seen[0][0] == seen[0][1]).all() and (seen[1][0] != seen[1][1]).any()
    frozen.live_through(45)
    assert (frozen.world.attraction != seen[0][1]).any(), "the next morning sees what there is"


def test_without_position_shoppers_look_anywhere():
    both = [lived(on_day({"do": "freeze", "arrow": "position -> demand"})), lived()]
    shares = []
    for engine in both:
        table = engine.tables()["listings"]
        late = (table["day"] > ACTS + 1) & (table["position"] <= 2)
        shares.append(table["examined"][late].sum() / table["examined"][table["day"] > ACTS].sum())
        assert (table["examined"] <= table["impressions"]).all()
    assert shares[0] < 0.9 * shares[1]


def test_an_account_without_its_rate_stays_as_it_is():
    harsh = ("platform.odr.min_orders=3", "platform.odr.min_defects=1", "sellers.0.damaged=0.9",
             "platform.odr.lower_bound=0.0", "platform.account.at_risk_days=2",
             "platform.odr.lag_days=3", "platform.gates=[]")  # fmt: skip
    states = []
    for interventions in ((), (on_day({"do": "freeze", "arrow": "odr -> account"}, 1),)):
        table = lived(*interventions, more=harsh).tables()["sellers"]
        states.append(set(table["state"][(table["seller"] == "Northwind") & (table["day"] > 3)]))
    assert "deactivated" in states[0]
    assert states[1] <= {"healthy"} and HEALTHY < AT_RISK


# grains and branches -------------------------------------------------------------------------


def test_interventions_are_the_same_at_both_grains():
    every = (*(on_day(content, 8) for content in ON_A_DAY), *ON_AN_EVENT)
    config = small_market(
        *LIVELY, "days=25", "run_out=5", "past.days=20", "buyers.count=150",
        "non_buying_users.count=40",
        f"interventions={json.dumps([one for one in every if one.get('until') != 40])}",
    )  # fmt: skip
    at_once, by_agent = Marketplace(config), Marketplace(config)
    while at_once.day <= at_once.last_day:
        compiled_day(at_once)
        agents_in_random_order(by_agent)
    assert_same(at_once, by_agent)
    assert at_once.interventions.planned == by_agent.interventions.planned
    assert sum(one.acted is not None for one in at_once.interventions.planned) > 15


@pytest.mark.parametrize("branching", [10, 24, 30, 41])
def test_a_branch_carries_on_what_has_begun(branching):
    """Whatever has acted, holds, or waits for its day."""
    some = (
        on_day(ON_A_DAY[1]),
        on_day({"do": "freeze", "arrow": "sales -> rank", "until": 50}),
        on_day(ON_A_DAY[7], 28),
        {**ON_AN_EVENT[8], "arrow": "stars -> rank"},
        {"when": {"nth_order": {"seller": "Northwind", "n": 300}}, "do": "post", "stars": 1},
    )
    straight = lived(*some)
    begun = lived(*some, to=branching)
    twin = begun.branch(begun.config)
    before = begun.state_hash()
    assert twin.state_hash() == before
    twin.live_through(60)
    assert begun.state_hash() == before
    assert twin.state_hash() == straight.state_hash()
    assert twin.interventions == straight.interventions


def test_a_branch_without_them_is_freed(plain):
    begun = lived(on_day({"do": "freeze", "arrow": "sales -> rank"}), on_day(ON_A_DAY[6]), to=30)
    assert begun.world.now["frozen"][0] and begun.world.listings["forced"].any()
    twin = begun.branch(plain.config)
    assert not twin.world.now["frozen"][0] and not twin.world.listings["forced"].any()
    assert not twin.interventions.planned and not twin.interventions.watched


# the ledger ----------------------------------------------------------------------------------


def test_what_is_done_stands_in_the_ledger_with_its_cause():
    some = (
        {"when": {"first_review": MINE}, "do": "change", "stars": 2, "after_days": 3},
        {"when": {"first_review": MINE}, "do": "delete", "after_days": 6},
        {"when": {"nth_order": {"seller": "Northwind", "n": 30}}, "do": "post", "stars": 1},
        on_day(POST),
        on_day({"do": "position", "listing": MINE, "position": 1, "until": 40}),
        on_day({"do": "set", "values": {"sellers.Northwind.listings.0.price": 99.0}}),
        {"when": {"first_feedback": "Rival 2"}, "do": "block"},
    )
    config = market(*some)
    engine, plain = Engine(config, ledger=Ledger()), Engine(config)
    for one in (engine, plain):
        one.live_through(60)
    assert engine.state_hash() == plain.state_hash()
    rows = in_memory(engine)
    own = rows["kind"] == "intervention"
    done = {int(rows["event_id"][i]): str(rows["what"][i]) for i in np.flatnonzero(own)}
    assert sorted(done.values()) == sorted(one["do"] for one in some)
    for place, planned in enumerate(engine.interventions.planned):
        row = own & (rows["event_id"] == event_of("intervention", born_of(planned.acted, place)))
        assert rows["day"][row].tolist() == [planned.acted]
        assert rows["cause_id"][row].tolist() == [planned.event.id or 0]
    by = {(rows["kind"][i], done[int(rows["cause_id"][i])]): i for i in range(len(own))
          if int(rows["cause_id"][i]) in done}  # fmt: skip
    assert set(by) == {("change", "change"), ("deletion", "delete"), ("feedback", "post"),
                       ("review", "post")}  # fmt: skip
    assert all(rows["what"][i] == "by intervention" for i in by.values())
    change, deletion = by["change", "change"], by["deletion", "delete"]
    assert rows["stars"][change] == rows["stars_before"][deletion] == 2
    assert rows["post"][change] == rows["post"][deletion] != 0
    price = (rows["kind"] == "setting") & (rows["value"] == 99.0) & (rows["listing"] == MINE)
    assert rows["until"][price].tolist() == [ACTS]
    blocked = engine.interventions.planned[-1].event.id
    assert blocked not in rows["event_id"]
    ids = rows["event_id"]
    assert len(np.unique(ids)) == len(ids)


# ids -----------------------------------------------------------------------------------------


def test_keys_are_found_again_from_ids():
    for kind in KINDS:
        for key in (0, 1, 2**64 - 1, 0x9E3779B97F4A7C15):
            found = event_of(kind, key)
            assert found == int(event_id(KINDS.index(kind), np.uint64(key)))
            assert key_of(kind, found) == key
    assert next_change(12345, 2) == int(join(np.uint64(12345), 3))


# in an experiment ----------------------------------------------------------------------------

ARMS = {
    "as it was": {},
    "blocked": {"interventions": [{"when": {"first_negative_feedback": "Northwind"},
                                   "do": "block"}]},
    "worse, five": {"focal.on_time": 0.1, "interventions": [
        {"when": {"first_negative_feedback": "Northwind"}, "do": "flip", "stars": 5}]},
    "a price": {"interventions": [{"when": {"day": 5}, "do": "set",
                                   "values": {"focal.listings.0.price": 90.0}}]},
    "again": {"placebo": True},
}  # fmt: skip


def experiment(arms: dict[str, Any], *more: str):
    return tiny(f"arms={json.dumps(arms)}", "baseline=null", "sellers.0.damaged=0.3", *more)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    outcome = run_experiment(experiment(ARMS), tmp_path_factory.mktemp("r") / "out", workers=1)
    assert outcome.failures == [] and outcome.placebos_exact and not outcome.report_problem
    return outcome.path


def test_the_result_says_when_each_acted_and_where_its_event_was_not(result):
    arms = {arm["name"]: arm for arm in read_manifest(result)["arms"]}
    assert "interventions" not in arms["as it was"]
    (entry,) = arms["a price"]["interventions"]
    assert entry["acted"] == {"0": 5, "1": 5, "2": 5} and entry["not_acted"] == {}
    assert arms["a price"]["changes"] == []
    (blocked,), (five,) = (arms[name]["interventions"] for name in ("blocked", "worse, five"))
    assert blocked["events"] == five["events"]  # looked up in the baseline
    for one in (blocked, five):
        told = [*one["acted"], *(str(r) for lost in one["not_acted"].values() for r in lost)]
        assert sorted(told) == ["0", "1", "2"]
    assert blocked["acted"], "the baseline lives it in itself"
    page = (result / "report.html").read_text(encoding="utf-8")
    assert "on the first negative feedback of Northwind: it does not come to pass" in page
    assert "on day 5: focal.listings.0.price becomes 90" in page


def test_naming_the_event_by_its_id_is_the_same(result, tmp_path):
    (entry,) = next(
        arm["interventions"] for arm in read_manifest(result)["arms"] if arm["name"] == "blocked"
    )
    replicate, event = next(iter(entry["events"].items()))
    arms = {"as it was": {}, "blocked": {
        "interventions": [{"when": {"event": int(event)}, "do": "block"}]}}  # fmt: skip
    again = run_experiment(experiment(arms), tmp_path / "out", workers=1)
    (told,) = again.manifest["arms"][1]["interventions"]
    assert told["acted"][replicate] == entry["acted"][replicate]
    pick = f"where arm = 'blocked' and replicate = {replicate}"
    assert measured(result, pick) == measured(again.path, pick)
    others = {r for lost in told["not_acted"].values() for r in lost}
    assert int(replicate) not in others and set(told["not_acted"]) <= {
        "the event did not come to pass"
    }


def measured(folder, where: str) -> list[tuple[Any, ...]]:
    import duckdb

    return duckdb.sql(f"select * from '{folder}/measured.parquet' {where} order by all").fetchall()


def test_several_workers_find_the_same(result, tmp_path):
    both = run_experiment(experiment(ARMS), tmp_path / "out", workers=2)
    assert both.manifest["content_hash"] == read_manifest(result)["content_hash"]
    assert read_manifest(both.path)["arms"] == read_manifest(result)["arms"]


def test_a_plan_says_them_in_words():
    text = plan_text(experiment(ARMS))
    assert "on the first negative feedback of Northwind: it is written with 5 stars" in text
    assert "on day 5: focal.listings.0.price becomes 90.0" in text


# mistakes ------------------------------------------------------------------------------------

WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"when": {"first_review": "Steel pot"}, "do": "block"}, 'did you mean "Steel pan"?'),
    ({"when": {"first_feedback": "Northwing"}, "do": "block"}, 'did you mean "Northwind"?'),
    ({"when": {"nth_order": {"seller": "Nobody", "n": 1}}, "do": "block"}, 'found "Nobody"'),
    ({"when": {"day": 4, "event": 5}, "do": "block"}, "exactly one of day, event"),
    ({"when": {}, "do": "block"}, "exactly one of day, event"),
    ({"when": {"day": 31}, **POST}, "found 31; allowed: 1 to 30"),
    ({"when": {"first_review": MINE}, "do": "delete", "stars": 3}, "found stars with do: delete"),
    ({"when": {"first_review": MINE}, "do": "flip"}, "do: flip needs stars"),
    ({"when": {"day": 4}, "do": "delete"}, "which is no post"),
    ({"when": {"day": 4}, "do": "post", "stars": 1}, "needs listing"),
    ({"when": {"day": 4}, "do": "freeze", "arrow": "sales -> stars"}, "allowed: one of sales"),
    ({"when": {"day": 4}, "do": "position", "listing": MINE, "position": 0}, "found position 0"),
    ({"when": {"day": 4}, "do": "set", "values": {"focal.on_tim": 0.5}}, "on_time"),
    ({"when": {"day": 4}, "do": "set", "values": {"focal.on_time": 2.0}}, "found 2.0; allowed"),
    ({"when": {"day": 4}, "do": "set", "values": {"strategy": "recovr"}}, '"recover"'),
    ({"when": {"day": 4}, "do": "set", "values": {"buyers.count": 5}}, "market was built with"),
    ({"when": {"day": 4}, "do": "set", "values": {"days": 5}}, "belongs to the experiment"),
    ({"when": {"day": 4}, "do": "set", "values": {"interventions": []}}, "belongs to the"),
    ({"when": {"day": 4}, "do": "set",
      "values": {"focal.on_time": 0.5, "sellers.0.on_time": 0.6}}, "each value once"),
)  # fmt: skip


@pytest.mark.parametrize(("content", "said"), WRONG, ids=lambda x: str(x)[:50])
@pytest.mark.parametrize("in_arm", [False, True])
def test_a_mistake_is_said_once_with_its_place(content, said, in_arm):
    other = {"interventions": [content]} if in_arm else {"strategy": "thank"}
    arms: dict[str, Any] = {"a": {}, "b": other}
    with pytest.raises(ConfigError) as raised:
        tiny(
            "days=20", "run_out=10", f"arms={json.dumps(arms)}", "baseline=null",
            f"interventions={'[]' if in_arm else json.dumps([content])}",
        )  # fmt: skip
    (mistake,) = raised.value.mistakes
    assert said in str(mistake)
    assert mistake.where.startswith("--set arms" if in_arm else "--set interventions")
