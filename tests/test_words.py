"""What is said about an experiment: numbers as text, verdicts, the answer in sentences."""

from __future__ import annotations

import dataclasses
import math

import pytest
from fake_result import manifest_of
from hypothesis import given
from hypothesis import strategies as st

from experiments.lead import lead
from experiments.metrics import METRICS
from experiments.numbers import (
    difference_texts,
    harmless,
    mean_texts,
    plain,
    style_of,
    value_text,
    yaml_text,
)
from experiments.summary import Row
from experiments.words import (
    ANSWER,
    arm_sentences,
    missing_sentences,
    placebo_sentences,
    question,
    verdict,
)

NAN = math.nan
FEW = st.floats(-10, 10, allow_nan=False)


def row(arm: str, metric: str, mean: float, *diff: float, n: int = 20, missing: int = 0) -> Row:
    """A row with an interval of a tenth around the mean; ``diff``: difference, low, high."""
    values = dict.fromkeys((field.name for field in dataclasses.fields(Row)), NAN)
    known = {"arm": arm, "metric": metric, "n": n, "missing": missing, "mean": mean}
    known |= {"ci_low": 0.9 * mean, "ci_high": 1.1 * mean}
    known |= dict(zip(("diff", "diff_ci_low", "diff_ci_high"), diff, strict=False))
    return Row(**(values | known))


def told(text: str) -> str:
    """A text with common signs, as on a terminal."""
    return plain(text)


@pytest.fixture
def two():
    """Poor service, and what recovery does to it, in one sentence."""
    rows = [
        row("poor", "odr", 0.013),
        row("poor", "position", 9.1),
        row("poor", "profit", 4000.0),
        row("poor", "deactivated", 0.12),
        row("poor", "days_above_limit", 0.23),
        row("recover", "odr", 0.0062, -0.0068, -0.0092, -0.0041),
        row("recover", "position", 6.2, -2.9, -3.4, -2.3),
        row("recover", "profit", 5150.0, 1150.0, 980.0, 1320.0),
        row("recover", "deactivated", 0.03, -0.09, -0.2, 0.01),
        row("recover", "days_above_limit", 0.004, -0.226, -0.3, -0.1),
    ]
    return rows, manifest_of(["poor", "recover"], 20, 365)


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("odr", 0.0062, "0.62 %"),
        ("odr", 0.1234, "12.3 %"),
        ("odr", 0.00002, "0.002 %"),
        ("odr", 0.0, "0.00 %"),
        ("deactivated", 0.05, "5 %"),
        ("profit", 1150.4, "$1,150"),
        ("profit", -230.0, "-$230"),
        ("position", 6.23, "6.2"),
        ("stars", 4.531, "4.53"),
        ("orders", 1234.5, "1,234"),
        ("orders", 12.34, "12.3"),
        ("gini_sales", 0.412, "0.41"),
        ("stars", NAN, "-"),
    ],
)
def test_numbers_are_written_with_sensible_digits(metric, value, text):
    assert told(value_text(value, METRICS[metric])) == text


def test_every_metric_has_a_style_and_units_are_not_lost():
    for metric in METRICS.values():
        assert value_text(0.5, metric)
        assert (style_of(metric).scale == 100.0) == (metric.kind != "mean")


def test_a_clear_difference_is_never_written_as_zero():
    texts = difference_texts(row("a", "position", 6.0, -0.012, -0.021, -0.003), METRICS["position"])
    assert list(map(told, texts)) == ["-0.012", "-0.021 to -0.003"]


def test_a_difference_and_its_interval_have_the_same_digits_and_say_points():
    texts = difference_texts(row("a", "odr", 0.006, -0.0068, -0.0092, -0.0041), METRICS["odr"])
    assert list(map(told, texts)) == ["-0.68 points", "-0.92 to -0.41"]


def test_what_is_missing_is_a_dash_without_an_interval():
    assert mean_texts(row("a", "stars", NAN), METRICS["stars"]) == ("–", "")
    assert difference_texts(row("a", "odr", 0.01), METRICS["odr"]) == ("–", "")


def test_values_are_written_as_yaml_takes_them():
    shown = [yaml_text(value) for value in (None, True, 0.8, (1, 2.5), "none", "名")]
    assert shown == ["null", "true", "0.8", "[1, 2.5]", "none", "名"]


