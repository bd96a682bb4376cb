import json

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.trust import dsse
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.statement import attest_statement, statement

KEY = PrivateKey.generate(Algorithm.ED25519)


def test_a_statement_has_the_form_of_in_toto():
    data = statement("https://slsa.dev/provenance/v1", {"b": Digest.of(b"b"), "a": Digest.of(b"a")}, {"x": [1, 2.5]})
    assert json.loads(data) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": "a", "digest": {"sha256": Digest.of(b"a").hex}},
            {"name": "b", "digest": {"sha256": Digest.of(b"b").hex}},
        ],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"x": [1, 2.5]},
    }


def test_an_attested_statement_is_an_envelope_over_those_bytes():
    subjects = {"a": Digest.of(b"a")}
    envelope = dsse.Envelope.from_json(attest_statement("urn:x", subjects, {"y": None}, KEY))
    assert envelope.payload == statement("urn:x", subjects, {"y": None})
    assert envelope.payload_type == "application/vnd.in-toto+json"
    assert dsse.verify(envelope, [KEY.public]) == (KEY.public,)


def test_a_statement_about_nothing_is_refused():
    with pytest.raises(InputError, match="about nothing"):
        statement("urn:x", {}, {})
