"""No member of a JSON object may be given twice: two readers of one request could otherwise read two requests.

RFC 8259, section 4, leaves open what a name that comes twice means, and decoders differ. Every member has exactly one
colon outside texts, so a body with no more colons than members that were read has none twice; only where there are
more (a text with a colon, a member that was passed over) is the body read a second time, name by name.
"""

import json
from typing import Any, NoReturn

from secmlops.core.errors import InputError

MAX_UNREAD = 2**17
"""Members and colons in texts beyond those that were counted, at most: each costs a look."""
MAX_LISTS = 2**18
"""Lists and objects, at most: each costs far more to make than its bytes to send."""
_SMALL_BYTES = 2**16


def check_lists(body: bytes) -> None:
    """Raise InputError, before anything is made of ``body``, when it would be more than ``MAX_LISTS`` lists."""
    if len(body) > _SMALL_BYTES and body.count(b"[") + body.count(b"{") > MAX_LISTS:
        raise InputError("too many lists and objects", hint="send data flat, or fewer rows at a time")


def check_members(body: bytes, counted: int) -> None:
    """Raise InputError when a member is given twice anywhere in ``body``, which a strict decoder has read before.

    ``counted`` is how many members it read for certain: each at another place, none twice; less is safe, only slower.
    """
    unread = body.count(b":") - counted
    if unread == 0:
        return
    if unread > MAX_UNREAD:
        raise InputError("too many members that are not known here", hint="leave them out")
    try:
        json.loads(body, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_passed, parse_float=_passed)
    except (ValueError, RecursionError):
        raise InputError("the request is not strict JSON", hint="RFC 8259") from None


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise InputError("a member of the request is given twice", hint="give each name once in an object")


def _no_number(name: str) -> NoReturn:
    raise InputError(f"{name} is no JSON", hint="a missing value is null")


def _passed(text: str) -> None:
    """Leave a number unread: only names are looked at."""
