"""The clocks before the parts of a gateway: every request gets its own steps, and the parts answer as without."""

import asyncio
from contextvars import Context, copy_context

import numpy as np
import pytest

from kits.gateway_world import SIGNATURE, GatewayWorld, tiny_model
from secmlops.core.errors import SecmlopsError, VerificationError
from secmlops.gateway import steps as module
from secmlops.gateway.recorder import Durability
from secmlops.gateway.steps import Steps, TimedApplication, TimedEngine, TimedRecorder, TimedSource, timed
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs
from secmlops.serving.decision import Decider
from secmlops.serving.settings import GuardPolicy


class Guard:
    """Finds rows strange whose income is above ten."""

    alpha = 0.25

    def flags(self, inputs: Inputs) -> np.ndarray:
        return inputs.numeric[:, 0] > 10


def rows(*incomes: float) -> Inputs:
    return SIGNATURE.encode(
        {"income": list(incomes), "amount": [0.5] * len(incomes), "purpose": ["car"] * len(incomes)}
    )


@pytest.fixture
def served(world):
    return module.replace(world.served, decider=Decider(world.predictor, Guard(), GuardPolicy.FLAG))


async def timed_decision(engine, decider, inputs) -> Steps:
    steps = Steps(read=0)
    module._current.set(steps)
    await engine.decide(decider, inputs)
    return steps


def test_a_lone_request_is_read_then_guarded_then_answered(served):
    steps = asyncio.run(timed_decision(TimedEngine(), timed(served).decider, rows(1.0, 2.0)))
    assert [lap.step for lap in steps.laps] == ["read", "guard", "model"]
    assert (steps.model, steps.rows) == (("credit", "3"), 2)
    assert all(lap.begun <= lap.ended for lap in steps.laps)


def test_without_a_guard_there_is_no_such_step(world):
    steps = asyncio.run(timed_decision(TimedEngine(), timed(world.served).decider, rows(1.0)))
    assert [lap.step for lap in steps.laps] == ["read", "model"]


def test_what_is_decided_together_has_the_same_steps_in_every_request(served):
    async def several() -> list[Steps]:
        engine, decider = TimedEngine(lambda: 9), timed(served).decider
        return await asyncio.gather(*(timed_decision(engine, decider, rows(float(i))) for i in range(5)))

    found = asyncio.run(several())
    assert len({id(steps) for steps in found}) == 5
    assert len({tuple(steps.laps[1:]) for steps in found}) == 1
    assert [lap.step for lap in found[0].laps] == ["read", "guard", "model"]


def test_rows_decided_in_another_thread_are_timed_too(served):
    steps = asyncio.run(timed_decision(TimedEngine(), timed(served).decider, rows(*range(200))))
    assert [lap.step for lap in steps.laps] == ["read", "guard", "model"]


def test_timed_parts_decide_as_the_plain_ones(served):
    inputs = rows(1.0, 11.0, 3.0)
    plain, clocked = served.decider(inputs), timed(served).decider(inputs)
    assert np.array_equal(plain.scores, clocked.scores)
    assert np.array_equal(plain.strange, clocked.strange)
    assert timed(served).decider.guard.alpha == Guard.alpha
    assert timed(served).predictor is served.predictor


def test_a_model_that_fails_raises_as_ever_and_its_clock_stops(world):
    fragile = Decider(Predictor(tiny_model(fragile=True), SIGNATURE))
    decider = timed(module.replace(world.served, decider=fragile)).decider
    broken = Inputs(np.full((1, 2), np.nan, np.float32), rows(1.0).categorical)
    with pytest.raises(VerificationError):
        asyncio.run(timed_decision(TimedEngine(), decider, broken))


def test_outside_of_a_request_nothing_is_kept(served):
    async def decided():
        return await TimedEngine().decide(timed(served).decider, rows(1.0))

    assert Context().run(asyncio.run, decided()).scores.shape == (1, 2)


@pytest.mark.parametrize("durability", Durability)
def test_the_record_ends_when_the_answer_may_leave(world, durability):
    recorder = TimedRecorder(world.traffic, world.ledger, lambda: world.now, durability)

    async def recorded() -> Steps:
        steps = Steps()
        module._current.set(steps)
        pending = recorder.record("key:0", world.served, b"{}", np.array([[0.5, 0.5]]))
        if durability is Durability.DURABLE:
            assert steps.laps == []
            await pending.index
            await asyncio.sleep(0)
        return steps

    steps = asyncio.run(recorded())
    recorder.close()
    assert [lap.step for lap in steps.laps] == ["record"]


def test_an_answer_that_cannot_be_recorded_is_refused_as_ever(world):
    recorder = TimedRecorder(world.traffic, world.ledger, lambda: world.now)

    async def recorded():
        recorder.record("key:0", world.served, b"{}", np.array([[np.nan, 0.5]]))

    with pytest.raises(SecmlopsError, match="no number"):
        asyncio.run(recorded())
    recorder.close()


def test_a_timed_source_is_its_source(world):
    source = TimedSource(world.berth)
    assert isinstance(source.load().decider, module.TimedDecider)
    assert source.newer(world.served) is None
    world.berth.next = world.release("4")
    newer = source.newer(world.served)
    assert (newer.version, newer.decider.model) == ("4", ("credit", "4"))
    world.berth.why, world.berth.spoilt = "revoked", True
    assert (source.obstacle(newer), source.changed(newer)) == ("revoked", True)


def asked(world: GatewayWorld, key: str | None, path: str = "/v2/models/credit/infer") -> list[Steps]:
    """Steps that are told of after one request through the door."""
    told: list[Steps] = []
    world.app = TimedApplication(world.app, lambda _, steps: told.append(steps), lambda: None)
    world.ask("POST", path, key, b"{}")
    return told


def test_who_is_let_in_is_told_of_with_the_status(world):
    (steps,) = asked(world, world.grant())
    assert (steps.status, steps.laps) == (400, [])
    assert steps.begun <= steps.read


@pytest.mark.parametrize("path", ["/v2/models/credit/infer", "/nowhere"])
def test_who_is_turned_away_is_not_told_of(world, path):
    assert asked(world, "sk_nobody", path) == []


def test_a_request_never_adds_to_the_steps_of_the_one_before_it(world):
    """The server starts the next request of a connection from within the one before, with its context."""
    told: list[Steps] = []
    app = TimedApplication(world.app, lambda _, steps: told.append(steps), lambda: None)
    world.app, key = app, world.grant()
    module._current.set(earlier := Steps())
    copy_context().run(world.ask, "POST", "/v2/models/credit/infer", key, b"{}")
    assert told[0] is not earlier
    assert earlier.status == 0


def test_what_is_left_is_sent_before_the_end_is_told():
    happened: list[str] = []

    async def application(scope, receive, send):
        await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})

    async def send(message):
        happened.append(message["type"])

    app = TimedApplication(application, lambda *_: None, lambda: happened.append("closed"))
    asyncio.run(app({"type": "lifespan"}, None, send))
    assert happened == ["lifespan.startup.complete", "closed", "lifespan.shutdown.complete"]
