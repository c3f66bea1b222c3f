"""Faults planted in a copy of the market: the audit names each by a check of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from uncompiled import patched, run_uncompiled

from experiments.audit.run import audit

pytestmark = pytest.mark.slow

MARKET = """
name: planted
question: Does the audit see it?
days: 60
run_out: 10
replicates: 1
break_even: 0
record: ledger
past: {days: 15, reviews_per_day: 0.05}
platform: amazon_2016
baseline: as it is
arms: {as it is: {}}
categories: [{name: kitchen, price: 25.0}]
sellers:
  - name: Northwind
    focal: true
    quality: 0.3
    damaged: 0.3
    on_time: 0.7
    strategy: sorry
    care: {answers: 0.0, delay_days: 2.0, tone: 0.3, refund: 0.1}
    listings:
      - {name: Steel pan, category: kitchen, price: 27.0}
      - {name: Iron pan, category: kitchen, price: 24.0}
rivals: {count: 2, listings_each: 2, strategy: sorry}
strategies:
  sorry:
    - {when: feedback_posted, stars: [1, 2, 3], do: apologise, after_days: 0}
    - {when: feedback_posted, stars: [1, 2, 3], do: ask_change, after_days: 1}
    - {when: review_posted, stars: [1, 2, 3], verified: true, do: apologise, after_days: 0}
    - {when: review_posted, stars: [1, 2, 3], verified: true, do: ask_change, after_days: 1}
buyers: {count: 60, trips_per_year: 150.0}
non_buying_users: {count: 20, trips_per_year: 100.0}
"""
RULES = (
    "platform.feedback.leave_rate=0.6",
    "platform.feedback.opens_after_days=1",
    "platform.feedback.window_days=14",
    "platform.feedback.change_window_days=2",
    "platform.reviews.leave_rate=0.6",
    "platform.reviews.leave_rate_unbought=0.1",
    "platform.reviews.min_purchases=3",
    "platform.reviews.change_window_days=2",
    "platform.contact.match_review=1.0",
    "platform.contact.opted_out_share=0.0",
    "platform.defaults.when=always",
    "platform.defaults.after_days=5",
    "platform.claims.answer_days=1",
    "platform.claims.decision_days=1",
    "complaining.delay_days=1.0",
    "complaining.claim=[1.0, 1.0, 1.0, 1.0, 1.0]",
    "complaining.recovery=0.0",
    "platform.odr.window_days=20",
    "platform.odr.lag_days=2",
    "platform.odr.min_orders=5",
    "platform.odr.min_defects=1",
    "platform.odr.lower_bound=0",
    "platform.account.at_risk_days=4",
    "platform.account.plan_days=4",
)
"""So that everything happens within two months, and windows close while there is something in."""

FAULTS = {
    "delivered": [("phases/judge.py", "if day > o.promised[row]:", "if day >= o.promised[row]:")],
    "window of feedback": [
        ("rules/feedback.py", "if day > start + window:", "if day > start + window + 1:"),
        ("phases/write.py", "due <= start + w.p.feedback_window_days",
         "due <= start + w.p.feedback_window_days + 1"),
    ],
    "eligibility of reviews": [
        ("rules/reviews.py", "purchases < min_purchases or spent < min_spend",
         "spent < min_spend"),
    ],
    "changes within their window": [
        ("rules/editing.py", "if day > posted + window:", "if day > posted + window + 1:"),
    ],
    "defaults by the rules": [
        ("phases/dates.py", "order_end(w, row) + w.p.defaults_after_days",
         "order_end(w, row) + w.p.defaults_after_days + 1"),
    ],
    "defects": [
        ("phases/common.py", "if o.defect[row] == 0:\n        count_defect",
         "if True:\n        count_defect"),
    ],
    "ODR window": [
        ("rules/odr.py", "return last - window_days + 1, last",
         "return last - window_days, last"),
    ],
    "states": [
        ("rules/account.py", "days_in_state >= at_risk_days", "days_in_state > at_risk_days"),
    ],
    "stars displayed": [
        ("phases/shown.py", "displayed_as(w, q.stars[post])",
         "displayed_as(w, q.first_stars[post])"),
    ],
    "store score": [
        ("phases/settle.py", "is_positive(stars, w.p.feedback_positive_from) else 0",
         "is_positive(stars, w.p.feedback_positive_from - 1) else 0"),
    ],
    "score": [
        ("phases/platform.py", "n.velocity[k] *= w.p.search_decay",
         "n.velocity[k] *= w.p.search_decay * w.p.search_decay"),
    ],
    "impressions": [
        ("phases/shop.py", "page = place // w.p.search_page_size",
         "page = (place + 1) // w.p.search_page_size"),
    ],
}  # fmt: skip
"""What is patched, by the name of the check that has to name it first."""


def lived(folder: Path, *patches: tuple[str, str, str]) -> Path:
    """The result of the market with so many faults."""
    folder.mkdir()
    config, out = folder / "planted.yaml", folder / "out"
    config.write_text(MARKET, encoding="utf-8")
    running = run_uncompiled(patched(folder, *patches), config, out, *RULES)
    said = running.communicate()[0]
    assert running.returncode == 0, said
    return out


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results by fault, two at a time; "" = without any."""
    folder = tmp_path_factory.mktemp("planted")
    with ThreadPoolExecutor(2) as pool:
        made = {
            name: pool.submit(lived, folder / f"{k}", *patches)
            for k, (name, patches) in enumerate({"": [], **FAULTS}.items())
        }
        return {name: future.result() for name, future in made.items()}


def differing(folder: Path) -> list[str]:
    """Names of the checks that differ, in the order in which they are told: causes come first."""
    return [name for name, told in audit(folder).told.items() if told.wrong]


def test_without_a_fault_all_agrees(results):
    made = audit(results[""])
    assert made.clean, made.differences
    for name in FAULTS:
        assert made.told[name].values > 0, f"{name}: nothing of it has happened"


@pytest.mark.parametrize("check", FAULTS)
def test_a_planted_fault_is_named_by_its_check(results, check):
    assert differing(results[check])[:1] == [check]
