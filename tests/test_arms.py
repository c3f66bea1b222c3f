"""Arms of an experiment file: what they come to, and what is said of mistakes in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_config_errors import VALID

from experiments.arms import ONLY_ARM
from experiments.config import load
from experiments.mistakes import ConfigError

BASE = VALID + (
    "sellers:\n"
    "  - {name: A. B, listings: [{category: toys, name: Doll}]}\n"
    "  - {name: C, focal: true, on_time: 0.9, listings: [{category: books}]}\n"
    "arms:\n"
)
FIRST = BASE.count("\n") + 1
"""Line of the first arm in a file that begins with BASE."""


def write(folder: Path, arms: str, more: str = "") -> Path:
    file = folder / "experiment.yaml"
    file.write_text(BASE + "".join(f"  {line}\n" for line in arms.splitlines()) + more)
    return file


def arms_of(folder: Path, arms: str, more: str = ""):
    loaded = load(write(folder, arms, more))
    return loaded, {arm.name: arm for arm in loaded.arms}


def test_arms_change_what_they_name_and_nothing_else(tmp_path):
    loaded, arms = arms_of(
        tmp_path,
        "base: {}\n"
        "nothing said:\n  placebo: true\n"
        "better: {focal.on_time: 0.99, about: On time}\n"
        "outreach: {strategy: recover}\n"
        "other store: {sellers.A. B.care.tone: 0.1, sellers.0.listings.Doll.price: 7.5}\n"
        "several: {strategy: recover, focal.care: {tone: 1}, rivals.strategy: recover}\n",
    )
    assert loaded.baseline == "base"
    assert arms["base"].market == loaded.market == arms["nothing said"].market
    assert [arm.placebo for arm in loaded.arms] == [False, True, False, False, False, False]
    assert arms["better"].about == "On time"
    said = {
        name: [(".".join(map(str, c.loc)), c.old, c.new) for c in arm.changes]
        for name, arm in arms.items()
    }
    assert said["better"] == [("sellers.1.on_time", 0.9, 0.99)]
    assert said["outreach"] == [("sellers.1.strategy", "none", "recover")]
    assert said["other store"] == [
        ("sellers.0.care.tone", 0.6, 0.1),
        ("sellers.0.listings.0.price", None, 7.5),
    ]
    assert [path for path, _, _ in said["several"]] == [
        "sellers.1.care.tone",
        "sellers.1.strategy",
        "rivals.strategy",
    ]
    assert not any(arm.rebuilt for arm in loaded.arms)


@pytest.mark.parametrize(
    "change",
    ["buyers.count: 50", "platform.odr.limit: 0.02", "past.days: 9", "platform: mine.yaml",
     "focal.listings.0.age_days: 7", "rivals: {count: 3}"],
)  # fmt: skip
def test_what_makes_another_world_is_rebuilt(tmp_path, change):
    (tmp_path / "mine.yaml").write_text("name: mine\nodr: {limit: 0.05}\n")
    _, arms = arms_of(tmp_path, f"base: {{}}\nother: {{{change}}}")
    assert (arms["base"].rebuilt, arms["other"].rebuilt) == (False, True)


def test_sections_come_before_what_lies_in_them(tmp_path):
    (tmp_path / "mine.yaml").write_text("name: mine\nodr: {limit: 0.05, window_days: 30}\n")
    _, arms = arms_of(
        tmp_path,
        "base: {}\n"
        "one: {platform.odr.limit: 0.02, platform: mine.yaml}\n"
        "two: {focal.care.tone: 0.9, focal.care: {refund: 0.2}}",
    )
    odr = arms["one"].market.platform.odr
    assert (odr.limit, odr.window_days) == (0.02, 30)
    care = arms["two"].market.sellers[1].care
    assert (care.tone, care.refund) == (0.9, 0.2)


def test_a_market_without_arms_is_an_experiment_with_one(tmp_path):
    file = tmp_path / "market.yaml"
    file.write_text(VALID)
    loaded = load(file)
    assert [arm.name for arm in loaded.arms] == [ONLY_ARM] == [loaded.baseline]
    assert loaded.arms[0].market == loaded.market
    assert loaded.experiment.replicates == 20


def test_a_placebo_repeats_the_baseline_wherever_that_stands(tmp_path):
    _, arms = arms_of(
        tmp_path,
        "again: {placebo: true, about: A and A}\nlate: {focal.on_time: 0.5}\n"
        "spelt out: {placebo: true, focal.on_time: 0.5}",
        "baseline: late\n",
    )
    assert arms["again"].market == arms["late"].market == arms["spelt out"].market
    assert arms["again"].about == "A and A"


def test_overrides_move_the_base_of_all_arms(tmp_path):
    file = write(tmp_path, "base: {}\nbetter: {focal.on_time: 0.99}")
    loaded = load(file, ["sellers.C.damaged=0.2", "replicates=3", "buyers.count=77"])
    assert loaded.experiment.replicates == 3
    for arm in loaded.arms:
        assert arm.market.sellers[1].damaged == 0.2
        assert arm.market.buyers.count == 77


def test_one_replicate_is_warned_of_not_refused(tmp_path):
    loaded = load(write(tmp_path, "base: {}", "replicates: 1\n"))
    assert [str(w) for w in loaded.warnings] == [
        f"{tmp_path}/experiment.yaml:{FIRST + 1}:13: replicates: 1 replicate gives no interval; "
        "2 are the least, 20 the default"
    ]


def test_a_rebuilt_arm_is_warned_of_by_its_name(tmp_path):
    arms = "base: {}\nlong: {platform.odr.window_days: 400}"
    said = [str(w) for w in load(write(tmp_path, arms)).warnings]
    assert said == [
        f'{tmp_path}/experiment.yaml:{FIRST + 1}:3: platform.odr: arm "long": window_days 400 + '
        "lag_days 15 is longer than the run of 365 days"
    ]


THREE = "a: {}\nb: {strategy: recover}\nc: {focal.on_time: 0.8}\nd: {placebo: true}"
NEXT = FIRST + 4
"""Line of what follows these arms."""

REGRESSIONS = [
    ("no such arm for stars", THREE, "regression: {stars: bb, reviews: c}\n",
        [f':{NEXT}:21: regression.stars: found "bb", which is no arm; allowed: b, c']),
    ("no such arm for reviews", THREE, "regression: {stars: b, reviews: more}\n",
        [f':{NEXT}:33: regression.reviews: found "more", which is no arm; allowed: b, c']),
    ("regression on the baseline", THREE, "regression: {stars: a, reviews: c}\n",
        [f':{NEXT}:21: regression.stars: found "a", the baseline', "allowed: b, c"]),
    ("regression on a stated baseline", THREE, "baseline: c\nregression: {stars: b, reviews: c}\n",
        [f':{NEXT + 1}:33: regression.reviews: found "c", the baseline', "allowed: a, b"]),
    ("regression on a placebo", THREE, "regression: {stars: b, reviews: d}\n",
        [f':{NEXT}:33: regression.reviews: found "d", a placebo', "allowed: b, c"]),
    ("regression on one arm twice", THREE, "regression: {stars: b, reviews: b}\n",
        [f':{NEXT}:33: regression.reviews: found "b", the arm of `stars` too; allowed: two arms']),
    ("regression without listings", THREE, "record: focal\nregression: {stars: b, reviews: c}\n",
        [f':{NEXT}:9: record: found "focal"', "allowed beside it: daily, weekly"]),
    ("regression on no other arm", "a: {}", "regression: {stars: b, reviews: a}\n",
        ['stars: found "b", which is no arm; allowed: an arm beside the baseline; there is none',
         'reviews: found "a", the baseline']),
    ("regression without reviews", THREE, "regression: {stars: b}\n",
        [f":{NEXT}:13: regression.reviews: missing; required: text"]),
    ("regression by number", THREE, "regression: {stars: 1, reviews: c}\n",
        [f":{NEXT}:21: regression.stars: found 1; allowed: text"]),
    ("word for a regression", THREE, "regression: yes\n",
        [f':{NEXT}:13: regression: found "yes"; allowed: a mapping']),
]  # fmt: skip

MISTAKES = [
    # what              arms                                     more   parts of the message
    ("unknown key", "a: {focal.on_tme: 0.9}", "",
        [f":{FIRST}:7: arms.a.sellers.1.on_tme: unknown key", 'did you mean "on_time"?']),
    ("unknown section", "a: {seler.x: 1}", "", [f":{FIRST}:7: arms.a.seler.x", '"sellers"?']),
    ("unknown seller", "a: {sellers.D.on_time: 0.9}", "", ['found no "D"', "allowed: A. B, C"]),
    ("index too high", "a: {sellers.2.on_time: 0.9}", "", ["found index 2; allowed: 0 to 1"]),
    ("path into a number", "a: {days.x: 1}", "", ["days belongs to the experiment"]),
    ("path through a number", "a: {focal.on_time.x: 1}", "", ["found 0.9, which has no part"]),
    ("out of range", "a: {focal.on_time: 1.2}", "",
        [f":{FIRST}:22: arms.a.sellers.1.on_time: found 1.2; allowed: a number from 0.02"]),
    ("wrong type", "a: {focal.on_time: much}", "", ['found "much"; allowed: a number']),
    ("not a number", "a: {focal.on_time: .nan}", "", ["found .nan"]),
    ("nested value", "a: {focal.care: {tone: 3}}", "",
        [f":{FIRST}:26: arms.a.sellers.1.care.tone: found 3; allowed: a number from 0 to 1"]),
    ("unknown strategy", "a: {strategy: recovr}", "", ["none, ask_everyone", '"recover"?']),
    ("unknown platform", "a: {platform: amazn}", "", ['found "amazn"', "amazon_2016"]),
    ("missing platform file", "a: {platform: gone.yaml}", "", ["gone.yaml", "no such file"]),
    ("what arms share", "a: {seed: 3}", "", [f":{FIRST}:7: arms.a.seed: seed belongs to the"]),
    ("replicates of an arm", "a: {replicates: 3}", "", ["replicates belongs to the experiment"]),
    ("number for an arm", "a: 3", "", [f":{FIRST}:6: arms.a: found 3; allowed: a mapping from"]),
    ("list of arms", "- {focal.on_time: 0.9}", "", ["arms: found a list of 1; allowed: a mapping"]),
    ("two arms of a name", "a: {}\na: {strategy: recover}", "", ["found the key a second time"]),
    ("empty name", '"": {}', "", ["allowed: text of 1 to 60 characters on one line"]),
    ("name of two lines", '"a\\nb": {}', "", ["on one line"]),
    ("long name", f"{'x' * 61}: {{}}", "", ["1 to 60 characters"]),
    ("word for placebo", "a: {}\nb: {placebo: perhaps}", "",
        [f":{FIRST + 1}:16: arms.b.placebo", "true or false"]),
    ("number for about", "a: {about: 3}", "", ["arms.a.about: found 3; allowed: text"]),
    ("equal arms", "a: {}\nb: {focal.on_time: 0.9}", "",
        [f':{FIRST + 1}:3: arms.b: the same market as arm "a"', "placebo: true"]),
    ("placebo that changes", "a: {}\nb: {placebo: true, strategy: recover}", "",
        [f':{FIRST + 1}:3: arms.b: found changes that "a", the baseline, does not have']),
    ("placebo as baseline", "a: {placebo: true}\nb: {strategy: recover}", "",
        [f":{FIRST}:3: arms.a: the baseline cannot be a placebo"]),
    ("unknown baseline", "good: {}\nbad: {strategy: recover}", "baseline: god\n",
        [f":{FIRST + 2}:11: baseline: found \"god\"", "good, bad", 'did you mean "good"?']),
    ("another focal seller", "a: {}\nb: {sellers.C.focal: false}", "",
        ['arms.b: the focal seller is "A. B" here and "C" in "a"']),
    ("one place twice", "a: {focal.on_time: 0.8, sellers.C.on_time: 0.7}", "",
        [f":{FIRST}:27: arms.a.sellers.C.on_time: found the same place as focal.on_time"]),
    ("strategy twice", "a: {strategy: recover, focal.strategy: recover}", "",
        ["found the same place as strategy"]),
    ("section for a value", "a: {focal: {on_time: 0.8}}", "",
        ["arms.a.focal: found a section; allowed: one of its values, as in focal.on_time"]),
    ("number for a baseline", "a: {}", "baseline: 20\n", ["baseline: found 20; allowed: text"]),
    ("mapping for a baseline", "a: {placebo: true}", "baseline: {a: 1}\n",
        ["baseline: found a mapping", "the baseline cannot be a placebo"]),
    ("merge key", "a: &a {strategy: recover}\nb: {<<: *a}", "", ["merge keys"]),
    ("a market without sellers", "a: {sellers: [], rivals.count: 0}", "", ["nobody sells"]),
    ("category that is gone", "a: {categories: [{name: toys}]}", "",
        ["no category of this market"]),
    ("too large", "a: {}\nb: {buyers.count: 90000000}", "",
        [f":{FIRST + 1}:3: arms.b.buyers.count", "GB of memory; allowed: at most"]),
    ("no replicates", "a: {}", "replicates: 0\n", ["replicates: found 0", "1 to 100,000"]),
    ("unknown vary", "a: {}", "vary: wrld\n", ["vary:", "one of world, luck"]),
    ("unknown record", "a: {}", "record: hourly\n", ["one of daily, weekly, focal"]),
    *REGRESSIONS,
    ("nothing to measure", "a: {}", "days: 9\nwarm_up: 9\n",
        ["warm_up: found 9; allowed: less than days (9)"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arms", "more", "parts"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES]
)
def test_a_mistake_in_an_arm_is_told_with_its_place(tmp_path, arms, more, parts):
    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, arms, more))
    message = str(refused.value)
    assert all(part in message for part in parts), message
    two = (arms == "a: {placebo: true}" and "{a: 1}" in more) or "stars: b, reviews: a" in more
    assert message.count("\n") == two


def test_a_mistake_of_the_base_is_told_once_and_those_of_arms_beside_it(tmp_path):
    arms = "a: {focal.on_time: 2}\nb: {strategy: recover}\nc: {focal.damaged: 3}"
    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, arms, "buyers: {count: -1}\n"))
    said = [str(mistake).split(": ")[1] for mistake in refused.value.mistakes]
    assert said == ["arms.a.sellers.1.on_time", "arms.c.sellers.1.damaged", "buyers.count"]
