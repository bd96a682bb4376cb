"""Handlers of the opcodes that take names and call them: the only ones through which a pickle can run code."""

from collections.abc import Mapping
from types import MappingProxyType

from secmlops.release.scan.pickled.allowed import Role, role_of, spelled_today
from secmlops.release.scan.pickled.joblib_arrays import is_array_wrapper, pass_array
from secmlops.release.scan.pickled.machine import HOLE, Broken, Handler, Machine
from secmlops.release.scan.pickled.values import Global, Instance
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


def _name(machine: Machine, module: object, name: object) -> Global:
    machine.named += 1
    if not isinstance(module, bytes) or not isinstance(name, bytes):
        machine.flag(PICKLE_UNRESOLVED, "takes a name that is not written out as text")
        return _UNKNOWN
    try:
        spelled = spelled_today(module.decode(), name.decode())
    except UnicodeDecodeError:
        machine.flag(PICKLE_UNRESOLVED, "takes a name that is not valid UTF-8")
        return _UNKNOWN
    taken = Global(*spelled, role_of(*spelled))
    if taken.role is None:
        machine.flag(PICKLE_GLOBAL, f"names {shown(str(taken))}, which is not on the list of harmless names")
    return taken


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
        machine.flag(PICKLE_UNRESOLVED, f"calls what {shown(str(callee.maker))} returned")
        return Instance(_UNKNOWN)
    if callee is HOLE:
        machine.flag(PICKLE_UNRESOLVED, "calls something that cannot be known")
        return Instance(_UNKNOWN)
    if not isinstance(callee, Global):
        raise Broken("calls something that is not callable")
    if callee.role is None or callee.role < least:
        machine.flag(PICKLE_CALL, f"calls {shown(str(callee))}")
    elif str(callee) == "_codecs.encode" and not _encodes_latin_1(args):
        machine.flag(PICKLE_CALL, "calls _codecs.encode with another codec than latin1")
    return Instance(callee, args)


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
    if target is HOLE:
        machine.flag(PICKLE_BUILD, "changes something that cannot be known")
        return
    if not isinstance(target, Instance):
        raise Broken("sets the state of something that has none")
    if isinstance(state, tuple) and len(state) == 2 and not _is_bit_generator(target):
        machine.flag(PICKLE_BUILD, f"sets attributes of what {shown(str(target.maker))} returned one by one")
    if isinstance(state, Instance | Global):
        machine.flag(PICKLE_BUILD, f"sets the state of {shown(str(target.maker))} from something computed")
    target.state = state
    if machine.by_joblib and is_array_wrapper(target):
        pass_array(machine, target)


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
    machine.stack.append(HOLE)


def _persistent(machine: Machine) -> None:
    pid = machine.stack.pop()
    storage = _torch_storage(pid) if machine.in_torch else None
    if storage is None:
        machine.flag(PICKLE_PERSISTENT, "refers to an object outside of the pickle that is no tensor storage")
        machine.stack.append(HOLE)
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
