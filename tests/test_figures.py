"""Figures: written the same each time, readable in grey, and whole whatever arms are called."""

from __future__ import annotations

import json
import re
import warnings
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from fake_result import HOSTILE, focal_columns, manifest_of, write_result
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from experiments.figures import Drawn, Skipped, draw_figures
from experiments.figures.material import COLOURS, Material, lines, short
from experiments.figures.odr import STATES
from experiments.figures.opinions import STAR_COLOURS
from experiments.figures.sheet import Sheet
from experiments.figures.timeline import BAND, lines_of, smooth, spread
from experiments.results import read_table
from experiments.summary import read_summary

NAMES = ["answer", "odr", "position", "stars", "opinions", "felt", "profit", "rivals"]
TWELVE = [*HOSTILE, *(f"on time {percent} %" for percent in range(80, 87))]


def drawn(folder: Path, out: str = "figures") -> list[Drawn | Skipped]:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    focal = read_table(folder / "focal.parquet")
    return draw_figures(focal, manifest, read_summary(folder / "summary.csv"), folder / out)


def names(figures: list[Drawn | Skipped], kind: type) -> list[str]:
    return [figure.name for figure in figures if isinstance(figure, kind)]


def texts(svg: Path) -> str:
    """Everything written in a drawing; fails when it is no XML."""
    return " ".join("".join(part.itertext()) for part in ET.parse(svg).iter() if "text" in part.tag)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Path:
    return write_result(tmp_path_factory.mktemp("hostile"), HOSTILE[:3], replicates=4, days=90)


# ---------------------------------------------------------------- files


@pytest.fixture
def sheets(monkeypatch) -> dict[str, Sheet]:
    """The sheets of figures, in place of files."""
    found: dict[str, Sheet] = {}
    monkeypatch.setattr(Sheet, "save", lambda sheet, _, name: found.update({name: sheet}))
    return found


def test_every_figure_is_written_twice_and_the_same_each_time(hostile):
    assert names(drawn(hostile), Drawn) == NAMES
    drawn(hostile, "again")
    files = sorted(file.name for file in (hostile / "figures").iterdir())
    assert files == sorted(f"{name}.{kind}" for name in NAMES for kind in ("png", "svg"))
    for file in files:
        first, second = hostile / "figures" / file, hostile / "again" / file
        assert first.read_bytes() == second.read_bytes(), file


def test_names_are_text_in_every_drawing_and_no_formula(hostile):
    for name in NAMES:
        written = texts(hostile / "figures" / f"{name}.svg").replace("\n", " ")
        seen = re.sub(r"\s+", " ", written)
        for arm in HOSTILE[1:3]:
            words = arm.split()
            assert all(word in seen for word in words if len(word) < 14), (name, arm)
        assert "<img src=x" in seen
        assert str(hostile) not in seen


def test_a_focal_seller_with_an_underscore_keeps_its_place_in_the_key(tmp_path):
    write_result(tmp_path, ["a", "b"], replicates=2, days=60, focal="_shop_$1$")
    drawn(tmp_path)
    assert texts(tmp_path / "figures" / "rivals.svg").count("_shop_$1$") == 2


@pytest.mark.parametrize("arms", [["only"], ["a", "b"], TWELVE[:5], TWELVE])
def test_nothing_is_written_beyond_the_edge_of_the_paper(arms, tmp_path, sheets):
    manifest = manifest_of(arms, 6, 60)
    if len(arms) > 2:  # two limits need more words than one
        manifest["arms"][1]["limit"] = 0.02
    write_result(tmp_path, arms, replicates=6, days=60, arms=manifest["arms"])
    drawn(tmp_path)
    assert sheets
    for name, sheet in sheets.items():
        canvas = FigureCanvasAgg(sheet.figure)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            canvas.draw()
        width, height = canvas.get_width_height()
        for text in sheet.figure.findobj(Text):
            if not (text.get_visible() and text.get_text()):
                continue
            box = text.get_window_extent()
            inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
            # Ticks beyond the ends of an axis exist but are not drawn.
            assert inside or box.width == 0 or _is_tick(text, sheet), (name, text.get_text())


def _is_tick(text, sheet) -> bool:
    return any(
        text in [*axes.get_xticklabels(), *axes.get_yticklabels()] for axes in sheet.figure.axes
    )


# ---------------------------------------------------------------- other experiments


def test_one_arm_has_nothing_to_be_compared_with(tmp_path):
    figures = drawn(write_result(tmp_path, ["only"], replicates=2, days=60))
    assert names(figures, Skipped) == ["answer"]
    profit = next(figure for figure in figures if figure.name == "profit")
    assert isinstance(profit, Drawn) and "baseline" not in profit.caption


