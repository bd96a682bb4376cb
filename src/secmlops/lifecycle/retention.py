"""How long data are kept: what is due, destroying its keys, and the certificate that nothing of it can be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import Attested
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.columns.store import ColumnStore
from secmlops.data.governance.lineage import Lineage, lineage_of
from secmlops.lifecycle.sealed import product_kind
from secmlops.trust.canonical import digest_of
from secmlops.vault.address import Address
from secmlops.vault.vault import Vault

CONTROL = "data.retention"
_SOURCE_KIND = "source"
_READS_SOURCE = ("data.schema", "data.personal")


@dataclass(frozen=True, slots=True)
class HeldData:
    """A source table that the ledger knows ``since`` a moment, to be kept ``until`` another.

    ``objects`` are the table and everything made of it on the way to a model, whether it is still there or not;
    ``left`` what is. ``models`` were made of it: they stay, with what is released beside them. ``certificate`` is the
    latest entry that says that nothing was left, None before there is one.
    """

    digest: Digest
    since: datetime
    until: datetime
    objects: tuple[Address, ...]
    left: tuple[Address, ...]
    models: tuple[Digest, ...]
    certificate: int | None

    def is_due(self, now: datetime) -> bool:
        """Whether something is to be destroyed, or to be certified, at ``now``."""
        return now > self.until and (bool(self.left) or self.certificate is None)


class Retention:
    """The data of one project, by its evidence, and the stores that hold them."""

    def __init__(self, evidence: Sequence[Attested], vault: Vault, columns: ColumnStore) -> None:
        self._evidence = [attested for attested in evidence if attested.roles]
        self._vault = vault
        self._columns = columns

    def held(self, period: timedelta, now: datetime) -> tuple[HeldData, ...]:
        """Every source table, oldest first. What one that is not due shares with one that is, stays.

        Of a clock that is behind the ledger, the ledger's time counts.
        """
        now = latest_time(self._evidence, now)
        lineage = lineage_of(self._evidence)
        sources = (a.evidence.subject.digest for a in self._evidence if a.evidence.control.id in _READS_SOURCE)
        since = {digest: now - known_for(self._evidence, digest, now) for digest in dict.fromkeys(sources)}
        made = {digest: _made_of(digest, lineage) for digest in since}
        needed = {address for digest, known in since.items() if known + period >= now for address in made[digest]}
        stored_tables = frozenset(self._columns.list())
        held = []
        for digest, known in sorted(since.items(), key=lambda item: item[1]):
            objects = made[digest] if known + period >= now else tuple(a for a in made[digest] if a not in needed)
            left = tuple(a for a in objects if a.digest in stored_tables or self._vault.has(a.digest, a.kind))
            models = _models_of(digest, lineage)
            held.append(HeldData(digest, known, known + period, objects, left, models, self._certificate(digest)))
        return tuple(held)

    def destroy(self, held: HeldData, period: timedelta, now: datetime) -> Evidence:
        """Destroy the keys of what is left, then the objects; return the certificate, which is yet to be signed.

        May be stopped at any point and run again: the certificate names everything that is gone, whoever destroyed it.
        Raises InputError when the data are not due.
        """
        now = latest_time(self._evidence, now)
        if now <= held.until:
            raise InputError("these data are not due", where=held.digest.short, hint=f"they stay until {held.until:%F}")
        for address in held.left:
            self._columns.destroy(address.digest)
            self._vault.destroy(address.digest, address.kind)
        tables = frozenset(self._columns.list())
        left = [a for a in held.objects if a.digest in tables or self._vault.has(a.digest, a.kind)]
        return _certificate(held, left, period, now)

    def _certificate(self, digest: Digest) -> int | None:
        """Place of the latest certificate about a table."""
        found = [a for a in self._evidence if a.evidence.control.id == CONTROL and a.evidence.subject.digest == digest]
        return found[-1].index if found and found[-1].evidence.outcome is Outcome.PASSED else None


def known_for(evidence: Sequence[Attested], digest: Digest, now: datetime) -> timedelta:
    """How long the ledger has known ``digest``: since the first evidence about it that counts."""
    known = [a.evidence.at for a in evidence if a.roles and a.evidence.subject.digest == digest]
    return max(latest_time(evidence, now) - min(known), timedelta()) if known else timedelta()


def latest_time(evidence: Sequence[Attested], now: datetime) -> datetime:
    """``now``, or the latest time of evidence that counts, if the clock is behind it: a clock set back wins no time."""
    return max([now, *(a.evidence.at for a in evidence if a.roles)])


def _made_of(source: Digest, lineage: Lineage) -> tuple[Address, ...]:
    """Addresses of a table and of everything made of it without a model; models themselves are not among them."""
    models = lineage.models
    found = {source: Address(_SOURCE_KIND, source)}
    for derivation in lineage.downstream(source):
        if not models.intersection(derivation.inputs):
            for digest, name in derivation.outputs.items():
                if digest not in models:
                    found[digest] = Address(product_kind(derivation.control, name), digest)
    return tuple(found.values())


def _models_of(source: Digest, lineage: Lineage) -> tuple[Digest, ...]:
    made = {digest for derivation in lineage.downstream(source) for digest in derivation.outputs}
    return tuple(sorted(made & lineage.models))


def _certificate(held: HeldData, left: Sequence[Address], period: timedelta, now: datetime) -> Evidence:
    days = period / timedelta(days=1)
    gone = [address for address in held.objects if address not in left]
    told = f"{len(gone)} objects can be read by nobody any more: their keys were destroyed"
    findings = [Finding("retention.destroyed", Severity.NOTE, told)]
    if held.models:
        told = f"{len(held.models)} models that were made of the data stay, with what was released beside them"
        findings.append(Finding("retention.models", Severity.NOTE, told))
    if left:
        findings.append(Finding("retention.left", Severity.ERROR, f"{len(left)} objects are still there"))
    return Evidence(
        control=ControlRef(CONTROL, "1", digest_of({"days": days})),
        stage=Stage.DATA,
        subject=Subject(SubjectKind.DATASET, _SOURCE_KIND, held.digest),
        outcome=Outcome.FAILED if left else Outcome.PASSED,
        at=now,
        measures={
            "destroyed_objects": float(len(gone)),
            "left_objects": float(len(left)),
            "models": float(len(held.models)),
            "age_days": (now - held.since) / timedelta(days=1),
            "retention_days": days,
        },
        findings=tuple(findings),
        materials={
            **{f"destroyed {address.kind} {address.digest.short}": address.digest for address in gone},
            **{f"model {digest.short}": digest for digest in held.models},
        },
    )
