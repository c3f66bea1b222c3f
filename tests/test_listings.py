"""What ``run.py list`` prints: complete, and with keys that are never cut."""

from __future__ import annotations

import io

import pytest

from experiments.allowed import slot
from experiments.experiment import Experiment
from experiments.listings import LISTS, parameters, tables
from experiments.metrics import METRICS
from experiments.mistakes import UserError
from experiments.platform_tables import GROUPS, platform_tables, value_at
from experiments.platform_values import platform_file, shipped_platforms, stated
from experiments.platforms import shipped
from experiments.strategies import shipped_strategies
from experiments.strategy_words import line_in_words
from sim.config.fields import Frozen

WIDTHS = (200, 160, 100, 80, 60)


def printed(what: str, width: int = 160, **filters) -> str:
    from rich.console import Console

    screen = io.StringIO()
    console = Console(width=width, file=screen)
    for table in tables(what, width, **filters):
        console.print(table)
    return screen.getvalue()


def keys(what: str) -> list[str]:
    return {
        "platforms": shipped(),
        "strategies": list(shipped_strategies()),
        "metrics": list(METRICS),
        "parameters": [p.path for p in parameters()],
    }[what]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("what", LISTS)
def test_every_key_is_there_and_whole_at_any_width(what, width):
    lines = printed(what, width).splitlines()
    words = {word for line in lines for word in line.split()}
    assert set(keys(what)) <= words
    assert max(map(len, lines)) <= width


def test_texts_are_quoted_from_where_things_are_declared():
    text = " ".join(printed("metrics", 200).split())
    for metric in METRICS.values():
        assert " ".join(metric.definition.split()[:6]) in text
    assert "share of orders · lower is better · proportion · about focal" in text
    strategies = " ".join(printed("strategies", 500).split())
    for strategy in shipped_strategies().values():
        assert strategy.about in strategies
        assert all(f"- {line_in_words(line)}" in strategies for line in strategy.lines)
    for rules in shipped_platforms().values():
        assert rules.about in " ".join(printed("platforms", 500).split())


def test_platforms_stand_side_by_side_with_their_key_rules():
    for table, rows in zip(platform_tables()[1:], GROUPS.values(), strict=True):
        assert [str(column.header) for column in table.columns[1:]] == shipped()
        assert table.row_count == len(rows)
    text = printed("platforms", 100)
    for label, values in [
        ("order defect rate at most", ["1 %", "1 %", "-", "-", "-", "-"]),
        ("a rating may be left for", ["90 days"] * 2 + ["60 days", "90 days", "15 days", "no end"]),
        ("its window counts from", ["order"] * 4 + ["end", "promise"]),
        ("left for the silent", ["no", "no", "if clean", "good", "if rated", "no"]),
        ("review of an order (base rate)", ["1.25 %"] * 2 + ["-"] * 4),
        ("penalty points of a year that count", ["-"] * 3 + ["25 50 75 100", "12 24 36 48", "-"]),
        ("write about review", ["no 0.5 %", "tolerated", "-", "-", "-", "-"]),
        ("reply public", ["yes"] * 5 + ["no"]),
    ]:
        line = next(line for line in text.splitlines() if line.startswith(label))
        assert line.split(label)[1].split() == " ".join(values).split(), label


def test_cells_of_platforms_stay_on_one_line_of_100_columns():
    lines = printed("platforms", 100).splitlines()
    for rows in GROUPS.values():
        for label, _ in rows:
            assert any(line.startswith(f"{label} ") for line in lines), label


def test_one_platform_is_listed_in_full_with_its_sources():
    text = " ".join(printed("platforms", 160, text="wish").split())
    for value in stated(platform_file("wish")):
        assert f"{value.path} " in text and f"{value.source} [{value.status}]" in text
    assert "refunds_old above 0.25 (from 26 on): account at risk, payouts held for 90 days" in text
    assert "found out: reward fine of 10 USD, account closed (from time 3 in a year on)" in text


def test_a_window_without_end_and_a_switch_are_said_in_words():
    rules = shipped_platforms()["amazon_2016"]
    feedback = rules.feedback.model_copy(update={"window_days": None, "can_delete": False})
    other = rules.model_copy(update={"feedback": feedback})
    assert value_at(other, "feedback.window_days") == "no end"
    assert value_at(other, "feedback.can_delete") == "no"


def test_every_parameter_of_an_experiment_is_listed_once():
    def leaves(model: type[Frozen]) -> int:
        total = 0
        for name in model.model_fields:
            kind = slot((name,), model).kind
            if type(None) in getattr(kind, "__args__", ()):
                kind = kind.__args__[0]
            parts = [kind, *getattr(kind, "__args__", ())]
            if getattr(kind, "__origin__", None) is not tuple:  # penalties are listed as one
                parts = [getattr(k, "__origin__", k) for k in parts]  # of Annotated
            inner = [k for k in parts if is_section(k)]
            total += leaves(inner[0]) if inner else 1
        return total

    def is_section(kind) -> bool:
        return isinstance(kind, type) and issubclass(kind, Frozen)

    paths = [p.path for p in parameters()]
    assert len(paths) == len(set(paths)) == leaves(Experiment) > 150
    for path in (
        "replicates", "sellers.NAME.listings.NAME.price", "choice.segments.N.price",
        "strategies.NAME.lines.N.do", "strategies.NAME.lines.N.remedy.refund",
    ):  # fmt: skip
        assert path in paths


def test_what_is_said_of_a_parameter():
    found = {p.path: p for p in parameters()}
    assert found["sellers.NAME.on_time"].facts() == (
        "default 0.97 · 0.02 to 0.9999 · probability · design · setting · "
        "late shipment target 4 %; Olist 93 %"
    )
    assert found["rivals.count"].facts() == "default 11 · 0 to 100,000 · sellers · design · world"
    assert found["days"].makes == found["replicates"].makes == "shared"
    assert found["sellers.NAME.name"].facts() == "required"
    assert found["sellers.NAME.capacity"].default == "null"
    assert found["platform.odr.limit"].makes == "world"
    assert found["vary"].limits == "one of world, luck"
    assert found["strategies.NAME.lines.N.service.damaged"].limits == "0 to 1"
    assert found["judging.cuts"].default == "[-3, -2.1, -1.2, 0]"
    assert found["speaking.everyone_posts"].default == "false"


def test_parameters_are_found_by_text_and_by_status():
    by_text = printed("parameters", text="ON_TIME")
    assert "sellers.NAME.on_time" in by_text and "rivals.count" not in by_text
    assumed = printed("parameters", status="assumed")
    assert "sellers.NAME.damaged" in assumed and "sellers.NAME.on_time" not in assumed
    both = printed("parameters", text="sellers.", status="assumed")
    assert "sellers.NAME.damaged" in both and "costs." not in both


@pytest.mark.parametrize(
    ("what", "filters", "said"),
    [
        ("things", {}, 'found "things"; allowed: platforms, strategies, metrics, parameters'),
        ("parameters", {"status": "guessed"}, "allowed: documented, published"),
        ("parameters", {"text": "nowhere at all"}, 'nothing in parameters contains "nowhere'),
        ("metrics", {"text": "[bold]"}, "nothing in metrics"),
        ("platforms", {"text": "amazn"}, "is no shipped platform; allowed: amazon, amazon_2016"),
    ],
)
def test_what_cannot_be_listed_is_said(what, filters, said):
    with pytest.raises(UserError) as refused:
        tables(what, **filters)
    assert said in str(refused.value)
