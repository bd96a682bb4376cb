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
from secmlops.data.anonymise.table import Anonymised, anonymise
from secmlops.data.dataset import DataSet
from secmlops.data.values import ColumnType, distinct, type_of

_NAMES = (ColumnType.TEXT, ColumnType.INTEGER)


@dataclass(frozen=True, slots=True, eq=False)
class AnonymisationOrder:
    """The table to anonymise, and what is demanded of it; None where nothing is."""

    dataset: DataSet
    demand: Demand | None


@dataclass(frozen=True, slots=True)
class Anonymise:
    """Generalise the quasi-identifiers until the privacy models hold, and check that they do.

    The product ``anonymised`` is the table as Parquet bytes; there is none when a column that is released as it is
    tells every row apart. Where nothing is demanded there is none either, and ``classes`` is 0. ``risk_warning`` and
    ``risk_error`` bound the highest probability with which a row is known again by somebody who knows that the person
    is in the table (prosecutor risk, at most 1 / k).

    Measures: ``k``, ``classes``; ``distinct_l``, ``entropy_l``, ``recursive_c``, ``t``, ``delta_low`` and
    ``delta_high``, each the worst of any class and column, where asked for; ``prosecutor_risk``, ``journalist_risk``,
    ``marketer_risk``, ``penalty``, ``discernibility``, ``average_class``, ``suppressed`` (a share) and
    ``identifying_columns``.
    """

    id: ClassVar[str] = "data.anonymise"
    version: ClassVar[str] = "1"
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
        made = anonymise(artifact.dataset.table, artifact.demand)
        undone = tuple(_identifying(made, artifact.demand, artifact.dataset.label))
        findings = (*undone, *self._risks(made))
        measures = {**_measures(made), "identifying_columns": float(len(undone))}
        return Examination.judged(findings, measures, {} if undone else {"anonymised": _parquet(made.table)})

    def _risks(self, made: Anonymised) -> Iterator[Finding]:
        risk = made.risk.prosecutor
        if risk > min(self.risk_warning, self.risk_error):
            severity = Severity.ERROR if risk > self.risk_error else Severity.WARNING
            told = f"a row is known again with probability {risk:.2f} by who knows that the person is in the table"
            yield Finding("anonymise.risk", severity, told, hint="raise k, or the bound if you accept it")


def _identifying(made: Anonymised, demand: Demand, label: str) -> Iterator[Finding]:
    """Columns that are released as they are and differ in every row."""
    treated = {q.column for q in demand.quasi_identifiers} | {s.column for s in demand.sensitive}
    for name in made.table.column_names:
        column = made.table[name]
        if name in treated or name == label or type_of(column) not in _NAMES:
            continue
        if distinct(column) == len(column) > 1:
            told = "released as it is, this column tells every row apart: no class hides anybody"
            yield Finding("anonymise.identifier", Severity.ERROR, told, f"column {name!r}", "drop it in data.protect")


def _measures(made: Anonymised) -> dict[str, float]:
    measures = {
        "k": float(made.guarantees.k),
        "classes": float(made.guarantees.classes),
        "prosecutor_risk": made.risk.prosecutor,
        "journalist_risk": made.risk.journalist,
        "marketer_risk": made.risk.marketer,
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
