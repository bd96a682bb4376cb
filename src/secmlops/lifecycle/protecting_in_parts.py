"""Carrying the project's protection out on a source larger than memory: with the same checks, keys and evidence."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from secmlops.core.control import Control, Examination
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.discovery.columns import SAMPLE_ROWS
from secmlops.data.governance.consent import ConsentRule
from secmlops.data.governance.intake import ConsentedSource, take_in
from secmlops.data.protection.control import Protect
from secmlops.data.protection.in_parts import protected_in_parts
from secmlops.data.sources.location import Location
from secmlops.data.sources.source import TableSource
from secmlops.lifecycle.governed import governed_use
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.protecting import ColumnReport, HandedOut, ProtectedTable, told_columns, trial_order
from secmlops.lifecycle.sources import check_links
from secmlops.lifecycle.stages.data import data_steps, protection_order
from secmlops.project.columns import missing_columns
from secmlops.project.load import FILE_NAME
from secmlops.project.problems import refuse

IN_PARTS: Final = 512 * 2**20
"""Bytes that a table takes in memory, or as a text, from which on it is protected in parts."""

_CHECKED: Final = ("data.personal", "data.governance")


def opened_in_parts(journey: Journey, location: Location) -> TableSource | None:
    """Open a source that is to be protected in parts; None for one that is held as a whole.

    Anonymity is a matter of all rows together: such a table must be held.
    """
    if journey.project.data.anonymise is not None:
        return None
    check_links(location)
    if location.is_text and not location.is_larger(IN_PARTS):
        return None
    source = location.open()
    if source.size is None or source.size > IN_PARTS:
        return source
    source.close()
    return None


class PartByPart:
    """The protection of one source that is read in parts. ``folder`` is where what was protected is set down once."""

    def __init__(self, journey: Journey, location: Location, source: TableSource, name: str, folder: Path) -> None:
        self._journey = journey
        self._folder = folder
        governance = journey.project.data.governance
        consent = governance.consent if governance else None
        data = journey.project.data
        refuse(missing_columns(data, source.schema.names), journey.folder / FILE_NAME)
        self._rule = ConsentRule(consent.column if consent else None, data.subject_id, journey.withdrawn)
        self._source = ConsentedSource(source, self._rule)
        self._intake = take_in(source, self._rule, SAMPLE_ROWS, location.digest())
        journey.raw = Subject(SubjectKind.DATASET, name, self._intake.digest)
        journey.consented = self._intake.consented

    def protect(self) -> ProtectedTable:
        """Protect the source; what the project's columns hold is stored, signed and recorded as in a run.

        The profile of the table is none of it: that wants all rows. Raises InputError for what cannot be read.
        """
        journey, steps, evidence = self._journey, data_steps(self._journey), None
        while Protect.id not in journey.evidence:
            step = steps.send(evidence)
            evidence = None
            if step.control.id in _CHECKED:
                evidence = journey.runner.perform(step)
            elif step.control.id == Protect.id:
                evidence = journey.runner.perform_in_parts(step, partial(self._made, step.control))
            if evidence is not None:
                journey.evidence[step.control.id] = evidence
                if evidence.outcome is not Outcome.PASSED:
                    return self._reported(journey.evidence, None)
        digest = journey.evidence[Protect.id].products["protected"]
        columns = journey.runner.columns
        names = tuple(columns.columns(digest))
        handed = HandedOut(columns.rows(digest), names, lambda: columns.stream(digest, names))
        return self._reported(journey.evidence, handed)

    def attempt(self) -> ProtectedTable:
        """Protect a sample of the rows in memory only: nothing is stored, and nothing recorded."""
        journey = self._journey
        said: dict[str, Evidence | Examination] = {
            "data.personal": journey.controls["data.personal"].examine(journey.raw_dataset),
            "data.governance": journey.controls["data.governance"].examine(governed_use(journey)),
            Protect.id: journey.controls[Protect.id].examine(trial_order(journey)),
        }
        if any(one.outcome is not Outcome.PASSED for one in said.values()):
            return self._reported(said, None)
        left = tuple(n for n in journey.raw_dataset.table.column_names if journey.raw_dataset.protect.get(n) != "drop")
        return self._reported(said, HandedOut(self._intake.consented.rows, left, tuple))

    def _made(self, control: Control[Any]) -> tuple[Examination, Mapping[str, Digest]]:
        if not isinstance(control, Protect):
            raise InputError("the installed data.protect does not protect in parts", where=control.id)
        order = protection_order(self._journey)
        with protected_in_parts(control, order, self._source, self._intake.filled, self._folder) as laid:
            if laid.rows is None or laid.digest is None:
                return laid.examination, {}
            stored = self._journey.runner.products.put_rows(laid.digest, laid.rows)
            return laid.examination, {"protected": stored}

    def _reported(self, said: Mapping[str, Evidence | Examination], handed: HandedOut | None) -> ProtectedTable:
        names, left = self._source.schema.names, handed.columns if handed else None
        told = told_columns(self._journey.project.data, names, left)
        columns = tuple(ColumnReport(name, action, None, None, stays) for name, action, stays in told)
        return ProtectedTable(dict(said), columns, handed)
