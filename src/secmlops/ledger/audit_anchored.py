"""The audit of a log that is anchored in another one: what the anchors say of it must still be so."""

from collections.abc import Sequence

from secmlops.core.errors import VerificationError
from secmlops.core.finding import Finding
from secmlops.ledger.anchor import Anchors, read_anchors
from secmlops.ledger.audit import AuditReport, audit, finding
from secmlops.ledger.checkpoint import Checkpoint
from secmlops.ledger.storage import Storage
from secmlops.ledger.view import LedgerView
from secmlops.trust.keys import PublicKey


def audit_anchored(
    storage: Storage | None, keys: Sequence[PublicKey], origin: str, outer: LedgerView, *earlier: Checkpoint
) -> AuditReport:
    """Audit the log ``origin``, and hold it against its anchors in ``outer`` and ``earlier`` checkpoints kept outside.

    ``storage`` None: there is no such log, which is a finding when it was anchored or kept. Damage is reported, not
    raised; InputError when something cannot be read or one of ``earlier`` is of another log.
    """
    anchors, findings = _anchors(outer, keys, origin)
    known = (*earlier, *anchors.checkpoints)
    if storage is None:
        if known:
            most = max(checkpoint.size for checkpoint in known)
            findings.append(finding("log-missing", f"the log is gone; it had {most} entries or more"))
        return AuditReport(0, 0, tuple(findings))
    report = audit(storage, keys, origin, *known)
    if report.size and not anchors.checkpoints:
        findings.append(finding("anchor-missing", f"the log was never anchored in {outer.origin}"))
    return AuditReport(report.size, report.entries, (*report.findings, *findings))


def _anchors(outer: LedgerView, keys: Sequence[PublicKey], origin: str) -> tuple[Anchors, list[Finding]]:
    try:
        anchors = read_anchors(outer, keys, origin)
    except VerificationError as error:
        return Anchors((), ()), [finding("anchors-unreadable", f"the anchors cannot be trusted: {error}")]
    if not anchors.forged:
        return anchors, []
    places = ", ".join(map(str, anchors.forged[:20]))
    what = f"{len(anchors.forged)} anchors are no signed checkpoint of this log, entries of {outer.origin}: {places}"
    return anchors, [finding("anchor-forged", what)]
