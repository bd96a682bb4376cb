"""The control data.protect: carries out the protection of each column, and lets no personal data through beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar

import pyarrow as pa

from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data.dataset import DataSet
from secmlops.data.discovery.columns import PersonalColumn, discover
from secmlops.data.discovery.control import unprotected
from secmlops.data.discovery.entity_model import entity_model
from secmlops.data.protection.actions import OPAQUE, Action
from secmlops.data.protection.carry_out import Manner
from secmlops.data.protection.contradictions import contradictions
from secmlops.data.protection.generalise import Coarseness, DatePrecision
from secmlops.data.protection.order import Domain, ProtectionOrder
from secmlops.data.recognise.kind import Kind
from secmlops.data.sources.capture import as_parquet
from secmlops.data.values import distinct

_COUNTED: Mapping[Action, str] = MappingProxyType(
    {
        Action.DROP: "dropped_columns",
        Action.REDACT: "redacted_columns",
        Action.MASK: "masked_columns",
        Action.PSEUDONYMISE: "pseudonymised_columns",
        Action.REVERSIBLE: "reversible_columns",
        Action.SHIFT: "shifted_columns",
        Action.GENERALISE: "generalised_columns",
        Action.ENCRYPT: "encrypted_columns",
        Action.KEEP: "accepted_columns",
    }
)
_TOLD: Mapping[str, tuple[str, Severity, str]] = MappingProxyType(
    {
        Action.ENCRYPT: (
            "protect.equality",
            Severity.NOTE,
            "equal values stay equal when encrypted: who sees the column can count them",
        ),
        Action.REDACT: (
            "protect.redacted",
            Severity.NOTE,
            "what the search does not recognise stays in the text: it is safer, and not anonymous",
        ),
        Action.SHIFT: (
            "protect.shifted",
            Severity.NOTE,
            "who knows one date of a person knows the shift of all: the dates are pseudonymous, not anonymous",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Protect:
    """Carry out what was ordered for each column, then search the result for personal data that is left.

    The product ``protected`` is the table as Parquet bytes, the same for the same order and settings; there is none
    when personal data is left in a column that was not accepted with ``keep``. Pseudonyms and ciphertexts of different
    tables or columns are not comparable, except where ``joined`` gives them the same
    domain: pairs ``COLUMN=DOMAIN``, separated by commas. ``bands`` is
    the number of bands for numbers, ``rare`` the rows below which categories are merged, ``dates`` year or month.
    ``shown`` characters of a masked value stay, dates move by up to ``shift_days``, ``entities`` names an installed
    entity model that finds more in texts.

    Measures: ``dropped_columns``, ``redacted_columns``, ``masked_columns``, ``pseudonymised_columns``,
    ``reversible_columns``, ``shifted_columns``, ``generalised_columns``, ``encrypted_columns``, ``accepted_columns``,
    ``protected_cells``, ``distinct_before`` and ``distinct_after`` (values of the protected
    columns), ``personal_columns_left``. The key is in none of them, nor in a product. Of a table that is larger than
    memory, and so protected in parts, no values are counted.
    """

    id: ClassVar[str] = "data.protect"
    version: ClassVar[str] = "5"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ("atlas-mitigation:AML.M0012",)
    reduces: ClassVar[tuple[str, ...]] = ("stride:information-disclosure", "owasp-ml:ML03", "atlas:AML.T0024.001")
    acts_on: ClassVar[str] = "protected_cells"

    bands: int = 8
    rare: int = 10
    dates: str = "year"
    joined: str = ""
    shown: int = 4
    shift_days: int = 30
    entities: str = ""
    seed: int = 0

    def examine(self, artifact: ProtectionOrder, /) -> Examination:
        """Protect the table, unless personal data would go on unprotected."""
        dataset = artifact.dataset
        refused = [*_unaccepted(artifact), *contradictions(dataset)]
        if refused:
            return Examination.judged(tuple(refused))
        protected = self.manner().carry_out(artifact)
        judged = self.judged(dataset, protected, _measures(dataset, protected))
        if judged.outcome is not Outcome.PASSED:
            return judged
        products = {"protected": as_parquet(protected.to_batches(), protected.schema)}
        return replace(judged, products=products)

    def judged(self, dataset: DataSet, protected: pa.Table, measures: Mapping[str, float]) -> Examination:
        """Search a protected table, or a sample of one, for what is left; beside these measures."""
        opaque = [name for name in protected.column_names if dataset.protect.get(name) in OPAQUE]
        left = discover(protected.drop_columns(opaque), self.seed)  # random letters look like a secret now and then
        unsafe = tuple(unprotected(c, dataset.label) for c in left if not _is_done(c, dataset.protect.get(c.column)))
        findings = (*unsafe, *_notes(dataset, protected))
        return Examination.judged(findings, {**measures, "personal_columns_left": float(len(unsafe))})

    def manner(self) -> Manner:
        """How the actions are carried out; raises InputError for settings that say nothing of the kind."""
        if self.dates not in tuple(DatePrecision):
            raise InputError(f"dates is {self.dates!r}", where=self.id, hint="year or month")
        if self.bands < 2 or self.rare < 2:
            raise InputError("bands and rare must be at least 2", where=self.id)
        if self.shown < 0 or self.shift_days < 1:
            raise InputError("shown must be at least 0, shift_days at least 1", where=self.id)
        coarseness = Coarseness(self.bands, self.rare, DatePrecision(self.dates))
        model = entity_model(self.entities) if self.entities else None
        return Manner(coarseness, self.shown, self.shift_days, self.domain, model)

    def _domains(self) -> Mapping[str, str]:
        pairs = [pair.partition("=") for pair in self.joined.split(",") if pair.strip()]
        if not all(column.strip() and domain.strip() for column, _, domain in pairs):
            raise InputError(f"joined is {self.joined!r}", where=self.id, hint="write COLUMN=DOMAIN, COLUMN=DOMAIN")
        return {column.strip(): domain.strip() for column, _, domain in pairs}

    def domain(self, table: str, column: str) -> Domain:
        """What the key of a column is bound to: the table and the column, or the domain that ``joined`` gives it."""
        shared = self._domains().get(column)
        return ("joined", shared) if shared else ("table", table, column)


def _is_done(column: PersonalColumn, action: str | None) -> bool:
    """Whether what the search finds again is no fault: it was accepted, or it is a date of birth that is not true."""
    return action == Action.KEEP or (action == Action.SHIFT and set(column.kinds) == {Kind.BIRTH_DATE})


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


def _notes(dataset: DataSet, protected: pa.Table) -> list[Finding]:
    notes = []
    for name in dataset.sensitive:
        if name not in protected.column_names:
            told = "dropped, so that fairness between its groups cannot be measured"
            notes.append(Finding("protect.sensitive-dropped", Severity.WARNING, told, where=f"column {name!r}"))
    for name, action in dataset.protect.items():
        if action in _TOLD:
            notes.append(Finding(*_TOLD[action], where=f"column {name!r}"))
    return notes


def counts(dataset: DataSet) -> dict[str, float]:
    """How many columns each action was ordered for."""
    actions = list(dataset.protect.values())
    return {measure: float(actions.count(action)) for action, measure in _COUNTED.items()}


def _measures(dataset: DataSet, protected: pa.Table) -> dict[str, float]:
    chosen = [(column, action) for column, action in dataset.protect.items() if action != Action.KEEP]
    after = [distinct(protected[column]) for column, _ in chosen if column in protected.column_names]
    return {
        **counts(dataset),
        "protected_cells": float(
            sum(dataset.table.num_rows - dataset.table[column].null_count for column, _ in chosen)
        ),
        "distinct_before": float(sum(distinct(dataset.table[column]) for column, _ in chosen)),
        "distinct_after": float(sum(after)),
    }
