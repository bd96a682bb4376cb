"""Rows as detectors take them."""

import math

import msgspec
import numpy as np
import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.encoding import Encoding
from secmlops.runtime.signature import Inputs


def inputs(numeric, categorical):
    texts = np.empty((len(numeric), len(categorical[0]) if categorical else 0), object)
    for row, values in enumerate(categorical):
        texts[row] = values
    return Inputs(np.array(numeric, np.float32), texts)


REFERENCE = inputs([[1, np.nan], [2, 5], [9, 7]], [["a"], ["a"], ["b"]])
ENCODING = Encoding.fit(REFERENCE)


def test_numbers_stay_and_missing_ones_become_the_median():
    rows = ENCODING.encode(REFERENCE)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows[:, :2], [[1, 6], [2, 5], [9, 7]])


def test_categories_become_their_surprisal_and_the_unseen_is_the_rarest():
    rows = ENCODING.encode(inputs([[1, 5]] * 3, [["a"], ["b"], ["never"]]))
    np.testing.assert_allclose(rows[:, 2], [-math.log(3 / 6), -math.log(2 / 6), -math.log(1 / 6)], rtol=1e-6)


def test_a_value_missing_where_none_was_ever_missing_stands_out():
    rows = ENCODING.encode(inputs([[1, 5], [1, np.nan], [np.nan, 5]], [["a"]] * 3))
    assert rows[0, -1] < rows[1, -1] < rows[2, -1]


def test_stored_and_read_it_encodes_the_same():
    read = Encoding.from_bytes(ENCODING.to_bytes())
    assert read == ENCODING
    assert read.width == 4
    np.testing.assert_array_equal(read.encode(REFERENCE), ENCODING.encode(REFERENCE))


def test_a_feature_that_is_always_missing_is_zero():
    gone = inputs([[np.nan], [np.nan]], [])
    np.testing.assert_array_equal(Encoding.fit(gone).encode(gone)[:, 0], [0, 0])


@pytest.mark.parametrize("given", [inputs([[1]], [["a"]]), inputs([[1, 2]], [["a", "b"]])])
def test_other_columns_are_refused(given):
    with pytest.raises(InputError, match="2 numeric and 1 categorical"):
        ENCODING.encode(given)


@pytest.mark.parametrize("given", [REFERENCE.take(slice(0)), inputs([[np.inf]], [])])
def test_what_cannot_be_learned_from_is_refused(given):
    with pytest.raises(InputError):
        Encoding.fit(given)


@pytest.mark.parametrize(
    "change",
    [{"medians": (1.0,)}, {"unseen": ()}, {"medians": (1e39, 0.0)}, {"present": (-1.0, 0.0)}, {"extra": 1}],
)
def test_what_the_writer_would_not_write_is_refused(change):
    stored = msgspec.json.encode({**msgspec.json.decode(ENCODING.to_bytes()), **change}, order="deterministic")
    with pytest.raises(VerificationError):
        Encoding.from_bytes(stored)


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", ENCODING.to_bytes() + b" "])
def test_other_bytes_are_refused(data):
    with pytest.raises(VerificationError):
        Encoding.from_bytes(data)
