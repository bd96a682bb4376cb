import numpy as np
import pyarrow as pa
import pytest

from secmlops.data.anonymise.attribute import Category, Quantity
from secmlops.data.anonymise.relevance import mutual_information, weigh

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
