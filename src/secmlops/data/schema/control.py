"""The control data.schema: learns the profile of a table, and refuses one that is broken or differs from before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.control import Examination
from secmlops.core.counting import counted
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data.dataset import DataSet
from secmlops.data.schema.deviations import Tolerance, deviations
from secmlops.data.schema.profile import ColumnProfile, Profile, profile_of
from secmlops.data.values import ColumnType, codes, factorise

_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_MIXED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Schema:
    """Missing values, repeated rows, constant, infinite, mixed and very many different values, and deviations.

    ``profile`` is the JSON of an earlier profile, empty for none; every deviation from it is an error. Measures:
    ``rows``, ``columns``, ``missing_share`` of all cells, ``duplicate_share`` of rows that repeat an earlier one,
    ``constant_columns``, ``infinite_values``, ``mixed_columns``, ``max_cardinality`` (of text columns),
    ``deviations``. The product ``profile`` holds no value of a column that is to be protected.
    """

    id: ClassVar[str] = "data.schema"
    version: ClassVar[str] = "2"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("atlas:AML.T0020", "owasp-ml:ML02", "atlas:AML.T0059")

    profile: str = ""
    missing_warning: float = 0.2
    duplicate_warning: float = 0.01
    cardinality_warning: int = 1_000
    range_tolerance: float = 0.1
    missing_tolerance: float = 0.05

    def examine(self, artifact: DataSet, /) -> Examination:
        """Describe the table, and judge it."""
        table = artifact.table
        withheld = [name for name, action in artifact.protect.items() if action != "keep"]
        found = profile_of(table, withheld)
        mixed = [name for name in table.column_names if is_mixed(table, name)]
        copies = repeated_rows(table) / table.num_rows
        findings = [
            *self._columns(found, artifact.label),
            *_mixed(mixed),
            *self._copies(copies),
            *self._deviations(table),
        ]
        measures = {
            **_measures(found),
            "duplicate_share": copies,
            "mixed_columns": float(len(mixed)),
            "deviations": float(sum(f.rule.startswith("schema.deviation.") for f in findings)),
        }
        return Examination.judged(tuple(findings), measures, products={"profile": found.to_json()})

    def _columns(self, profile: Profile, label: str) -> Iterator[Finding]:
        for column in profile.columns:
            where = f"column {column.name!r}"
            if column.infinite:
                told, advice = counted(column.infinite, "infinite value"), "replace them, or leave the cells empty"
                yield Finding("schema.infinite", Severity.ERROR, told, where, advice)
            if column.missing == 1:
                yield Finding("schema.empty", Severity.WARNING, "no value at all", where, "it is left out of the model")
            elif column.missing > self.missing_warning:
                told = f"{column.missing:.1%} of the values are missing"
                yield Finding("schema.missing", Severity.WARNING, told, where, "find out why before it is learnt from")
            if _constant(column):
                told, advice = "the same value in every row", "it is left out of the model"
                yield Finding("schema.constant", Severity.WARNING, told, where, advice)
            if column.name != label and column.type is ColumnType.TEXT and column.distinct > self.cardinality_warning:
                told, advice = counted(column.distinct, "different text"), "a model can learn little from so many"
                yield Finding("schema.cardinality", Severity.NOTE, told, where, advice)

    def _copies(self, share: float) -> Iterator[Finding]:
        if share > self.duplicate_warning:
            told, advice = f"{share:.1%} of the rows repeat another row exactly", "find out whether they were copied"
            yield Finding("schema.duplicates", Severity.WARNING, told, hint=advice)

    def _deviations(self, table: pa.Table) -> Iterator[Finding]:
        if self.profile:
            tolerance = Tolerance(self.range_tolerance, self.missing_tolerance)
            yield from deviations(table, Profile.from_json(self.profile), tolerance)


def repeated_rows(table: pa.Table) -> int:
    """Number of rows that equal an earlier row in every column."""
    rows = table.num_rows
    coded = codes(table.column(0))
    for column in table.columns[1:]:
        if int(coded.max()) + 1 == rows:
            return 0
        coded = factorise(coded * (rows + 1) + codes(column))
    return rows - int(coded.max()) - 1


def is_mixed(table: pa.Table, name: str) -> bool:
    """Whether a text column holds mostly numbers, but not only."""
    column = table[name]
    if not pa.types.is_string(column.type):
        return False
    known = pc.drop_null(column.combine_chunks().unique())
    numeric = int(pc.match_substring_regex(known, _NUMBER).cast(pa.int64()).sum().as_py() or 0)
    return len(known) * _MIXED_SHARE <= numeric < len(known)


def _mixed(names: list[str]) -> Iterator[Finding]:
    for name in names:
        told, advice = "numbers and texts in one column", "leave the cell empty where a number is missing"
        yield Finding("schema.mixed", Severity.WARNING, told, f"column {name!r}", advice)


def _constant(column: ColumnProfile) -> bool:
    return column.distinct == 1 and column.missing == 0


def _measures(profile: Profile) -> dict[str, float]:
    columns = profile.columns
    return {
        "rows": float(profile.rows),
        "columns": float(len(columns)),
        "missing_share": sum(c.missing for c in columns) / len(columns),
        "constant_columns": float(sum(_constant(c) for c in columns)),
        "infinite_values": float(sum(c.infinite for c in columns)),
        "max_cardinality": float(max((c.distinct for c in columns if c.type is ColumnType.TEXT), default=0)),
    }
