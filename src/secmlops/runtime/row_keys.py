"""A key for each row that is made of its content alone: what is drawn by it does not change when other rows leave.

Mixing is that of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): even and quick, and no secret.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Keys = npt.NDArray[np.uint64]
"""A number [n] for each row, the same wherever in a table the row stands."""
_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_NO_NUMBER = np.uint64(0x7FF8000000000000)


def row_keys(columns: Iterable[npt.NDArray[Any]], rows: int) -> Keys:
    """Key of each of the ``rows`` rows of ``columns``, arrays [rows] of numbers or texts; the same for equal rows."""
    keys = np.zeros(rows, np.uint64)
    for values in columns:
        bits = _bits_of_texts(values) if values.dtype.kind == "O" else _bits_of_numbers(values)
        keys = mixed(keys ^ bits)
    return keys


def told_apart(keys: Keys) -> Keys:
    """Keys of which no two are equal: the second, third and further row of one content get keys of their own."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(keys) else np.zeros(0, np.intp)
    turn = np.empty(len(keys), np.uint64)
    turn[order] = np.arange(len(keys)) - np.repeat(starts, np.diff([*starts, len(keys)]))
    apart: Keys = mixed(keys ^ mixed(turn))
    return apart


def drawn(keys: Keys, seed: int) -> npt.NDArray[np.float64]:
    """Number in [0, 1) of each key, evenly distributed; another ``seed`` draws others, independently."""
    numbers: npt.NDArray[np.float64] = (mixed(keys ^ mixed(np.uint64(seed))) >> np.uint64(11)).astype(np.float64)
    return numbers * 2.0**-53


def mixed(values: Any) -> Any:
    """Each uint64 as another: a bijection in which every bit depends on every bit."""
    with np.errstate(over="ignore"):
        result = values + _GAMMA
        result = (result ^ (result >> np.uint64(30))) * _MULTIPLIERS[0]
        result = (result ^ (result >> np.uint64(27))) * _MULTIPLIERS[1]
        return result ^ (result >> np.uint64(31))


def _bits_of_numbers(values: npt.NDArray[Any]) -> Keys:
    numbers = values.astype(np.float64) + 0.0  # minus zero becomes zero
    bits: Keys = np.where(np.isnan(numbers), _NO_NUMBER, numbers.view(np.uint64))
    return bits


def _bits_of_texts(values: npt.NDArray[np.object_]) -> Keys:
    coded = pa.array(values, pa.string()).dictionary_encode()
    digests = [blake2b(str(text).encode(), digest_size=8).digest() for text in coded.dictionary.to_pylist()]
    bits: Keys = np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)[coded.indices.to_numpy()]
    return bits
