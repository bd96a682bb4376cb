"""Losses add up exactly, and nonsense is refused."""

import pytest

from secmlops.core.errors import InputError
from secmlops.data.differential_privacy.loss import PrivacyLoss


def test_ten_tenths_are_one_and_no_more():
    whole, part = PrivacyLoss(1.0, 1e-8), PrivacyLoss(0.1, 1e-9)
    spent = PrivacyLoss(0.0)
    for _ in range(10):
        assert (whole - spent).covers(part)
        spent += part
    assert spent == whole
    assert not (whole - spent).covers(PrivacyLoss(1e-6))


def test_one_of_the_two_alone_does_not_cover():
    assert not PrivacyLoss(1.0).covers(PrivacyLoss(0.1, 1e-12))
    assert not PrivacyLoss(0.1, 1e-6).covers(PrivacyLoss(0.2, 1e-9))


def test_less_than_nothing_is_nothing():
    assert PrivacyLoss(0.1, 0.0) - PrivacyLoss(0.5, 1e-9) == PrivacyLoss(0.0, 0.0)


@pytest.mark.parametrize(
    ("epsilon", "delta"),
    [("-1", "0"), ("nan", "0"), ("inf", "0"), ("101", "0"), ("1", "1"), ("1", "-1"), ("x", "0")],
)
def test_what_is_no_loss_is_refused(epsilon, delta):
    with pytest.raises(InputError):
        PrivacyLoss.read(epsilon, delta)


def test_it_is_told_in_words():
    assert (str(PrivacyLoss(0.5)), str(PrivacyLoss(0.5, 1e-9))) == ("epsilon 0.5", "epsilon 0.5, delta 1e-09")
