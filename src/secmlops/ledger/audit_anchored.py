"""The audit of a log that is anchored in another one: what the anchors say of it must still be so."""

from collections.abc import Sequence

from secmlops.core.counting import counted
from secmlops.core.errors import VerificationError
from secmlops.core.finding import Finding
from secmlops.ledger.anchor import Anchors, read_anchors
from secmlops.ledger.audit import AuditReport, audit, finding
from secmlops.ledger.checkpoint import Checkpoint
from secmlops.ledger.storage import Storage
from secmlops.ledger.view import LedgerView
from secmlops.trust.keys import PublicKey

_NAMED = 20


def audit_anchored(
    storage: Storage | None,
    keys: Sequence[PublicKey],
    origin: str,
    outer: LedgerView,
    *earlier: Checkpoint,
    revoked: Sequence[PublicKey] = (),
) -> AuditReport:
    """Audit the log ``origin``, and hold it against its anchors in ``outer`` and ``earlier`` checkpoints kept outside.

    ``storage`` None: there is no such log, which is a finding when it was anchored or kept. Damage is reported, not
    raised; InputError when something cannot be read or one of ``earlier`` is of another log.

    An anchor whose key was ``revoked`` since says what it always said: its place in ``outer`` is vouched for by a key
    that counts, so it was there before the entries that follow it. Only whoever held the key then can have made it:
    where the log does not fit it, it is told apart, for it may be the thief's.
    """
    anchors, findings = _anchors(outer, keys, origin, revoked)
    known = (*earlier, *anchors.checkpoints)
    everything = (*known, *anchors.by_revoked)
    if storage is None:
        if everything:
            most = max(checkpoint.size for checkpoint in everything)
            findings.append(finding("log-missing", f"the log is gone; it had {_entries(most)} or more"))
        return AuditReport(0, 0, tuple(findings))
    report = audit(storage, keys, origin, *known)
    if anchors.by_revoked and report.ok and not audit(storage, keys, origin, *anchors.by_revoked).ok:
        what = "an anchor by a key that was revoked does not fit the log: one of them was made by a thief of the key"
        findings.append(finding("anchor-doubtful", what))
    if report.size and not (anchors.checkpoints or anchors.by_revoked):
        findings.append(finding("anchor-missing", f"the log was never anchored in {outer.origin}"))
    return AuditReport(report.size, report.entries, (*report.findings, *findings))


def _anchors(
    outer: LedgerView, keys: Sequence[PublicKey], origin: str, revoked: Sequence[PublicKey]
) -> tuple[Anchors, list[Finding]]:
    try:
        anchors = read_anchors(outer, keys, origin, revoked)
    except VerificationError as error:
        return Anchors((), ()), [finding("anchors-unreadable", f"the anchors cannot be trusted: {error}")]
    if not anchors.forged:
        return anchors, []
    many, places = len(anchors.forged), ", ".join(map(str, anchors.forged[:_NAMED]))
    is_none = f"{counted(many, 'anchor')} {'is' if many == 1 else 'are'} no signed checkpoint of this log"
    named = f"{'entry' if many == 1 else 'entries'} of {outer.origin}: {places}"
    return anchors, [finding("anchor-forged", f"{is_none}, {named}")]


def _entries(number: int) -> str:
    return counted(number, "entry", "entries")
