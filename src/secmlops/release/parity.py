"""The control that compares the exported model with the estimator it came from, row by row, before it is released."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from secmlops.core.control import Examination
from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs

Outputs = npt.NDArray[np.float64]


class ExportedModel(Protocol):
    """A model to release, the rows to compare on, and what its estimator answered; None where one is missing."""

    @property
    def predictor(self) -> Predictor | None:
        """The exported model."""
        ...

    @property
    def holdout(self) -> Inputs | None:
        """Rows the model did not learn from."""
        ...

    @property
    def estimator_outputs(self) -> Outputs | None:
        """Probabilities [n, k] or predictions [n, 1] of the estimator before the export."""
        ...


@dataclass(frozen=True, slots=True)
class Parity:
    """Largest difference at most ``tolerance``, and the same class called, on every row of the holdout.

    Probabilities are compared as they are, quantities in standard deviations of the estimator's answers. Nothing to
    compare, and answers that are not finite or of another shape, fail: an export nobody compared is not the model that
    was assured.
    """

    id: ClassVar[str] = "release.parity"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.RELEASE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("atlas:AML.T0018", "owasp-ml:ML10")

    tolerance: float = 1e-4
    maximum_class_changes: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance < 1:
            raise InputError(f"a tolerance of {self.tolerance} is not between 0 and 1", where=self.id)
        if self.maximum_class_changes < 0:
            raise InputError("maximum_class_changes is negative", where=self.id)

    def examine(self, model: ExportedModel, /) -> Examination:
        """Compare ``model`` with its estimator on the whole holdout."""
        predictor, holdout, original = model.predictor, model.holdout, model.estimator_outputs
        if predictor is None or holdout is None or original is None or not len(holdout):
            what = "there is no model, no holdout or no answer of the estimator to compare"
            return _failed("parity.nothing-compared", what, "release a model as training made it")
        return self._compare(predictor, predictor.predict(holdout), original)

    def _compare(self, predictor: Predictor, exported: Outputs, original: Outputs) -> Examination:
        if exported.shape != original.shape:
            shapes = f"{exported.shape} from the export, {original.shape} from the estimator"
            return _failed("parity.other-shape", f"the answers differ in shape: {shapes}", "export and compare again")
        if not np.isfinite(original).all():
            return _failed("parity.not-finite", "the estimator's answers are not all finite", "look at the estimator")
        classifies = predictor.signature.task.is_classification
        difference = np.abs(exported - original) / (1.0 if classifies else _spread(original))
        changes = int((exported.argmax(axis=1) != original.argmax(axis=1)).sum()) if classifies else 0
        measures = {
            "rows": float(len(exported)),
            "max_difference": float(difference.max()),
            "mean_difference": float(difference.mean()),
            "class_changes": float(changes),
            "class_change_share": changes / len(exported),
        }
        findings = tuple(self._weigh(measures["max_difference"], changes))
        return Examination.judged(findings, measures, materials={"model": predictor.digest})

    def _weigh(self, largest: float, changes: int) -> Iterator[Finding]:
        hint = "the export is not the model that was assured: export it again, in float32 from end to end"
        if largest > self.tolerance:
            what = f"the exported model's answers differ by up to {largest:.3g}, allowed {self.tolerance:g}"
            yield Finding("parity.answers-differ", Severity.ERROR, what, hint=hint)
        if changes > self.maximum_class_changes:
            most = self.maximum_class_changes
            what = f"the exported model calls another class on {counted(changes, 'row')}, allowed {most}"
            yield Finding("parity.class-changes", Severity.ERROR, what, hint=hint)


def _spread(quantities: Outputs) -> float:
    """Standard deviation, or the size of a constant, or 1 for zeros."""
    return float(quantities.std()) or float(np.abs(quantities).max()) or 1.0


def _failed(rule: str, what: str, hint: str) -> Examination:
    return Examination.judged((Finding(rule, Severity.ERROR, what, hint=hint),))
