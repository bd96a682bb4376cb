"""Prediction records: they prove what was answered and tell nothing of what was asked."""

from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.entry import checked_entry
from secmlops.serving.record import (
    MAX_SHOWN_VALUES,
    PREDICTION,
    PredictionRecord,
    Salts,
    Verdicts,
    commitment,
    digest_of_answer,
    shown,
)


def record(scores):
    return PredictionRecord(
        id="0" * 36,
        release=str(Digest.of(b"r")),
        model=str(Digest.of(b"m")),
        identity="0" * 12,
        request=commitment(b"q", Salts().next()),
        rows=len(scores),
        answer=str(digest_of_answer(scores)),
        outputs=shown(scores),
        at=datetime(2026, 3, 1, tzinfo=UTC),
    )


def test_a_record_reads_back_the_same():
    one = record(np.array([[0.25, 0.75]]))
    assert PredictionRecord.from_json(one.to_json()) == one
    assert one.outputs == [[0.25, 0.75]]


@pytest.mark.parametrize("shape", [(1, 1000), (4096, 1000), (16, 16), (256, 1), (1, 256)])
def test_a_record_always_fits_into_the_ledger(shape):
    data = record(np.full(shape, 1 / 3)).to_json()
    assert checked_entry((PREDICTION, data)).data == data


def test_too_many_outputs_are_not_shown_but_still_proven():
    scores = np.full((MAX_SHOWN_VALUES + 1, 1), 0.5)
    one = record(scores)
    assert one.outputs == []
    assert one.answer == str(Digest.of(scores.astype("<f8").tobytes()))


def test_an_answer_is_told_by_every_bit_and_by_its_order():
    scores = np.array([[0.25, 0.75], [0.5, 0.5]])
    digests = {str(digest_of_answer(s)) for s in (scores, scores[::-1], np.nextafter(scores, 1), scores[:1])}
    assert len(digests) == 4
    assert digest_of_answer(scores[:, ::-1]) == digest_of_answer(np.ascontiguousarray(scores[:, ::-1]))


def test_the_commitment_opens_with_its_salt_and_request_only():
    request = b'{"inputs": []}'
    salts = Salts()
    salt = salts.next()
    digest = commitment(request, salt)
    assert commitment(request, salt) == digest
    assert commitment(request + b" ", salt) != digest
    assert commitment(request, bytes(32)) != digest
    assert commitment(request, salts.next()) != digest


def test_no_salt_is_given_twice():
    salts, others = Salts(), Salts()
    given = [source.next() for source in (salts, others) for _ in range(300)]
    assert len(set(given)) == 600
    assert {len(salt) for salt in given} == {32}


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[" * 20_000])
def test_bytes_that_are_no_record_are_refused(data):
    with pytest.raises(VerificationError, match="not the record"):
        PredictionRecord.from_json(data)


def test_a_record_with_more_in_it_is_refused():
    told = msgspec.json.decode(record(np.array([[1.0]])).to_json())
    with pytest.raises(VerificationError):
        PredictionRecord.from_json(msgspec.json.encode({**told, "inputs": [1]}))


def test_what_the_safeguards_said_reads_back_and_is_left_out_when_it_is_nothing():
    plain = record(np.array([[1.0]]))
    assert b"verdicts" not in plain.to_json()
    said = msgspec.structs.replace(plain, verdicts=Verdicts(guard="unusual"))
    assert b'"verdicts":{"guard":"unusual"}' in said.to_json()
    assert PredictionRecord.from_json(said.to_json()) == said


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -float("inf")])
def test_a_score_that_is_no_number_is_refused(score):
    with pytest.raises(InputError, match="canonical"):
        record(np.array([[0.5, score]])).to_json()


def test_scores_of_any_layout_and_type_have_one_digest():
    scores = np.array([[0.25, 0.75], [0.5, 0.5]])
    others = (np.asfortranarray(scores), scores.astype(">f8"), scores.astype("float32"), np.repeat(scores, 2, 0)[::2])
    assert {digest_of_answer(other) for other in others} == {digest_of_answer(scores)}
