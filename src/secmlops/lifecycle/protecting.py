"""Carrying the project's protection out on one table, outside of a run: with the same checks, keys and evidence."""

from collections.abc import Mapping
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

MUST_PASS = ("data.personal", "data.governance", Protect.id, Anonymise.id)
"""Controls without which nothing is handed out; what else the data stage looks at concerns learning."""
_PERFORMED = ("data.schema", *MUST_PASS)


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """What became of a column: different values before and after, None where it was dropped."""

    column: str
    action: str
    before: int
    after: int | None


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """What each control said, in order, what became of each column, and the table: None where something failed."""

    said: Mapping[str, Evidence | Examination]
    columns: tuple[ColumnReport, ...]
    table: pa.Table | None = field(repr=False)


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
    held = ReversalKeys(journey.runner.vault).held

    def reversal(domain: Domain) -> bytes:
        return held(domain) or bytes(KEY_BYTES)

    key = journey.runner.keys.mac_key(f"pseudonyms {journey.identity}")
    made = controls[Protect.id].examine(ProtectionOrder(journey.raw_dataset, key, reversal=reversal))
    said[Protect.id] = made
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


def _reported(journey: Journey, said: Mapping[str, Evidence | Examination], table: pa.Table | None) -> ProtectedTable:
    data, raw = journey.project.data, journey.raw_dataset.table
    if table is not None and data.anonymise is not None and data.subject_id in table.column_names:
        table = table.drop_columns([data.subject_id])  # pseudonyms would tell whose rows are in which class
    left = table.column_names if table is not None else raw.column_names
    quasi = data.anonymise.quasi_identifiers if data.anonymise is not None else {}
    columns = tuple(
        ColumnReport(
            name,
            "anonymise" if name in quasi else str(data.protect.get(name, "" if name in left else Action.DROP)),
            distinct(raw[name]),
            distinct(table[name]) if table is not None and name in left else None,
        )
        for name in raw.column_names
    )
    return ProtectedTable(dict(said), columns, table)
