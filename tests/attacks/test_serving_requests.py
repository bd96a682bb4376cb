"""Requests made to be read in two ways, to cost more than they weigh, or to say more than they hold."""

import json
import zlib

import numpy as np
import pytest

from kits.questions import NUMBERS_ONLY, SIGNATURE, binary_body, body_of
from secmlops.core.errors import InputError
from secmlops.serving.coding import unpacked
from secmlops.serving.columns import MAX_ROWS
from secmlops.serving.invocations import CSV_TYPE, read_invocation
from secmlops.serving.members import MAX_LISTS, MAX_UNREAD
from secmlops.serving.tensors import read_question

LARGEST = 4 * 2**20
WHOLE = body_of()
TENSOR = b'{"name":"income","shape":[1],"datatype":"FP64","data":[1]}'


def refuse(body, signature=SIGNATURE, length=None):
    with pytest.raises(InputError) as told:
        read_question(body, signature, length)
    assert len(str(told.value)) < 500
    return str(told.value)


@pytest.mark.parametrize(
    "body",
    [
        WHOLE.replace(b'"data": [1.5]', b'"data": [1.5], "data": [9.5]'),
        WHOLE.replace(b'"data": [1.5]', b'"d\\u0061ta": [9.5], "data": [1.5]'),
        WHOLE[:-1] + b', "inputs": []}',
        WHOLE[:-1] + b', "\\u0069nputs": []}',
        WHOLE[:-1] + b', "outputs": [{"name": "label", "name": "probabilities"}]}',
        WHOLE[:-1] + b', "parameters": {"binary_data_output": true, "binary_data_output": false}}',
    ],
)
def test_a_request_that_two_readers_would_read_differently(body):
    assert "twice" in refuse(body)


def test_a_doubled_member_hidden_behind_a_text_full_of_colons():
    body = body_of(purpose="::::").replace(b'"data": [1.5]', b'"data": [1.5], "data": [9.5]')
    assert "twice" in refuse(body)


def test_a_tensor_whose_bytes_reach_into_the_next_one():
    body, length = binary_body(("income", [1], "FP64", b"\0" * 8), ("amount", [1], "FP64", b"\0" * 8))
    head = body[:length].replace(b'"binary_data_size": 8', b'"binary_data_size": 12', 1)
    refuse(head + body[length:], length=len(head))


def test_a_header_length_that_hides_json_among_the_bytes():
    two = b'{"inputs":[' + TENSOR + b"]}" + WHOLE
    refuse(two)
    assert "belong to no tensor" in refuse(two, length=len(two) - len(WHOLE))


@pytest.mark.parametrize(
    "shape", [[2**32, 2**32], [2**63, 2], [-1, -3], [0, 3], [1, -3], [2**64, 3], [MAX_ROWS + 1, 3]]
)
def test_a_shape_whose_product_lies(shape):
    raw = np.zeros(3, "<f4").tobytes()
    body, length = binary_body(("numeric", shape, "FP32", raw))
    refuse(body, NUMBERS_ONLY, length)
    body = json.dumps({"inputs": [{"name": "numeric", "shape": shape, "datatype": "FP32", "data": [0, 0, 0]}]})
    refuse(body.encode(), NUMBERS_ONLY)


def test_ragged_rows_that_add_up():
    tensor = {"name": "numeric", "shape": [2, 3], "datatype": "FP32", "data": [[1, 2], [3, 4, 5, 6]]}
    assert "2 lists of 3" in refuse(json.dumps({"inputs": [tensor]}).encode(), NUMBERS_ONLY)


def test_features_swapped_between_their_types_with_nothing_in_them():
    body = json.loads(body_of(None, None, None))
    body["inputs"][0]["datatype"], body["inputs"][2]["datatype"] = "BYTES", "FP64"
    refuse(json.dumps(body).encode())


def test_the_models_own_inputs_mixed_with_single_features():
    body = json.loads(WHOLE)
    body["inputs"].append({"name": "numeric", "shape": [1, 2], "datatype": "FP32", "data": [9, 9]})
    assert "no feature 'numeric'" in refuse(json.dumps(body).encode())


