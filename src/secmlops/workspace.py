"""The composition root: one project's folder, wired to its keys, its vault and its ledger. It decides nothing."""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from platformdirs import user_config_path

from secmlops.access.administration import Administration
from secmlops.access.book import AccessBook
from secmlops.access.changes import Change
from secmlops.access.entries import append_changes
from secmlops.access.keys import MAC_PURPOSE
from secmlops.core.clock import Clock
from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.book import EvidenceBook
from secmlops.ledger.checkpoint import Checkpoint
from secmlops.ledger.log import Ledger
from secmlops.ledger.memory import CheckpointMemory
from secmlops.ledger.sqlite import SqliteStorage
from secmlops.lifecycle.releases import publications, published_release
from secmlops.lifecycle.sealed import opened_files
from secmlops.project.load import FILE_NAME, read_project
from secmlops.project.settings import Project
from secmlops.release.bundle import Release
from secmlops.trust.local import LocalKeys
from secmlops.trust.passphrase import read_passphrase
from secmlops.trust.roles import KeyRing, Role
from secmlops.vault.vault import Vault

STATE = ".secmlops"
TRAFFIC = "traffic.db"
TRAFFIC_WAIT_S = 2.0
"""How long, in seconds, an answer waits at most for another writer of its log: a gateway refuses rather than hangs."""
RELEASES = "releases"
PASSPHRASE_FILE = "SECMLOPS_PASSPHRASE_FILE"  # noqa: S105  # the name of a variable, no secret


_IDENTITY = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}/[0-9a-f]{16}")
_LONGEST_IDENTITY = 100
_LONGEST_RING = 4 * 2**20


def system_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def key_folder() -> Path:
    """Folder of this user's keys: ``$SECMLOPS_KEYS``, or ``keys`` under the user's configuration folder."""
    named = os.environ.get("SECMLOPS_KEYS")
    return Path(named) if named else user_config_path("secmlops") / "keys"


def passphrase() -> str | None:
    """Passphrase of the keys, from the file that ``$SECMLOPS_PASSPHRASE_FILE`` names; None when it names none."""
    named = os.environ.get(PASSPHRASE_FILE)
    if not named:
        return None
    try:
        return read_passphrase(Path(named))
    except InputError as error:
        raise InputError(error.what, where=f"{PASSPHRASE_FILE}={named}", hint=error.hint) from None


def own_keys(clock: Clock | None = None) -> LocalKeys:
    """This user's keys; made when they are missing and a ``clock`` is given.

    Raises InputError when there are none, they are open to others, or the passphrase does not fit.
    """
    folder = key_folder()
    if clock is None and not folder.is_dir():
        raise InputError("there are no keys yet", where=str(folder), hint="secmlops keys init makes them")
    try:
        return LocalKeys.create(folder, clock, passphrase()) if clock else LocalKeys(folder, passphrase())
    except InputError as error:
        hint = error.hint or f"the passphrase is read from the file that {PASSPHRASE_FILE} names"
        raise InputError(error.what, where=error.where, hint=hint) from None


