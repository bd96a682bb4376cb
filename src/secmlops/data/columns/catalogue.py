"""The data sets of a project that are stored by column, by the word of the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.protection.control import Protect
from secmlops.ledger.book import EvidenceBook

PRODUCT = "protected"


@dataclass(frozen=True, slots=True)
class StoredDataSet:
    """A protected table: the name of its source, which rights are given on, its digest, and when it was made."""

    name: str
    digest: Digest
    at: datetime

    @property
    def subject(self) -> Subject:
        """What evidence about it is about."""
        return Subject(SubjectKind.DATASET, self.name, self.digest)


def stored_data_sets(book: EvidenceBook) -> Mapping[str, StoredDataSet]:
    """The latest version of each data set, by name, that a key which may say so has said was protected."""
    made = (a.evidence for a in book.all() if a.roles and a.evidence.control.id == Protect.id)
    return {
        e.subject.name: StoredDataSet(e.subject.name, e.products[PRODUCT], e.at)
        for e in made
        if e.outcome is Outcome.PASSED and PRODUCT in e.products
    }


def data_set_named(book: EvidenceBook, name: str) -> StoredDataSet:
    """Data set of this name, or whose file has it, without folder and ending; InputError when there is not just one."""
    known = stored_data_sets(book)
    found = [known[name]] if name in known else [d for d in known.values() if PurePath(d.name).stem == name]
    if len(found) == 1:
        return found[0]
    if not known:
        raise InputError("no data set is stored yet", where=name[:200], hint="secmlops run protects and stores one")
    what = f"there is no data set {name[:200]!r}" if not found else f"there are {len(found)} data sets {name!r}"
    raise InputError(what, hint=f"there is: {', '.join(sorted(known)[:10])}")
