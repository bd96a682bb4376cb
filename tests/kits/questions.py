"""Requests for a small model, in each form that the gateway takes."""

import json

import numpy as np

from secmlops.core.task import Task
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

SIGNATURE = Signature(
    task=Task.BINARY,
    features=(
        Feature(name="income", kind=FeatureKind.NUMERIC),
        Feature(name="amount", kind=FeatureKind.NUMERIC, nullable=True),
        Feature(name="purpose", kind=FeatureKind.CATEGORICAL, categories=("car", "tv")),
    ),
    classes=("good", "bad"),
)
NUMBERS_ONLY = Signature(
    task=Task.REGRESSION, features=tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(3))
)


def body_of(income: object = 1.5, amount: object = 0.5, purpose: object = "car", **more: object) -> bytes:
    """Body of a request of one row."""
    tensors = [
        {"name": "income", "shape": [1], "datatype": "FP64", "data": [income]},
        {"name": "amount", "shape": [1, 1], "datatype": "FP32", "data": [amount]},
        {"name": "purpose", "shape": [1], "datatype": "BYTES", "data": [purpose]},
    ]
    return json.dumps({"inputs": tensors, **more}).encode()


def binary_body(*tensors: tuple[str, list[int], str, bytes], **more: object) -> tuple[bytes, int]:
    """Body with each (name, shape, datatype, bytes) in binary form, and the length of its JSON."""
    told = [
        {"name": name, "shape": shape, "datatype": datatype, "parameters": {"binary_data_size": len(raw)}}
        for name, shape, datatype, raw in tensors
    ]
    head = json.dumps({"inputs": told, **more}).encode()
    return head + b"".join(raw for *_, raw in tensors), len(head)


def same(one: Inputs, other: Inputs) -> bool:
    """Whether two inputs are the same, bit by bit but for the payload of NaN."""
    return (
        one.numeric.dtype == other.numeric.dtype == np.float32
        and np.array_equal(one.numeric, other.numeric, equal_nan=True)
        and np.array_equal(np.signbit(one.numeric), np.signbit(other.numeric))
        and one.categorical.tolist() == other.categorical.tolist()
    )
