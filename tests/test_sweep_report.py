"""Reports of sweeps: groups of cells, their effects and interactions, figures, two side by side."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from experiments import ratios, statistics
from experiments.metrics import METRICS
from experiments.mistakes import UserError
from experiments.sweep import effects
from experiments.sweep.command import Options, sweep
from experiments.sweep.compare import compare
from experiments.sweep.report import write_sweep_report
from experiments.sweep.store import Store
from experiments.sweep.table import Table

ROOT = Path(__file__).resolve().parents[1]
ODR, POSITION = METRICS["odr"], METRICS["position"]

SMALL = f"""
name: small
question: Does <b>it</b> work?
base: {ROOT}/configs/quickstart.yaml
set: {{days: 60, buyers.count: 500}}
replicates: 3
factors:
  outreach: {{path: strategy, values: [none, recover]}}
  on time: {{path: focal.on_time, values: [0.8, 0.9, 0.99]}}
"""


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A sweep of six cells, lived once."""
    folder = tmp_path_factory.mktemp("swept")
    (folder / "small.yaml").write_text(SMALL)
    assert sweep(folder / "small.yaml", Options(out=folder / "out", workers=1, quiet=True))
    return folder


def opened(lived):
    with Store(lived / "out") as store:
        return Table(store)


def test_places_are_in_order_and_cells_lie_where_they_belong(lived):
    table = opened(lived)
    outreach, on_time = (effects.axis(table, name) for name in table.factors)
    assert outreach.labels == ["none", "recover"] and not outreach.ordered
    assert on_time.labels == ["0.8", "0.9", "0.99"] and on_time.ordered
    for cell, point in enumerate(table.points):
        assert outreach.labels[outreach.of_cell[cell]] == point["outreach"]
        assert float(on_time.labels[on_time.of_cell[cell]]) == point["on time"]


def test_cells_add_up_by_replicate_as_orders_do_and_means_as_means():
    pairs = np.array([[[1.0, 10.0], [2.0, 20.0]], [[3.0, 30.0], [np.nan, np.nan]]])
    assert effects.grouped(pairs, ODR).tolist() == [[4.0, 40.0], [0.0, 0.0]]
    assert effects.grouped(pairs, POSITION).tolist() == [[0.1, 1.0], [0.0, 0.0]]
    assert effects.grouped(pairs[:0], ODR).tolist() == [[0.0, 0.0]] * 2


def test_a_replicate_without_a_value_in_one_cell_counts_the_others():
    pairs = np.array([[[4.0, 1.0]], [[0.0, 0.0]]])
    assert effects.grouped(pairs, POSITION).tolist() == [[4.0, 1.0]]


def test_a_contrast_of_two_groups_is_the_paired_interval():
    draws = np.random.default_rng(7)
    one, two = (np.column_stack([draws.normal(5, 1, 8), np.ones(8)]) for _ in range(2))
    assert effects.contrast([one, two], (1, -1), POSITION) == pytest.approx(
        statistics.mean_difference(one[:, 0], two[:, 0])
    )
    part = draws.integers(0, 9, (2, 8)).astype(float)
    one, two = (np.column_stack([p, np.full(8, 400.0)]) for p in part)
    found = effects.contrast([one, two], (1, -1), ODR)
    assert found.value == pytest.approx(part[0].sum() / 3200 - part[1].sum() / 3200)
    both = ratios.jackknife(one), ratios.jackknife(two)
    error = np.sqrt(7 / 8 * ((both[0].moves - both[1].moves) ** 2).sum())
    assert found.high - found.value == pytest.approx(statistics.t_quantile(0.95, 7) * error)


def test_an_interaction_is_the_difference_of_what_a_factor_does(lived):
    table = opened(lived)
    axes = [effects.axis(table, name) for name in table.factors]
    for found in effects.interactions(table, axes, ["odr", "position"]):
        at_first, at_last = found.parts
        assert found.found.value == pytest.approx(at_last.value - at_first.value)
        assert found.factors == ("outreach", "on time")


def test_a_factor_with_many_values_is_put_into_ranges_that_hold_all_of_them():
    values = np.geomspace(1, 100, 200)
    many = SimpleNamespace(
        points=[{"a": value} for value in values],
        stated={"factors": {"a": {"scale": "log", "values": None, "levels": None}}},
        of_factor=lambda name: list(values),
    )
    laid = effects.axis(many, "a")
    assert len(laid.labels) == effects.RANGES and laid.ordered
    assert np.bincount(laid.of_cell).tolist() == [25] * 8


def axis_of(points):
    factor = {"scale": "linear", "values": None, "levels": None}
    table = SimpleNamespace(
        points=points,
        stated={"factors": dict.fromkeys(points[0], factor)},
        of_factor=lambda name: [point[name] for point in points],
    )
    return effects.axis(table, "a")


def test_one_at_a_time_a_factor_is_measured_from_the_base_and_without_the_others():
    laid = axis_of([{"a": None, "b": None}, {"a": 0.5, "b": None}, {"a": None, "b": 2}])
    assert laid.labels == ["base", "0.5"] and laid.of_cell.tolist() == [0, 1, -1]
    assert not laid.ordered


def test_beside_cells_that_state_everything_others_do_not_count():
    laid = axis_of([{"a": 0.5, "b": None}, {"a": 1, "b": 2}, {"a": 3, "b": 2}])
    assert laid.labels == ["1", "3"] and laid.of_cell.tolist() == [-1, 0, 1] and laid.ordered


def test_the_report_is_whole_offline_and_escapes_what_users_write(lived):
    report = write_sweep_report(lived / "out")
    text = report.read_text(encoding="utf-8")
    assert "&lt;b&gt;it&lt;/b&gt;" in text and "<b>it</b>" not in text
    assert "http://" not in text.replace("http://www.w3.org", "") and "<script" not in text
    assert text.count("<figure") == 5  # four metrics over two factors, and the main effects
    drawn = sorted(file.name for file in (lived / "out/figures").iterdir())
    assert len(drawn) == 10 and {name.rsplit(".", 1)[1] for name in drawn} == {"png", "svg"}
    again = write_sweep_report(lived / "out").read_text(encoding="utf-8")
    assert again == text


def test_two_stores_of_one_sweep_have_the_same_numbers(lived, capsys):
    compare(lived / "out", lived / "out")
    said = capsys.readouterr().out
    assert "6 cells are in both" in said
    assert "18 runs are of the same market in both, all with the same numbers to the bit" in said


def test_a_changed_base_is_compared_by_what_factors_say(lived, capsys):
    (lived / "other.yaml").write_text(SMALL.replace("count: 500", "count: 400"))
    assert sweep(lived / "other.yaml", Options(out=lived / "other", workers=1, quiet=True))
    capsys.readouterr()
    compare(lived / "out", lived / "other")
    said = capsys.readouterr().out
    assert "Their files differ in: set." in said and "of the same market" not in said
    assert "6 cells are in both" in said


def test_what_is_not_there_is_said(tmp_path, lived):
    with pytest.raises(UserError, match="holds no sweep"):
        compare(lived / "out", tmp_path)
    with pytest.raises(UserError, match="holds no sweep"):
        write_sweep_report(tmp_path)
