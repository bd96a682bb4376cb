"""Which of the rows that may be poisoned are learned from as honest ones."""

import numpy as np

from secmlops.attack.poisoning.backdoor import Trigger
from secmlops.attack.triggers.known import Known
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Inputs


def rows(numbers: np.ndarray, text: str = "a") -> Examples:
    column = np.asarray(numbers, np.float32)[:, None]
    texts = np.full((len(column), 1), text, object)
    return Examples(Inputs(column, texts), np.zeros(len(column), np.int64))


TRUSTED = np.linspace(-2, 2, 100)
EXTREMES = np.linspace(3, 4, 5)
"""As many of 400 as exceed a hundred others by chance, about."""


def test_a_few_honest_extremes_are_learned_from_and_planted_ones_are_not() -> None:
    honest = np.linspace(-1.9, 1.9, 395)
    few = Known(rows(TRUSTED), rows(np.concatenate([honest, EXTREMES])))
    assert len(few.usual()) == 500
    equal = Known(rows(TRUSTED), rows(np.concatenate([honest, EXTREMES, np.full(8, 9.0)])))
    assert equal.usual().inputs.numeric.max() == 4
    many = Known(rows(TRUSTED), rows(np.concatenate([honest, np.linspace(3, 4, 40)])))
    assert many.usual().inputs.numeric.max() == 2


def test_a_text_that_no_trusted_row_holds_is_not_learned_from() -> None:
    assert len(Known(rows(TRUSTED), rows(TRUSTED, "never seen")).usual()) == 100


def test_rows_that_nearly_hold_a_trigger_are_left_out_unless_they_are_trusted() -> None:
    known = Known(rows(TRUSTED), rows(TRUSTED))
    left = known.without(Trigger({0: 0.0}))
    assert len(left) == 200 - np.count_nonzero(np.abs(TRUSTED) <= 0.08)
    assert known.support(Trigger({0: 0.0}, {0: "a"})) == np.mean(np.abs(TRUSTED) <= 0.08)
