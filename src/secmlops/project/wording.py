"""Words for what does not fit into a project file: what was expected, what was found, and the nearest right word."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

from msgspec import Meta

from secmlops.core.json import Json

_EXPECTED = re.compile(r"Expected `([^`]+)`(.*?)(?:, got `[^`]+`)?", re.DOTALL)
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "str": "text",
        "int": "a whole number",
        "float": "a number",
        "bool": "true or false",
        "array": "a list",
        "object": "a mapping",
        "null": "nothing",
    }
)


def misfit(error: str, kind: Any, value: Json) -> str:
    """Say how ``value`` does not fit ``kind``, from the message of msgspec and what is known of the type."""
    choice = _choice(kind, value)
    expected = _EXPECTED.fullmatch(error.partition(" - at ")[0])
    if choice and not isinstance(value, list | Mapping):
        return f"{shown(value)} is not allowed here{choice}"
    if expected is None:
        return f"{shown(value)} does not fit{choice}"
    named = expected[2].startswith((" matching", " of length"))
    told = _description(kind) if named else " or ".join(_KINDS.get(k, k) for k in expected[1].split(" | "))
    bound = "" if named else expected[2]
    example = "" if named or isinstance(value, list | Mapping) else _description(kind)
    return f"expected {told}{bound}{f' ({example})' if example else ''}, found {shown(value)}{choice}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean X?`` for the nearest known word, or nothing."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


def shown(value: Json) -> str:
    """Return ``value`` in a few characters."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, bool):
        return str(value).lower()
    return "a list" if isinstance(value, list) else repr(value)[:60]


def _description(kind: Any) -> str:
    parts = [part for part in _parts(kind) if isinstance(part, Meta)]
    return next((part.description for part in parts if part.description), "")


def _choice(kind: Any, value: Json) -> str:
    """Return what is allowed, and the nearest of it, where ``kind`` is an enumeration or a choice of literals."""
    allowed = [str(word) for part in _parts(kind) for word in _words(part)]
    return f"; allowed: {', '.join(allowed)}{nearest(str(value), allowed)}" if allowed else ""


def _parts(kind: Any) -> Iterator[Any]:
    """Yield what the type ``kind`` is made of, through annotations and unions."""
    yield kind
    if get_origin(kind) is not Literal:
        for part in (*get_args(kind), *getattr(kind, "__metadata__", ())):
            yield from _parts(part)


def _words(part: Any) -> Iterator[object]:
    if isinstance(part, type) and issubclass(part, Enum):
        yield from (member.value for member in part)
    elif get_origin(part) is Literal:
        yield from get_args(part)
