"""The report: one file that opens offline, answers first, and shows every name as text."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fake_result import HOSTILE, manifest_of, write_result

from experiments.metrics import METRICS
from experiments.mistakes import UserError
from experiments.numbers import difference_texts, plain
from experiments.report import write_report
from experiments.screen import arms_table, show_result
from experiments.summary import read_summary, write_summary
from experiments.words import ANSWER

EVIL = "<img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """Tags with their attributes, and the text between them."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.html = file.read_text(encoding="utf-8")
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(self.html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A result with everything that must be said, under names that try to be more than text."""
    path = tmp_path_factory.mktemp("result")
    manifest = manifest_of(HOSTILE[:4], 5, 90)
    manifest["arms"][1] |= {"placebo": True, "changes": []}
    manifest["arms"][2] |= {"rebuilt": True, "about": EVIL}
    manifest["arms"][3]["changes"][0:0] = [
        {"path": f"strategies.{EVIL}", "value": [{"do": EVIL}], "base": None, "unit": EVIL,
         "status": "assumed", "source": EVIL, "low": 0.2, "high": None}
    ]  # fmt: skip
    return write_result(
        path, HOSTILE[:4], replicates=5, days=90, arms=manifest["arms"],
        question=f"Does {EVIL} pay?", about=EVIL, focal=EVIL, platform=EVIL,
        placebo={HOSTILE[1]: True}, warnings=[EVIL], command=f"python run.py run '{EVIL}'",
        config_as_given=f"name: </code></pre>{EVIL}", overrides=[EVIL], record="daily",
        recorded_as="weekly", versions={"python": EVIL},
        failed=[{"replicate": 3, "error": f"ValueError: {EVIL}",
                 "again": "python run.py run x.yaml --only-replicate 3"}],
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(folder) -> Page:
    return Page(write_report(folder))


# ---------------------------------------------------------------- one file, nothing but text


def test_the_page_has_only_our_tags_and_pictures_inside_itself(page):
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "iframe", "object", "embed", "form", "svg", "base"}
    pictures = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(pictures) == 8
    for attributes in pictures:
        assert attributes["src"].startswith(
            ("data:image/svg+xml;base64,", "data:image/png;base64,")
        )
        assert len(attributes["alt"]) > 20
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert "href" not in attributes
    assert not re.search(r"https?://|@import|url\(", page.html)


def test_whatever_a_user_wrote_is_shown_as_text(page):
    assert EVIL not in page.html
    assert page.text.count(EVIL) > 20
    for name in HOSTILE[:4]:
        assert page.text.count(name) > 5


def test_the_same_tables_give_the_same_page(folder, page):
    assert Page(write_report(folder)).html == page.html


def test_the_page_is_of_a_size_to_send_by_mail(page):
    assert len(page.html) < 3_000_000


def test_nothing_of_the_machine_is_on_the_page(folder, page):
    assert str(folder) not in page.html and "/home/" not in page.html


# ---------------------------------------------------------------- what it says


def test_the_answer_comes_before_numbers_and_pictures(page):
    order = [attributes["id"] for tag, attributes in page.tags if tag == "h2"]
    assert order == ["answer", "numbers", "pictures", "arms", "trust", "again"]
    first = page.text.index("had the lowest order defect rate")
    assert first < page.text.index("Clearly better: ODR") < page.text.index("share of orders")


def test_it_says_what_went_wrong_and_how_to_repeat_it(page):
    said = " ".join(page.text.split())
    assert "Replicate 3 failed and is left out in every arm" in said
    assert "python run.py run x.yaml --only-replicate 3" in said
    assert "changes nothing and differs from" in said and "exactly zero in every metric" in said
    assert "Tables hold weekly rows" in said
    assert "lives" not in said and "has a market of its own from the first day" in said


def test_assumed_parameters_are_marked_with_range_and_source(page):
    assert re.search(r'class="assumed">assumed</td><td>from 0\.2</td>', page.html)
    assert "0.2 to 0.55" in page.text and "published values lie between" in page.text
    assert "have no known value" in page.text


def test_what_differences_rest_on_is_folded_away_with_its_arms(no_figures, tmp_path):
    manifest = manifest_of(["a", "b", "c"], 2, 60)
    for arm in manifest["arms"][1:]:
        arm["changes"] = [
            {"path": "sellers.Northwind.strategy", "value": "recover", "base": "none"}
        ]
    resolved = {"reconsidering": {"half_life_days": 7.5}}
    write_result(
        tmp_path, ["a", "b", "c"], replicates=2, days=60, arms=manifest["arms"],
        config_resolved=resolved,
    )  # fmt: skip
    page = Page(write_report(tmp_path))
    assert re.search(r"What these differences rest on: \d+ assumed parameters", page.text)
    row = re.search(r"<tr>(?:(?!<tr>).)*half_life_days.*?</tr>", page.html, re.DOTALL)
    assert row and 'class="arm">b<' in row.group() and 'class="arm">c<' in row.group()
    assert "7.5" in row.group() and "0.1 to 1,000" in row.group() and "no source" in row.group()
    assert "Delay that halves the effect of an answer" in row.group()
    assert re.search(r"All arms, the baseline too, rest on \d+ more", page.text)


def test_it_says_how_intervals_were_made_and_how_to_run_it_again(page):
    said = " ".join(page.text.split())
    for words in (
        "Bonferroni",
        "aim to hold",
        "strongly skewed",
        "Clopper-Pearson",
        "jackknife",
        "Wilson",
        "Seed 1",
        "0123456789",
    ):
        assert words in said
    assert "p-values" not in said


@pytest.fixture
def no_figures(monkeypatch):
    """For what the pictures have no part in."""
    monkeypatch.setattr("experiments.report.draw_figures", lambda *_: [])


def test_replicates_without_orders_are_counted_aloud(no_figures, tmp_path):
    write_result(tmp_path, ["a", "b"], replicates=3, days=60)
    file = tmp_path / "summary.csv"
    lines = [line.split(",") for line in file.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        if line[:2] == ["b", "odr"]:
            line[2], line[lines[0].index("missing")] = "2", "1"
    file.write_text("\n".join(map(",".join, lines)) + "\n", encoding="utf-8")
    said = Page(write_report(tmp_path)).text
    assert "in 1 of 3 replicates the store had no order" in said
    assert "2 of 3" in said


def test_all_platforms_are_named_and_an_infinite_reduction_is_shown(no_figures, tmp_path):
    manifest = manifest_of(["a", "b"], 3, 60)
    manifest["arms"][1]["platform"] = "mine"
    write_result(tmp_path, ["a", "b"], replicates=3, days=60, arms=manifest["arms"])
    rows = read_summary(tmp_path / "summary.csv")
    write_summary([replace(r, variance_reduction=math.inf) for r in rows], tmp_path / "summary.csv")
    page = Page(write_report(tmp_path))
    assert "on amazon_2016 and mine" in page.text
    assert "<td>∞</td>" in page.html


def test_rates_stand_with_their_fraction(no_figures, tmp_path):
    write_result(tmp_path, ["a", "b"], replicates=3, days=60)
    assert re.search(r"\d+ of \d,\d{3}", Page(write_report(tmp_path)).text)


@pytest.mark.parametrize("replicates", [1, 2])
def test_one_arm_and_one_replicate_are_reported_without_comparison(tmp_path, replicates):
    write_result(tmp_path, ["only"], replicates=replicates, days=60)
    said = " ".join(Page(write_report(tmp_path)).text.split())
    assert "was the only arm" in said
    assert "“What each arm changes, compared with the baseline” is not drawn" in said
    assert ("With one replicate there are no intervals" in said) == (replicates == 1)


def test_a_folder_without_a_result_is_a_users_mistake(tmp_path):
    with pytest.raises(UserError, match="no result"):
        write_report(tmp_path)


# ---------------------------------------------------------------- the terminal


def printed(table, width: int) -> str:
    from rich.console import Console

    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(table)
    return console.export_text()


@pytest.mark.parametrize("width", [80, 120, 160])
def test_the_table_of_arms_fits_the_terminal(folder, width):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    rows = read_summary(folder / "summary.csv")
    text = printed(arms_table(rows, manifest, width=width), width)
    assert max(map(len, text.splitlines())) <= width
    for row in rows:
        if row.metric in ANSWER:  # nothing is cut, not even where names take two lines
            assert plain(difference_texts(row, METRICS[row.metric])[1]) in text
    assert "ODR" in text and "Profit" in text and "(baseline)" in text
    assert ("Stars" in text) == (width > 120)


def test_markup_in_a_name_is_text(tmp_path):
    write_result(tmp_path, ["[red]a[/red]", "[/]"], replicates=2, days=60, name="[b]x[/b]")
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    text = printed(arms_table(read_summary(tmp_path / "summary.csv"), manifest), 160)
    assert "[red]a[/red]" in text and "[/]" in text and "[b]x[/b]" in text


def test_control_characters_do_not_reach_the_terminal(no_figures, tmp_path, capsys):
    evil = "a\x9b31m\x7f\u202e"
    write_result(
        tmp_path, [evil, "b\x1b]0;owned\x07"], replicates=2, days=60, name=evil, focal=evil,
        question="Does\x1b[2J it\r pay?",
    )  # fmt: skip
    show_result(tmp_path)
    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\x9b\x07\x7f\r\u202e")
    assert r"Does\x1b[2J it\r pay?" in out and r"a\x9b31m\x7f\u202e" in out


def test_the_terminal_says_what_the_report_says(folder, capsys):
    show_result(folder)
    said = " ".join(capsys.readouterr().out.split())
    assert f"Does {EVIL} pay?" in said
    assert "had the lowest order defect rate (ODR)" in said
    assert "Clearly better: ODR" in said and "exactly zero in every metric" in said
