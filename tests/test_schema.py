"""The JSON schemas: current, plain enough for editors, and of one mind with the loader."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pydantic import ValidationError

from experiments.config import ROOT, load
from experiments.mistakes import ConfigError
from experiments.schema import (
    FILES,
    calibration_schema,
    experiment_schema,
    platform_schema,
    schema_text,
    strategy_schema,
    sweep_schema,
)
from experiments.strategies import shipped, shipped_strategies
from experiments.yaml_source import parse
from sim.config.market import Seller
from sim.config.strategy import ACTS, AccountState, Do, Line, Strategy, When

QUICKSTART = ROOT / "configs" / "quickstart.yaml"
SHIPPED = sorted((ROOT / "configs").rglob("*.yaml"))
SMALL: dict[str, Any] = {
    "platform": "amazon_2016",
    "categories": [{"name": "toys"}],
    "sellers": [{"name": "A. B. Co", "listings": [{"category": "toys", "name": "Top. 1"}]}],
}


def listed(value: Any) -> Any:
    """As JSON would have it: lists in place of the loader's tuples."""
    if isinstance(value, dict):
        return {key: listed(part) for key, part in value.items()}
    return [listed(part) for part in value] if isinstance(value, (list, tuple)) else value


def content(file: Path) -> Any:
    return listed(parse(file.read_text(encoding="utf-8"), file.name).data)


def kind_of(file: Path) -> str:
    if file.stem == "calibration":
        return "calibration"
    folders = {"platforms": "platform", "strategies": "strategy", "sweeps": "sweep"}
    return folders.get(file.parent.name, "experiment")


@pytest.fixture(scope="module")
def validators() -> dict[str, Draft7Validator]:
    schemas = {
        "experiment": experiment_schema(),
        "platform": platform_schema(),
        "strategy": strategy_schema(),
        "calibration": calibration_schema(),
        "sweep": sweep_schema(),
    }
    return {kind: Draft7Validator(schema) for kind, schema in schemas.items()}


def with_arm(arm: Any, **more: Any) -> dict[str, Any]:
    return {**SMALL, "arms": {"base": None, "other": arm}, **more}


@pytest.mark.parametrize("kind", FILES)
def test_the_kept_schemas_are_current(kind):
    assert FILES[kind].read_text(encoding="utf-8") == schema_text(kind), (
        f"write it again: python run.py schema {kind} > {FILES[kind].relative_to(ROOT)}"
    )


@pytest.mark.parametrize("kind", FILES)
def test_a_schema_is_plain_draft_7(kind):
    schema = json.loads(schema_text(kind))
    assert schema["$schema"].startswith("http://json-schema.org/draft-07/")
    Draft7Validator.check_schema(schema)

    def visit(part: Any) -> None:
        if isinstance(part, list):
            for item in part:
                visit(item)
        elif isinstance(part, dict):
            assert not {"$defs", "prefixItems", "unevaluatedProperties"} & set(part)
            assert "$ref" not in part or list(part) == ["$ref"]  # draft 7 reads nothing beside it
            for item in part.values():
                visit(item)

    visit(schema)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_every_shipped_file_names_its_schema_and_agrees_with_it(validators, file):
    kind = kind_of(file)
    first = file.read_text(encoding="utf-8").splitlines()[0]
    mark = "# yaml-language-server: $schema="
    assert first.startswith(mark)
    assert (file.parent / first.removeprefix(mark)).resolve() == FILES[kind]
    assert [error.message for error in validators[kind].iter_errors(content(file))] == []


def test_a_description_holds_unit_range_status_and_source():
    schema = experiment_schema()
    on_time = schema["definitions"]["Seller"]["properties"]["on_time"]
    assert on_time["description"].endswith(
        "(unit: probability; range: 0.02 to 0.9999; status: design; "
        "source: late shipment target 4 %; Olist 93 %)."
    )
    assert on_time["default"] == 0.97 and on_time["minimum"] == 0.02
    count = schema["definitions"]["Rivals"]["properties"]["count"]
    assert count["description"].endswith("An arm that changes it lives in a world of its own.")
    reviews = schema["definitions"]["Listing"]["properties"]["reviews"]
    assert reviews["type"] == ["array", "null"]
    assert (reviews["minItems"], reviews["maxItems"]) == (5, 5)
    assert reviews["items"] == {"type": "integer", "minimum": 0, "maximum": 1_000_000}


