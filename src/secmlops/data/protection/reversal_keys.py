"""The keys that reverse pseudonyms: random, one for each column or joined domain, each an object of the vault.

They are derived from nothing, so that destroying one is final: no other key of the project brings it back.
"""

import secrets

from secmlops.core.errors import VerificationError
from secmlops.data.protection.reversible import KEY_BYTES
from secmlops.trust.canonical import digest_of
from secmlops.vault.address import Address
from secmlops.vault.vault import Vault

_KIND = "reversal-key"


class ReversalKeys:
    """The reversal keys of one project, in its vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def key(self, domain: tuple[str, ...]) -> bytes:
        """Key of a domain, 64 bytes, made when there is none. Raises what ``held`` raises."""
        held = self.held(domain)
        if held is not None:
            return held
        self._vault.put(secrets.token_bytes(KEY_BYTES), _kind(domain))
        return self.key(domain)

    def held(self, domain: tuple[str, ...]) -> bytes | None:
        """Key of a domain, None where there is none, or no more. Raises VerificationError when it was changed."""
        addresses = self._addresses(domain)
        if not addresses:
            return None
        key = self._vault.read(addresses[0].digest, addresses[0].kind)
        if len(key) != KEY_BYTES:
            raise VerificationError("a reversal key of another length", where=addresses[0].kind)
        return key

    def destroy(self, domain: tuple[str, ...]) -> bool:
        """Destroy the key of a domain: its pseudonyms are one-way from now on. False when there was none."""
        addresses = self._addresses(domain)
        for address in addresses:
            self._vault.destroy(address.digest, address.kind)
        return bool(addresses)

    def _addresses(self, domain: tuple[str, ...]) -> list[Address]:
        """Where the key is; two processes that made one at once left two, and the first by digest counts."""
        return [address for address in self._vault.list() if address.kind == _kind(domain)]


def _kind(domain: tuple[str, ...]) -> str:
    return f"{_KIND}-{digest_of(list(domain)).hex[:32]}"
