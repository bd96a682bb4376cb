"""One scan under way: what was found so far, and how much more work the limits allow."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from secmlops.core.errors import VerificationError
from secmlops.core.finding import Finding, Severity
from secmlops.release.scan.limits import Limits
from secmlops.release.scan.rules import ARCHIVE_BOMB, Rule
from secmlops.release.scan.verdict import Place, Verdict

Data = bytes | memoryview
_SEVERITIES = {
    Verdict.DANGEROUS: Severity.ERROR,
    Verdict.CANNOT_TELL: Severity.ERROR,
    Verdict.SAFE: Severity.NOTE,
}
_FREE_EXPANSION = 1 << 20


class LimitReached(VerificationError):  # noqa: N818  (the name says which verification failed)
    """The file asks for more work than the limits allow; the reader that runs is abandoned."""


@dataclass(slots=True)
class Inspection:
    """Findings, verdict and budgets of one scan. ``descend`` reads a part found inside another part."""

    limits: Limits
    descend_into: Callable[[Place, Data, "Inspection"], str]
    findings: list[Finding] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    verdict: Verdict = Verdict.SAFE
    _seen: set[tuple[str, Place, str]] = field(default_factory=set)
    _members: int = 0
    _expanded: int = 0
    _opcode_bytes: int = 0

    def flag(self, rule: Rule, place: Place, message: str) -> None:
        """Note that ``rule`` is broken at ``place``; ``message`` must quote untrusted text only through ``shown``."""
        if rule.verdict.rank > self.verdict.rank:
            self.verdict = rule.verdict
        known = (rule.id, place, message)
        if len(self.findings) >= self.limits.findings or known in self._seen:
            return
        self._seen.add(known)
        self.findings.append(Finding(rule.id, _SEVERITIES[rule.verdict], message, str(place), rule.hint))
        self.places.append(place)

    def scratch(self) -> "Inspection":
        """Return an empty inspection with what is left of the budget, to try a reading whose findings may not count."""
        return Inspection(replace(self.limits, opcode_bytes=self.opcode_room(), depth=0), self.descend_into)

    def descend(self, place: Place, data: Data) -> str:
        """Read ``data``, found inside another part, by its content; returns its format."""
        if len(place.path) > self.limits.depth:
            self.flag(ARCHIVE_BOMB, place, f"nested more than {self.limits.depth} deep: not read")
            return "unread"
        return self.descend_into(place, data, self)

    def count_members(self, more: int) -> None:
        """Account for members of an archive; raises LimitReached."""
        self._members += more
        if self._members > self.limits.members:
            raise LimitReached(f"more than {self.limits.members} members in the archives of this file")

    def room(self, compressed: int) -> int:
        """How many bytes a compressed part of ``compressed`` bytes may still yield."""
        by_ratio = _FREE_EXPANSION + compressed * self.limits.ratio
        return min(by_ratio, self.limits.expanded_bytes - self._expanded)

    def count_expanded(self, size: int) -> None:
        """Account for decompressed bytes; raises LimitReached."""
        self._expanded += size
        if self._expanded > self.limits.expanded_bytes:
            raise LimitReached(f"expands to more than {self.limits.expanded_bytes} bytes")

    def opcode_room(self) -> int:
        """How many bytes may still be read as pickle opcodes."""
        return self.limits.opcode_bytes - self._opcode_bytes

    def count_opcodes(self, size: int) -> None:
        """Account for bytes read as pickle opcodes."""
        self._opcode_bytes += size