def test_one_replicate_has_no_bands_and_says_so(tmp_path):
    figures = drawn(write_result(tmp_path, ["a", "b"], replicates=1, days=60))
    assert names(figures, Drawn) == NAMES
    for figure in figures:
        if figure.name in ("odr", "position", "stars", "profit"):
            assert isinstance(figure, Drawn) and "one replicate" in figure.caption
            drawing = texts(tmp_path / "figures" / f"{figure.name}.svg")
            assert "all 1" not in drawing and "8 in 10" not in drawing


def test_weeks_are_drawn_as_days_are(tmp_path):
    figures = drawn(write_result(tmp_path, ["a", "b"], replicates=2, days=140, every=7))
    assert names(figures, Drawn) == NAMES


def test_a_market_without_rivals_or_posts_leaves_figures_out(tmp_path):
    write_result(tmp_path, ["a", "b"], replicates=2, days=60, n_rivals=0)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    focal = read_table(tmp_path / "focal.parquet")
    silent = {
        name: np.zeros_like(column) if name.startswith(("feedback_", "reviews_")) else column
        for name, column in focal.items()
    }
    silent |= {
        f"felt_{what}": np.full(len(focal["day"]), np.nan) for what in ("service", "product")
    }
    silent |= {"stars": np.full(len(focal["day"]), np.nan)}
    rows = read_summary(tmp_path / "summary.csv")
    figures = draw_figures(silent, manifest, rows, tmp_path / "figures")
    assert names(figures, Skipped) == ["opinions", "felt", "rivals"]


def test_limits_of_several_platforms_are_all_drawn(tmp_path):
    manifest = manifest_of(["a", "b"], 2, 60)
    manifest["arms"][1] |= {"limit": 0.02, "platform": "other"}
    drawn(write_result(tmp_path, ["a", "b"], replicates=2, days=60, arms=manifest["arms"]))
    assert "limit of the arm's platform" in texts(tmp_path / "figures" / "odr.svg")


def test_captions_say_of_the_base_only_what_holds_for_all_arms(tmp_path):
    def said(**second) -> tuple[str, str, str]:
        manifest = manifest_of(["a", "b"], 2, 60)
        manifest["arms"][1] |= second
        write_result(tmp_path, ["a", "b"], replicates=2, days=60, arms=manifest["arms"])
        captions = {figure.name: figure.caption for figure in drawn(tmp_path)}
        return texts(tmp_path / "figures" / "odr.svg"), captions["odr"], captions["rivals"]

    drawing, odr, rivals = said()  # as written before arms said it themselves
    assert "orders of 60 days, the youngest 15 days" in drawing
    assert "the mean of the 11 rivals" in rivals
    assert "ratios of totals over 2 replicates" in odr and "means" not in odr
    drawing, _, rivals = said(window_days=30, n_rivals=3)
    assert "orders in the window of the arm's platform" in drawing and "60 days" not in drawing
    assert "the mean of the arm's rivals" in rivals


def test_the_key_of_the_rate_says_what_its_caption_says(tmp_path):
    arms = ["a", "b", "c", "d"]
    figures = drawn(write_result(tmp_path, arms, replicates=6, days=60))
    caption = next(figure.caption for figure in figures if figure.name == "odr")
    drawing = texts(tmp_path / "figures" / "odr.svg")
    assert "a ratio of totals" in drawing and "mean of the arm" not in drawing
    assert "Lines are ratios of totals over 6 replicates" in caption
    assert re.search(r"from 0 to (20|50|100) % in every strip", caption)
    assert "mean of the arm" in texts(tmp_path / "figures" / "position.svg")


def test_rivals_are_drawn_where_only_an_arm_has_some(tmp_path):
    manifest = manifest_of(["a", "b"], 2, 60)
    manifest["arms"][1]["n_rivals"] = 2
    write_result(tmp_path, ["a", "b"], replicates=2, days=60, n_rivals=0, arms=manifest["arms"])
    assert "rivals" in names(drawn(tmp_path), Drawn)


