"""Where releases are asked for: by whoever may view the columns, paid from the budget before anybody sees them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

from secmlops.access.data_right_book import DataRightBook
from secmlops.access.data_rights import ALL, Right
from secmlops.access.identity import Identity
from secmlops.core.clock import Clock
from secmlops.core.digest import Digest
from secmlops.core.errors import GateShutError, InputError, SecmlopsError
from secmlops.core.evidence import Evidence
from secmlops.core.policy import Attested
from secmlops.core.subject import Subject
from secmlops.data.columns.export import table_bytes
from secmlops.data.differential_privacy.account import RELEASED, Account, account_of
from secmlops.data.differential_privacy.loss import PrivacyLoss
from secmlops.data.differential_privacy.persons import Source, bounded
from secmlops.data.differential_privacy.query import Query
from secmlops.data.differential_privacy.record import (
    RELEASE,
    SPENT_ENTRY,
    limit_set,
    promised,
    refused,
    released,
    spent,
)
from secmlops.data.differential_privacy.release import Mechanisms, Released, release
from secmlops.data.differential_privacy.shelf import Drawn, Shelf
from secmlops.data.differential_privacy.tallies import tallies


@dataclass(frozen=True, slots=True)
class AccountBook:
    """The ledger that the account is kept in: reading it, adding to it, and being the only one who does.

    ``in_turn`` raises VerificationError when another copy of the ledger was spent from last. ``shelf`` keeps what was
    drawn.
    """

    read: Callable[[], Sequence[Attested]]
    record: Callable[[Evidence], Attested]
    in_turn: Callable[[], AbstractContextManager[None]]
    shelf: Shelf


@dataclass(frozen=True, slots=True)
class Bought:
    """A release that was paid: the bytes to hand out, the entry that paid, and the table that they hold."""

    drawn: Drawn
    paid: Attested
    released: Released


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

    def draw(self, source: Source, query: Query, user: str | None, ending: str = ".csv") -> Bought:
        """Draw the noise of a query, and pay for it before anybody sees the result.

        What was drawn is stored, encrypted, before it is paid: a disk that is full then costs nothing, and whatever
        stops us later, ``again`` hands out the same bytes. Raises InputError for a query that cannot be answered, which
        costs nothing, GateShutError when the user may not view a column or the budget does not cover it.
        """
        identity = self._allowed(source.subject.name, Right.VIEW, query.columns, user)
        query.check(source.table, source.subject.name)
        mechanisms = Mechanisms.of(query)
        exact = tallies(bounded(source, query.rows_per_person), query)
        kept: list[Digest] = []
        with self._fetchable(kept), self._book.in_turn():
            self._book.shelf.drop_all_but(self._bought())
            if not self.account().left.covers(query.loss):
                raise self._refused(query, identity)
            found = release(exact, query, mechanisms)
            data, name = table_bytes(found.table, ending), source.subject.name
            drawn = Drawn(data, ending, name, query.columns, promised(source, query))
            deed = spent(self._project, source.subject, query, identity.id, self._clock())
            kept.append(self._book.shelf.put(drawn))
            paid = self._book.record(replace(deed, materials={**deed.materials, RELEASE: kept[0]}))
            if paid.index not in self.account().paid:  # somebody on another machine came before it in the ledger
                raise self._refused(query, identity)
            return Bought(drawn, paid, found)

    @contextmanager
    def _fetchable(self, kept: Sequence[Digest]) -> Iterator[None]:
        """Say how to get what was stored, when something stops us after it was paid."""
        try:
            yield
        except (SecmlopsError, OSError) as error:
            paid = self.account().paid if kept else ()
            ours = [a.index for a in self._book.read() if a.evidence.materials.get(RELEASE) in kept and a.index in paid]
            if not ours:
                raise
            raise fetchable(error, ours[0]) from None

    def record(self, drawn: Drawn, paid: Attested) -> Attested:
        """Put on record what was released, in the bytes that are handed out, once."""
        for attested in self._book.read():
            evidence = attested.evidence
            if evidence.control.id == RELEASED and evidence.measures.get(SPENT_ENTRY) == paid.index:
                return attested
        return self._book.record(released(drawn, paid, self._clock()))

    def again(self, entry: int, user: str | None) -> tuple[Drawn, Attested]:
        """Return the release that the entry paid for, the same bytes, at no cost; and the entry that paid.

        Raises InputError when nothing was paid there, or it is not kept, GateShutError when the user may not view a
        column.
        """
        if entry not in self.account().paid:
            hint = "secmlops data budget --json lists those that did"
            raise InputError(f"entry {entry} paid for no release", hint=hint)
        (paid,) = [a for a in self._book.read() if a.index == entry]
        drawn = self._book.shelf.read(paid.evidence.materials.get(RELEASE))
        self._allowed(drawn.dataset, Right.VIEW, drawn.columns, user)
        return drawn, paid

    def _bought(self) -> frozenset[Digest]:
        """Releases that the entries of the account name."""
        paid = self.account().paid
        named = (a.evidence.materials.get(RELEASE) for a in self._book.read() if a.index in paid)
        return frozenset(digest for digest in named if digest is not None)

    def _refused(self, query: Query, identity: Identity) -> GateShutError:
        """Put on record that a query was not paid, and return the error that says so."""
        account = self.account()
        why = f"the budget is spent: {query.loss} is asked for, {account.left} is left"
        if account.limit is None:
            why = "no budget was set for releases from this project's data"
        self._book.record(refused(self._project, why, identity.id, self._clock()))
        hint = "ask for less; what was released stays usable as often as you like"
        return GateShutError(why, hint=hint if account.limit else "secmlops data budget --epsilon 1 sets it")

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


def fetchable(error: SecmlopsError | OSError, paid: int) -> InputError:
    """Return the error that says how the release that an entry paid for can be had all the same."""
    hint = f"it is paid, and kept: secmlops data release-dp --again {paid} --out FILE fetches it at no cost"
    if isinstance(error, SecmlopsError):
        return InputError(error.what, where=error.where, hint=hint)
    return InputError(f"cannot be written: {error.strerror}", hint=hint)
