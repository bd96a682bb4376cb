"""Advice from the child is taken word for word or not at all."""

from secmlops.training.advice import Advice, is_ours
from secmlops.training.models import MODELS


def test_only_our_own_words_are_ours() -> None:
    assert all(is_ours(advice.value) for advice in Advice)
    assert not is_ours("")
    assert not is_ours(f"{Advice.CLASSES} ")
    assert not is_ours("CLASSES")


def test_the_known_models_are_all_named() -> None:
    assert f"known: {', '.join(sorted(MODELS))}" == Advice.MODELS
