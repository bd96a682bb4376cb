"""Tensors: read into exactly the model's inputs, or refused with the feature's name and without its value."""

import json

import numpy as np
import pytest

from kits.questions import SIGNATURE, body_of
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.serving.datatypes import Datatype
from secmlops.serving.tensors import MAX_ROWS, outputs_of, read_question

NUMBERS = [d for d in Datatype if d not in {Datatype.BYTES, Datatype.BF16}]
FLOATS = (Datatype.FP16, Datatype.FP32, Datatype.FP64)


def tensors(rows=2, **changes):
    given = {
        "income": {"shape": [rows], "datatype": "FP64", "data": [1.5] * rows},
        "amount": {"shape": [rows], "datatype": "FP64", "data": [2] * rows},
        "purpose": {"shape": [rows], "datatype": "BYTES", "data": ["car"] * rows},
    }
    for name, change in changes.items():
        given[name] = {**given.get(name, {}), **change}
    return json.dumps({"inputs": [{"name": name, **tensor} for name, tensor in given.items()]}).encode()


def read(body):
    return read_question(body, SIGNATURE)


def test_columns_come_in_the_models_order_whatever_order_they_are_sent_in():
    body = json.loads(tensors())
    body["inputs"].reverse()
    inputs = read(json.dumps(body).encode()).inputs
    assert inputs.numeric.tolist() == [[1.5, 2.0], [1.5, 2.0]]
    assert inputs.categorical.tolist() == [["car"], ["car"]]


def test_inputs_are_bit_by_bit_those_of_the_models_signature():
    rng = np.random.default_rng(2)
    numbers = [*(rng.normal(size=40) * 10.0 ** rng.integers(-40, 38, 40)), None, 2**63, -1, 0.1, -0.0]
    columns = {"income": numbers, "amount": numbers[::-1], "purpose": ["car", None, "\0", "ü", ""] * 9}
    given = {name: {"data": values} for name, values in columns.items()}
    inputs = read(tensors(45, **given)).inputs
    expected = SIGNATURE.encode(columns)
    assert inputs.numeric.tobytes() == expected.numeric.tobytes()
    assert inputs.numeric.dtype == np.float32
    assert inputs.categorical.tolist() == expected.categorical.tolist()


@pytest.mark.parametrize("features", [["income"], ["purpose"]])
def test_a_model_may_have_numbers_or_texts_only(features):
    signature = Signature(
        task=Task.BINARY, features=tuple(f for f in SIGNATURE.features if f.name in features), classes=("a", "b")
    )
    body = json.loads(tensors(3))
    body["inputs"] = [tensor for tensor in body["inputs"] if tensor["name"] in features]
    inputs = read_question(json.dumps(body).encode(), signature).inputs
    assert inputs.numeric.shape == (3, int("income" in features))
    assert inputs.categorical.shape == (3, int("purpose" in features))


@pytest.mark.parametrize("data", [[1, 2], [[1], [2]], [[1, 2]], [[[[[[[1], [2]]]]]]]])
def test_data_may_be_flat_or_nested(data):
    assert read(tensors(income={"data": data})).inputs.numeric[:, 0].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("shape", [[2], [2, 1]])
def test_both_shapes_of_a_column_are_taken(shape):
    assert len(read(tensors(income={"shape": shape})).inputs) == 2


@pytest.mark.parametrize(
    "shape", [[], [0], [-1], [1], [3], [1, 2], [2, 2], [2, 1, 1], [0, 1], [MAX_ROWS + 1], [2**63 - 1],
             [2**64 - 1], [-2, -1], [2**32, 2**32]],
)  # fmt: skip
def test_another_shape_is_refused_by_the_features_name(shape):
    with pytest.raises(InputError, match="feature income"):
        read(tensors(income={"shape": shape}))


def test_as_many_rows_as_allowed_and_not_one_more():
    assert len(read(tensors(MAX_ROWS)).inputs) == MAX_ROWS
    with pytest.raises(InputError, match=str(MAX_ROWS)):
        read(tensors(MAX_ROWS + 1))


def test_features_of_different_lengths_are_refused():
    with pytest.raises(InputError, match="different numbers of rows"):
        read(tensors(income={"shape": [1], "data": [1]}))


@pytest.mark.parametrize("name", ["income", "amount", "purpose"])
def test_null_is_a_missing_value_in_every_feature(name):
    inputs = read(tensors(**{name: {"data": [None, None]}})).inputs
    if name == "purpose":
        assert inputs.categorical.tolist() == [[""], [""]]
    else:
        assert np.isnan(inputs.numeric[:, ("income", "amount").index(name)]).all()


@pytest.mark.parametrize("datatype", NUMBERS)
def test_every_numeric_datatype_is_taken_for_a_number(datatype):
    data = [True, False] if datatype is Datatype.BOOL else [1, 0]
    assert read(tensors(income={"datatype": datatype, "data": data})).inputs.numeric[:, 0].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("datatype", [*NUMBERS, Datatype.BYTES])
