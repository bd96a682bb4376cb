"""Masks all of a value but its last characters, so that a person can tell it from others without reading it."""

from secmlops.data.arrow import Chunks
from secmlops.data.protection.each_value import OnTexts, map_texts, on_each

COVER = "*"
_SEPARATORS = frozenset(" -./:()+,@_#")
_SHARE = 3
"""At most one character in three is shown: four of a card number, none of two letters."""


def mask(column: Chunks, shown: int) -> Chunks:
    """Text forms [n] of which the last ``shown`` letters and digits are left, at most a third of them.

    Separators stay, so that the format does: ``**** **** **** 1111``. This is a mask for displays (PCI DSS 4.0,
    requirement 3.4.1), no pseudonym: it cannot be joined reliably, and what is shown, and the length, is in clear.
    """
    return map_texts(column, masking(shown))


def masking(shown: int) -> OnTexts:
    """What ``mask`` does with the different texts of a column."""
    return on_each(lambda text: masked(text, shown))


def masked(text: str, shown: int) -> str:
    """One text, masked."""
    covered = sum(character not in _SEPARATORS for character in text)
    hidden = covered - min(shown, covered // _SHARE)
    parts = []
    for character in text:
        hides = character not in _SEPARATORS and hidden > 0
        hidden -= hides
        parts.append(COVER if hides else character)
    return "".join(parts)
