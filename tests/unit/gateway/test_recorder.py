"""The recorder: on disk before the caller knows, and receipts for their owner alone."""

import asyncio
import base64

import numpy as np
import pytest

from kits.gateway_world import ORIGIN, GatewayWorld
from secmlops.access.identity import Identity
from secmlops.core.errors import SecmlopsError
from secmlops.ledger.audit import audit
from secmlops.ledger.receipt import verify_receipt
from secmlops.serving.record import PREDICTION, PredictionRecord, commitment
from secmlops.trust.roles import Role

ADA = Identity("key:" + "a" * 12, "ada")
BOB = Identity("key:" + "b" * 12, "bob")
SCORES = np.array([[0.25, 0.75]])


def recorded(world: GatewayWorld, identity=ADA, request=b"what was asked", scores=SCORES):
    return world.runner.run(world.recorder.record(identity, request, scores))


def test_a_record_is_in_the_ledger_when_the_caller_gets_it(world):
    proof = recorded(world)
    entry = world.ledger.entry(proof["ledger_index"])
    record = PredictionRecord.from_json(entry.data)
    assert entry.kind == PREDICTION
    assert (record.id, record.identity, record.rows) == (proof["prediction_id"], ADA.key, 1)
    assert (record.release, record.model) == (str(world.served.release), str(world.predictor.digest))
    assert record.request == commitment(b"what was asked", base64.b64decode(proof["salt"]))
    assert record.at == world.now
    assert record.outputs == SCORES.tolist()


def test_the_ledger_holds_neither_what_was_asked_nor_the_salt(world):
    proof = recorded(world, request=b"Ada Lovelace, 36, 2 loans")
    stored = b"".join(path.read_bytes() for path in world.folder.glob("ledger.db*"))
    assert b"Ada Lovelace" not in stored
    assert proof["salt"].encode() not in stored
    assert base64.b64decode(proof["salt"]) not in stored


def test_a_receipt_proves_the_record_offline(world):
    index = recorded(world)["ledger_index"]
    text = world.recorder.receipt(ADA, index)
    leaf = verify_receipt(text, world.keys[Role.LOG].public, ORIGIN)
    assert leaf == PREDICTION.encode() + b"\0" + world.ledger.entry(index).data


def test_a_receipt_is_for_its_owner_only(world):
    index = recorded(world)["ledger_index"]
    assert world.recorder.receipt(BOB, index) is None


@pytest.mark.parametrize("index", [-1, 10**6, 2**64, 10**30])
def test_there_is_no_receipt_where_nothing_is(world, index):
    assert world.recorder.receipt(ADA, index) is None


def test_there_is_no_receipt_of_what_is_no_prediction(world):
    world.grant()
    assert world.recorder.receipt(ADA, 0) is None


def test_what_the_ledger_complains_of_is_not_told_to_the_caller(world):
    world.ledger.close()
    with pytest.raises(SecmlopsError) as told:
        recorded(world)
    assert type(told.value) is SecmlopsError
    assert str(world.folder) not in str(told.value)
    assert str(world.folder) in str(told.value.__cause__)
    with pytest.raises(SecmlopsError, match="no receipts now"):
        world.recorder.receipt(ADA, 0)


def test_after_closing_nothing_is_taken(world):
    world.recorder.close()
    with pytest.raises(SecmlopsError, match="could not be put on record"):
        recorded(world)


def test_many_at_once_are_all_recorded(world):
    async def crowd():
        return await asyncio.gather(*(world.recorder.record(ADA, b"%d" % n, SCORES) for n in range(100)))

    proofs = world.runner.run(crowd())
    assert {proof["ledger_index"] for proof in proofs} == set(range(100))
    assert audit(world.ledger.storage, world.keys[Role.LOG].public, ORIGIN).ok
