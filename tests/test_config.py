"""From YAML to a Market: defaults, overrides, the shipped files, what fields say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from experiments.allowed import allowed
from experiments.config import ROOT, load, load_market
from experiments.size import estimated_bytes
from sim.config.fields import Frozen
from sim.config.market import Category, Listing, Market, Rivals, Seller
from sim.config.people import Choice, Segment
from sim.config.platform import PlatformRules

QUICKSTART = ROOT / "configs" / "quickstart.yaml"
AMAZON = ROOT / "configs" / "platforms" / "amazon_2016.yaml"

SMALL = """\
platform: amazon_2016
categories: [{name: toys}]
"""


def models() -> list[type[Frozen]]:
    found = [Frozen]
    for model in found:
        found += [sub for sub in model.__subclasses__() if sub not in found]
    return found[1:]


def write(folder: Path, text: str) -> Path:
    file = folder / "market.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_quickstart_is_short_and_as_described():
    lines = QUICKSTART.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 70
    assert sum("#" in line for line in lines) >= 20
    loaded = load(QUICKSTART)
    market = loaded.market
    assert loaded.warnings == ()
    assert 8 <= len(market.sellers) + market.rivals.count <= 15
    assert sum(seller.focal for seller in market.sellers) == 1
    listings = sum(len(s.listings) for s in market.sellers)
    assert 35 <= listings + market.rivals.count * market.rivals.listings_each <= 45
    assert len(market.categories) in (2, 3)
    assert (market.buyers.count, market.non_buying_users.count) == (5000, 1000)
    assert market.buyers.trips_per_year == 25.0
    assert (market.days, market.seed, market.platform.name) == (365, 1, "amazon_2016")
    assert any(listing.reviews for seller in market.sellers for listing in seller.listings)


LATER = {
    *("channels", "measures", "gates", "points", "shown_score", "shown_best"),
    *("defaults", "reveal", "offers", "by_platform", "bought"),
}
"""What platforms may have that Amazon had not in 2016, off unless stated."""


def test_the_platform_file_states_every_rule():
    """Nothing that was there is left to a default, so that the file can be read on its own."""
    from experiments.yaml_source import parse

    stated = parse(AMAZON.read_text(encoding="utf-8"), "amazon_2016.yaml").data
    assert set(stated) == set(PlatformRules.model_fields) - LATER
    assert len(stated["feedback"]) == 18 and len(stated["display"]) == 6
    for section in ("reviews", "account", "search", "contact", "fees"):
        info = PlatformRules.model_fields[section]
        assert set(stated[section]) == set(info.annotation.model_fields), section
    market = load_market(QUICKSTART)
    assert market.platform.feedback.leave_rate == 0.03
    assert market.platform.reviews.leave_rate == 0.0125


PLAIN = ("focal", "scale", "channels", "first_time", "policy_score")
"""Numbers and switches that say what something is, not how much."""


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_parameter_has_a_description_and_numbers_have_unit_source_and_status(model):
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra
        if isinstance(info.default, Frozen):
            continue  # a section; what it holds is described by its own fields
        assert info.description, name
        if model.__module__ == "sim.config.intervention":
            continue  # what an experimenter does is no parameter of the market
        if isinstance(info.default, (bool, int, float)) and name not in PLAIN:
            assert extra and {"unit", "source", "status"} <= set(extra), name
        if extra and not extra.get("words"):
            assert all(extra[key] for key in ("unit", "source", "status")), name


def test_what_is_not_stated_has_its_default(tmp_path):
    market = load_market(write(tmp_path, SMALL))
    assert market.buyers.count == 5000
    assert market.rivals == Rivals()
    assert market.run_out_days() == 90 + 60


def test_a_platform_may_be_named_a_file_or_written_out(tmp_path):
    named = load_market(write(tmp_path, SMALL))
    (tmp_path / "mine.yaml").write_text(AMAZON.read_text(encoding="utf-8"), encoding="utf-8")
    by_file = load_market(write(tmp_path, SMALL.replace("amazon_2016", "mine.yaml")))
    inline = SMALL.replace("amazon_2016", "{name: strict, odr: {limit: 0.005}}")
    assert by_file == named
    assert load_market(write(tmp_path, inline)).platform.odr.limit == 0.005


def test_platforms_are_found_from_any_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_market(QUICKSTART).platform.name == "amazon_2016"


def test_whole_numbers_serve_as_numbers_but_not_the_other_way_round(tmp_path):
    market = load_market(write(tmp_path, SMALL + "buyers: {trips_per_year: 20}\n"))
    assert market.buyers.trips_per_year == 20.0
    assert isinstance(market.buyers.trips_per_year, float)


def test_yaml_is_1_2_and_small_anchors_are_fine(tmp_path):
    text = SMALL + (
        "name: no\nabout: 2016-07-01\nfulfilment: {handling_days: 1e-3}\n"
        "sellers:\n"
        "  - {name: A, care: &care {tone: 0.9}, listings: &one [{category: toys}]}\n"
        "  - {name: B, care: *care, listings: *one}\n"
    )
    market = load_market(write(tmp_path, text))
    assert (market.name, market.about) == ("no", "2016-07-01")
    assert market.fulfilment.handling_days == 0.001
    assert market.sellers[1].care.tone == 0.9


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("days=30", lambda m: m.days == 30),
        ("name=other", lambda m: m.name == "other"),
        ("run_out=null", lambda m: m.run_out is None),
        ("sellers.0.on_time=0.9", lambda m: m.sellers[0].on_time == 0.9),
        ("sellers.Northwind.on_time=0.9", lambda m: m.sellers[0].on_time == 0.9),
        ("sellers.Northwind.listings.Chef's knife.price=9", lambda m: _knife(m).price == 9.0),
        ("categories.garden.price=55", lambda m: m.categories[1].price == 55.0),
        ("sellers.0.care={tone: 0.1}", lambda m: m.sellers[0].care.tone == 0.1),
        ("platform.odr.limit=0.02", lambda m: m.platform.odr.limit == 0.02),
        ("platform={name: bare}", lambda m: m.platform == PlatformRules(name="bare")),
        ("past.days=0", lambda m: m.past.days == 0),
        ("choice.segments.1.price=-4", lambda m: m.choice.segments[1].price == -4.0),
        ("weekday.6=0.5", lambda m: m.weekday[6] == 0.5 and m.weekday[0] == 0.160),
    ],
)
def test_overrides(override, value):
    assert value(load_market(QUICKSTART, [override]))


def _knife(market: Market) -> Listing:
    return market.sellers[0].listings[1]


def test_an_override_by_path_changes_nothing_beside_it():
    plain = load_market(QUICKSTART)
    changed = load_market(QUICKSTART, ["choice.segments.1.price=-4"])
    assert changed.choice.segments[0] == plain.choice.segments[0]
    assert changed.model_copy(update={"choice": plain.choice}) == plain


def test_names_with_dots_are_found(tmp_path):
    text = SMALL + 'sellers: [{name: "A. B. Co", listings: [{category: toys}]}]\n'
    market = load_market(write(tmp_path, text), ["sellers.A. B. Co.on_time=0.5"])
    assert market.sellers[0].on_time == 0.5


def test_later_overrides_win_and_may_mend_the_file(tmp_path):
    file = write(tmp_path, SMALL + "days: -3\n")
    assert load_market(file, ["days=4", "days=5"]).days == 5


def test_a_window_longer_than_the_run_is_a_warning():
    warnings = [str(warning) for warning in load(QUICKSTART, ["days=74"]).warnings]
    assert len(warnings) == 2
    assert "amazon_2016.yaml" in warnings[0] and "platform.feedback" in warnings[0]
    assert "window_days 60 + lag_days 15 is longer than the run of 74 days" in warnings[1]


def test_memory_grows_with_people_days_and_sellers():
    sizes = [
        estimated_bytes(load_market(QUICKSTART, [override]))
        for override in ("seed=1", "buyers.count=50000", "days=3650", "rivals.count=1000")
    ]
    assert min(sizes[1:]) > sizes[0]
    per_user = (sizes[1] - sizes[0]) / 45_000
    assert 400 < per_user < 800


def market_of(**parts) -> Market:
    given = {"platform": PlatformRules(name="p"), "categories": (Category(name="toys"),)}
    return Market(**{**given, **parts})


def test_a_market_made_in_python_is_checked_as_a_whole():
    seller = Seller(name="A", focal=True, listings=(Listing(category="toys"),))
    other = Seller(name="B", listings=(Listing(category="tos"),))
    assert market_of(sellers=(seller,)).sellers[0].focal
    segments = (Segment(share=0.0),)
    for parts, loc, text in [
        ({"rivals": Rivals(count=0)}, ("sellers",), "nobody sells"),
        ({"sellers": (seller, seller)}, ("sellers", 1, "name"), "its own name"),
        ({"sellers": (other,)}, ("sellers", 0, "listings", 0, "category"), 'did you mean "toys"'),
        ({"choice": Choice(segments=segments)}, ("choice", "segments"), "at least one above 0"),
        ({"weekday": (0.0,) * 7}, ("weekday",), "at least one above 0"),
    ]:
        with pytest.raises(ValidationError) as refused:
            market_of(**parts)
        found = {error["loc"]: error["msg"] for error in refused.value.errors()}
        assert text in found[loc]


def test_mistakes_inside_and_between_parts_are_found_at_once():
    with pytest.raises(ValidationError) as refused:
        market_of(rivals={"count": 0}, days=-1, unknown=3)
    assert {error["loc"] for error in refused.value.errors()} == {
        ("sellers",),
        ("days",),
        ("unknown",),
    }


def test_a_market_is_frozen():
    with pytest.raises(ValidationError):
        load_market(QUICKSTART).days = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("loc", "words"),
    [
        (("days",), "a whole number from 1 to 10,000 (days)"),
        (("run_out",), "a whole number from 0 to 10,000 (days) or null"),
        (("sellers", 3, "on_time"), "a number from 0.02 to 0.9999 (probability)"),
        (("sellers", 0, "focal"), "true or false"),
        (
            ("sellers", 0, "strategy"),
            "the name of a strategy, shipped or under `strategies:`",
        ),
        (("strategies",), "a mapping from names to mappings (lines)"),
        (("strategies", "mine", "lines", 0, "stars", 1), "a whole number from 1 to 5"),
        (("strategies", "mine", "lines", 0, "above"), "a number from 0 to 1 or null"),
        (("strategies", "mine", "lines", 0, "tone"), "a number from 0 to 1 or null"),
        (("sellers", 0, "listings", 0, "reviews", 2), "a whole number from 0 to 1,000,000 (count)"),
        (("weekday",), "a list of 7 numbers from 0 to 1,000,000 (weight)"),
        (("sellers", 0, "listings"), "a list of 1 to 1,000 mappings"),
        (("platform", "fees"), "a mapping with referral"),
        (("about",), "text of at most 2,000 characters"),
    ],
)
def test_what_is_allowed_is_made_from_the_declarations(loc, words):
    assert allowed(loc) == words


def test_a_window_of_no_days_is_short_and_none_is_long():
    """Orders are kept for the longest window; 0 days are not "no end"."""
    from sim.parameters import kept_days

    for days, kept in {0: 112, 60: 165, "null": 400}.items():
        override = f"platform.feedback.change_window_days={days}"
        assert kept_days(load_market(QUICKSTART, [override])) == kept
