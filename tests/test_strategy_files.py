"""Strategies by name: the shipped files, those of one's own, who follows, what is said of mistakes.

Nothing here lives through a market: only files are read.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from experiments.config import ROOT, load, load_market
from experiments.mistakes import ConfigError
from experiments.strategies import (
    STRATEGIES,
    shipped,
    shipped_strategies,
    shipped_strategy,
    used_only,
)
from experiments.strategy_words import ACTS as ACTS_IN_WORDS
from experiments.strategy_words import EVENTS as EVENTS_IN_WORDS
from experiments.strategy_words import line_in_words, strategy_in_words
from sim.config.market import Category, Listing, Market, Rivals, Seller
from sim.config.platform import PlatformRules
from sim.config.strategy import ACTS, Line, Remedy, Service, Strategy

BASE = """\
platform: amazon_2016
categories: [{name: toys}]
sellers:
  - {name: A. B, listings: [{category: toys}]}
  - {name: C, focal: true, listings: [{category: toys}]}
"""
FIRST = BASE.count("\n") + 1
"""Line of what is added to BASE."""

OWN = """\
strategies:
  listed:
    - {when: complaint, do: apologise, remedy: {refund: 0.2}}
  told:
    about: Thanks everybody
    lines:
      - {when: feedback_posted, do: thank}
      - {when: order_delivered, do: ask_review, after_days: 7}
  filed: mine.yaml
