"""The usual request, read in the shortest way: one row, in the data types that the metadata names."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from secmlops.runtime.signature import Inputs
from secmlops.serving.binary import SIZE_PARAMETER
from secmlops.serving.datatypes import Datatype
from secmlops.serving.oip import RequestTensor
from secmlops.serving.plan import Plan

USUAL_MEMBERS = 4
"""Each tensor of a usual request in JSON has a name, a shape, a datatype and data."""
_SHAPES = ([1], [1, 1])
_ABSENT = object()


def usual_row(tensors: Sequence[RequestTensor], plan: Plan) -> Inputs | None:
    """Inputs of one row in JSON; None for everything else, also for what is wrong: the long way tells what it is.

    Usual is each feature once, [1] or [1, 1], or the model's own inputs, [1, p] and [1, q], in this order.
    """
    try:
        if tensors[0].name in plan.blocks:
            return _blocks(tensors, plan)
        if len(tensors) != len(plan.places):
            return None
        row: list[Any] = [_ABSENT] * len(tensors)
        places, usual = plan.places, plan.usual
        for tensor in tensors:
            place = places[tensor.name]
            (row[place],) = tensor.data  # type: ignore[misc]  # what is not there is no list: TypeError
            if tensor.shape not in _SHAPES or tensor.datatype not in usual[place]:
                return None
    except (KeyError, ValueError, TypeError, IndexError):
        return None
    return plan.one_row(row)


def usual_bytes(tensors: Sequence[RequestTensor], rest: memoryview, plan: Plan) -> Inputs | None:
    """Inputs of one row in binary form, where the model takes numbers only: one tensor [1, p] of FP32, or None."""
    if len(tensors) != 1 or plan.numeric != len(plan.places):
        return None
    tensor = tensors[0]
    size = len(rest)
    usual = tensor.name in plan.blocks and tensor.datatype is Datatype.FP32 and tensor.shape == [1, plan.numeric]
    if not usual or size != 4 * plan.numeric or tensor.data is not UNSET or tensor.parameters is UNSET:
        return None
    told = tensor.parameters.get(SIZE_PARAMETER)
    return plan.raw_row(rest) if type(told) is int and told == size else None


def _blocks(tensors: Sequence[RequestTensor], plan: Plan) -> Inputs | None:
    """As ``usual_row``; raises TypeError for a tensor without data."""
    if len(tensors) != len(plan.blocks):
        return None
    row: list[Any] = []
    for tensor, (name, width) in zip(tensors, plan.blocks.items(), strict=True):
        usual = plan.usual[len(row)]
        if tensor.name != name or tensor.shape != [1, width] or tensor.datatype not in usual:
            return None
        row += tensor.data  # type: ignore[arg-type]
        if len(tensor.data) != width:  # type: ignore[arg-type]
            return None
    return plan.one_row(row)
