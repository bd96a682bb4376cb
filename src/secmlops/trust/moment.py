"""The one text form of a moment: RFC 3339, in UTC, with microseconds."""

import re
from datetime import UTC, datetime

from secmlops.core.errors import InputError

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z", re.ASCII)


def write_moment(moment: datetime) -> str:
    """Text of ``moment``, as ``2025-03-01T09:30:00.000000Z``; raises InputError when it has no time zone."""
    if moment.tzinfo is None:
        raise InputError("a moment without a time zone", hint="moments are in UTC, with their time zone")
    try:
        return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except OverflowError:
        raise InputError("a moment outside the years 1 to 9999 in UTC") from None


def read_moment(text: str) -> datetime:
    """Read what ``write_moment`` wrote; raises InputError for any other form."""
    try:
        if _FORM.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:  # the form is right and the date is not: the thirtieth of February
        pass
    raise InputError(f"{text[:40]!r} is not a moment", hint="written as 2025-03-01T09:30:00.000000Z")
