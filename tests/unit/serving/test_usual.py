"""The short way reads exactly what the long way reads, and leaves everything else to it."""

import json

import numpy as np
import pytest

from kits.questions import NUMBERS_ONLY, SIGNATURE, body_of, same
from secmlops.serving.oip import read_request
from secmlops.serving.plan import Plan, plan_of
from secmlops.serving.tensors import inputs_of
from secmlops.serving.usual import usual_bytes, usual_row

PLAN = plan_of(SIGNATURE)
BLOCKS = {
    "numeric": {"name": "numeric", "shape": [1, 2], "datatype": "FP32", "data": [1.5, None]},
    "categorical": {"name": "categorical", "shape": [1, 1], "datatype": "BYTES", "data": ["car"]},
}


def blocks(**changes):
    given = [{**tensor, **changes.get(name, {})} for name, tensor in BLOCKS.items()]
    return read_request(json.dumps({"inputs": given}).encode()).inputs


@pytest.mark.parametrize("row", [(1.5, 2, "car"), (None, -0.0, None), (3.4028235e38, 1e-45, ""), (0, 2**63, "ü")])
def test_both_ways_give_the_same(row):
    tensors = read_request(body_of(*row)).inputs
    short = usual_row(tensors, PLAN)
    assert short is not None
    assert same(short, inputs_of(tensors, PLAN, memoryview(b"")))
    assert short.numeric.flags.writeable


def test_both_ways_give_the_same_of_the_models_own_inputs():
    short = usual_row(blocks(), PLAN)
    assert short is not None
    assert same(short, inputs_of(blocks(), PLAN, memoryview(b"")))


@pytest.mark.parametrize(
    "row", [(True, 1, "car"), ("1", 1, "car"), (1, 1, 1), (1, 1, True), ([1], 1, "car"), (3.5e38, 1, "car"),
            (1e308, 1, "car"), ({}, 1, "car")],
)  # fmt: skip
def test_what_is_wrong_is_left_to_the_long_way(row):
    assert usual_row(read_request(body_of(*row)).inputs, PLAN) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"numeric": {"shape": [2, 1]}}, {"numeric": {"shape": [2]}}, {"numeric": {"data": [1.5]}},
        {"numeric": {"data": [[1.5, 2]]}}, {"numeric": {"datatype": "INT64"}}, {"categorical": {"datatype": "FP32"}},
        {"categorical": {"data": [1]}}, {"categorical": {"name": "purpose"}}, {"numeric": {"data": [1.5, 2.5, 3.5]}},
    ],
)  # fmt: skip
def test_other_blocks_are_left_to_the_long_way(changes):
    assert usual_row(blocks(**changes), PLAN) is None


def test_a_feature_in_another_ones_type_is_left_to_the_long_way():
    body = json.loads(body_of(None, None, None))
    body["inputs"][0]["datatype"], body["inputs"][2]["datatype"] = "BYTES", "FP64"
    assert usual_row(read_request(json.dumps(body).encode()).inputs, PLAN) is None


def test_no_tensor_and_one_too_few_are_left_to_the_long_way():
    assert usual_row([], PLAN) is None
    assert usual_row(read_request(body_of()).inputs[:2], PLAN) is None
    assert usual_row([read_request(body_of()).inputs[0]] * 3, PLAN) is None


def test_a_feature_that_bears_the_name_of_an_input_is_the_feature():
    signature = json.loads(NUMBERS_ONLY.to_json())
    signature["features"][0]["name"] = "numeric"
    plan = Plan.of(type(NUMBERS_ONLY).from_json(json.dumps(signature).encode()))
    assert plan.blocks == {}


@pytest.mark.parametrize(
    ("change", "taken"),
    [({}, True), ({"datatype": "FP64"}, False), ({"shape": [3, 1]}, False), ({"name": "x0"}, False),
     ({"parameters": {}}, False), ({"parameters": {"binary_data_size": 12.0}}, False), ({"data": []}, False)],
)  # fmt: skip
def test_the_short_way_of_binary_form(change, taken):
    tensor = {"name": "numeric", "shape": [1, 3], "datatype": "FP32", "parameters": {"binary_data_size": 12}, **change}
    tensors = read_request(json.dumps({"inputs": [tensor]}).encode()).inputs
    found = usual_bytes(tensors, memoryview(np.array([1, 2, 3], "<f4").tobytes()), plan_of(NUMBERS_ONLY))
    assert (found is not None) is taken
    assert usual_bytes(tensors, memoryview(b"\0" * 12), PLAN) is None
