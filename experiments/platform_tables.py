"""What ``python run.py list platforms`` prints: rule sets side by side, or one of them in full."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from experiments.health_words import (
    gate_in_words,
    measure_in_words,
    penalties_in_words,
    points_in_words,
)
from experiments.listings import as_stated, entries_table, plain_table
from experiments.mistakes import UserError
from experiments.platform_values import assumed_share, platform_file, shipped_platforms, stated
from experiments.platforms import shipped
from sim.config.checks import suggestion
from sim.config.platform import PlatformRules
from sim.config.policy import PolicyRules

if TYPE_CHECKING:
    from rich.table import Table

NONE = "-"
"""Where a rule does not apply."""
SHORT = {
    "never": "no",
    "always": "good",
    "if_seller_rated": "if rated",
    "clean_delivery": "if clean",
}
"""What a platform leaves for the silent, in a word."""
ON_REVIEWS = ("write_about_review", "refund_about_review", "ask_change_of_review")
"""Kinds of outreach that need reviews apart from ratings of orders."""
Say = Callable[[PlatformRules], str]


def platform_tables(name: str = "", *, narrow: bool = False) -> list[Table]:
    """Rule sets side by side, or everything that the file of one states.

    Raises UserError for a name of none.
    """
    platforms = shipped_platforms()
    if name and name not in platforms:
        known = ", ".join(shipped())
        hint = suggestion(name, shipped())
        raise UserError(f'found "{name}", which is no shipped platform; allowed: {known}{hint}')
    if name:
        return [*_in_full(name, narrow), _in_words(platforms[name], narrow)]
    about = entries_table(
        "Platforms (configs/platforms/NAME.yaml; `list platforms NAME` shows one in full)",
        [(name, rules.about, assumed_text(name)) for name, rules in platforms.items()],
        narrow,
    )
    compared = [
        side_by_side(
            title, platforms, [(label, list(map(say, platforms.values()))) for label, say in rows]
        )
        for title, rows in GROUPS.items()
    ]
    return [about, *compared]


def assumed_text(name: str) -> str:
    """``47 % of the 149 values it states are assumed``."""
    values = stated(platform_file(name))
    return f"{100 * assumed_share(values):.0f} % of the {len(values)} values it states are assumed"


def side_by_side(
    title: str, names: Iterable[str], rows: Iterable[tuple[str, Sequence[str]]]
) -> Table:
    """A table with a column for every name; rows are a label and its cells."""
    table = plain_table(f"\n{title}")
    table.show_header = True
    table.padding = (0, 1, 0, 0)
    table.add_column("", overflow="fold")
    for name in names:
        table.add_column(name, justify="right", overflow="fold")
    for label, cells in rows:
        table.add_row(label, *cells)
    return table


# --- one in full -------------------------------------------------------------------------------


def _in_full(name: str, narrow: bool) -> list[Table]:
    """Everything that its file states, a table for each section."""
    sections: dict[str, list[tuple[str, str, str]]] = {}
    for value in stated(platform_file(name)):
        facts = f"{value.source} [{value.status}]"
        rows = sections.setdefault(value.section, [])
        rows.append((value.path, as_stated(value.value), facts))
    titles = {section: f"{name}: {section or 'in general'}" for section in sections}
    return [entries_table(titles[section], rows, narrow) for section, rows in sections.items()]


def _in_words(rules: PlatformRules, narrow: bool) -> Table:
    """Its measures, gates, points and penalties in words."""
    return entries_table(f"{rules.name}: account health in words", health_rows(rules), narrow)


def health_rows(rules: PlatformRules) -> list[tuple[str, str, str]]:
    """(what, in words, nothing more): measures, gates, points, penalties of what is found out."""
    rows = [(name, measure_in_words(m), "") for name, m in rules.measures.items()]
    rows += [(f"gate {k}", gate_in_words(gate), "") for k, gate in enumerate(rules.gates, 1)]
    rows += [(f"points {k}", said, "") for k, said in enumerate(points_in_words(rules.points), 1)]
    for kind in PolicyRules.model_fields:
        verdict = rules.policy.of(kind)
        if verdict.found_out > 0.0:
            rows.append((f"found out: {kind}", penalties_in_words(verdict.penalties), ""))
    return rows


# --- side by side ------------------------------------------------------------------------------


def at(path: str, applies: Say | None = None) -> Say:
    """How to say the value at ``path``; ``applies`` is empty where the rule is without effect."""

    def say(rules: PlatformRules) -> str:
        return NONE if applies is not None and not applies(rules) else value_at(rules, path)

    return say


def value_at(rules: PlatformRules, path: str) -> str:
    """The value at ``section.name`` with its unit, as a reader would say it."""
    section, _, name = path.rpartition(".")
    part: Any = attrgetter(section)(rules) if section else rules
    value = getattr(part, name)
    extra = type(part).model_fields[name].json_schema_extra
    unit = str(extra["unit"]) if isinstance(extra, dict) else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "no end"
    if unit in ("p", "share", "share of price"):
        return f"{100 * value:g} %"
    return (
        f"{as_stated(value)} {unit}" if unit in ("days", "orders", "listings") else as_stated(value)
    )


def _two(rules: PlatformRules) -> str:
    return "yes" if rules.channels == 2 else ""


def _odr(rules: PlatformRules) -> str:
    return "yes" if rules.odr.enforced and rules.account.enforced else ""


def _account(rules: PlatformRules) -> str:
    return "yes" if rules.account.enforced else ""


def _changes(rules: PlatformRules) -> str:
    f = rules.feedback
    said = {(True, True): "both", (True, False): "change", (False, True): "delete"}
    return said.get((f.can_change, f.can_delete), "no")


def _changed_for(rules: PlatformRules) -> str:
    return NONE if _changes(rules) == "no" else value_at(rules, "feedback.change_window_days")


def _who_reviews(rules: PlatformRules) -> str:
    return "yes" if _two(rules) and rules.reviews.open_to_non_buyers else "no"


def _left_for_silent(rules: PlatformRules) -> str:
    return SHORT[rules.defaults.when]


def _hidden_for(rules: PlatformRules) -> str:
    if rules.reveal.double_blind:
        return "blind"
    days = rules.reveal.moderation_days
    return f"{days} days" if days else "no"


def _follow_up(rules: PlatformRules) -> str:
    days = rules.feedback.follow_up_days
    return f"{days} days" if days else "no"


def _steps(rules: PlatformRules) -> str:
    return " ".join(f"{step.at:g}" for step in rules.points.steps) or NONE


def verdict_text(kind: str) -> Say:
    """How to say the verdict on a kind of outreach, with the chance to be found out."""

    def say(rules: PlatformRules) -> str:
        if kind in ON_REVIEWS and rules.channels == 1:
            return NONE
        verdict = rules.policy.of(kind)
        said = {"allowed": "yes", "tolerated": "tolerated", "forbidden": "no"}[verdict.says]
        return f"{said} {100 * verdict.found_out:g} %" if verdict.found_out else said

    return say


GROUPS: dict[str, list[tuple[str, Say]]] = {
    "Ratings (feedback for the store; where one rating serves both, for store and listing)": [
        ("ratings: one for both, or two", lambda r: "one" if r.channels == 1 else "two"),
        ("marks of a rating", lambda r: str(r.scale)),
        ("its window counts from", at("feedback.counts_from")),
        ("a rating may be left for", at("feedback.window_days")),
        ("its author may change or delete it", _changes),
        ("and that for", _changed_for),
        ("only if it has at most these stars", at("feedback.change_up_to", _changes)),
        ("only when the seller has asked", at("feedback.change_asked")),
        ("a follow-up may be added for", _follow_up),
        ("a rating on an order (base rate)", at("feedback.leave_rate")),
        ("left for the silent", _left_for_silent),
        ("hidden at first", _hidden_for),
        ("reviews by those who did not buy it", _who_reviews),
        ("money spent that allows reviews", at("reviews.min_spend", _two)),
        ("reviews may be changed for", at("reviews.change_window_days", _two)),
        ("review of an order (base rate)", at("reviews.leave_rate", _two)),
    ],
    "Account health": [
        ("measures of stores and products", lambda r: str(len(r.measures))),
        ("gates on them", lambda r: str(len(r.gates))),
        ("penalty points of a year that count", _steps),
        ("order defect rate at most", at("odr.limit", _odr)),
        ("its window of order dates", at("odr.window_days")),
        ("orders from which it is acted upon", at("odr.min_orders", _odr)),
        ("at risk before deactivation", at("account.at_risk_days", _account)),
        ("verdict on a plan of action after", at("account.plan_days", _account)),
        ("claims after the promised date for", at("claims.window_days")),
        ("the platform pays of refunds", at("claims.refunds_by_platform")),
    ],
    "What shoppers see, and fees": [
        ("score of a store", lambda r: r.shown_score or "positive"),
        ("a rating weighs half after", at("display.half_life_days")),
        ("and is gone after", at("display.window_days")),
        ("page of search results", at("search.page_size")),
        ("referral fee", at("fees.referral")),
    ],
    "Is outreach allowed? (beside no: chance per message to be found out)": [
        (kind.replace("_", " "), verdict_text(kind)) for kind in PolicyRules.model_fields
    ],
}
"""What platforms differ in most, by table: label and how to say it."""
