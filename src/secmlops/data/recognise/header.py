"""Splits a column name into words, so that header words are matched whole: ``public`` does not hold ``lic``."""

import re
from collections.abc import Iterable

from secmlops.data.recognise.plain_text import plain_text

_LONGEST_NAME = 200
_WORD = re.compile(r"[A-ZÀ-Þ]+(?![a-zß-ÿ])|[A-ZÀ-Þ]?[a-zß-ÿ]+|[0-9]+|[\u0100-\u1fff\u3040-\ud7a3]+")


def header_words(name: str) -> tuple[str, ...]:
    """Words of a column name in lower case: ``dateOfBirth``, ``DATE_OF_BIRTH`` and ``date-of-birth`` are the same."""
    return tuple(word.lower() for word in _WORD.findall(plain_text(name[:_LONGEST_NAME])))


def all_words(text: str) -> frozenset[str]:
    """Words of a plain text in lower case, told apart as those of a column name are."""
    return frozenset(map(str.lower, _WORD.findall(text)))


def names_one_of(words: tuple[str, ...], phrases: Iterable[str]) -> bool:
    """Whether one of the phrases, each of one or more words, stands in ``words``, word by word."""
    spaced = f" {' '.join(words)} "
    return any(f" {phrase} " in spaced for phrase in phrases)


def numbered(*words: str) -> tuple[str, ...]:
    """German words with the word for number behind each: ``telefonnummer``, ``telefonnr``, ``telefon nummer``."""
    return tuple(f"{word}{ending}" for word in words for ending in ("nummer", "nr", " nummer", " nr"))
