"""What encryption hides comes back, pseudonyms keep equality and nothing else, bands never lose a value."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.data.bands import banded, sensible_edges
from secmlops.data.protection.encrypt import encrypt, restore
from secmlops.data.protection.pseudonymise import pseudonymise

TEXTS = st.lists(st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=40)), min_size=1, max_size=15)


@settings(max_examples=50, deadline=None)
@given(TEXTS, st.binary(min_size=64, max_size=64))
def test_encryption_comes_back(texts: list[str | None], key: bytes) -> None:
    column = pa.chunked_array([pa.array(texts, pa.string())])
    assert restore(encrypt(column, key), key).to_pylist() == texts


@settings(max_examples=50, deadline=None)
@given(TEXTS, st.binary(min_size=32, max_size=32))
def test_pseudonyms_are_equal_exactly_where_values_are(texts: list[str | None], key: bytes) -> None:
    made = pseudonymise(pa.chunked_array([pa.array(texts, pa.string())]), key).to_pylist()
    assert len(set(made)) == len(set(texts))
    assert dict(zip(texts, made, strict=True)) == dict(zip(reversed(texts), reversed(made), strict=True))
    assert [m is None for m in made] == [t is None for t in texts]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=50), st.integers(2, 12))
def test_bands_are_ordered_as_the_values_are(values: list[float], bands: int) -> None:
    numbers = np.array(values)
    edges = sensible_edges(numbers, bands)
    assert np.all(np.diff(edges) > 0)
    assert len(edges) <= 3 * bands + 2
    assert len(banded(numbers, bands)) == len(values)
