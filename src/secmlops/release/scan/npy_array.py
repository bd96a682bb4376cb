"""Reading NumPy's array files: the header without evaluating it, and the pickle that an array of objects is."""

import ast
import math
import re
import struct

from secmlops.core.errors import VerificationError
from secmlops.release.scan.inspection import Data, Inspection
from secmlops.release.scan.pickled.reader import read_pickles
from secmlops.release.scan.rules import NUMPY_HEADER
from secmlops.release.scan.verdict import Place

_MAGIC = b"\x93NUMPY"
_LENGTHS = {(1, 0): "<H", (2, 0): "<I", (3, 0): "<I"}
_LONGEST_HEADER = 1 << 16
_SIMPLE = re.compile(r"[<>|=]?([biufcmMSUVO])(\d{0,9})(\[\d{0,9}[a-zA-Z]+\])?")


def read_npy(place: Place, data: Data, inspection: Inspection) -> None:
    """Read an array file (NumPy enhancement proposal 1, versions 1 to 3); raises VerificationError for a broken one."""
    descr, shape, start = _header(data)
    sizes = [_element_size(leaf) for leaf in _leaves(descr)]
    if 0 in sizes:
        body = data[start:]
        read_pickles(place.inside("objects"), body, inspection)
        return
    if start + sum(sizes) * math.prod(shape) != len(data):
        inspection.flag(NUMPY_HEADER, place.at(start), "the file has another length than shape and type call for")


def is_plain_array(data: Data) -> bool:
    """Whether this is an array file whose elements are numbers or texts, every one of them within the file."""
    try:
        descr, shape, start = _header(data)
        sizes = [_element_size(leaf) for leaf in _leaves(descr)]
    except VerificationError:
        return False
    return (
        bytes(data[: len(_MAGIC)]) == _MAGIC and 0 not in sizes and start + sum(sizes) * math.prod(shape) == len(data)
    )


def _header(data: Data) -> tuple[object, tuple[int, ...], int]:
    """Type description, shape, and where the elements begin."""
    layout = _LENGTHS.get((data[6], data[7])) if len(data) > 8 else None
    if layout is None:
        raise VerificationError("an array file of an unknown version")
    begin = 8 + struct.calcsize(layout)
    if begin > len(data):
        raise VerificationError("the array's header breaks off")
    (length,) = struct.unpack_from(layout, data, 8)
    if length > _LONGEST_HEADER or begin + length > len(data):
        raise VerificationError(f"the array's header is {length} bytes long")
    try:
        # Literals only: the parser builds constants, it runs nothing; nesting is bounded by the header's length.
        header = ast.literal_eval(str(data[begin : begin + length], "utf-8" if data[6] == 3 else "latin-1").strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        raise VerificationError("the array's header is not a literal") from None
    if not isinstance(header, dict) or set(header) != {"descr", "fortran_order", "shape"}:
        raise VerificationError("the array's header does not have the three keys of the format")
    return header["descr"], _sizes(header["shape"]), begin + length


def _sizes(shape: object) -> tuple[int, ...]:
    sizes = tuple(n for n in shape if type(n) is int and 0 <= n < 1 << 62) if isinstance(shape, tuple) else None
    if sizes is None or sizes != shape or len(sizes) > 64:
        raise VerificationError("the array's shape is not a tuple of sizes")
    return sizes


def _leaves(descr: object, repeat: int = 1) -> list[tuple[str, int]]:
    """Plain types in a type description, each with how often it occurs in one element."""
    if isinstance(descr, str):
        return [(descr, repeat)]
    if isinstance(descr, tuple) and len(descr) == 2:
        return _leaves(descr[0], repeat * _count(descr[1]))
    if isinstance(descr, list) and descr and all(isinstance(field, tuple) and len(field) in (2, 3) for field in descr):
        return [leaf for field in descr for leaf in _leaves(field[1], repeat * _count(field[2] if field[2:] else ()))]
    raise VerificationError("the array's type is not a type description")


def _count(shape: object) -> int:
    return math.prod(_sizes(shape if isinstance(shape, tuple) else (shape,)))


def _element_size(leaf: tuple[str, int]) -> int:
    """Bytes of one element's worth of a plain type; 0 for Python objects."""
    text, repeat = leaf
    found = _SIMPLE.fullmatch(text)
    if not found:
        raise VerificationError("the array's type is not a plain type")
    kind, digits = found[1], int(found[2] or 0)
    if kind == "O":
        return 0
    width = 8 if kind in "mM" else digits * (4 if kind == "U" else 1)
    if not width * repeat:
        raise VerificationError(f"the array's type {kind} has no size")
    return width * repeat
