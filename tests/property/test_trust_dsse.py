import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.errors import VerificationError
from secmlops.trust import dsse
from secmlops.trust.dsse import Envelope, decode_base64, encode_base64
from secmlops.trust.keys import Algorithm, PrivateKey

KEYS = [PrivateKey.generate(Algorithm.ED25519) for _ in range(3)]
types = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(types, st.binary(max_size=60), types, st.binary(max_size=60))
def test_two_messages_never_have_one_encoding(kind, payload, other_kind, other_payload):
    same = (kind, payload) == (other_kind, other_payload)
    assert (dsse.pae(kind, payload) == dsse.pae(other_kind, other_payload)) == same


@given(types, st.binary(max_size=60), st.lists(st.sampled_from(range(3)), min_size=1, max_size=5))
@settings(max_examples=40)
def test_the_keys_that_hold_are_the_distinct_ones_that_signed(kind, payload, makers):
    envelope = Envelope.from_json(dsse.sign(kind, payload, *(KEYS[m] for m in makers)).to_json())
    trusted = [k.public for k in KEYS]
    held = dsse.verify(envelope, trusted, len(set(makers)))
    assert set(held) == {KEYS[m].public for m in makers}
    with pytest.raises(VerificationError):
        dsse.verify(envelope, trusted, len(set(makers)) + 1)


@given(st.binary(max_size=200))
def test_bytes_are_an_envelope_or_refused(data):
    with pytest.raises(VerificationError):
        Envelope.from_json(data)


@given(st.binary(max_size=40))
def test_base64_comes_back_from_both_alphabets(data):
    text = encode_base64(data)
    assert decode_base64(text) == decode_base64(text.replace("+", "-").replace("/", "_")) == data


@given(st.text("ABC+/-_= \n", max_size=9))
def test_a_text_is_the_one_form_of_its_bytes_or_refused(text):
    try:
        data = decode_base64(text)
    except VerificationError:
        return
    assert encode_base64(data) == text.replace("-", "+").replace("_", "/")
