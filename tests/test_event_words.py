"""Events in words: by hand what a sentence says, and a sentence for whatever can happen."""

from __future__ import annotations

from typing import get_args

import pytest
from ledgers import FIRST, ledger_of

from experiments.event_words import Context, in_words, told
from experiments.events import Event, Events
from sim.config.health import PenaltyKind
from sim.events import KINDS, WORDS

CUTS = (-3.0, -2.1, -1.2, 0.0)
STORE = {"seller": "Northwind", "listing": "Kettle"}
OF_ORDER = {**STORE, "user": 12, "order": FIRST}
LIFE = [
    {"id": 1, "day": 41, "kind": "trip", "what": "kitchen", "user": 12, "shown": 6,
     "examined": ["Wok", "Pan", "Kettle"]},
    {"id": 2, "cause": 1, "day": 41, "kind": "order", "what": "by seller", **OF_ORDER,
     "value": 23.5, "shown_stars": 4.3, "shown_count": 211, "position": 3, "until": 60},
    {"id": 3, "cause": 2, "day": 43, "kind": "dispatch", **OF_ORDER, "until": 43},
    {"id": 4, "cause": 3, "day": 63, "kind": "delivery", **OF_ORDER},
    {"id": 5, "cause": 4, "day": 65, "kind": "feedback", **OF_ORDER, "post": 9, "stars": 1,
     "channel": "feedback", "until": 65, "felt_service": -4.0, "felt_product": -0.5},
    {"id": 6, "cause": 5, "day": 66, "kind": "contact", "what": "apologise", **OF_ORDER, "post": 9,
     "channel": "feedback"},
    {"id": 7, "cause": 6, "day": 66, "kind": "remedy", "what": "refund", **OF_ORDER,
     "value": 11.75},
    {"id": 8, "cause": 6, "day": 68, "kind": "change", **OF_ORDER, "post": 9, "stars_before": 1,
     "stars": 4, "channel": "feedback"},
    {"id": 9, "cause": 6, "day": 70, "kind": "review", **OF_ORDER, "post": 10, "stars": 5,
     "channel": "review", "verified": 1, "until": 72, "prompted_by": 6},
    {"id": 10, "day": 80, "kind": "trip", "what": "garden", "user": 40, "shown": 6,
     "examined": ["Rake"]},
    {"id": 11, "cause": 10, "day": 80, "kind": "review", "user": 40, "post": 11, "stars": 2,
     "channel": "review", "verified": 0, "seller": "Rival 1", "listing": "Rake", "until": 80},
]  # fmt: skip


@pytest.fixture(scope="module")
def events():
    return Events(ledger_of(LIFE))


@pytest.mark.parametrize(
    ("event_id", "in_its_diary", "to_anybody"),
    [
        (1, "looked at 3 of 6 kitchen listings shown",
         "buyer 12 looked at 3 of 6 kitchen listings shown: Wok, Pan and Kettle"),
        (2, "bought Kettle from Northwind for 23.50 USD (4.3 stars of 211 reviews, position 3), "
         "promised for day 60", None),
        (3, "Northwind sent Kettle", "Northwind sent Kettle"),
        (4, "Kettle arrived 3 days late", "Kettle arrived 3 days late"),
        (5, "gave Northwind 1 star, unasked (felt, in private: service 1, product 4)",
         "buyer 12 gave Northwind 1 star, unasked"),
        (6, "Northwind apologised", "Northwind apologised to buyer 12"),
        (7, "Northwind gave 11.75 USD back", "Northwind gave buyer 12 11.75 USD back"),
        (8, "changed the feedback for Northwind from 1 to 4 stars",
         "buyer 12 changed the feedback for Northwind from 1 to 4 stars"),
        (9, "reviewed Kettle with 5 stars, prompted by what Northwind wrote on day 66, "
         "shown from day 72", None),
        (10, "looked at 1 of 6 garden listings shown and bought nothing", None),
        (11, "reviewed Rake with 2 stars", "buyer 40 reviewed Rake with 2 stars, without having "
         "bought it"),
    ],
)  # fmt: skip
def test_a_sentence_by_hand(events, event_id, in_its_diary, to_anybody):
    event = events.find(event_id)
    context = Context(events, CUTS, 30, frozenset({"user", "order"}))
    assert in_words(event, context) == in_its_diary
    if to_anybody is not None:
        assert told(event, events) == to_anybody


def test_who_never_buys_is_named_as_such(events):
    assert in_words(events.find(11), Context(n_buyers=30)) == (
        "non-buying user 40 reviewed Rake with 2 stars"
    )


MESSAGES = WORDS[1 : WORDS.index("at_risk")]
SAID = {
    "past": ("review", "feedback", "bought before", "spends elsewhere"),
    "entry": ("", "kitchen", "offer"),
    "setting": ("price", "relevance", "set_service", "set_price", "pause", "buy_reviews"),
    "trip": ("kitchen",),
    "order": ("by seller", "by platform"),
    "dispatch": ("", "untracked", "cancelled"),
    "delivery": ("", "damaged", "wrong item"),
    "complaint": ("", "unanswered"),
    "claim": ("opened", "granted", "refused", "paid by platform", "chargeback"),
    "return": ("",),
    "feedback": ("", "default", "by intervention"),
    "review": ("", "bought", "by intervention"),
    "change": ("", "softer words", "harsher words", "by intervention"),
    "deletion": ("by author", "with the return", "by intervention"),
    "removal": ("struck through", "folded", "bought, found", "wiped", "default"),
    "contact": tuple(m for m in MESSAGES if m not in ("set_service", "set_price", "pause")),
    "remedy": ("refund", "replacement", "settled", "forgiven"),
    "opt-out": ("",),
    "enforcement": (
        *get_args(PenaltyKind), "forbidden", "found out", "plan accepted", "plan refused",
    ),
    "state": ("healthy", "at risk", "deactivated", "closed", "left"),
    "exit": ("closed", "left"),
    "intervention": ("post", "flip", "change", "delete", "block", "set", "position", "freeze"),
}  # fmt: skip


def test_there_is_a_sentence_for_whatever_can_happen():
    assert set(SAID) == set(KINDS)
    seen = set()
    for kind, whats in SAID.items():
        for what in whats:
            about = {"seller": "Northwind"} if (kind, what) == ("entry", "") else STORE
            event = Event(
                1, None, 41, kind, what or None, user=12, **about, order=5, post=6,
                channel="review", stars=2, stars_before=4, value=3.5, until=50, position=2, shown=6,
                examined=("Kettle", "Wok"),
            )  # fmt: skip
            text = told(event)
            assert not text.startswith(f"{kind} "), "the bare word in place of a sentence"
            assert f"({what})" not in text and "None" not in text and "{" not in text
            assert (kind, text) not in seen or kind in ("past", "exit"), text
            seen.add((kind, text))
