"""Carrying the project's protection out on one table, outside of a run: with the same checks, keys and evidence."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from secmlops.core.control import Examination
from secmlops.core.digest import Digest
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.anonymise.control import ANONYMISED, AnonymisationOrder, Anonymise
from secmlops.data.anonymise.settings import demand_of
from secmlops.data.protection.actions import Action
from secmlops.data.protection.control import Protect
from secmlops.data.protection.order import Domain, ProtectionOrder
from secmlops.data.protection.reversal_keys import ReversalKeys
from secmlops.data.protection.reversible import KEY_BYTES
from secmlops.data.reading import read_table
from secmlops.data.values import distinct
from secmlops.lifecycle.governed import governed_use
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.stages.data import data_steps
from secmlops.project.settings import Data

MUST_PASS = ("data.personal", "data.governance", Protect.id, Anonymise.id)
"""Controls without which nothing is handed out; what else the data stage looks at concerns learning."""
_PERFORMED = ("data.schema", *MUST_PASS)


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """What became of a column: different values before and after, None where they were not counted, or it is gone."""

    column: str
    action: str
    before: int | None
    after: int | None
    left: bool


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A protected table: how large it is, and its rows, each time anew."""

    rows: int
    columns: tuple[str, ...]
    parts: Callable[[], Iterable[pa.Table]] = field(repr=False)

    @classmethod
    def of(cls, table: pa.Table) -> "HandedOut":
        """Hand out a table in memory."""
        return cls(table.num_rows, tuple(table.column_names), lambda: [table])


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """What each control said, in order, what became of each column, and the table: None where something failed."""

    said: Mapping[str, Evidence | Examination]
    columns: tuple[ColumnReport, ...]
    table: HandedOut | None = field(repr=False)


def turn_to(journey: Journey, name: str, data: bytes) -> None:
    """Let ``journey`` be about another table than the project's source: the bytes of the file ``name``.

    Its pseudonyms are those of the source, so that the two can be joined; evidence and rights go by its own name.
    """
    journey.source = data
    journey.raw = Subject(SubjectKind.DATASET, name, Digest.of(data))


def protect_table(journey: Journey) -> ProtectedTable:
    """Protect the journey's table as its project says; everything is stored, signed and recorded as in a run.

    Raises InputError for a table that cannot be read, or that lacks columns.
    """
    steps, evidence = data_steps(journey), None
    while Anonymise.id not in journey.evidence:
        step = steps.send(evidence)
        evidence = None
        if step.control.id in _PERFORMED:
            evidence = journey.evidence[step.control.id] = journey.runner.perform(step)
            if step.control.id in MUST_PASS and evidence.outcome is not Outcome.PASSED:
                return _reported(journey, journey.evidence, None)
    return _reported(journey, journey.evidence, journey.learnt_dataset.table)


def try_protection(journey: Journey) -> ProtectedTable:
    """Protect the journey's table in memory only: nothing is stored, and nothing recorded.

    Pseudonyms that can be reversed are made with a key of zeros where there is none yet. Raises what ``protect_table``
    raises, and InputError for what cannot be carried out.
    """
    journey.raw_reading = read_table(journey.source, journey.raw.name)
    controls = journey.controls
    said: dict[str, Evidence | Examination] = {
        "data.personal": controls["data.personal"].examine(journey.raw_dataset),
        "data.governance": controls["data.governance"].examine(governed_use(journey)),
    }
    said[Protect.id] = made = controls[Protect.id].examine(trial_order(journey))
    if any(one.outcome is not Outcome.PASSED for one in said.values()):
        return _reported(journey, said, None)
    table = read_table(made.products["protected"], "protected.parquet").table
    demanded = journey.project.data.anonymise
    demand = demand_of(demanded, journey.project.data.label) if demanded is not None else None
    order = AnonymisationOrder(journey.with_roles(table, Digest.of(made.products["protected"]), "protected"), demand)
    said[Anonymise.id] = after = controls[Anonymise.id].examine(order)
    if ANONYMISED in after.products:
        table = read_table(after.products[ANONYMISED], "anonymised.parquet").table
    return _reported(journey, said, table if after.outcome is Outcome.PASSED else None)


def trial_order(journey: Journey) -> ProtectionOrder:
    """What is to be protected, with keys of zeros where there are none yet that reverse pseudonyms."""
    held = ReversalKeys(journey.runner.vault).held

    def reversal(domain: Domain) -> bytes:
        return held(domain) or bytes(KEY_BYTES)

    key = journey.runner.keys.mac_key(f"pseudonyms {journey.identity}")
    return ProtectionOrder(journey.raw_dataset, key, reversal=reversal)


def _reported(journey: Journey, said: Mapping[str, Evidence | Examination], table: pa.Table | None) -> ProtectedTable:
    data, raw = journey.project.data, journey.raw_dataset.table
    if table is not None and data.anonymise is not None and data.subject_id in table.column_names:
        table = table.drop_columns([data.subject_id])  # pseudonyms would tell whose rows are in which class
    left = tuple(table.column_names) if table is not None else None
    columns = []
    for name, action, stays in told_columns(data, raw.column_names, left):
        after = distinct(table[name]) if table is not None and stays else None
        columns.append(ColumnReport(name, action, distinct(raw[name]), after, stays))
    return ProtectedTable(dict(said), tuple(columns), None if table is None else HandedOut.of(table))


def told_columns(data: Data, names: Sequence[str], left: tuple[str, ...] | None) -> Iterator[tuple[str, str, bool]]:
    """Yield each column, its action, and whether it is among those that are ``left``, None where nothing is."""
    quasi = data.anonymise.quasi_identifiers if data.anonymise is not None else {}
    for name in names:
        stays = left is not None and name in left
        unnamed = "" if stays or left is None else Action.DROP
        yield name, "anonymise" if name in quasi else str(data.protect.get(name, unnamed)), stays
