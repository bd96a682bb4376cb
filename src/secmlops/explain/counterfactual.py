"""Counterfactuals: the fewest and smallest changes of one row with which the model would have decided otherwise.

Wachter, Mittelstadt and Russell (Harvard JL & Tech 2018) ask for the nearest such row. Here it is searched for among
values that the signature lists, by beam search over one change, two, three (Russell 2019 calls for several, diverse
answers): no row of another person is shown, as it would be where the nearest row of a table is taken.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.explain.explanation import Floats
from secmlops.explain.sampling import Predicts
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

_STEPS = 13
_BEAM = 24
_MOST_CHANGES = 3
_MOST_TOLD = 3
_EACH = 0.25
"""What a change costs beside its size, which is at most 1: few changes before small ones."""
_HALVINGS = 12


class Change(StrEnum):
    """How a feature of a person may change: not at all, either way, or only up or down."""

    FIXED = "fixed"
    FREE = "free"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Values before and after by feature, what the model answers then [k], and the cost of the changes."""

    changes: Mapping[str, tuple[float | str, float | str]]
    answer: Floats
    cost: float


@dataclass(frozen=True, slots=True)
class _State:
    changed: tuple[tuple[int, float | str], ...]
    cost: float
    score: float


Wish = Callable[[Floats], Floats]
"""How far answers [n, k] are on the wanted side: above 0 where the decision is the wanted one."""


def wish_for_class(wanted: int) -> Wish:
    """The class ``wanted`` is the likeliest; of two equal ones the event is."""

    def margin(answers: Floats) -> Floats:
        others = np.delete(answers, wanted, axis=1).max(axis=1)
        wins: Floats = answers[:, wanted] - others + (1e-9 if wanted else 0.0)
        return wins

    return margin


def wish_for_amount(bound: float, above: bool) -> Wish:
    """The prediction is above ``bound``, or below it."""

    def margin(answers: Floats) -> Floats:
        distance: Floats = (answers[:, 0] - bound) * (1 if above else -1)
        return distance

    return margin


