"""The files of platforms: every value says where it is from, and the page about them is current."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from experiments.mistakes import ConfigError
from experiments.platform_pages import PAGE, VECTORS, compared, document
from experiments.platform_values import (
    WORDS,
    assumed_share,
    leaves,
    platform_file,
    shipped_platforms,
    stated,
)
from experiments.platforms import PLATFORMS, ROOT, shipped
from experiments.yaml_source import parse
from sim.config.fields import Frozen
from sim.config.health import PenaltyKind
from sim.config.platform import PlatformRules

ONE_FORM = ("ebay", "jd", "taobao", "wish")
NO_REVIEWS = ("write_about_review", "refund_about_review", "ask_change_of_review")


def written(folder, text: str):
    file = folder / "mine.yaml"
    file.write_text(f"name: mine\nabout: mine\n{text}", encoding="utf-8")
    return stated(file)


# --- sources -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", shipped())
def test_behind_every_value_stands_where_it_is_from(name):
    values = stated(platform_file(name))
    data = parse(platform_file(name).read_text(encoding="utf-8"), name).data
    assert [v.loc for v in values] == [loc for loc, _ in leaves(data)]
    assert len(values) > 80 and all(len(v.source) > 2 for v in values)
    assert 0.4 < assumed_share(values) < 0.7


@pytest.mark.parametrize(
    "line",
    [
        "scale: 3",
        "scale: 3  # stars",
        "scale: 3  # [documented]",
        "scale: 3  # rules [guessed]",
        "scale: 3 # not 5\n# rules [documented]",
    ],
)
def test_a_value_without_source_or_status_is_refused_with_its_place(tmp_path, line):
    with pytest.raises(ConfigError) as refused:
        written(tmp_path, f"{line}\n")
    assert "mine.yaml:3:8" in str(refused.value)
    assert len(written(tmp_path, "scale: 3  # rules [published]\n")) == 1


def test_of_two_statuses_the_first_is_of_the_first_value(tmp_path):
    values = written(
        tmp_path,
        "policy:\n"
        "  thank: {says: forbidden, found_out: 0.1,  # rule [documented], chance [assumed]\n"
        "    penalties: [{do: fine, amount: 3}]}     # help [published]\n"
        "fees:\n"
        "  referral: 0.1  # a fee [documented], how much [assumed]\n",
    )
    assert [(v.path, v.status) for v in values] == [
        ("policy.thank.says", "documented"),
        ("policy.thank.found_out", "assumed"),
        ("policy.thank.penalties.1.do", "published"),
        ("policy.thank.penalties.1.amount", "published"),
        ("fees.referral", "assumed"),
    ]
    assert values[0].source == "rule, chance"
    assert assumed_share(values) == pytest.approx(0.4)


def test_the_name_of_a_measure_is_no_value_of_its_own(tmp_path):
    values = written(
        tmp_path,
        "measures:\n"
        "  late: {orders_with: [arrived_late]}  # rules [published]\n"
        "gates:\n"
        "  - {measure: late, above: 0.1, at_least: 9,  # limit [published], least [assumed]\n"
        "     then: [at_risk]}                         # rules [published]\n",
    )
    assert {v.path: v.status for v in values if v.section == "gates"} == {
        "gates.1.measure": "assumed",
        "gates.1.above": "published",
        "gates.1.at_least": "assumed",
        "gates.1.then": "published",
    }
    assert assumed_share(values) == pytest.approx(1 / 4)


# --- what the rule sets say --------------------------------------------------------------------


def test_the_shipped_platforms_are_those_of_the_model():
    assert shipped() == ["amazon", "amazon_2016", "ebay", "jd", "taobao", "wish"]
    assert all(platform_file(name).is_relative_to(PLATFORMS) for name in shipped())


@pytest.mark.parametrize("name", ONE_FORM)
def test_one_form_states_nothing_that_needs_two(name):
    rules = shipped_platforms()[name]
    assert rules.channels == 1
    sections = {v.section for v in stated(platform_file(name))}
    assert "reviews" not in sections
    assert not set(NO_REVIEWS) & rules.policy.model_fields_set
    assert not {"match_review", "requests_ask_both"} & rules.contact.model_fields_set


@pytest.mark.parametrize("name", ["jd", "taobao"])
def test_no_genuine_rating_is_removed_where_the_law_forbids_it(name):
    feedback = shipped_platforms()[name].feedback
    assert feedback.strike_probability == 0.0
    assert feedback.removal_granted == 0.0 or feedback.removal == "fold"


@pytest.mark.parametrize("name", shipped())
def test_the_limit_on_order_defects_is_amazons_alone(name):
    rules = shipped_platforms()[name]
    assert rules.odr.enforced == name.startswith("amazon")
    assert (rules.odr.window_days, rules.odr.lag_days) == (60, 15)
    at_risk = any(p.do == "at_risk" for gate in rules.gates for p in gate.then)
    assert rules.account.enforced == (at_risk or name == "amazon_2016")


def test_ladders_of_points_are_those_of_the_rules():
    platforms = shipped_platforms()
    steps = {name: [step.at for step in rules.points.steps] for name, rules in platforms.items()}
    assert steps["taobao"] == [12, 24, 36, 48] and steps["jd"] == [25, 50, 75, 100]
    for name in ("taobao", "jd"):
        dos = [[p.do for p in step.then] for step in platforms[name].points.steps]
        assert dos[-1] == ["close"] and not any("close" in do for do in dos[:-1])


@pytest.mark.parametrize(
    ("orders", "share", "done"),
    [(20, 0.4, []), (30, 0.25, ["pay_refunds"]), (60, 0.4, ["pay_refunds", "remove"])],
)
def test_gates_on_products_say_what_the_page_says(orders, share, done):
    """20 orders at 40 %: nothing; 60 at 40 %: removed."""
    rules = shipped_platforms()["wish"]
    for age in ("young", "old"):
        found = [
            penalty.do
            for gate in rules.gates
            if gate.measure == f"product_refunds_{age}"
            and orders >= gate.at_least
            and share > gate.above
            for penalty in gate.then
        ]
        assert found == done


def test_a_file_that_leaves_its_health_out_has_none():
    rules = PlatformRules(name="plain")
    assert (rules.measures, rules.gates, rules.points.steps) == ({}, (), ())
    assert rules.odr.enforced and rules.shown_score is None


# --- the page ----------------------------------------------------------------------------------


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == document(), (
        "write it again: python -m experiments.platform_pages > docs/platforms.md"
    )


def test_the_page_leaves_nothing_out():
    page = document()
    for name in shipped():
        for value in stated(platform_file(name)):
            assert f"| `{value.path}` | " in page
    assert set(VECTORS) <= set(shipped())


def test_silence_is_told_from_a_value():
    values = {name: stated(platform_file(name)) for name in ("amazon", "taobao")}
    rows = {line.split(" | ")[0]: line for line in compared("feedback", values).splitlines()}
    assert rows["| `feedback.window_days`"] == "| `feedback.window_days` | 90 d | 15 d |"
    assert rows["| `feedback.kindness`"].split(" | ")[1] == "·"


def test_words_are_not_values():
    assert WORDS == (("name",), ("about",), ("plausible",))
    assert list(leaves({"name": "x", "fees": {"referral": 0.1}})) == [(("fees", "referral"), 0.1)]


# --- the how-to --------------------------------------------------------------------------------

GUIDE = ROOT / "docs" / "how_to" / "your_own_platform.md"


def test_examples_of_the_guide_are_rules_that_load():
    blocks = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
    parts: dict[str, object] = {}
    for block in blocks:
        data = parse(block, GUIDE.name).data
        if "platform" not in data:
            PlatformRules.model_validate({"name": "own", **parts, **data})
            parts |= data
    assert parts.keys() == {"policy", "measures", "gates", "points"}


def test_the_guide_names_every_platform_section_and_penalty():
    text = GUIDE.read_text(encoding="utf-8")
    for name in (*shipped(), *get_args(PenaltyKind)):
        assert f"`{name}`" in text, name
    sections = [n for n, f in PlatformRules.model_fields.items() if is_part(f.annotation)]
    assert len(sections) > 12
    assert all(f"`{name}`" in text for name in (*sections, "measures", "gates"))


def is_part(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Frozen)
