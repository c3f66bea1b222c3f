"""A calibration file: what is told of its mistakes, and what it comes to."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from experiments.calibration.config import load_calibration
from experiments.calibration.yaml_lines import yaml_lines
from experiments.cli import app
from experiments.config import load_market
from experiments.mistakes import ConfigError
from experiments.platforms import ROOT

BASE = ROOT / "configs" / "evidence" / "base_market.yaml"

HEAD = f"market: {BASE}\n"
VALID = HEAD + "moments: [A2, A3, R12]\nparameters: {judging.product: [-0.6, 0.8]}\n"


def parameters(text: str) -> str:
    return HEAD + "moments: [A2, A3, R12]\nparameters:\n  " + text


def moments(text: str) -> str:
    return HEAD + f"parameters: {{judging.product: [-0.6, 0.8]}}\nmoments: {text}"


MISTAKES = [
    # what                    file                                    parts of the message
    ("empty", "", ["1:1: found an empty file; allowed: a mapping"]),
    ("a list", "[1, 2]", ["1:1: found a list of 2; allowed: a mapping that begins with"]),
    ("no YAML", "a: [1", ["not valid YAML"]),
    ("unknown key", VALID + "sedes: 3", ["4:1: sedes: unknown key", 'did you mean "seeds"?']),
    ("key of a market", VALID + "listings: 3", ["4:1: listings: unknown key; allowed: days"]),
    ("nothing stated", "name: a", ["market: missing", "moments: missing", "parameters: missing"]),
    ("one seed", VALID + "seeds: 1", ["4:8: seeds: found 1; allowed: a whole number from 2 to"]),
    ("too many seeds", VALID + "seeds: 99999", ["4:8: seeds: found 99999", "2 to 1,000"]),
    ("no step", VALID + "steps: 0", ["4:8: steps: found 0; allowed: a whole number from 1"]),
    ("no difference", VALID + "difference: 0", ["difference: found 0", "from 0.01 to 0.5"]),
    ("no day", VALID + "days: 0", ["days: found 0", "1 to 10,000", "or null"]),
    ("missing market", VALID.replace(str(BASE), "gone.yaml"),
        ["1:9: market:", "gone.yaml: no such file"]),
    ("broken market", VALID.replace(str(BASE), "broken.yaml"), ["broken.yaml:1:1: dayz:"]),
    ("market of code", VALID.replace(str(BASE), "code.yaml"),
        ["1:9: market: found strategy a.b:C", "which is code; allowed: strategies of lines"]),
    ("unknown moment", moments("[A22]"), ['3:11: moments.0: found "A22"', "did you mean"]),
    ("moment that is an input", moments("[A2, L-answer]"),
        ["3:15: moments.1: found L-answer, an input of the market"]),
    ("moment that has no value", moments("[G12]"), ["found G12, which cannot be looked for"]),
    ("open band", moments("[E5]"), ["band 0 to inf is open on one side; allowed: bands with two"]),
    ("band without a width", moments("[A1]"), ["whose band is the single value 1"]),
    ("moment twice", moments("[A2, A2]"), ["3:15: moments.1: found A2 a second time", ":3:11"]),
    ("moment that is a number", moments("[7]"), ["3:11: moments.0: found 7; allowed: text"]),
    ("no moment", moments("[]"), ["3:10: moments: found a list of 0"]),
    ("moment of a market that cannot be", moments("[D9]").replace(str(BASE), "small.yaml"),
        ["3:11: moments.0: found D9, whose market \"no reviews\" cannot be made"]),
    ("fewer moments", VALID.replace("[A2, A3, R12]", "[A2]").replace(
        "0.8]", "0.8], judging.service: [1.5, 3]"),
        ["2:1: moments: found 1 for 2 parameters; allowed: at least as many"]),
    ("no parameters", HEAD + "moments: [A2]\nparameters: {}", ["3:13: parameters: found an empty"]),
    ("list of parameters", HEAD + "moments: [A2]\nparameters: [a]",
        ["parameters: found a list of 1; allowed: a mapping from paths to ranges"]),
    ("unknown parameter", parameters("judging.produkt: [0, 1]"),
        ["4:3: parameters.judging.produkt: unknown key", 'did you mean "product"?']),
    ("nobody of that name", parameters("sellers.Nobody.on_time: [0, 1]"), ['found no "Nobody"']),
    ("no such entry", parameters("speaking.report_curve.5: [0, 1]"), ["index 5; allowed: 0 to 4"]),
    ("a whole list", parameters("speaking.report_curve: [0, 1]"),
        ["found a list of 5 there; allowed: a path to a number, as in speaking.report_curve.0"]),
    ("a section", parameters("judging: [0, 1]"), ["found a mapping there; allowed: a path"]),
    ("a word", parameters("rivals.strategy: [0, 1]"), ["there; allowed: a path to a number"]),
    ("yes or no", parameters("speaking.everyone_posts: [0, 1]"), ["found false there"]),
    ("size of the world", parameters("buyers.count: [100, 200]"),
        ["found 16000 there, a whole number; allowed: numbers with fractions"]),
    ("no part of a market", parameters("replicates: [2, 3]"), ["no part of a market"]),
    ("one number twice", parameters("sellers.0.on_time: [0.5, 0.9]\n  "
        "sellers.Midway.on_time: [0.5, 0.9]"), ["5:3:", "the same number as sellers.0.on_time"]),
    ("key twice", parameters("judging.quality: [3, 8]\n  judging.quality: [3, 8]"),
        ["5:3: parameters.judging.quality: found the key a second time"]),
    ("upside down", parameters("judging.quality: [8, 3]"),
        ["4:3: parameters.judging.quality: found [8, 3]; allowed: the smaller number first"]),
    ("range that is a number", parameters("judging.quality: 3"), ["found 3; allowed: a list of 2"]),
    ("range of words", parameters("judging.quality: [a, b]"), ["quality.0: found \"a\""]),
    ("infinite range", parameters("judging.quality: [0, .inf]"), ["quality.1: found .inf"]),
    ("outside of the limits", parameters("speaking.herding: [0.0, 1.5]"),
        ["4:27: parameters.speaking.herding.1: found 1.5; allowed: a number from 0 to 1"]),
    ("no range declared", parameters("judging.lateness.1.1:"),
        ["found no range, and none is declared as plausible; allowed: [from, to]"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "parts"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_mistake_is_named_with_its_place(tmp_path, text, parts):
    small = "platform: amazon\ncategories: [{name: toys}]\n"
    (tmp_path / "small.yaml").write_text(small)
    code = "strategies: {own: {code: 'a.b:C'}}\nrivals: {strategy: own}\n"
    (tmp_path / "code.yaml").write_text(small + code)
    (tmp_path / "broken.yaml").write_text("dayz: 3\n" + small)
    file = tmp_path / "calibration.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load_calibration(file)
    message = str(refused.value)
    assert all(part in message for part in parts), message
    assert all(str(tmp_path) in line for line in message.splitlines())
    assert "pydantic" not in message


def test_all_mistakes_are_told_at_once(tmp_path):
    file = tmp_path / "calibration.yaml"
    file.write_text(VALID.replace("A3", "A33").replace("-0.6", "1.6") + "seeds: 0\nsteps: x\n")
    with pytest.raises(ConfigError) as refused:
        load_calibration(file)
    assert len(refused.value.mistakes) == 4


def test_a_mistake_ends_the_command_with_code_2_and_no_traceback(tmp_path):
    file = tmp_path / "calibration.yaml"
    file.write_text(VALID.replace("A3", "A33"))
    ended = CliRunner().invoke(app, ["calibrate", str(file)])
    assert ended.exit_code == 2
    assert "2:15: moments.1:" in ended.output and "1 mistake; nothing was run." in ended.output
    assert "Traceback" not in ended.output


def test_the_shipped_calibration_is_read():
    found = load_calibration(ROOT / "configs" / "evidence" / "calibration.yaml")
    assert len(found.findings) >= len(found.numbers) > 10
    market = load_market(BASE)
    by_path = {number.path: number.stated for number in found.numbers}
    assert by_path["judging.lateness.2.1"] == market.judging.lateness[2][1]


def test_a_range_that_is_not_stated_is_the_plausible_one(tmp_path):
    file = tmp_path / "calibration.yaml"
    file.write_text(VALID.replace("judging.product: [-0.6, 0.8]", "costs.answering: null"))
    (number,) = load_calibration(file).numbers
    assert number.low < number.stated < number.high


def test_lines_of_yaml_make_the_market_that_was_found(tmp_path):
    text = VALID.replace(
        "{judging.product: [-0.6, 0.8]}",
        "{judging.lateness.2.1: [0.1, 2.0], speaking.report_curve.0: [1.5, 5.0],"
        " platform.reviews.leave_rate: [0.005, 0.03], sellers.Midway.on_time: [0.5, 0.99]}",
    ).replace("A2,", "A2, J1,")
    file = tmp_path / "calibration.yaml"
    file.write_text(text)
    found = load_calibration(file)
    lines = list(yaml_lines(found, (1.25, 4.5, 0.0125, 0.75)))
    of_platform = lines.index("# the rules of the platform (amazon_2016)")
    assert lines[of_platform + 1 : of_platform + 3] == ["reviews:", "  leave_rate: 0.0125"]
    assert lines[-2:] == ["# in entries of lists", "# sellers.Midway.on_time: 0.75"]
    pasted = tmp_path / "market.yaml"
    pasted.write_text(BASE.read_text() + "\n".join(lines[:of_platform]))
    market = load_market(pasted)
    assert market.judging.lateness[2][1] == 1.25 and market.speaking.report_curve[0] == 4.5
    assert market.judging.lateness[1] == found.market.judging.lateness[1]
