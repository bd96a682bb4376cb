"""The control that measures how well an attacker tells whom a classifier learned from, and who is most exposed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.assurance.compared import Compared, compared
from secmlops.assurance.subject import ModelUnderTest, Promise, skipped, unknown_members
from secmlops.attack import lira
from secmlops.attack.epsilon import epsilon_lower_bound
from secmlops.attack.membership import gap, rmia, threshold
from secmlops.attack.noisy_labels import steadiness
from secmlops.attack.roc import Roc
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.trust.canonical import canonical_json

Scores = Mapping[str, npt.NDArray[np.float64]]

LIRA_FROM = 8
"""Reference models from which on LiRA is tried as well: with fewer it knows too little of each row."""
_RATES = {"tpr_at_1pct": 0.01, "tpr_at_0.1pct": 0.001}
_CONFIDENCE = 0.95
_MOST_POINTS = 200
_MOST_EXPOSED = 20


@dataclass(frozen=True, slots=True)
class Membership:
    """Attacks with known truth: rows the model learned from against the holdout, equally many of each.

    ``threshold`` needs no other model (Yeom et al. 2018), ``rmia`` and from 8 on ``lira_online`` and ``lira_offline``
    compare with ``references`` forests of random halves, or with the models of its own kind that training left
    (``own_kind`` is 1; then no model learned from the holdout, and ``lira_online`` is not tried), ``labels`` and
    ``noise`` see labels alone. Each is measured by
    ``attack_auc``, ``tpr_at_1pct`` and ``tpr_at_0.1pct`` under its own name; the plain names are those of the strongest
    attack, with its interval. ``epsilon_low`` is the least epsilon of differential privacy that the attacks do not
    refute, at confidence 0.95 and the delta that training promised, else 0; an error where it is above the promised
    epsilon, ``promised_epsilon``. Warned of from an AUC of ``notable_auc``. Products: ``roc``, and ``exposed``, the
    numbers of the training rows found most surely. ``candidates`` bounds the rows of each kind.
    """

    id: ClassVar[str] = "assurance.membership"
    version: ClassVar[str] = "2"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("atlas:AML.T0024.000", "owasp-ml:ML04")

    references: int = 8
    candidates: int = 1500
    copies: int = 8
    notable_auc: float = 0.6

    def __post_init__(self) -> None:
        if self.references < 2 or self.references % 2:
            raise InputError("reference models come in pairs", where="references", hint="give 2, 4, 8 or more")
        if self.candidates < 10 or self.copies < 1 or not 0.5 <= self.notable_auc <= 1:
            raise InputError("candidates, copies or notable_auc is out of range", where=self.id)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Attack ``model``; skipped where rows are too few or its members unknown. A regressor has no classes."""
        if not model.task.is_classification:
            note = Finding("membership.not-tried", Severity.NOTE, "these attacks are for classifiers")
            return Examination.judged((note,), {"attacks": 0.0}, materials={"model": model.predictor.digest})
        if obstacle := unknown_members(model) or model.obstacle():
            return skipped("membership.not-measured", obstacle)
        generator = np.random.default_rng([model.seed, 4])
        against = compared(model, self.candidates, self.references, generator)
        candidates = against.candidates
        scores = self._attack(model, against, generator)
        curves = {name: Roc.of(score, candidates.member) for name, score in scores.items()}
        strongest = max(curves, key=lambda name: curves[name].auc)
        measures = _measures(curves, strongest)
        measures |= {"references": float(len(against.references.likelihood)), "own_kind": float(against.own_kind)}
        measures["epsilon_low"] = _refuted(scores, candidates.member, model.promise.delta if model.promise else 0.0)
        exposed = _exposed(scores[strongest], candidates.member, against.rows)
        products = {"roc": canonical_json(_drawn(curves)), "exposed": canonical_json(exposed)}
        findings = (*self._findings(strongest, curves[strongest]), *_compared_with(against))
        if model.promise:
            measures["promised_epsilon"] = model.promise.epsilon
            findings += tuple(_broken(model.promise, measures["epsilon_low"]))
        return Examination.judged(findings, measures, products, {"model": model.predictor.digest})

    def _attack(self, model: ModelUnderTest, against: Compared, generator: np.random.Generator) -> Scores:
        oracle, candidates, references = model.predictor.predict, against.candidates, against.references
        outputs, target = oracle(candidates.inputs), candidates.target
        attacks: dict[str, Callable[[], npt.NDArray[np.float64]]] = {
            "threshold": partial(threshold, outputs, target),
            "rmia": partial(rmia, outputs, target, references.expected),
            "labels": lambda: gap(outputs, target) / references.expected,
            "noise": lambda: steadiness(oracle, candidates, self.copies, generator) / references.expected,
        }
        if len(references.likelihood) >= LIRA_FROM:
            if references.inside is None:
                attacks["lira_online"] = partial(lira.online, outputs, target, references)
            attacks["lira_offline"] = partial(lira.offline, outputs, target, references)
        return {name: attack() for name, attack in attacks.items()}

    def _findings(self, name: str, curve: Roc) -> Iterator[Finding]:
        low, high = curve.auc_interval()
        if low >= self.notable_auc:
            yield Finding(
                "membership.exposed",
                Severity.WARNING,
                f"an attacker tells training rows from others with an AUC of {curve.auc:.3f} ({low:.3f} to {high:.3f}; "
                f"{name.replace('_', ' ')}), and finds {curve.true_positive_rate(0.01):.1%} of them at 1% false alarms",
                hint="regularise, train privately, or harden the outputs: assurance.hardening says what each buys",
            )


