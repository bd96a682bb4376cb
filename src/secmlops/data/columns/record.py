"""What is put on record about access to columns: who, which columns, which data set; never a value."""

from dataclasses import dataclass
from datetime import datetime

from secmlops.access.data_rights import Right
from secmlops.access.identity import Identity
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data.columns.catalogue import StoredDataSet
from secmlops.trust.canonical import digest_of

READ, DESTROY = "data.read", "data.destroy"
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Deed:
    """An identity uses a right: it reads columns of a data set (``view``), or destroys them (``modify``)."""

    identity: Identity
    right: Right
    dataset: StoredDataSet
    columns: tuple[str, ...]

    def evidence(self, at: datetime, stopped: str = "") -> Evidence:
        """Evidence that it was done; with ``stopped``, that it was not, or not to the end, and why.

        Names of columns beyond 20,000 characters are left out; the material ``columns`` is the digest of all of them.
        """
        name = READ if self.right is Right.VIEW else DESTROY
        verb = f"{name.partition('.')[2]} by {self.identity.id}"
        told = ", ".join(repr(column) for column in self.columns) or "no column"
        shown = told if len(told) <= _LONGEST else f"{told[:_LONGEST]}... ({len(self.columns)} in all)"
        message = f"{verb}: {stopped}: {shown}" if stopped else f"{verb}: {shown}"
        severity = Severity.ERROR if stopped else Severity.NOTE
        return Evidence(
            control=ControlRef(name, "1", digest_of({})),
            stage=Stage.DATA,
            subject=self.dataset.subject,
            outcome=Outcome.FAILED if stopped else Outcome.PASSED,
            at=at,
            measures={"columns": float(len(self.columns))},
            findings=(Finding(name, severity, message, where=self.dataset.name),),
            materials={"columns": digest_of(list(self.columns))},
        )
