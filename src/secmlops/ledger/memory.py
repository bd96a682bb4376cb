"""Remembering the newest checkpoint outside the ledger, so that an older copy of the ledger put back is noticed."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

from secmlops.core.counting import counted
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.checkpoint import Checkpoint, read_checkpoint
from secmlops.ledger.merkle import verify_consistency
from secmlops.ledger.note import MAX_NOTE_SIZE
from secmlops.ledger.view import LedgerView
from secmlops.trust.keys import PublicKey


class CheckpointMemory:
    """Checkpoints in ``folder``, one file for each ledger and ``place`` where a copy of it lives.

    Copies of a ledger that go on separately do not disturb each other. Whoever can write to ``folder``, too, can still
    roll both back together.
    """

    def __init__(self, folder: Path, keys: Sequence[PublicKey], place: str) -> None:
        self._folder = folder
        self._keys = keys
        self._place = place

    def kept(self, origin: str) -> Checkpoint | None:
        """Return the newest checkpoint that was kept of the ledger, or None; VerificationError when it was changed."""
        path = self._path(origin)
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return read_checkpoint(file.read(MAX_NOTE_SIZE), self._keys, origin)

    def check(self, ledger: LedgerView) -> None:
        """Return when the ledger continues the newest checkpoint that was kept of it.

        Raises VerificationError when it was rolled back or rewritten, or when the checkpoint kept was changed.
        """
        kept = self.kept(ledger.origin)
        if kept is None or not kept.size:
            return
        now = read_checkpoint(ledger.checkpoint(), self._keys, ledger.origin)
        hint = f"if a backup was restored on purpose, remove {self._path(ledger.origin)}"
        if now.size < kept.size:
            what = f"the ledger was rolled back: it had {counted(kept.size, 'entry', 'entries')}, now it has {now.size}"
            raise VerificationError(what, where=ledger.origin, hint=hint)
        try:
            proof = ledger.consistency(kept.size, now.size)
            verify_consistency(kept.size, kept.root, now.size, now.root, proof)
        except VerificationError:
            what = (
                f"the beginning of the ledger, {counted(kept.size, 'entry', 'entries')}, is not what was there before"
            )
            raise VerificationError(what, where=ledger.origin, hint=hint) from None

    def keep(self, ledger: LedgerView) -> None:
        """Keep the ledger's newest checkpoint; raises InputError when it cannot be written."""
        path = self._path(ledger.origin)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with fresh.open("xb") as file:
                file.write(ledger.checkpoint())
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise InputError(f"cannot be written: {error.strerror}", where=str(self._folder)) from None

    @contextlib.contextmanager
    def continuing(self, ledger: LedgerView) -> Iterator[None]:
        """Wait for one's turn, check the ledger, and keep what it became, unless an error is raised meanwhile.

        With one ``place`` for all copies of a ledger, only that one may go on which did last. Raises what ``check`` and
        ``keep`` raise.
        """
        path = self._path(ledger.origin).with_suffix(".lock")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(self._folder)) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self.check(ledger)
            yield
            self.keep(ledger)
        finally:
            os.close(handle)

    def _path(self, origin: str) -> Path:
        return self._folder / Digest.of(f"{origin}\n{self._place}".encode()).hex
