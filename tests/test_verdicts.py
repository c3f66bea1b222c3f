"""What an arm's outreach breaks and risks: first in the report, the terminal and the check."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from fake_result import HOSTILE, manifest_of, write_result
from test_report import EVIL, Page

from experiments.config import ROOT, load, load_market
from experiments.metrics import METRICS
from experiments.plan import plan_text
from experiments.report import write_report
from experiments.screen import show_result
from experiments.strategies import shipped
from experiments.summary import Row, read_summary
from experiments.verdicts import breach_sentences, breach_words, breaches, tolerated_sentences
from sim.config.policy import PolicyRules

BASE = """\
platform: {platform}
categories: [{{name: toys}}]
sellers:
  - {{name: A, strategy: {other}, listings: [{{category: toys}}]}}
  - {{name: B, focal: true, strategy: {focal}, listings: [{{category: toys}}]}}
rivals: {{strategy: {rivals}}}
"""


def market(tmp_path, focal="none", other="none", rivals="none", platform="amazon", more=""):
    text = BASE.format(platform=platform, focal=focal, other=other, rivals=rivals)
    file = tmp_path / "experiment.yaml"
    file.write_text(text + more, encoding="utf-8")
    return load_market(file)


def kinds(market) -> list[tuple[str, str, bool]]:
    return [(entry["says"], entry["kind"], entry["focal"]) for entry in breaches(market)]


FORBIDDEN = {
    "none": [], "ask_everyone": [], "brand_template": [],
    "thank": ["thank"],
    "recover": ["write_about_review"],
    "hit_product": ["ask_selectively", "write_about_review"],
    "full_service": ["write_about_review", "ask_selectively", "thank"],
    "reward": ["reward"], "buy_reviews": ["buy_reviews"],
}  # fmt: skip
TOLERATED_IN_2016 = {
    "none": [], "ask_everyone": [], "thank": [],
    "brand_template": ["refund_about_review"],
    "recover": ["write_about_review"],
    "hit_product": ["ask_selectively", "write_about_review"],
    "full_service": ["write_about_review", "ask_selectively"],
    "reward": [], "buy_reviews": [],
}  # fmt: skip


@pytest.mark.parametrize("name", shipped())
def test_what_the_shipped_strategies_break_on_the_shipped_platforms(tmp_path, name):
    now = kinds(market(tmp_path, name))
    assert now == [("forbidden", kind, True) for kind in FORBIDDEN[name]]
    then = kinds(market(tmp_path, name, platform="amazon_2016"))
    always = [("forbidden", name, True)] if name in ("reward", "buy_reviews") else []
    assert then == always + [("tolerated", kind, True) for kind in TOLERATED_IN_2016[name]]


@pytest.mark.parametrize("who", ["other", "rivals"])
def test_it_is_said_whether_the_focal_seller_does_it(tmp_path, who):
    assert kinds(market(tmp_path, **{who: "thank"})) == [("forbidden", "thank", False)]
    assert kinds(market(tmp_path, "thank", **{who: "thank"})) == [("forbidden", "thank", True)]
    both = breaches(market(tmp_path, "recover", **{who: "hit_product"}))
    assert {e["kind"]: (e["focal"], e["strategies"]) for e in both} == {
        "ask_selectively": (False, ["hit_product"]),
        "write_about_review": (True, ["hit_product", "recover"]),
    }


@pytest.mark.parametrize("nobody", ["adopters: 0.0", "count: 0"])
def test_what_nobody_follows_breaks_nothing(tmp_path, nobody):
    assert breaches(market(tmp_path, rivals=f"thank, {nobody}")) == []
    assert kinds(market(tmp_path, "thank", rivals=f"thank, {nobody}")) == [
        ("forbidden", "thank", True)
    ]


def test_an_entry_holds_what_a_manifest_needs(tmp_path):
    (entry,) = breaches(market(tmp_path, "thank"))
    assert json.loads(json.dumps(entry)) == entry == {
        "says": "forbidden", "kind": "thank", "strategies": ["thank"], "focal": True,
        "meaning": PolicyRules.model_fields["thank"].description,
        "found_out": 0.002, "penalties": ["policy_score"],
        "follows": "4 points of conduct lost",
    }  # fmt: skip


MIXED = """\
strategies:
  mine:
    - {when: review_posted, do: reply_public}
    - {when: order_delivered, do: thank}
    - {when: every_days, days: 7, do: set_price, price: 0.9}
