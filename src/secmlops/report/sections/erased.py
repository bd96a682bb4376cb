"""What was erased and destroyed, by the certificates in the ledger, and how long data may be kept; nothing personal."""

from dataclasses import dataclass
from datetime import datetime

from secmlops.core.counting import counted
from secmlops.core.evidence import Evidence, Outcome
from secmlops.lifecycle.retention import CONTROL as RETENTION
from secmlops.lifecycle.retention import HeldData
from secmlops.report.marks import Mark
from secmlops.report.material import Certified, ReportMaterial

ERASURE, BEGUN = "data.erasure", "data.erasure-intent"
COLUMN, REVERSAL = "data.destroy", "data.destroy_reversal"
CERTIFICATES = (ERASURE, RETENTION, COLUMN, REVERSAL)
"""Controls whose evidence certifies that something is gone."""

_WHAT = {
    ERASURE: "a person's data, on request",
    RETENTION: "a source table whose time was over",
    REVERSAL: "the key that reversed pseudonyms of a column",
}
_GONE, _LEFT = Mark("✓", "gone", "good"), Mark("✗", "not all is gone", "bad")
_KEPT, _DUE, _PAST = Mark("→", "kept", "quiet"), Mark("✗", "due", "bad"), Mark("✓", "destroyed", "good")


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was erased or destroyed: ``certificate`` is the digest of the entry that says so."""

    what: str
    at: datetime
    told: str
    entry: int
    certificate: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Kept:
    """A source table, by its digest, and until when it may be kept."""

    digest: str
    since: datetime
    until: datetime
    left: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class ErasedView:
    """One sentence about what is gone, one about what is kept, and what they speak of, oldest first."""

    sentence: str
    keeping: str
    deeds: tuple[Deed, ...]
    kept: tuple[Kept, ...]


def erased_view(material: ReportMaterial) -> ErasedView:
    """Return what the certificates say, and the days of the tables."""
    deeds = tuple(map(_deed, material.certificates))
    kept = tuple(_kept(held, material.at) for held in material.held)
    return ErasedView(_sentence(material), _keeping(material, kept), deeds, kept)


def _deed(certified: Certified) -> Deed:
    evidence = certified.evidence
    what = _WHAT.get(evidence.control.id) or counted(int(evidence.measures.get("columns", 0)), "column")
    mark = _GONE if evidence.outcome is Outcome.PASSED else _LEFT
    return Deed(what, evidence.at, _told(evidence), certified.index, certified.digest.short, mark)


def _told(evidence: Evidence) -> str:
    """How much is gone, and which models forgot: by the measures, as findings may name columns and users."""
    measures = evidence.measures
    gone = counted(int(measures.get("destroyed_objects", 0)), "stored object")
    if evidence.control.id == ERASURE:
        rows, models = counted(int(measures.get("rows", 0)), "row"), int(measures.get("forgotten_models", 0))
        revoked = int(measures.get("revoked_releases", 0))
        way = "; ".join(f.message for f in evidence.findings if f.rule == "erasure.models") or f"{models} models forgot"
        released = f"; {counted(revoked, 'release')} revoked" if revoked else ""
        return f"{rows}, the keys of {gone}" + (f"; {way}" if models else "") + released
    if evidence.control.id == RETENTION:
        models = int(measures.get("models", 0))
        stay = f"; models made of it that stay: {models}" if models else ""
        return f"the keys of {gone}, after {measures.get('age_days', 0):.0f} days{stay}"
    return "its key, and so every copy"


def _sentence(material: ReportMaterial) -> str:
    if not material.certificates and not material.begun:
        return "Nothing was erased or destroyed so far."
    passed = [c.evidence.control.id for c in material.certificates if c.evidence.outcome is Outcome.PASSED]
    told = [
        f"{counted(passed.count(ERASURE), 'erasure')} of a person's data",
        f"{counted(passed.count(RETENTION), 'table')} over time",
        f"{counted(passed.count(COLUMN) + passed.count(REVERSAL), 'key')} of columns",
    ]
    begun = f" Begun and not finished: {counted(material.begun, 'erasure')}." if material.begun else ""
    return f"Gone, by signed certificates: {', '.join(told)}.{begun} Certificates name digests, and no person."


def _kept(held: HeldData, now: datetime) -> Kept:
    mark = _DUE if held.is_due(now) else _PAST if held.certificate is not None and not held.left else _KEPT
    left = f"{len(held.left)} of {len(held.objects)}"
    return Kept(held.digest.short, held.since, held.until, left, mark)


def _keeping(material: ReportMaterial, kept: tuple[Kept, ...]) -> str:
    if material.retention is None:
        return "The project file does not say how long its data may be kept (data.governance.retention)."
    due = sum(one.mark is _DUE for one in kept)
    told = f"Source tables may be kept for {material.retention}."
    return f"{told} Overdue: {due}; secmlops data retention lists them." if due else f"{told} None is overdue."
