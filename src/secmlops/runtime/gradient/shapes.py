"""Operators that give each row another shape, or let it through as it is; the order of its values may change."""

from collections.abc import Mapping, Sequence
from math import prod
from types import MappingProxyType

import numpy as np

from secmlops.runtime.gradient.operators import Array, Attributes, Call, Operator, UnderivableError


def _same(inputs: Sequence[Array], _: Attributes) -> list[Array]:
    return [inputs[0]]


def _same_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    return [slopes[0], *[None] * (len(call.inputs) - 1)]


def _shaped_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    return [slopes[0].reshape(call.inputs[0].shape), *[None] * (len(call.inputs) - 1)]


def _flatten(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    if attributes.get("axis", 1) != 1:
        raise UnderivableError("Flatten of several rows into one")
    return [inputs[0].reshape(len(inputs[0]), -1)]


def _reshape(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    """Rows in another shape; a shape that mixes rows has no place here."""
    rows, shape = inputs[0], [int(size) for size in inputs[1]]
    held = prod(rows.shape[1:])
    own = [rows.shape[place] if not size and place < rows.ndim else size for place, size in enumerate(shape)][1:]
    free, known = own.count(-1), prod(size for size in own if size != -1)
    fits = known == held if not free else known > 0 and free == 1 and shape[0] == 0 and held % known == 0
    if attributes.get("allowzero", 0) or shape[0] not in {-1, 0} or not fits:
        raise UnderivableError("Reshape into something else than rows of the same values")
    return [rows.reshape(len(rows), *own)]


def _turns(call_rank: int, attributes: Attributes) -> list[int]:
    turns = list(attributes.get("perm", range(call_rank)[::-1]))
    if turns[0] != 0:
        raise UnderivableError("Transpose of rows")
    return turns


def _transpose(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    return [inputs[0].transpose(_turns(inputs[0].ndim, attributes))]


def _transpose_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    return [slopes[0].transpose(np.argsort(_turns(call.inputs[0].ndim, call.attributes)))]


SHAPES: Mapping[str, Operator] = MappingProxyType(
    {
        "Dropout": Operator(_same, _same_back),
        "Flatten": Operator(_flatten, _shaped_back),
        "Identity": Operator(_same, _same_back),
        "Reshape": Operator(_reshape, _shaped_back),
        "Transpose": Operator(_transpose, _transpose_back),
    }
)
