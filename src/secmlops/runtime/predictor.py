"""Runs a model: ONNX bytes on ONNX Runtime, held to the model's signature at loading and at every answer."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.runtime.bounds import bound_memory, time_limit
from secmlops.runtime.one_row import OneRow
from secmlops.runtime.signature import (
    CATEGORICAL_INPUT,
    NUMERIC_INPUT,
    PREDICTION_OUTPUT,
    PROBABILITIES_OUTPUT,
    Inputs,
    Signature,
)
from secmlops.runtime.structure import check_structure

SUM_TOLERANCE = 1e-3
"""How far the probabilities of a row may sum from one: float32 rounding over many classes stays well within."""

_FATAL_ONLY = 4
_QUICK_ROWS = 64
"""Up to so many rows are run without a clock beside them: a thread for each request would cost more than the answer."""
_FEW = 32
_RUNTIME_ERRORS: tuple[type[Exception], ...] = (
    ort_state.EPFail,
    ort_state.EngineError,
    ort_state.Fail,
    ort_state.InvalidArgument,
    ort_state.InvalidGraph,
    ort_state.InvalidProtobuf,
    ort_state.NoModel,
    ort_state.NoSuchFile,
    ort_state.NotImplemented,
    ort_state.RuntimeException,
    RuntimeError,
)


class Predictor:
    """A model that answers. It is made from bytes, so that what runs is what ``digest`` names.

    ``threads`` bounds the threads of one operator: one is the quickest for single rows. Safe to call from several
    threads at once. Raises VerificationError when the bytes are no ONNX model, keep tensors outside themselves, or have
    other inputs or outputs than the signature says.
    """

    def __init__(self, model: bytes, signature: Signature, *, threads: int = 1) -> None:
        if threads < 1:
            raise InputError(f"a predictor cannot run on {threads} threads", hint="give 1 or more")
        self.digest = Digest.of(model)
        self.signature = signature
        self._where = f"model {self.digest.short}"
        self._output = PROBABILITIES_OUTPUT if signature.task.is_classification else PREDICTION_OUTPUT
        self._width = len(signature.classes) if signature.task.is_classification else 1
        self._outputs = [self._output]
        self._numeric, self._categorical = len(signature.numeric), len(signature.categorical)
        self._session = self._load(model, threads)
        self._check_inputs()
        self._check_output()
        self._one_row = None if self._categorical else self._bound()

    def predict(self, inputs: Inputs, batch: int = 8192) -> npt.NDArray[np.float64]:
        """Probabilities, float64 [n, k], or predictions, float64 [n, 1]; at most ``batch`` rows are run at a time.

        Raises InputError when the inputs do not have the signature's columns or hold something else than text, and
        VerificationError when the model fails or answers with another shape, with numbers that are not finite, or with
        probabilities outside 0 to 1 or that do not sum to one.
        """
        if batch < 1:
            raise InputError(f"a batch of {batch} rows cannot be run", hint="give 1 or more")
        self._check_widths(inputs)
        if 0 < len(inputs) <= batch:
            return self._run(inputs)  # the one-row path of a server: nothing is cut or joined
        cuts = range(0, len(inputs), batch)
        answers = [self._run(inputs.take(slice(start, start + batch))) for start in cuts]
        return np.concatenate(answers) if answers else np.empty((0, self._width), np.float64)

    def _load(self, model: bytes, threads: int) -> ort.InferenceSession:
        check_structure(model, self._where)
        bound_memory()
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _FATAL_ONLY  # what the runtime would print may quote input values
        options.add_session_config_entry("session.load_model_format", "ONNX")  # the format that was just looked through
        options.add_session_config_entry("session.use_env_allocators", "1")
        try:
            return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except _RUNTIME_ERRORS as error:
            raise VerificationError(f"ONNX Runtime does not load it: {str(error)[:300]}", where=self._where) from None

    def _check_inputs(self) -> None:
        widths = {NUMERIC_INPUT: self._numeric, CATEGORICAL_INPUT: self._categorical}
        expected = {
            name: kind
            for name, kind in ((NUMERIC_INPUT, "tensor(float)"), (CATEGORICAL_INPUT, "tensor(string)"))
            if widths[name]
        }
        given = {i.name: i for i in self._session.get_inputs()}
        if set(given) != set(expected):
            raise self._misfit(f"its inputs are {sorted(given)}, the signature says {sorted(expected)}")
        for name, kind in expected.items():
            self._check_tensor(given[name], kind, widths[name])

    def _check_output(self) -> None:
        given = {o.name: o for o in self._session.get_outputs()}
        if self._output not in given:
            raise self._misfit(f"its outputs are {sorted(given)}, the signature says {self._output}")
        self._check_tensor(given[self._output], "tensor(float)", self._width)

    def _check_tensor(self, tensor: Any, kind: str, width: int) -> None:
        """Refuse another type, rank or width, or a number of rows that is fixed; what is unknown shows when it runs."""
        shape: Sequence[int | str | None] = tensor.shape
        fits = len(shape) == 2 and not isinstance(shape[0], int) and shape[1] in {width, None}
        if tensor.type != kind or not (fits or _is_open(shape)):
            shown = f"{tensor.type} {list(shape)}"
            raise self._misfit(f"{tensor.name} is {shown}, the signature says {kind} [rows, {width}]")

    def _misfit(self, what: str) -> VerificationError:
        return VerificationError(
            f"the model does not fit its signature: {what}", where=self._where, hint="export it with this signature"
        )

    def _check_widths(self, inputs: Inputs) -> None:
        numeric, categorical = self._numeric, self._categorical
        if inputs.numeric.shape[1] != numeric or inputs.categorical.shape[1] != categorical:
            raise InputError(
                f"the inputs have {inputs.numeric.shape[1]} numeric and {inputs.categorical.shape[1]} categorical "
                f"columns, the model takes {numeric} and {categorical}",
                where=self._where,
                hint="encode the rows with the model's own signature",
            )

    def _bound(self) -> OneRow:
        return OneRow(self._session, (NUMERIC_INPUT, self._output), (self._numeric, self._width))

    def _run(self, inputs: Inputs) -> npt.NDArray[np.float64]:
        try:
            answer = self._one_row.run(inputs.numeric) if self._one_row is not None and len(inputs) == 1 else None
            if answer is not None:
                return self._checked(answer, 1)
            feed = self._feed(inputs)
            if len(inputs) > _QUICK_ROWS:
                with time_limit() as options:
                    (answer,) = self._session.run(self._outputs, feed, options)
            else:
                (answer,) = self._session.run(self._outputs, feed)
        except _RUNTIME_ERRORS as error:
            # the runtime's own words may quote an input value
            raise VerificationError(f"the model failed: {type(error).__name__}", where=self._where) from None
        return self._checked(answer, len(inputs))

    def _feed(self, inputs: Inputs) -> Mapping[str, npt.NDArray[Any]]:
        feed: dict[str, npt.NDArray[Any]] = {}
        if self._numeric:
            feed[NUMERIC_INPUT] = np.ascontiguousarray(inputs.numeric, np.float32)
        if self._categorical:
            feed[CATEGORICAL_INPUT] = inputs.categorical
            self._check_texts(inputs.categorical)
        return feed

    def _check_texts(self, categorical: npt.NDArray[np.object_]) -> None:
        """Refuse what ONNX Runtime would silently turn into text: None would become the category 'None'."""
        try:
            "".join(categorical.ravel().tolist()).encode()
        except TypeError:
            raise InputError(
                "a categorical input is not text", where=self._where, hint="missing categories are the empty string"
            ) from None
        except UnicodeEncodeError:
            raise InputError("a categorical input is not valid Unicode", where=self._where) from None

    def _checked(self, answer: Any, rows: int) -> npt.NDArray[np.float64]:
        if not isinstance(answer, np.ndarray) or answer.shape != (rows, self._width):
            shape = answer.shape if isinstance(answer, np.ndarray) else type(answer).__name__
            raise self._misfit(f"{self._output} came as {shape}, not ({rows}, {self._width})")
        values = answer.astype(np.float64)
        if not self._is_sound(values):
            raise self._unsound(values)
        return values

    def _is_sound(self, values: npt.NDArray[np.float64]) -> bool:
        if self._output == PREDICTION_OUTPUT:
            return bool(np.isfinite(values).all())
        if values.size <= _FEW:  # for a row or two the arithmetic of Python is the quicker one
            return all(min(row) >= -SUM_TOLERANCE and abs(sum(row) - 1) <= SUM_TOLERANCE for row in values.tolist())
        # NaN meets neither comparison
        return bool(values.min() >= -SUM_TOLERANCE and np.abs(values.sum(axis=1) - 1).max() <= SUM_TOLERANCE)

    def _unsound(self, values: npt.NDArray[np.float64]) -> VerificationError:
        """Error that tells what is wrong with how many rows."""
        infinite = ~np.isfinite(values).all(axis=1)
        what = "are not finite" if infinite.any() else "are no probabilities: negative, or their sum is not one"
        wrong = infinite if infinite.any() else (values.min(axis=1) < -SUM_TOLERANCE) | _astray(values)
        return VerificationError(
            f"the answers to {np.count_nonzero(wrong)} of {len(values)} rows {what}",
            where=self._where,
            hint="look at how missing and extreme values reach the model",
        )


def _astray(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Rows that do not sum to one [n]."""
    astray: npt.NDArray[np.bool_] = np.abs(values.sum(axis=1) - 1) > SUM_TOLERANCE
    return astray


def _is_open(shape: Sequence[int | str | None]) -> bool:
    """Whether the model leaves its shape unknown: no rank, or a symbolic width."""
    return not shape or (len(shape) == 2 and not isinstance(shape[0], int) and isinstance(shape[1], str))
