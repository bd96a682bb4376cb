"""What a scan says of one file: safe, dangerous or cannot tell, with every finding and the place of each."""

from dataclasses import dataclass
from enum import StrEnum

from secmlops.core.finding import Finding


class Verdict(StrEnum):
    """The three answers. Only ``safe`` opens a gate; ``cannot_tell`` is an answer, not a failure."""

    SAFE = "safe"
    CANNOT_TELL = "cannot_tell"
    DANGEROUS = "dangerous"

    @property
    def rank(self) -> int:
        """0 for safe, 1 for cannot tell, 2 for dangerous: the worst of several verdicts has the highest rank."""
        return _RANKS[self]


_RANKS = {Verdict.SAFE: 0, Verdict.CANNOT_TELL: 1, Verdict.DANGEROUS: 2}
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A byte in a file, or in a member of an archive in it.

    ``path`` runs from the file inwards; ``offset``, in bytes, counts from the beginning of the innermost part, as it is
    after decompression.
    """

    path: tuple[str, ...]
    offset: int = 0

    def inside(self, member: str) -> "Place":
        """Beginning of the member named ``member``."""
        return Place((*self.path, member))

    def at(self, offset: int) -> "Place":
        """Another byte of the same part."""
        return Place(self.path, offset)

    @property
    def name(self) -> str:
        """The innermost name."""
        return self.path[-1]

    def __str__(self) -> str:
        return f"{'!/'.join(shown(p) for p in self.path)} at byte {self.offset}"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was found in one file.

    ``format`` is what the bytes are by content, ``size`` their number; ``places`` holds one place for each of
    ``findings``, in the same order.
    """

    name: str
    format: str
    size: int
    verdict: Verdict
    findings: tuple[Finding, ...]
    places: tuple[Place, ...]


def shown(text: str) -> str:
    """Text out of an untrusted file, fit for a message: printable ASCII, cut at 200 characters."""
    plain = text if text.isascii() and text.isprintable() else ascii(text)[1:-1]
    return plain if len(plain) <= _LONGEST_NAME else f"{plain[:_LONGEST_NAME]}..."
