"""The control data.anonymise: makes rows that nobody can tell apart, and tells the risk left and the detail lost."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from secmlops.core.control import Examination
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data.anonymise.demand import Demand
from secmlops.data.anonymise.persons import anonymise_persons, persons_in
from secmlops.data.anonymise.table import Anonymised, anonymise
from secmlops.data.dataset import DataSet
from secmlops.data.protection.actions import OPAQUE
from secmlops.data.values import ColumnType, codes, distinct, type_of
from secmlops.trust.canonical import canonical_json

ANONYMISED, LOSS = "anonymised", "loss"
_NAMES = (ColumnType.TEXT, ColumnType.INTEGER)


@dataclass(frozen=True, slots=True, eq=False)
class AnonymisationOrder:
    """The table to anonymise, and what is demanded of it; None where nothing is."""

    dataset: DataSet
    demand: Demand | None


@dataclass(frozen=True, slots=True)
class Anonymise:
    """Generalise the quasi-identifiers until the privacy models hold, and check that they do.

    The product ``anonymised`` is the table as Parquet bytes, ``loss`` the penalty by column (JSON); there are none when
    a column that is released as it is tells every row apart. Where nothing is demanded there are none either, and
    ``classes`` is 0. Where a column names the persons, each class holds at least k of them, not only k rows.
    ``risk_warning`` and ``risk_error`` bound the highest probability with which a row is known again by somebody who
    knows that the person is in the table (prosecutor risk, at most 1 / k).

    Measures: ``k``, ``classes``; ``persons`` (fewest in a class) with a column that names them; ``distinct_l``,
    ``entropy_l``, ``recursive_c``, ``t``, ``delta_low`` and ``delta_high``, each the worst of any class and column,
    where asked for; ``prosecutor_risk``, ``journalist_risk``, ``marketer_risk``, ``at_risk``, ``penalty``,
    ``discernibility``, ``average_class``, ``suppressed`` (a share) and ``identifying_columns``.
    """

    id: ClassVar[str] = "data.anonymise"
    version: ClassVar[str] = "2"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("stride:information-disclosure", "owasp-ml:ML03")
    acts_on: ClassVar[str] = "classes"

    risk_warning: float = 0.2
    risk_error: float = 0.5

    def examine(self, artifact: AnonymisationOrder, /) -> Examination:
        """Anonymise the table, unless another column would undo it."""
        if artifact.demand is None:
            return Examination.judged((), {"classes": 0.0})
        made, counted = _made(artifact.dataset, artifact.demand)
        undone = tuple(_identifying(made, artifact))
        measures = {**_measures(made), **counted, "identifying_columns": float(len(undone))}
        products = {ANONYMISED: _parquet(made.table), LOSS: canonical_json(made.loss.by_column)}
        findings = (*undone, *_linked(artifact.dataset), *self._risks(made))
        return Examination.judged(findings, measures, {} if undone else products)

    def _risks(self, made: Anonymised) -> Iterator[Finding]:
        risk = made.risk.prosecutor
        if risk > min(self.risk_warning, self.risk_error):
            severity = Severity.ERROR if risk > self.risk_error else Severity.WARNING
            told = f"a row is known again with probability {risk:.2f} by who knows that the person is in the table"
            yield Finding("anonymise.risk", severity, told, hint="raise k, or the bound if you accept it")


def _made(dataset: DataSet, demand: Demand) -> tuple[Anonymised, dict[str, float]]:
    """The anonymised table, and how many persons its smallest class holds where a column names them."""
    if dataset.subject_id is None:
        return anonymise(dataset.table, demand), {}
    person = codes(dataset.table[dataset.subject_id])
    made = anonymise_persons(dataset.table, demand, person)
    return made, {"persons": float(persons_in(made.classes, person).min())}


def _identifying(made: Anonymised, order: AnonymisationOrder) -> Iterator[Finding]:
    """Columns that are released as they are and differ in every row, and the one that names persons in clear."""
    dataset, demand = order.dataset, order.demand
    treated = {dataset.label}
    if demand is not None:
        treated |= {quasi.column for quasi in demand.quasi_identifiers} | {one.column for one in demand.sensitive}
    for name in made.table.column_names:
        column = made.table[name]
        person = name == dataset.subject_id
        if name in treated or type_of(column) not in _NAMES or (person and dataset.protect.get(name) in OPAQUE):
            continue
        if person or distinct(column) == len(column) > 1:
            told = "released as it is, this column tells every row apart: no class hides anybody"
            yield Finding("anonymise.identifier", Severity.ERROR, told, f"column {name!r}", "drop it in data.protect")


def _linked(dataset: DataSet) -> Iterator[Finding]:
    if dataset.subject_id is not None and dataset.protect.get(dataset.subject_id) in OPAQUE:
        told = "its pseudonyms still say which rows are of one person, and to who has the key, of whom"
        hint = "no model sees it; leave it out of what you give away"
        yield Finding("anonymise.linked", Severity.NOTE, told, f"column {dataset.subject_id!r}", hint)


def _measures(made: Anonymised) -> dict[str, float]:
    measures = {
        "k": float(made.guarantees.k),
        "classes": float(made.guarantees.classes),
        "prosecutor_risk": made.risk.prosecutor,
        "journalist_risk": made.risk.journalist,
        "marketer_risk": made.risk.marketer,
        "at_risk": made.risk.at_risk,
        "penalty": made.loss.penalty,
        "discernibility": made.loss.discernibility,
        "average_class": made.loss.average_class,
        "suppressed": made.loss.suppressed,
    }
    for name, value in made.guarantees.worst.items():
        measure = name.partition(" ")[0]
        worse = min if measure in ("distinct_l", "entropy_l", "delta_low") else max
        measures[measure] = worse(measures.get(measure, value), value)
    return measures


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    plain = table.combine_chunks().replace_schema_metadata(None)
    pq.write_table(plain, sink, compression="zstd", store_schema=False)
    return sink.getvalue().to_pybytes()
