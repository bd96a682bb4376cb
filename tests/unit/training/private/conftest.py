"""Plans for small tables, with the noise that they need and without any."""

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from secmlops.runtime.signature import Signature
from secmlops.training.private.noise import Noise
from secmlops.training.private.plan import Plan, plan_of
from secmlops.training.private.settings import PrivateTraining


@pytest.fixture
def planned() -> Callable[..., Plan]:
    """Plan of a model for a signature at epsilon 3, with other settings where they are given."""

    def plan(signature: Signature, model: str = "logistic_regression", **settings: object) -> Plan:
        asked = PrivateTraining(**{"epsilon": 3.0, "delta": 1e-5, **settings})  # type: ignore[arg-type]
        return plan_of(asked, signature, model)

    return plan


@pytest.fixture
def bare(planned: Callable[..., Plan]) -> Callable[..., Plan]:
    """The same without any noise: what promises nothing."""

    def plan(signature: Signature, model: str = "logistic_regression", **settings: object) -> Plan:
        return msgspec.structs.replace(
            planned(signature, model, **settings), noise_multiplier=0.0, looks=(np.inf, np.inf)
        )

    return plan


@pytest.fixture
def foreseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same noise and the same samples in each run: what they come to is then no matter of luck."""
    draw = np.random.default_rng(4)
    monkeypatch.setattr(Noise, "_uniform", lambda _, count: 1 - draw.random(count))
