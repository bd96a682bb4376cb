"""Whatever bytes come from outside, the readers of JSON answer with an error of ours."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.access.changes import Grant
from secmlops.core.errors import SecmlopsError
from secmlops.data.schema.profile import Profile
from secmlops.runtime.signature import Signature
from secmlops.serving.oip import read_request
from secmlops.serving.record import PredictionRecord
from secmlops.trust.attestation import read_attestation
from secmlops.trust.dsse import Envelope
from secmlops.trust.model_signing import read_bundle
from secmlops.trust.roles import KeyRing

READERS: dict[str, Callable[[bytes], object]] = {
    "envelope": Envelope.from_json,
    "ring": KeyRing.from_json,
    "attestation": lambda data: read_attestation(data, KeyRing()),
    "bundle": read_bundle,
    "signature": Signature.from_json,
    "grant": Grant.from_json,
    "record": PredictionRecord.from_json,
    "profile": Profile.from_json,
    "request": read_request,
}
NASTY = [b"", b"\xff", b'{"payload": "\xff\xfe"}', b'"\x80"', b"[" * 5000, b'{"a":' * 3000, b"null", b"NaN", b"1e999"]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("data", NASTY, ids=lambda d: repr(d[:12]))
def test_nasty_bytes_are_refused(reader: str, data: bytes) -> None:
    with pytest.raises(SecmlopsError):
        READERS[reader](data)


@pytest.mark.parametrize("reader", READERS)
@given(data=st.binary(max_size=200))
@settings(max_examples=30, deadline=None)
def test_any_bytes_are_read_or_refused(reader: str, data: bytes) -> None:
    with contextlib.suppress(SecmlopsError):
        READERS[reader](data)
