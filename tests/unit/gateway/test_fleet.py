"""The fleet: what takes a place, what is withdrawn, what is told, and what a request that is under way keeps."""

import asyncio
from dataclasses import dataclass, field

import numpy as np
import pytest

from kits.gateway_world import SIGNATURE, GatewayWorld, body_of, tiny_model
from secmlops.core.errors import SecmlopsError, VerificationError
from secmlops.core.evidence import Outcome
from secmlops.gateway.exchange import Refused
from secmlops.gateway.fleet import _PAUSE, INTEGRITY, RELOADED, WITHDRAWN, Fleet
from secmlops.gateway.served import Served
from secmlops.runtime.predictor import Predictor
from secmlops.serving.decision import Decider


@dataclass
class Source:
    """A place whose release a test replaces, withdraws or spoils; what is an error is raised."""

    served: Served
    following: Served | SecmlopsError | None = None
    why: str | SecmlopsError = ""
    spoilt: bool = False
    asked: list[str] = field(default_factory=list)

    def load(self) -> Served:
        return self.served

    def newer(self, served: Served) -> Served | None:
        self.asked.append("newer")
        return None if self.following is served else _told(self.following)

    def obstacle(self, served: Served) -> str:
        return _told(self.why)

    def changed(self, served: Served) -> bool:
        return self.spoilt


def _told(value):
    if isinstance(value, SecmlopsError):
        raise value
    return value


@pytest.fixture
def source(world: GatewayWorld) -> Source:
    return Source(world.release("1"))


@pytest.fixture
def fleet(world: GatewayWorld, source: Source) -> Fleet:
    return Fleet([source], world.gateway.alarms)


def told(world: GatewayWorld, control: str) -> list[str]:
    return [one.findings[0].message for one in world.evidence() if one.control.id == control]


def test_a_model_is_found_by_its_name_and_by_its_version(fleet, source):
    assert fleet.find({"name": "credit"}) is source.served
    assert fleet.find({"name": "credit", "version": "1"}) is source.served
    assert fleet.only() is source.served
    assert (fleet.names(), fleet.served, fleet.ready) == (["credit"], [source.served], True)
    for other in ({"name": "other"}, {"name": "credit", "version": "2"}, {"name": "credit", "version": "01"}):
        with pytest.raises(Refused) as refused:
            fleet.find(other)
        assert refused.value.status == 404


def test_of_several_models_each_must_be_named(world):
    first, second = world.release("1"), world.release("2")
    other = Served(
        "other", "1", *(getattr(first, n) for n in ("release", "predictor", "decider", "validator", "about"))
    )
    fleet = Fleet([Source(first), Source(second)], world.gateway.alarms)
    assert fleet.find({"name": "credit"}) is fleet.only() is first
    assert fleet.find({"name": "credit", "version": "2"}) is second
    several = Fleet([Source(first), Source(other)], world.gateway.alarms)
    assert several.names() == ["credit", "other"]
    with pytest.raises(Refused) as refused:
        several.only()
    assert refused.value.status == 404


class Listener:
    """Keeps what it is told: what was learnt, and which version answered then."""

    def __init__(self, fleet):
        self.fleet, self.learnt, self.kept = fleet, [], []

    def learn(self, served):
        self.learnt.append((served.version, self.fleet.only().version))

    def keep(self, served):
        self.kept.append([one.version for one in served])
        assert [self.fleet.only()] == served


def test_what_is_newer_takes_the_place_and_is_learnt_before_it_answers(world, fleet, source):
    listener = Listener(fleet)
    fleet.tell(listener)
    source.following = world.release("2")
    fleet.refresh()
    assert listener.learnt == [("1", "1"), ("2", "1")]
    assert listener.kept == [["2"]]
    assert fleet.only() is source.following
    assert told(world, RELOADED) == ["takes the place of credit-1"]
    assert [e.outcome for e in world.evidence() if e.control.id == RELOADED] == [Outcome.PASSED]
    with pytest.raises(Refused):
        fleet.find({"name": "credit", "version": "1"})
    fleet.refresh()
    assert len(told(world, RELOADED)) == 1


def test_a_newer_release_that_does_not_verify_leaves_the_old_one_serving_and_is_told_once(world, fleet, source):
    source.following = VerificationError("not served: it was changed")
    for _ in range(3 * _PAUSE):
        fleet.refresh()
    assert fleet.only() is source.served
    assert fleet.ready
    assert told(world, RELOADED) == ["cannot be kept up: not served: it was changed"]
    assert source.asked.count("newer") == 3  # to verify takes its time
    source.following = world.release("2")
    for _ in range(_PAUSE):
        fleet.refresh()
    assert fleet.only().version == "2"


