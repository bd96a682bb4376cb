"""The control data.skew: whether holdout, earlier data and production look like what the model learns from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.core.control import Examination
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data.prepare import Prepared
from secmlops.data.quality.units import unit_between
from secmlops.data.skew.distribution import Distribution, distribution_of, recounted
from secmlops.data.skew.stability import Stability, stability
from secmlops.data.values import ColumnType, numbers, texts, type_of
from secmlops.runtime.signature import MISSING_CATEGORY, Feature, FeatureKind, Inputs

_TEXTUAL = (ColumnType.BOOLEAN, ColumnType.TEXT)


@dataclass(frozen=True, slots=True, eq=False)
class SkewCase:
    """What is compared with the training rows.

    ``earlier`` is the distribution of the data that were accepted before, ``serving`` a table of rows as they are sent
    to the model; None where there is none.
    """

    prepared: Prepared
    earlier: Distribution | None = None
    serving: pa.Table | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Skew:
    """Population stability index of every feature: holdout, earlier data and serving sample against training rows.

    An index counts where chance does not explain it. Above ``warning`` it is told; above ``error`` a serving sample
    fails, as it does where a feature is not there or of another type: the model would be asked what it never learnt.

    Measures: ``holdout_psi`` (the largest), ``features``; with data accepted before ``earlier_psi``; with a serving
    sample ``serving_psi``, ``serving_features`` that are there, ``skewed_features``, ``serving_rows``. The product
    ``distribution`` is that of the training rows.
    """

    id: ClassVar[str] = "data.skew"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("atlas:AML.T0020", "owasp-ml:ML02")

    warning: float = 0.1
    error: float = 0.25

    def examine(self, artifact: SkewCase, /) -> Examination:
        """Draw up the distribution of the training rows, and compare."""
        prepared = artifact.prepared
        learnt = distribution_of(prepared.signature, prepared.train.inputs)
        holdout = tuple(_compared(learnt, prepared, prepared.holdout.inputs))
        earlier = tuple(_compared(artifact.earlier, prepared, prepared.train.inputs)) if artifact.earlier else ()
        findings = [*self._told("holdout", holdout), *self._told("earlier", earlier)]
        measures = {"features": float(len(learnt.features)), "holdout_psi": _largest(holdout)}
        if earlier:
            measures["earlier_psi"] = _largest(earlier)
        if artifact.serving is not None:
            sent, told = self._serving(learnt, prepared, artifact.serving)
            findings += told
            measures |= {
                "serving_psi": _largest(sent),
                "serving_features": float(len(sent)),
                "skewed_features": float(sum(s.index > self.warning and s.excess > 0 for s in sent)),
                "serving_rows": float(artifact.serving.num_rows),
            }
        return Examination.judged(tuple(findings), measures, {"distribution": learnt.to_json()})

    def _told(self, kind: str, compared: tuple[Stability, ...]) -> Iterator[Finding]:
        other = {"holdout": "the holdout", "earlier": "the data that were accepted before"}[kind]
        for one in compared:
            if one.index > self.warning and one.excess > 0:
                told = f"distributed otherwise than in {other} (population stability index {one.index:.2f})"
                advice = "find out what changed" if kind == "earlier" else "do its rows come in groups? see data.groups"
                yield Finding(f"skew.{kind}", Severity.WARNING, told, f"column {one.feature!r}", advice)

    def _serving(
        self, learnt: Distribution, prepared: Prepared, table: pa.Table
    ) -> tuple[tuple[Stability, ...], list[Finding]]:
        compared: list[Stability] = []
        findings: list[Finding] = []
        for feature, known in zip(_ordered(prepared), learnt.features, strict=True):
            told = _unusable(feature, table)
            if told:
                advice = "send the model what it learnt from"
                findings.append(Finding("skew.feature", Severity.ERROR, told, f"column {feature.name!r}", advice))
                continue
            values = _values(feature, table)
            found = stability(feature.name, known.counts, recounted(known, values))
            compared.append(found)
            if found.index > self.warning and found.excess > 0:
                severity = Severity.ERROR if found.index > self.error else Severity.WARNING
                findings.append(_moved(found, severity, _unit(feature, prepared, values)))
        return tuple(compared), findings


def _moved(found: Stability, severity: Severity, unit: str) -> Finding:
    told = f"production asks for other values than were learnt from (population stability index {found.index:.2f})"
    told += f"; {unit}" if unit else ""
    advice = "look for the step that serving does otherwise than training, or learn from newer rows"
    return Finding("skew.serving", severity, told, f"column {found.feature!r}", advice)


def _ordered(prepared: Prepared) -> tuple[Feature, ...]:
    return (*prepared.signature.numeric, *prepared.signature.categorical)


def _unusable(feature: Feature, table: pa.Table) -> str:
    if feature.name not in table.column_names:
        return "not in the sample of what production asks"
    column = table[feature.name]
    textual = type_of(column) in _TEXTUAL and column.null_count < len(column)
    if textual and feature.kind is FeatureKind.NUMERIC:
        return "a text in the sample of what production asks, a number in training"
    return ""


def _values(feature: Feature, table: pa.Table) -> npt.NDArray[np.float32] | npt.NDArray[np.object_]:
    column = table[feature.name]
    if feature.kind is FeatureKind.CATEGORICAL:
        return texts(column, MISSING_CATEGORY)
    if column.null_count == len(column):
        return np.full(len(column), np.nan, np.float32)
    return numbers(column).astype(np.float32)


def _compared(learnt: Distribution, prepared: Prepared, inputs: Inputs) -> Iterator[Stability]:
    """Compare those features that are in both, and of the same kind."""
    numeric = {f.name: inputs.numeric[:, i] for i, f in enumerate(prepared.signature.numeric)}
    categorical = {f.name: inputs.categorical[:, i] for i, f in enumerate(prepared.signature.categorical)}
    for known in learnt.features:
        values = (numeric if known.numeric else categorical).get(known.name)
        if values is not None:
            yield stability(known.name, known.counts, recounted(known, values))


def _unit(feature: Feature, prepared: Prepared, sent: npt.NDArray[np.float32] | npt.NDArray[np.object_]) -> str:
    names = [numeric.name for numeric in prepared.signature.numeric]
    if feature.name not in names:
        return ""
    learnt = prepared.train.inputs.numeric[:, names.index(feature.name)]
    return unit_between(learnt.astype(np.float64), np.asarray(sent, np.float64))


def _largest(compared: tuple[Stability, ...]) -> float:
    return max((one.index for one in compared if one.excess > 0), default=0.0)
