"""The recorder: on record before or moments after the caller knows, shut when that fails, receipts for owners alone."""

import asyncio
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, SecmlopsError
from secmlops.gateway.recorder import Durability, Recorder
from secmlops.ledger.anchor import ANCHOR
from secmlops.ledger.audit import audit
from secmlops.ledger.entry import Entry
from secmlops.ledger.log import Ledger
from secmlops.ledger.receipt import verify_receipt
from secmlops.ledger.sqlite import SqliteStorage
from secmlops.serving.record import PREDICTION, PredictionRecord, Verdicts, commitment
from secmlops.trust.keys import Algorithm, PrivateKey

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ORIGIN = "secmlops.test/recorder"
ADA, BOB = "key:" + "a" * 12, "key:" + "b" * 12
SCORES = np.array([[0.25, 0.75]])


@dataclass(frozen=True)
class Model:
    digest: Digest


@dataclass(frozen=True)
class Served:
    release: Digest
    predictor: Model


FIRST = Served(Digest.of(b"release 1"), Model(Digest.of(b"model 1")))
SECOND = Served(Digest.of(b"release 2"), Model(Digest.of(b"model 2")))


class Failing(SqliteStorage):
    """A storage that cannot be written when it is told so."""

    error = None

    @contextmanager
    def write(self):
        with super().write() as writer:
            yield writer
            if self.error:
                raise self.error


class World:
    def __init__(self, folder, durability):
        self.folder = folder
        self.key = PrivateKey.generate(Algorithm.ED25519)
        self.evidence = Ledger.open(folder / "ledger.db", self.key, ORIGIN)
        self.storage = Failing(folder / "traffic.db")
        self.traffic = Ledger(self.storage, self.key, f"{ORIGIN}/traffic")
        self.recorder = Recorder(self.traffic, self.evidence, lambda: NOW, durability)

    def record(self, who=ADA, request=b"what was asked", scores=SCORES, model=FIRST):
        """One recorded answer: what is pending, and its index once it is on disk."""

        async def whole():
            pending = self.recorder.record(who, model, request, scores)
            return pending, await pending.index if pending.index else None

        return asyncio.run(whole())

    def on_record(self, pending):
        (entry,) = self.traffic.find(pending.id)
        return PredictionRecord.from_json(entry.data)

    def close(self):
        self.storage.error = None
        self.recorder.close()
        self.traffic.close()
        self.evidence.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("secmlops.ledger.batch.RETRY_S", 0.01)


@pytest.fixture
def durable(tmp_path):
    made = World(tmp_path, Durability.DURABLE)
    yield made
    made.close()


@pytest.fixture
def quickly(tmp_path):
    made = World(tmp_path, Durability.ASYNC)
    yield made
    made.close()


@pytest.fixture(params=list(Durability))
def world(request, tmp_path):
    made = World(tmp_path, request.param)
    yield made
    made.close()


