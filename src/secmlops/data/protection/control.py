"""The control data.protect: carries out the protection of each column, and lets no personal data through beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data.arrow import Chunks
from secmlops.data.dataset import DataSet
from secmlops.data.discovery.columns import discover
from secmlops.data.discovery.control import unprotected
from secmlops.data.protection.actions import Action
from secmlops.data.protection.column_key import column_key
from secmlops.data.protection.encrypt import KEY_BYTES, encrypt
from secmlops.data.protection.generalise import Coarseness, DatePrecision, generalise
from secmlops.data.protection.pseudonymise import pseudonymise
from secmlops.data.values import distinct


@dataclass(frozen=True, slots=True, eq=False)
class ProtectionOrder:
    """What is to be protected, and the key to do it with: at least 32 random bytes that belong to the project.

    ``unaccepted`` names columns known to hold personal data that were neither protected nor accepted.
    """

    dataset: DataSet
    key: bytes = field(repr=False)
    unaccepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Protect:
    """Drop, pseudonymise, generalise or encrypt columns, then search the result for personal data that is left.

    The product ``protected`` is the table as Parquet bytes, the same for the same order and settings; there is none
    when personal data is left in a column that was not accepted with ``keep``. Pseudonyms and ciphertexts of different
    tables or columns are not comparable, except where ``joined`` gives them the same
    domain: pairs ``COLUMN=DOMAIN``, separated by commas. ``bands`` is
    the number of bands for numbers, ``rare`` the rows below which categories are merged, ``dates`` year or month.

    Measures: ``dropped_columns``, ``pseudonymised_columns``, ``generalised_columns``, ``encrypted_columns``,
    ``accepted_columns``, ``protected_cells``, ``distinct_before`` and ``distinct_after`` (values of the protected
    columns), ``personal_columns_left``. The key is in none of them, nor in a product.
    """

    id: ClassVar[str] = "data.protect"
    version: ClassVar[str] = "4"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ("atlas-mitigation:AML.M0012",)
    reduces: ClassVar[tuple[str, ...]] = ("stride:information-disclosure", "owasp-ml:ML03", "atlas:AML.T0024.001")
    acts_on: ClassVar[str] = "protected_cells"

    bands: int = 8
    rare: int = 10
    dates: str = "year"
    joined: str = ""
    seed: int = 0

    def examine(self, artifact: ProtectionOrder, /) -> Examination:
        """Protect the table, unless personal data would go on unprotected."""
        dataset = artifact.dataset
        refused = [*_unaccepted(artifact), *_contradictions(dataset)]
        if refused:
            return Examination.judged(tuple(refused))
        protected = self._carry_out(artifact)
        measures = _measures(dataset, protected)
        left = discover(protected, self.seed)
        unsafe = tuple(unprotected(c, dataset.label) for c in left if dataset.protect.get(c.column) != Action.KEEP)
        measures["personal_columns_left"] = float(len(unsafe))
        products = {} if unsafe else {"protected": _parquet(protected)}
        return Examination.judged((*unsafe, *_notes(dataset, protected)), measures, products)

    def _carry_out(self, order: ProtectionOrder) -> pa.Table:
        dataset, coarseness = order.dataset, self._coarseness()
        actions: Mapping[str, Callable[[str, Chunks], Chunks]] = {
            Action.PSEUDONYMISE: lambda name, column: pseudonymise(
                column, self._key(order, Action.PSEUDONYMISE, name, 32)
            ),
            Action.ENCRYPT: lambda name, column: encrypt(column, self._key(order, Action.ENCRYPT, name, KEY_BYTES)),
            Action.GENERALISE: lambda name, column: generalise(name, column, coarseness),
            Action.KEEP: lambda _name, column: column,
        }
        columns = {}
        for name in dataset.table.column_names:
            action = dataset.protect.get(name, Action.KEEP)
            if action != Action.DROP:
                columns[name] = actions[action](name, dataset.table[name])
        return pa.table(columns)

    def _coarseness(self) -> Coarseness:
        if self.dates not in tuple(DatePrecision):
            raise InputError(f"dates is {self.dates!r}", where=self.id, hint="year or month")
        if self.bands < 2 or self.rare < 2:
            raise InputError("bands and rare must be at least 2", where=self.id)
        return Coarseness(self.bands, self.rare, DatePrecision(self.dates))

    def _domains(self) -> Mapping[str, str]:
        pairs = [pair.partition("=") for pair in self.joined.split(",") if pair.strip()]
        if not all(column.strip() and domain.strip() for column, _, domain in pairs):
            raise InputError(f"joined is {self.joined!r}", where=self.id, hint="write COLUMN=DOMAIN, COLUMN=DOMAIN")
        return {column.strip(): domain.strip() for column, _, domain in pairs}

    def domain(self, table: str, column: str) -> tuple[str, ...]:
        """What the key of a column is bound to: the table and the column, or the domain that ``joined`` gives it."""
        shared = self._domains().get(column)
        return ("joined", shared) if shared else ("table", table, column)

    def _key(self, order: ProtectionOrder, purpose: str, column: str, length: int) -> bytes:
        return column_key(order.key, purpose, self.domain(order.dataset.name, column), length)


def _unaccepted(order: ProtectionOrder) -> list[Finding]:
    return [
        Finding(
            "protect.unaccepted",
            Severity.ERROR,
            "personal data that is neither protected nor accepted",
            where=f"column {column!r}",
            hint="give it an action in data.protect, or keep to accept it",
        )
        for column in order.unaccepted
        if column not in order.dataset.protect
    ]


def _contradictions(dataset: DataSet) -> list[Finding]:
    findings = []
    for column, action in dataset.protect.items():
        told = ""
        if action not in tuple(Action):
            told = f"unknown action; there are {', '.join(Action)}"
        elif column == dataset.label and action != Action.KEEP:
            told = "the label cannot be protected: the model learns to predict it"
        if told:
            findings.append(Finding("protect.action", Severity.ERROR, told, where=f"column {column!r}"))
    return findings


def _notes(dataset: DataSet, protected: pa.Table) -> list[Finding]:
    notes = []
    for name in dataset.sensitive:
        if name not in protected.column_names:
            told = "dropped, so that fairness between its groups cannot be measured"
            notes.append(Finding("protect.sensitive-dropped", Severity.WARNING, told, where=f"column {name!r}"))
    for name, action in dataset.protect.items():
        if action == Action.ENCRYPT:
            told = "equal values stay equal when encrypted: who sees the column can count them"
            notes.append(Finding("protect.equality", Severity.NOTE, told, where=f"column {name!r}"))
    return notes


def _measures(dataset: DataSet, protected: pa.Table) -> dict[str, float]:
    chosen = [(column, action) for column, action in dataset.protect.items() if action != Action.KEEP]
    actions = list(dataset.protect.values())
    after = [distinct(protected[column]) for column, _ in chosen if column in protected.column_names]
    return {
        "dropped_columns": float(actions.count(Action.DROP)),
        "pseudonymised_columns": float(actions.count(Action.PSEUDONYMISE)),
        "generalised_columns": float(actions.count(Action.GENERALISE)),
        "encrypted_columns": float(actions.count(Action.ENCRYPT)),
        "accepted_columns": float(actions.count(Action.KEEP)),
        "protected_cells": float(
            sum(dataset.table.num_rows - dataset.table[column].null_count for column, _ in chosen)
        ),
        "distinct_before": float(sum(distinct(dataset.table[column]) for column, _ in chosen)),
        "distinct_after": float(sum(after)),
    }


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    plain = table.combine_chunks().replace_schema_metadata(None)
    pq.write_table(plain, sink, compression="zstd", store_schema=False)
    return sink.getvalue().to_pybytes()
