"""A block of chunks: the two buffers that a stream of any size flows through, 16 chunks at a time."""

from typing import Final

from secmlops.vault.message_key import CHUNK_SIZE, SEALED_CHUNK_SIZE, TAG_SIZE, MessageKey

BLOCK_CHUNKS: Final = 16
"""Chunks handled by one read and one write: enough to make the calls cheap, few enough to stay in the cache."""


class Block:
    """Buffers for some chunks, plain and sealed, cut into chunks once and used again and again."""

    def __init__(self, chunks: int) -> None:
        self.chunks = chunks
        self.plain = memoryview(bytearray(chunks * CHUNK_SIZE))
        self.sealed = memoryview(bytearray(chunks * SEALED_CHUNK_SIZE))
        self._pairs = [
            (
                self.plain[i * CHUNK_SIZE : (i + 1) * CHUNK_SIZE],
                self.sealed[i * SEALED_CHUNK_SIZE : (i + 1) * SEALED_CHUNK_SIZE],
            )
            for i in range(chunks)
        ]

    def seal(self, key: MessageKey, first: int, size: int) -> int:
        """Seal the first ``size`` bytes as chunks ``first`` and on; return their sealed size.

        A block that is not full ends the message: its last chunk is short, if need be empty.
        """
        whole, rest = divmod(size, CHUNK_SIZE)
        for number, (plain, sealed) in enumerate(self._pairs[:whole], first):
            key.seal(number, plain, sealed)
        if whole == self.chunks:
            return len(self.sealed)
        plain, sealed = self._pairs[whole]
        key.seal(first + whole, plain[:rest], sealed[: rest + TAG_SIZE])
        return whole * SEALED_CHUNK_SIZE + rest + TAG_SIZE

    def open(self, key: MessageKey, first: int, sealed_size: int) -> int:
        """Open the first ``sealed_size`` bytes as chunks ``first`` and on; return their plain size."""
        whole, rest = divmod(sealed_size, SEALED_CHUNK_SIZE)
        for number, (plain, sealed) in enumerate(self._pairs[:whole], first):
            key.open(number, sealed, plain)
        if not rest:
            return whole * CHUNK_SIZE
        plain, sealed = self._pairs[whole]
        key.open(first + whole, sealed[:rest], plain[: rest - TAG_SIZE])
        return whole * CHUNK_SIZE + rest - TAG_SIZE
