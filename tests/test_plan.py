"""``run.py check``: what a file would run, in words that are safe on a terminal."""

from __future__ import annotations

from experiments.config import load
from experiments.plan import plan_text

TEXT = """\
question: "Does \\e[31mred\\x9b2J pay?\\nIn words."
platform: amazon_2016
categories: [{name: toys}]
sellers:
  - name: Shop
    focal: true
    listings: [{name: Bear, category: toys}]
rivals: {count: 1}
arms:
  as it is: {}
  "n\\x7fo limit\\u202e": {rivals.load: null, sellers.Shop.listings.Bear.price: 20.0}
  silent: {platform.account.enforced: false}
  more: {sellers.Shop.listings: [{name: Bear, category: toys}, {name: Cat, category: toys}]}
"""


def test_values_are_yaml_and_control_characters_are_written_out(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text(TEXT, encoding="utf-8")
    text = plan_text(load(file))
    assert text.isascii() and all(c.isprintable() or c == "\n" for c in text)
    assert "Does \\x1b[31mred\\x9b2J pay?\nIn words." in text
    assert "n\\x7fo limit\\u202e" in text
    assert "rivals.load: 0.5 -> null" in text
    assert "Bear.price: null -> 20.0" in text
    assert "platform.account.enforced: true -> false" in text
    assert '"name": "Cat"' in text and "Listing(" not in text and "None" not in text
