"""Whatever is asked: both forms say the same, and no bytes make a reader raise anything but an error of ours."""

import contextlib
import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kits.questions import NUMBERS_ONLY, SIGNATURE, binary_body, body_of, same
from secmlops.core.errors import InputError
from secmlops.serving.binary import texts_as_bytes
from secmlops.serving.coding import CODINGS, unpacked
from secmlops.serving.invocations import CSV_TYPE, read_invocation
from secmlops.serving.oip import decode, read_request
from secmlops.serving.plan import plan_of
from secmlops.serving.tensors import Question, inputs_of, read_question

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
ROWS = st.lists(st.tuples(st.none() | FLOATS, st.none() | FLOATS, st.text(max_size=8)), min_size=1, max_size=5)
BLOCK = binary_body(("numeric", [1, 3], "FP32", np.array([1, 2, 3], "<f4").tobytes()))
FEATURES = binary_body(
    ("income", [2], "FP64", np.array([1, 2], "<f8").tobytes()),
    ("amount", [2, 1], "INT16", np.array([1, 2], "<i2").tobytes()),
    ("purpose", [2], "BYTES", texts_as_bytes(["car", "a tv"])),
    outputs=[{"name": "label", "parameters": {"binary_data": True}}],
)
TABLE = json.dumps({"dataframe_split": {"columns": ["x0", "x1", "x2"], "data": [[1, 2, 3]]}}).encode()
READERS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "json": (body_of(id="a:b"), lambda body: read_question(body, SIGNATURE)),
    "block": (BLOCK[0], lambda body: read_question(body, NUMBERS_ONLY, BLOCK[1])),
    "features": (FEATURES[0], lambda body: read_question(body, SIGNATURE, FEATURES[1])),
    "table": (TABLE, lambda body: read_invocation(body, NUMBERS_ONLY)),
    "csv": (b'x0,x1,x2\n1,"2",3e1\n,,\n', lambda body: read_invocation(body, NUMBERS_ONLY, CSV_TYPE)),
}


def columns(rows):
    return {name: [row[place] for row in rows] for place, name in enumerate(("income", "amount", "purpose"))}


def in_json(rows) -> bytes:
    datatypes = ("FP32", "FP64", "BYTES")
    tensors = [
        {"name": name, "shape": [len(rows)], "datatype": datatype, "data": values}
        for (name, values), datatype in zip(columns(rows).items(), datatypes, strict=True)
    ]
    return json.dumps({"inputs": tensors}).encode()


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_every_form_of_a_question_gives_the_same_inputs(rows):
    given_columns = columns(rows)
    expected = SIGNATURE.encode(given_columns)
    numbers = [np.array(given_columns[name], np.float64) for name in ("income", "amount")]
    raw = [numbers[0].astype("<f4").tobytes(), numbers[1].astype("<f8").tobytes(),
           texts_as_bytes(given_columns["purpose"])]  # fmt: skip
    shape = [len(rows)]
    parts = zip(("income", "amount", "purpose"), ("FP32", "FP64", "BYTES"), raw, strict=True)
    single = binary_body(*((name, shape, datatype, part) for name, datatype, part in parts))
    blocks = binary_body(
        ("numeric", [len(rows), 2], "FP32", np.stack(numbers, axis=1).astype("<f4").tobytes()),
        ("categorical", [len(rows), 1], "BYTES", raw[2]),
    )
    for question in (
        read_question(in_json(rows), SIGNATURE),
        read_question(single[0], SIGNATURE, single[1]),
        read_question(blocks[0], SIGNATURE, blocks[1]),
        read_invocation(json.dumps({"inputs": given_columns}).encode(), SIGNATURE),
        read_invocation(json.dumps({"instances": [list(row) for row in rows]}).encode(), SIGNATURE),
    ):
        assert same(question.inputs, expected)


@settings(max_examples=150, deadline=None)
@given(st.tuples(st.none() | FLOATS | st.integers(-(2**80), 2**80) | st.booleans(), FLOATS, st.none() | st.text()))
def test_the_short_way_and_the_long_way_agree(row):
    body = body_of(*row)
    long, short = [], []
    with contextlib.suppress(InputError):
        long.append(inputs_of(read_request(body).inputs, plan_of(SIGNATURE), memoryview(b"")))
    with contextlib.suppress(InputError):
        short.append(read_question(body, SIGNATURE).inputs)
    assert len(long) == len(short)
    assert all(same(one, other) for one, other in zip(long, short, strict=True))


@pytest.mark.parametrize("form", READERS)
@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_request_with_bytes_changed_is_read_or_refused(form, data):
    whole, read = READERS[form]
    body = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body) - 1))
        change = data.draw(st.sampled_from(("set", "cut", "insert", "copy")))
        if change == "set":
            body[place] = data.draw(st.integers(0, 255))
        elif change == "cut":
            del body[place : place + data.draw(st.integers(1, 6))]
        elif change == "insert":
            body[place:place] = data.draw(st.sampled_from([b'"', b"\\", b"{", b"}", b"-", b"1e999", b"\0", b":", b","]))
        else:
            body[place:place] = body[place : place + data.draw(st.integers(1, 40))]
        if not body:
            break
    with contextlib.suppress(InputError):
        assert isinstance(read(bytes(body)), Question)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=100), st.integers(-5, 120))
def test_bytes_at_random_are_refused(body, length):
    with pytest.raises(InputError):
        read_question(body, SIGNATURE, length)
    with pytest.raises(InputError):
        read_invocation(body, SIGNATURE)
    for coding in CODINGS:
        with contextlib.suppress(InputError):
            assert len(unpacked(body, coding, 50)) <= 50


MEMBERS = st.recursive(
    st.sampled_from(["1", '"a:b"', "null", '"\\u003a"', '":"']),
    lambda inner: st.lists(
        st.tuples(st.sampled_from(['"a"', '"\\u0061"', '"b"', '"inputs"', '"id"']), inner), max_size=3
    ).map(lambda members: "{" + ",".join(f"{name}:{value}" for name, value in members) + "}"),
    max_leaves=6,
)


def _doubled(text: str) -> bool:
    found = []
    json.loads(text, object_pairs_hook=lambda pairs: found.append(len({n for n, _ in pairs}) < len(pairs)))
    return any(found)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(['"inputs"', '"outputs"', '"x"', '"\\u0078"']), MEMBERS), max_size=3))
def test_a_request_is_taken_only_if_no_member_is_doubled(more):
    members = [('"inputs"', "[]"), *((n, "[]" if n in {'"inputs"', '"outputs"'} else v) for n, v in more)]
    text = "{" + ",".join(f"{name}:{value}" for name, value in members) + "}"
    decode(text.encode())
    if _doubled(text):
        with pytest.raises(InputError, match="twice"):
            read_request(text.encode())
    else:
        read_request(text.encode())
