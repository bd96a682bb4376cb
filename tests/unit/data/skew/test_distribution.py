import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.data.skew.distribution import MAX_CATEGORIES, Distribution, distribution_of, recounted
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature


def of(numbers: list[float], texts: list[str]) -> Distribution:
    features = (Feature(name="n", kind=FeatureKind.NUMERIC), Feature(name="t", kind=FeatureKind.CATEGORICAL))
    signature = Signature(task=Task.REGRESSION, features=features, classes=())
    inputs = Inputs(np.array(numbers, np.float32)[:, None], np.array(texts, object)[:, None])
    return distribution_of(signature, inputs)


def test_numbers_fall_into_deciles_and_gaps() -> None:
    number, _ = of([*range(1_000), *[float("nan")] * 7], ["a"] * 1_007).features
    assert len(number.starts) == 9
    assert number.counts[0] == 7
    assert all(95 <= count <= 105 for count in number.counts[1:])


def test_few_values_make_few_bins() -> None:
    number, _ = of([0.0] * 90 + [1.0] * 10, ["a"] * 100).features
    assert number.starts == (1.0,)
    assert number.counts == (0, 90, 10)
    assert of([2.0] * 20, ["a"] * 20).features[0].counts == (0, 20)


def test_texts_are_counted_with_gaps_first_and_the_rare_last() -> None:
    _, text = of([0.0] * 45, [*["b"] * 20, *["a"] * 15, "", "", *"cdefghij"]).features
    assert text.categories == ("a", "b")
    assert text.counts == (2, 15, 20, 8)


def test_only_the_most_frequent_texts_have_a_bin() -> None:
    texts = [f"t{i:03}" for i in range(80) for _ in range(10 + i)]
    _, text = of([0.0] * len(texts), texts).features
    assert len(text.categories) == MAX_CATEGORIES
    assert text.categories[0] == "t030"


def test_other_rows_are_counted_in_the_same_bins() -> None:
    number, text = of(list(range(100)), ["a"] * 50 + ["b"] * 50).features
    assert recounted(number, np.array([-5, 500, np.nan], np.float32)) == (1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1)
    assert recounted(text, np.array(["", "b", "new"], object)) == (1, 0, 1, 1)


def test_a_column_of_gaps_has_no_bins() -> None:
    number, text = of([float("nan")] * 5, [""] * 5).features
    assert number.counts == (5, 0)
    assert text.counts == (5, 0)


def test_it_is_read_back_equal() -> None:
    whole = of(list(range(100)), ["a"] * 50 + ["b"] * 50)
    assert Distribution.from_json(whole.to_json()) == whole


@pytest.mark.parametrize("data", [b"", b"[]", b'{"features": [{}]}', b"\xff", b"[" * 100_000])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="not a distribution"):
        Distribution.from_json(data)
