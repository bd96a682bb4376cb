"""Decides whether values of a table may stand in a message: few, short, and none that looks like a person's."""

import re
from collections.abc import Sequence

from secmlops.data.recognise.catalogue import RECOGNISERS
from secmlops.data.recognise.header import header_words, names_one_of
from secmlops.data.recognise.plain_text import plain_text
from secmlops.data.recognise.recogniser import NEVER, Recogniser
from secmlops.data.recognise.spans import spans

MAX_SHOWN = 5
MAX_CHARACTERS = 40


def is_presentable(text: str) -> bool:
    """Whether a text of at most 40 characters is no personal value by its form and check, and mentions none."""
    plain = plain_text(text[: MAX_CHARACTERS + 1])
    if len(plain) > MAX_CHARACTERS or spans(plain):
        return False
    return not any(_tells(recogniser, plain) for recogniser in RECOGNISERS)


def presented(values: Sequence[str], header: str) -> str:
    """Values of the column ``header`` for a message, quoted; empty if they are more than 5 or one must not be told."""
    words = header_words(header)
    personal = any(names_one_of(words, recogniser.headers) for recogniser in RECOGNISERS)
    if personal or len(values) > MAX_SHOWN or not all(map(is_presentable, values)):
        return ""
    return ", ".join(repr(value) for value in values)


def _tells(recogniser: Recogniser, text: str) -> bool:
    by_value = recogniser.whole and recogniser.bare_share < NEVER and re.search(recogniser.whole, text, re.ASCII)
    return bool(by_value and recogniser.confirms(text))
