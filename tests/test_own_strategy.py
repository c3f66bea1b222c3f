"""Strategies in Python: what a class sees, what it may do, and when its code runs at all."""

from __future__ import annotations

import math
import sys
from importlib.metadata import EntryPoint

import numpy as np
import pytest
from markets import small_market
from tiny import tiny

from experiments import own_code
from experiments.cli import app
from experiments.mistakes import UserError
from experiments.plan import plan_text
from experiments.platforms import ROOT
from experiments.runner import NothingSucceeded, run_experiment
from sim.engine import Engine
from sim.model import Marketplace
from sim.own_strategy import Act, Inbox, StrategyError

LOUD = (
    "days=80", "platform.feedback.leave_rate=0.3", "platform.reviews.leave_rate=0.2",
    "sellers.0.damaged=0.1",
    "sellers.0.care={answers: 0.5, delay_days: 2.0, tone: 0.5, refund: 0.0}",
)  # fmt: skip
CODE = ("strategies={mine: {code: 'no_such_module:Class'}}", "sellers.0.strategy=mine")
PATH = ROOT / "configs" / "own_strategy.yaml"


def lived(maker, *more: str) -> Engine:
    engine = Engine(small_market(*LOUD, *CODE, *more), own_strategies={"mine": maker})
    engine.live_through(engine.last_day)
    return engine


def follower(*more: str) -> Engine:
    engine = Engine(small_market(*LOUD, *more))
    engine.live_through(engine.last_day)
    return engine


def own(engine: Engine, column: str) -> np.ndarray:
    columns = engine.tables()["sellers"]
    return columns[column][columns["seller"] == "Northwind"]


def same_tables(a: Engine, b: Engine) -> bool:
    return all(
        np.array_equal(column, b.tables()[table][name], equal_nan=column.dtype.kind == "f")
        for table, columns in a.tables().items()
        for name, column in columns.items()
    )


class Recover:
    """``configs/strategies/recover.yaml`` as a class."""

    def act(self, inbox: Inbox) -> list[Act]:
        return [
            Act(row, "apologise")
            for row in range(len(inbox))
            if 1 <= inbox.stars[row] <= 3
            and (inbox.event[row] == "feedback_posted" or inbox.verified[row])
        ]


class Nothing:
    def act(self, inbox: Inbox) -> list[Act]:
        return []


class Always:
    """Does one thing on every mail of an event."""

    event, do, more = "feedback_posted", "ask_review", {}

    def act(self, inbox: Inbox) -> list[Act]:
        rows = np.flatnonzero(inbox.event == self.event)
        return [Act(int(row), self.do, **self.more) for row in rows]


def always(event: str, do: str, **more):
    return type("Made", (Always,), {"event": event, "do": do, "more": more})


def test_a_class_and_lines_that_say_the_same_do_the_same_to_the_bit():
    by_lines = follower("sellers.0.strategy=recover")
    assert own(by_lines, "contacts").sum() > 20
    assert same_tables(lived(Recover), by_lines)


def test_a_class_that_does_nothing_leaves_the_care_as_it_is():
    assert same_tables(lived(Nothing), follower())


def test_agents_one_by_one_live_the_same_life():
    together = lived(Recover, "days=20")
    model = Marketplace(small_market(*LOUD, *CODE, "days=20"), own_strategies={"mine": Recover})
    while model.day <= model.last_day:
        model.agents.shuffle_do("step")
        model.platform_turn()
    assert own(together, "contacts").sum() > 0
    assert same_tables(together, model)


