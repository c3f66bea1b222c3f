"""The scorecard: what must be in it, how verdicts are reached, that it can fail, its page."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.config import load_market
from experiments.evidence.command import again, validate
from experiments.evidence.finding import FINDINGS, UNMEASURED, Finding, finding, unmeasured
from experiments.evidence.markets import BASE, CELLS, lived
from experiments.evidence.page import VERDICTS, Scorecard, card_of, page, values_csv
from experiments.evidence.scorecard import Measured, chosen, measure
from experiments.mistakes import UserError
from experiments.platforms import ROOT

ASKED_FOR = """
    A1 A2 A3 A4 A6 B1 B2 B3 B4 B5 B6 B7 R2 R7 R9 R15 R16 D2 D3 D4 D5 D6 D9 D11 E1 E4 E5 E7
    F2 F3 F4 G1 G2 G3 G4 G5 G6 G9 G11 I1 J1 J2 J3 J4 J6 J8
"""
OF_LOGS = """
    L-1-3 L-15 L-before L-comments L-late L-door L-sellers L-late-between L-per-product L-icc
    L-bursts L-unverified L-windows-5 L-windows-10
"""
DOCS = ROOT / "docs"


def test_everything_that_is_known_is_looked_for_or_said_why_not():
    ids = FINDINGS.keys() | UNMEASURED.keys()
    assert ids >= {*ASKED_FOR.split(), *OF_LOGS.split()}
    assert len(FINDINGS) >= 40 and all(u.why for u in UNMEASURED.values())


@pytest.mark.parametrize("f", FINDINGS.values(), ids=lambda f: f.id)
def test_a_finding_is_whole(f: Finding):
    assert f.name and f.source and f.unit and len(f.how) > 20
    assert f.band[0] <= f.band[1] and not all(map(math.isinf, f.band))
    assert set(f.markets) <= CELLS.keys()
    if any(map(math.isinf, f.band)):
        assert f.neutral is not None, "an open band is a sign, and needs what no effect would be"


def test_every_market_is_used_and_says_what_differs():
    used = {name for f in FINDINGS.values() for name in f.markets}
    assert used == CELLS.keys() and all(cell.about for cell in CELLS.values())


def of(band: tuple[float, float], neutral: float | None = None) -> Finding:
    return Finding(
        "T1", "made up", "nobody", "unit", band, neutral, "outcome", "observational", ("base",),
        lambda m: 0.0, "", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("band", "neutral", "values", "verdict"),
    [
        ((1, 2), None, [1.5], "in band"),
        ((1, 2), None, [2.0, 9, 0], "in band"),
        ((1, 2), None, [2.5], "wrong"),
        ((1, 2), 0.0, [2.5], "right sign only"),
        ((1, 2), 0.0, [-0.1], "wrong"),
        ((-2, -1), 0.0, [-3], "right sign only"),
        ((-2, -1), 0.0, [3], "wrong"),
        ((0, math.inf), 0.0, [0.1, -5, 0.2], "in band"),
        ((0, math.inf), 0.0, [0.0, 0.0], "wrong"),
        ((1, 2), 0.0, [math.nan], "not computed"),
        ((1, 2), None, [math.nan, 1.5], "in band"),
        ((1, 2), None, [math.nan, math.nan, 1.5], "not computed"),
    ],
)
def test_verdicts(band, neutral, values, verdict):
    assert of(band, neutral).verdict(np.array(values, float)) == verdict


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=40))
def test_nothing_is_in_band_and_wrong(values):
    column = np.array(values)
    verdict, f = of((1, 2), 0.0).verdict(column), of((1, 2), 0.0)
    assert (verdict == "in band") == (1 <= np.median(column) <= 2)
    assert verdict in VERDICTS and 0 <= f.inside(column) <= 1


def test_a_sign_by_luck_is_called_so():
    f = of((0, math.inf), 0.0)
    assert not Measured(f, np.array([0.1, -0.1, 0.2, -0.2, 0.3])).surely
    assert Measured(f, np.arange(1.0, 20.0)).surely
    assert Measured(of((1, 2)), np.array([5.0])).surely, "levels have no sign"


def test_findings_are_registered_once_and_sensibly():
    with pytest.raises(ValueError, match="registered twice"):
        finding("A2", "again", (0, 1), "nobody")(lambda m: 0.0)
    with pytest.raises(ValueError, match="registered twice"):
        unmeasured("A2", "again", "nobody", "waiting", "because")
    with pytest.raises(ValueError, match="band"):
        finding("T2", "upside down", (2, 1), "nobody")(lambda m: 0.0)
    with pytest.raises(ValueError, match="neutral"):
        finding("T2", "no sign", (-1, 1), "nobody", neutral=0.0)(lambda m: 0.0)


@pytest.mark.parametrize(
    ("only", "ids"),
    [
        (["A2"], {"A2"}),
        (["A3"], {"A3", "A3-positive", "A3-ones"}),
        (["D6,D9"], {"D6", "D6-stars", "D9", "D9-concave"}),
        (["S"], {"S-orders"}),
        (["A1"], {"A1", "A1-all"}),
    ],
)
def test_parts_can_be_chosen(only, ids):
    assert {f.id for f in chosen(only)[0]} == ids


def test_groups_are_letters_and_nothing_else_is_found():
    assert {f.id[0] for f in chosen(["L"])[0]} == {"L"} and not chosen(["L"])[1]
    assert chosen(["G7"]) == ([], [UNMEASURED["G7"]])
    with pytest.raises(UserError, match=r'found "A99"; allowed: A1, A2.*letters alone'):
        chosen(["A99"])


def test_the_same_findings_whatever_the_number_of_workers():
    findings = chosen(["A2", "L-before", "D9"])[0]
    one, two = (measure(findings, seeds=[1, 2], days=30, workers=n) for n in (1, 2))
    assert [m.values.tolist() for m in one] == [m.values.tolist() for m in two]


def test_a_market_that_is_none_of_this_world_fails():
    """Everybody delighted with everything: the shape of ratings is gone, and it is said."""
    market = {"base": lived(["base"], 1, days=40)["base"]}
    fine = {id: FINDINGS[id].compute(market) for id in ("A1", "A2", "A3", "A3-positive")}
    posts = market["base"].posts
    posts["first_stars"] = 5
    market["base"].__dict__.pop("reviews", None)
    wrong = {id: FINDINGS[id].compute(market) for id in fine}
    assert fine["A2"] < 4.6 and wrong == {"A1": 1 / 3, "A2": 5.0, "A3": 1.0, "A3-positive": 1.0}
    assert all(FINDINGS[id].verdict(np.array([wrong[id]])) != "in band" for id in fine)


def made_up() -> Scorecard:
    findings = chosen(["A2", "B3", "D4", "J6"])[0]
    values = {"A2": 4.2, "B3": -0.4, "D4": 0.5, "D4-count": 0.1, "J6": 0.2}
    measured = [Measured(f, np.full(30, values[f.id])) for f in findings]
    return Scorecard(measured, list(UNMEASURED.values()), "base_market", "amazon_2016", 30, None)


def test_the_page_counts_what_is_tested_apart_from_what_was_put_in():
    text = page(made_up())
    assert "| Tests | 1 | 1 | 0 | 2 |" in text
    assert "| Rows that parameters were tuned to | 1 | 0 | 1 | 2 |" in text
    assert "**B3** verified reviews are higher on Amazon too (wrong)" in text
    assert (
        "right sign only" in text
        and f"{len(UNMEASURED)} more are not applicable to this model." in text
    )


def test_values_survive_the_file():
    card = made_up()
    back = card_of(values_csv(card), "base_market", "amazon_2016")
    assert page(back) == page(card)
    with pytest.raises(UserError, match="no line finding"):
        card_of("a,b\n", "x", "y")
    with pytest.raises(UserError, match="T9"):
        card_of(values_csv(card).replace("D4,", "T9,"), "x", "y")


def test_the_page_in_the_documentation_is_made_of_its_values():
    """After a change of words: python run.py validate --again docs."""
    values = (DOCS / "validation.csv").read_text(encoding="utf-8")
    card = card_of(values, BASE.stem, load_market(BASE).platform.name)
    assert page(card) == (DOCS / "validation.md").read_text(encoding="utf-8")
    assert {m.finding.id for m in card.measured} == FINDINGS.keys() and card.seeds >= 30
    assert "Not yet explained" not in page(card), "every failure has its mechanism named"


def test_bands_have_not_moved_since_the_page_was_made():
    rows = (DOCS / "validation.csv").read_text(encoding="utf-8").splitlines()[1:]
    said = {row.split(",")[0]: tuple(map(float, row.split(",")[2:4])) for row in rows}
    assert said == {f.id: tuple(map(float, f.band)) for f in FINDINGS.values()}


def test_a_directory_without_values_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"found no .*validation\.csv"):
        again(tmp_path)


@pytest.mark.slow
def test_the_scorecard_in_short_form(tmp_path):
    """Every finding is computed in small markets; few are judged, as levels take time."""
    found = {m.finding.id: m for m in measure(list(FINDINGS.values()), seeds=[1, 2, 3], days=120,
                                              workers=2)}  # fmt: skip
    missing = [id for id, m in found.items() if np.isnan(m.values).all()]
    assert set(missing) <= {"E1", "L-weeks"}, "120 days are neither a life nor twenty weeks"
    for id in ("A1", "A2", "A3", "J2", "J4", "R12", "F2", "F2-ranked", "G6-rate", "R15"):
        assert found[id].verdict == "in band", f"{id}: {found[id].values}"


def test_a_page_says_what_can_be_run_again():
    text = page(made_up())
    assert re.search(r"Again: `python run.py validate`", text)


@pytest.mark.parametrize(
    ("change", "only", "said"),
    [
        ("sellers: []", ["D4"], "found no stated seller; allowed for these findings: at least 4"),
        ("sellers: []", ["B4"], "found no stated seller; allowed for these findings: at least 1"),
        ("sellers: [{name: A, listings: [{category: a}]}]", ["D9"], "seller with 1 listings"),
    ],
)
def test_markets_that_cannot_be_changed_so_are_refused(tmp_path, change, only, said):
    file = tmp_path / "mine.yaml"
    file.write_text(f"platform: amazon_2016\ncategories: [{{name: a, price: 9.0}}]\n{change}\n")
    with pytest.raises(UserError, match=said):
        validate(file, only, None, seeds=2)


def test_a_file_in_place_of_a_directory_is_refused(tmp_path):
    file = tmp_path / "out"
    file.write_text("mine")
    with pytest.raises(UserError, match="found a file at"):
        validate(None, ["A2"], file, seeds=2)
    assert file.read_text() == "mine"


def test_a_part_is_not_written_over_the_whole(tmp_path):
    card = made_up()
    (tmp_path / "validation.csv").write_text(values_csv(card))
    with pytest.raises(UserError, match="found a scorecard of more findings in"):
        validate(None, ["A2"], tmp_path, seeds=2)


def test_a_finding_that_finds_nothing_costs_no_other(monkeypatch):
    """Two periods of 28 days are the least for the panel regression of D6."""
    found = {m.finding.id: m for m in measure(chosen(["D6", "A2"])[0], seeds=[1], days=30)}
    assert found["D6"].verdict == "not computed" and found["A2"].verdict != "not computed"
