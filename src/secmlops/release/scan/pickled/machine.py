"""The pickle machine: a stack, marks and a memo of what is known about values, driven by opcodes and never by objects.

The opcodes and their arguments are those of ``pickletools.opcodes`` of the standard library (protocols 0 to 5). The
loop keeps the most frequent opcodes inline; every other opcode has a handler in a table. What a real unpickler would
refuse raises Broken here as well, so that what ran before counts and what never runs does not.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from secmlops.core.errors import VerificationError
from secmlops.core.finding import Finding
from secmlops.release.scan.inspection import Data, Inspection, LimitReached
from secmlops.release.scan.pickled.values import Contents, Instance
from secmlops.release.scan.rules import PICKLE_BROKEN, PICKLE_WORK, Rule
from secmlops.release.scan.verdict import Place

Handler = Callable[["Machine"], object]

_WINDOW = 1 << 20
_LARGEST_GAP = 1 << 16
_MEMOIZE, _BINGET, _SHORT_TEXT, _SMALL_INT = 0x94, 0x68, 0x8C, 0x4B
_WIDTHS = bytearray(256)
_WIDTHS[0x4E] = _WIDTHS[0x88] = _WIDTHS[0x89] = 1  # NONE, NEWTRUE, NEWFALSE
_WIDTHS[0x5D] = _WIDTHS[0x8F] = 1  # EMPTY_LIST, EMPTY_SET
_WIDTHS[0x47] = 9  # BINFLOAT
"""Length in bytes, argument included, of the opcodes that push a value nobody asks about; 0 for all others."""


class Broken(VerificationError):  # noqa: N818  (the name says which verification failed)
    """The stream cannot go on: an unpickler would raise an error here."""


class Machine:
    """State of one reading of ``data`` from byte ``start``, at ``place``.

    ``skipped`` counts bytes that were jumped over as bulk data, ``named`` the names taken, ``in_torch`` says that the
    pickle lies in a PyTorch file, whose loader resolves persistent ids to ``storages`` (class name and elements by
    key), ``by_joblib`` that the loader may be joblib's, which reads array bytes between the opcodes, ``tentative`` that
    the bytes may be no pickle at all, ``probing`` that this is what shall be found out: a name that no import finds
    ends the reading then. ``frame_end`` is the first byte after the frames seen so far. The memo is a dict,
    as MEMOIZE counts the entries that were written; ``journal`` keeps what a tentative reading has changed.
    """

    __slots__ = (
        "by_joblib", "data", "frame_end", "frames", "handlers", "in_torch", "inspection", "journal", "memo", "named",
        "place", "pos", "probing", "skipped", "stack", "stopped", "storages", "tentative",
    )  # fmt: skip

    def __init__(self, handlers: Sequence[Handler], place: Place, data: Data, inspection: Inspection) -> None:
        self.handlers = handlers
        self.place = place
        self.data = data
        self.inspection = inspection
        self.pos = 0
        self.stack: list[object] = []
        self.frames: list[list[object]] = []
        self.memo: dict[int, object] = {}
        self.storages: dict[bytes, tuple[str, int]] = {}
        self.journal: dict[int, Callable[[], object]] = {}
        self.frame_end = 0
        self.skipped = 0
        self.named = 0
        self.in_torch = False
        self.by_joblib = True
        self.tentative = False
        self.probing = False
        self.stopped = False

    def flag(self, rule: Rule, message: str) -> None:
        """Note a finding at the opcode that was just read."""
        self.inspection.flag(rule, self.place.at(self.pos), message)

    def take(self, size: int) -> Data:
        """Return the next ``size`` bytes; raises Broken where there are fewer."""
        after = self.pos + size
        if size < 0 or after > len(self.data):
            raise Broken(f"an argument of {size} bytes reaches beyond the end")
        part = self.data[self.pos : after]
        self.pos = after
        return part

    def skip(self, size: int) -> None:
        """Jump over bulk data; raises Broken where there is less."""
        if size < 0 or self.pos + size > len(self.data):
            raise Broken(f"data of {size} bytes reaches beyond the end")
        self.pos += size
        self.skipped += size

    def line(self) -> bytes:
        """Return the bytes up to the next newline, which is read but left out; raises Broken where there is none."""
        start, window = self.pos, 256
        while True:
            part = bytes(self.data[start : start + window])
            end = part.find(b"\n")
            if end >= 0:
                self.pos = start + end + 1
                return part[:end]
            if start + window >= len(self.data):
                raise Broken("a line without an end")
            window *= 8

    def pop_mark(self) -> list[object]:
        """Return what lies above the last mark, and remove the mark; raises IndexError where there is none."""
        items = self.stack
        self.stack = self.frames.pop()
        return items

    def get(self, index: int) -> None:
        """Push a memo entry; raises KeyError for one that was never written."""
        value = self.memo[index]
        if isinstance(value, Instance):
            value.shared = True
        self.stack.append(value)

    def put(self, index: int) -> None:
        """Write a memo entry; an index far beyond the entries there are makes C's unpickler ask for as much memory."""
        if index > len(self.memo) + _LARGEST_GAP:
            self.flag(PICKLE_BROKEN, f"memo index {index} is out of all proportion")
        self.memo[index] = self.stack[-1]

    def change(self, target: Contents | Instance) -> None:
        """Remember what ``target`` holds now, before a reading changes it that does not count in the end."""
        if not self.tentative or id(target) in self.journal:
            return
        if isinstance(target, Contents):
            before = dict(target)

            def restore() -> None:
                target.clear()
                target.update(before)

            self.journal[id(target)] = restore
        else:
            state = target.state
            self.journal[id(target)] = lambda: setattr(target, "state", state)

    def nested(self) -> "Machine":
        """Return a fresh machine at the same byte, for a whole pickle that lies between the opcodes of this one."""
        other = Machine(self.handlers, self.place, self.data, self.inspection)
        other.pos = self.pos
        other.by_joblib = False
        return other

    def explore(self, *, afresh: bool) -> tuple[Finding, ...]:
        """Findings of reading on from here as ``pickle.load`` would, which knows nothing of array bytes.

        With ``afresh`` it begins here, with a stack and a memo of its own. What this machine knows stays as it is.
        """
        other = self.nested()
        other.inspection = self.inspection.scratch()
        other.tentative = True
        if not afresh:
            other.stack, other.memo = list(self.stack), dict(self.memo)
            other.frames = [list(frame) for frame in self.frames]
        with suppress(VerificationError):
            other.run()
        for restore in other.journal.values():
            restore()
        self.inspection.count_opcodes(other.inspection.limits.opcode_bytes - other.inspection.opcode_room())
        return tuple(other.inspection.findings)

    def run(self) -> None:
        """Read opcodes up to STOP; raises Broken where the stream breaks off, LimitReached when it is too long."""
        while not self.stopped:
            room = min(_WINDOW, self.inspection.opcode_room())
            if room <= 0:
                self.flag(PICKLE_WORK, "more opcodes than the limits allow; the rest was not read")
                raise LimitReached("more opcodes than the limits allow", where=str(self.place))
            before = self.pos - self.skipped
            try:
                self._run_window(self.pos + room)
            finally:
                self.inspection.count_opcodes(self.pos - self.skipped - before)

    def _run_window(self, end: int) -> None:
        data, memo, stack, pos = self.data, self.memo, self.stack, self.pos
        handlers, widths = self.handlers, _WIDTHS
        try:
            while pos < end and not self.stopped:
                opcode = data[pos]
                if opcode == _MEMOIZE:
                    memo[len(memo)] = stack[-1]
                    pos += 1
                elif opcode == _SMALL_INT:
                    stack.append(data[pos + 1])
                    pos += 2
                elif opcode == _SHORT_TEXT:
                    after = pos + 2 + data[pos + 1]
                    stack.append(bytes(data[pos + 2 : after]))
                    pos = after
                elif width := widths[opcode]:
                    stack.append(None)
                    pos += width
                elif opcode == _BINGET:
                    value = memo[data[pos + 1]]
                    if value.__class__ is Instance:
                        value.shared = True
                    stack.append(value)
                    pos += 2
                else:
                    self.pos = pos + 1
                    handlers[opcode](self)
                    stack, pos = self.stack, self.pos
        except (IndexError, KeyError):
            self.pos = max(pos, self.pos)
            raise Broken("the pickle breaks off, or takes from an empty stack or memo") from None
        self.pos = pos


def refuse(machine: Machine) -> None:
    """Handle a byte that is no opcode; raises Broken."""
    opcode = machine.data[machine.pos - 1]
    raise Broken(f"byte 0x{opcode:02x} is not an opcode")
