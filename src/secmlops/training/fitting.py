"""The work done inside the sandbox: call the fitting function, ask the estimator for its answers, export it.

Runs in the child only. It shares its process with the user's code, so nothing it writes is believed by the parent
before it has been checked there.
"""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.core.errors import InputError
from secmlops.training.advice import Advice
from secmlops.training.answers import answers as answers_of
from secmlops.training.compress.apart import tell_trees
from secmlops.training.compress.compress import compress
from secmlops.training.compress.settings import CompressSettings
from secmlops.training.curve import MAX_ROWS, CurvePoint, curve_to_json, nested_subsets, shown_rows
from secmlops.training.environment import Environment, imported_packages
from secmlops.training.export import export
from secmlops.training.failure import report_exceptions
from secmlops.training.job import Orders
from secmlops.training.models import Estimator, Fit, Target, built_in, keys_of
from secmlops.training.private.fit import private_fit
from secmlops.training.recalibration.recalibrated import recalibrating_fit
from secmlops.training.references import FILE, fit_references, shown
from secmlops.training.reweighing import Reweighing
from secmlops.training.robust.train import robust_fit
from secmlops.training.transport import array_from_bytes, array_to_bytes, table_from_bytes
from secmlops.training.unlearning.memory import Memory
from secmlops.training.unlearning.mended import MAX_MEMORY_BYTES, MENDABLE
from secmlops.training.unlearning.mending import mend


def run(scratch: Path) -> None:
    """Do the job in ``scratch/in`` and leave model, answers, curve and environment in ``scratch/out``."""
    received, answers = scratch / "in", scratch / "out"
    orders = msgspec.json.decode((received / "orders.json").read_bytes(), type=Orders)
    report_exceptions(answers / "failure.json", orders.file)
    train = _frame(table_from_bytes((received / "train.arrow").read_bytes()), orders)
    holdout = _frame(table_from_bytes((received / "holdout.arrow").read_bytes()), orders)
    target = array_from_bytes((received / "target.npy").read_bytes())
    fit = built_in(orders.model) if orders.model else _load(received / "train.py", orders)
    if orders.private:
        fit = private_fit(orders.private, orders.signature, str(orders.model))
    if orders.robust:
        fit = robust_fit(fit, orders.robust, orders.signature, answers / "robust.json")
    *subsets, everything = nested_subsets(target, orders.fractions, orders.seed)
    weighed: Callable[[Fit, npt.NDArray[np.intp]], Fit] = lambda fit, _: fit  # noqa: E731
    if orders.reweigh:
        weighing = Reweighing(array_from_bytes((received / "groups.npy").read_bytes()).astype(np.int64), _take)
        told = weighing.price(fit, (train, target.astype(np.int64)), orders.signature, orders.seed)
        (answers / "reweighed.json").write_bytes(msgspec.json.encode(told))
        weighed = weighing.fit
    points = [_fit_point(weighed(fit, rows), orders, (train, target[rows], holdout), rows)[1] for rows in subsets]
    if orders.recalibrate:
        fit = recalibrating_fit(fit, orders.recalibrate, orders.signature, _take)
    if orders.references:
        (answers / FILE).write_bytes(array_to_bytes(_references(fit, weighed, orders, (train, target, holdout))))
    if (received / "memory.bin").exists():
        fit = _mending((received / "memory.bin").read_bytes(), answers / "mended.json")
    estimator, point = _fit_point(weighed(fit, everything), orders, (train, target, holdout), everything)
    points.append(point)
    if orders.model is not None and orders.model in MENDABLE and orders.plain:
        memory = Memory.of(orders.model, estimator, keys_of(train, target)).to_bytes()
        if len(memory) <= MAX_MEMORY_BYTES:
            (answers / "memory.bin").write_bytes(memory)
    (answers / "model.onnx").write_bytes(export(estimator, orders.signature))
    (answers / "holdout.npy").write_bytes(array_to_bytes(answers_of(estimator, holdout, orders.signature)))
    if orders.compress:
        _compress(orders, orders.compress, estimator, scratch)
    (answers / "curve.json").write_bytes(curve_to_json(points))
    (answers / "environment.json").write_bytes(Environment.here(imported_packages()).to_json())


def _compress(orders: Orders, settings: CompressSettings, estimator: Estimator, scratch: Path) -> None:
    """Compress a built-in model; of the user's own leave what is needed to do so where their code does not run."""
    if orders.model:
        compress(orders, settings, estimator, scratch)
    else:
        tell_trees(orders, estimator, scratch)


def _references(
    fit: Fit, weighed: Callable[[Fit, npt.NDArray[np.intp]], Fit], orders: Orders, data: tuple[Any, Any, Any]
) -> npt.NDArray[np.float64]:
    """Answers of reference models; ``data`` is the training rows, their target and the holdout."""
    train, target, holdout = data
    asked = [_take(part, shown(len(part), orders.seed)) for part in (train, holdout)]

    def fitted(rows: npt.NDArray[np.intp], seed: int) -> npt.NDArray[np.float64]:
        estimator = weighed(fit, rows)(_take(train, rows), target[rows], seed)
        return np.concatenate([answers_of(estimator, part, orders.signature) for part in asked])

    return fit_references(fitted, target, orders.references, orders.seed)


def _mending(memory: bytes, told: Path) -> Fit:
    """Return a fit that mends the model which left this ``memory``, and writes how to ``told``."""

    def fit(table: pa.Table, target: Target, seed: int) -> Estimator:
        estimator, mended = mend(Memory.from_bytes(memory), (table, target, seed))
        told.write_bytes(msgspec.json.encode(mended))
        return estimator

    return fit


def _load(file: Path, orders: Orders) -> Fit:
    """Run the user's file as a module and return the function it is asked for."""
    module = ModuleType("train")
    sys.modules["train"] = module
    module.__file__ = orders.file
    code = compile(file.read_bytes(), orders.file, "exec")
    exec(code, module.__dict__)  # noqa: S102  running the user's code is what this sandboxed child is for
    function = getattr(module, orders.function, None)
    if not callable(function):
        raise InputError(f"there is no function {orders.function}", where=orders.file, hint=Advice.FUNCTION)
    return function  # type: ignore[no-any-return]


def _frame(table: pa.Table, orders: Orders) -> Any:
    """The table as the user wants it."""
    return table.to_pandas() if orders.frame == "pandas" and orders.model is None else table


def _take(frame: Any, rows: npt.NDArray[np.intp]) -> Any:
    return frame.take(rows) if isinstance(frame, pa.Table) else frame.iloc[rows]


def _fit_point(
    fit: Fit, orders: Orders, data: tuple[Any, Any, Any], rows: npt.NDArray[np.intp]
) -> tuple[Estimator, CurvePoint]:
    """Fit on ``rows`` and measure; ``data`` is all training rows, the target of ``rows`` and the holdout."""
    train, target, holdout = data
    random.seed(orders.seed)
    np.random.seed(orders.seed)  # the code may draw from the global generators
    began = time.process_time()
    estimator = fit(_take(train, rows), target, orders.seed)
    seconds = time.process_time() - began
    shown = shown_rows(rows, orders.seed)
    unseen = np.arange(min(len(holdout), MAX_ROWS))
    return estimator, CurvePoint(
        fraction=len(rows) / len(train),
        rows=len(rows),
        seconds=seconds,
        train_rows=shown.tolist(),
        train_outputs=answers_of(estimator, _take(train, shown), orders.signature).tolist(),
        holdout_rows=unseen.tolist(),
        holdout_outputs=answers_of(estimator, _take(holdout, unseen), orders.signature).tolist(),
    )