def test_what_it_sees_is_what_a_seller_sees():
    seen: list[Inbox] = []

    class Looks:
        def act(self, inbox: Inbox) -> list[Act]:
            seen.append(inbox)
            return []

    engine = lived(Looks)
    assert [inbox.day for inbox in seen] == list(range(-39, engine.last_day + 1))
    events = {event for inbox in seen for event in inbox.event}
    assert events >= {"feedback_posted", "review_posted", "complaint", "order_delivered",
                      "order_shipped", "promise_passed"}  # fmt: skip
    last = next(inbox for inbox in reversed(seen) if inbox.day == 80)
    assert last.seller == "Northwind" and last.state in ("healthy", "at risk", "deactivated")
    assert math.isclose(last.odr, own(engine, "odr")[78], abs_tol=1e-12)  # as of last night
    posts = [(i.event[k], i.stars[k]) for i in seen for k in range(len(i))]
    assert all((1 <= stars <= 5) == event.endswith("posted") for event, stars in posts)
    draws = np.concatenate([inbox.draw for inbox in seen])
    assert len(np.unique(draws)) == len(draws) and abs(draws.mean() - 0.5) < 0.05
    assert all(inbox.verified[inbox.event != "review_posted"].sum() == 0 for inbox in seen)


def test_arrays_cannot_be_written_to():
    class Writes:
        def act(self, inbox: Inbox) -> list[Act]:
            inbox.stars[:] = 5
            return []

    with pytest.raises(StrategyError, match='"mine" of "Northwind" on day -39: ValueError'):
        lived(Writes)


def test_its_limits_hold():
    free = lived(always("order_delivered", "ask_review"))
    few = lived(always("order_delivered", "ask_review"),
                "strategies={mine: {code: 'x:Y', per_day: 1}}")  # fmt: skip
    poor = lived(always("order_delivered", "apologise", refund=1.0),
                 "strategies={mine: {code: 'x:Y', budget: 50}}")  # fmt: skip
    answers = own(follower(), "contacts")
    assert own(free, "contacts").max() > 3
    assert (own(few, "contacts")).max() <= 1 + answers.max()
    assert own(few, "contacts").sum() < own(free, "contacts").sum()
    months = [own(poor, "spent_outreach")[first : first + 30].sum() for first in (0, 30)]
    assert 0 < max(months) <= 50.0


def test_it_may_promise_rewards_as_lines_may():
    free = "platform.policy.reward={says: allowed}"
    promised = lived(always("order_delivered", "reward", reward=10.0), free)
    silent = follower()
    assert own(promised, "spent_outreach").sum() > 10 > own(silent, "spent_outreach").sum()
    assert own(promised, "contacts").sum() > own(silent, "contacts").sum()
    cheap = lived(always("order_delivered", "reward", reward=0.01), free)
    assert own(cheap, "spent_outreach").sum() < own(promised, "spent_outreach").sum()


def test_who_picks_whom_to_ask_about_posts_screens_them():
    forbidden = lived(
        always("feedback_posted", "ask_review"),
        "platform=amazon",
        "platform.feedback.leave_rate=0.3",
    )
    neutral = lived(always("order_delivered", "ask_review"), "platform=amazon")
    assert own(forbidden, "forbidden").sum() > 0
    assert own(neutral, "contacts").sum() > 0 and own(neutral, "forbidden").sum() == 0


def test_a_complaint_that_it_acts_on_gets_no_second_answer():
    answered = lived(always("complaint", "apologise", refund=1.0, tone=1.0))
    assert own(answered, "complaints").sum() > 5
    assert own(answered, "spent_outreach").sum() > 0
    # Words and the whole price on every complaint, and nothing of the usual care beside them.
    assert own(answered, "contacts").sum() <= own(answered, "complaints").sum() + 10


