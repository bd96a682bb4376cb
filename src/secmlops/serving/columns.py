"""Columns of the model out of tensors: shape, data type and every value checked, then float32 numbers or texts."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import UNSET

from secmlops.core.errors import InputError
from secmlops.runtime.signature import category_of
from secmlops.serving.binary import read_numbers, read_texts
from secmlops.serving.datatypes import ELEMENTS, Datatype
from secmlops.serving.oip import RequestTensor

MAX_ROWS = 4096
_MAX_NESTING = 8
_MAX_TOLD = 80
_JSON_NAMES = {bool: "boolean", int: "integer", float: "fraction", str: "text", dict: "object", list: "list"}

Values: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.object_]


def rows_of(tensor: RequestTensor, where: str) -> int:
    """Rows of a column; raises InputError for another shape than [n] or [n, 1], n from 1 to ``MAX_ROWS``."""
    rows = tensor.shape[0] if tensor.shape else 0
    if tensor.shape not in ([rows], [rows, 1]) or not 0 < rows <= MAX_ROWS:
        hint = f"[n] or [n, 1] with n from 1 to {MAX_ROWS}"
        raise InputError(f"a tensor of shape {str(tensor.shape)[:_MAX_TOLD]}", where=where, hint=hint)
    return rows


def rows_of_block(tensor: RequestTensor, width: int, where: str) -> int:
    """Rows of an input of the model itself; raises InputError for another shape than [n, width]."""
    rows = tensor.shape[0] if tensor.shape else 0
    if tensor.shape != [rows, width] or not 0 < rows <= MAX_ROWS:
        hint = f"[n, {width}] with n from 1 to {MAX_ROWS}"
        raise InputError(f"a tensor of shape {str(tensor.shape)[:_MAX_TOLD]}", where=where, hint=hint)
    if tensor.data is not UNSET and list in set(map(type, tensor.data)):
        lengths = {len(row) if isinstance(row, list) else -1 for row in tensor.data}
        if len(tensor.data) != rows or lengths != {width}:
            raise InputError(f"nested data are not {rows} lists of {width}", where=where)
    return rows


def read_values(tensor: RequestTensor, raw: memoryview | None, count: int, where: str) -> Values:
    """Elements of a tensor in their order [count]: texts as they are, numbers in float32, NaN for a missing one.

    Raises InputError for another number of elements, for one that the data type does not allow, and for a number that
    is or would become infinite.
    """
    if tensor.datatype is not Datatype.BYTES:
        if raw is None:
            return np.array(_checked(tensor, count, where), np.float32)  # rounded once; null becomes NaN
        return finite(read_numbers(raw, tensor.datatype, count, where), where)
    return texts(_checked(tensor, count, where) if raw is None else read_texts(raw, count, where))


def finite(numbers: npt.NDArray[np.float64], where: str) -> npt.NDArray[np.float32]:
    """Numbers in float32, NaN included; raises InputError where one is or would become infinite."""
    with np.errstate(over="ignore"):
        narrow = numbers.astype(np.float32)
    if np.isinf(narrow).any():
        raise InputError("a number that does not fit float32", where=where, hint="models compute in float32")
    return narrow


def texts(values: Sequence[str | None]) -> npt.NDArray[np.object_]:
    """Categories [n] as the model knows them."""
    return np.array(list(map(category_of, values)), object)


def check_kinds(values: Sequence[Any], allowed: frozenset[type], place: str, where: str) -> None:
    """Raise InputError when a value is of another kind; it says of which, and quotes none."""
    wrong = set(map(type, values)) - allowed
    if wrong:
        what = f"a value {place} is of the kind {min(_JSON_NAMES.get(kind, 'null') for kind in wrong)}"
        raise InputError(what, where=where)


def check_range(values: Sequence[Any], datatype: Datatype, where: str) -> None:
    """Raise InputError when one of these numbers, of which some may be None, is beyond its data type or float32."""
    element = ELEMENTS[datatype]
    numbers = [value for value in values if value is not None]
    if numbers and not (element.low <= min(numbers) and max(numbers) <= element.high):
        hint = f"from {element.low:g} to {element.high:g}"
        raise InputError(f"a number that does not fit {datatype}", where=where, hint=hint)


def _checked(tensor: RequestTensor, count: int, where: str) -> list[Any]:
    element = ELEMENTS[tensor.datatype]
    if tensor.data is UNSET:
        raise InputError("a tensor without data", where=where)
    if not element.kinds:
        raise InputError(f"a tensor of {tensor.datatype} in JSON", where=where, hint="send it in binary form")
    values = _flat(tensor.data, where)
    if len(values) != count:
        raise InputError(f"{len(values)} values, {count} in the shape", where=where)
    check_kinds(values, element.kinds, f"in a tensor of {tensor.datatype}", where)
    if element.dtype is not None:
        check_range(values, tensor.datatype, where)
    return values


def _flat(data: list[Any], where: str) -> list[Any]:
    """Values of nested lists, row by row."""
    for _ in range(_MAX_NESTING):
        kinds = set(map(type, data))
        if list not in kinds:
            return data
        if len(kinds) > 1:
            raise InputError("values and lists mixed", where=where)
        data = [value for item in data for value in item]
    raise InputError(f"lists nested deeper than {_MAX_NESTING}", where=where)
