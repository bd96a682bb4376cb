import pytest

from secmlops.core.visible import shortened, visible


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\x00", "\x1b", "\ud800", "\u2028", "\ue000", "\xad"])
def test_what_hides_or_reorders_text_is_named(hidden: str) -> None:
    assert visible(f"a{hidden}b") == f"a[U+{ord(hidden):04X}]b"


def test_ordinary_text_of_any_script_stays() -> None:
    text = "Straße 東京 naïve\n\tend 12 €"
    assert visible(text) == text


def test_shortening_counts_what_is_seen_and_keeps_one_line() -> None:
    assert shortened("a\u202eb", 20) == "a[U+202E]b"
    assert shortened("a\nb", 20) == "a b"
    assert shortened("x" * 30, 10) == "x" * 9 + "…"
    assert shortened("x" * 10, 10) == "x" * 10
