"""Where a drawn release lies, encrypted, from before it is paid on: what was paid for is never lost."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import msgspec

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.vault.vault import Vault

KIND = "dp-release"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A release: the bytes that are handed out, in a file of this ``ending``, what of, and what is ``promised``."""

    data: bytes = field(repr=False)
    ending: str
    dataset: str
    columns: tuple[str, ...]
    promised: str


class Shelf:
    """Releases that were drawn, in the vault; nobody has seen those that were not paid."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def put(self, drawn: Drawn) -> Digest:
        """Store a release, durable on return. Raises InputError when that cannot be."""
        return self._vault.put(msgspec.json.encode(drawn), KIND)

    def read(self, digest: Digest | None) -> Drawn:
        """Return a release. Raises InputError where there is none, VerificationError when it was changed."""
        if digest is None or not self._vault.has(digest, KIND):
            hint = "what was paid before releases were kept, or was destroyed since, cannot be fetched again"
            raise InputError("the release is not kept", hint=hint)
        try:
            return msgspec.json.decode(self._vault.read(digest, KIND), type=Drawn)
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise VerificationError("not a stored release", where=digest.short) from None

    def drop_all_but(self, paid: AbstractSet[Digest]) -> None:
        """Destroy the releases that nobody paid for: those of whoever was stopped in between."""
        for address in self._vault.list():
            if address.kind == KIND and address.digest not in paid:
                self._vault.destroy(address.digest, address.kind)
