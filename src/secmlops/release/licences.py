"""Whether a licence is one of those that are refused: of an SPDX expression by its grammar, of a name by its words.

SPDX Specification 2.3, annex D: OR leaves a choice, AND does not, and binds more tightly; WITH only adds an exception.
"""

import re
from collections.abc import Iterable, Sequence

_TOKEN = re.compile(r"[()]|[^\s()]+")
_DEEPEST = 20


def is_refused(licence: str, refused: Iterable[str], *, spdx: bool) -> bool:
    """Whether nobody may use what is under this ``licence`` who refuses those that begin so.

    ``AGPL`` refuses ``AGPL-3.0-only`` and ``GNU Affero General Public License v3 (AGPLv3)``, not ``MIT OR AGPL-3.0``.
    A name that is no expression is refused for any of its words; so is an expression that cannot be read.
    """
    begins = tuple(one.lower() for one in refused)
    tokens = _TOKEN.findall(licence.lower())
    if spdx and tokens.count("(") == tokens.count(")") <= _DEEPEST:
        return _any_of(tokens, begins)
    return any(re.search(rf"(?<![a-z]){re.escape(one)}", licence.lower()) for one in begins)


def _any_of(tokens: Sequence[str], refused: tuple[str, ...]) -> bool:
    """Refused when every alternative is."""
    return all(_all_of(part, refused) for part in _split(tokens, "or"))


def _all_of(tokens: Sequence[str], refused: tuple[str, ...]) -> bool:
    """Refused when any part is."""
    return any(_one(part, refused) for part in _split(tokens, "and"))


def _one(tokens: Sequence[str], refused: tuple[str, ...]) -> bool:
    if len(tokens) > 1 and tokens[0] == "(" and tokens[-1] == ")":
        return _any_of(tokens[1:-1], refused)
    return bool(tokens) and tokens[0].startswith(refused)


def _split(tokens: Sequence[str], word: str) -> list[Sequence[str]]:
    """Parts between the ``word``s that stand in no brackets."""
    depth, begins, parts = 0, 0, []
    for place, piece in enumerate(tokens):
        depth += (piece == "(") - (piece == ")")
        if piece == word and not depth:
            parts.append(tokens[begins:place])
            begins = place + 1
    return [*parts, tokens[begins:]]