def test_an_arm_is_offered_its_words_and_the_focal_seller_s_values():
    offered = set(experiment_schema()["definitions"]["Arm"]["properties"])
    own = set(Seller.model_fields) - {"name", "focal", "listings", "offers"}
    assert {"strategy", "who", "platform", "placebo", "about"} <= offered
    assert {f"focal.{name}" for name in own} <= offered
    assert "focal.care.tone" in offered and "focal.listings" not in offered


GOOD = [
    {"focal.on_time": 0.9, "sellers.A. B. Co.care.tone": 0.2, "about": "text"},
    {"strategy": "recover"},
    {"strategy": "recover", "who": "all"},
    {"strategy": "recover", "who": {"share": 0.25}, "rivals.care_mean": 0.5},
    {"strategy": "mine", "strategies.mine": [{"when": "complaint", "do": "apologise"}]},
    {"strategy": "mine", "strategies": {"mine": {"lines": []}}},
    {"strategy": "thank", "strategies.thank.lines.0.after_days": 3, "strategies.thank.about": "x"},
    {"strategies.recover.lines.0.remedy": {"refund": 0.1}, "strategy": "recover"},
    {"strategies.recover.lines.0.remedy.refund": 0.1, "strategy": "recover"},
    {"focal.strategy": "recover", "strategies.recover.lines.1.stars.0": 2},
    {"strategy": "thank", "strategies.thank.lines": [{"when": "complaint", "do": "apologise"}]},
    {"strategy": "thank", "strategies.thank.lines.0": {"when": "complaint", "do": "apologise"}},
    {"rivals.strategy": "thank", "rivals.adopters": 1},
    {"platform": {"name": "strict", "odr": {"limit": 0.005}}},
    {"platform.odr.limit": 0.005, "platform.feedback.window_days": None},
    {"focal.capacity": None, "focal.care": {"tone": 0.1}},
    {"sellers.0.listings.0.quality": None, "sellers.0.listings.Top. 1.price": 3},
    {"focal.listings.Top. 1.quality": 0.9, "focal.quality": 0.5},
    {"rivals.count": 3, "rivals.load": None, "buyers": {"count": 300}},
    {"choice.segments.1.price": -4, "weekday.6": 0.5, "judging.cuts": [-3, -2, -1, 0.5]},
    {"choice.segments.0": {"share": 0.2}},
    {"categories.toys.price": 9, "past.days": 0},
]
BAD = [
    {"focal.on_time": 2},
    {"focal.ontime": 0.9},
    {"sellers.A. B. Co.on_time": "often"},
    {"sellers.0.quality": None},
    {"sellers.0.listings.0.quality": 2},
    {"strategy": 3},
    {"strategy": ["recover"]},
    {"who": "all"},
    {"strategy": "recover", "who": "some"},
    {"strategy": "recover", "who": {"share": 2}},
    {"strategies.mine": [{"when": "complaint", "do": "thank"}]},
    {"strategies.mine": "recover"},
    {"strategies.recover.lines.0.after_days": -1},
    {"strategies.recover.lines.0.dew": 3},
    {"placebo": "yes"},
    {"platform": {"name": "strict", "odr": {"limit": 3}}},
    {"platform": "nowhere"},
    {"platform.odr.limt": 0.02},
    {"days": 30},
    {"seed": 2},
    {"replicates": 3},
    {"rivals.count": -1},
    {"judging.cuts": [1, 2]},
    {"weekday.6": 1, "rivls.count": 3},
    3,
]


@pytest.mark.parametrize("arm", GOOD, ids=str)
def test_what_the_loader_takes_in_an_arm_the_schema_takes(validators, arm, tmp_path):
    assert list(validators["experiment"].iter_errors(with_arm(arm))) == []
    assert len(load(written(tmp_path, with_arm(arm))).arms) == 2


@pytest.mark.parametrize("arm", BAD, ids=str)
def test_what_the_schema_refuses_in_an_arm_the_loader_refuses(validators, arm, tmp_path):
    assert list(validators["experiment"].iter_errors(with_arm(arm)))
    with pytest.raises(ConfigError):
        load(written(tmp_path, with_arm(arm)))


