"""The audit: everything recomputed from the rows, and compared with what was signed, now and earlier."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from secmlops.core.counting import counted
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.finding import Finding, Severity
from secmlops.ledger.checkpoint import Checkpoint, read_checkpoint
from secmlops.ledger.entry import Record, leaf_bytes
from secmlops.ledger.merkle import EMPTY_ROOT, MAX_SIZE, CompactRange, leaf_hash, stored_count
from secmlops.ledger.storage import Reader, Storage
from secmlops.trust.keys import PublicKey

NAMED = 20
"""How many rows a report names one by one for each kind of finding."""
_LOWEST = -(2**63)
_ROWS = 1024


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found: the signed ``size``, the ``entries`` there are, and findings; none means all is well."""

    size: int
    entries: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether every entry is what was signed, and nothing else is there."""
        return not self.findings


@dataclass(slots=True)
class _Tally:
    """Rows that share a fault: the first of them, whether there are ``more``, and how many faults there are."""

    rows: list[int] = field(default_factory=list)
    count: int = 0
    more: bool = False

    def add(self, row: int) -> None:
        self.count += 1
        self.more |= len(self.rows) == NAMED and row != self.rows[-1]
        if len(self.rows) < NAMED and row not in self.rows:
            self.rows.append(row)

    def told(self, rule: str, one: str, what: str) -> tuple[Finding, ...]:
        if not self.count:
            return ()
        named = ", ".join(map(str, self.rows)) + (" and more" if self.more else "")
        return (finding(rule, f"{self.count} {one if self.count == 1 else what}: {named}"),)


def audit(storage: Storage, keys: PublicKey | Sequence[PublicKey], origin: str, *earlier: Checkpoint) -> AuditReport:
    """Audit the whole ledger as it is at this moment; others may go on writing.

    ``earlier`` are checkpoints that were kept outside and verified: they show whether the ledger was rolled back or
    rewritten by someone who holds the signing key. Damage is reported, not raised; InputError when the storage cannot
    be read or one of ``earlier`` is of another ledger.
    """
    for kept in earlier:
        if kept.origin != origin:
            raise InputError(f"the earlier checkpoint is of another ledger: {kept.origin}", hint=f"expected {origin}")
    trusted = [keys] if isinstance(keys, PublicKey) else list(keys)
    try:
        with storage.snapshot() as reader:
            note = reader.head()
            if note is None:
                return AuditReport(0, 0, (finding("checkpoint-missing", "the ledger has no signed checkpoint"),))
            return _Audit(reader, read_checkpoint(note, trusted, origin), earlier).run()
    except VerificationError as error:
        return AuditReport(0, 0, (finding("unreadable", str(error)),))


class _Audit:
    """One pass over the entries, and beside it over the stored hashes, which lie in the order of the entries."""

    def __init__(self, reader: Reader, checkpoint: Checkpoint, earlier: Sequence[Checkpoint]) -> None:
        self._reader = reader
        self._checkpoint = checkpoint
        self._earlier = deque(sorted(earlier, key=lambda kept: kept.size))
        self._tree = CompactRange()
        self._hashes = _StoredHashes(reader)
        self._entries = 0
        self._findings: list[Finding] = []
        self._missing, self._unsigned, self._leaves, self._nodes = _Tally(), _Tally(), _Tally(), _Tally()

    def run(self) -> AuditReport:
        """Recompute the whole tree from the entries and tell what differs from what was stored and signed."""
        size = self._checkpoint.size
        self._compare_earlier()
        for record in _all_entries(self._reader):
            self._entries += 1
            if not 0 <= record.place < size:
                self._unsigned.add(record.place)
                continue
            self._pass_over_missing(record.place)
            self._grow(leaf_hash(leaf_bytes(record.kind, record.data)))
        self._pass_over_missing(size)
        self._hashes.finish()
        return AuditReport(size, self._entries, (*self._findings, *self._told()))

    def _pass_over_missing(self, place: int) -> None:
        """Go on with the stored hash of each missing entry, so that only what really differs is told."""
        while self._tree.size < place:
            self._missing.add(self._tree.size)
            self._grow(None)

    def _grow(self, leaf: bytes | None) -> None:
        place = self._tree.size
        position = stored_count(place)
        stored = self._hashes.take(position)
        nodes = self._tree.append(leaf or stored or EMPTY_ROOT)
        if nodes[0] != stored:
            self._leaves.add(place)
        for above, node in enumerate(nodes[1:], position + 1):
            if node != self._hashes.take(above):
                self._nodes.add(place)
        self._compare_earlier()

    def _compare_earlier(self) -> None:
        while self._earlier and self._earlier[0].size == self._tree.size:
            kept = self._earlier.popleft()
            if self._tree.root() != kept.root and not self._findings:  # the first that differs says it all
                what = f"the beginning, {counted(kept.size, 'entry', 'entries')}, is not what was signed before"
                self._findings.append(finding("rewritten", what))

    def _told(self) -> Iterator[Finding]:
        size = self._checkpoint.size
        if self._earlier:  # those that the tree never grew to
            most = counted(self._earlier[-1].size, "entry", "entries")
            what = f"the ledger was rolled back: it had {most} when it was signed before, now it has {size}"
            yield finding("rolled-back", what)
        authentic = not self._missing.count and self._tree.root() == self._checkpoint.root
        if authentic:
            yield from self._leaves.told(
                "hash-changed",
                "stored leaf hash is wrong, that of entry",
                "stored leaf hashes are wrong, those of entries",
            )
        else:
            yield finding("root-mismatch", "the entries do not have the signed root")
            yield from self._missing.told("entry-missing", "entry is missing", "entries are missing")
            yield from self._leaves.told(
                "entry-changed", "entry is not what was recorded", "entries are not what was recorded"
            )
        yield from self._nodes.told(
            "hash-changed",
            "stored tree hash does not follow from the entries, at",
            "stored tree hashes do not follow from the entries, at",
        )
        yield from self._hashes.surplus.told(
            "hash-changed", "stored hash belongs to no entry, position", "stored hashes belong to no entry, positions"
        )
        yield from self._unsigned.told(
            "entry-unsigned",
            "entry is not covered by the signed checkpoint",
            "entries are not covered by the signed checkpoint",
        )


class _StoredHashes:
    """The stored hashes in order; those whose position nobody asks for are surplus."""

    def __init__(self, reader: Reader) -> None:
        self._rows = _all_hashes(reader)
        self._next = next(self._rows, None)
        self.surplus = _Tally()

    def take(self, position: int) -> bytes | None:
        """Return the hash at ``position``, None when it is missing; positions are asked for in rising order."""
        while self._next is not None and self._next[0] < position:
            self._skip()
        if self._next is None or self._next[0] != position:
            return None
        value = self._next[1]
        self._next = next(self._rows, None)
        return value

    def finish(self) -> None:
        """Count what is left."""
        while self._next is not None:
            self._skip()

    def _skip(self) -> None:
        if self._next is not None:
            self.surplus.add(self._next[0])
            self._next = next(self._rows, None)


def _all_entries(reader: Reader) -> Iterator[Record]:
    start = _LOWEST
    while start <= MAX_SIZE and (rows := reader.entries(start, _ROWS)):
        yield from rows
        start = rows[-1].place + 1


def _all_hashes(reader: Reader) -> Iterator[tuple[int, bytes]]:
    start = _LOWEST
    while start <= MAX_SIZE and (rows := reader.hashes(start, _ROWS)):
        yield from rows
        start = rows[-1][0] + 1


def finding(rule: str, message: str) -> Finding:
    """Finding of an audit under the rule ``ledger.<rule>``."""
    return Finding(f"ledger.{rule}", Severity.ERROR, message, hint="keep this file as it is and restore a good copy")