@pytest.mark.parametrize("factor", [1.0, 0.0, 0.3])
def test_axes_beside_rivals_begin_where_the_metrics_do(factor, tmp_path, sheets):
    write_result(tmp_path, ["a", "b", "c"], replicates=3, days=60)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    rows = [
        replace(row, mean=max(row.mean * factor, 1.0 if "position" in row.metric else 0.0))
        for row in read_summary(tmp_path / "summary.csv")
    ]
    draw_figures(read_table(tmp_path / "focal.parquet"), manifest, rows, tmp_path / "figures")
    orders, odr, position = sheets["rivals"].figure.axes
    assert orders.get_xlim()[0] == odr.get_xlim()[0] == 0.0
    assert position.get_xlim()[0] == position.get_xticks()[0] == 1.0
    assert all(tick == int(tick) for tick in position.get_xticks())


def test_only_what_is_clearly_different_is_filled(tmp_path, sheets):
    manifest = manifest_of(["a", "b", "c"], 3, 60)
    manifest["arms"][1]["placebo"] = True
    write_result(tmp_path, ["a", "b", "c"], replicates=3, days=60, arms=manifest["arms"])
    rows = [
        replace(row, diff=0.0, diff_ci_low=0.0, diff_ci_high=0.0) if row.arm == "b" else row
        for row in read_summary(tmp_path / "summary.csv")
    ]
    focal = read_table(tmp_path / "focal.parquet")
    draw_figures(focal, manifest, rows, tmp_path / "figures")
    for panel in sheets["answer"].figure.axes:
        (mark,) = [line for line in panel.lines if list(line.get_ydata()) == [0]]
        assert mark.get_markerfacecolor() == "white"


# ---------------------------------------------------------------- what is drawn


def test_bands_are_quantiles_over_the_replicates_that_have_a_value():
    material = Material(focal_columns(["a", "b"], 7, 30), manifest_of(["a", "b"], 7, 30), [])
    each = np.random.default_rng(1).normal(size=(2, 7, 30))
    each[0, :3, 4] = np.nan
    each[1, :, 5] = np.nan
    found = lines_of(material, each)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        low, high = np.nanquantile(each, BAND, axis=1)
    np.testing.assert_allclose(found.low, low)
    np.testing.assert_allclose(found.high, high)
    assert np.isnan(found.mean[1, 5])


def test_smoothing_takes_the_mean_of_the_last_seven_days_that_have_a_value():
    material = Material(focal_columns(["a"], 1, 20), manifest_of(["a"], 1, 20), [])
    values = np.arange(20.0)
    values[3] = np.nan
    expected = [np.nanmean(values[max(0, day - 6) : day + 1]) for day in range(20)]
    np.testing.assert_allclose(smooth(material, values), expected)


def test_only_the_measured_period_is_added_up():
    focal = focal_columns(["a", "b"], 2, 40, warm_up=30)
    material = Material(focal, manifest_of(["a", "b"], 2, 40, warm_up=30), [])
    late = (focal["arm"] == "b") & (focal["day"] > 30)
    assert material.total("orders")[1] == focal["orders"][late].sum()


def test_labels_are_pushed_apart_and_keep_their_order():
    places = spread([0.5, 0.51, 0.52, 0.0], 0.1)
    assert np.diff(np.sort(places)).min() >= 0.1 - 1e-6
    assert list(np.argsort(places)) == [3, 0, 1, 2]


# ---------------------------------------------------------------- names and looks


def test_long_names_are_shortened_in_the_middle_and_never_alike():
    arms = [f"a long name that all of these arms share but for {i} and then on" for i in range(12)]
    material = Material(focal_columns(arms, 1, 2), manifest_of(arms, 1, 2), [])
    for rows in (1, 2):
        labels = material.labels(24, rows=rows)
        assert len(set(labels)) == 12
        assert all(len(line) <= 24 for label in labels for line in label.split("\n"))
    assert short("recover + faster dispatch", 15) == "recover…ispatch"
    assert lines("recover + faster dispatch", 15) == "recover +\nfaster dispatch"
    assert short("a\u202eb\x00c\nd", 20) == "abcd"


def grey(colour: str) -> float:
    """Luminance of a colour, 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_stacks_go_from_dark_to_light_so_that_grey_keeps_their_order():
    for colours in (STAR_COLOURS, [colour for *_, colour in STATES]):
        steps = np.diff([grey(colour) for colour in colours])
        assert steps.min() > 0.08, colours


def test_arms_differ_by_more_than_colour():
    arms = [f"arm {i}" for i in range(12)]
    looks = Material(focal_columns(arms, 1, 2), manifest_of(arms, 1, 2), []).looks
    assert len({look.marker for look in looks}) == 12
    assert looks[0].colour == "#000000" and looks[0].colour not in COLOURS
    for one, other in pairwise(looks):
        assert one.colour != other.colour and one.dashes != other.dashes