def test_a_newer_release_that_does_not_verify_keeps_no_revoked_one_alive(world, fleet, source):
    source.following = VerificationError("not served: it was changed")
    fleet.refresh()
    source.why = "revoked"
    fleet.refresh()
    with pytest.raises(Refused) as refused:
        fleet.only()
    assert refused.value.status == 503
    assert told(world, WITHDRAWN) == ["revoked"]


def test_a_release_whose_habits_do_not_fit_is_not_taken(world, fleet, source):
    class Picky(Listener):
        def learn(self, served):
            if served.version == "2":
                raise VerificationError("the habits are those of a model with other features")

    fleet.tell(Picky(fleet))
    source.following = world.release("2")
    fleet.refresh()
    assert fleet.only().version == "1"
    assert "habits" in told(world, RELOADED)[0]


def test_a_withdrawn_release_answers_503_until_it_is_no_longer(world, fleet, source):
    source.why = "the gate has been shut for this model"
    for _ in range(3):
        fleet.refresh()
    with pytest.raises(Refused) as refused:
        fleet.find({"name": "credit", "version": "1"})
    assert (refused.value.status, refused.value.detail) == (503, "the release was withdrawn")
    assert not fleet.ready
    assert told(world, WITHDRAWN) == [source.why]
    source.why = ""
    fleet.refresh()
    assert fleet.ready
    assert fleet.only() is source.served
    source.why = "the gate has been shut for this model"
    fleet.refresh()
    assert told(world, WITHDRAWN) == [source.why, source.why]  # shut again is news


def test_what_cannot_be_known_leaves_the_last_word_and_is_told(world, fleet, source):
    source.why = "revoked"
    fleet.refresh()
    source.why = SecmlopsError("the ledger cannot be read")
    fleet.refresh()
    assert not fleet.ready
    assert told(world, RELOADED) == ["cannot be kept up: the ledger cannot be read"]


def test_changed_files_raise_one_alarm_for_each_release_and_change(world, fleet, source):
    def alarms() -> int:
        return len(told(world, INTEGRITY))

    source.spoilt = True
    for _ in range(3):
        fleet.refresh()
    assert alarms() == 1
    assert fleet.only() is source.served
    assert fleet.ready
    source.spoilt = False
    fleet.refresh()
    source.spoilt = True
    fleet.refresh()
    assert alarms() == 2
    source.following = world.release("2")
    for _ in range(3):
        fleet.refresh()
    assert alarms() == 3
    assert fleet.only().version == "2"


def test_of_two_versions_one_is_revoked_and_the_other_answers(world):
    sources = [Source(world.release("1")), Source(world.release("2"))]
    fleet = Fleet(sources, world.gateway.alarms)
    sources[0].why = "revoked"
    fleet.refresh()
    assert fleet.find({"name": "credit", "version": "2"}) is sources[1].served
    with pytest.raises(Refused) as refused:
        fleet.find({"name": "credit", "version": "1"})
    assert refused.value.status == 503
    assert not fleet.ready


def test_once_nobody_watches_nothing_answers(fleet, source):
    fleet.withdraw("its release is no longer watched")
    with pytest.raises(Refused) as refused:
        fleet.only()
    assert refused.value.status == 503
    assert not fleet.ready
    fleet.refresh()
    assert fleet.only() is source.served


def test_requests_under_way_keep_the_release_that_they_found(world):
    key = world.grant()
    begun, may_go_on = asyncio.Event(), asyncio.Event()

    async def slow(decider, inputs):
        begun.set()
        await may_go_on.wait()
        return decider(inputs)

    world.gateway.engine.decide = slow
    model = Predictor(tiny_model(), SIGNATURE)
    following = world.release("4")
    world.berth.next = Served(
        "credit", "4", following.release, model, Decider(model), following.validator, following.about
    )

    async def asked():
        return await world.asked("POST", "/v2/models/credit/infer", key, body_of())

    async def scenario():
        first = asyncio.create_task(asked())
        await begun.wait()
        await asyncio.to_thread(world.gateway.fleet.refresh)
        assert world.gateway.fleet.only().version == "4"
        world.berth.why = "revoked"
        await asyncio.to_thread(world.gateway.fleet.refresh)
        may_go_on.set()
        return await first, await asked()

    first, second = world.runner.run(scenario())
    assert (first.status, first.json["model_version"]) == (200, "3")
    assert second.status == 503
    expected = world.predictor.predict(SIGNATURE.encode({"income": [1.5], "amount": [0.5], "purpose": ["car"]}))
    assert np.array_equal([first.json["outputs"][0]["data"]], expected)
