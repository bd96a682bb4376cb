"""What a place that keeps keys can do, whether it is a folder, a key management service or a hardware module."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from secmlops.trust.keys import Signer
from secmlops.trust.roles import KeyRing, Role

KEY_ENCRYPTION = "key-encryption"


@dataclass(frozen=True, slots=True)
class KeyDescription:
    """One key as told to a person. ``role`` is ``key-encryption`` for a key that wraps data keys; no secret is here."""

    role: str
    key_id: str
    algorithm: str
    since: datetime
    until: datetime | None
    where: str
    protection: str
    revoked: bool = False


class KeyProvider(Protocol):
    """Keeps private keys and uses them: every caller sees signatures and wrapped keys, never a key's bytes.

    All moments are in UTC. Methods raise InputError when the place cannot be used (absent, unreadable, no such key) and
    VerificationError when what it holds was changed.
    """

    def signer(self, role: Role) -> Signer:
        """Return the signer of the role's current key."""
        ...

    def ring(self) -> KeyRing:
        """Return the public keys that are or were trusted, with their roles and periods."""
        ...

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        """Encrypt ``data_key`` under the current key-encryption key, bound to ``context``."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return the data key that ``wrap`` was given; VerificationError for other bytes or another context."""
        ...

    def rotate(self, role: Role | None, at: datetime) -> None:
        """Begin a new key for ``role`` at ``at``, or a new key-encryption key for None.

        The old signing key's period ends there, and it still verifies what it signed; an old key-encryption key still
        unwraps.
        """
        ...

    def mac_key(self, purpose: str) -> bytes:
        """Return 32 bytes that are always the same for ``purpose`` and tell nothing about those of another one."""
        ...

    def describe(self) -> tuple[KeyDescription, ...]:
        """Tell every key, for a list that a person reads."""
        ...