@pytest.mark.parametrize("name", ["in\0come", "income\n", "\u202eincome", "INCOME", "income ", "\u0456ncome"])
def test_a_name_that_only_looks_like_a_feature(name):
    body = json.loads(WHOLE)
    body["inputs"][0]["name"] = name
    told = refuse(json.dumps(body).encode())
    assert told.isprintable()


@pytest.mark.parametrize("value", ["Infinity", "-Infinity", "NaN", "1e999", "9" * 5000, "0x1", "01", "+1", ".5", "1."])
def test_a_number_that_json_does_not_know(value):
    refuse(WHOLE.replace(b"1.5", value.encode()))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 10_000 + b"]" * 10_000, id="lists in lists"),
        pytest.param(WHOLE[:-1] + b',"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}", id="lists in what is passed over"),
        pytest.param(WHOLE.replace(b"[1.5]", b"[" * 10_000 + b"1" + b"]" * 10_000), id="lists in data"),
        pytest.param(b"\xef\xbb\xbf" + WHOLE, id="a byte order mark"),
        pytest.param(WHOLE.decode().encode("utf-16"), id="UTF-16"),
        pytest.param(WHOLE.replace(b"car", b"c\xffr"), id="no UTF-8"),
        pytest.param(WHOLE.replace(b"car", b"\\ud800"), id="half a surrogate pair"),
        pytest.param(WHOLE.replace(b"car", b"c\0r"), id="a bare control character"),
    ],
)
def test_json_that_is_none(body):
    refuse(body)


FLOODS = {
    "lists": WHOLE[:-1] + b',"x":[' + b"[]," * (MAX_LISTS + 1) + b"[]]}",
    "objects": WHOLE[:-1] + b',"x":[' + b"{}," * (MAX_LISTS + 1) + b"{}]}",
    "members": WHOLE[:-1] + b',"x":{' + b'"":1,' * (MAX_UNREAD + 1) + b'"":1}}',
    "colons": body_of(purpose=":" * (MAX_UNREAD + 1)),
    "tensors": b'{"inputs":[' + (TENSOR + b",") * 60_000 + TENSOR + b"]}",
    "values": WHOLE.replace(b"[1.5]", b"[" + b"1," * 2_000_000 + b"1]"),
    "dimensions": WHOLE.replace(b"[1]", b"[" + b"1," * 1_000_000 + b"1]", 1),
}

FLOODS_TOLD = {
    "lists": "too many lists", "objects": "too many lists", "members": "too many members",
    "colons": "too many members",
}  # fmt: skip


@pytest.mark.parametrize("flood", FLOODS)
def test_a_body_as_large_as_allowed_that_would_become_far_more(flood):
    assert len(FLOODS[flood]) <= LARGEST
    assert FLOODS_TOLD.get(flood, "") in refuse(FLOODS[flood])


@pytest.mark.parametrize(
    "text",
    [b"\n" * LARGEST, b"," * LARGEST, b"income,amount,purpose\n" + b"1,1,a\n" * 600_000, b'"' * LARGEST,
     b"income,amount,purpose\n" + b"1" * 100_000 + b"x,1,a\n"],
    ids=["lines", "columns", "rows", "quotes", "digits"],
)  # fmt: skip
def test_a_table_as_large_as_allowed_that_is_none(text):
    with pytest.raises(InputError):
        read_invocation(text, SIGNATURE, CSV_TYPE)


def test_a_bomb_inside_a_small_body():
    bomb = zlib.compress(b'{"inputs":' + b" " * (16 * 2**20))
    assert len(bomb) < 2**15
    with pytest.raises(InputError, match="more than"):
        unpacked(bomb, "deflate", LARGEST)


def test_a_column_of_the_model_sent_beside_another_of_the_same_name_in_another_case():
    with pytest.raises(InputError, match="no feature 'Income'"):
        read_invocation(b'{"inputs": {"income": [1], "Income": [2], "amount": [1], "purpose": ["a"]}}', SIGNATURE)
