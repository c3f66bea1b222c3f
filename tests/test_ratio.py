"""What the relative benchmark says of a ratio; no test asserts a time."""

from __future__ import annotations

import pytest

from benchmarks import ratio


@pytest.mark.parametrize(
    ("now", "code", "word"),
    [(4.0, 0, ""), (6.0, 0, ""), (6.1, 0, "warning"), (12.0, 0, "warning"), (12.1, 1, "--renew")],
)
def test_a_warning_above_half_as_much_again_and_a_failure_above_three_times(now, code, word):
    said, found = ratio.verdict(now, 4.0)
    assert found == code and word in said
    assert ("warning" in said) == (word == "warning")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"ratio": "5"}', '{"ratio": 0}', '{"ratio": true}']
)
def test_a_stored_ratio_that_is_none_is_named(tmp_path, text):
    path = tmp_path / "ratio.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"ratio\.json"):
        ratio.stored(path)


def test_what_is_missing_or_unexplained_is_a_mistake_not_a_traceback(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(ratio, "stored", lambda: (_ for _ in ()).throw(ValueError("is missing")))
    assert ratio.main([]) == 2
    assert ratio.main(["--renew", " "]) == 2
    assert "missing" in capsys.readouterr().err


def test_the_ratio_that_is_kept_says_why():
    assert ratio.stored() > 1.0
    assert '"why"' in ratio.STORED.read_text()
