"""Stochastic gradient descent by Opacus: what it hides, what it learns, and that its networks become ONNX."""

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from kits.recorded_noise import Recorded, mu_between
from secmlops.core.task import Task
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Signature
from secmlops.training.answers import answers
from secmlops.training.export import export
from secmlops.training.private import fit as fitting
from secmlops.training.private.fit import private_fit
from secmlops.training.private.plan import Plan
from secmlops.training.private.settings import Method
from secmlops.training.transport import to_table

pytestmark = pytest.mark.usefixtures("foreseen")

pytest.importorskip("opacus", reason="the extra `private` (Opacus and PyTorch, 200 MB) is not installed")


@pytest.fixture
def short(planned: Callable[..., Plan]) -> Callable[..., Plan]:
    """Plan of few steps, whose noise was not searched for."""

    def plan(signature: Signature, **changes: object) -> Plan:
        few = {"steps": 15, "sample_rate": 0.05, "noise_multiplier": 1.0, "clip_norm": 1.0}
        return msgspec.structs.replace(planned(signature), method=Method.SGD, **{**few, **changes})

    return plan


@pytest.mark.parametrize("model", ["neural_network", "logistic_regression"])
def test_neighbouring_tables_are_no_further_apart_than_the_noise_hides(
    monkeypatch: pytest.MonkeyPatch, short: Callable[..., Plan], problem: Callable, model: str
) -> None:
    examples, signature = problem()
    plan, last = short(signature), len(examples) - 1
    fits: list[Recorded] = []
    for rows in (last + 1, last):
        noise = Recorded(fits[0] if fits else None)
        monkeypatch.setattr(fitting, "Noise", lambda noise=noise: noise)
        table = to_table(examples.inputs.take(slice(0, rows)), signature)
        private_fit(plan, signature, model)(table, examples.target[:rows], 0)
        fits.append(noise)
    seen = sum(bool(last in sample) for sample in fits[0].samples)
    looks = np.hypot(*plan.looks)
    told = mu_between(*fits)
    assert told <= np.sqrt(seen * plan.noise_multiplier**-2 + looks**2) * (1 + 1e-9)
    assert seen == 0 or told > looks / 2


@pytest.mark.parametrize(
    ("task", "model"),
    [
        (Task.BINARY, "neural_network"),
        (Task.MULTICLASS, "neural_network"),
        (Task.REGRESSION, "neural_network"),
        (Task.MULTICLASS, "logistic_regression"),
        (Task.REGRESSION, "linear_regression"),
    ],
)
def test_the_onnx_model_answers_as_the_network_does(
    short: Callable[..., Plan], problem: Callable, task: Task, model: str
) -> None:
    examples, signature = problem(task)
    table = to_table(examples.inputs, signature)
    estimator = private_fit(short(signature), signature, model)(table, examples.target, 0)
    onnx = Predictor(export(estimator, signature), signature)
    np.testing.assert_allclose(onnx.predict(examples.inputs), answers(estimator, table, signature), atol=1e-5)


def test_without_noise_a_network_learns(short: Callable[..., Plan], problem: Callable) -> None:
    examples, signature = problem(rows=600)
    table = to_table(examples.inputs, signature)
    plan = short(signature, looks=(np.inf, np.inf), noise_multiplier=0.0, steps=100, sample_rate=0.2)
    estimator = private_fit(plan, signature, "neural_network")(table, examples.target, 0)
    assert np.mean(estimator.predict(table) == examples.target) > 0.8
