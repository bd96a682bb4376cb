"""Settings of a watch."""

import pytest

from secmlops.core.errors import InputError
from secmlops.detect.clients.settings import Bounds, Sign


def test_every_sign_has_evidence():
    settings = Bounds()
    assert all(0 < settings.evidence(sign).add(0) < 1e3 for sign in Sign)


def test_a_stricter_bound_makes_more_of_the_same_request():
    strict, lax = Bounds(straight=0.01), Bounds(straight=0.2)
    assert strict.evidence(Sign.STRAIGHT).add(0) > lax.evidence(Sign.STRAIGHT).add(0)


@pytest.mark.parametrize("wrong", [{"error": 0.0}, {"error": 1.0}, {"budget": -1}])
def test_nonsense_is_refused(wrong):
    with pytest.raises(InputError):
        Bounds(**wrong)


def test_bounds_that_are_none_are_refused_before_a_client_comes():
    with pytest.raises(InputError):
        Bounds(straight=1.0).evidence(Sign.STRAIGHT)
