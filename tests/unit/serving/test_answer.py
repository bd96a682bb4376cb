"""Answers: JSON as the protocol writes it, and tensors in binary form for those who asked for them."""

import json
import struct

import numpy as np
import pytest

from kits.questions import NUMBERS_ONLY, SIGNATURE, body_of
from secmlops.core.errors import InputError
from secmlops.serving.answer import Model, write_answer
from secmlops.serving.binary import BINARY_HEADER
from secmlops.serving.tensors import read_question

MODEL = Model("credit", "3", SIGNATURE)
SCORES = np.array([[0.75, 0.25], [0.1, 0.9]])
PROBABILITIES = {"name": "probabilities", "shape": [2, 2], "datatype": "FP64", "data": [0.75, 0.25, 0.1, 0.9]}
LABEL = {"name": "label", "shape": [2], "datatype": "BYTES", "data": ["good", "bad"]}


def answer(scores=SCORES, parameters=None, **asked):
    return write_answer(read_question(body_of(**asked), SIGNATURE), scores, MODEL, parameters or {})


def test_an_answer_in_json():
    told = answer(id="42", parameters={"ledger_index": 7})
    assert json.loads(told.body) == {
        "model_name": "credit", "model_version": "3", "id": "42", "parameters": {"ledger_index": 7},
        "outputs": [PROBABILITIES, LABEL],
    }  # fmt: skip
    assert dict(told.headers) == {"Content-Type": "application/json"}


def test_only_the_outputs_that_were_asked_for():
    assert json.loads(answer(outputs=[{"name": "label"}]).body)["outputs"] == [LABEL]
    assert json.loads(answer(outputs=[{"name": "probabilities"}]).body)["outputs"] == [PROBABILITIES]


def binary_parts(told):
    head = json.loads(told.body[: int(told.headers[BINARY_HEADER])])
    rest = told.body[int(told.headers[BINARY_HEADER]) :]
    assert told.headers["Content-Type"] == "application/octet-stream"
    parts = {}
    for tensor in head["outputs"]:
        size = tensor.get("parameters", {}).get("binary_data_size")
        assert ("data" in tensor) is (size is None)
        parts[tensor["name"]] = tensor["data"] if size is None else rest[:size]
        rest = rest[size or 0 :]
    assert rest == b""
    return parts


def test_all_outputs_in_binary_form():
    question = read_question(body_of(parameters={"binary_data_output": True}), SIGNATURE)
    told = write_answer(question, SCORES, MODEL, {"p": 1})
    assert binary_parts(told) == {
        "probabilities": SCORES.astype("<f8").tobytes(),
        "label": struct.pack("<I", 4) + b"good" + struct.pack("<I", 3) + b"bad",
    }


def test_one_output_in_binary_form_and_one_in_json():
    told = answer(outputs=[{"name": "probabilities", "parameters": {"binary_data": True}}, {"name": "label"}])
    assert binary_parts(told) == {"probabilities": SCORES.tobytes(), "label": ["good", "bad"]}


def test_what_is_asked_of_an_output_goes_before_what_is_asked_of_all():
    question = read_question(
        body_of(
            outputs=[{"name": "probabilities", "parameters": {"binary_data": False}}, {"name": "label"}],
            parameters={"binary_data_output": True},
        ),
        SIGNATURE,
    )
    assert question.binary == {"label"}


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"outputs": [{"name": "label", "parameters": {"binary_data": 1}}]}, "neither true nor false"),
        ({"parameters": {"binary_data_output": "yes"}}, "neither true nor false"),
        ({"outputs": [{"name": "label", "parameters": {"classification": 2}}]}, "classification is an extension"),
        ({"outputs": [{"name": "label", "parameters": {"shared_memory_region": "a"}}]}, "shared_memory_region"),
        ({"outputs": [{"name": "label"}, {"name": "label"}]}, "twice"),
        ({"outputs": [{"name": "logits"}]}, "no output"),
    ],
)
def test_what_cannot_be_had_is_refused(more, named):
    with pytest.raises(InputError, match=named):
        read_question(body_of(**more), SIGNATURE)


def test_of_equal_classes_the_first_is_the_label_in_one_row_and_in_many():
    for rows in (1, 3):
        told = json.loads(answer(np.full((rows, 2), 0.5)).body)
        assert told["outputs"][1]["data"] == ["good"] * rows


def test_a_regressors_answer():
    question = read_question(
        b'{"inputs":[{"name":"numeric","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}', NUMBERS_ONLY
    )
    told = json.loads(write_answer(question, np.array([[2.5]]), Model("m", "1", NUMBERS_ONLY), {}).body)
    assert told == {
        "model_name": "m",
        "model_version": "1",
        "outputs": [{"name": "prediction", "shape": [1, 1], "datatype": "FP64", "data": [2.5]}],
    }
