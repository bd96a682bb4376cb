import os

import pytest

from secmlops.core.errors import VerificationError
from secmlops.vault.block import Block
from secmlops.vault.message_key import MessageKey

KEY = MessageKey.derive(bytes(32), b"", bytes(24))


@pytest.mark.parametrize("size", [0, 1, 16383, 16384, 16385, 2 * 16384 - 1])
def test_a_block_that_is_not_full_ends_with_a_short_chunk(size: int) -> None:
    block, data = Block(2), os.urandom(size)
    block.plain[:size] = data
    sealed_size = block.seal(KEY, 7, size)
    assert sealed_size == size + 16 * (size // 16384 + 1)
    block.plain[:] = bytes(len(block.plain))
    assert block.open(KEY, 7, sealed_size) == size
    assert bytes(block.plain[:size]) == data


def test_a_full_block_has_no_short_chunk() -> None:
    block = Block(3)
    assert block.seal(KEY, 0, 3 * 16384) == 3 * (16384 + 16) == len(block.sealed)
    assert block.open(KEY, 0, len(block.sealed)) == 3 * 16384


def test_chunks_open_only_at_their_own_number() -> None:
    block = Block(2)
    size = block.seal(KEY, 4, 20000)
    with pytest.raises(VerificationError, match="chunk 5"):
        block.open(KEY, 5, size)
