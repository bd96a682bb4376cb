"""Tensors in binary form: taken bit by bit, or refused when the bytes do not add up."""

import struct

import numpy as np
import pytest

from kits.questions import NUMBERS_ONLY, SIGNATURE, binary_body, body_of, same
from secmlops.core.errors import InputError
from secmlops.serving.binary import BINARY_HEADER, header_length, texts_as_bytes
from secmlops.serving.datatypes import ELEMENTS, Datatype
from secmlops.serving.tensors import read_question

ONE = np.float64(1.5).tobytes()
CAR = texts_as_bytes(["car"])


def ask(income=ONE, amount=ONE, purpose=CAR, *, datatype="FP64", rows=1):
    body, length = binary_body(
        ("income", [rows], datatype, income), ("amount", [rows], "FP64", amount), ("purpose", [rows], "BYTES", purpose)
    )
    return read_question(body, SIGNATURE, length)


def test_the_same_question_in_both_forms():
    assert same(ask().inputs, read_question(body_of(1.5, 1.5, "car"), SIGNATURE).inputs)


@pytest.mark.parametrize("datatype", [d for d in Datatype if d not in {Datatype.BYTES, Datatype.BF16, Datatype.BOOL}])
def test_every_datatype_in_its_native_size(datatype):
    raw = np.array([3, 0], ELEMENTS[datatype].dtype).tobytes()
    inputs = ask(raw, ONE * 2, CAR * 2, datatype=datatype, rows=2).inputs
    assert inputs.numeric[:, 0].tolist() == [3.0, 0.0]


def test_bf16_is_the_upper_half_of_float32():
    raw = b"".join(struct.pack("<f", number)[2:] for number in (1.5, -2.0))
    assert ask(raw, ONE * 2, CAR * 2, datatype="BF16", rows=2).inputs.numeric[:, 0].tolist() == [1.5, -2.0]


def test_a_truth_value_is_one_byte_of_0_or_1():
    assert ask(b"\1\0", ONE * 2, CAR * 2, datatype="BOOL", rows=2).inputs.numeric[:, 0].tolist() == [1.0, 0.0]
    with pytest.raises(InputError, match="neither 0 nor 1"):
        ask(b"\2", datatype="BOOL")


def test_nan_is_a_missing_number_and_an_empty_text_a_missing_category():
    inputs = ask(np.float64("nan").tobytes(), purpose=b"\0\0\0\0").inputs
    assert np.isnan(inputs.numeric[0, 0])
    assert inputs.categorical.tolist() == [[""]]


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), 1e39])
def test_what_is_or_would_become_infinite_is_refused(number):
    with pytest.raises(InputError, match="float32"):
        ask(np.float64(number).tobytes())


@pytest.mark.parametrize("raw", [b"", ONE[:-1], ONE + b"\0", ONE * 2])
def test_more_or_fewer_bytes_than_the_shape_says_are_refused(raw):
    with pytest.raises(InputError, match="feature income"):
        ask(raw)


@pytest.mark.parametrize(
    ("raw", "match"),
    [
        (b"", "0 bytes for 1"),
        (b"\3\0\0", "3 bytes for 1"),
        (b"\4\0\0\0car", "beyond"),
        (b"\xff\xff\xff\xffcar", "beyond"),
        (CAR + b"\0", "behind the last"),
        (CAR + CAR, "behind the last"),
        (b"\1\0\0\0\xff", "UTF-8"),
        ("\ud800".encode("utf-8", "surrogatepass").rjust(7, b"\0").replace(b"\0\0\0\0", b"\3\0\0\0"), "UTF-8"),
    ],
)
def test_texts_that_do_not_add_up_are_refused(raw, match):
    with pytest.raises(InputError, match=match):
        ask(purpose=raw)


@pytest.mark.parametrize("length", [0, -1, 10**9])
def test_a_header_length_outside_the_body_is_refused(length):
    with pytest.raises(InputError, match=BINARY_HEADER):
        read_question(body_of(), SIGNATURE, length)


@pytest.mark.parametrize("shift", [-1, 1])
def test_a_header_length_that_cuts_the_json_is_refused(shift):
    body, length = binary_body(("x", [1], "FP64", ONE))
    with pytest.raises(InputError):
        read_question(body, SIGNATURE, length + shift)


def test_a_header_length_may_cover_the_whole_body():
    body = body_of()
    assert same(read_question(body, SIGNATURE, len(body)).inputs, read_question(body, SIGNATURE).inputs)


@pytest.mark.parametrize("size", [-1, 9, 2**63, 8.0, True, "8", None])
def test_a_size_that_is_none_is_refused(size):
    body, length = binary_body(("income", [1], "FP64", ONE))
    head = body[:length].replace(b": 8", b": " + {True: "true", None: "null", "8": '"8"'}.get(size, str(size)).encode())
    with pytest.raises(InputError, match="inputs"):
        read_question(head + ONE, SIGNATURE, len(head))


def test_bytes_that_belong_to_no_tensor_are_refused():
    body, length = binary_body(("income", [1], "FP64", ONE))
    with pytest.raises(InputError, match="1 bytes belong to no tensor"):
        read_question(body + b"\0", SIGNATURE, length)


def test_a_tensor_has_its_data_in_one_place():
    both = (
        b'{"inputs":[{"name":"income","shape":[1],"datatype":"FP64","data":[1],"parameters":{"binary_data_size":8}}]}'
    )
    neither = b'{"inputs":[{"name":"income","shape":[1],"datatype":"FP64"}]}'
    for head in (both, neither):
        with pytest.raises(InputError, match="either data or"):
            read_question(head + ONE, SIGNATURE, len(head))
        with pytest.raises(InputError, match="either data or"):
            read_question(head, SIGNATURE)


def test_binary_sizes_without_the_header_are_refused():
    body, _ = binary_body(("income", [1], "FP64", b""))
    with pytest.raises(InputError):
        read_question(body, SIGNATURE)


def test_the_models_own_numbers_in_one_tensor():
    raw = np.array([[1.5, np.nan, -0.0]], "<f4").tobytes()
    body, length = binary_body(("numeric", [1, 3], "FP32", raw))
    assert read_question(body, NUMBERS_ONLY, length).inputs.numeric.tobytes() == raw
    for wrong in (np.inf, -np.inf):
        body, length = binary_body(("numeric", [1, 3], "FP32", np.array([1, wrong, 2], "<f4").tobytes()))
        with pytest.raises(InputError, match="tensor numeric"):
            read_question(body, NUMBERS_ONLY, length)


def test_the_header_is_a_number_in_digits():
    assert header_length("17") == 17
    for value in ("", "-1", "+1", "1.0", " 1", "1 ", "٣", "1" * 13, "0x1"):
        with pytest.raises(InputError, match=BINARY_HEADER):
            header_length(value)


def test_a_member_given_twice_in_the_json_of_a_binary_request_is_refused():
    body, length = binary_body(("income", [1], "FP64", ONE))
    head = body[:length].replace(b'"parameters":', b'"shape": [1], "parameters":')
    with pytest.raises(InputError, match="twice"):
        read_question(head + ONE, SIGNATURE, len(head))
    head = body[:length].replace(b'"binary_data_size":', b'"binary_data_size": 4, "binary_data_size":')
    with pytest.raises(InputError, match="twice"):
        read_question(head + ONE, SIGNATURE, len(head))