def _compared_with(against: Compared) -> Iterator[Finding]:
    if against.own_kind:
        told = f"compared with {len(against.references.likelihood)} models of the model's own kind, fitted in training"
        yield Finding("membership.own-kind", Severity.NOTE, told)


def _measures(curves: Mapping[str, Roc], strongest: str) -> dict[str, float]:
    best = curves[strongest]
    measures = {"attacks": float(len(curves)), "rows": float(best.members + best.others)}
    measures |= {"attack_auc": best.auc} | dict(
        zip(("attack_auc_low", "attack_auc_high"), best.auc_interval(), strict=True)
    )
    for name, rate in _RATES.items():
        found = max(curves.values(), key=lambda curve: curve.true_positive_rate(rate))
        low, high = found.true_positive_interval(rate)
        measures |= {name: found.true_positive_rate(rate), f"{name}_low": low, f"{name}_high": high}
    for attack, curve in curves.items():
        measures[f"{attack}.attack_auc"] = curve.auc
        measures |= {f"{attack}.{name}": curve.true_positive_rate(rate) for name, rate in _RATES.items()}
    return measures


def _broken(promise: Promise, epsilon_low: float) -> Iterator[Finding]:
    """Yield an error where the attacks refute what was promised."""
    if epsilon_low > promise.epsilon:
        yield Finding(
            "membership.promise-broken",
            Severity.ERROR,
            f"training promised an epsilon of {promise.epsilon:.3g}, and the attacks show that it is above "
            f"{epsilon_low:.3g}, at confidence {_CONFIDENCE}",
            hint="do not release the model: rows of one person may be many, or the training code is not what it seems",
        )


def _refuted(scores: Scores, member: npt.NDArray[np.bool_], delta: float) -> float:
    """Lower bound on epsilon by the best of the attacks, paid for by Bonferroni's correction."""
    confidence = 1 - (1 - _CONFIDENCE) / len(scores)
    return max(epsilon_lower_bound(score, member, confidence, delta) for score in scores.values())


def _exposed(score: npt.NDArray[np.float64], member: npt.NDArray[np.bool_], rows: npt.NDArray[np.intp]) -> list[Json]:
    """Numbers of the training rows that score above every other row, the highest first."""
    order = np.argsort(-score[member], kind="stable")
    above = score[member][order] > score[~member].max()
    return [int(row) for row in rows[order[above]][:_MOST_EXPOSED]]


def _drawn(curves: Mapping[str, Roc]) -> Json:
    """Points of each curve, as shares of the others and of the members."""
    drawn: dict[str, Json] = {}
    for name, curve in curves.items():
        places = np.unique(np.geomspace(1, len(curve.false), _MOST_POINTS).astype(np.intp) - 1)
        false: list[Json] = [float(value) for value in curve.false[places] / curve.others]
        true: list[Json] = [float(value) for value in curve.true[places] / curve.members]
        drawn[name] = {"false": false, "true": true}
    return drawn
