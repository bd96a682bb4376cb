"""The protocol's messages: what is optional, what is passed over, what is refused and in which words."""

import json

import msgspec
import pytest

from kits.questions import SIGNATURE, body_of
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.serving.datatypes import Datatype
from secmlops.serving.oip import InferResponse, ResponseTensor, metadata, read_request, server_metadata

TENSOR = {"name": "income", "shape": [1], "datatype": "FP64", "data": [1]}


def test_a_request_is_read():
    request = read_request(body_of(id="42", outputs=[{"name": "label"}]))
    assert [tensor.name for tensor in request.inputs] == ["income", "amount", "purpose"]
    assert (request.id, request.outputs[0].name) == ("42", "label")


def test_what_the_protocol_does_not_know_is_passed_over_everywhere():
    tensor = {**TENSOR, "parameters": {"content_type": "np"}, "extra": [1]}
    body = {"inputs": [tensor], "outputs": [{"name": "label", "x": 1}], "parameters": {"p": None}, "later": {}}
    assert read_request(json.dumps(body).encode()).inputs[0].data == [1]


@pytest.mark.parametrize(
    "body",
    [
        b'{"inputs": [], "id": "first", "id": "second"}',
        b'{"inputs": [], "inputs": []}',
        b'{"inputs": [], "input\\u0073": []}',
        b'{"inputs": [], "extra": {"a": 1, "a": 1}}',
        b'{"inputs": [], "parameters": {"a": 1, "a": 2}}',
        b'{"inputs": [{"name": "a", "name": "b", "shape": [1], "datatype": "FP64", "data": [1]}]}',
        b'{"inputs": [{"name": "a", "shape": [1], "datatype": "FP64", "data": [1], "data": [2]}]}',
        b'{"inputs": [{"name": "a", "shape": [1], "datatype": "FP64", "shape": [1], "parameters": {}}]}',
        b'{"inputs": [], "outputs": [{"name": "a", "name": "b"}]}',
    ],
)
def test_a_member_given_twice_is_refused_wherever_it_is(body):
    with pytest.raises(InputError, match="twice"):
        read_request(body)


def test_colons_in_texts_are_no_members():
    tensor = {**TENSOR, "datatype": "BYTES", "data": ["::", "a:b"]}
    assert read_request(json.dumps({"inputs": [tensor], "id": ":"}).encode()).inputs[0].data == ["::", "a:b"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{}", b'{"inputs": {}}', b'{"inputs": [1]}', b'{"inputs": []', b"\xff\xfe", b"\x00" * 10,
        b'{"inputs": [], "id": 7}', b'{"inputs": [], "outputs": ["label"]}', b"[" * 100_000, b'{"a":' * 10_000,
        b'{"inputs": [], "x": NaN}', b'{"inputs": [], "x": -Infinity}', b'{"inputs": [], "x": "\\ud800"}',
        b'{"inputs": [], "id": "' + b"x" * 2000 + b'"}',
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_in_few_words(body):
    with pytest.raises(InputError, match="not an inference request") as told:
        read_request(body)
    assert len(str(told.value)) < 300


@pytest.mark.parametrize(
    "change",
    [
        {"shape": [1.5]}, {"shape": [True]}, {"shape": "1"}, {"shape": [1] * 9},
        {"datatype": "FP128"}, {"datatype": "fp64"}, {"datatype": None}, {"data": 1}, {"data": None}, {"name": None},
        {"parameters": None}, {"parameters": [1]},
        {"data": [float("nan")]}, {"data": [float("inf")]},
    ],
)  # fmt: skip
def test_a_malformed_tensor_is_refused(change):
    with pytest.raises(InputError, match="not an inference request"):
        read_request(json.dumps({"inputs": [{**TENSOR, **change}]}).encode())


def test_an_unknown_datatype_is_not_echoed():
    with pytest.raises(InputError) as told:
        read_request(json.dumps({"inputs": [{**TENSOR, "datatype": "SSS" * 10_000}]}).encode())
    assert len(str(told.value)) < 300
    assert "SSS" not in str(told.value)


def test_the_server_names_the_extensions_that_it_has():
    assert server_metadata("1.2") == {"name": "secmlops", "version": "1.2", "extensions": ("binary_tensor_data",)}


@pytest.mark.parametrize("number", [b"1e400", b"9" * 5000])
def test_a_number_that_no_machine_holds_is_refused(number):
    with pytest.raises(InputError):
        read_request(b'{"inputs":[{"name":"income","shape":[1],"datatype":"FP64","data":[%s]}]}' % number)


def test_the_metadata_names_each_feature_as_an_input():
    told = metadata("credit", ["3"], SIGNATURE)
    assert told["inputs"] == [
        {"name": "income", "datatype": "FP64", "shape": [-1, 1]},
        {"name": "amount", "datatype": "FP64", "shape": [-1, 1]},
        {"name": "purpose", "datatype": "BYTES", "shape": [-1, 1]},
    ]
    assert told["outputs"] == [
        {
            "name": "probabilities",
            "datatype": "FP64",
            "shape": [-1, 2],
            "parameters": {"classes": ["good", "bad"]},
        },
        {"name": "label", "datatype": "BYTES", "shape": [-1]},
    ]
    assert (told["name"], told["versions"]) == ("credit", ["3"])


def test_a_regressors_metadata_names_its_prediction():
    signature = Signature(task=Task.REGRESSION, features=(Feature(name="a", kind=FeatureKind.NUMERIC),))
    assert metadata("m", "1", signature)["outputs"] == [{"name": "prediction", "datatype": "FP64", "shape": [-1, 1]}]


def test_an_answer_leaves_out_what_it_does_not_have():
    tensor = ResponseTensor("label", [1], Datatype.BYTES, ["a"])
    told = msgspec.json.decode(msgspec.json.encode(InferResponse("m", "1", [tensor])))
    assert told == {
        "model_name": "m",
        "model_version": "1",
        "outputs": [{"name": "label", "shape": [1], "datatype": "BYTES", "data": ["a"]}],
    }
