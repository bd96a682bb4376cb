"""The control data.label_errors: labels that the other rows contradict, one by one and all in one slice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.core.control import Examination
from secmlops.core.counting import counted
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data.poisoning.confident import confident_learning
from secmlops.data.poisoning.learner import Learner, design_of
from secmlops.data.poisoning.neighbours import neighbours_contradict
from secmlops.data.poisoning.sample import Sample, sample
from secmlops.data.poisoning.slice_labels import likely_flipped
from secmlops.data.poisoning.slices import Slice, find_slices
from secmlops.data.poisoning.telling import columns_told, not_examined, row_list
from secmlops.data.prepare import Prepared
from secmlops.runtime.signature import Inputs

Labels = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SuspiciousLabels:
    """``single`` rows [n] whose labels the others contradict, rows ``in_slices`` [n], and the estimated error rate.

    ``by_neighbours`` [n] are those of the single rows that their nearest rows contradict as well.
    """

    single: Mask
    by_neighbours: Mask
    in_slices: Mask
    slices: tuple[Slice, ...]
    error_rate: float

    @property
    def rows(self) -> Mask:
        """All suspicious rows [n]."""
        return self.single | self.in_slices


def suspicious_labels(inputs: Inputs, labels: Labels, seed: int) -> SuspiciousLabels:
    """Judge every label by models that have not seen it."""
    probabilities = Learner(seed).out_of_fold(design_of(inputs), labels)
    confident = confident_learning(probabilities, labels)
    slices, within = find_slices(inputs, labels, seed), np.zeros(len(labels), bool)
    for found in slices:
        within[found.rows[likely_flipped(found.expected, labels[found.rows] == found.source)]] = True
    single, by_neighbours = np.flatnonzero(confident.suspicious), np.zeros(len(labels), bool)
    by_neighbours[single[neighbours_contradict(inputs, labels, single)]] = True
    return SuspiciousLabels(confident.suspicious, by_neighbours, within, slices, confident.error_rate)


@dataclass(frozen=True, slots=True)
class LabelErrors:
    """Labels that are probably wrong, by confident learning and by a scan for slices that lack a class.

    Nothing is removed: the product ``suspicious_labels`` (JSON) lists row numbers for somebody to look at, and which of
    them the ten nearest rows contradict as well, to look at first. Where classes overlap, rows are suspicious that are
    only unusual: the number alone is no fault. ``rate_warning`` and
    ``rate_error`` bound the estimated share of wrong labels. A slice is a warning. Skipped where the label is a
    quantity or there are fewer than 50 rows, and so the gate stays shut, unless ``accept_unexamined``.

    Measures: ``examined_rows``, ``suspicious_labels``, ``contradicted_by_neighbours``, ``estimated_label_error_rate``,
    ``suspicious_slices``, ``slice_labels``.
    """

    id: ClassVar[str] = "data.label_errors"
    version: ClassVar[str] = "3"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("atlas:AML.T0020", "owasp-ml:ML02", "nist-ai-100-2:NISTAML.024")
    acts_on: ClassVar[str] = "examined_rows"

    rate_warning: float = 0.3
    rate_error: float = 1.0
    max_rows: int = 50_000
    seed: int = 0
    accept_unexamined: bool = False

    def examine(self, artifact: Prepared, /) -> Examination:
        """Judge the labels of the rows for training and for the holdout."""
        rows = sample(artifact, self.max_rows, self.seed)
        if rows is None:
            task, measures = artifact.signature.task, _measures(0, None)
            return not_examined(self.id, task, measures, accepted=self.accept_unexamined)
        found = suspicious_labels(rows.inputs, rows.labels, self.seed)
        findings = (*self._rate(found), *_slices(found.slices, rows, artifact))
        lists = {"one_by_one": found.single, "by_neighbours": found.by_neighbours, "in_slices": found.in_slices}
        product = row_list(**{reason: rows.rows[mask] for reason, mask in lists.items()})
        return Examination.judged(findings, _measures(len(rows), found), {"suspicious_labels": product})

    def _rate(self, found: SuspiciousLabels) -> Iterator[Finding]:
        count = int(np.count_nonzero(found.rows))
        if not count:
            return
        severity = Severity.NOTE
        if found.error_rate > self.rate_warning:
            severity = Severity.ERROR if found.error_rate > self.rate_error else Severity.WARNING
        told = (
            f"{counted(count, 'label')} contradict the other rows; estimated share of wrong ones {found.error_rate:.1%}"
        )
        advice = "have somebody look at the rows in the product suspicious_labels, by_neighbours first"
        yield Finding("label_errors.rows", severity, told, hint=advice)


def _slices(slices: Sequence[Slice], rows: Sample, artifact: Prepared) -> Iterator[Finding]:
    for found in slices:
        held = int(np.count_nonzero(rows.labels[found.rows] == found.source))
        due = f"{found.expected.sum():.0f} are expected"
        told = f"in a slice of {counted(len(found.rows), 'row')} one class has {held} rows where {due}"
        advice = "compare the labels of these rows with where they came from: they may have been changed together"
        where = columns_told(artifact.signature, found.places)
        yield Finding("label_errors.slice", Severity.WARNING, told, where, advice)


def _measures(rows: int, found: SuspiciousLabels | None) -> dict[str, float]:
    return {
        "examined_rows": float(rows),
        "suspicious_labels": float(np.count_nonzero(found.rows)) if found else 0.0,
        "contradicted_by_neighbours": float(np.count_nonzero(found.by_neighbours)) if found else 0.0,
        "estimated_label_error_rate": found.error_rate if found else 0.0,
        "suspicious_slices": float(len(found.slices)) if found else 0.0,
        "slice_labels": float(np.count_nonzero(found.in_slices)) if found else 0.0,
    }
