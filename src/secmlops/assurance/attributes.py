"""The control that measures how much the model's answers help to guess a sensitive column of those it learned from."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.assurance.subject import NAME_ONE, ModelUnderTest, skipped
from secmlops.attack.attributes import Attribute, Guesses, Persons, guess
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.runtime.examples import Examples

_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Advantage:
    """Share of persons guessed right by imputation and by the attack, and the difference with its interval."""

    imputed: float
    attacked: float
    low: float
    high: float

    @classmethod
    def of(cls, guesses: Guesses) -> "Advantage":
        """The difference is paired: each person is guessed both ways."""
        gained = guesses.attacked.astype(np.float64) - guesses.imputed
        reach = NormalDist().inv_cdf((1 + _CONFIDENCE) / 2) * float(gained.std(ddof=1)) / len(gained) ** 0.5
        middle = float(gained.mean())
        return cls(float(guesses.imputed.mean()), float(guesses.attacked.mean()), middle - reach, middle + reach)

    @property
    def gained(self) -> float:
        """Attack less imputation."""
        return self.attacked - self.imputed


@dataclass(frozen=True, slots=True)
class Attributes:
    """Attribute inference on each column of ``data.sensitive``: up to ``rows`` training rows are the victims.

    The attacker's own rows are the holdout. ``advantage`` is the share guessed right with the model's answers, less
    that without them, for the column where it is largest, and under each column's name; ``imputed`` and ``attacked``
    are the shares themselves. Warned of from ``notable_advantage`` where the interval leaves out 0.
    """

    id: ClassVar[str] = "assurance.attributes"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("atlas:AML.T0024.001", "owasp-ml:ML03")

    rows: int = 1000
    notable_advantage: float = 0.05

    def __post_init__(self) -> None:
        if self.rows < 10 or not 0 <= self.notable_advantage <= 1:
            raise InputError("rows or notable_advantage is out of range", where=self.id)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Attack ``model``; skipped where there are too few rows to learn or to judge from."""
        materials = {"model": model.predictor.digest}
        if not model.holdout.groups:
            note = Finding("attributes.none", Severity.NOTE, "no sensitive column to guess", hint=NAME_ONE)
            return Examination.judged((note,), {"sensitive_columns": 0.0}, materials=materials)
        obstacle = model.obstacle()
        if obstacle:
            return skipped("attributes.not-measured", obstacle)
        found = {name: one for name in model.holdout.groups if (one := self._column(name, model)) is not None}
        if not found:
            return skipped("attributes.not-measured", "every sensitive column has a single group")
        worst = max(found.values(), key=lambda one: one.gained)
        measures = {"sensitive_columns": float(len(found)), **_told(worst)}
        for name, one in found.items():
            measures |= {f"{name}.{key}": value for key, value in _told(one).items()}
        findings = tuple(finding for name, one in found.items() for finding in self._findings(name, one))
        return Examination.judged(findings, measures, materials=materials)

    def _column(self, name: str, model: ModelUnderTest) -> Advantage | None:
        generator = np.random.default_rng([model.seed, 5])
        victims = model.train.take(generator.permutation(len(model.train))[: self.rows])
        groups = np.unique(np.concatenate([victims.groups[name], model.holdout.groups[name]]).astype(str))
        if len(groups) < 2:
            return None
        attribute = _attribute(name, groups, model)
        known, aimed = (_persons(part, name, groups, model) for part in (model.holdout, victims))
        return Advantage.of(guess(model.predictor.predict, attribute, known, aimed, generator))

    def _findings(self, name: str, one: Advantage) -> Iterator[Finding]:
        if one.low > 0 and one.gained >= self.notable_advantage:
            yield Finding(
                "attributes.guessed",
                Severity.WARNING,
                f"{one.attacked:.1%} are guessed right with the model's answers, {one.imputed:.1%} without them "
                f"(difference {one.low:.3f} to {one.high:.3f})",
                where=name,
                hint="leave the column out of the features, or harden the outputs",
            )


def _attribute(name: str, groups: npt.NDArray[np.str_], model: ModelUnderTest) -> Attribute:
    """Where the column stands among the inputs, and a value that stands for each group: its median or commonest."""
    numeric = [feature.name for feature in model.signature.numeric]
    categorical = [feature.name for feature in model.signature.categorical]
    group = model.holdout.groups[name].astype(str)
    if name in numeric:
        place = numeric.index(name)
        numbers = model.holdout.inputs.numeric[:, place]
        return Attribute(place, tuple(_median(numbers[group == one], numbers) for one in groups))
    if name in categorical:
        place = categorical.index(name)
        texts = model.holdout.inputs.categorical[:, place]
        return Attribute(len(numeric) + place, tuple(_commonest(texts[group == one], str(one)) for one in groups))
    return Attribute(None, tuple(map(str, groups)))


def _persons(part: Examples, name: str, groups: npt.NDArray[np.str_], model: ModelUnderTest) -> Persons:
    classes = len(model.signature.classes)
    target = np.eye(classes)[part.target] if classes else part.target.astype(np.float64)[:, None]
    return Persons(part.inputs, target, np.searchsorted(groups, part.groups[name].astype(str)))


def _median(values: npt.NDArray[np.float32], everyone: npt.NDArray[np.float32]) -> float:
    for rows in (values, everyone):
        known = rows[np.isfinite(rows)]
        if len(known):
            return float(np.median(known))
    return 0.0


def _commonest(values: npt.NDArray[np.object_], otherwise: str) -> str:
    if not len(values):
        return otherwise
    names, counts = np.unique(values.astype(str), return_counts=True)
    return str(names[counts.argmax()])


def _told(one: Advantage) -> dict[str, float]:
    return {
        "advantage": one.gained,
        "advantage_low": one.low,
        "advantage_high": one.high,
        "imputed": one.imputed,
        "attacked": one.attacked,
    }
