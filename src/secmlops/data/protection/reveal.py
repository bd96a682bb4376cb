"""Reversing pseudonyms: for whoever has the role, with the key while it lives, and never off the record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from secmlops.access.data_access import resource_of
from secmlops.access.data_right_book import DataRightBook
from secmlops.access.data_rights import Right
from secmlops.access.identity import Identity
from secmlops.access.permissions import Action
from secmlops.core.clock import Clock
from secmlops.core.errors import GateShutError, InputError, VerificationError
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject
from secmlops.data.protection.order import Domain
from secmlops.data.protection.reversal_keys import ReversalKeys
from secmlops.data.protection.reversible import revealed
from secmlops.trust.canonical import digest_of

REVEAL, DESTROY = "data.reveal", "data.destroy_reversal"
MOST = 1_000
"""Pseudonyms that are reversed at once: whoever wants a whole column reads the source."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """A column whose pseudonyms can be reversed: the data set it is in, and what its key is bound to."""

    dataset: Subject
    column: str
    domain: Domain

    @property
    def where(self) -> str:
        """The column and its data set, for messages."""
        return f"column {self.column!r} of {self.dataset.name}"


@dataclass(frozen=True, slots=True)
class _Deed:
    """Somebody reverses pseudonyms of a column, or destroys the key; ``pseudonyms`` are then empty."""

    column: Pseudonyms
    identity: Identity
    pseudonyms: tuple[str, ...] = ()

    def evidence(self, at: datetime, stopped: str = "") -> Evidence:
        """Evidence that it was done; with ``stopped``, that it was refused, and why."""
        control, done = (REVEAL, "pseudonyms reversed") if self.pseudonyms else (DESTROY, "reversal key destroyed")
        told = f"refused to {self.identity.id}: {stopped}" if stopped else f"{done} by {self.identity.id}"
        severity = Severity.ERROR if stopped else Severity.NOTE
        return Evidence(
            control=ControlRef(control, "1", digest_of({})),
            stage=Stage.DATA,
            subject=self.column.dataset,
            outcome=Outcome.FAILED if stopped else Outcome.PASSED,
            at=at,
            measures={"pseudonyms": float(len(self.pseudonyms))},
            findings=(Finding(control, severity, told, where=self.column.where),),
            materials={"pseudonyms": digest_of(list(self.pseudonyms))},
        )


@dataclass(frozen=True, slots=True)
class RevealDesk:
    """Where pseudonyms are reversed, and where a reversal key is destroyed.

    What is done, and what was refused, is in the ledger before a value is given out: who, which column, how many, and
    the digest of the pseudonyms; no value, and no pseudonym.
    """

    keys: ReversalKeys = field(repr=False)
    rights: DataRightBook
    record: Callable[[Evidence], object]
    clock: Clock

    def reveal(self, column: Pseudonyms, pseudonyms: Sequence[str], user: str) -> tuple[str, ...]:
        """Values behind the pseudonyms of a column, in their order, with the role of a user.

        Raises GateShutError when no role of the user allows it (or no more), InputError for an unknown user, for more
        than 1,000 pseudonyms, and when the key was destroyed, VerificationError for what is no pseudonym of the column.
        """
        if not 1 <= len(pseudonyms) <= MOST:
            raise InputError(f"{len(pseudonyms)} pseudonyms at once", hint=f"give 1 to {MOST:,}")
        deed = _Deed(column, self.rights.refresh().identity(user), tuple(pseudonyms))
        if not deed.identity.may(Action.DATA_REVEAL, resource_of(column.dataset.name, column.column)):
            hint = "the role revealer does, or one with data.reveal; secmlops access users list shows who has which"
            raise self._refused(deed, "no role allows reversing pseudonyms", hint)
        key = self.keys.held(column.domain)
        if key is None:
            self.record(deed.evidence(self.clock(), "there is no key"))
            hint = "it was destroyed, or no run has made one: nobody can reverse these pseudonyms"
            raise InputError("the key that reverses these pseudonyms is gone", where=column.where, hint=hint)
        try:
            values = revealed(pseudonyms, key)
        except VerificationError as error:
            self.record(deed.evidence(self.clock(), "not all were pseudonyms of this column"))
            raise VerificationError(error.what, where=column.where, hint=error.hint) from None
        self.record(deed.evidence(self.clock()))
        return values

    def destroy(self, column: Pseudonyms, user: str) -> None:
        """Destroy the key of a column: its pseudonyms stay, and nobody can reverse them again.

        Columns of one joined domain share their key, and lose it together. Takes the right to modify the column; raises
        GateShutError without it, InputError when there is no such user or no key.
        """
        access = self.rights.refresh()
        deed = _Deed(column, access.identity(user))
        if not access.allowed(deed.identity, column.dataset.name, Right.MODIFY, [column.column]):
            raise self._refused(deed, "no right to modify", "secmlops data who shows who may")
        if self.keys.held(column.domain) is None:
            raise InputError("there is no key that reverses these pseudonyms", where=column.where)
        self.record(deed.evidence(self.clock()))
        self.keys.destroy(column.domain)

    def _refused(self, deed: _Deed, why: str, hint: str) -> GateShutError:
        self.record(deed.evidence(self.clock(), why))
        return GateShutError(f"{deed.identity.name}: {why}", where=deed.column.where, hint=hint)
