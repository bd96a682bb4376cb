"""Holding a control to its contract."""

import numpy as np
import pytest

from secmlops.core.control import Examination
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.lifecycle.contract import checked

GOOD = Examination(
    Outcome.PASSED,
    (Finding("r", Severity.NOTE, "m"),),
    {"a": 1, "b": 2.5, "c": np.float32(3)},
    {"p": b"x"},
    {"d": Digest.of(b"")},
)


def test_what_fits_is_handed_on() -> None:
    assert checked(GOOD) is GOOD


@pytest.mark.parametrize(
    ("brought", "what"),
    [
        (None, "it gave NoneType"),
        (Examination("passed"), "outcome"),
        (Examination(Outcome.PASSED, ("x",)), "finding"),
        (Examination(Outcome.PASSED, (), {"a": float("inf")}), "the measure a is no finite number"),
        (Examination(Outcome.PASSED, (), {"a": None}), "the measure a"),
        (Examination(Outcome.PASSED, (), {"a": 10**400}), "the measure a"),
        (Examination(Outcome.PASSED, (), {3: 1.0}), "the measure 3"),
        (Examination(Outcome.PASSED, (), {}, {"p": "text"}), "product"),
        (Examination(Outcome.PASSED, (), {}, {}, {"d": b"x"}), "material"),
    ],
)
def test_what_does_not_is_a_breach(brought: object, what: str) -> None:
    with pytest.raises(InputError, match=what):
        checked(brought)
