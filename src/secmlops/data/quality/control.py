"""The control data.quality: tells what in a table may mislead a model before one is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.core.control import Examination
from secmlops.core.counting import counted
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data.dataset import DataSet
from secmlops.data.presentable import presented
from secmlops.data.quality.columns import judged_columns
from secmlops.data.quality.duplicates import Duplicates, find_duplicates
from secmlops.data.quality.missingness import DependentMissingness, dependent_missingness
from secmlops.data.quality.outliers import Outliers, find_outliers
from secmlops.data.quality.units import Suspect, Suspicion, find_suspects
from secmlops.data.values import codes, text_form


@dataclass(frozen=True, slots=True)
class Quality:
    """Gaps that tell the label, near copies, contradictions, outliers, and values that may be in another unit.

    ``missing_difference`` is the distance of missing shares from which gaps are told; ``tolerance`` the share of a
    column's interquartile range that counts as rounding; ``near_warning`` and ``near_error`` bound the share of
    rows that nearly repeat another, the latter where neither subjects nor groups are named; ``contradicting_error``
    that of rows whose features stand under several labels (for classes only); ``outlier_error`` that of outlying
    rows.

    Measures: ``missing_by_label_columns``, ``missing_difference`` (the largest), ``near_duplicate_share``,
    ``contradicting_share``, ``outlier_cells``, ``outlier_share`` (rows with a far value, or whose values go together as
    no others do), ``odd_rows`` (the latter alone), ``unit_columns``, ``placeholder_columns``, ``impossible_values``.
    """

    id: ClassVar[str] = "data.quality"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("atlas:AML.T0020", "owasp-ml:ML02", "atlas:AML.T0059")

    missing_difference: float = 0.05
    tolerance: float = 0.01
    near_warning: float = 0.01
    near_error: float = 0.25
    contradicting_error: float = 0.25
    outlier_error: float = 0.1

    def examine(self, artifact: DataSet, /) -> Examination:
        """Look at every column that a model may see."""
        with np.errstate(over="ignore", invalid="ignore"):  # values without end are told by data.schema
            return self._examined(artifact)

    def _examined(self, artifact: DataSet) -> Examination:
        columns, rows = judged_columns(artifact), artifact.table.num_rows
        gaps = dependent_missingness(artifact, self.missing_difference)
        duplicates = find_duplicates(columns, codes(artifact.table[artifact.label]), self.tolerance)
        outliers = find_outliers(columns.numeric)
        suspects = find_suspects(columns.numeric)
        contradicting = duplicates.contradicting if artifact.task.is_classification else duplicates.contradicting[:0]
        outlying = np.unique(np.concatenate([outliers.rows, *outliers.cells.values()]))
        findings = (
            *(_gap(gap, artifact) for gap in gaps),
            *self._near(duplicates, rows, kept_together=bool(artifact.groups) or artifact.subject_id is not None),
            *self._contradicting(len(contradicting) / rows),
            *self._outliers(outliers, len(outlying) / rows),
            *map(_suspect, suspects),
        )
        measures = {
            "missing_by_label_columns": float(len(gaps)),
            "missing_difference": max((abs(gap.inside - gap.outside) for gap in gaps), default=0.0),
            "near_duplicate_share": len(duplicates.near) / rows,
            "contradicting_share": len(contradicting) / rows,
            "outlier_cells": float(sum(map(len, outliers.cells.values()))),
            "outlier_share": len(outlying) / rows,
            "odd_rows": float(len(outliers.rows)),
            "unit_columns": float(sum(s.kind is Suspicion.UNIT for s in suspects)),
            "placeholder_columns": float(sum(s.kind is Suspicion.PLACEHOLDER for s in suspects)),
            "impossible_values": float(sum(s.rows for s in suspects if s.kind is Suspicion.IMPOSSIBLE)),
        }
        return Examination.judged(findings, measures)

    def _near(self, duplicates: Duplicates, rows: int, *, kept_together: bool) -> Iterator[Finding]:
        share = len(duplicates.near) / rows
        if share > self.near_warning:
            severity = Severity.ERROR if share > self.near_error and not kept_together else Severity.WARNING
            told = f"{share:.1%} of the rows differ from another one in a single column, or by rounding only"
            advice = (
                "a holdout with near copies flatters the model: remove them, or name what they share in data.groups"
            )
            yield Finding("quality.near-duplicates", severity, told, hint=advice)
        if len(duplicates.by_chance):
            told = f"{counted(len(duplicates.by_chance), 'row')} nearly repeated, as columns of few values bring about"
            yield Finding("quality.alike", Severity.NOTE, told)

    def _contradicting(self, share: float) -> Iterator[Finding]:
        if share:
            severity = Severity.ERROR if share > self.contradicting_error else Severity.NOTE
            told = f"{share:.1%} of the rows have the features of another row and a different label"
            yield Finding("quality.contradicting", severity, told, hint="no model can be right about all of them")

    def _outliers(self, outliers: Outliers, share: float) -> Iterator[Finding]:
        if share > self.outlier_error:
            told = f"{share:.1%} of the rows are outliers"
            yield Finding("quality.outlier-share", Severity.ERROR, told, hint="find out how these rows came about")
        for name, found in outliers.cells.items():
            told, advice = f"{counted(len(found), 'value')} far from all others", "an error of measurement or of entry?"
            yield Finding("quality.outliers", Severity.NOTE, told, f"column {name!r}", advice)
        if len(outliers.rows):
            told = f"{counted(len(outliers.rows), 'row')} in which values go together as in no other"
            yield Finding("quality.odd-rows", Severity.NOTE, told)


def _gap(gap: DependentMissingness, dataset: DataSet) -> Finding:
    if dataset.task.is_classification:
        form = str(text_form(dataset.table[dataset.label])[gap.example])
        shown = presented([form], dataset.label)
        of_class = f"class {shown}" if shown else "one class"
    else:
        of_class = "the upper half of the label"
    told = f"missing in {gap.inside:.1%} of the rows of {of_class}, and in {gap.outside:.1%} of the others"
    advice = "a gap that tells the label: find out when the value is entered; drop the column if that is afterwards"
    return Finding("quality.missing-by-label", Severity.WARNING, told, f"column {gap.column!r}", advice)


def _suspect(suspect: Suspect) -> Finding:
    advice = {
        Suspicion.UNIT: "bring all values to one unit",
        Suspicion.PLACEHOLDER: "leave the cell empty where the value is missing",
        Suspicion.IMPOSSIBLE: "correct these values, or the header",
    }[suspect.kind]
    told = f"{counted(suspect.rows, 'value')} {suspect.told}"
    return Finding(f"quality.{suspect.kind}", Severity.WARNING, told, f"column {suspect.column!r}", advice)