MISBEHAVIOUR = {
    "raises": (lambda inbox: 1 / 0, "ZeroDivisionError: division by zero"),
    "leaves": (lambda inbox: sys.exit(3), "SystemExit: 3"),
    "nothing at all": (lambda inbox: None, "TypeError"),
    "no act": (lambda inbox: ["thank"], "returned 'thank'"),
    "no such mail": (lambda inbox: [Act(10_000, "thank")], "found row 10000; allowed: 0 to"),
    "no number": (lambda inbox: [Act("0", "thank")], "found row '0'"),
    "no such act": (lambda inbox: [Act(0, "shout")], "found do 'shout' on"),
    "unfit act": (lambda inbox: [Act(0, "set_price")], "found do 'set_price' on"),
    "twice": (lambda inbox: [Act(0, "apologise")] * 2, "twice on mail 0"),
    "too late": (lambda inbox: [Act(0, "apologise", after_days=-1)], "found after_days -1"),
    "too kind": (lambda inbox: [Act(0, "apologise", tone=1.5)], "found tone 1.5"),
    "not a number": (lambda inbox: [Act(0, "apologise", tone=math.nan)], "found tone nan"),
    "too generous": (lambda inbox: [Act(0, "apologise", refund=2.0)], "found refund 2.0"),
    "no money": (lambda inbox: [Act(0, "refund")], "found a refund of 0"),
    "a reward of nothing": (lambda inbox: [Act(0, "reward")], "'reward'"),
    "a reward for all": (lambda inbox: [Act(0, "apologise", reward=2.0)], "found reward 2 with do"),
    "too rich": (lambda inbox: [Act(0, "apologise", reward=2e6)], "found reward 2000000.0;"),
    "reviews": (lambda inbox: [Act(0, "buy_reviews")], "found do 'buy_reviews' on"),
    "money with goods": (lambda inbox: [Act(0, "replace", refund=0.5)], "refund with do 'replace'"),
}  # fmt: skip


@pytest.mark.parametrize("how", MISBEHAVIOUR)
def test_a_misbehaving_one_is_named_with_its_day(how):
    misbehave, said = MISBEHAVIOUR[how]

    class Bad:
        def act(self, inbox: Inbox):
            return misbehave(inbox) if len(inbox) else []

    with pytest.raises(StrategyError, match=r'strategy "mine" of "Northwind" on day -?\d+: ') as e:
        lived(Bad)
    assert said in str(e.value)


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3)])
def test_one_that_cannot_be_made_is_named_too(error):
    def maker():
        raise error

    said = f'"mine" of "Northwind" on day -39: {type(error).__name__}: {error}'
    with pytest.raises(StrategyError, match=said):
        lived(maker)


def test_what_it_was_shown_is_checked_as_it_was(recwarn):
    """Calling a review an order does not make screened requests out of it neutral ones."""

    class Forges:
        def act(self, inbox: Inbox) -> list[Act]:
            posts = np.flatnonzero(inbox.event == "feedback_posted")
            inbox.event.flags.writeable = True
            inbox.event[posts] = "order_delivered"
            return [Act(int(row), "ask_review") for row in posts]

    assert own(lived(Forges, "platform=amazon"), "forbidden").sum() > 0


def test_every_seller_and_every_life_has_an_object_of_its_own():
    made = []

    class Counts:
        def __init__(self) -> None:
            made.append(self)

        def act(self, inbox: Inbox) -> list[Act]:
            return []

    market = small_market(*LOUD, *CODE, "rivals.strategy=mine")
    engine = Engine(market, own_strategies={"mine": Counts})
    engine.live_a_day()
    assert len(made) == 1 + market.rivals.count
    twin = engine.branch(market, {"mine": Counts})
    twin.live_a_day()
    assert len(made) == 2 * (1 + market.rivals.count)


def test_a_class_must_be_given_to_an_engine():
    with pytest.raises(ValueError, match="no class is given for the strategies mine"):
        Engine(small_market(*CODE))
    engine = Engine(small_market("past.days=5"))
    with pytest.raises(ValueError, match="no class is given"):
        engine.branch(small_market("past.days=5", *CODE))


# --- experiments -------------------------------------------------------------------------------


