"""``platforms:``: every arm on every rule set, compared there, with what would turn it round."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from experiments.config import load
from experiments.flips import Lived, Trial, _rows, moved
from experiments.mistakes import ConfigError
from experiments.platform_values import platform_file, shipped_platforms, stated
from experiments.side_by_side import each_side, on_platform, sides
from experiments.side_by_side_table import side_part, turned_by
from sim.config.platform import PlatformRules

BODY = """
platform: amazon
baseline: nothing
arms:
  nothing: {}
  punctual: {focal.on_time: 0.99}
categories: [{name: kitchen, price: 25.0}]
sellers: [{name: Northwind, listings: [{category: kitchen}]}]
rivals: {count: 3}
days: 200
"""


def loaded(tmp_path, head: str, body: str = BODY):
    file = tmp_path / "mine.yaml"
    file.write_text(f"name: mine\n{head}\n{body}", encoding="utf-8")
    return load(file)


def test_every_arm_lives_on_every_platform(tmp_path):
    found = loaded(tmp_path, "platforms: [amazon, amazon_2016]")
    assert [arm.name for arm in found.arms] == [
        "amazon, nothing", "amazon, punctual", "amazon_2016, nothing", "amazon_2016, punctual",
    ]  # fmt: skip
    assert found.baseline == "amazon, nothing"
    assert [arm.market.platform.name for arm in found.arms] == ["amazon"] * 2 + ["amazon_2016"] * 2
    assert [arm.market.sellers[0].on_time for arm in found.arms] == [0.97, 0.99] * 2
    assert [arm.rebuilt for arm in found.arms] == [False, False, True, True]


def test_a_platform_may_be_a_file_beside_the_experiment(tmp_path):
    own = {"name": "own", "fees": {"referral": 0.4}}
    (tmp_path / "own.yaml").write_text(str(own).replace("'", ""), encoding="utf-8")
    found = loaded(tmp_path, "platforms: [amazon, own.yaml]")
    assert found.arms[2].market.platform.fees.referral == 0.4


@pytest.mark.parametrize(
    ("head", "body", "said"),
    [
        ("platforms: [amazon, amazn_2016]", BODY, "no shipped platform"),
        ("platforms: [amazon, amazon]", BODY, "each platform once"),
        (
            "platforms: [amazon, amazon_2016]",
            BODY.replace("nothing: {}", "nothing: {platform: amazon}"),
            "every arm lives on all",
        ),
        ("platforms: amazon", BODY, "platforms"),
        ("platforms: [amazon]", BODY.replace("baseline: nothing", "baseline: non"), "no arm"),
    ],
)
def test_mistakes_are_said_with_their_place(tmp_path, head, body, said):
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, head, body)
    found = [m for m in caught.value.mistakes if said in f"{m.text} {m.loc}"]
    assert found and "mine.yaml:" in found[0].where


def test_sides_are_read_back_from_names():
    names = tuple(on_platform(p, a) for p in ("a", "b") for a in ("none", "x, y"))
    entry = sides(("a", "b"), "a, none", names)
    assert entry == {"platforms": ["a", "b"], "arms": ["none", "x, y"], "baseline": "none"}
    assert list(each_side(entry)) == [("a", "a, none", ["a, x, y"]), ("b", "b, none", ["b, x, y"])]


# what is assumed -----------------------------------------------------------------------------


def test_a_number_of_a_rule_set_is_found_and_moved_by_its_path():
    rules = PlatformRules(name="x")
    assert rules.value_at("policy.reward.found_out") == 0.01
    assert rules.with_value("policy.reward.found_out", 0.5).policy.reward.found_out == 0.5
    assert rules.with_value("display.recent_reviews", 3.7).display.recent_reviews == 4
    stated = rules.with_value("search.next_page.1", 0.3).search.next_page
    assert stated == (0.197, 0.3, 0.67)
    for path in ("name", "feedback", "feedback.nothing", "account.enforced", "search.next_page.9"):
        with pytest.raises(ValueError, match="path"):
            rules.value_at(path)


def test_a_plausible_range_is_of_a_number_and_has_two_ends():
    with pytest.raises(ValueError, match="smaller number first"):
        PlatformRules(name="x", plausible={"feedback.leave_rate": (0.2, 0.1)})
    stated = {"feedback.rate": (0.1, 0.2), "feedback.leave_rate": (0.1, 0.2)}
    assert list(PlatformRules(name="x", plausible=stated).ranges()) == ["feedback.leave_rate"]


def test_the_ranges_of_shipped_platforms_are_of_their_own_assumed_numbers():
    for name, rules in shipped_platforms().items():
        known = {".".join(map(str, v.loc)): v.status for v in stated(platform_file(name))}
        assert rules.plausible and rules.ranges() == rules.plausible, name
        for path, (low, high) in rules.plausible.items():
            assert low <= rules.value_at(path) <= high, path
            assert known[path] in ("assumed", "calibrated"), (name, path)


def plan_of(tmp_path):
    text = "platforms: [own.yaml, amazon]"
    rules = "name: own\nplausible: {feedback.leave_rate: [0.01, 0.2], fees.referral: [0.1, 0.3]}"
    (tmp_path / "own.yaml").write_text(rules, encoding="utf-8")
    found = loaded(tmp_path, text)
    names = [arm.name for arm in found.arms]
    return SimpleNamespace(arms=found.arms), names, sides(("own.yaml", "amazon"), names[0], names)


def measured(names, better: float) -> dict:
    """Ten replicates: arms lower the rate by ``better`` on own.yaml and not at all on amazon."""
    found = {}
    for i, name in enumerate(names):
        rate = 0.02 - (better if i == 1 else 0.0)
        for metric in ("odr", "position", "profit"):
            noise = np.linspace(-0.001, 0.001, 10)
            whole = np.full(10, 1000.0 if metric == "odr" else 1.0)
            found[name, metric] = np.stack([(rate + noise) * whole, whole], axis=1)
    return found


def lived(path: str, value: float, arm: float, base: float) -> Lived:
    trial = Trial("own.yaml", path, value, 0, (0, 1))
    pairs = {0: {"odr": (base, 1000.0)}, 1: {"odr": (arm, 1000.0)}}
    everything = {i: {m: p["odr"] for m in ("odr", "position", "profit")} for i, p in pairs.items()}
    return Lived(trial, everything, 0.0)


def test_a_clear_difference_that_changes_its_side_at_an_end_flips(tmp_path):
    plan, names, entry = plan_of(tmp_path)
    runs = [
        lived("feedback.leave_rate", 0.01, 5.0, 20.0),
        lived("feedback.leave_rate", 0.2, 30.0, 20.0),  # there the arm does worse
        lived("fees.referral", 0.1, 15.0, 20.0),
        lived("fees.referral", 0.3, 15.0, 20.0),
    ]
    found = _rows(entry, plan, names, measured(names, 0.01), {run.trial: run for run in runs}, 4)
    of_rate = {row.path: row.flips for row in found if row.metric == "odr"}
    assert of_rate == {"feedback.leave_rate": 1, "fees.referral": 0}
    assert {row.platform for row in found} == {"own.yaml"}  # nothing is clear on the other
    assert turned_by(found)["own.yaml, punctual", "odr"] == ["feedback.leave_rate"]
    one = next(row for row in found if row.path == "feedback.leave_rate" and row.metric == "odr")
    assert one.at_low == pytest.approx(-0.015) and one.at_high == pytest.approx(0.010)


def test_what_is_not_clear_is_not_said_to_flip(tmp_path):
    plan, names, entry = plan_of(tmp_path)
    run = lived("feedback.leave_rate", 0.2, 30.0, 20.0)
    assert _rows(entry, plan, names, measured(names, 0.0), {run.trial: run}, 4) == []


def test_a_moved_market_differs_in_that_value_alone(tmp_path):
    plan, _, _ = plan_of(tmp_path)
    market = plan.arms[0].market
    other = moved(market, "fees.referral", 0.3)
    assert other.platform.fees.referral == 0.3
    assert other.model_copy(update={"platform": market.platform}) == market


def test_the_report_compares_within_each_platform(tmp_path):
    _, names, entry = plan_of(tmp_path)
    arms = [{"name": n, "platform": n, "assumed": (1, 4) if i < 2 else None}
            for i, n in enumerate(names)]  # fmt: skip
    manifest = {"arms": arms, "side_by_side": {**entry, "replicates": 4}}
    part = side_part(manifest, measured(names, 0.01), [])
    assert part is not None and [side.name for side in part.sides] == ["own.yaml", "amazon"]
    assert part.sides[0].assumed == "1 of 4 values assumed (25 %)" and part.sides[1].assumed == ""
    ((arm, text),) = part.sentences
    assert arm == "punctual"
    assert "ODR clearly better on own.yaml" in text and "unclear on amazon" in text
    change = dict((metric.name, cells) for metric, cells in part.tables[1].lines)["odr"]
    assert change[0].word == "better" and change[1].word == "unclear"
    assert not math.isnan(part.sides[0].rows["own.yaml, punctual", "odr"].diff)
