"""Handlers of the opcodes that take names and call them: the only ones through which a pickle can run code."""

import re
import sys
from collections.abc import Mapping
from types import MappingProxyType

from secmlops.release.scan.pickled.allowed import LISTED_UNDER, Role, role_of, spelled_today
from secmlops.release.scan.pickled.allowed_sklearn import MAKERS
from secmlops.release.scan.pickled.array_types import element_type
from secmlops.release.scan.pickled.joblib_arrays import is_array_wrapper, pass_array
from secmlops.release.scan.pickled.machine import Broken, Handler, Machine
from secmlops.release.scan.pickled.values import UNKNOWN, Contents, Global, Instance
from secmlops.release.scan.rules import (
    PICKLE_BUILD,
    PICKLE_CALL,
    PICKLE_EXTENSION,
    PICKLE_GLOBAL,
    PICKLE_PERSISTENT,
    PICKLE_UNRESOLVED,
)
from secmlops.release.scan.verdict import shown

_LATIN_1 = {b"latin1", b"latin-1", b"iso-8859-1", b"iso8859-1"}
_UNKNOWN = Global("(unknown)", "(unknown)", None)
_NAMEABLE = re.compile(r"[\w.-]+")
_INSTANTIATING = {(module, name) for module, names in MAKERS.items() for name in names.split()} | {
    ("copyreg", "_reconstructor"),
    ("copyreg", "__newobj__"),
}


def _importable(module: bytes) -> bool:
    """Whether a module can be called so; of the name in it nothing is asked, since the module is imported first."""
    return bool(_NAMEABLE.fullmatch(module.decode(errors="replace")))


def _name(machine: Machine, module: object, name: object) -> Global:
    """Judge a name that is taken; raises Broken in a tentative or probing reading for one that nothing can have.

    In a tentative one every ``X.dtype`` counts as ``numpy.dtype``, and so on for each name on the list, because that is
    what it is in the other reading of an honest file: the pickle of a joblib array of objects takes the text ``numpy``
    out of its memo, where the memo of the pickle around it holds some ``X``.
    """
    if machine.probing and isinstance(module, bytes) and not _importable(module):
        raise Broken("no module is named so")
    machine.named += 1
    if not isinstance(module, bytes) or not isinstance(name, bytes):
        if machine.tentative and not all(_may_be_text(part) for part in (module, name)):
            raise Broken("takes a name that is no text")
        machine.flag(PICKLE_UNRESOLVED, "takes a name that is not written out as text")
        return _UNKNOWN
    try:
        spelled = spelled_today(module.decode(), name.decode())
    except UnicodeDecodeError:
        if machine.tentative:
            raise Broken("takes a name that is not valid UTF-8") from None
        machine.flag(PICKLE_UNRESOLVED, "takes a name that is not valid UTF-8")
        return _UNKNOWN
    if machine.tentative and not all(_NAMEABLE.fullmatch(part) for part in spelled):
        raise Broken("no module or class is named so")
    if machine.tentative and spelled[0].split(".")[0] not in sys.stdlib_module_names:
        spelled = (LISTED_UNDER.get(spelled[1], spelled[0]), spelled[1])
    taken = Global(*spelled, role_of(*spelled))
    if taken.role is None:
        machine.flag(PICKLE_GLOBAL, f"names {shown(str(taken))}, which is not on the list of harmless names")
    return taken


def _may_be_text(value: object) -> bool:
    """Whether this may be a text: one that is known, one that is not, or what a call of a type such as str gave."""
    return isinstance(value, bytes) or value is UNKNOWN or (isinstance(value, Instance) and _makes_text(value))


def _makes_text(value: Instance) -> bool:
    return value.maker.role in (None, Role.CALL)


def _global(machine: Machine) -> None:
    module = machine.line()
    machine.stack.append(_name(machine, module, machine.line()))


