"""What the assurance controls examine: a model with the rows it learnt from and the rows kept back."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from secmlops.core.control import Examination
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Signature

Outputs = npt.NDArray[np.float64]
"""Probabilities [n, k] of a classifier, or predictions [n, 1] of a regressor."""

Target = npt.NDArray[np.int64] | npt.NDArray[np.float64]
"""Class indices [n], or quantities [n]."""

MINIMUM_ROWS = 10
"""Below so many rows an interval says nothing."""

NAME_ONE = "data.sensitive names one, or --sensitive COLUMN of an assessed file"
"""What to do where nobody said which columns are sensitive."""

_UNKNOWN = "it is not known which rows the model learned from"
_HINTS = {_UNKNOWN: "name them with --train TABLE"}


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceAnswers:
    """What m models of the model's own kind answer that learned from random halves of the training rows.

    ``outputs`` float64 [m, r + h, k] are to the training ``rows`` int64 [r], then to rows ``holdout`` int64 [h] of the
    holdout, both in rising order, from which last none learned; ``learned`` bool [m, r] says which of the models
    learned from which row.
    """

    outputs: npt.NDArray[np.float64]
    rows: npt.NDArray[np.intp]
    holdout: npt.NDArray[np.intp]
    learned: npt.NDArray[np.bool_]

    def __post_init__(self) -> None:
        answered = len(self.rows) + len(self.holdout)
        if self.outputs.shape[1] != answered or self.learned.shape != (len(self.outputs), len(self.rows)):
            raise InputError("the answers of reference models are to other rows than they say")


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A model fitted on ``rows`` rows: its outputs to some of them [r, k] and to rows it never saw [h, k].

    Each comes with its target, [r] and [h].
    """

    rows: int
    train_outputs: Outputs
    train_target: Target
    holdout_outputs: Outputs
    holdout_target: Target

    def __post_init__(self) -> None:
        seen = (len(self.train_outputs), len(self.train_target))
        unseen = (len(self.holdout_outputs), len(self.holdout_target))
        if seen[0] != seen[1] or seen[0] > self.rows or unseen[0] != unseen[1]:
            raise InputError(
                f"a learning curve's point of {self.rows} rows has {seen[0]} outputs to {seen[1]} seen rows, "
                f"and {unseen[0]} to {unseen[1]} unseen ones"
            )


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """The same estimator fitted on ever more rows: at least two points, by rising number of rows."""

    points: tuple[CurvePoint, ...]

    def __post_init__(self) -> None:
        sizes = [p.rows for p in self.points]
        if len(sizes) < 2 or sizes != sorted(set(sizes)):
            raise InputError(f"a learning curve needs two or more points by rising rows, not {sizes}")


@dataclass(frozen=True, slots=True)
class Promise:
    """Differential privacy that training promised of the model: epsilon at delta."""

    epsilon: float
    delta: float


@dataclass(frozen=True)
class ModelUnderTest:
    """``predictor``, the examples it learnt from, the ones it never saw, its learning curve if there is one, a seed.

    ``onnx`` are the bytes that the predictor runs, where they are at hand. Where it is not known which rows the model
    learnt from, ``members_known`` is false, and ``train`` are rows that it may or may not have seen. ``promise`` is
    what private training promised, for attacks to be held against. The outputs are computed once, when first asked for.
    Raises InputError when a target is not one of the signature's classes or not finite, or for the bytes of another
    model.
    """

    predictor: Predictor
    train: Examples
    holdout: Examples
    curve: LearningCurve | None = None
    seed: int = 0
    onnx: bytes | None = None
    members_known: bool = True
    promise: Promise | None = None
    references: ReferenceAnswers | None = None

    def __post_init__(self) -> None:
        if self.onnx is not None and Digest.of(self.onnx) != self.predictor.digest:
            raise InputError("the bytes are not those of the model under test")
        for name, examples in (("train", self.train), ("holdout", self.holdout)):
            self._check_target(name, examples.target)

    @property
    def signature(self) -> Signature:
        """The signature of the model."""
        return self.predictor.signature

    @property
    def task(self) -> Task:
        """What the model predicts."""
        return self.signature.task

    @cached_property
    def train_outputs(self) -> Outputs:
        """What the model answers to the rows it learnt from."""
        return self.predictor.predict(self.train.inputs)

    @cached_property
    def holdout_outputs(self) -> Outputs:
        """What the model answers to the rows it never saw."""
        return self.predictor.predict(self.holdout.inputs)

    def obstacle(self) -> str:
        """Why nothing can be measured on these examples, or the empty text."""
        for name, target in (("training data", self.train.target), ("holdout", self.holdout.target)):
            if len(target) < MINIMUM_ROWS:
                return f"the {name} has {len(target)} rows, fewer than {MINIMUM_ROWS}"
            if len(np.unique(target)) < 2:
                return f"the {name} has a single {'class' if self.task.is_classification else 'value'} as its target"
        return ""

    def _check_target(self, name: str, target: Target) -> None:
        if self.task.is_classification:
            fits = target.dtype.kind in "iu" and bool(np.all((target >= 0) & (target < len(self.signature.classes))))
        else:
            fits = bool(np.isfinite(target).all())
        if not fits:
            expected = f"class indices below {len(self.signature.classes)}" if self.signature.classes else "finite"
            raise InputError(f"the target of the {name} examples is not all {expected}")


def unknown_members(model: ModelUnderTest) -> str:
    """Why nothing can be said that compares rows learnt from with others, or the empty text."""
    return "" if model.members_known else _UNKNOWN


def skipped(rule: str, why: str) -> Examination:
    """Examination that could not be made: it is told, and it opens no gate."""
    hint = _HINTS.get(why, "give a larger holdout")
    return Examination(Outcome.SKIPPED, (Finding(rule, Severity.ERROR, f"not measured: {why}", hint=hint),))
