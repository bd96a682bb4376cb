"""Rows with their classes that a trigger is set against: trusted ones, and ones that may be poisoned themselves."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.attack.poisoning.backdoor import Trigger
from secmlops.attack.poisoning.poisoned import Mask
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Inputs

_NEAR = 0.02
"""Of the range of a column: so near to a trigger's value a row is taken to hold it."""
_EXPECTED, _REPEATED = 4, 4
"""So many times as many rows as expected may lie beyond the trusted ones, and so many may be equal there."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Examples of classes: ``trusted`` ones, and ``doubtful`` ones that the model may have learned from."""

    trusted: Examples
    doubtful: Examples

    def usual(self) -> Examples:
        """Trusted rows, and of the doubtful ones those with no value that lies outside of these."""
        return _joined(self.trusted, self.doubtful.take(np.flatnonzero(self._within())))

    def without(self, trigger: Trigger) -> Examples:
        """The usual rows but the doubtful ones that hold the trigger, or nearly do."""
        usual = self.usual()
        suspected = self._holds(trigger, usual.inputs) & (np.arange(len(usual)) >= len(self.trusted))
        return usual.take(np.flatnonzero(~suspected))

    def support(self, trigger: Trigger) -> float:
        """Share of the trusted rows that hold the trigger by themselves, or nearly do."""
        return float(self._holds(trigger, self.trusted.inputs).mean())

    def _holds(self, trigger: Trigger, rows: Inputs) -> Mask:
        held = np.ones(len(rows), bool)
        for place, number in trigger.numeric.items():
            column, (low, high) = rows.numeric[:, place], _range(self.trusted.inputs.numeric[:, place])
            held &= np.isnan(column) if np.isnan(number) else np.abs(column - number) <= _NEAR * (high - low)
        for place, text in trigger.categorical.items():
            held &= rows.categorical[:, place] == text
        return held

    def _within(self) -> Mask:
        """Doubtful rows of which each value lies in the range of the trusted, or beyond as by chance, or is a category.

        Of so many rows one in as many as are trusted, and one, exceeds them all by chance. These weigh much on a slope;
        planted rows beyond are more, or are equal.
        """
        rows, trusted = self.doubtful.inputs, self.trusted.inputs
        usual = np.ones(len(rows), bool)
        most = _EXPECTED * len(rows) / (len(trusted) + 1)
        for mine, column in zip(rows.numeric.T, trusted.numeric.T, strict=True):
            low, high = _range(column)
            reach = _NEAR * (high - low)
            for beyond in (mine < low - reach, mine > high + reach):
                usual &= ~beyond | (~_repeated(mine) & (np.count_nonzero(beyond) <= most))
        for mine, column in zip(rows.categorical.T, trusted.categorical.T, strict=True):
            usual &= np.isin(mine.astype(str), np.unique(column.astype(str)))
        return usual


def _repeated(column: npt.NDArray[np.float32]) -> Mask:
    """Rows whose number several others hold as well."""
    _, of, counts = np.unique(column, return_inverse=True, return_counts=True)
    repeated: Mask = counts[of] >= _REPEATED
    return repeated


def _range(column: npt.NDArray[np.float32]) -> tuple[float, float]:
    known = column[np.isfinite(column)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)


def _joined(one: Examples, other: Examples) -> Examples:
    inputs = Inputs(
        np.concatenate([one.inputs.numeric, other.inputs.numeric]),
        np.concatenate([one.inputs.categorical, other.inputs.categorical]),
    )
    return Examples(inputs, np.concatenate([one.target, other.target]))
