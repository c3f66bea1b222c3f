"""Every mistake in a configuration, and what its author is told: one table, one test.

A row holds the name of the mistake, the file (added to a small valid market unless it begins with
``=``), and the parts that the message must contain, beginning with line and column.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.config import ROOT, load, load_market
from experiments.mistakes import MOST_SHOWN, ConfigError, UserError
from sim.config.market import Market

VALID = """\
platform: amazon_2016
categories: [{name: toys}, {name: books}]
"""

SELLER = "sellers: [{name: A, listings: [{category: toys}]}]\n"

MISTAKES = [
    # what                     file                                        parts of the message
    ("unknown key", "dayz: 3", ["3:1: dayz: unknown key", 'did you mean "days"?']),
    ("unknown inner key", "rivals: {cout: 3}", ["3:10: rivals.cout:", 'did you mean "count"?']),
    ("key of elsewhere", "on_time: 0.9", ["3:1: on_time:", "did you mean ", "sellers.N.on_time?"]),
    ("key like no other", "costs: {zzz: 1}", ["costs.zzz: unknown key; allowed:", "unit_share"]),
    ("duplicate key", "days: 3\nseed: 1\ndays: 4", ["5:1: days: found the key a second", ":3:1"]),
    ("missing key", "=categories: [{name: a}]", ["1:1: platform: missing; required: a mapping"]),
    ("missing name", "sellers: [{listings: []}]", ["3:11: sellers.0.name: missing", "text of 1"]),
    ("word for a number", "days: many", ['3:7: days: found "many"', "1 to 10,000 (days)"]),
    ("number for a word", "name: 7", ["3:7: name: found 7", "text of 1 to 60 characters"]),
    ("broken number", "days: 3.5", ["days: found 3.5", "a whole number from 1 to 10,000"]),
    ("number in quotes", 'seed: "1"', ['seed: found "1"; allowed: a whole number']),
    ("yes for true", "speaking: {everyone_posts: yes}", ['found "yes"; allowed: true or false']),
    ("true for a number", "buyers: {count: true}", ["3:17: buyers.count: found true"]),
    ("list for a mapping", "buyers: [1, 2]", ["buyers: found a list of 2; allowed: a mapping"]),
    ("mapping for a list", "weekday: {a: 1}", ["weekday: found a mapping; allowed: a list of 7"]),
    ("nothing for a mapping", "rivals:", ["rivals: found nothing (null); allowed: a mapping"]),
    ("not a number", "buyers: {trips_per_year: .nan}", ["found .nan", "0 to 1,000 (1/year)"]),
    ("infinite", "costs: {answering: .inf}", ["found .inf; allowed: a number from 0", "(USD)"]),
    ("too large to be finite", "costs: {answering: -1e999}", ["costs.answering: found -.inf"]),
    ("endless number", f"seed: {'9' * 5000}", ["3:7: seed: found", "9..."]),
    ("number out of range", f"seed: {10**45}", ["found a whole number of more than 40 digits"]),
    ("negative count", "buyers: {count: -1}", ["found -1; allowed: a whole number from 1 to"]),
    ("negative number", "past: {days: -90}", ["past.days: found -90", "0 to 3,650 (days)"]),
    ("negative reviews", SELLER.replace("toys", "toys, reviews: [1, 2, -3, 4, 5]"),
        ["listings.0.reviews.2: found -3", "0 to 1,000,000"]),
    ("share above 1", "speaking: {herding: 1.2}", ["found 1.2; allowed: a number from 0 to 1"]),
    ("share above 1 in a list", "complaining: {claim: [0.3, 1.5, 0, 0, 0]}",
        ["3:28: complaining.claim.1: found 1.5; allowed: a number from 0 to 1 (probability)"]),
    ("shares that exceed 1", "reconsidering: {apology: 0.95}", ["together exceed 1"]),
    ("weights that are all 0", "weekday: [0, 0, 0, 0, 0, 0, 0]", ["weekday:", "all 0"]),
    ("no category weighs", "=platform: amazon_2016\ncategories: [{name: a, share: 0}]",
        ["2:13: categories: found weights that are all 0"]),
    ("week of two days", "weekday: [1, 2]", ["3:10: weekday: found a list of 2", "a list of 7"]),
    ("week of eight days", "weekday: [1,1,1,1,1,1,1,1]", ["found a list of 8", "a list of 7"]),
    ("six kinds of stars", "speaking: {report_curve: [1, 1, 1, 1, 1, 1]}", ["a list of 5 numbers"]),
    ("cuts that fall", "judging: {cuts: [0, -1, 1, 2]}", ["judging.cuts:", "above the last"]),
    ("days that fall", "judging: {lateness: [[2, 1], [1, 2]]}", ["3:21: judging.lateness"]),
    ("point of three", "judging: {lateness: [[2, 1, 3]]}", ["lateness.0: found a list of 3"]),
    ("stars that overlap", "=platform: {name: a, feedback: {negative_up_to: 4}}\n" + VALID[22:],
        ["1:31: platform.feedback:", "negative_up_to below positive_from"]),
    ("bound above the rate", "=platform: {name: a, odr: {lower_bound: 0.3}}\n" + VALID[22:],
        ["1:26: platform.odr: found lower_bound 0.3", "allowed: 0, or 0.5 to 0.999"]),
    ("unknown platform", "=platform: amazn_2016\n" + VALID[22:],
        ['1:11: platform: found "amazn_2016"', 'did you mean "amazon_2016"?', "path ending in"]),
    ("platform elsewhere", "=platform: ../../secret\n" + VALID[22:], ["no shipped platform"]),
    ("missing platform file", "=platform: gone.yaml\n" + VALID[22:], ["gone.yaml", "no such file"]),
    ("unknown category", SELLER.replace("toys", "toy"),
        ["sellers.0.listings.0.category", 'found "toy"', "toys, books", 'did you mean "toys"?']),
    ("unknown strategy", SELLER.replace("name: A", "name: A, strategy: recovr"),
        ["3:31: sellers.0.strategy:", "none, ask_everyone", 'did you mean "recover"?']),
    ("misspelt word", "record: weakly",
        ["one of daily, weekly, focal, ledger; did you mean \"weekly\"?"]),
    ("listing without a seller", "listings: [{category: toys}]",
        ["3:1: listings: unknown key; listings belong to a seller", "`sellers:`"]),
    ("seller without a listing", "sellers: [{name: A, listings: []}]",
        ["sellers.0.listings: found a list of 0; allowed: a list of 1 to 1,000"]),
    ("zero sellers", "rivals: {count: 0}", ["sellers: nobody sells", "rivals.count"]),
    ("two sellers of a name", "sellers:\n" + 2 * "- {name: A, listings: [{category: toys}]}\n",
        ["5:10: sellers.1.name:", "the name of sellers.0 too"]),
    ("two listings of a name", "sellers:\n" + "".join(
        f"- {{name: {name}, listings: [{{name: X, category: toys}}]}}\n" for name in "AB"),
        ["5:31: sellers.1.listings.0.name:", "each listing its own name"]),
    ("two categories of a name", "=" + VALID.replace("books", "toys"),
        ["2:35: categories.1.name:", "each category its own name"]),
    ("name of a drawn seller", SELLER.replace("name: A", "name: Rival 3"),
        ['sellers.0.name: found "Rival 3"; allowed: other names']),
    ("name of a newcomer", SELLER.replace("name: A", "name: A (2)"), ['found "A (2)"']),
    ("name of an unnamed listing", SELLER.replace("toys", "toys, name: A / 1"), ['"A / 1"']),
    ("two focal sellers", "sellers:\n" + "".join(
        f"- {{name: {name}, focal: true, listings: [{{category: toys}}]}}\n" for name in "AB"),
        ["5:20: sellers.1.focal: found a second focal seller", "sellers.0"]),
    ("empty name", 'name: ""', ['name: found ""; allowed: text of 1 to 60 characters']),
    ("name of two lines", 'name: "a\\nb"', [r'found "a\nb"', "on one line"]),
    ("tag of Python", 'name: !!python/object/apply:os.system ["ls"]',
        ["3:7: name: found the tag !!python/object/apply:os.system", "without tags"]),
    ("tag of one's own", "days: !often 3", ["3:7: days: found the tag !often"]),
    ("tag that does not fit", "days: !!int many", ['days: found "many"; allowed: a value of type']),
    ("set", "about: !!set {a, b}", ["found the tag !!set"]),
    ("merge key", "past: &p {days: 9}\nrivals: {<<: *p}", ["4:10: rivals.<<: merge keys"]),
    ("key that is a list", "? [a, b]\n: 3", ["3:3: ?: found a key that is not a name"]),
    ("alias bomb", "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join(10 * ['*' + a])}]\n" for a, b in pairwise("abcdefgh")),
        ["found aliases that repeat more than 1,000 values"]),
    ("alias of itself", "choice: &c {segments: *c}", ["found an alias that contains itself"]),
    ("alias of nothing", "name: *gone", ["3:7: not valid YAML: found undefined alias"]),
    ("open bracket", "weekday: [1, 2", ["not valid YAML"]),
    ("tab", "buyers:\n\tcount: 3", ["4:1: not valid YAML: found character '\\t'"]),
    ("bad indentation", "buyers:\n  count: 3\n seed: 1", ["5:2: not valid YAML"]),
    ("control character", "name: a\x01b", ["3:8: not valid YAML"]),
    ("two documents", "---\nplatform: x", ["not valid YAML", "another document"]),
    ("deep nesting", "name: " + 3000 * "[", ["nested too deeply"]),
    ("empty file", "=", ["1:1: found an empty file; allowed: a mapping"]),
    ("only comments", "=# nothing\n", ["found an empty file"]),
    ("top level is a list", "=- a\n- b", ["1:1: found a list of 2; allowed: a mapping"]),
    ("top level is a word", "=hello", ['1:1: found "hello"; allowed: a mapping']),
    ("too many users", "buyers: {count: 90000000}",
        ["3:17: buyers.count: found 90000000", "GB of memory; allowed: at most"]),
    ("too many sellers", "days: 10000\nrivals: {count: 99999}", ["rivals.count", "10,000 days"]),
]  # fmt: skip


def told(file: Path, overrides: list[str] | None = None) -> str:
    with pytest.raises(ConfigError) as refused:
        load_market(file, overrides or [])
    return str(refused.value)


def write(folder: Path, text: str) -> Path:
    file = folder / "market.yaml"
    file.write_text(text.removeprefix("=") if text[:1] == "=" else VALID + text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("text", "parts"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_mistake_is_named_with_its_place(tmp_path, text, parts):
    file = write(tmp_path, text)
    message = told(file)
    for part in parts:
        assert part in message
    assert "gone.yaml" in message or all(str(file) in line for line in message.splitlines())
    assert "Traceback" not in message and "pydantic" not in message


def test_the_table_names_each_mistake_once():
    assert len({row[0] for row in MISTAKES}) == len(MISTAKES)


OVERRIDES = [
    ("days=many", ['--set days=many: days: found "many"; allowed: a whole number']),
    ("dayz=3", ["--set dayz=3: dayz: unknown key", 'did you mean "days"?']),
    ("rivls.count=3", ["rivls: unknown key", 'did you mean "rivals"?']),
    ("days", ['found "days"; allowed: path=value']),
    ("=3", ['found "=3"; allowed: path=value']),
    ("days=[", ["--set days=[: not valid YAML"]),
    ("days=!!python/name:os.system x", ["found the tag !!python/name:os.system"]),
    ("days.x=3", ["days: found 365, which has no part named"]),
    ("sellers.4.on_time=1", ["sellers: found index 4; allowed: 0 to 0"]),
    ("sellers.Northwnd.on_time=1", ['no "Northwnd" in sellers', 'did you mean "Northwind"?']),
    ("sellers.Northwind.on_time=2", ["sellers.0.on_time: found 2; allowed: a number from 0.02"]),
    ("platform=amazon_2015", ["platform: found", 'did you mean "amazon_2016"?']),
    ("platform.odr.limit=2", ["platform.odr.limit: found 2; allowed: a number from 0 to 1"]),
    ("weekday.9=1", ["weekday: found index 9; allowed: 0 to 6"]),
    ("categories=[]", ["categories: found a list of 0"]),
    ("buyers.count=90000000", ["--set buyers.count=90000000: buyers.count", "GB of memory"]),
]


@pytest.mark.parametrize(("override", "parts"), OVERRIDES, ids=[row[0] for row in OVERRIDES])
def test_a_mistake_in_an_override_is_named_with_the_option(override, parts):
    message = told(ROOT / "configs" / "quickstart.yaml", [override])
    for part in parts:
        assert part in message
    assert message.startswith(f"--set {override}: ")


def test_a_name_that_is_no_longer_unique_is_refused_as_a_path(tmp_path):
    twice = "sellers:\n" + 2 * "- {name: A, listings: [{category: toys}]}\n"
    assert 'found "A", the name of several' in told(write(tmp_path, twice), ["sellers.A.focal=1"])


def test_all_mistakes_are_told_at_once_from_top_to_bottom(tmp_path):
    text = "dayz: 3\nseed: -1\nname: !x y\nlistings: []\nrivals: {count: 0, cout: 1}\n"
    lines = told(write(tmp_path, text), ["days=0", "platform.odr.limt=1"]).splitlines()
    assert [line.split(": ")[1] for line in lines] == [
        "sellers",
        "dayz",
        "seed",
        "name",
        "listings",
        "rivals.cout",
        "days",
        "platform.odr.limt",
    ]


def test_mistakes_in_a_platform_file_name_that_file(tmp_path):
    (tmp_path / "mine.yaml").write_text("name: mine\nodr:\n  limt: 0.01\n", encoding="utf-8")
    message = told(write(tmp_path, "=" + VALID.replace("amazon_2016", "mine.yaml")))
    assert message == (
        f'{tmp_path}/mine.yaml:3:3: platform.odr.limt: unknown key; did you mean "limit"?'
    )


def test_a_thousand_mistakes_do_not_fill_the_screen(tmp_path):
    message = told(write(tmp_path, "".join(f"key{i}: 1\n" for i in range(1000))))
    assert message.count("\n") == MOST_SHOWN
    assert message.endswith("... and 950 more mistakes")


def test_files_that_are_no_texts(tmp_path):
    large, latin = tmp_path / "large.yaml", tmp_path / "latin.yaml"
    large.write_text("# " + "x" * 1_000_000, encoding="utf-8")
    latin.write_bytes("name: ok\nabout: caf\u00e9\n".encode("latin-1"))
    assert "found 1,000,002 bytes; allowed: at most 1,000,000" in told(large)
    assert f"{latin}:2: found bytes that are not UTF-8" in told(latin)
    assert "found a directory; allowed: a YAML file" in told(tmp_path)
    assert told(tmp_path / "gone.yaml") == f"{tmp_path}/gone.yaml: no such file"


QUICKSTART = (ROOT / "configs" / "quickstart.yaml").read_text(encoding="utf-8")
PIECES = ["[", "]", "{", "}", ":", "- ", "\n", "  ", "\t", "&a ", "*a", "!!x ", "'", '"', "#", "%",
          "-1", ".nan", "1e999", "null", "~", "true", "days", "sellers:", "\x00", "\ud7ff", "? ",
          "|\n", ">", "---\n", "...\n", "@", "`", "<<: ", "0x", "1_0", "%YAML 1.1\n---\n",
          ]  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    edits=st.lists(
        st.tuples(
            st.integers(0, len(QUICKSTART)),
            st.integers(0, 12),
            st.sampled_from(PIECES) | st.text(max_size=4),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_mangled_file_gives_a_market_or_a_message(tmp_path_factory, edits):
    text = QUICKSTART
    for at, length, piece in edits:
        text = text[:at] + piece + text[at + length :]
    file = tmp_path_factory.mktemp("mangled") / "market.yaml"
    file.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        assert isinstance(load(file).market, Market)
    except UserError as error:
        assert str(error)


@settings(max_examples=150, deadline=None)
@given(
    path=st.sampled_from(["days", "sellers.0", "sellers.Northwind.care", "weekday.1", "platform"])
    | st.text(max_size=12),
    value=st.sampled_from(PIECES) | st.text(max_size=8),
)
def test_any_override_gives_a_market_or_a_message(path, value):
    try:
        assert load_market(ROOT / "configs" / "quickstart.yaml", [f"{path}={value}"])
    except UserError as error:
        assert str(error)
