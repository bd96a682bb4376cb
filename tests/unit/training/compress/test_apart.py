"""A model of the user's own code, compressed where that code does not run."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from secmlops.core.errors import IsolationError
from secmlops.training.compress import apart
from secmlops.training.compress.compress import compress
from secmlops.training.compress.handover import compressing, joined
from secmlops.training.compress.settings import CompressSettings
from secmlops.training.job import Orders
from secmlops.training.sandbox.isolation import Isolation
from secmlops.training.sandbox.run import Result, Work

ISOLATION = Isolation(landlock_abi=7, network_blocked=True, files_isolated=True, processes_blocked=True, limits=True)


def result(answers: dict[str, bytes], failure: IsolationError | None = None) -> Result:
    return Result(ISOLATION, 2.0, 1.0, 7, b"", answers, failure)


@pytest.fixture
def forest(fitted: Callable) -> tuple[Orders, object, Path]:
    """A forest where training has left it, as if code of the user's own had made it."""
    orders, estimator, folder = fitted("random_forest")
    asked = CompressSettings(prune=0.3, compare=False)
    theirs = msgspec.structs.replace(orders, model=None, compress=asked, file="theirs.py")
    estimator["model"].bootstrap = False  # its samples are not scikit-learn's
    (folder / "in/orders.json").write_bytes(msgspec.json.encode(theirs))
    return theirs, estimator, folder


def test_the_ways_are_gone_from_what_training_left(
    forest: tuple[Orders, object, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders, estimator, folder = forest
    monkeypatch.setattr("sys.excepthook", None)
    seen = np.random.default_rng(0).random((100, 240)) < 0.5
    monkeypatch.setattr(apart, "unseen_by", lambda *_: seen)
    apart.tell_trees(orders, estimator, folder)
    left = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    training = Work("", {path.name: path.read_bytes() for path in (folder / "in").iterdir()}, seed=3)
    work = compressing(training, result(left), {"model.onnx": 1})
    again = tmp_path / "again"
    for name in ("in", "out"):
        (again / name).mkdir(parents=True)
    for name, data in work.inputs.items():
        (again / "in" / name).write_bytes(data)
    apart.run(again)
    monkeypatch.setattr("secmlops.training.compress.compress.unseen_by", lambda *_: seen)
    compress(orders, orders.compress or CompressSettings(), estimator, folder)
    for name in ("model.onnx", "holdout.npy", "uncompressed.onnx", "uncompressed_outputs"):
        assert (again / "out" / name).read_bytes() == (folder / "out" / name).read_bytes()
    assert (again / "out/uncompressed.onnx").read_bytes() == left["model.onnx"]


def test_what_ended_the_training_ends_it_still() -> None:
    with pytest.raises(IsolationError, match="exit status 1"):
        compressing(Work(""), result({}, IsolationError("exit status 1")), {})


def test_both_runs_are_counted_and_the_second_ones_answers_hold() -> None:
    broken = IsolationError("too long")
    whole = joined(result({"model.onnx": b"large", "curve.json": b""}), result({"model.onnx": b"small"}, broken))
    assert (whole.seconds, whole.cpu_seconds, whole.peak_memory_bytes) == (4.0, 2.0, 7)
    assert (whole.answers, whole.failure) == ({"model.onnx": b"small", "curve.json": b""}, broken)