def wait_until(true, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_a_durable_record_is_on_disk_when_the_caller_gets_its_index(durable):
    pending, index = durable.record()
    with Ledger.open(durable.folder / "traffic.db", durable.key, f"{ORIGIN}/traffic") as another:
        entry = another.entry(index)
    record = PredictionRecord.from_json(entry.data)
    assert entry.kind == PREDICTION
    assert (record.id, record.identity, record.rows, record.at) == (pending.id, ADA, 1, NOW)
    assert (record.release, record.model) == (str(FIRST.release), str(FIRST.predictor.digest))
    assert record.request == commitment(b"what was asked", pending.salt)
    assert record.outputs == SCORES.tolist()
    assert record.verdicts == Verdicts()


def test_an_async_record_is_on_disk_moments_later(quickly):
    begun = time.monotonic()
    pending, index = quickly.record()
    assert index is None
    wait_until(lambda: quickly.traffic.find(pending.id), 2)
    assert time.monotonic() - begun < 2
    assert quickly.on_record(pending).request == commitment(b"what was asked", pending.salt)


def test_the_record_says_what_the_safeguards_said(quickly):
    said = Verdicts(validation="clipped", guard="unusual", watch="")
    pending = quickly.recorder.record(ADA, FIRST, b"", SCORES, said)
    assert quickly.recorder.receipt(ADA, pending.id)
    assert quickly.on_record(pending).verdicts == said


def test_one_recorder_serves_several_models_and_threads(world):
    told = []

    def run(model):
        told.append((model, [world.record(model=model)[0] for _ in range(10)]))

    threads = [threading.Thread(target=run, args=(model,)) for model in (FIRST, SECOND, FIRST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({p.id for _, pending in told for p in pending}) == 30
    assert len({p.salt for _, pending in told for p in pending}) == 30
    world.recorder.close()
    for model, pending in told:
        assert {world.on_record(p).model for p in pending} == {str(model.predictor.digest)}


def test_the_log_holds_neither_what_was_asked_nor_the_salt(world):
    pending, _ = world.record(request=b"Ada Lovelace, 36, 2 loans")
    world.recorder.close()
    stored = b"".join(path.read_bytes() for path in world.folder.glob("*.db*"))
    assert pending.id.encode() in stored
    assert b"Ada Lovelace" not in stored
    assert pending.salt not in stored
    assert pending.salt.hex().encode() not in stored


def test_a_receipt_proves_the_record_offline_by_id_or_index(durable):
    pending, index = durable.record()
    for which in (pending.id, str(index)):
        leaf = verify_receipt(durable.recorder.receipt(ADA, which), durable.key.public, f"{ORIGIN}/traffic")
        assert leaf == PREDICTION.encode() + b"\0" + durable.traffic.entry(index).data


def test_a_receipt_waits_for_what_is_on_its_way(quickly):
    pending, _ = quickly.record()
    assert verify_receipt(quickly.recorder.receipt(ADA, pending.id), quickly.key.public)


def test_a_receipt_is_for_its_owner_only(durable):
    pending, index = durable.record()
    assert durable.recorder.receipt(BOB, pending.id) is None
    assert durable.recorder.receipt(BOB, str(index)) is None


@pytest.mark.parametrize(
    "which", ["-1", "1000000", str(2**64), "9" * 30, "", "x", "1.0", "01", "٣", "0" * 32, "F" * 32, "é" * 32]
)
def test_there_is_no_receipt_where_nothing_is(durable, which):
    durable.record()
    assert durable.recorder.receipt(ADA, which) is None


def test_a_tag_that_was_moved_to_another_prediction_gives_no_receipt(durable):
    pending, _ = durable.record()
    data = durable.traffic.entry(0).data.replace(pending.id.encode(), b"0" * 32)
    durable.traffic.append([Entry(PREDICTION, data, "1" * 32)])
    assert durable.recorder.receipt(ADA, "1" * 32) is None


def test_there_is_no_receipt_of_what_is_no_prediction(durable):
    durable.traffic.append([("note", b"{}")])
    assert durable.recorder.receipt(ADA, "0") is None


def test_what_the_log_complains_of_is_not_told_to_the_caller(durable):
    durable.record()
    durable.traffic.close()
    with pytest.raises(SecmlopsError) as told:
        durable.record()
    assert type(told.value) is SecmlopsError
    assert str(durable.folder) not in str(told.value)
    assert str(durable.folder) in str(told.value.__cause__)
    with pytest.raises(SecmlopsError, match="no receipts now"):
        durable.recorder.receipt(ADA, "0")
    durable.traffic = Ledger.open(durable.folder / "traffic.db", durable.key, f"{ORIGIN}/traffic")
    durable.recorder = Recorder(durable.traffic, durable.evidence, lambda: NOW)


@pytest.mark.parametrize("error", [InputError("the disk is full"), OSError(28, "No space left on device")])
def test_a_durable_answer_that_cannot_be_recorded_is_refused_and_the_next_may_try(durable, error):
    durable.storage.error = error
    with pytest.raises((SecmlopsError, OSError)):
        durable.record()
    assert durable.recorder.failed
    durable.storage.error = None
    assert durable.record()[1] == 0
    assert not durable.recorder.failed


@pytest.mark.parametrize("error", [InputError("the disk is full"), OSError(28, "No space left on device")])
def test_in_async_mode_a_log_that_cannot_be_written_shuts_the_gate_until_it_can(quickly, error):
    quickly.storage.error = error
    kept, _ = quickly.record(request=b"kept")
    wait_until(lambda: quickly.recorder.failed)
    with pytest.raises(SecmlopsError, match="could not be put on record") as told:
        quickly.record()
    assert type(told.value) is SecmlopsError
    assert quickly.traffic.size == 0
    quickly.storage.error = None
    wait_until(lambda: not quickly.recorder.failed)
    assert quickly.on_record(kept).request == commitment(b"kept", kept.salt)
    after, _ = quickly.record()
    assert quickly.recorder.receipt(ADA, after.id)
    assert quickly.traffic.size == 2


def test_in_async_mode_nothing_is_answered_while_a_record_waits_for_longer_than_the_window(tmp_path, monkeypatch):
    world, busy, free = World(tmp_path, Durability.ASYNC), threading.Event(), threading.Event()
    world.recorder.close()
    world.recorder = Recorder(world.traffic, world.evidence, lambda: NOW, Durability.ASYNC, window_s=0.05)
    write = world.traffic.append
    monkeypatch.setattr(world.traffic, "append", lambda entries: (busy.set(), free.wait(9), write(entries))[-1])
    first, _ = world.record()
    assert busy.wait(9)
    wait_until(lambda: world.recorder.failed)
    with pytest.raises(SecmlopsError, match="could not be put on record"):
        world.record()
    free.set()
    wait_until(lambda: not world.recorder.failed)
    world.record()
    world.recorder.close()
    assert world.on_record(first).identity == ADA
    world.close()


def test_closing_says_what_was_answered_and_is_not_on_record(quickly):
    quickly.record()
    quickly.recorder._commit.flush(10)
    quickly.storage.error = InputError("the disk is full")
    quickly.record()
    with pytest.raises(SecmlopsError, match="1 entry could not be recorded"):
        quickly.recorder.close()
    assert quickly.traffic.size == 1


def test_a_score_that_is_no_number_is_not_recorded(world):
    with pytest.raises(SecmlopsError, match="could not be put on record"):
        world.record(scores=np.array([[np.nan, 1.0]]))
    assert not world.recorder.failed
    world.record()


def test_who_went_away_disturbs_nobody(durable):
    async def crowd():
        pending = [durable.recorder.record(ADA, FIRST, b"", SCORES) for _ in range(3)]
        pending[1].index.cancel()
        return await pending[0].index, await pending[2].index

    assert asyncio.run(crowd()) == (0, 2)


def test_a_caller_whose_event_loop_has_ended_disturbs_nobody(durable):
    async def leave():
        durable.recorder.record(ADA, FIRST, b"", SCORES)

    asyncio.run(leave())
    assert durable.record()[1] == 1


def test_after_closing_nothing_is_taken(world):
    world.recorder.close()
    with pytest.raises(SecmlopsError, match="could not be put on record"):
        world.record()


def test_the_log_is_anchored_at_the_start_and_at_the_end(world):
    world.record()
    world.recorder.close()
    world.recorder.close()
    anchors = [r.data for r in world.evidence.entries(kind=ANCHOR)]
    assert len(anchors) == 2
    assert anchors[1] == world.traffic.checkpoint()
    assert world.traffic.size == 1


def test_many_at_once_are_all_recorded(durable):
    async def crowd():
        pending = [durable.recorder.record(ADA, FIRST, b"%d" % n, SCORES) for n in range(100)]
        return await asyncio.gather(*(p.index for p in pending))

    assert asyncio.run(crowd()) == list(range(100))
    assert audit(durable.traffic.storage, durable.key.public, f"{ORIGIN}/traffic").ok