@pytest.mark.parametrize(
    "wrong",
    [{"dayz": 3}, {"days": 0}, {"days": 2.5}, {"record": "hourly"}, {"vary": "both"},
     {"replicates": 0}, {"categories": []}, {"run_out": -1}, {"name": "a\nb"}, {"arms": [1]},
     {"sellers": [{"name": "A", "listings": []}]}, {"platform": {"odr": {}}}, {"seed": True}],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_beside_the_arms_is_refused_by_both(validators, wrong, tmp_path):
    assert list(validators["experiment"].iter_errors({**SMALL, **wrong}))
    with pytest.raises(ConfigError):
        load(written(tmp_path, {**SMALL, **wrong}))


def written(folder: Path, data: dict[str, Any]) -> Path:
    """JSON is YAML."""
    file = folder / "experiment.yaml"
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


def test_a_file_may_name_a_platform_of_its_own(validators):
    for platform, fine in [("mine.yaml", True), ("../x/mine.yml", True), ("mine", False)]:
        errors = list(validators["experiment"].iter_errors({**SMALL, "platform": platform}))
        assert (errors == []) == fine, platform


def test_the_example_in_the_documentation_is_right(validators, tmp_path):
    text = (ROOT / "docs" / "how_to" / "your_own_yaml.md").read_text(encoding="utf-8")
    file = tmp_path / "kindness.yaml"
    file.write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert list(validators["experiment"].iter_errors(content(file))) == []
    loaded = load(file)
    assert loaded.warnings == () and loaded.baseline == "as it is"
    rebuilt = [arm.name for arm in loaded.arms if arm.rebuilt]
    assert rebuilt == ["more rivals"]
    assert [arm.name for arm in loaded.arms if arm.placebo] == ["as it is, again"]


def test_links_between_pages_lead_somewhere():
    for page in (ROOT / "docs").rglob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


# --- strategies --------------------------------------------------------------------------------


def test_strategies_are_offered_wherever_one_is_named(validators):
    schema = experiment_schema()
    places = [schema["definitions"][model]["properties"] for model in ("Seller", "Rivals", "Arm")]
    for place in places:
        offered, own = place["strategy"]["anyOf"]
        assert offered["enum"] == list(shipped()) and own["type"] == "string"
        for name, strategy in shipped_strategies().items():
            assert f"{name}: {strategy.about}" in place["strategy"]["description"]
    assert ".." not in places[0]["strategy"]["description"]


GOOD_STRATEGIES = [
    [],
    {},
    {"about": "text"},
    {"lines": [{"when": "complaint", "do": "replace"}]},
    [{"when": "on_day", "day": 3, "do": "buy_reviews", "bought": {"reviews": 3, "price": 2.0}}],
    [{"when": "order_shipped", "do": "reward", "reward": 2.5}],
    [{"when": "review_posted", "stars": [1, 2], "verified": True, "do": "refund",
      "remedy": {"refund": 0.5}, "tone": None, "budget": 30}],
    [{"when": "order_delivered", "do": "ask_both", "contacted": False, "days_since": [5, 30]}],
]  # fmt: skip
BAD_STRATEGIES = [
    3,
    "thank",
    {"line": []},
    {"lines": {"when": "complaint"}},
    {"about": 3},
    [{"do": "thank"}],
    [{"when": "complaint"}],
    [{"when": "complaint", "do": "apologise", "who": "all"}],
    [{"when": "complaint", "do": "apologise", "remedy": {"money": 1}}],
    [{"when": "complaint", "do": "refund"}],
    [{"when": "feedback_posted", "do": "thank", "stars": []}],
    [{"when": "feedback_posted", "do": "thank", "verified": True}],
    [{"when": "order_shipped", "do": "buy_reviews", "bought": {"reviews": 3, "price": 2.0}}],
    [{"when": "on_day", "day": 3, "do": "buy_reviews"}],
    [{"when": "on_day", "do": "buy_reviews", "bought": {"reviews": 3, "price": 2.0}}],
    [{"when": "order_shipped", "do": "reward"}],
]


@pytest.mark.parametrize("content", GOOD_STRATEGIES, ids=str)
def test_what_the_loader_takes_as_a_strategy_the_schemas_take(validators, content, tmp_path):
    whole = {**SMALL, "strategies": {"mine": content}}
    assert list(validators["strategy"].iter_errors(content)) == []
    assert list(validators["experiment"].iter_errors(whole)) == []
    load(written(tmp_path, whole))


@pytest.mark.parametrize("content", BAD_STRATEGIES, ids=str)
def test_what_the_schemas_refuse_as_a_strategy_the_loader_refuses(validators, content, tmp_path):
    whole = {**SMALL, "strategies": {"mine": content}}
    assert list(validators["strategy"].iter_errors(content))
    assert list(validators["experiment"].iter_errors(whole))
    with pytest.raises(ConfigError):
        load(written(tmp_path, whole))


def words(kind: Any) -> st.SearchStrategy[str]:
    return st.sampled_from(kind.__args__)


PARTS = {
    "stars": st.lists(st.integers(0, 6), max_size=6),
    "verified": st.booleans(),
    "reviewed": st.booleans(),
    "contacted": st.booleans(),
    "days_since": st.just([0, 9]),
    "above": st.sampled_from([0.01, 2]),
    "state": words(AccountState),
    "days": st.integers(0, 3),
    "after_days": st.integers(-1, 3),
    "per_day": st.integers(-1, 3),
    "budget": st.integers(-1, 3),
    "tone": st.sampled_from([0.5, 2]),
    "remedy": st.sampled_from([{}, {"refund": 0.5}, {"refund": 2}, {"replace": True}]),
    "service": st.sampled_from([{}, {"on_time": 0.9}, {"on_time": 2}, {"late": 1}]),
    "price": st.sampled_from([0.9, 0]),
    "pause_days": st.integers(0, 3),
    "day": st.integers(0, 3),
    "reward": st.sampled_from([2.5, 0]),
    "bought": st.sampled_from(
        [{}, {"reviews": 3, "price": 2.0}, {"reviews": 3}, {"reviews": 1, "price": 2, "stars": 6}]
    ),
}


@st.composite
def lines(draw) -> dict[str, Any]:
    """A line with few fields, whose act mostly goes with its event."""
    when = draw(words(When))
    do = draw(st.sampled_from(ACTS[when]) if draw(st.integers(0, 3)) else words(Do))
    names = draw(st.sets(st.sampled_from(sorted(PARTS)), max_size=3))
    return {"when": when, "do": do, **{n: draw(st.none() | PARTS[n]) for n in sorted(names)}}


def tupled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: tupled(part) for key, part in value.items()}
    return tuple(value) if isinstance(value, list) else value


