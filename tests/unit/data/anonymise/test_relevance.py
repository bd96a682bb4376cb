import numpy as np
import pyarrow as pa
import pytest

from secmlops.data.anonymise.attribute import Category, Quantity
from secmlops.data.anonymise.relevance import mutual_information, ordered, weigh

DRAWS = np.random.default_rng(10)
LABEL = DRAWS.integers(0, 2, 4_000).astype(np.int32)
STRONG = Quantity(
    "strong", (LABEL * 40 + DRAWS.integers(0, 50, 4_000)).astype(np.int32), np.arange(90.0), missing=False
)
NOISE = Category("noise", DRAWS.integers(0, 9, 4_000).astype(np.int32), pa.array(list("abcdefghi")), weight=3.0)


def test_a_column_tells_all_of_itself_and_nothing_of_noise() -> None:
    assert mutual_information(LABEL, LABEL) == pytest.approx(np.log(2), abs=1e-3)
    assert mutual_information(NOISE.codes, LABEL) < 1e-3


def test_what_tells_of_the_label_weighs_more() -> None:
    strong, noise = weigh((STRONG, NOISE), LABEL, 0.75)
    assert strong.weight == pytest.approx(1.75, abs=0.01)
    assert noise.weight == pytest.approx(0.75, abs=0.03)
    assert [a.weight for a in weigh((STRONG, NOISE), LABEL, 0.0)] == [1.0, 3.0]


def test_where_nothing_tells_of_the_label_the_weights_stay() -> None:
    assert weigh((STRONG, NOISE), np.zeros(4_000, np.int32), 1.0) == (STRONG, NOISE)


def test_names_are_put_in_the_order_of_what_they_tell() -> None:
    share = dict(zip("abcd", (0.5, 0.1, 0.9, 0.3), strict=True))
    codes = np.repeat(np.arange(4, dtype=np.int32), 1_000)
    label = (np.tile(np.arange(1_000), 4) < np.repeat([1_000 * one for one in share.values()], 1_000)).astype(np.int32)
    made = ordered(Category("c", codes, pa.array(list(share))), label)
    assert isinstance(made, Category)
    assert made.names.to_pylist() in (list("bdac"), list("cadb"))
    assert made.names.take(made.codes).to_pylist() == [name for name in share for _ in range(1_000)]


def test_of_three_labels_names_that_tell_the_same_lie_together() -> None:
    codes, label = np.repeat(np.arange(4, dtype=np.int32), 300), np.tile([0, 1, 2], 400).astype(np.int32)
    label[300:600], label[900:] = 2, 2
    made = ordered(Category("c", codes, pa.array(list("abcd"))), label)
    assert isinstance(made, Category)
    assert set(made.names.to_pylist()[:2]) in ({"a", "c"}, {"b", "d"})


def test_numbers_keep_their_order_and_names_that_tell_nothing_theirs() -> None:
    assert ordered(STRONG, LABEL) is STRONG
    assert ordered(NOISE, np.zeros(4_000, np.int32)).codes.tolist() == NOISE.codes.tolist()
