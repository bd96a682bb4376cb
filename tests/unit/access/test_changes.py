"""Changes: their JSON is canonical and strict."""

from datetime import UTC, datetime

import msgspec
import pytest

from secmlops.access.changes import Certificate, ClaimRule, Issuer, Role, User
from secmlops.access.permissions import Permission
from secmlops.trust.canonical import canonical_json

T0 = datetime(2026, 3, 1, tzinfo=UTC)
CHANGES = [
    User(name="ada", roles=("viewer",), version=1, at=T0),
    Role(name="own", permissions=(Permission("read", "model:*"),), version=2, at=T0),
    Issuer(
        issuer="https://i", audience="a", algorithms=("RS256",), version=3, at=T0, rules=(ClaimRule("a", "b", "c"),)
    ),
    Certificate(fingerprint="0" * 64, name="ada", pem="", expires=T0, version=4, at=T0),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: type(c).__name__)
def test_a_change_reads_back_the_same_and_nothing_else_is_taken(change):
    told = msgspec.json.decode(change.to_json())
    assert canonical_json(told) == change.to_json()
    assert msgspec.convert(told, type(change)) == change
    for wrong in ({"more": 1}, {"version": 0}, {"version": "1"}, {"at": "2026-03-01T00:00:00"}, {"removed": 1}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**told, **wrong}, type(change))
