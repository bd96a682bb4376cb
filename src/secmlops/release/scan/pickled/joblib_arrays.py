"""Passing over the raw array bytes that joblib writes between the opcodes of a pickle.

After the BUILD of a ``NumpyArrayWrapper``, joblib's unpickler reads from the same file: since joblib 1.1 one byte with
the length of the padding and the padding, then the array's bytes; for arrays of objects a whole pickle instead
(``joblib.numpy_pickle.NumpyArrayWrapper.read_array``). The number of bytes follows from the shape and the data type,
both of which lie in the wrapper's state. ``pickle.load`` knows nothing of all that and reads opcodes on: where it would
not stop at once, that other reading is followed too.
"""

import math
import sys

from secmlops.core.finding import Finding
from secmlops.release.scan.pickled.array_types import element_type
from secmlops.release.scan.pickled.machine import Broken, Machine
from secmlops.release.scan.pickled.values import Contents, Instance
from secmlops.release.scan.rules import (
    PICKLE_ARRAY,
    PICKLE_BUILD,
    PICKLE_CALL,
    PICKLE_GLOBAL,
    PICKLE_TWO_READINGS,
    PICKLE_UNRESOLVED,
    PICKLE_WORK,
)

_WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
_STATE = frozenset(b"subclass shape order dtype allow_mmap numpy_array_alignment_bytes".split())
_LARGEST_ALIGNMENT = 64
_EVIDENCE = {PICKLE_GLOBAL.id, PICKLE_CALL.id, PICKLE_UNRESOLVED.id, PICKLE_BUILD.id}


def is_array_wrapper(target: Instance) -> bool:
    """Whether joblib would read raw array bytes after the state of this object is set."""
    return (target.maker.module, target.maker.name) == _WRAPPER


def pass_array(machine: Machine, wrapper: Instance, *, again: bool) -> None:
    """Move past the array that belongs to ``wrapper``; raises Broken where its length or place cannot be known.

    ``again`` says that the wrapper may have had a state before, which this one only adds to.
    """
    state = wrapper.state if isinstance(wrapper.state, Contents) else Contents()
    element, shape = element_type(state.get(b"dtype")), _shape(state.get(b"shape"))
    odd = again or state.unclear or not state.keys() <= _STATE or machine.pos < machine.frame_end
    if odd or element is None or shape is None or element.size == 0:
        machine.flag(PICKLE_ARRAY, "the shape, type or place of an array is not written out; the rest was not read")
        raise Broken("array bytes of unknown length")
    if element.has_objects:
        _pass_object_array(machine)
    else:
        _pass_padding(machine, state)
        machine.skip(element.size * math.prod(shape))
    machine.stack[-1] = None


def _pass_object_array(machine: Machine) -> None:
    _follow_other_reading(machine, machine.explore(afresh=False))
    inner = machine.nested()
    inner.run()
    machine.pos = inner.pos


def _pass_padding(machine: Machine, state: Contents) -> None:
    """Pass the padding, whose first byte (at most 64) is no opcode, so that ``pickle.load`` stops there at once."""
    if b"numpy_array_alignment_bytes" not in state:
        _follow_other_reading(machine, (*machine.explore(afresh=False), *machine.explore(afresh=True)))
        return
    if not isinstance(state[b"numpy_array_alignment_bytes"], int):
        machine.flag(PICKLE_ARRAY, "the padding before an array is not written out; the rest was not read")
        raise Broken("padding that cannot be known")
    length = machine.take(1)[0]
    if length > _LARGEST_ALIGNMENT or chr(length) in "().012":
        machine.flag(PICKLE_ARRAY, f"the padding before an array is {length} bytes; the rest was not read")
        raise Broken("padding out of proportion")
    machine.skip(length)


def _follow_other_reading(machine: Machine, findings: tuple[Finding, ...]) -> None:
    """Judge what ``pickle.load`` would do from here.

    Bytes of numbers are hardly ever opcodes that complete a name or a call by chance.
    """
    if any(finding.rule == PICKLE_WORK.id for finding in findings):
        machine.flag(PICKLE_WORK, "what pickle.load would read here is longer than the limits allow")
    elif any(_names_standard_library(finding) for finding in findings):
        machine.flag(PICKLE_GLOBAL, "names a part of the standard library when read by pickle.load")
    elif any(finding.rule in _EVIDENCE for finding in findings):
        machine.flag(PICKLE_TWO_READINGS, "joblib.load and pickle.load read different objects from here on")


def _names_standard_library(finding: Finding) -> bool:
    named = finding.rule == PICKLE_GLOBAL.id and finding.message.removeprefix("names ")
    return bool(named) and str(named).split(".")[0] in sys.stdlib_module_names


def _shape(value: object) -> tuple[int, ...] | None:
    if not isinstance(value, tuple):
        return None
    sizes = tuple(size for size in value if isinstance(size, int) and size >= 0)
    return sizes if len(sizes) == len(value) else None