@pytest.mark.parametrize("value", [True, 1, 1.5, "1", {}, {"a": 1}])
def test_a_value_of_another_kind_than_the_datatype_is_refused(datatype, value):
    fits = {
        Datatype.BOOL: (bool,), Datatype.BYTES: (str,), **dict.fromkeys(FLOATS, (int, float)),
    }.get(datatype, (int,))  # fmt: skip
    feature = "purpose" if datatype is Datatype.BYTES else "income"
    body = tensors(**{feature: {"datatype": datatype, "data": [value, value]}})
    if type(value) in fits:
        assert len(read(body).inputs) == 2
    else:
        with pytest.raises(InputError, match=f"feature {feature}"):
            read(body)


@pytest.mark.parametrize(
    ("datatype", "low", "high"),
    [
        ("UINT8", 0, 255), ("INT8", -128, 127), ("UINT16", 0, 2**16 - 1), ("INT16", -(2**15), 2**15 - 1),
        ("UINT32", 0, 2**32 - 1), ("INT32", -(2**31), 2**31 - 1), ("UINT64", 0, 2**64 - 1),
        ("INT64", -(2**63), 2**63 - 1),
    ],
)  # fmt: skip
def test_an_integer_beyond_its_datatype_is_refused(datatype, low, high):
    assert len(read(tensors(income={"datatype": datatype, "data": [low, high]})).inputs) == 2
    for value in (low - 1, high + 1):
        with pytest.raises(InputError, match="feature income"):
            read(tensors(income={"datatype": datatype, "data": [0, value]}))


@pytest.mark.parametrize(("datatype", "value"), [("FP16", 65520.0), ("FP32", 3.5e38), ("FP64", 1e300), ("FP64", -1e39)])
def test_a_number_that_would_become_infinite_is_refused(datatype, value):
    with pytest.raises(InputError, match="feature income"):
        read(tensors(income={"datatype": datatype, "data": [0.0, value]}))


def test_no_message_quotes_a_value():
    for change in ({"data": ["Ada Lovelace"] * 2}, {"data": [987654.321, 1e300]}, {"data": [[987654.321], 1]}):
        with pytest.raises(InputError) as told:
            read(tensors(income=change))
        assert "Ada" not in str(told.value)
        assert "987654" not in str(told.value)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"income": {"datatype": "BYTES", "data": ["1", "2"]}}, "feature income"),
        ({"purpose": {"datatype": "FP64", "data": [1, 2]}}, "feature purpose"),
        ({"income": {"data": [[1], 2]}}, "mixed"),
        ({"income": {"data": [[[[[[[[[[1, 2]]]]]]]]]]}}, "nested"),
        ({"income": {"data": []}}, "0 values, 2 in the shape"),
        ({"income": {"data": [[], []]}}, "0 values, 2 in the shape"),
        ({"age": {"shape": [2], "datatype": "FP64", "data": [1, 2]}}, "no feature 'age'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(change, named):
    with pytest.raises(InputError, match=named):
        read(tensors(**change))


def test_a_missing_and_a_doubled_feature_are_refused():
    body = json.loads(tensors())
    with pytest.raises(InputError, match="purpose is missing"):
        read(json.dumps({"inputs": body["inputs"][:2]}).encode())
    with pytest.raises(InputError, match="income is given twice"):
        read(json.dumps({"inputs": [*body["inputs"], body["inputs"][0]]}).encode())


def test_the_outputs_that_are_named_are_wanted_and_all_where_none_is():
    assert read(body_of()).outputs == ("probabilities", "label")
    assert read(body_of(outputs=[])).outputs == ("probabilities", "label")
    assert read(body_of(outputs=[{"name": "label"}])).outputs == ("label",)
    with pytest.raises(InputError, match="no output 'logits'"):
        read(body_of(outputs=[{"name": "label"}, {"name": "logits"}]))


def test_a_classifiers_outputs():
    scores = np.array([[0.75, 0.25], [0.1, 0.9]])
    both = outputs_of(scores, SIGNATURE)
    assert [(t.name, t.shape, t.data) for t in both] == [
        ("probabilities", [2, 2], [0.75, 0.25, 0.1, 0.9]),
        ("label", [2], ["good", "bad"]),
    ]
    assert [t.name for t in outputs_of(scores, SIGNATURE, ("label",))] == ["label"]


def test_a_regressors_output():
    signature = Signature(task=Task.REGRESSION, features=(Feature(name="a", kind=FeatureKind.NUMERIC),))
    (only,) = outputs_of(np.array([[1.5], [2.5]]), signature)
    assert (only.name, only.shape, only.datatype, only.data) == ("prediction", [2, 1], Datatype.FP64, [1.5, 2.5])
    assert read_question(b'{"inputs":[{"name":"a","shape":[1],"datatype":"FP64","data":[1]}]}', signature).outputs == (
        "prediction",
    )