@given(line=lines())
@example(line={"when": "odr_above", "do": "pause", "above": 0.01, "pause_days": 3})
@example(line={"when": "state_is", "do": "set_price", "state": None, "price": 0.9})
@example(line={"when": "every_days", "do": "set_service", "days": 3, "service": {"on_time": None}})
@example(line={"when": "every_days", "do": "pause", "days": 3, "pause_days": 1, "per_day": 2})
@example(
    line={"when": "on_day", "do": "buy_reviews", "day": 2, "bought": {"reviews": 3, "price": 2.0}}
)
@example(
    line={
        "when": "on_day",
        "do": "buy_reviews",
        "day": 2,
        "bought": {"reviews": 3, "price": 2.0},
        "budget": 5,
    }
)
@example(line={"when": "order_shipped", "do": "reward", "reward": 2.5, "tone": 0.5})
@example(line={"when": "order_shipped", "do": "reward", "reward": 2.5, "verified": False})
@example(line={"when": "promise_passed", "do": "reward", "reward": 2.5})
@example(line={"when": "review_posted", "do": "thank", "verified": False})
@example(line={"when": "review_posted", "do": "reply_public", "verified": False})
def test_editor_and_loader_are_of_one_mind_about_every_line(line):
    try:
        Line.model_validate(tupled(line))
        fine = True
    except ValidationError:
        fine = False
    assert VALIDATOR.is_valid([line]) == fine


VALIDATOR = Draft7Validator(strategy_schema())


def test_every_field_of_a_line_is_tried_above():
    assert {*PARTS, "when", "do"} == set(Line.model_fields)
    assert set(Strategy.model_fields) == {"about", "lines", "code", "per_day", "budget"}


@pytest.mark.parametrize("code", [None, "a.b:C", "a b", 3])
@pytest.mark.parametrize("lines", [None, [], [{"when": "order_shipped", "do": "thank"}]])
@pytest.mark.parametrize("limit", [{}, {"per_day": 3}, {"budget": -1}, {"budget": None}])
def test_editor_and_loader_are_of_one_mind_about_code(code, lines, limit):
    whole = {"code": code, **({} if lines is None else {"lines": lines}), **limit}
    try:
        Strategy.model_validate(tupled(whole))
        fine = True
    except ValidationError:
        fine = False
    assert VALIDATOR.is_valid(whole) == fine