def _stack_global(machine: Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(_name(machine, module, name))


def _extension(size: int) -> Handler:
    def push(machine: Machine) -> None:
        code = int.from_bytes(machine.take(size), "little")
        machine.flag(PICKLE_EXTENSION, f"takes name {code} of the extension registry, whatever that is when loading")
        machine.stack.append(_UNKNOWN)

    return push


def _called(machine: Machine, callee: object, args: object, least: Role) -> Instance:
    """Judge a call, and give what it returns; raises Broken where nothing can be called."""
    if isinstance(callee, Instance):
        if is_array_wrapper(callee) or (least is Role.CLASS and callee.maker.role is Role.CLASS):
            raise Broken("calls something that is not callable")
        machine.flag(PICKLE_UNRESOLVED, f"calls what {shown(str(callee.maker))} returned")
        return Instance(_UNKNOWN)
    if callee is UNKNOWN:
        machine.flag(PICKLE_UNRESOLVED, "calls something that cannot be known")
        return Instance(_UNKNOWN)
    if not isinstance(callee, Global):
        raise Broken("calls something that is not callable")
    if callee.role is None or callee.role < least:
        machine.flag(PICKLE_CALL, f"calls {shown(str(callee))}")
    elif str(callee) == "_codecs.encode" and not _encodes_latin_1(args):
        machine.flag(PICKLE_CALL, "calls _codecs.encode with another codec than latin1")
    elif (callee.module, callee.name) in _INSTANTIATING:
        return _instance_of(machine, callee, args)
    return Instance(callee, args)


def _instance_of(machine: Machine, maker: Global, args: object) -> Instance:
    """What ``maker(cls, ...)`` gives: an instance of ``cls``, which must be written out."""
    cls = args[0] if isinstance(args, tuple) and args else None
    if not isinstance(cls, Global) or cls.role is None or cls.role < Role.CLASS:
        machine.flag(PICKLE_CALL, f"calls {shown(str(maker))} with something that may not be instantiated")
        return Instance(_UNKNOWN)
    return Instance(cls)


def _encodes_latin_1(args: object) -> bool:
    return isinstance(args, tuple) and len(args) == 2 and args[1] in _LATIN_1


def _reduce(machine: Machine) -> None:
    args, callee = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(_called(machine, callee, args, Role.CALL))


def _new(machine: Machine) -> None:
    args, cls = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(_called(machine, cls, args, Role.CLASS))


def _new_with_keywords(machine: Machine) -> None:
    machine.stack.pop()
    _new(machine)


def _instantiate(machine: Machine, cls: object, args: tuple[object, ...]) -> None:
    machine.stack.append(_called(machine, cls, args, Role.CALL if args else Role.CLASS))


def _inst(machine: Machine) -> None:
    module = machine.line()
    cls = _name(machine, module, machine.line())
    _instantiate(machine, cls, tuple(machine.pop_mark()))


def _obj(machine: Machine) -> None:
    cls, *args = machine.pop_mark() or [None]
    _instantiate(machine, cls, tuple(args))


def _build(machine: Machine) -> None:
    state, target = machine.stack.pop(), machine.stack[-1]
    if isinstance(target, Global):
        machine.flag(PICKLE_BUILD, f"changes {shown(str(target))} itself, not an instance of it")
        return
    if target is UNKNOWN:
        machine.flag(PICKLE_BUILD, "changes something that cannot be known")
        return
    if not isinstance(target, Instance):
        if _is_some_state(state):
            raise Broken("sets the state of something that has none")
        return
    if isinstance(state, tuple) and len(state) == 2 and not _is_bit_generator(target):
        machine.flag(PICKLE_BUILD, f"sets attributes of what {shown(str(target.maker))} returned one by one")
    if isinstance(state, Instance | Global):
        machine.flag(PICKLE_BUILD, f"sets the state of {shown(str(target.maker))} from something computed")
    again = target.shared or target.state is not None
    machine.change(target)
    target.state = state
    if str(target.maker) == "numpy.dtype":
        _check_dtype(machine, target, again=again)
    elif machine.by_joblib and is_array_wrapper(target):
        pass_array(machine, target, again=again)


def _is_some_state(state: object) -> bool:
    """Whether unpicklers look for a place to put this state; they pass over None and, some of them, all that is empty.

    A list or dict that is not followed counts as empty.
    """
    return bool(state) and isinstance(state, int | bytes | tuple) and not (isinstance(state, tuple) and len(state) == 2)


def _check_dtype(machine: Machine, dtype: Instance, *, again: bool) -> None:
    """Refuse the state of an array's type that NumPy never writes, and one set after the type may have been used."""
    if again:
        machine.flag(PICKLE_BUILD, "changes numpy.dtype after it was used")
        return
    dtype.element = element_type(dtype)
    if dtype.element is None:
        machine.flag(PICKLE_BUILD, "gives numpy.dtype a state that NumPy does not write")
        dtype.state = ()
        return
    for part in dtype.state if isinstance(dtype.state, tuple) else ():
        if isinstance(part, Contents):
            part.sealed = True


def _is_bit_generator(target: Instance) -> bool:
    """Whether this is one of NumPy's bit generators, which take their state as a pair by a method of their own."""
    match target:
        case Instance(maker=Global(name="__bit_generator_ctor"), args=(bytes(),)):
            return True
        case Instance(maker=Global(name="__bit_generator_ctor"), args=(Global(module=module, role=Role.CLASS),)):
            return module.startswith("numpy.random.")
    return False


def _persistent_line(machine: Machine) -> None:
    machine.flag(PICKLE_PERSISTENT, f"refers to {shown(machine.line().decode('latin-1'))!r} outside of the file")
    machine.stack.append(UNKNOWN)


def _persistent(machine: Machine) -> None:
    pid = machine.stack.pop()
    storage = _torch_storage(pid) if machine.in_torch else None
    if storage is None:
        machine.flag(PICKLE_PERSISTENT, "refers to an object outside of the pickle that is no tensor storage")
        machine.stack.append(UNKNOWN)
        return
    key, kind, size = storage
    machine.storages[key] = (kind.name, size)
    machine.stack.append(Instance(kind))


def _torch_storage(pid: object) -> tuple[bytes, Global, int] | None:
    """Key, class and number of elements of ``("storage", class, key, device, elements[, view])``, or None."""
    match pid:
        case (b"storage", Global(role=Role.STORAGE) as kind, bytes() as key, bytes(), int() as size, *rest):
            return (key, kind, size) if size >= 0 and rest in ([], [None]) else None
    return None


CALL_HANDLERS: Mapping[int, Handler] = MappingProxyType(
    {
        ord("c"): _global, 0x93: _stack_global, 0x82: _extension(1), 0x83: _extension(2), 0x84: _extension(4),
        ord("R"): _reduce, 0x81: _new, 0x92: _new_with_keywords, ord("i"): _inst, ord("o"): _obj, ord("b"): _build,
        ord("P"): _persistent_line, ord("Q"): _persistent,
    }
)  # fmt: skip
