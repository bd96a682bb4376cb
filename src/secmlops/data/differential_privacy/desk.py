"""Where releases are asked for: by whoever may view the columns, paid from the budget before any noise is drawn."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from secmlops.access.data_right_book import DataRightBook
from secmlops.access.data_rights import ALL, Right
from secmlops.access.identity import Identity
from secmlops.core.clock import Clock
from secmlops.core.digest import Digest
from secmlops.core.errors import GateShutError
from secmlops.core.evidence import Evidence
from secmlops.core.policy import Attested
from secmlops.core.subject import Subject
from secmlops.data.differential_privacy.account import Account, account_of
from secmlops.data.differential_privacy.loss import PrivacyLoss
from secmlops.data.differential_privacy.persons import Source, bounded
from secmlops.data.differential_privacy.query import Query
from secmlops.data.differential_privacy.record import limit_set, refused, released, spent
from secmlops.data.differential_privacy.release import Mechanisms, Released, release
from secmlops.data.differential_privacy.tallies import tallies


@dataclass(frozen=True, slots=True)
class AccountBook:
    """The ledger that the account is kept in: reading it, adding to it, and being the only one who does.

    ``in_turn`` raises VerificationError when another copy of the ledger was spent from last.
    """

    read: Callable[[], Sequence[Attested]]
    record: Callable[[Evidence], Attested]
    in_turn: Callable[[], AbstractContextManager[None]]


class PrivacyDesk:
    """The account of a project's data, and what is released from it; each deed is in the ledger before it is done."""

    def __init__(self, project: Subject, rights: DataRightBook, book: AccountBook, clock: Clock) -> None:
        self._project = project
        self._rights = rights
        self._book = book
        self._clock = clock

    def account(self) -> Account:
        """The account as it stands."""
        return account_of(self._book.read())

    def set_limit(self, limit: PrivacyLoss, dataset: str, user: str | None) -> Account:
        """Set the budget of all releases together; raises GateShutError for whoever may not modify every column."""
        identity = self._allowed(dataset, Right.MODIFY, (ALL,), user)
        with self._book.in_turn():
            self._book.record(limit_set(self._project, limit, self.account(), identity.id, self._clock()))
        return self.account()

    def draw(self, source: Source, query: Query, user: str | None) -> tuple[Released, Attested]:
        """Pay for a query and draw its noise; returns the table and the entry that paid.

        Raises InputError for a query that cannot be answered, which costs nothing, GateShutError when the user may not
        view a column or the budget does not cover it. What is stopped after it was paid stays paid.
        """
        identity = self._allowed(source.subject.name, Right.VIEW, query.columns, user)
        query.check(source.table, source.subject.name)
        mechanisms = Mechanisms.of(query)
        exact = tallies(bounded(source, query.rows_per_person), query)
        paid = self._pay(source, query, identity)
        return release(exact, query, mechanisms), paid

    def record(self, source: Source, query: Query, data: bytes, paid: Attested) -> Attested:
        """Put on record what was released, in the bytes that are handed out."""
        evidence = released(source, query, Digest.of(data), paid.index, self._clock())
        return self._book.record(evidence)

    def _pay(self, source: Source, query: Query, identity: Identity) -> Attested:
        with self._book.in_turn():
            account = self.account()
            if account.left.covers(query.loss):
                paid = self._book.record(spent(self._project, source.subject, query, identity.id, self._clock()))
                account = self.account()
                if paid.index in account.paid:  # and nobody on another machine came before it in the ledger
                    return paid
            why = f"the budget is spent: {query.loss} is asked for, {account.left} is left"
            if account.limit is None:
                why = "no budget was set for releases from this project's data"
            self._book.record(refused(self._project, why, identity.id, self._clock()))
            hint = "ask for less; what was released stays usable as often as you like"
            raise GateShutError(why, hint=hint if account.limit else "secmlops data budget --epsilon 1 sets it")

    def _allowed(self, dataset: str, right: Right, columns: Sequence[str], user: str | None) -> Identity:
        access = self._rights.refresh()
        identity = access.acting(user)
        missing = [c for c in columns if c not in access.allowed(identity, dataset, right, columns)]
        if missing:
            why = f"no right to {right}: {', '.join(missing[:5])}"
            self._book.record(refused(self._project, f"no right to {right}", identity.id, self._clock()))
            hint = "secmlops data who shows who may; secmlops data grant gives a right"
            raise GateShutError(f"{identity.name}: {why}", where=dataset, hint=hint)
        return identity
