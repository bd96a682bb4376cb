"""Undoes what hides a value from a pattern but not from a reader: characters without width, and look-alike forms."""

import re
import unicodedata
from collections.abc import Callable

import pyarrow.compute as pc

from secmlops.data.arrow import Values

LETTERS = "A-Za-zÀ-ÖØ-öø-\u1fff\u3040-\ud7a3"
"""Letters of all scripts in use, for a character class: ranges that RE2 and Python read alike."""

# Ranges without width; and two signs that stand for a whole phrase, which NFKC makes up to eighteen times longer.
_LEFT_OUT = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufdfa\ufdfb"
_LEFT_OUT_FORM = re.compile(f"[{_LEFT_OUT}]")


def plain_texts(texts: Values) -> Values:
    """Normalisation form NFKC (Unicode Standard Annex 15) of each text, without characters that have no width."""
    if pc.all(pc.string_is_ascii(texts)).as_py():
        return texts
    visible = pc.replace_substring_regex(texts, f"[{_LEFT_OUT}]", "")
    normal: Values = pc.call_function("utf8_normalize", [visible], pc.Utf8NormalizeOptions("NFKC"))
    return normal


def plain_text(text: str) -> str:
    """Do the same to one text."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", _LEFT_OUT_FORM.sub("", text))


def plain_with_places(text: str) -> tuple[str, Callable[[int], int]]:
    """Plain text, and a function that tells where in ``text`` each of its characters comes from.

    Characters are normalised one by one here, so that letters and accents that stand apart stay apart.
    """
    if text.isascii() or (not _LEFT_OUT_FORM.search(text) and unicodedata.is_normalized("NFKC", text)):
        return text, _unmoved
    parts, places = [], []
    for place, character in enumerate(text):
        normal = plain_text(character)
        parts.append(normal)
        places.extend([place] * len(normal))
    return "".join(parts), places.__getitem__


def _unmoved(place: int) -> int:
    return place