"""
MINE = "about: From a file\nlines:\n  - {when: claim_opened, do: refund, remedy: {refund: 1.0}}\n"


def write(folder: Path, text: str, *, mine: str = MINE) -> Path:
    (folder / "mine.yaml").write_text(mine, encoding="utf-8")
    file = folder / "experiment.yaml"
    file.write_text(BASE + text, encoding="utf-8")
    return file


def arms_of(folder: Path, arms: str, more: str = ""):
    text = "arms:\n" + "".join(f"  {line}\n" for line in arms.splitlines()) + more
    return {arm.name: arm for arm in load(write(folder, text)).arms}


def followed(market: Market) -> list[str]:
    return [*(seller.strategy for seller in market.sellers), market.rivals.strategy]


def said(arm) -> list[tuple]:
    return [(".".join(map(str, c.loc)), c.old, c.new) for c in arm.changes]


# --- shipped -----------------------------------------------------------------------------------

FILES = sorted(STRATEGIES.glob("*.yaml"))


def test_the_shipped_strategies_are_those_of_the_model():
    assert list(shipped()) == [
        "none", "ask_everyone", "brand_template", "buy_reviews", "full_service", "hit_product",
        "recover", "reward", "thank",
    ]  # fmt: skip
    assert tuple(shipped_strategies()) == shipped()
    assert shipped_strategy("none").lines == ()
    assert all(strategy.about.endswith(".") for strategy in shipped_strategies().values())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_file_is_commented_line_by_line_and_may_be_copied(file, tmp_path):
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert lines[0] == "# yaml-language-server: $schema=schema.json"
    assert "docs/how_to/your_own_strategy.md" in text
    begun = [i for i, line in enumerate(lines) if line.startswith("  - ")]
    assert len(begun) == len(shipped_strategy(file.stem).lines) > 0
    assert all(lines[i - 1].startswith("  # ") for i in begun), "say why, above each line"
    (tmp_path / "copy.yaml").write_text(text, encoding="utf-8")
    experiment = write(tmp_path, "strategies: {copy: copy.yaml}\nrivals: {strategy: copy}\n")
    assert load_market(experiment).strategies == {"copy": shipped_strategy(file.stem)}


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_strategy_is_found_by_its_name(name, tmp_path):
    market = load_market(write(tmp_path, f"rivals: {{strategy: {name}}}\n"))
    assert market.rivals.strategy == name
    assert market.strategies == ({} if name == "none" else {name: shipped_strategy(name)})
    assert load(write(tmp_path, f"rivals: {{strategy: {name}}}\n")).warnings == ()


def test_recover_apologises_at_once_in_the_seller_s_own_tone_and_without_money():
    bad = {"stars": (1, 2, 3), "do": "apologise"}
    assert shipped_strategy("recover").lines == (
        Line(when="feedback_posted", **bad),
        Line(when="review_posted", verified=True, **bad),
    )


def test_the_shipped_strategies_do_what_the_mission_says():
    strategies = shipped_strategies()
    assert [(a.when, a.stars, a.do) for a in strategies["thank"].lines] == [
        ("feedback_posted", (4, 5), "thank")
    ]
    screened, *rest = strategies["hit_product"].lines
    assert (screened.when, screened.stars, screened.reviewed, screened.do) == (
        "feedback_posted", (4, 5), False, "ask_review",
    )  # fmt: skip
    assert tuple(rest) == strategies["recover"].lines
    (asked,) = strategies["ask_everyone"].lines
    assert (asked.when, asked.stars, asked.reviewed, asked.do) == (
        "order_delivered", None, None, "ask_review",
    )  # fmt: skip
    assert asked.after_days > 0
    request, courtesy = strategies["brand_template"].lines
    assert (request.do, request.contacted, request.after_days) == ("ask_both", False, 5)
    assert 5 <= request.after_days <= 30
    assert (courtesy.when, courtesy.verified, courtesy.do) == ("review_posted", True, "refund")
    assert courtesy.tone == 0.5, "the platform's words are neither warm nor clumsy"
    whole = {(line.when, line.do) for line in strategies["full_service"].lines}
    assert {("complaint", "apologise"), ("feedback_posted", "thank")} <= whole
    assert {("feedback_posted", "ask_review"), ("review_posted", "replace")} <= whole
    (promised,) = strategies["reward"].lines
    assert (promised.when, promised.do) == ("order_delivered", "reward") and promised.reward > 0
    (buys,) = strategies["buy_reviews"].lines
    assert (buys.when, buys.do, buys.bought.stars) == ("on_day", "buy_reviews", 5)


def test_what_full_service_shows_in_comments_is_right(tmp_path):
    text = (STRATEGIES / "full_service.yaml").read_text(encoding="utf-8")
    shown = re.findall(r"^  # (- \{.*\})$", text, flags=re.MULTILINE)
    acts = " ".join(shown)
    assert all(word in acts for word in ("state_is", "every_days"))
    assert all(word in acts for word in ("set_service", "set_price", "pause"))
    for line in shown:
        experiment = f"strategies:\n  trial:\n    {line}\nrivals: {{strategy: trial}}\n"
        assert len(load_market(write(tmp_path, experiment)).strategies["trial"].lines) == 1


# --- in a market -------------------------------------------------------------------------------


def test_a_market_holds_the_strategies_that_are_followed_however_they_are_written(tmp_path):
    file = write(tmp_path, OWN + "rivals: {strategy: filed, adopters: 0.3}\n")
    changes = ["sellers.0.strategy=listed", "sellers.C.strategy=told"]
    market = load_market(file, changes)
    assert followed(market) == ["listed", "told", "filed"]
    assert list(market.strategies) == ["filed", "listed", "told"]
    assert market.strategies["listed"].lines == (
        Line(when="complaint", do="apologise", remedy=Remedy(refund=0.2)),
    )
    assert market.strategies["told"].about == "Thanks everybody"
    assert [line.do for line in market.strategies["told"].lines] == ["thank", "ask_review"]
    assert market.strategies["filed"].about == "From a file"
    assert load_market(file, [*changes, "rivals.strategy=none"]).strategies.keys() == {
        "listed", "told",
    }  # fmt: skip


def test_a_file_may_hold_lines_alone(tmp_path):
    alone = "- {when: complaint, do: refund, remedy: {refund: 0.1}}\n"
    file = write(tmp_path, "strategies: {m: mine.yaml}\nrivals: {strategy: m}\n", mine=alone)
    assert [line.do for line in load_market(file).strategies["m"].lines] == ["refund"]


def test_one_s_own_comes_before_the_shipped_one_of_the_same_name(tmp_path):
    own = "strategies: {recover: [{when: complaint, do: apologise}]}\nrivals: {strategy: recover}\n"
    lines = load_market(write(tmp_path, own)).strategies["recover"].lines
    assert lines == (Line(when="complaint", do="apologise"),) != shipped_strategy("recover").lines


def test_markets_are_equal_whatever_else_their_files_define(tmp_path):
    plain = load_market(write(tmp_path, "rivals: {strategy: thank}\n"))
    assert load_market(write(tmp_path, OWN + "rivals: {strategy: thank}\n")) == plain
    by_hand = "strategies: {thank: [{when: feedback_posted, stars: [4, 5], do: thank}]}\n"
    other = load_market(write(tmp_path, by_hand + "rivals: {strategy: thank}\n"))
    assert other.strategies["thank"].lines == plain.strategies["thank"].lines
    assert load_market(write(tmp_path, OWN)) == load_market(write(tmp_path, ""))


def test_what_nobody_follows_is_warned_of(tmp_path):
    warnings = load(write(tmp_path, OWN + "arms: {a: {}, b: {strategy: told}}\n")).warnings
    assert [str(w).split("experiment.yaml:")[1] for w in warnings] == [
        f"{FIRST + 1}:3: strategies.listed: no seller of any arm follows it",
        f"{FIRST + 8}:3: strategies.filed: no seller of any arm follows it",
    ]


def test_a_market_made_in_python_is_cut_to_what_it_uses():
    market = Market(
        platform=PlatformRules(name="p"),
        categories=(Category(name="toys"),),
        sellers=(Seller(name="A", strategy="b", listings=(Listing(category="toys"),)),),
        rivals=Rivals(strategy="none"),
        strategies={"b": Strategy(about="used"), "a": Strategy(about="idle")},
    )
    assert used_only(market).strategies == {"b": Strategy(about="used")}


# --- arms and paths ----------------------------------------------------------------------------


def test_an_arm_s_strategy_is_one_change(tmp_path):
    arms = arms_of(tmp_path, "base: {}\nother: {strategy: recover}\nown: {strategy: listed}", OWN)
    assert said(arms["other"]) == [("sellers.1.strategy", "none", "recover")]
    assert said(arms["own"]) == [("sellers.1.strategy", "none", "listed")]
    assert arms["base"].market.strategies == {}
    assert list(arms["own"].market.strategies) == ["listed"]
    assert not any(arm.rebuilt for arm in arms.values())


WHO = [
    ("", ["none", "recover", "none"], 1.0),
    ("who: focal", ["none", "recover", "none"], 1.0),
    ("who: all", ["recover", "recover", "recover"], 1.0),
    ("who: {share: 0.3}", ["none", "recover", "recover"], 0.3),
    ("who: {share: 0}", ["none", "recover", "recover"], 0.0),
    ("who: {share: 1}", ["none", "recover", "recover"], 1.0),
]


@pytest.mark.parametrize(("who", "names", "adopters"), WHO, ids=[row[0] for row in WHO])
def test_who_says_who_follows_the_strategy_of_an_arm(tmp_path, who, names, adopters):
    arms = arms_of(tmp_path, f"base: {{}}\nother: {{strategy: recover, {who}}}")
    market = arms["other"].market
    assert followed(market) == names
    assert market.rivals.adopters == adopters
    assert list(market.strategies) == ["recover"]
    assert not arms["other"].rebuilt


def test_who_is_told_from_what_the_base_says_of_rivals(tmp_path):
    base = "rivals: {strategy: thank, adopters: 0.2}\n"
    arms = arms_of(
        tmp_path,
        "base: {}\nfocal: {strategy: recover}\nall: {strategy: recover, who: all}\n"
        "again: {placebo: true}",
        base + "baseline: all\n",
    )
    assert (arms["focal"].market.rivals.strategy, arms["focal"].market.rivals.adopters) == (
        "thank", 0.2,
    )  # fmt: skip
    assert said(arms["all"])[-2:] == [
        ("rivals.strategy", "thank", "recover"),
        ("rivals.adopters", 0.2, 1.0),
    ]
    assert arms["again"].market == arms["all"].market


def test_lines_can_be_changed_by_path_in_arms_and_overrides(tmp_path):
    arms = arms_of(
        tmp_path,
        "base: {}\n"
        "soon: {strategy: recover}\n"
        "late: {strategy: recover, strategies.recover.lines.1.after_days: 9}\n"
        "other: {strategies.told: [{when: complaint, do: apologise}], strategy: told}\n"
        "new: {strategies.new: [{when: complaint, do: apologise}], strategy: new}\n"
        "file: {strategies: {other: mine.yaml}, strategy: other}\n",
        OWN,
    )
    assert said(arms["late"]) == [
        ("sellers.1.strategy", "none", "recover"),
        ("strategies.recover.lines.1.after_days", 0, 9),
    ]
    assert [line.after_days for line in arms["late"].market.strategies["recover"].lines] == [0, 9]
    assert ("sellers.1.strategy", "none", "told") in said(arms["other"])  # words are no change
    assert said(arms["new"])[1] == (
        "strategies.new", None, Strategy(lines=(Line(when="complaint", do="apologise"),)),
    )  # fmt: skip
    assert arms["file"].market.strategies["other"].about == "From a file"
    assert not any(arm.rebuilt for arm in arms.values())
    market = load_market(
        write(tmp_path, ""),
        ["strategies.thank.lines.0.per_day=3", "rivals.strategy=thank",
         "strategies.own=mine.yaml", "sellers.0.strategy=own",
         "strategies.own.lines.0.remedy.refund=0.4"],
    )  # fmt: skip
    assert market.strategies["thank"].lines[0].per_day == 3
    assert market.strategies["own"].lines[0].remedy == Remedy(refund=0.4)
    assert shipped_strategy("thank").lines[0].per_day is None


def test_arms_that_differ_in_a_line_only_are_not_the_same(tmp_path):
    arms = "a: {strategy: recover}\nb: {strategy: recover, strategies.recover.lines.0.tone: 0.1}"
    assert len(arms_of(tmp_path, arms)) == 2
    same = "a: {strategy: recover}\nb: {strategy: recover, strategies.thank.lines.0.tone: 0.1}"
    with pytest.raises(ConfigError, match="the same market as arm"):
        arms_of(tmp_path, same)


# --- mistakes ----------------------------------------------------------------------------------

N = FIRST
ALL = ("allowed: none, ask_everyone, brand_template, buy_reviews, full_service, hit_product, "
       "recover, reward, thank")  # fmt: skip
MISTAKES = [
    # what                      added to the file             parts of the message
    ("unknown name", "rivals: {strategy: recovr}",
        [f":{N}:20: rivals.strategy: found \"recovr\"", ALL, 'did you mean "recover"?']),
    ("own names are offered", "strategies: {mine: []}\nrivals: {strategy: mane}",
        ["none, mine, ask_everyone", 'did you mean "mine"?']),
    ("file where a name stands", "rivals: {strategy: mine.yaml}",
        [f":{N}:20: rivals.strategy", "name a file under `strategies:`, as in `strategies: {mine"]),
    ("number for a name", "rivals: {strategy: 3}", ["found 3; allowed: the name of a strategy"]),
    ("lines for a name", "rivals: {strategy: [{when: complaint, do: thank}]}",
        ["found a list of 1; allowed: the name of a strategy, shipped or under `strategies:`"]),
    ("list of strategies", "strategies: [thank]", [f":{N}:13: strategies: found a list of 1"]),
    ("nothing under strategies", "strategies:", ["strategies: found nothing (null); allowed: a m"]),
    ("name for a definition", "strategies: {mine: recover}",
        [f":{N}:20: strategies.mine: found \"recover\"; allowed: a list of lines, a mapping with "
         "about and lines, or a path ending in .yaml"]),
    ("nothing for a definition", "strategies: {mine: }", ["strategies.mine: found nothing"]),
    ("tag for a definition", "strategies: {mine: !x 3}", ["found the tag !x"]),
    ("missing file", "strategies: {mine: gone.yaml}", ["gone.yaml: strategies.mine: no such file"]),
    ("a strategy called none", "strategies: {none: []}", ["`none` does nothing; allowed: another"]),
    ("empty name", 'strategies: {"": []}', ["allowed: text of 1 to 60 characters on one line"]),
    ("defined twice", "strategies: {a: [], a: []}", ["strategies.a: found the key a second time"]),
    ("unknown act", "strategies: {a: [{when: complaint, do: apologize}]}",
        [f":{N}:40: strategies.a.lines.0.do: found \"apologize\"; allowed: one of thank",
         'did you mean "apologise"?']),
    ("unknown event", "strategies: {a: {lines: [{when: feedback, do: thank}]}}",
        ["strategies.a.lines.0.when: found \"feedback\"; allowed: one of order_shipped"]),
    ("no event", "strategies: {a: [{do: thank}]}", ["lines.0.when: missing; required: one of"]),
    ("unknown filter", "strategies: {a: [{when: complaint, do: apologise, satisfied: true}]}",
        ["strategies.a.lines.0.satisfied: unknown key; allowed: above, after_days"]),
    ("who in a line", "strategies: {a: [{when: complaint, do: apologise, who: all}]}",
        ["strategies.a.lines.0.who: unknown key; allowed:"]),
    ("key of a seller", "strategies: {a: [{when: complaint, do: apologise, capacity: 3}]}",
        ["strategies.a.lines.0.capacity: unknown key; allowed:"]),
    ("misspelt key", "strategies: {a: [{when: complaint, do: apologise, after: 3}]}",
        ["unknown key; did you mean \"after_days\"?"]),
    ("misspelt part", "strategies: {a: {line: []}}",
        ["strategies.a.line: unknown key; did you mean \"lines\"?"]),
    ("six stars", "strategies: {a: [{when: feedback_posted, stars: [4, 6], do: thank}]}",
        ["strategies.a.lines.0.stars.1: found 6; allowed: a whole number from 1 to 5"]),
    ("no stars", "strategies: {a: [{when: feedback_posted, stars: [], do: thank}]}",
        ["found a list of 0; allowed: a list of 1 to 5 whole numbers from 1 to 5 or null"]),
    ("a star that is no list", "strategies: {a: [{when: feedback_posted, stars: 5, do: thank}]}",
        ["lines.0.stars: found 5; allowed: a list of 1 to 5 whole numbers"]),
    ("refund above the price",
        "strategies: {a: [{when: complaint, do: refund, remedy: {refund: 2}}]}",
        ["strategies.a.lines.0.remedy.refund: found 2; allowed: a number from 0 to 1"]),
    ("negative budget", "strategies: {a: [{when: complaint, do: apologise, budget: -1}]}",
        ["lines.0.budget: found -1; allowed: a number from 0 to 1,000,000,000 (USD/30 days) or n"]),
    ("act that does not fit", "strategies: {a: [{when: complaint, do: thank}]}",
        [f":{N}:18: strategies.a.lines.0: found do: thank on complaint; allowed: apologise"]),
    ("filter that does not fit", "strategies: {a: [{when: complaint, do: apologise, stars: [1]}]}",
        ["found stars on complaint; allowed there: reviewed, contacted, days_since"]),
    ("remedy that does not fit",
        "strategies: {a: [{when: order_delivered, do: ask_review, remedy: {refund: 1}}]}",
        ["found remedy with do: ask_review; allowed there: tone"]),
    ("refund of nothing in particular", "strategies: {a: [{when: complaint, do: refund}]}",
        ["do: refund needs remedy"]),
    ("days that turn round",
        "strategies: {a: [{when: complaint, do: apologise, days_since: [9, 2]}]}",
        ["found days_since [9, 2]; allowed: from 0 up"]),
    ("reviews bought of customers", "strategies: {a: [{when: order_delivered, do: buy_reviews}]}",
        [f":{N}:18: strategies.a.lines.0: found do: buy_reviews on order_delivered; allowed"]),
    ("a reward of nothing", "strategies: {a: [{when: order_delivered, do: reward}]}",
        ["do: reward needs reward"]),
    ("a reward for a complaint", "strategies: {a: [{when: complaint, do: reward, reward: 2}]}",
        ["found do: reward on complaint; allowed: apologise, refund, replace"]),
    ("a reward with a request", "strategies: {a: [{when: order_shipped, do: thank, reward: 2}]}",
        ["found reward with do: thank; allowed there: tone"]),
    ("a purchase of nothing", "strategies: {a: [{when: on_day, day: 9, do: buy_reviews}]}",
        ["do: buy_reviews needs bought"]),
    ("a day of no day", "strategies: {a: [{when: on_day, do: pause, pause_days: 2}]}",
        ["day belongs to on_day, and on_day needs it"]),
    ("who at the top", "who: all", [f":{N}:1: who: unknown key; who says who follows"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "parts"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_mistake_is_told_once_with_its_place(tmp_path, text, parts):
    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, text + "\narms: {a: {}, b: {sellers.0.on_time: 0.7}}\n"))
    message = str(refused.value)
    assert all(part in message for part in parts), message
    assert message.count("\n") == 0, "one mistake, one line"


IN_ARMS = [
    ("unknown name", "{strategy: thnk}",
        [f":{N + 2}:17: arms.b.sellers.1.strategy: found \"thnk\"", 'did you mean "thank"?']),
    ("unknown name of all", "{strategy: thnk, who: all}", ["found \"thnk\", which is no strategy"]),
    ("unknown name of a rival", "{rivals.strategy: thnk}", ["arms.b.rivals.strategy: found"]),
    ("who without a strategy", "{who: all}",
        [f":{N + 2}:7: arms.b.who: says who follows the strategy of the arm; allowed: only"]),
    ("who of another kind", "{strategy: thank, who: some}",
        ["arms.b.who: found \"some\"; allowed: focal, all, or a share of the rivals as in {share"]),
    ("number for who", "{strategy: thank, who: 0.3}", ["arms.b.who: found 0.3; allowed: focal"]),
    ("share of something", "{strategy: thank, who: {share: 1, of: 2}}", ["found a mapping; allow"]),
    ("share above 1", "{strategy: thank, who: {share: 1.5}}",
        [f":{N + 2}:37: arms.b.who.share: found 1.5; allowed: a number from 0 to 1"]),
    ("word for a share", "{strategy: thank, who: {share: half}}", ["found \"half\"; allowed: a n"]),
    ("who and rivals", "{strategy: thank, who: all, rivals.adopters: 0.2}",
        ["arms.b.who: found the same place as rivals.adopters; allowed: each value once"]),
    ("who and another seller", "{strategy: thank, who: all, sellers.0.strategy: recover}",
        ["arms.b.who: found the same place as sellers.0.strategy"]),
    ("path into an unknown strategy", "{strategies.recovr.lines.0.tone: 0.3}",
        [f":{N + 2}:7: arms.b.strategies: found no \"recovr\"", 'did you mean "recover"?']),
    ("path into none", "{strategies.none.lines.0.tone: 0.3}", ["found no \"none\" in strategies"]),
    ("path to a line that is not there", "{strategies.thank.lines.1.tone: 0.3}",
        ["strategies.thank.lines: found index 1; allowed: 0 to 0"]),
    ("value of a line", "{strategies.thank.lines.0.tone: 3}",
        ["arms.b.strategies.thank.lines.0.tone: found 3; allowed: a number from 0 to 1 or null"]),
    ("line that does not fit", "{strategies.thank.lines.0.when: complaint}",
        ["arms.b.strategies.thank.lines.0: found do: thank on complaint"]),
    ("tag in a definition", "{strategies.a: !x 3, strategy: a}", ["found the tag !x"]),
    ("missing file", "{strategies.a: gone.yaml, strategy: a}", ["gone.yaml", "no such file"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arm", "parts"), [row[1:] for row in IN_ARMS], ids=[row[0] for row in IN_ARMS]
)
def test_a_mistake_in_an_arm_is_told_once_with_its_place(tmp_path, arm, parts):
    with pytest.raises(ConfigError) as refused:
        arms_of(tmp_path, f"a: {{}}\nb: {arm}\nc: {{strategy: recover}}")
    message = str(refused.value)
    assert all(part in message for part in parts), message
    assert message.count("\n") == 0, "one mistake, one line"


def test_mistakes_inside_a_strategy_file_name_that_file_and_line(tmp_path):
    mine = (
        "about: 3\nlines:\n  - {when: complaint, do: apologise}\n  - when: complaint\n    do: x\n"
    )
    file = write(tmp_path, "strategies: {m: mine.yaml}\n", mine=mine)
    with pytest.raises(ConfigError) as refused:
        load(file)
    assert [str(m).split(";")[0] for m in refused.value.mistakes] == [
        f"{tmp_path}/mine.yaml:1:8: strategies.m.about: found 3",
        f'{tmp_path}/mine.yaml:5:9: strategies.m.lines.1.do: found "x"',
    ]
    for text, found in [("", "an empty file"), ("hello\n", '"hello"'), ("a: [", "not valid YAML")]:
        with pytest.raises(ConfigError, match=re.escape(f"{tmp_path}/mine.yaml:1:")) as refused:
            load(write(tmp_path, "strategies: {m: mine.yaml}\n", mine=text))
        assert found in str(refused.value)


def test_all_mistakes_are_told_at_once(tmp_path):
    text = (
        "strategies:\n  a: [{when: complaint, do: thank}, {when: x, do: thank}]\n  b: gone.yaml\n"
        "  c: 3\nrivals: {strategy: nobody}\narms:\n  a: {strategy: recovr, who: some}\n"
        "  b: {who: all}\n  c: {strategy: nobody}\n"
    )
    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, text), ["sellers.0.strategy=tank"])
    assert [str(m).split(": ")[1] for m in refused.value.mistakes] == [
        "strategies.a.lines.0",
        "strategies.a.lines.1.when",
        "strategies.c",
        "rivals.strategy",
        "arms.a.sellers.1.strategy",
        "arms.a.who",
        "arms.b.who",
        "arms.c.sellers.1.strategy",
        "strategies.b",
        "sellers.0.strategy",
    ]


def test_a_later_override_may_mend_a_name(tmp_path):
    file = write(tmp_path, "rivals: {strategy: recovr}\n")
    assert load_market(file, ["rivals.strategy=thank"]).rivals.strategy == "thank"


# --- in words ----------------------------------------------------------------------------------


def test_every_event_and_act_has_words():
    assert EVENTS_IN_WORDS.keys() == ACTS.keys()
    assert ACTS_IN_WORDS.keys() >= {act for acts in ACTS.values() for act in acts}


LINES = [
    (dict(when="feedback_posted", do="thank", stars=(5, 4)),
        "feedback of 4 or 5 stars: thank when read"),
    (dict(when="feedback_posted", do="thank", stars=(1,)), "feedback of 1 star: thank when read"),
    (dict(when="review_posted", do="apologise", verified=False, stars=(1, 3, 4)),
        "unverified review of 1, 3 or 4 stars: apologise when read"),
    (dict(when="order_delivered", do="ask_both", reviewed=False, contacted=False,
          days_since=(5, 30), after_days=1),
        "order delivered, listing not yet reviewed, not written to before, order 5 to 30 days old: "
        "ask for feedback and a review 1 day later"),
    (dict(when="complaint", do="apologise", remedy=Remedy(refund=0.25), tone=0.9,
          after_days=2, per_day=1000, budget=250.0),
        "complaint: apologise with 25 % of the price back 2 days later, "
        "at most 1,000 a day, at most 250 USD in 30 days, tone 0.9"),
    (dict(when="claim_opened", do="refund", remedy=Remedy(refund=1.0)),
        "claim opened: refund 100 % of the price when read"),
    (dict(when="odr_above", above=0.008, do="set_service",
          service=Service(on_time=0.99, capacity=1000)),
        "ODR above 0.8 %: from then on on time 99 %, capacity 1,000 a day"),
    (dict(when="state_is", state="at risk", do="pause", pause_days=3),
        "account at risk: nothing on sale for 3 days"),
    (dict(when="every_days", days=90, do="set_price", price=0.95),
        "every 90 days: prices at 95 % of the stated ones"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "words"), LINES, ids=[words[:30] for _, words in LINES])
def test_a_line_is_said_in_plain_words(fields, words):
    # Not checked on construction, as some of it is to come.
    line = Line.model_construct(**{**dict.fromkeys(Line.model_fields), "after_days": 0, **fields})
    assert line_in_words(line) == words


def test_what_differs_is_said_differently():
    base = dict(when="feedback_posted", do="apologise")
    others = [
        {}, {"do": "thank"}, {"stars": (1,)}, {"reviewed": True}, {"reviewed": False},
        {"contacted": True}, {"contacted": False}, {"days_since": (0, 9)}, {"after_days": 1},
        {"per_day": 3}, {"budget": 3.0}, {"tone": 0.3}, {"remedy": Remedy(refund=0.3)},
        {"when": "review_posted"},
        {"when": "review_posted", "verified": True},
        *({"when": "review_posted", "do": "reply_public", "verified": v}
          for v in (None, True, False)),
        {"do": "ask_change"}, {"do": "request_removal"}, {"do": "reply_public"},
    ]  # fmt: skip
    texts = [line_in_words(Line(**{**base, **other})) for other in others]
    assert len(set(texts)) == len(texts)


def test_a_strategy_without_lines_says_so():
    assert strategy_in_words(Strategy()) == ["no lines: it does nothing"]


def test_check_shows_the_strategies_of_all_arms_in_words(tmp_path):
    from experiments.manifest import path_in_words
    from experiments.plan import plan_text

    arms = (
        "arms:\n  a: {}\n  b: {strategy: recover}\n"
        "  c: {strategy: recover, strategies.recover.lines.0.after_days: 9}\n"
        "  d: {strategy: new, strategies.new: [{when: complaint, do: apologise}]}\n"
        "  e: {strategy: listed, strategies.listed.lines: []}\n"
    )
    loaded = load(write(tmp_path, OWN + arms))
    text = plan_text(loaded)
    assert "sellers.C.strategy: none -> recover\n" in text
    assert "strategies.recover.lines.0.after_days: 0 -> 9\n" in text
    assert "strategies.new: null -> as below\n" in text
    assert "strategies.listed.lines: 1 line -> []\n" in text
    for part in (
        "Strategies:\n  recover (in b)\n      Apologises to",
        "      - feedback of 1 to 3 stars: apologise when read\n",
        "  recover (in c)\n",
        "      - feedback of 1 to 3 stars: apologise 9 days later\n",
        "  new\n      - complaint: apologise when read\n",
    ):
        assert part in text
    for arm in loaded.arms:
        for change in arm.changes:
            assert path_in_words(loaded.market, change.loc)


def test_the_manual_s_examples_are_right(tmp_path):
    text = (ROOT / "docs" / "how_to" / "your_own_strategy.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    strategy, *experiments = blocks
    assert len(experiments) >= 2
    for block in experiments:
        load(write(tmp_path, block, mine=strategy))
    for name in shipped():
        assert f"`{name}`" in text
    for word in {*ACTS, *(act for acts in ACTS.values() for act in acts), *Line.model_fields}:
        assert re.search(rf"`{word}\b", text), word
