"""Names of users and roles: plain enough to be shown anywhere."""

import re

from secmlops.core.errors import InputError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}", re.ASCII)


def check_name(name: str, what: str) -> None:
    """Raise InputError for what is not 1 to 64 plain characters; ``what`` is what it was to name."""
    if not is_name(name):
        raise InputError(f"{name[:64]!r} cannot name {what}", hint="letters, digits, space . _ @ - (at most 64)")


def is_name(name: str) -> bool:
    """Whether this is 1 to 64 plain characters, the first of them a letter or a digit."""
    return bool(_NAME.fullmatch(name))
