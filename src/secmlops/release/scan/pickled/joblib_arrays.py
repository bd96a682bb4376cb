"""Passing over the raw array bytes that joblib writes between the opcodes of a pickle.

After the BUILD of a ``NumpyArrayWrapper``, joblib's unpickler reads from the same file: since joblib 1.1 one byte with
the length of the padding and the padding, then the array's bytes; for arrays of objects a whole pickle instead
(``joblib.numpy_pickle.NumpyArrayWrapper.read_array``). The number of bytes follows from the shape and the data type,
both of which lie in the wrapper's state. ``pickle.load`` knows nothing of all that and reads opcodes on: where it would
not stop at once, that other reading is followed too.
"""

import math
import re
import sys

from secmlops.core.finding import Finding
from secmlops.release.scan.pickled.machine import Broken, Machine
from secmlops.release.scan.pickled.values import Instance
from secmlops.release.scan.rules import PICKLE_ARRAY, PICKLE_GLOBAL, PICKLE_TWO_READINGS, PICKLE_WORK

_WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
_DTYPE = re.compile(rb"[<>|=]?([biufcmMSUVO])(\d{0,9})")
_FIXED = frozenset(b"b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 f16 c8 c16 c32 m8 M8".split())
_LARGEST_ALIGNMENT = 64
_ITEM_SIZE, _FLAGS, _HAS_OBJECTS = 5, 7, 0x01


def is_array_wrapper(target: Instance) -> bool:
    """Whether joblib would read raw array bytes after the state of this object is set."""
    return (target.maker.module, target.maker.name) == _WRAPPER


def pass_array(machine: Machine, wrapper: Instance) -> None:
    """Move past the array that belongs to ``wrapper``; raises Broken where its length cannot be known."""
    state = wrapper.state if isinstance(wrapper.state, dict) else {}
    itemsize, shape = _item_size(state.get(b"dtype")), _shape(state.get(b"shape"))
    if itemsize is None or shape is None:
        machine.flag(PICKLE_ARRAY, "the shape or data type of an array is not written out; the rest was not read")
        raise Broken("array bytes of unknown length")
    machine.stack[-1] = None
    if itemsize == 0:
        _pass_object_array(machine)
        return
    _pass_padding(machine, state)
    machine.skip(itemsize * math.prod(shape))


def _pass_object_array(machine: Machine) -> None:
    _follow_other_reading(machine)
    inner = machine.nested()
    inner.run()
    machine.pos = inner.pos


def _pass_padding(machine: Machine, state: dict[object, object]) -> None:
    """Pass the padding, whose first byte (at most 64) is no opcode, so that ``pickle.load`` stops there at once."""
    if b"numpy_array_alignment_bytes" not in state or state[b"numpy_array_alignment_bytes"] is None:
        _follow_other_reading(machine)
        return
    length = machine.take(1)[0]
    if length > _LARGEST_ALIGNMENT or chr(length) in "().012":
        machine.flag(PICKLE_ARRAY, f"the padding before an array is {length} bytes; the rest was not read")
        raise Broken("padding out of proportion")
    machine.skip(length)


def _follow_other_reading(machine: Machine) -> None:
    """Judge what ``pickle.load`` would do from here.

    The memo of the inner pickle and of the outer one then mix, so that harmless files name nonsense; a name from the
    standard library is no nonsense.
    """
    findings = machine.explore()
    if any(finding.rule == PICKLE_WORK.id for finding in findings):
        machine.flag(PICKLE_WORK, "what pickle.load would read here is longer than the limits allow")
    elif any(_names_standard_library(finding) for finding in findings):
        machine.flag(PICKLE_GLOBAL, "names a part of the standard library when read by pickle.load")
    elif findings and not machine.place.path[0].lower().endswith(".joblib"):
        machine.flag(PICKLE_TWO_READINGS, "joblib.load and pickle.load read different objects from here on")


def _names_standard_library(finding: Finding) -> bool:
    named = finding.rule == PICKLE_GLOBAL.id and finding.message.removeprefix("names ")
    return bool(named) and str(named).split(".")[0] in sys.stdlib_module_names


def _shape(value: object) -> tuple[int, ...] | None:
    if not isinstance(value, tuple):
        return None
    sizes = tuple(size for size in value if isinstance(size, int) and size >= 0)
    return sizes if len(sizes) == len(value) else None


def _item_size(dtype: object) -> int | None:
    """Bytes of one element: 0 for Python objects, None where the data type is not understood."""
    if not isinstance(dtype, Instance) or str(dtype.maker) != "numpy.dtype" or not isinstance(dtype.args, tuple):
        return None
    text = dtype.args[0] if dtype.args else None
    found = _DTYPE.fullmatch(text) if isinstance(text, bytes) else None
    if not found:
        return None
    kind, digits = found.groups()
    if kind == b"O":
        return 0
    if kind in b"SUV":
        return _flexible_size(dtype.state)
    return int(digits) if kind + digits in _FIXED else None


def _flexible_size(state: object) -> int | None:
    """Item size of text and of structures as ``numpy.dtype.__setstate__`` takes it; 0 with objects inside."""
    if not isinstance(state, tuple) or len(state) < _FLAGS + 1:
        return None
    size, flags = state[_ITEM_SIZE], state[_FLAGS]
    if not isinstance(size, int) or not isinstance(flags, int) or size < 1:
        return None
    return 0 if flags & _HAS_OBJECTS else size