class Search:
    """Counterfactuals of rows of one model; ``allowed`` says what may change, by feature, and all else is free.

    Raises InputError for a feature that there is not.
    """

    def __init__(self, model: Predicts, signature: Signature, allowed: Mapping[str, Change] | None = None) -> None:
        self._model = model
        self._features = (*signature.numeric, *signature.categorical)
        self._width = len(signature.numeric)
        names = {feature.name for feature in self._features}
        unknown = next((name for name in allowed or {} if name not in names), None)
        if unknown is not None:
            raise InputError(f"the model has no feature {unknown[:80]!r}", hint=f"features: {', '.join(sorted(names))}")
        self._allowed = dict(allowed or {})

    def find(self, row: Inputs, wish: Wish) -> tuple[Counterfactual, ...]:
        """Up to three, the cheapest first, no two of the same features; none where three changes do not suffice.

        ``row`` is a single one; raises InputError otherwise, or when it is decided as wished already.
        """
        if len(row) != 1:
            raise InputError(f"a counterfactual is of one row, not {len(row)}")
        if wish(self._model.predict(row))[0] > 0:
            raise InputError("the model decides so already", hint="ask for another decision")
        steps = [self._steps(place, row) for place in range(len(self._features))]
        beam, found = [_State((), 0.0, 0.0)], list[_State]()
        for _ in range(_MOST_CHANGES):
            states = self._judged(row, wish, self._extended(beam, steps, row))
            found += [state for state in states if state.score > 0]
            beam = sorted((s for s in states if s.score <= 0), key=lambda s: -s.score)[:_BEAM]
            if len(_distinct(found)) >= _MOST_TOLD or not beam:
                break
        told = [self._smallest(state, row, wish) for state in _distinct(found)[:_MOST_TOLD]]
        return tuple(self._told(state, row) for state in sorted(told, key=lambda state: state.cost))

    def _extended(self, beam: Sequence[_State], steps: Sequence[Sequence[float | str]], row: Inputs) -> list[_State]:
        """Every state of the beam with one more feature changed, each set of changes once."""
        extended: dict[tuple[tuple[int, float | str], ...], _State] = {}
        for state in beam:
            held = {place for place, _ in state.changed}
            for place, values in enumerate(steps):
                for value in () if place in held else values:
                    changed = tuple(sorted((*state.changed, (place, value)), key=lambda one: one[0]))
                    extended[changed] = _State(changed, self._cost(changed, row), 0.0)
        return list(extended.values())

    def _judged(self, row: Inputs, wish: Wish, states: Sequence[_State]) -> list[_State]:
        if not states:
            return []
        rows = row.take(np.zeros(len(states), np.intp))
        numeric, categorical = rows.numeric.copy(), rows.categorical.copy()
        for number, state in enumerate(states):
            for place, value in state.changed:
                part, column = (numeric, place) if place < self._width else (categorical, place - self._width)
                part[number, column] = value
        scores = wish(self._model.predict(Inputs(numeric, categorical)))
        return [replace(state, score=float(score)) for state, score in zip(states, scores, strict=True)]

    def _smallest(self, state: _State, row: Inputs, wish: Wish) -> _State:
        """Halve each change of a number towards the row as long as the decision stays."""
        for place, value in state.changed:
            if place >= self._width:
                continue
            near, far = self._value(row, place), value
            for _ in range(_HALVINGS):
                middle = self._rounded(place, (float(near) + float(far)) / 2)
                if middle in (near, far) or not np.isfinite(middle):
                    break
                (tried,) = self._judged(row, wish, [self._with(state, place, middle, row)])
                near, far = (near, middle) if tried.score > 0 else (middle, far)
                state = tried if tried.score > 0 else state
        return state

    def _with(self, state: _State, place: int, value: float, row: Inputs) -> _State:
        changed = tuple((p, value if p == place else v) for p, v in state.changed)
        return _State(changed, self._cost(changed, row), 0.0)

    def _steps(self, place: int, row: Inputs) -> list[float | str]:
        """Values to try of one feature."""
        feature, held = self._features[place], self._value(row, place)
        rule = self._allowed.get(feature.name, Change.FREE)
        if rule is Change.FIXED:
            return []
        if feature.kind is FeatureKind.CATEGORICAL:
            return [category for category in feature.categories if category != held]
        if feature.minimum is None or feature.maximum is None:
            return []
        grid = dict.fromkeys(self._rounded(place, v) for v in np.linspace(feature.minimum, feature.maximum, _STEPS))
        return [value for value in grid if value != held and _is_allowed(rule, float(held), value)]

    def _rounded(self, place: int, value: float) -> float:
        return float(round(value)) if self._features[place].integer else float(np.float32(value))

    def _value(self, row: Inputs, place: int) -> float | str:
        if place < self._width:
            return float(row.numeric[0, place])
        return str(row.categorical[0, place - self._width])

    def _cost(self, changed: Sequence[tuple[int, float | str]], row: Inputs) -> float:
        return sum(_EACH + self._distance(self._features[place], self._value(row, place), v) for place, v in changed)

    def _distance(self, feature: Feature, before: float | str, after: float | str) -> float:
        """Share of the range that is crossed; 1 for another category, or where nothing was known."""
        if isinstance(before, str) or isinstance(after, str) or not np.isfinite(before):
            return 1.0
        span = (feature.maximum or 0.0) - (feature.minimum or 0.0)
        return abs(after - before) / span if span else 1.0

    def _told(self, state: _State, row: Inputs) -> Counterfactual:
        numeric, categorical = row.numeric.copy(), row.categorical.copy()
        changes: dict[str, tuple[float | str, float | str]] = {}
        for place, value in state.changed:
            part: npt.NDArray[np.float32] | npt.NDArray[np.object_]
            part, column = (numeric, place) if place < self._width else (categorical, place - self._width)
            part[0, column] = value
            changes[self._features[place].name] = (self._value(row, place), value)
        return Counterfactual(changes, self._model.predict(Inputs(numeric, categorical))[0], state.cost)


def _distinct(states: Sequence[_State]) -> list[_State]:
    """The cheapest state of each set of features, the cheapest first; none that changes more than one before it."""
    kept: list[_State] = []
    for state in sorted(states, key=lambda one: one.cost):
        places = {place for place, _ in state.changed}
        if not any({place for place, _ in other.changed} <= places for other in kept):
            kept.append(state)
    return kept


def _is_allowed(rule: Change, before: float, after: float) -> bool:
    if rule is Change.FREE or not np.isfinite(before):
        return True
    return after > before if rule is Change.UP else after < before
