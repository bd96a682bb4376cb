"""What a ``numpy.dtype`` in a pickle says of an array's elements: their size, and whether they are Python objects.

``numpy.dtype.__setstate__`` believes its state, item size and flags included, and does not compare it with the type it
was called with. A state that ``numpy.dtype.__reduce__`` never writes makes arrays whose numbers are taken for pointers,
or that joblib takes for nested pickles; none of those is understood here. Layout: ``(version, byte order, subarray,
names, fields, item size, alignment, flags[, metadata])``, versions 3 and 4; the flags are NumPy's ``NPY_ITEM_*``.
"""

import math
import re
from dataclasses import dataclass

from secmlops.release.scan.pickled.values import Contents, Global, Instance

_TEXT = re.compile(rb"[<>|=]?([biufcmMSUVO])(\d{0,9})")
_FIXED = frozenset(b"b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 f16 c8 c16 c32 m8 M8".split())
_RECORDS = {("numpy", "record"), ("numpy.rec", "record")}
_BYTE_ORDERS = (b"<", b">", b"|", b"=")
_POINTER = 8
_LARGEST_ALIGNMENT = 64

_HAS_OBJECTS, _NEEDS_PYAPI, _ALIGNED = 0x01, 0x10, 0x80
_OBJECT_FLAGS, _TEXT_FLAGS, _INHERITED = 0x3F, 0x08, 0x0B
_DEEPEST = 16


@dataclass(frozen=True, slots=True)
class ElementType:
    """Elements of ``size`` bytes; ``flags`` are NumPy's, of which 0x01 says that there are Python objects in them."""

    size: int
    flags: int = 0

    @property
    def has_objects(self) -> bool:
        """Whether loading an array of these elements loads a pickle."""
        return bool(self.flags & _HAS_OBJECTS)


def element_type(dtype: object, depth: int = 0) -> ElementType | None:
    """Elements that this data type stands for; None where it is not understood, or is none that NumPy writes."""
    if not isinstance(dtype, Instance) or str(dtype.maker) != "numpy.dtype" or depth > _DEEPEST:
        return None
    if isinstance(dtype.element, ElementType):
        return dtype.element
    kind, digits = _kind(dtype.args)
    return _by_name(kind, digits) if dtype.state is None else _by_state(kind, digits, dtype, depth)


def _by_state(kind: bytes, digits: bytes, dtype: Instance, depth: int) -> ElementType | None:
    """Elements of a type whose state was set."""
    match dtype.state:
        case (3 | 4 as version, order, *parts, int() as size, int() as alignment, int() as flags):
            written = version == 3
        case (3 | 4 as version, order, *parts, int() as size, int() as alignment, int() as flags, _):
            written = version == 4
        case _:
            return None
    if not written or order not in _BYTE_ORDERS or len(parts) != 3:
        return None
    whole = ElementType(size, flags)
    if kind == b"V":
        sized = 1 <= alignment <= _LARGEST_ALIGNMENT and size >= 0 and digits in (b"", b"%d" % size)
        return _compound(parts, whole, depth) if sized else None
    return _plain(kind, digits, (size, alignment, flags)) if parts == [None] * 3 else None


def _plain(kind: bytes, digits: bytes, numbers: tuple[int, int, int]) -> ElementType | None:
    """Numbers, texts and objects, whose item size and alignment are -1 in the state where the kind fixes them."""
    plain = _by_name(kind, digits)
    if plain is None:
        return None
    sizes = (plain.size, 4 if kind == b"U" else 1) if kind in b"SU" else (-1, -1)
    return plain if numbers == (*sizes, plain.flags) else None


def _compound(parts: list[object], whole: ElementType, depth: int) -> ElementType | None:
    """Raw bytes, a subarray or a structure."""
    match parts:
        case [None, None, None]:
            return whole if whole.flags == 0 else None
        case [None, tuple() as names, Contents() as fields]:
            return _structure(names, fields, whole, depth)
        case [subarray, None, None]:
            return _subarray(subarray, whole.size, whole.flags, depth)
    return None


def _kind(args: object) -> tuple[bytes, bytes]:
    """Kind and digits of the type's name; two empty texts where it is not understood."""
    first = args[0] if isinstance(args, tuple) and args else None
    if isinstance(first, Global) and (first.module, first.name) in _RECORDS:
        return b"V", b""
    found = _TEXT.fullmatch(first) if isinstance(first, bytes) else None
    return (found[1], found[2]) if found else (b"", b"")


def _by_name(kind: bytes, digits: bytes) -> ElementType | None:
    """Elements of a type that is known by its name alone."""
    if kind == b"O":
        return ElementType(_POINTER, _OBJECT_FLAGS) if digits in (b"", b"8") else None
    if kind == b"U":
        return ElementType(4 * int(digits or 0), _TEXT_FLAGS)
    if kind and kind in b"SV":
        return ElementType(int(digits or 0))
    return ElementType(int(digits)) if kind + digits in _FIXED else None


def _subarray(subarray: object, size: int, flags: int, depth: int) -> ElementType | None:
    """A fixed number of other elements."""
    match subarray:
        case (Instance() as dtype, shape):
            base = element_type(dtype, depth + 1)
        case _:
            return None
    sizes = shape if isinstance(shape, tuple) else (shape,)
    if base is None or not all(isinstance(n, int) and 0 <= n < 1 << 31 for n in sizes):
        return None
    same = base.size * math.prod(sizes) == size and base.flags == flags
    return ElementType(size, flags) if same else None


def _structure(names: tuple[object, ...], fields: Contents, whole: ElementType, depth: int) -> ElementType | None:
    """Named elements, none of which reaches beyond the whole, and none over a Python object.

    A field with a title stands in ``fields`` under both, by the same entry.
    """
    named = [fields[name] for name in names if isinstance(name, bytes) and name in fields]
    known = {id(field) for field in named}
    placed = [part for part in (_field(field, depth) for field in named) if part]
    if fields.unclear or len(placed) != len(names) or any(id(value) not in known for value in fields.values()):
        return None
    inherited, reached, over_objects = 0, 0, False
    for start, element in sorted(placed, key=lambda part: part[0]):
        inherited |= element.flags & _INHERITED
        if start < reached and (over_objects or element.has_objects):
            return None
        over_objects = element.has_objects if start >= reached else over_objects
        reached = max(reached, start + element.size)
    right = reached <= whole.size and whole.flags & ~(_ALIGNED | _NEEDS_PYAPI) == inherited
    return whole if right else None


def _field(field: object, depth: int) -> tuple[int, ElementType] | None:
    """Offset and elements of ``(dtype, offset[, title])``."""
    match field:
        case (Instance() as dtype, int() as start) | (Instance() as dtype, int() as start, _):
            element = element_type(dtype, depth + 1)
            return (start, element) if element and start >= 0 else None
    return None
