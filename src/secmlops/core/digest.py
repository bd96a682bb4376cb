"""The name of a thing: the SHA-256 of its bytes."""

import hashlib
import re
from dataclasses import dataclass
from typing import Self

from secmlops.core.errors import InputError

_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A SHA-256 digest (FIPS 180-4), written ``sha256:<64 lower-case hex digits>``."""

    hex: str

    def __post_init__(self) -> None:
        if not _HEX.fullmatch(self.hex):
            raise InputError(f"{self.hex[:80]!r} is not a SHA-256 digest", hint="64 lower-case hexadecimal digits")

    @classmethod
    def of(cls, data: bytes | bytearray | memoryview) -> Self:
        """Digest of ``data``."""
        return cls(hashlib.sha256(data).hexdigest())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``sha256:<hex>``; raises InputError on anything else."""
        algorithm, _, value = text.partition(":")
        if algorithm != "sha256":
            raise InputError(f"{text[:80]!r} is not a digest", hint="digests are written sha256:<hex>")
        return cls(value)

    @property
    def raw(self) -> bytes:
        """The 32 bytes."""
        return bytes.fromhex(self.hex)

    @property
    def short(self) -> str:
        """The first 12 hex digits: for people, never for comparing."""
        return self.hex[:12]

    def __str__(self) -> str:
        return f"sha256:{self.hex}"
