"""Handlers of the opcodes that make and move data: numbers, texts, bytes, tuples, containers, memo and stream."""

from collections.abc import Mapping
from types import MappingProxyType

from secmlops.release.scan.pickled.machine import HOLE, Broken, Handler, Machine
from secmlops.release.scan.rules import PICKLE_BUFFER

_LONGEST_TEXT = 512  # no module or class is named so; longer texts are only data
_SHORTEST_PICKLE = 4


def _number(size: int, *, signed: bool) -> Handler:
    def push(machine: Machine) -> None:
        machine.stack.append(int.from_bytes(machine.take(size), "little", signed=signed))

    return push


def _long(size: int) -> Handler:
    def push(machine: Machine) -> None:
        length = int.from_bytes(machine.take(size), "little", signed=size == 4)
        small = 0 <= length <= 8
        if small:
            machine.stack.append(int.from_bytes(machine.take(length), "little", signed=True))
        else:
            machine.skip(length)
            machine.stack.append(None)

    return push


def _number_line(machine: Machine) -> None:
    text = machine.line().strip().removesuffix(b"L")
    plain = text.removeprefix(b"-").isdigit() and len(text) <= 20
    machine.stack.append(int(text) if plain else None)


def _opaque_line(machine: Machine) -> None:
    machine.line()
    machine.stack.append(None)


def _text(size: int) -> Handler:
    def push(machine: Machine) -> None:
        length = int.from_bytes(machine.take(size), "little")
        if length <= _LONGEST_TEXT:
            machine.stack.append(bytes(machine.take(length)))
        else:
            machine.skip(length)
            machine.stack.append(None)

    return push


def _quoted_line(machine: Machine) -> None:
    """STRING: a Python 2 string literal. With escapes in it, it counts as unknown and can name nothing."""
    text = machine.line().strip()
    quoted = len(text) >= 2 and text[:1] == text[-1:] and text[:1] in (b"'", b'"')
    if not quoted:
        raise Broken("a STRING without quotes")
    machine.stack.append(HOLE if b"\\" in text else text[1:-1])


def _escaped_line(machine: Machine) -> None:
    """UNICODE: text in raw-unicode-escape."""
    text = machine.line()
    try:
        plain = text.decode("raw-unicode-escape").encode("utf-8", "surrogatepass") if b"\\" in text else text
    except UnicodeError:
        raise Broken("a UNICODE with a broken escape") from None
    machine.stack.append(plain)


def _bytes(size: int) -> Handler:
    def push(machine: Machine) -> None:
        length = int.from_bytes(machine.take(size), "little")
        start = machine.pos
        machine.skip(length)
        machine.stack.append(None)
        if length >= _SHORTEST_PICKLE and machine.data[start] == 0x80 and machine.data[machine.pos - 1] == 0x2E:
            nested = machine.data[start : machine.pos]
            machine.inspection.descend(machine.place.inside(f"bytes at {start}"), nested)

    return push


def _buffer(machine: Machine) -> None:
    machine.flag(PICKLE_BUFFER, "a part of this object lies in a buffer outside of the file")
    machine.stack.append(None)


def _same(machine: Machine) -> None:
    """READONLY_BUFFER: the same buffer, write-protected."""
    machine.stack[-1]


def _mark(machine: Machine) -> None:
    machine.frames.append(machine.stack)
    machine.stack = []


def _pop(machine: Machine) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.pop_mark()


def _dup(machine: Machine) -> None:
    machine.stack.append(machine.stack[-1])


def _empty_tuple(machine: Machine) -> None:
    machine.stack.append(())


def _tuple_to_mark(machine: Machine) -> None:
    items = machine.pop_mark()
    machine.stack.append(tuple(items))


def _tuple(size: int) -> Handler:
    def push(machine: Machine) -> None:
        stack = machine.stack
        if len(stack) < size:
            raise Broken("a tuple takes from an empty stack")
        stack[-size:] = [tuple(stack[-size:])]

    return push