class Workspace:
    """A project's folder. What it holds is opened when it is first used."""

    def __init__(self, folder: Path, clock: Clock = system_clock) -> None:
        self.folder = folder
        self.clock = clock

    @cached_property
    def project(self) -> Project:
        """The project file, validated."""
        return read_project(self.folder / FILE_NAME)

    @cached_property
    def keys(self) -> LocalKeys:
        """This user's keys, made on first use."""
        return own_keys(self.clock)

    @cached_property
    def identity(self) -> str:
        """Return what tells this project's log and objects from all others: its name and a random number, kept."""
        return _kept_identity(self._state / "identity", self.project.name)

    @cached_property
    def ledger(self) -> Ledger:
        """The project's ledger; raises VerificationError when an older copy of it was put back."""
        earlier = self.keys.ring().keys(Role.LOG)
        with _by_other_keys():
            ledger = Ledger.open(self._state / "ledger.db", self.keys.signer(Role.LOG), self.origin, earlier)
        self._memory.check(ledger)
        return ledger

    @cached_property
    def traffic(self) -> Ledger:
        """The log of this project's predictions, anchored in the ledger; raises as ``ledger`` does."""
        earlier = self.keys.ring().keys(Role.LOG)
        signer = self.keys.signer(Role.LOG)
        log = Ledger.open(self._state / TRAFFIC, signer, self.traffic_origin, earlier, wait_s=TRAFFIC_WAIT_S)
        self._memory.check(log)
        return log

    @property
    def traffic_origin(self) -> str:
        """The origin line of the checkpoints of the predictions' log."""
        return f"{self.origin}/traffic"

    @property
    def _memory(self) -> CheckpointMemory:
        return CheckpointMemory(
            key_folder() / "checkpoints", self.keys.ring().keys(Role.LOG), str(self.folder.resolve())
        )

    @property
    def remembered(self) -> Checkpoint | None:
        """The newest checkpoint that this user has seen of the ledger."""
        return self._memory.kept(self.origin)

    @property
    def remembered_traffic(self) -> Checkpoint | None:
        """The newest checkpoint that this user has seen of the predictions' log."""
        return self._memory.kept(self.traffic_origin)

    def remember(self) -> None:
        """Keep the newest checkpoints beside the keys, so that older copies of the logs are noticed from now on."""
        self._memory.keep(self.ledger)
        if "traffic" in vars(self):  # opened, and so checked, here
            self._memory.keep(self.traffic)

    @property
    def origin(self) -> str:
        """The origin line of the log's checkpoints (C2SP tlog-checkpoint)."""
        return f"secmlops.local/{self.identity}"

    @cached_property
    def book(self) -> EvidenceBook:
        """The evidence in the ledger."""
        return EvidenceBook(self.ledger, self.keys.ring)

    @cached_property
    def vault(self) -> Vault:
        """The project's encrypted objects."""
        return Vault.local(self.vault_folder, self.keys, self.identity)

    @property
    def vault_folder(self) -> Path:
        """Where the encrypted objects lie, and the wrapped keys they are sealed under."""
        return self._state / "vault"

    @property
    def releases(self) -> Path:
        """The folder of the project's releases."""
        return self.folder / RELEASES

    @cached_property
    def access(self) -> AccessBook:
        """Who has access."""
        return AccessBook(self.ledger, self.keys.ring, self.keys.mac_key(MAC_PURPOSE))

    @cached_property
    def administration(self) -> Administration:
        """The changes that can be made to who has access; each is in the ledger, and remembered, when it is done."""

        def append(change: Change) -> None:
            append_changes(self.ledger, [change], self.keys.signer(Role.GATEWAY))
            self.remember()

        return Administration(self.access, self.keys.mac_key(MAC_PURPOSE), self.clock, append)

    def ledger_storage(self) -> SqliteStorage:
        """The ledger's rows as they lie there, for an audit that trusts nothing."""
        return SqliteStorage(self._state / "ledger.db", read_only=True)

    def traffic_storage(self) -> SqliteStorage | None:
        """The rows of the predictions' log, as ``ledger_storage``; None when there is no such file."""
        path = self._state / TRAFFIC
        return SqliteStorage(path, read_only=True) if os.path.lexists(path) else None

    def release_names(self) -> list[str]:
        """Folder names of the project's releases as the ledger knows them, oldest first."""
        return [p.folder for p in publications(self.book, self.project.name)]

    def release(self, name: str | None = None) -> Release:
        """Release that was published as this folder name, or the latest; raises what ``published_release`` raises."""
        return published_release(self.book, self.releases, self.project.name, name)

    def opened(self, release: Release) -> dict[str, bytes]:
        """Decrypted files of a release of this project."""
        return opened_files(release, self.vault)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out of this project; raises InputError when one is under way."""
        lock = self._state / "lock"
        try:
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise InputError(f"cannot be locked: {error.strerror}", where=str(lock)) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            hint = "wait for it to end, or stop it"
            raise InputError("another run is under way in this project", where=str(self.folder), hint=hint) from None
        try:
            yield
        finally:
            os.close(handle)

    @cached_property
    def _state(self) -> Path:
        state = self.folder / STATE
        _ = self.project  # a folder without a project file gets no state
        try:
            state.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(self.folder)) from None
        return state


@contextmanager
def _by_other_keys() -> Iterator[None]:
    """Add to what does not verify that it may be these keys that are the wrong ones."""
    try:
        yield
    except VerificationError as error:
        hint = f"your keys are those in {key_folder()}: if others made this project, name their folder in SECMLOPS_KEYS"
        told = f"{hint}; otherwise: {error.hint}" if error.hint else hint
        raise VerificationError(error.what, where=error.where, hint=told) from None


def _kept_identity(path: Path, name: str) -> str:
    """Identity stored in ``path``, made on first use. Of two processes that make one at once, the first one's stays."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        if not path.exists():
            with fresh.open("x", encoding="ascii") as file:
                file.write(f"{name}/{secrets.token_hex(8)}")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return _identity(path, name)
    except OSError as error:
        raise InputError(f"cannot be read or written: {error.strerror}", where=str(path.parent)) from None


def _identity(path: Path, name: str) -> str:
    if not path.is_file():
        raise InputError("not a plain file", where=str(path))
    with path.open("rb") as file:
        text = file.read(_LONGEST_IDENTITY).decode("ascii", errors="replace")
    if not _IDENTITY.fullmatch(text):
        hint = f"restore it from a copy: it reads {name}/ and 16 hexadecimal digits"
        raise VerificationError("the identity of the project was changed", where=str(path), hint=hint)
    return text


def trusted_ring(trust: Path | None) -> KeyRing:
    """Public keys that a verifier trusts: those of the file ``trust``, or this user's own."""
    if trust is None:
        if not key_folder().is_dir():
            hint = "name the signer's public keys with --trust"
            raise InputError("you have no keys, so no key is trusted", where=str(key_folder()), hint=hint)
        return own_keys().ring()
    if not trust.is_file():
        raise InputError("not a plain file", where=str(trust), hint="trust.json, as secmlops keys export writes it")
    try:
        with trust.open("rb") as file:
            return KeyRing.from_json(file.read(_LONGEST_RING + 1))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(trust)) from None