def test_a_terminal_is_told_nothing_but_text():
    evil = "a\x1b[31mred\x9b2J\u202e\r\x07\x7f\nnext 慢 🐢"
    assert harmless(evil) == "a\\x1b[31mred\\x9b2J\\u202e\\r\\x07\\x7f\nnext 慢 🐢"
    assert plain(f"→{evil}") == f"->{harmless(evil)}"


# ---------------------------------------------------------------- verdicts


@given(FEW, FEW)
def test_a_verdict_needs_an_interval_that_leaves_out_zero(a, b):
    low, high = sorted((a, b))
    found = verdict(row("a", "odr", 1.0, (low + high) / 2, low, high), METRICS["odr"])
    if low <= 0 <= high:
        assert found == ("equal" if low == high == 0 else "unclear")
    else:
        assert found == ("better" if high < 0 else "worse")


def test_verdicts_follow_the_direction_of_the_metric():
    rise = (1.0, 0.5, 1.5)
    assert verdict(row("a", "profit", 1.0, *rise), METRICS["profit"]) == "better"
    assert verdict(row("a", "position", 1.0, *rise), METRICS["position"]) == "worse"
    assert verdict(row("a", "contacts", 1.0, *rise), METRICS["contacts"]) == "higher"
    assert verdict(row("a", "profit", 1.0, 1.0, NAN, NAN), METRICS["profit"]) == "unknown"
    assert verdict(None, METRICS["profit"]) == "unknown"


# ---------------------------------------------------------------- sentences


def test_an_arm_in_words_and_money(two):
    (sentence,) = arm_sentences(*two)
    assert told(str(sentence)) == (
        "recover: Clearly better: ODR 1.30 % -> 0.62 % [-0.92 to -0.41 points]; "
        "position 9.1 -> 6.2 [-3.4 to -2.3]; profit +$1,150 a month [+$980 to +$1,320]. "
        "No clear difference: risk of deactivation 12 % -> 3 % [-20 to +1 points]."
    )


def test_the_lead_names_who_was_best_and_whether_that_is_clear(two):
    rows, manifest = two
    assert list(map(told, lead(rows, manifest))) == [
        "One arm was compared with the baseline, “poor”, in 20 replicates.",
        "“recover” had the lowest order defect rate (ODR), 0.62 %, clearly below the baseline's "
        "1.30 %; the best position in search, 6.2 (1 = top), clearly better than the baseline's "
        "9.1; and the most profit, $5,150 a month, clearly above the baseline's $4,000.",
        "Of the orders placed under “poor”, 1.30 % ended with a defect, above the platform's limit "
        "of 1 %; the rate that the platform saw was above it on 23 % of days.",
    ]


def test_the_lead_says_when_the_best_is_not_clearly_better(two):
    rows, manifest = two
    rows[7] = row("recover", "profit", 5150.0, 1150.0, -80.0, 2320.0)
    text = told(" ".join(lead(rows, manifest)))
    assert "most profit, $5,150 a month, not clearly above the baseline's $4,000" in text


def test_the_lead_says_when_nobody_beats_the_baseline(two):
    rows, manifest = two
    rows[5] = row("recover", "odr", 0.013, 0.0, -0.001, 0.001)
    text = told(" ".join(lead(rows, manifest)))
    assert "“poor” had the lowest order defect rate (ODR), 1.30 %: no other arm did better" in text


def test_a_placebo_never_wins_and_is_said_to_be_the_same(two):
    rows, manifest = two
    rows += [
        row("again", name, next(r.mean for r in rows if r.metric == name), 0.0, 0.0, 0.0)
        for name in ANSWER
    ]
    placebo = manifest["arms"][1] | {"name": "again", "placebo": True}
    manifest["arms"].append(placebo)
    manifest["placebo"] = {"again": True}
    assert "(and 1 that changes nothing)" in lead(rows, manifest)[0]
    assert not any("“again” had" in sentence for sentence in lead(rows, manifest))
    assert str(arm_sentences(rows, manifest)[1]).startswith("again: exactly the same as “poor”: ")
    assert "exactly zero in every metric" in placebo_sentences(manifest)[0]
    assert "do not trust" in placebo_sentences(manifest | {"placebo": {"again": False}})[0]


def test_one_arm_alone_is_described_and_not_compared(two):
    rows, manifest = two
    manifest["arms"] = manifest["arms"][:1]
    assert arm_sentences(rows, manifest) == []
    assert told(lead(rows, manifest)[0]) == (
        "“poor” was the only arm, so there is nothing to compare it with: ODR 1.30 %; "
        "position 9.1 (1 = top); profit $4,000 a month; and risk of deactivation 12 %."
    )


