"""A right in the ledger: one form, one signer's role, one ledger."""

from datetime import UTC, datetime

import msgspec
import pytest

from secmlops.access.data_right_entries import DATA_RIGHT, PREDICATE_TYPE, append_right, read_right
from secmlops.access.data_rights import DataRight, Holder
from secmlops.access.entries import name_of
from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.ledger.entry import Record
from secmlops.trust import dsse
from secmlops.trust.canonical import digest_of
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, Role
from secmlops.trust.statement import PAYLOAD_TYPE, attest_statement, statement

T0 = datetime(2026, 3, 1, tzinfo=UTC)
RIGHT = DataRight(dataset="loans.csv", holder=Holder("user", "ada"), view=("a",), modify=("*",), version=1, at=T0)


def predicate(ledger, **changed):
    return {**msgspec.to_builtins(msgspec.structs.replace(RIGHT, ledger=name_of(ledger.origin))), **changed}


def record(data: bytes) -> Record:
    return Record(0, DATA_RIGHT, data)


def test_a_right_reads_back_bound_to_its_ledger(ledger, signer, ring):
    append_right(ledger, RIGHT, signer)
    signed = read_right(ledger.entry(0), ring, ledger.origin)
    assert signed.right == msgspec.structs.replace(RIGHT, ledger=name_of(ledger.origin))
    assert not signed.revoked


def test_a_right_by_a_key_that_was_revoked_is_told_so(ledger, signer, ring):
    append_right(ledger, RIGHT, signer)
    assert read_right(ledger.entry(0), ring.revoking(signer.key_id), ledger.origin).revoked


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.GATEWAY])
def test_no_other_role_gives_rights(ledger, role):
    thief = PrivateKey.generate(Algorithm.ED25519)
    append_right(ledger, RIGHT, thief)
    with pytest.raises(VerificationError):
        read_right(ledger.entry(0), KeyRing().with_key(thief.public, role, T0), ledger.origin)


def test_a_right_for_another_ledger_is_refused(ledger, signer, ring):
    append_right(ledger, RIGHT, signer)
    with pytest.raises(VerificationError, match="another ledger"):
        read_right(ledger.entry(0), ring, "secmlops.test/other")


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 0},
        {"dataset": ""},
        {"holder": {"kind": "group", "name": "ada"}},
        {"view": [""]},
        {"more": 1},
        {"at": "2026-03-01T00:00:00"},
    ],
)
def test_what_is_out_of_bounds_is_refused(ledger, signer, ring, changed):
    said = predicate(ledger, **changed)
    envelope = attest_statement(PREDICATE_TYPE, {"data right": digest_of(said)}, said, signer)
    with pytest.raises(VerificationError, match="not a right"):
        read_right(record(envelope), ring, ledger.origin)


def test_a_right_under_another_type_or_about_something_else_is_refused(ledger, signer, ring):
    said = predicate(ledger)
    fine = {"data right": digest_of(said)}
    for kind, subjects in (("urn:secmlops:grant:v1", fine), (PREDICATE_TYPE, {"data right": Digest.of(b"x")})):
        with pytest.raises(VerificationError, match="one form"):
            read_right(record(attest_statement(kind, subjects, said, signer)), ring, ledger.origin)
    envelope = dsse.sign("application/json", statement(PREDICATE_TYPE, fine, said), signer)
    with pytest.raises(VerificationError, match="one form"):
        read_right(record(envelope.to_json()), ring, ledger.origin)


@pytest.mark.parametrize("payload", [b"", b"{}", b"\xff", b"[" * 10_000])
def test_a_payload_that_is_none_is_refused(ledger, signer, ring, payload):
    envelope = dsse.sign(PAYLOAD_TYPE, payload, signer).to_json()
    with pytest.raises(VerificationError):
        read_right(record(envelope), ring, ledger.origin)
