"""The control data.leakage: nothing in the features or in the split gives the answer away before the model is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.core.control import Examination
from secmlops.core.counting import counted
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data.copies import find_copies
from secmlops.data.identifiers import identifier_features
from secmlops.data.leakage.giveaway import Giveaway, Telltale, giveaways
from secmlops.data.leakage.groups import group_findings, shared_groups, undeclared_groups
from secmlops.data.leakage.hindsight import hindsight
from secmlops.data.prepare import Prepared
from secmlops.data.presentable import is_presentable, presented
from secmlops.data.yaml_text import yaml_text

_FEW_EVENTS = 10


@dataclass(frozen=True, slots=True)
class Leakage:
    """Features that give the label away, rows or persons on both sides of the split, identifiers among the features.

    ``feature_error`` and ``feature_warning`` bound what one feature alone may tell about the holdout (area under the
    ROC curve, or R-squared for a quantity); an error needs the lower end of its 95% interval above the bound. Features
    that the project calls sensitive are a warning. ``shared_error`` bounds the share of holdout rows that stand in the
    training data as well, answer included; rows that are equal by chance, because columns have few values, are told but
    not counted. ``after_error`` bounds the share of a feature's dates that lie after the moment of their row.

    Measures: ``strongest_feature_auc`` (``strongest_feature_r2`` for a quantity), ``giveaway_features``,
    ``telltale_features``, ``identifier_features``, ``shared_rows`` (a share), ``shared_persons``,
    ``sensitive_features``, ``undeclared_groups``, ``train_rows``, ``holdout_rows``; with group columns
    ``shared_groups``; with a time column ``after_features``, ``late_features``, ``fading_features`` (see Hindsight) and
    ``look_ahead``, the share of holdout rows that are older than the latest training row.
    """

    id: ClassVar[str] = "data.leakage"
    version: ClassVar[str] = "3"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("atlas:AML.T0059",)

    feature_error: float = 0.98
    feature_warning: float = 0.90
    shared_error: float = 0.01
    after_error: float = 0.01

    def examine(self, artifact: Prepared, /) -> Examination:
        """Judge the features by the training rows and the holdout, and compare both sides."""
        found = giveaways(artifact.signature, artifact.train, artifact.holdout)
        named = identifier_features(artifact.signature, artifact.train)
        shared, by_chance = _shared_rows(artifact)
        persons, sensitive = _shared_persons(artifact), tuple(_sensitive(artifact))
        split, undeclared, seen = shared_groups(artifact), undeclared_groups(artifact), hindsight(artifact)
        findings = (
            *self._features(found, named, artifact),
            *_identifiers(named),
            *self._shared(shared, by_chance),
            *_persons(persons),
            *group_findings(split, undeclared),
            *(seen.findings(self.after_error) if seen else ()),
            *sensitive,
        )
        strongest = "auc" if artifact.signature.task.is_classification else "r2"
        rules = [f.rule for f in findings]
        measures = {
            f"strongest_feature_{strongest}": max((g.strength for g in found), default=0.0),
            "giveaway_features": float(rules.count("leakage.feature")),
            "telltale_features": float(rules.count("leakage.telltale")),
            "identifier_features": float(len(named)),
            "shared_rows": shared,
            "shared_persons": float(persons),
            "sensitive_features": float(len(sensitive)),
            "undeclared_groups": float(len(undeclared)),
            "train_rows": float(len(artifact.train)),
            "holdout_rows": float(len(artifact.holdout)),
            **({"shared_groups": float(sum(split.values()))} if split else {}),
            **(seen.measures if seen else {}),
        }
        return Examination.judged(findings, measures)

    def _features(self, found: tuple[Giveaway, ...], named: tuple[str, ...], artifact: Prepared) -> Iterator[Finding]:
        enough = _enough_events(artifact)
        advice = "if it is known only after the answer is, add it to data.protect with drop"
        for giveaway in found:
            where = f"column {giveaway.feature!r}"
            if giveaway.feature in named:
                continue
            if giveaway.strength > self.feature_warning:
                sure = enough and giveaway.surely > self.feature_error
                severity = Severity.ERROR if sure else Severity.WARNING
                told = f"this feature alone predicts the label ({giveaway.strength:.3f} of 1)"
                yield Finding("leakage.feature", severity, told, where, advice)
            elif giveaway.telltales:
                told = "; ".join(_told(giveaway.feature, telltale, artifact) for telltale in giveaway.telltales)
                yield Finding("leakage.telltale", Severity.ERROR, told, where, advice)

    def _shared(self, share: float, by_chance: float) -> Iterator[Finding]:
        if by_chance:
            told = f"{by_chance:.1%} of the holdout rows equal training rows, as chance makes rows of few values"
            yield Finding("leakage.equal-rows", Severity.NOTE, told)
        if share:
            severity = Severity.ERROR if share > self.shared_error else Severity.WARNING
            told = f"{share:.1%} of the holdout rows stand in the training data as well, answer included"
            yield Finding("leakage.shared-rows", severity, told, hint="remove the copies before the data are split")


def _told(feature: str, telltale: Telltale, artifact: Prepared) -> str:
    """Value and class in words, where both may be told."""
    value = presented([_value(feature, telltale.row, artifact)], feature)
    kind = presented([artifact.signature.classes[telltale.kind]], "")
    met = f"{feature} = {value}" if value and is_presentable(feature) else "one of its values"
    rare = f"class {kind}" if kind else "one rare class"
    return f"{met} goes with {rare} in {telltale.pure:,} of {counted(telltale.rows, 'training row')}"


def _value(feature: str, row: int, artifact: Prepared) -> str:
    inputs = artifact.train.inputs
    for place, numeric in enumerate(artifact.signature.numeric):
        if numeric.name == feature:
            return f"{inputs.numeric[row, place]:g}"
    names = [categorical.name for categorical in artifact.signature.categorical]
    return str(inputs.categorical[row, names.index(feature)])


def _sensitive(artifact: Prepared) -> Iterator[Finding]:
    """Warn of features by which persons may be treated unequally: assurance.fairness measures whether they are."""
    inputs = {feature.name for feature in artifact.signature.features}
    for name in artifact.train.groups:
        if name in inputs:
            told = "a sensitive column is an input of the model, which can treat its groups unequally by it"
            advice = f"see what assurance.fairness says, or keep it out: add to data.protect: {yaml_text(name)}: drop"
            yield Finding("leakage.sensitive", Severity.WARNING, told, f"column {name!r}", advice)


def _enough_events(artifact: Prepared) -> bool:
    """Whether the holdout has enough rows of each class for an interval to mean anything."""
    if not artifact.signature.task.is_classification:
        return len(artifact.holdout) >= _FEW_EVENTS
    return int(np.bincount(artifact.holdout.target.astype(np.int64)).min()) >= _FEW_EVENTS


def _shared_rows(artifact: Prepared) -> tuple[float, float]:
    """Shares of the holdout rows that training rows equal: as copies, and by chance."""
    train, holdout = artifact.train, artifact.holdout
    numeric = np.concatenate([train.inputs.numeric, holdout.inputs.numeric])
    categorical = np.concatenate([train.inputs.categorical, holdout.inputs.categorical])
    target = np.concatenate([train.target, holdout.target])
    copies = find_copies([target, *numeric.T, *categorical.T], len(target))
    shared = np.isin(copies.codes[len(train) :], copies.codes[: len(train)])
    chance = copies.by_chance[len(train) :]
    return float(np.mean(shared & ~chance)), float(np.mean(shared & chance))


def _shared_persons(artifact: Prepared) -> int:
    if artifact.persons is None:
        return 0
    both = np.intersect1d(artifact.persons[artifact.train_rows], artifact.persons[artifact.holdout_rows])
    return len(both)


def _persons(count: int) -> Iterator[Finding]:
    if count:
        told = f"{count} persons have rows in the training data and in the holdout"
        yield Finding("leakage.persons", Severity.ERROR, told, hint="split by person: name the column as subject_id")


def _identifiers(names: tuple[str, ...]) -> Iterator[Finding]:
    for name in names:
        told = "a number or name of the row, not a property: a model can only learn it by heart"
        advice = f"add to data.protect: {yaml_text(name)}: drop"
        yield Finding("leakage.identifier", Severity.ERROR, told, f"column {name!r}", advice)
