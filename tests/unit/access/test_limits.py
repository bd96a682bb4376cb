"""Limits of an identity: a bound that lets something through, or none."""

import pytest

from secmlops.access.limits import MOST, Limits
from secmlops.core.errors import InputError


@pytest.mark.parametrize(
    "limits", [Limits(), Limits(rate=0.01), Limits(burst=1, per_day=MOST), Limits(rate=float(MOST))]
)
def test_bounds_that_make_sense_are_taken(limits):
    limits.check()


@pytest.mark.parametrize("name", ["rate", "burst", "per_day"])
@pytest.mark.parametrize("bound", [0, -1, MOST + 1, float("nan"), float("inf")])
def test_other_bounds_are_refused_by_name(name, bound):
    with pytest.raises(InputError) as told:
        Limits(**{name: bound}).check()
    assert told.value.where == name
