import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

AMOUNT = Feature(name="amount", kind=FeatureKind.NUMERIC, minimum=1.0, maximum=9.5, nullable=True)
AGE = Feature(name="age", kind=FeatureKind.NUMERIC, minimum=18, maximum=75, integer=True)
PURPOSE = Feature(name="purpose", kind=FeatureKind.CATEGORICAL, categories=("car", "tv"), open_ended=True)
CREDIT = Signature(task=Task.BINARY, features=(AMOUNT, PURPOSE, AGE), classes=("good", "bad"))


def test_features_are_ordered_by_kind_as_they_stand() -> None:
    assert CREDIT.numeric == (AMOUNT, AGE)
    assert CREDIT.categorical == (PURPOSE,)


def test_encode_puts_every_column_in_its_place() -> None:
    inputs = CREDIT.encode({"age": [20, 30], "purpose": ["car", None], "amount": [None, 2.5], "unused": [1, 2]})
    np.testing.assert_array_equal(inputs.numeric, np.array([[np.nan, 20], [2.5, 30]], np.float32))
    assert inputs.numeric.dtype == np.float32
    assert inputs.categorical.tolist() == [["car"], [""]]


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.float64, np.bool_])
def test_encode_takes_arrays_of_numbers(dtype: type) -> None:
    signature = Signature(task=Task.REGRESSION, features=(AGE,))
    assert signature.encode({"age": np.array([0, 1], dtype)}).numeric.tolist() == [[0.0], [1.0]]


def test_encode_makes_an_array_beyond_float32_infinite_rather_than_warn() -> None:
    signature = Signature(task=Task.REGRESSION, features=(AGE,))
    assert np.isinf(signature.encode({"age": np.array([1e300])}).numeric).all()
    assert np.isinf(signature.encode({"age": [1e300]}).numeric).all()


def test_encode_without_columns_of_a_kind_gives_an_empty_block() -> None:
    only_text = Signature(task=Task.BINARY, features=(PURPOSE,), classes=("a", "b")).encode({"purpose": ["tv"] * 3})
    assert only_text.numeric.shape == (3, 0)
    only_numbers = Signature(task=Task.REGRESSION, features=(AGE,)).encode({"age": [1.0]})
    assert only_numbers.categorical.shape == (1, 0)


GOOD = {"age": [20], "purpose": ["car"], "amount": [1.0]}


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("age", ["twenty"], "takes numbers, not str"),
        ("age", np.array(["x"]), "takes numbers, not <U1"),
        ("age", [10**400], "too large"),
        ("age", [1, 2], "different numbers of rows"),
        ("purpose", [3], "takes text, not int"),
        ("purpose", np.array([1.0]), "takes text, not float64"),
    ],
)
def test_encode_refuses_what_is_not_of_the_kind(column: str, values: object, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        CREDIT.encode(GOOD | {column: values})
    assert "twenty" not in str(caught.value)


def test_encode_names_the_column_that_is_missing() -> None:
    with pytest.raises(InputError, match="feature amount is missing"):
        CREDIT.encode({"age": [20], "purpose": ["car"]})


@pytest.mark.parametrize(
    ("numeric", "categorical"),
    [(np.zeros(3), np.empty((3, 0))), (np.zeros((3, 1)), np.empty(3)), (np.zeros((3, 1)), np.empty((2, 1)))],
)
def test_inputs_that_do_not_fit_together_are_refused(numeric: np.ndarray, categorical: np.ndarray) -> None:
    with pytest.raises(InputError, match="do not fit together"):
        Inputs(numeric.astype(np.float32), categorical.astype(object))


def test_json_round_trip() -> None:
    assert Signature.from_json(CREDIT.to_json()) == CREDIT


@pytest.mark.parametrize("data", [b"", b"{}", b'{"task":"guessing","features":[]}', b"\xff"])
def test_other_bytes_are_no_signature(data: bytes) -> None:
    with pytest.raises(InputError, match="not a model signature"):
        Signature.from_json(data)


FEATURES = st.builds(
    Feature,
    name=st.text(min_size=1, max_size=8),
    kind=st.sampled_from(FeatureKind),
    minimum=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    categories=st.lists(st.text(max_size=4), max_size=3).map(tuple),
    nullable=st.booleans(),
)


@settings(max_examples=40)
@given(st.lists(FEATURES, max_size=4).map(tuple))
def test_the_same_signature_has_the_same_bytes(features: tuple[Feature, ...]) -> None:
    signature = Signature(task=Task.REGRESSION, features=features)
    again = Signature.from_json(signature.to_json())
    assert again == signature
    assert again.to_json() == signature.to_json() == msgspec.json.encode(signature, order="deterministic")