def trap(tmp_path):
    """A module that leaves a trace when it is imported, and a file that follows it."""
    (tmp_path / "trap_of_code.py").write_text(
        "from pathlib import Path\n"
        "Path(__file__).with_name('imported').touch()\n"
        "class Trap:\n    def act(self, inbox):\n        return []\n"
    )
    text = PATH.read_text(encoding="utf-8").replace(
        "angriest_first:AngriestFirst", "trap_of_code:Trap"
    )
    path = tmp_path / "trap.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_checking_imports_nothing_and_running_needs_leave(tmp_path):
    path = trap(tmp_path)
    loaded = tiny("replicates=1", path=path)
    assert "code of its own, trap_of_code:Trap" in plan_text(loaded)
    with pytest.raises(UserError, match=r"found strategy trap_of_code:Trap.*--allow-code"):
        run_experiment(loaded, tmp_path / "out", workers=1)
    assert not (tmp_path / "imported").exists() and not (tmp_path / "out").exists()
    run_experiment(loaded, tmp_path / "out", workers=1, allow_code=True)
    assert (tmp_path / "imported").exists()


def test_what_is_installed_as_an_entry_point_may_run(tmp_path, monkeypatch):
    loaded = tiny(path=trap(tmp_path))
    point = EntryPoint("trap", "trap_of_code:Trap", own_code.GROUP)
    monkeypatch.setattr(own_code, "entry_points", lambda group: [point])
    assert own_code.refuse_unless_allowed(loaded, allowed=False) == tmp_path


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("no_such_module_here:Class", "cannot be imported: ModuleNotFoundError"),
        ("math:no_such_class", "cannot be imported: AttributeError"),
        ("math:pi", "has no method `act`"),
    ],
)
def test_what_is_no_strategy_is_said_before_anything_runs(tmp_path, spec, said):
    loaded = tiny(f"strategies.angriest first.code={spec}", path=PATH)
    with pytest.raises(UserError, match=said):
        run_experiment(loaded, tmp_path / "out", allow_code=True)
    assert not (tmp_path / "out").exists()


def test_a_seller_may_name_the_class_itself(tmp_path):
    loaded = tiny("sellers.0.strategy=angriest_first:AngriestFirst", path=PATH)
    assert loaded.market.strategies["angriest_first:AngriestFirst"].code


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        ("{code: 'a:B', lines: [{when: complaint, do: refund, remedy: {refund: 1.0}}]}",
         "found code and lines"),
        ("{per_day: 3}", "found per_day of a whole strategy"),
        ("{code: 'a b:C'}", "code"),
    ],
)  # fmt: skip
def test_mistakes_in_a_file(strategy, said):
    with pytest.raises(UserError, match=said):
        small_market(f"strategies={{mine: {strategy}}}", "sellers.0.strategy=mine")


def test_a_failing_class_fails_its_replicate_with_its_day(tmp_path):
    (tmp_path / "breaks_on_day_five.py").write_text(
        "class Breaks:\n    def act(self, inbox):\n        assert inbox.day < 5, 'no more'\n"
        "        return []\n"
    )
    path = tmp_path / "breaks.yaml"
    text = PATH.read_text(encoding="utf-8")
    path.write_text(text.replace("angriest_first:AngriestFirst", "breaks_on_day_five:Breaks"))
    with pytest.raises(NothingSucceeded, match=r"on day 5: AssertionError: no more"):
        run_experiment(tiny("replicates=2", path=path), tmp_path / "out", allow_code=True)


@pytest.mark.slow
def test_any_number_of_workers_gives_the_same(tmp_path):
    loaded = tiny("replicates=2", path=PATH)
    hashes = {
        run_experiment(loaded, tmp_path / str(n), workers=n, allow_code=True).manifest[
            "content_hash"
        ]
        for n in (1, 2)
    }
    assert len(hashes) == 1


def test_the_command_line_refuses_in_one_line():
    from typer.testing import CliRunner

    result = CliRunner().invoke(app, ["run", str(PATH), "--replicates", "1"])
    assert result.exit_code == 2
    assert "--allow-code" in result.output
