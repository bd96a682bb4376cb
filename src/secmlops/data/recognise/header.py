"""Splits a column name into words, so that header words are matched whole: ``public`` does not hold ``lic``."""

import re
from collections.abc import Iterable

_WORD = re.compile(r"[A-ZÀ-Þ]+(?![a-zß-ÿ])|[A-ZÀ-Þ]?[a-zß-ÿ]+|[0-9]+")


def header_words(name: str) -> tuple[str, ...]:
    """Words of a column name in lower case: ``dateOfBirth``, ``DATE_OF_BIRTH`` and ``date-of-birth`` are the same."""
    return tuple(word.lower() for word in _WORD.findall(name))


def names_one_of(words: tuple[str, ...], phrases: Iterable[str]) -> bool:
    """Whether one of the phrases, each of one or more words, stands in ``words``, word by word."""
    spaced = f" {' '.join(words)} "
    return any(f" {phrase} " in spaced for phrase in phrases)
