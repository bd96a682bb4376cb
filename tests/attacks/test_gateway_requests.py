"""Hostile requests: never a 500, never a hang, never a prediction for what is no request."""

import json
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kits.gateway_world import GatewayWorld, body_of
from secmlops.serving.oip import Datatype

FEATURES = ("income", "amount", "purpose")
NUMBERS = st.one_of(
    st.integers(), st.integers(-(2**70), 2**70), st.floats(), st.sampled_from([0, -0.0, 1e-45, 3.4e38, 1e308, 2**63])
)
VALUES = st.one_of(NUMBERS, st.none(), st.booleans(), st.text(max_size=20), st.just([]), st.just({}))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=10)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)
TENSORS = st.fixed_dictionaries(
    {
        "name": st.sampled_from((*FEATURES, "other")),
        "shape": st.one_of(st.just([1]), st.just([1, 1]), st.lists(st.integers(-1, 5), max_size=3)),
        "datatype": st.sampled_from([str(d) for d in Datatype]),
        "data": st.one_of(st.lists(VALUES, max_size=3), st.lists(st.lists(VALUES, max_size=2), max_size=2)),
    },
    optional={"parameters": JSON},
)
NEARLY = st.fixed_dictionaries(
    {"inputs": st.lists(TENSORS, max_size=4)},
    optional={"id": JSON, "outputs": JSON, "parameters": JSON, "more": JSON},
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayWorld]:
    made = GatewayWorld(tmp_path_factory.mktemp("requests"))
    made.key = made.grant()
    yield made
    made.close()


def check(world: GatewayWorld, body: bytes) -> int:
    """Status of a request, which is an answer on record or a problem with nothing on record."""
    before = world.traffic.size
    reply = world.infer(world.key, body)
    assert reply.status in {200, 400}, reply
    assert world.traffic.size == before + (reply.status == 200)
    if reply.status == 400:
        assert set(reply.json) == {"type", "title", "status", "detail", "error"}
        assert len(reply.body) < 2000
    return reply.status


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_at_random(world: GatewayWorld, body: bytes) -> None:
    assert check(world, body) == 400


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_json_at_random(world: GatewayWorld, value: object) -> None:
    assert check(world, json.dumps(value).encode()) == 400


@settings(max_examples=125, deadline=None)
@given(NEARLY)
def test_requests_that_are_nearly_right(world: GatewayWorld, value: object) -> None:
    check(world, json.dumps(value).encode())


@settings(max_examples=125, deadline=None)
@given(VALUES, VALUES, VALUES)
def test_any_value_in_a_right_place_is_answered_or_refused(
    world: GatewayWorld, income: object, amount: object, purpose: object
) -> None:
    check(world, body_of(income, amount, purpose))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_right_request_with_some_bytes_changed(world: GatewayWorld, data: st.DataObject) -> None:
    body = bytearray(body_of())
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    check(world, bytes(body))


@settings(max_examples=100, deadline=None)
@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.text(max_size=20))
def test_every_finite_number_and_every_text_is_answered_as_the_predictor_does(
    world: GatewayWorld, number: float, text: str
) -> None:
    reply = world.infer(world.key, body_of(number, None, text))
    inputs = world.predictor.signature.encode({"income": [number], "amount": [None], "purpose": [text]})
    assert reply.status == 200
    assert np.array_equal([reply.json["outputs"][0]["data"]], world.predictor.predict(inputs))


HUGE = [
    pytest.param(b"[" * 10_000 + b"]" * 10_000, id="nested lists"),
    pytest.param(b'{"inputs":' * 10_000, id="nested objects"),
    pytest.param(b'{"inputs":[{"name":"income","shape":[1],"datatype":"FP64","data":' + b"[" * 9_999, id="nested data"),
    pytest.param(body_of().replace(b"1.5", b"[" * 9 + b"1" + b"]" * 9), id="data nested a little too deep"),
    pytest.param(body_of().replace(b"1.5", b"NaN"), id="NaN"),
    pytest.param(body_of().replace(b"1.5", b"-Infinity"), id="Infinity"),
    pytest.param(body_of().replace(b"1.5", b"9" * 100_000), id="a huge integer"),
    pytest.param(body_of().replace(b"1.5", b"1e999999999"), id="a huge exponent"),
    pytest.param(body_of().replace(b"1.5", b"0x10"), id="another notation"),
    pytest.param(body_of().replace(b"[1]", b"[" + b"9" * 5000 + b"]"), id="a huge dimension"),
    pytest.param(body_of().replace(b"[1]", b"[" + b"1," * 100_000 + b"1]"), id="a million dimensions"),
    pytest.param(body_of().replace(b"[1]", b"[1000000000]"), id="rows that are not there"),
    pytest.param(json.dumps({"inputs": [json.loads(body_of())["inputs"][0]] * 9}).encode(), id="a feature many times"),
    pytest.param(b'{"inputs":[' + b"[]," * 1_000_000 + b"[]]}", id="a million empty lists"),
    pytest.param(body_of().replace(b"[1.5]", b"[" + b"[]," * 1_000_000 + b"[]]"), id="a million empty rows"),
    pytest.param(body_of() + b" " * 1000 + b"{}", id="a second request behind the first"),
    pytest.param(b"\xef\xbb\xbf" + body_of(), id="a byte order mark"),
    pytest.param(body_of().decode().encode("utf-16"), id="another encoding"),
    pytest.param(body_of(purpose="\ud800"), id="half a surrogate pair"),
    pytest.param(body_of(outputs=[{"name": "x" * 100_000}]), id="an output with a long name"),
]  # fmt: skip


@pytest.mark.parametrize("body", HUGE)
def test_extremes_are_refused(world: GatewayWorld, body: bytes) -> None:
    assert check(world, body) == 400


@pytest.mark.parametrize(
    "text", ["\0", "\x1b[31m", "'; DROP TABLE entries; --", "{{7*7}}", "ü" * 10_000, "\u202e", "\r\n"]
)
def test_a_text_is_only_a_text(world: GatewayWorld, text: str) -> None:
    assert check(world, body_of(purpose=text)) == 200


@pytest.mark.parametrize("text", ["\r\nSet-Cookie: a=b", "a\nb", "\0", "é", "<script>"])
def test_what_the_caller_names_comes_back_in_no_header(world: GatewayWorld, text: str) -> None:
    reply = world.infer(world.key, body_of(id=text))
    assert reply.json["id"] == text
    assert not any(text in value for value in reply.headers.values())
    refused = world.infer(world.key, body_of(outputs=[{"name": text}]))
    assert refused.status == 400
    assert not any("Set-Cookie" in name or "Set-Cookie" in value for name, value in refused.headers.items())


def test_no_input_value_ever_reaches_the_ledgers_files(world: GatewayWorld) -> None:
    income, amount, purpose = 748391424.0, 918273536.0, "a purpose that is nobody's business"
    reply = world.infer(world.key, body_of(income, amount, purpose, id="file no. 4711/0815"))
    assert reply.status == 200
    world.infer(world.key, body_of(income, amount, [purpose]))
    stored = b"".join(path.read_bytes() for path in world.folder.glob("*.db*"))
    # So long, or of such characters, that no random id holds one by chance; found in 7.48391424e8 too.
    packed = [np.array(v, kind).tobytes() for v in (income, amount) for kind in ("<f4", "<f8", ">f8")]
    for trace in (b"48391424", b"18273536", purpose.encode(), b"nobody's", b"4711/0815", *packed):
        assert trace not in stored