def test_without_intervals_nothing_is_called_clear(two):
    rows, manifest = two
    rows = [dataclasses.replace(r, diff_ci_low=NAN, diff_ci_high=NAN) for r in rows]
    text = " ".join([*lead(rows, manifest), *map(str, arm_sentences(rows, manifest))])
    assert "clearly" not in text.lower()
    assert "chance cannot be judged" in text


def test_each_arm_is_held_to_the_limit_of_its_own_platform(two):
    rows, manifest = two
    manifest["arms"][1]["limit"] = 0.005
    assert told(lead(rows, manifest)[-1]) == (
        "More orders than its platform's limit allows ended with a defect under “poor” (1.30 %) "
        "and “recover” (0.62 %); the rate that the platform saw was above it on 23 % and 0.4 % of "
        "days."
    )


def test_who_kept_the_limit_in_the_end_may_have_been_seen_above_it(two):
    rows, manifest = two
    rows[0] = row("poor", "odr", 0.008)
    assert told(lead(rows, manifest)[-1]) == (
        "Under each arm, orders that ended with a defect stayed within the platform's limit of "
        "1 %; the rate that the platform saw was above it on 0.4 % to 23 % of days."
    )
    rows = [r for r in rows if r.metric != "days_above_limit"]  # as older results have it
    assert told(lead(rows, manifest)[-1]).endswith("within the platform's limit of 1 %.")


def test_many_arms_above_the_limit_are_counted():
    arms = [f"arm {i}" for i in range(6)]
    rows = [row(arm, "odr", 0.02) for arm in arms]
    rows += [row(arm, "days_above_limit", 0.5 + i / 10) for i, arm in enumerate(arms[:5])]
    rows += [row(arms[5], "days_above_limit", 0.5)]
    assert told(lead(rows, manifest_of(arms, 20, 365))[-1]) == (
        "Under 6 of 6 arms, more orders than the platform's limit of 1 % allows ended with a "
        "defect; the rate that the platform saw was above it on 50 % to 90 % of days."
    )


def test_a_rate_above_the_limit_never_looks_like_the_limit(two):
    rows, manifest = two
    rows[0] = row("poor", "odr", 0.010004)
    assert "1.0004 % ended with a defect, above" in told(lead(rows, manifest)[-1])


def test_a_comma_in_a_name_does_not_part_it_from_the_next():
    arms = ["as it is, again", "poor"]
    rows = [row(arm, "odr", 0.02) for arm in arms]
    text = lead(rows, manifest_of(arms, 20, 365))[-1]
    assert "under “as it is, again” (" in text and ") and “poor” (" in text and ";" not in text


def test_what_never_differs_is_said_to_be_the_same(two):
    rows, manifest = two
    same = row("recover", "position", 9.1, 0.0)
    rows[6] = dataclasses.replace(same, tied=1.0)
    assert verdict(rows[6], METRICS["position"]) == "same"
    assert difference_texts(rows[6], METRICS["position"]) == ("0", "")
    (sentence,) = arm_sentences(rows, manifest)
    assert "The same in every replicate: position 9.1 in both." in str(sentence)
    for otherwise in ({"tied": 0.5}, {"n": 1}):
        other = dataclasses.replace(rows[6], **otherwise)
        assert verdict(other, METRICS["position"]) == "unknown"
    # A share keeps its interval: that nothing differed in 20 replicates doesn't rule out a risk.
    risk = dataclasses.replace(row("recover", "deactivated", 0.1, 0.0, -0.1, 0.1), tied=1.0)
    assert verdict(risk, METRICS["deactivated"]) == "unclear"


def test_replicates_without_orders_are_counted_aloud():
    rows = [row("a", "odr", 0.01, n=18, missing=2), row("a", "stars", 4.0, n=19, missing=1)]
    orders, stars = missing_sentences(rows)
    assert orders.startswith("“a”: in 2 of 20 replicates the store had no order")
    assert stars == "“a”: stars has no value in 1 of 20 replicates."


def test_a_question_is_made_where_none_is_asked():
    manifest = manifest_of(["none", "thank"], 2, 10) | {"question": ""}
    assert question(manifest).startswith("What does “thank” change for Northwind, compared with")
    assert question(manifest | {"question": " Does it pay? "}) == "Does it pay?"
    assert question(manifest_of(["none"], 2, 10) | {"question": ""}) == "What happens to Northwind?"
