"""Words for an explanation: the few features that speak most for the decision, and those that speak against it.

At most four reasons are told, the principal ones, as lenders in the United States do when they refuse a credit
(Regulation B, 12 CFR 1002.9(b)(2) with its official interpretation: more are not likely to help the applicant).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.explain.explanation import Explanation, Floats
from secmlops.explain.usual import Usual, Usuals
from secmlops.runtime.signature import MISSING_CATEGORY, Feature, FeatureKind, Inputs, Signature

MOST_REASONS = 4
VALUE = "{value}"
MAX_PHRASE = 200
_LEAST_SHARE = 0.01
"""Of all contributions' size together: a feature below it is no reason."""
_SURE = 2.0
"""Standard errors by which a sampled contribution must differ from nothing to be a reason."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """What was ``decided``, and what spoke for and against it, the strongest first.

    For a quantity ``decided`` is the predicted number; what speaks for it moved it the way it lies from the usual.
    """

    decided: str
    for_it: tuple[str, ...]
    against_it: tuple[str, ...]


class Wording:
    """Puts explanations of one model into words.

    ``phrases`` are the project's own, by feature: ``{value}`` in them stands for the row's value. ``usual`` are the
    quartiles of the numeric features. Raises InputError for a phrase of a feature that there is not, or one too long.
    """

    def __init__(self, signature: Signature, phrases: Mapping[str, str], usual: Usuals) -> None:
        names = {f.name for f in signature.features}
        unknown = next((name for name in phrases if name not in names), None)
        if unknown is not None:
            raise InputError(f"a phrase for {unknown[:80]!r}, which is no feature of the model", where="phrases")
        check_phrases(phrases)
        self._signature = signature
        self._phrases = dict(phrases)
        places = {f.name: place for place, f in enumerate(signature.numeric)}
        self._usual = {name: usual[place] for name, place in places.items() if place < len(usual)}

    def reasons(self, explanation: Explanation, inputs: Inputs, row: int) -> Reasons:
        """Reasons for the decision on one of the explained rows."""
        contributions = explanation.contributions[row]
        towards = contributions * self._direction(explanation, row)
        told = _notable(contributions, explanation.standard_error[row])
        order = np.argsort(-np.abs(towards), kind="stable")
        ranked = [int(i) for i in order if told[i]]
        values = values_of(self._signature, inputs, row)
        words = {i: self._words(self._signature.features[i], values[i]) for i in ranked}
        return Reasons(
            self._decision(explanation, row),
            tuple(words[i] for i in ranked if towards[i] > 0)[:MOST_REASONS],
            tuple(words[i] for i in ranked if towards[i] < 0)[:MOST_REASONS],
        )

    def _direction(self, explanation: Explanation, row: int) -> float:
        """1 where a positive contribution speaks for what was decided, -1 where it speaks against it."""
        if self._signature.task is Task.REGRESSION:
            return 1.0 if explanation.output[row] >= explanation.base[row] else -1.0
        return 1.0 if explanation.decided[row] == explanation.explained[row] else -1.0

    def _decision(self, explanation: Explanation, row: int) -> str:
        if self._signature.task is Task.REGRESSION:
            return shown_number(float(explanation.answers[row, 0]))
        return self._signature.classes[int(explanation.decided[row])]

    def _words(self, feature: Feature, value: float | str | None) -> str:
        if value is None:
            return f"{feature.name} is missing"
        shown = value if isinstance(value, str) else shown_number(value)
        if feature.name in self._phrases:
            return self._phrases[feature.name].replace(VALUE, shown)
        usual = None if isinstance(value, str) else _against_usual(value, self._usual.get(feature.name))
        return f"{feature.name} = {shown}{f', {usual}' if usual else ''}"


def check_phrases(phrases: Mapping[str, str]) -> None:
    """Raise InputError for a phrase that says nothing, is too long, or does not stand on one line."""
    for name, phrase in phrases.items():
        if not phrase.strip() or len(phrase) > MAX_PHRASE or not phrase.isprintable():
            what = f"the phrase for {name[:80]!r} is no line of 1 to {MAX_PHRASE} characters"
            raise InputError(what, where="phrases", hint='for example: "{value} late payments"')


def values_of(signature: Signature, inputs: Inputs, row: int) -> list[float | str | None]:
    """Value of each feature in one row, in the signature's order; None where it is missing."""
    numbers, texts = iter(inputs.numeric[row].tolist()), iter(inputs.categorical[row].tolist())
    return list(_values(signature, numbers, texts))


def _values(signature: Signature, numbers: Iterator[float], texts: Iterator[str]) -> Iterator[float | str | None]:
    for feature in signature.features:
        if feature.kind is FeatureKind.NUMERIC:
            number = next(numbers)
            yield None if np.isnan(number) else number
        else:
            text = next(texts)
            yield None if text == MISSING_CATEGORY else text


def shown_number(value: float) -> str:
    """Show a number in four figures: ``12,340``, ``0.3333``; whole numbers up to 10^15 in full: ``123,456``."""
    if value == int(value) and abs(value) < 1e15 if np.isfinite(value) else False:
        return f"{value:,.0f}"
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def _against_usual(value: float, usual: Usual | None) -> str:
    if usual is None or usual.low <= value <= usual.high:
        return ""
    return "higher than usual" if value > usual.high else "lower than usual"


def _notable(contributions: Floats, error: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which contributions [p] are large enough, and sure enough, to be told."""
    size = np.abs(contributions)
    notable: np.ndarray[tuple[int], np.dtype[np.bool_]] = (size > _LEAST_SHARE * size.sum()) & (size > _SURE * error)
    return notable
