"""One JSON object of which every reader sees the same: no member stands twice, and every number is one."""

import json
from typing import Any

from secmlops.core.errors import VerificationError


def read_object(data: bytes, what: str) -> dict[str, Any]:
    """Object in ``data``; raises VerificationError for anything else, such as a member that stands twice at any depth.

    Parsers differ in which of two members of the same name they take (RFC 8259, section 4): none of them is taken here.
    """
    try:
        read = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise VerificationError(f"{what} is no JSON object") from None
    if not isinstance(read, dict):
        raise VerificationError(f"{what} is no JSON object")
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")  # read_object tells it
    return members


def _no_number(text: str) -> Any:
    raise ValueError(text)
