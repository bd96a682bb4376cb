"""The composition root: one project's folder, wired to its keys, its vault and its ledger. It decides nothing."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from platformdirs import user_config_path

from secmlops.core.clock import Clock
from secmlops.core.errors import InputError
from secmlops.ledger.book import EvidenceBook
from secmlops.ledger.log import Ledger
from secmlops.lifecycle.runner import Listener, Runner
from secmlops.project.load import FILE_NAME, read_project
from secmlops.project.settings import Project
from secmlops.trust.local import LocalKeys
from secmlops.trust.roles import Role
from secmlops.vault.vault import Vault

STATE = ".secmlops"
RELEASES = "releases"


def system_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def key_folder() -> Path:
    """Folder of this user's keys: ``$SECMLOPS_KEYS``, or ``keys`` under the user's configuration folder."""
    named = os.environ.get("SECMLOPS_KEYS")
    return Path(named) if named else user_config_path("secmlops") / "keys"


def passphrase() -> str | None:
    """Passphrase of the keys, from the file that ``$SECMLOPS_PASSPHRASE_FILE`` names; None when it names none."""
    named = os.environ.get("SECMLOPS_PASSPHRASE_FILE")
    if not named:
        return None
    try:
        return Path(named).read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the passphrase cannot be read: {error}", where="SECMLOPS_PASSPHRASE_FILE") from None


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
        return LocalKeys.create(key_folder(), self.clock, passphrase())

    @cached_property
    def identity(self) -> str:
        """Return what tells this project's log and objects from all others: its name and a random number, kept."""
        return _kept_identity(self._state / "identity", self.project.name)

    @cached_property
    def ledger(self) -> Ledger:
        """The project's ledger."""
        return Ledger.open(self._state / "ledger.db", self.keys.signer(Role.LOG), self.origin)

    @property
    def origin(self) -> str:
        """The origin line of the log's checkpoints (C2SP tlog-checkpoint)."""
        return f"secmlops.local/{self.identity}"

    @cached_property
    def book(self) -> EvidenceBook:
        """The evidence in the ledger."""
        return EvidenceBook(self.ledger, self.keys.ring())

    @cached_property
    def vault(self) -> Vault:
        """The project's encrypted objects."""
        return Vault.local(self._state / "vault", self.keys, self.identity)

    @property
    def releases(self) -> Path:
        """The folder of the project's releases."""
        return self.folder / RELEASES

    def runner(self, listener: Listener) -> Runner:
        """Runner over this project's ledger, vault and keys."""
        return Runner(self.book, self.vault, self.keys, self.clock, listener)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out of this project; raises InputError when one is under way."""
        handle = os.open(self._state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
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
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(path.parent)) from None
