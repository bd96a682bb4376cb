"""What comes to an operator within a graph, when rows go through it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy.typing as npt
import onnx
import onnxruntime as ort
from onnx import helper

from secmlops.runtime.signature import CATEGORICAL_INPUT, NUMERIC_INPUT, Inputs

_FATAL_ONLY = 4


def tensors(model: onnx.ModelProto, names: Sequence[str], rows: Inputs) -> Mapping[str, npt.NDArray[Any]]:
    """Values of the tensors ``names`` of a ``model`` that was looked through, for these ``rows``."""
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    del shown.graph.output[:]
    asked = list(dict.fromkeys(names))
    shown.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in asked)
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    session = ort.InferenceSession(shown.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = {NUMERIC_INPUT: rows.numeric, CATEGORICAL_INPUT: rows.categorical}
    feed = {i.name: given[i.name] for i in session.get_inputs()}
    return dict(zip(asked, session.run(asked, feed), strict=True))