def _container_to_mark(machine: Machine) -> None:
    machine.pop_mark()
    machine.stack.append(None)


def _empty_dict(machine: Machine) -> None:
    """Push a dict whose contents are followed if an object lies below it: then it may be the object's state."""
    stack = machine.stack
    below_is_plain = not stack or type(stack[-1]) in (bytes, int, type(None), tuple, dict)
    stack.append(None if below_is_plain else {})


def _add_one(machine: Machine) -> None:
    machine.stack.pop()
    machine.stack[-1]


def _add_to_mark(machine: Machine) -> None:
    machine.pop_mark()
    machine.stack[-1]


def _set_item(machine: Machine) -> None:
    value, key, target = machine.stack.pop(), machine.stack.pop(), machine.stack[-1]
    if isinstance(target, dict):
        _record(target, [key, value])


def _set_items(machine: Machine) -> None:
    items, target = machine.pop_mark(), machine.stack[-1]
    if isinstance(target, dict):
        _record(target, items)


def _record(target: dict[object, object], items: list[object]) -> None:
    pairs = zip(items[::2], items[1::2], strict=False)
    target.update({key: value for key, value in pairs if isinstance(key, bytes)})


def _get_line(machine: Machine) -> None:
    machine.stack.append(machine.memo[_index(machine.line())])


def _put_line(machine: Machine) -> None:
    machine.put(_index(machine.line()), machine.stack[-1])


def _index(text: bytes) -> int:
    text = text.strip()
    if not text.isdigit() or len(text) > 10:
        raise Broken("a memo index that is not a number")
    return int(text)


def _get(machine: Machine) -> None:
    machine.stack.append(machine.memo[int.from_bytes(machine.take(4), "little")])


def _put(size: int) -> Handler:
    def put(machine: Machine) -> None:
        machine.put(int.from_bytes(machine.take(size), "little"), machine.stack[-1])

    return put


def _memoize(machine: Machine) -> None:
    """MEMOIZE while the memo has holes: the index is the number of entries written so far."""
    machine.put(len(machine.memo) - machine.holes, machine.stack[-1])


def _protocol(machine: Machine) -> None:
    if machine.take(1)[0] > 5:
        raise Broken("a protocol above 5")


def _frame(machine: Machine) -> None:
    machine.take(8)


def _stop(machine: Machine) -> None:
    machine.stack[-1]
    machine.stopped = True


DATA_HANDLERS: Mapping[int, Handler] = MappingProxyType(
    {
        ord("I"): _number_line, ord("L"): _number_line, ord("F"): _opaque_line,
        ord("J"): _number(4, signed=True), ord("M"): _number(2, signed=False), 0x8A: _long(1), 0x8B: _long(4),
        ord("S"): _quoted_line, ord("V"): _escaped_line,
        ord("U"): _text(1), ord("T"): _text(4), ord("X"): _text(4), 0x8D: _text(8),
        ord("C"): _bytes(1), ord("B"): _bytes(4), 0x8E: _bytes(8), 0x96: _bytes(8), 0x97: _buffer, 0x98: _same,
        ord("("): _mark, ord("0"): _pop, ord("1"): Machine.pop_mark, ord("2"): _dup,
        ord(")"): _empty_tuple, ord("t"): _tuple_to_mark, 0x85: _tuple(1), 0x86: _tuple(2), 0x87: _tuple(3),
        ord("l"): _container_to_mark, ord("d"): _container_to_mark, 0x91: _container_to_mark, ord("}"): _empty_dict,
        ord("a"): _add_one, ord("e"): _add_to_mark, 0x90: _add_to_mark, ord("s"): _set_item, ord("u"): _set_items,
        ord("g"): _get_line, ord("j"): _get, ord("p"): _put_line, ord("q"): _put(1), ord("r"): _put(4), 0x94: _memoize,
        0x80: _protocol, 0x95: _frame, ord("."): _stop,
    }
)  # fmt: skip
"""Opcode byte to handler; the opcodes that take names and call them are in ``calls``."""
