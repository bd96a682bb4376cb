"""What the parent believes of the files that compression left."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from onnx import helper

from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.training import run
from secmlops.training.compress.files import WAYS
from secmlops.training.compress.settings import CompressSettings, Scheme, Student
from secmlops.training.compress.ways import all_ways, asked_ways
from secmlops.training.curve import CurvePoint, curve_to_json
from secmlops.training.environment import REQUIRED, Environment
from secmlops.training.job import TrainingJob
from secmlops.training.run import Run
from secmlops.training.sandbox.isolation import Isolation
from secmlops.training.sandbox.run import Result
from secmlops.training.transport import array_to_bytes

ANSWERS = array_to_bytes(np.full((20, 2), 0.5))
POINT = CurvePoint(
    fraction=1.0,
    rows=240,
    seconds=0.1,
    train_rows=list(range(240)),
    train_outputs=[[0.5, 0.5]] * 240,
    holdout_rows=list(range(20)),
    holdout_outputs=[[0.5, 0.5]] * 20,
)
HONEST = {
    "model.onnx": b"model",
    "holdout.npy": ANSWERS,
    "curve.json": curve_to_json([POINT]),
    "environment.json": Environment.here(REQUIRED).to_json(),
    "uncompressed.onnx": b"model",
    "uncompressed_outputs": ANSWERS,
    "way-prune.onnx": b"model",
}
LOOP = helper.make_model(helper.make_graph([helper.make_node("Loop", [], ["y"])], "g", [], [])).SerializeToString()


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch, problem: Callable) -> Callable[[Mapping[str, bytes]], object]:
    """Examination where the sandbox returns these answers, as hostile code could make it do."""
    examples, signature = problem(Task.BINARY)
    job = TrainingJob(
        train=examples,
        holdout=examples.inputs.take(np.arange(20)),
        signature=signature,
        model="random_forest",
        fractions=(),
        compress=CompressSettings(leaves=0.5),
    )
    held = Isolation(landlock_abi=7, network_blocked=True, files_isolated=True, processes_blocked=True, limits=True)

    def examine(answers: Mapping[str, bytes], **changes: object) -> object:
        result = Result(answers=answers, isolation=held, seconds=1.0, cpu_seconds=1.0, peak_memory_bytes=1, printed=b"")
        monkeypatch.setattr(run, "run_isolated", lambda *_: result)
        return Run().examine(replace(job, **changes))

    return examine


def test_honest_files_become_products(examined: Callable) -> None:
    done = examined(HONEST)
    assert done.outcome is Outcome.PASSED
    assert {"uncompressed.onnx", "uncompressed_outputs", "way-prune.onnx"} <= set(done.products)
    assert "way-prune.onnx" not in examined(HONEST, compress=CompressSettings(leaves=0.5, compare=False)).products
    assert "compress" in done.materials


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("uncompressed.onnx", None, "without leaving uncompressed.onnx"),
        ("uncompressed.onnx", LOOP, "a model that is not run"),
        ("way-prune.onnx", LOOP, "a model that is not run"),
        ("uncompressed_outputs", array_to_bytes(np.zeros((19, 2))), "not one row for each row"),
        ("uncompressed_outputs", array_to_bytes(np.full((20, 2), np.inf)), "not finite"),
    ],
)
def test_files_that_are_not_what_they_should_be_fail(
    examined: Callable, name: str, data: bytes | None, told: str
) -> None:
    answers = {**HONEST, name: data} if data is not None else {k: v for k, v in HONEST.items() if k != name}
    done = examined(answers)
    assert done.outcome is Outcome.FAILED
    assert told in done.findings[0].message
    assert not done.products


def test_every_way_has_a_file_and_they_are_gone_in_one_order() -> None:
    every = CompressSettings(distil=Student.LINEAR, prune=0.5, leaves=0.5, quantise=Scheme.DYNAMIC)
    assert tuple(all_ways(every)) == WAYS
    assert tuple(asked_ways(every)) == ("linear", "prune", "leaves", "dynamic")
    assert tuple(asked_ways(CompressSettings(quantise=Scheme.INT8))) == ("int8",)
