"""The data key of one object, and the record that keeps it, wrapped, away from the object."""

import os
from dataclasses import dataclass, field
from typing import Final, Protocol, Self

from secmlops.core.errors import VerificationError
from secmlops.vault.address import Address
from secmlops.vault.message_key import KEY_SIZE, new_key

ID_SIZE: Final = 16
MAX_RECORD_SIZE: Final = 64 * 1024
RECOVERY: Final = (
    "if other keys made this project, name their folder in SECMLOPS_KEYS; if not, restore it from a backup"
)


class KeyWrapper(Protocol):
    """Whoever holds the key-encryption key: a key file, a key-management service, a hardware module."""

    def wrap(self, data_key: bytes, context: bytes, /) -> bytes:
        """Encrypt ``data_key`` under the present key-encryption key, bound to ``context``; at most 60 KiB come back."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes, /) -> bytes:
        """Undo ``wrap``, also of an earlier key-encryption key; raises VerificationError for anything else."""
        ...


@dataclass(frozen=True, slots=True)
class DataKey:
    """A random AES-256 key and the random 128-bit id that object and record are bound to.

    The record is the id, then the wrapped key.
    """

    id: bytes
    key: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """A fresh one."""
        return cls(os.urandom(ID_SIZE), new_key())

    def to_record(self, wrapper: KeyWrapper, project: str, address: Address) -> bytes:
        """Wrap the key for the object at ``address`` of ``project``."""
        return self.id + wrapper.wrap(self.key, address.context(project, self.id, "data key"))

    @classmethod
    def from_record(cls, record: bytes, wrapper: KeyWrapper, project: str, address: Address) -> Self:
        """Unwrap a record; raises VerificationError if it is not the record of this object in this project."""
        key_id, wrapped = record[:ID_SIZE], record[ID_SIZE:]
        if not wrapped or len(record) > MAX_RECORD_SIZE:
            raise VerificationError("the data key's record is damaged", where=str(address), hint=RECOVERY)
        try:
            key = wrapper.unwrap(wrapped, address.context(project, key_id, "data key"))
        except VerificationError as error:
            raise VerificationError(error.what, where=str(address), hint=error.hint or RECOVERY) from error
        if len(key) != KEY_SIZE:
            raise VerificationError(f"the data key has {len(key)} bytes, not {KEY_SIZE}", where=str(address))
        return cls(key_id, key)
