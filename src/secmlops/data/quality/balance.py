"""The control data.balance: how unequal the classes are, and what to do about it when they are."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.control import Examination
from secmlops.core.counting import counted
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.task import Task
from secmlops.data.prepare import Prepared
from secmlops.data.presentable import presented
from secmlops.runtime.examples import Examples

Counts = npt.NDArray[np.intp]


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about unequal classes.

    ``weights`` by class, in their order: a row of it counts so much, and all classes count the same together (the mean
    weight of a row is 1; King and Zeng, Political Analysis 9, 2001). ``threshold``, of a binary task, is the
    probability of the event above which to decide for it when overlooking one event costs as much as alarms about as
    many other rows as there are for each event (Elkan, IJCAI 2001): the share of events. The two are alternatives: a
    model with weights already decides so at 0.5, and its probabilities are no longer calibrated.
    """

    weights: dict[str, float]
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """Shares of the classes among training rows and holdout; for a quantity, whether a few values make up its size.

    ``share_warning`` is the share of the rarest class below which it warns, ``events_warning`` the rows of it, in the
    training data and (a third of it) in the holdout, below which nothing about it is sure; ``events_error`` the rows of
    it in the training data below which no model is to be made.

    Measures of classes: ``minority_share``, ``minority_rows`` (training), ``minority_holdout_rows``,
    ``imbalance_ratio`` (rows of the most frequent class for one of the rarest), ``evenness`` (entropy of the shares, 1
    where all are equal), ``majority_accuracy`` (what a model that always answers the most frequent class would have:
    accuracy says little beyond it), ``threshold`` (binary tasks). Of a quantity: ``largest_share``, of the hundredth
    part of the rows with the largest size, in the sum of sizes. The product ``remedy`` holds weights and threshold.
    """

    id: ClassVar[str] = "data.balance"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ()

    share_warning: float = 0.1
    events_warning: int = 100
    events_error: int = 5
    largest_warning: float = 0.5

    def examine(self, artifact: Prepared, /) -> Examination:
        """Count the classes on both sides."""
        if artifact.signature.task is Task.REGRESSION:
            return self._quantity(artifact)
        names = artifact.signature.classes
        classes = len(names)
        train, holdout = (_counts(side, classes) for side in (artifact.train, artifact.holdout))
        measures = _measures(train, holdout, artifact.signature.task)
        remedy = Remedy(
            weights={name: float(train.sum() / (classes * n)) for name, n in zip(names, train, strict=True)},
            threshold=measures.get("threshold"),
        )
        products = {"remedy": msgspec.json.encode(remedy)}
        return Examination.judged(tuple(self._findings(artifact, train, measures)), measures, products)

    def _findings(self, artifact: Prepared, train: Counts, measures: dict[str, float]) -> Iterator[Finding]:
        rarest = int(np.argmin(train))
        shown = presented([artifact.signature.classes[rarest]], "")
        named = f"class {shown}" if shown else "the rarest class"
        rows, unseen = int(measures["minority_rows"]), int(measures["minority_holdout_rows"])
        if rows < self.events_warning or unseen < self.events_warning / 3:
            severity = Severity.ERROR if rows < self.events_error else Severity.WARNING
            told = f"{named} has {counted(rows, 'training row')} and {unseen:,} in the holdout"
            yield Finding("balance.few", severity, told, hint="gather more of it: no weight takes the place of rows")
        if measures["minority_share"] < self.share_warning:
            told = (
                f"{named} has {measures['minority_share']:.1%} of the rows: a model that never answers it is right in "
            )
            told += f"{measures['majority_accuracy']:.1%}"
            advice = (
                "require average_precision, prior_precision and prior_recall of assurance.performance, not accuracy"
            )
            yield Finding("balance.rare", Severity.WARNING, told, hint=f"{advice}; {_remedy(measures)}")

    def _quantity(self, artifact: Prepared) -> Examination:
        sizes = np.sort(np.abs(np.concatenate([artifact.train.target, artifact.holdout.target]).astype(np.float64)))
        top = sizes[-max(len(sizes) // 100, 1) :]
        share = float(top.sum() / sizes.sum())
        findings: tuple[Finding, ...] = ()
        if share > self.largest_warning:
            told = f"one row in a hundred makes up {share:.1%} of the label's size: squared errors are about them alone"
            findings = (
                Finding("balance.heavy", Severity.WARNING, told, hint="predict its logarithm, or judge by mae"),
            )
        return Examination.judged(findings, {"largest_share": share})


def _counts(side: Examples, classes: int) -> Counts:
    return np.bincount(side.target.astype(np.int64), minlength=classes)


def _remedy(measures: dict[str, float]) -> str:
    if "threshold" not in measures:
        return "weight the classes as the product remedy says"
    return f"decide for it from a probability of {measures['threshold']:.3f}, or weight the classes (product remedy)"


def _measures(train: Counts, holdout: Counts, task: Task) -> dict[str, float]:
    shares = (train + holdout) / (train.sum() + holdout.sum())
    rarest = int(np.argmin(train))
    known = shares[shares > 0]
    measures = {
        "minority_share": float(shares.min()),
        "minority_rows": float(train[rarest]),
        "minority_holdout_rows": float(holdout[rarest]),
        "imbalance_ratio": float(shares.max() / shares.min()),
        "evenness": float(-np.sum(known * np.log(known)) / math.log(len(shares))),
        "majority_accuracy": float(holdout.max() / holdout.sum()),
    }
    return measures | ({"threshold": float(train[1] / train.sum())} if task is Task.BINARY else {})
