"""Noise that is the same whenever the same row is asked about: asking often averages nothing away, in no company.

What it does not prevent: rows that differ a little get noise of their own, and their answers can be averaged.
"""

import hashlib

import numpy as np
import numpy.typing as npt

from secmlops.runtime.signature import Inputs

_PER_DIGEST = 8
_LEAST = 2.0**-64


def noise_for(inputs: Inputs, outputs: int, key: bytes) -> npt.NDArray[np.float64]:
    """Standard normal noise [n, outputs] for rows, each by its own values and the secret ``key`` of at most 64 bytes.

    Keyed BLAKE2b (RFC 7693) makes uniform numbers of a row, Box and Muller's transform (1958) normal ones of those.
    """
    blocks = -(-2 * outputs // _PER_DIGEST)
    drawn = b"".join(_drawn(row, key, blocks) for row in _rows(inputs))
    uniform = np.frombuffer(drawn, "<u8").reshape(len(inputs), blocks * _PER_DIGEST)[:, : 2 * outputs] * 2.0**-64
    radius = np.sqrt(-2.0 * np.log(np.maximum(uniform[:, :outputs], _LEAST)))
    noise: npt.NDArray[np.float64] = radius * np.cos(2.0 * np.pi * uniform[:, outputs:])
    return noise


def _rows(inputs: Inputs) -> list[bytes]:
    """Rows as bytes. Numbers come first and are equally many in each, so no two rows have the same."""
    texts = ["\0".join(f"{len(text)}:{text}" for text in row) for row in inputs.categorical.tolist()]
    numbers = np.ascontiguousarray(inputs.numeric, "<f4") + np.float32(0.0)  # minus zero is zero
    return [row.tobytes() + text.encode("utf-8", "surrogatepass") for row, text in zip(numbers, texts, strict=True)]


def _drawn(row: bytes, key: bytes, blocks: int) -> bytes:
    return b"".join(
        hashlib.blake2b(row, key=key, salt=block.to_bytes(8, "little"), person=b"secmlops-noise").digest()
        for block in range(blocks)
    )
