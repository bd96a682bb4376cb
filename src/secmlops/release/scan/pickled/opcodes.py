"""Handlers of the opcodes that make and move data: numbers, texts, bytes, tuples, containers, memo and stream."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from secmlops.release.scan.pickled.machine import Broken, Handler, Machine
from secmlops.release.scan.pickled.values import UNKNOWN, Contents, Global, Instance
from secmlops.release.scan.rules import PICKLE_BUFFER, PICKLE_BUILD

_LONGEST_TEXT = 512  # no module or class is named so; longer texts are only data
_SHORTEST_PICKLE = 4
_DECIMAL = re.compile(rb"-?[1-9][0-9]{0,18}|0[01]?")


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
    """INT and LONG in decimal digits; loaders do not agree on zeros in front, so that such a number is unknown."""
    text = machine.line().strip().removesuffix(b"L")
    machine.stack.append(int(text) if _DECIMAL.fullmatch(text) else None)


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
            machine.stack.append(UNKNOWN)

    return push


def _quoted_line(machine: Machine) -> None:
    """STRING: a Python 2 string literal. With escapes in it, it counts as unknown and can name nothing."""
    text = machine.line().strip()
    quoted = len(text) >= 2 and text[:1] == text[-1:] and text[:1] in (b"'", b'"')
    if not quoted:
        raise Broken("a STRING without quotes")
    machine.stack.append(UNKNOWN if b"\\" in text else text[1:-1])


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
    value = machine.stack[-1]
    if isinstance(value, Instance):
        value.shared = True
    machine.stack.append(value)


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
    """Push a dict whose contents are followed if an object or a tuple lies below it.

    Below the dict that is an object's state lies the object, below the fields of an array's type the tuple of names.
    """
    stack = machine.stack
    below_is_plain = not stack or type(stack[-1]) in (bytes, int, type(None), Contents)
    stack.append(None if below_is_plain else Contents())


def _dict_to_mark(machine: Machine) -> None:
    items = machine.pop_mark()
    _empty_dict(machine)
    _record(machine, machine.stack[-1], items)


def _add_one(machine: Machine) -> None:
    machine.stack.pop()
    machine.stack[-1]


def _add_to_mark(machine: Machine) -> None:
    machine.pop_mark()
    machine.stack[-1]


def _set_item(machine: Machine) -> None:
    value, key, target = machine.stack.pop(), machine.stack.pop(), machine.stack[-1]
    _record(machine, target, [key, value])


def _set_items(machine: Machine) -> None:
    items, target = machine.pop_mark(), machine.stack[-1]
    _record(machine, target, items)


def _record(machine: Machine, target: object, items: list[object]) -> None:
    if not isinstance(target, Contents) or not items:
        return
    if target.sealed:
        machine.flag(PICKLE_BUILD, "changes the fields of an array's type after they were set")
    machine.change(target)
    pairs = list(zip(items[::2], items[1::2], strict=False))
    target.update({key: value for key, value in pairs if isinstance(key, bytes)})
    target.unclear |= any(key is UNKNOWN or isinstance(key, Instance | Global) for key, _ in pairs)


def _get_line(machine: Machine) -> None:
    machine.get(_index(machine.line()))


def _put_line(machine: Machine) -> None:
    machine.put(_index(machine.line()))


def _index(text: bytes) -> int:
    """Memo index as unpicklers read it, blanks, signs and underscores included."""
    try:
        index = int(text)
    except ValueError:
        raise Broken("a memo index that is not a number") from None
    if index < 0:
        raise Broken("a memo index below zero")
    return index


def _get(machine: Machine) -> None:
    machine.get(int.from_bytes(machine.take(4), "little"))


def _put(size: int) -> Handler:
    def put(machine: Machine) -> None:
        machine.put(int.from_bytes(machine.take(size), "little"))

    return put


def _protocol(machine: Machine) -> None:
    if machine.take(1)[0] > 5:
        raise Broken("a protocol above 5")


def _frame(machine: Machine) -> None:
    """FRAME: C's unpickler only reads ahead, Python's takes the opcodes from a copy up to the frame's end."""
    size = int.from_bytes(machine.take(8), "little")
    machine.frame_end = max(machine.frame_end, machine.pos + size)


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
        ord("l"): _container_to_mark, ord("d"): _dict_to_mark, 0x91: _container_to_mark, ord("}"): _empty_dict,
        ord("a"): _add_one, ord("e"): _add_to_mark, 0x90: _add_to_mark, ord("s"): _set_item, ord("u"): _set_items,
        ord("g"): _get_line, ord("j"): _get, ord("p"): _put_line, ord("q"): _put(1), ord("r"): _put(4),
        0x80: _protocol, 0x95: _frame, ord("."): _stop,
    }
)  # fmt: skip
"""Opcode byte to handler; the opcodes that take names and call them are in ``calls``."""
