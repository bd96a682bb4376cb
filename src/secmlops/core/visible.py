"""Untrusted text made visible: characters that hide, reorder or break text are shown as their code points.

A column name with a right-to-left override could otherwise make a page say the opposite of what it says (Unicode
Technical Standard 39, section 4; CVE-2021-42574), and an escape sequence steer a terminal.
"""

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_KEPT = frozenset("\n\t")


def visible(text: str) -> str:
    """Text in which every control, format, surrogate, private and unassigned character reads ``[U+202E]``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def shortened(text: str, length: int) -> str:
    """At most ``length`` visible characters, an ellipsis for the rest: for pictures, where the table has the whole."""
    seen = visible(text).replace("\n", " ")
    return seen if len(seen) <= length else f"{seen[: length - 1]}…"


def _shown(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _HIDDEN:
        return character
    return f"[U+{ord(character):04X}]"
