"""Which assumed parameters a difference rests on, and what of them the report says."""

from __future__ import annotations

import pytest
from fake_result import manifest_of

from experiments.config import load
from experiments.listings import parameters
from experiments.platforms import ROOT
from experiments.rests_on import RESTS_ON, assumptions, others_assumed, rests_on

DECLARED = list(parameters())
PATHS = [parameter.path for parameter in DECLARED]


def behind(*changed: str) -> set[str]:
    return {parameter.path for parameter in rests_on(changed, DECLARED)}


def change(path: str, value: object) -> dict[str, object]:
    return {"path": path, "value": value, "base": None}


def manifest_with(*changes: list[dict[str, object]]) -> dict[str, object]:
    """Arms a, b, ... with these changes, in the quickstart market; a is the baseline."""
    manifest = manifest_of(list("abcd"[: len(changes)]), 2, 60)
    for arm, changed in zip(manifest["arms"], changes, strict=True):
        arm["changes"] = changed
    market = load(ROOT / "configs" / "quickstart.yaml").market
    return manifest | {"config_resolved": market.model_dump(mode="json")}


# ---------------------------------------------------------------- the map


def test_every_path_of_the_map_exists():
    for changed, targets in RESTS_ON.items():
        assert changed in PATHS, changed
        for target in targets:
            assert any(p == target or p.startswith(f"{target}.") for p in PATHS), target


def test_whatever_a_seller_states_is_in_the_map():
    stated = [p.path for p in DECLARED if p.path.startswith("sellers.") and p.makes]
    assert not set(stated) - RESTS_ON.keys()


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ("sellers.X.strategy", {"reconsidering.clumsy_share", "platform.contact.match_review"}),
        ("rivals.strategy", {"reconsidering.delete_share", "costs.answering"}),
        ("sellers.X.strategy", {"responding.ask_review", "complaining.refund_settles"}),
        ("rivals.adopters", {"responding.opt_out", "responding.further_message"}),
        ("strategies.mine.lines.0.do", {"responding.thank_return", "costs.answering"}),
        ("strategies.mine.lines.0.stars.1", {"reconsidering.clumsy_share"}),
        ("strategies.mine.lines.0", {"responding.ask_feedback"}),
        ("strategies.mine.lines", {"responding.ask_feedback"}),
        ("strategies.mine", {"responding.ask_feedback"}),
        ("strategies", {"responding.ask_feedback"}),
        ("sellers.X.care", {"complaining.refund_settles"}),
        ("sellers.X.care.tone", {"complaining.recovery", "reconsidering.half_life_days"}),
        ("sellers.X.on_time", {"costs.punctuality", "judging.waiting_days"}),
        ("sellers.X.damaged", {"costs.intactness", "judging.damaged"}),
        ("sellers.X.wrong_item", {"judging.wrong_item"}),
        ("sellers.X.quality", {"costs.quality_share", "judging.disappointment"}),
        ("sellers.X.listings.Y.price", {"choice.segments.N.price", "costs.unit_share"}),
        ("sellers.Dr. X.listings.No. 5.oversell", {"judging.expected_per_star"}),
        ("sellers.X.capacity", {"fulfilment.cancelled_after_days"}),
        ("platform.account.at_risk_days", {"platform.account.at_risk_days"}),
        ("choice.segments.1.price", {"choice.segments.N.price"}),
        ("complaining.complain.0", {"complaining.complain"}),
        ("sellers.X.listings", {"choice.segments.N.price", "judging.disappointment"}),
        ("sellers", {"judging.damaged", "reconsidering.clumsy_share"}),
    ],
)
def test_a_change_leads_to_what_it_works_through(changed, wanted):
    assert wanted <= behind(changed)


def test_only_what_is_assumed_is_named_and_a_sellers_own_values_are_not():
    found = behind("sellers.X.strategy", "sellers.X.care.tone", "platform.odr.limit")
    assert "reconsidering.apology" not in found  # published
    assert "platform.odr.limit" not in found  # documented
    assert not any(path.startswith("sellers.") for path in found)


def test_a_section_changed_as_a_whole_leads_to_nothing_of_its_neighbours():
    assert "judging.damaged" not in behind("sellers.X.care")
    assert "responding.ask_review" not in behind("sellers.X.care", "strategies.mine.about")
    assert behind("nowhere.at.all") == set()


# ---------------------------------------------------------------- of a result


def test_each_assumption_names_the_arms_that_use_it_and_the_value_in_the_base():
    strategy, late = change("sellers.X.strategy", "recover"), change("sellers.X.on_time", 0.8)
    found = {e.path: e for e in assumptions(manifest_with([], [strategy], [strategy, late], []))}
    assert found["reconsidering.clumsy_share"].arms == ["b", "c"]
    assert found["responding.ask_review"].arms == ["b", "c"]
    assert found["costs.punctuality"].arms == ["c"]
    half_life = found["reconsidering.half_life_days"]
    assert (half_life.value, half_life.unit, half_life.limits) == ("7.0", "days", "0.1 to 1,000")
    assert found["platform.feedback.can_change"].value == "true"
    assert [*found] == [path for path in PATHS if path in found]


def test_what_the_baseline_changes_too_makes_no_difference():
    late, strategy = change("sellers.X.on_time", 0.8), change("sellers.X.strategy", "recover")
    found = {e.path: e for e in assumptions(manifest_with([late], [late, strategy], []))}
    assert found["costs.punctuality"].arms == ["c"]
    assert found["platform.contact.match_review"].arms == ["b"]


def test_a_list_has_the_values_of_all_its_entries():
    (entry,) = assumptions(manifest_with([], [change("choice.segments.0.price", -3.0)]))
    assert (entry.path, entry.value) == ("choice.segments.N.price", "-1.5, -2.5, -0.8")


def test_without_a_comparison_nothing_rests_on_anything():
    assert assumptions(manifest_of(["only"], 2, 60)) == []


def test_older_results_without_the_whole_configuration_have_no_values():
    manifest = manifest_with([], [change("sellers.X.damaged", 0.1)]) | {"config_resolved": {}}
    assert {entry.value for entry in assumptions(manifest)} == {"–"}


def test_all_other_assumed_parameters_are_counted():
    known = assumptions(manifest_with([], [change("sellers.X.strategy", "recover")]))
    counts = others_assumed(known)
    assumed = [p for p in DECLARED if p.status == "assumed" and not p.path.startswith("sellers.")]
    assert sum(counts.values()) + len(known) == len(assumed)
    assert "platform.contact" not in counts and counts["platform.search"] > 5


def test_what_is_forbidden_rests_on_the_chance_to_be_found_out():
    """Of the arm that does it; what both arms do makes no difference between them."""
    changed = change("sellers.X.strategy", "mine")
    manifest = manifest_with([], [changed], [changed])
    kinds = [[], ["buy_reviews", "thank"], ["thank"]]
    for arm, broken in zip(manifest["arms"], kinds, strict=True):
        arm["breaches"] = [{"says": "forbidden", "kind": kind} for kind in broken]
    found = {e.path: e.arms for e in assumptions(manifest)}
    _, buys, thanks = (arm["name"] for arm in manifest["arms"])
    assert found["platform.policy.thank.found_out"] == [buys, thanks]
    assert found["platform.policy.buy_reviews.found_out"] == [buys]
    assert found["platform.bought.found_share"] == [buys]
    manifest["arms"][0]["breaches"] = manifest["arms"][1]["breaches"]
    assert "platform.policy.thank.found_out" not in {e.path for e in assumptions(manifest)}
