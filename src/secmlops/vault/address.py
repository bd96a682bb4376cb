"""Where an object lies in the vault: its kind and the digest of its plaintext; and what its keys are bound to."""

import re
from dataclasses import dataclass
from typing import Literal, Self

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.trust.canonical import canonical_json

_KIND = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Kind (``dataset``, ``model``, ...; lower-case letters, digits, ``_``, ``-``) and digest of the plaintext.

    Raises InputError for another kind.
    """

    kind: str
    digest: Digest

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind):
            raise InputError(
                f"{self.kind[:80]!r} is not a kind of object",
                hint="a letter, then up to 63 lower-case letters, digits, '_' and '-'",
            )

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read a ``name``; raises InputError if it is none."""
        kind, _, value = name.partition("/")
        return cls(kind, Digest(value))

    @property
    def name(self) -> str:
        """The name that the object and its data key have in their stores."""
        return f"{self.kind}/{self.digest.hex}"

    def context(self, project: str, key_id: bytes, purpose: Literal["object", "data key"]) -> bytes:
        """Canonical JSON that a ciphertext is bound to, so that it opens nowhere but here."""
        return canonical_json(
            {
                "data_key": key_id.hex(),
                "digest": str(self.digest),
                "format": "secmlops.vault/1",
                "kind": self.kind,
                "project": project,
                "purpose": purpose,
            }
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.digest}"