"""
PLACE = """{name: Elsewhere, policy: {reply_public: {says: tolerated}, thank: {says: forbidden,
  found_out: 0.25, penalties: []}}}"""


def test_the_forbidden_comes_before_the_tolerated(tmp_path):
    mixed = market(tmp_path, "mine", platform=PLACE, more=MIXED)
    assert kinds(mixed) == [("forbidden", "thank", True), ("tolerated", "reply_public", True)]
    assert breach_words(mixed) == [
        "breaks the rules of Elsewhere, which forbids messages that do no more than thank (each "
        "message is found out with a chance of 25 %, then nothing).",
        "Elsewhere tolerates a reply that everybody can read.",
    ]
    assert breach_words(market(tmp_path, "none")) == []
    (rivals,) = breach_words(market(tmp_path, rivals="thank"))
    assert (
        "(other sellers do it)" in rivals and "chance of 0.2 %, then 4 points of conduct" in rivals
    )


# --- in sentences --------------------------------------------------------------------------------


def row(arm: str, metric: str, mean: float) -> Row:
    empty = dict.fromkeys(Row.__dataclass_fields__)
    return replace(Row(**empty), arm=arm, metric=metric, mean=mean, n=20)


def sentences(tmp_path, *arms: tuple[str, dict], rows=()) -> list[str]:
    entries = [
        {"name": name, "platform": "amazon", "breaches": breaches(market(tmp_path, **follow))}
        for name, follow in arms
    ]
    return [str(s) for s in breach_sentences(list(rows), {"arms": entries})]


def test_only_arms_that_break_something_are_named(tmp_path):
    arms = [("nothing", {}), ("asks", {"focal": "ask_everyone"}), ("thanks", {"focal": "thank"})]
    (said,) = sentences(tmp_path, *arms)
    assert said.startswith("thanks: breaks the rules of amazon, which forbids messages that do no")
    assert said.endswith("then 4 points of conduct lost).")
    (said,) = sentences(tmp_path, ("picks", {"focal": "hit_product"}))
    assert said.count("then the account is deactivated)") == 2


def test_what_came_of_it_is_said(tmp_path):
    rows = [row("thanks", "forbidden", 12.5), row("thanks", "found_out", 0.15)]
    (said,) = sentences(tmp_path, ("thanks", {"focal": "thank"}), rows=rows)
    assert "then 4 points of conduct lost). It sent 12" in said
    assert said.endswith(
        "messages a month that amazon forbids and was found out in 3 of 20 replicates."
    )
    old = breaches(market(tmp_path, "recover", platform="amazon_2016"))
    tolerated = {"name": "old", "platform": "amazon_2016", "breaches": old}
    assert breach_sentences(rows, {"arms": [tolerated]}) == []
    other = {**tolerated, "name": "older"}
    assert tolerated_sentences({"arms": [tolerated, other]}) == [
        "amazon_2016 tolerates, which is less than to allow: apologies or goods, in words of one's "
        "own, to the author of a review (“old” and “older”)."
    ]
    assert {"forbidden", "found_out"} <= METRICS.keys()


def test_a_result_without_breaches_says_nothing(tmp_path):
    folder = write_result(tmp_path / "old", ["a", "b"], replicates=2, days=60)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert breach_sentences(read_summary(folder / "summary.csv"), manifest) == []


# --- names that try to be more than text ---------------------------------------------------------


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Path:
    arms = manifest_of(HOSTILE[:3], 3, 60)["arms"]
    for arm in arms[1:]:
        arm["platform"] = f"a\x1b[2J {EVIL}"
        arm["breaches"] = [
            {"says": "forbidden", "kind": "thank", "meaning": f"Messages {EVIL}", "focal": False,
             "strategies": [EVIL], "found_out": 0.1, "penalties": ["deactivate"]},
            {"says": "tolerated", "kind": "ask", "meaning": "\x1b[31mAsking", "focal": True,
             "strategies": [EVIL], "found_out": 0.0, "penalties": []},
        ]  # fmt: skip
    folder = tmp_path_factory.mktemp("hostile")
    return write_result(folder, HOSTILE[:3], replicates=3, days=60, arms=arms)


def test_hostile_names_are_text_in_the_report_and_come_before_the_answer(hostile):
    page = Page(write_report(hostile))
    assert all(attributes.get("src", "data:").startswith("data:") for _, attributes in page.tags)
    assert not any("onerror" in attributes for _, attributes in page.tags)
    assert (
        EVIL not in page.html
        and f"which forbids messages {EVIL} (other sellers do it)" in page.text
    )
    assert page.text.index("breaks the rules of") < page.text.index("Clearly better")


def test_hostile_names_are_text_in_the_terminal(hostile, capsys):
    show_result(hostile)
    out = capsys.readouterr().out
    assert "\x1b" not in out and r"a\x1b[2J" in out
    assert "tolerates" in out and r"\x1b[31mAsking" in " ".join(out.split())


# --- check ---------------------------------------------------------------------------------------


def test_check_says_of_then_and_now_what_the_rules_say():
    text = plan_text(load(ROOT / "configs" / "advice_then_and_now.yaml"))
    said = text.split("What the platform says of it:\n")[1].split("\n\n")[0].splitlines()
    assert [line.split(": ")[0].strip() for line in said] == ["2016, hit product",
                                                              "today, hit product"]  # fmt: skip
    assert "amazon_2016 tolerates requests to those alone whose stars please; and apol" in said[0]
    assert "breaks the rules of amazon, which forbids requests to those alone" in said[1]
    assert "0.2 %" in said[1] and "0.5 %" in said[1] and "rivals" not in text.split("says of it")[1]


def test_check_says_nothing_where_nothing_is_broken():
    text = plan_text(load(ROOT / "configs" / "quickstart.yaml", ["platform=amazon"]))
    assert "What the platform says of it:" in text  # it recovers by words about reviews
    text = plan_text(load(ROOT / "configs" / "capacity.yaml"))
    assert "What the platform says of it:" not in text
