"""The watch while serving: what is suspected is answered, told without personal data, and bounded."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from kits.gateway_world import SIGNATURE
from secmlops.core.digest import Digest
from secmlops.detect.clients.alarm import AlarmKind
from secmlops.gateway import clients as module
from secmlops.gateway.clients import Clients
from secmlops.gateway.metrics import Metrics
from secmlops.runtime.signature import Inputs
from secmlops.serving.watch import Query, Suspicion, Watch, WatchAnswer, WatchSettings

KEY = b"k" * 32


@dataclass
class Listener:
    """Stands where the alarms and the limits are, and keeps what it is told."""

    alarms: list = field(default_factory=list)
    tightened: list = field(default_factory=list)

    def alarm(self, control, subject, finding, measures=None):
        self.alarms.append((control, subject, finding, measures))

    def tighten(self, *given):
        self.tightened.append(given)


class Suspects:
    """A watch that suspects what a test says."""

    def __init__(self):
        self.found, self.queries_seen, self.learnt, self.kept = [], [], [], []

    def spares(self, query):
        return query.who == "key:calm"

    def queries(self, queries):
        self.queries_seen.append(len(queries))
        return self.found

    def learn(self, *given):
        self.learnt.append(given)

    def keep(self, models):
        self.kept.append(models)


def suspicion(answer: WatchAnswer, who: str = "key:1") -> Suspicion:
    return Suspicion(who, who, "extraction", "asks too much", answer, 3.5, 120)


def query(who: str = "key:1") -> Query:
    row = Inputs(np.zeros((1, 2), np.float32), np.array([["car"]], object))
    return Query(who, "release", row, np.array([[0.5, 0.5]]), None, 0.0)


def made(watch=None, settings: WatchSettings | None = None):
    settings = settings or WatchSettings()
    listener, metrics = Listener(), Metrics()
    watch = watch or Watch(settings, KEY, np.random.default_rng(1))
    return Clients(watch, settings, listener, listener, metrics), listener, metrics


@pytest.mark.parametrize("answer", list(WatchAnswer))
def test_a_suspicion_is_answered_as_the_settings_say_until_its_end(answer: WatchAnswer) -> None:
    watch = Suspects()
    watch.found = [suspicion(answer)]
    clients, listener, _ = made(watch, WatchSettings(minutes=2, factor=5))
    clients.seen(query())
    clients.look(100.0)
    assert clients.blocked("key:1", 219.9) is (answer is WatchAnswer.BLOCK)
    assert clients.hardened("key:1", 219.9) is (answer is WatchAnswer.HARDEN)
    assert not clients.blocked("key:2", 101.0)
    assert not clients.hardened("key:2", 101.0)
    assert listener.tightened == ([("key:1", 5.0, 100.0, 220.0)] if answer is WatchAnswer.TIGHTEN else [])
    assert not clients.blocked("key:1", 220.0)
    assert not clients.hardened("key:1", 220.0)
    ((control, subject, finding, measures),) = listener.alarms
    assert (control, subject.name, finding.rule) == ("serving.watch", "key:1", "serving.watch.extraction")
    assert (finding.hint, measures) == (f"answered: {answer}", {"strength": 3.5, "requests": 120.0})


def test_one_alarm_of_a_kind_is_raised_while_its_answer_holds() -> None:
    watch = Suspects()
    watch.found = [suspicion(WatchAnswer.ALERT), suspicion(WatchAnswer.ALERT, "key:2")]
    clients, listener, metrics = made(watch, WatchSettings(minutes=2))
    for now in (100.0, 101.0, 219.9, 220.0):
        clients.seen(query())
        clients.look(now)
    assert [subject.name for _, subject, *_ in listener.alarms] == ["key:1", "key:2"] * 2
    assert metrics.events["again", "extraction"] == 4
    watch.found = [replace(suspicion(WatchAnswer.ALERT), kind=AlarmKind.VOLUME)]
    for now in (221.0, 222.0):
        clients.seen(query())
        clients.look(now)
    assert len(listener.alarms) == 6, "each budget that is used up is told"


def test_who_guesses_keys_is_tightened_and_its_address_is_not_told() -> None:
    clients, listener, _ = made(settings=WatchSettings(different=5, failures=10))
    for place in range(20):
        clients.failed("192.0.2.7", f"sk_{place:012x}_{'A' * 43}", float(place))
    assert {who for who, *_ in listener.tightened} == {"address:192.0.2.7"}
    for _, subject, finding, _ in listener.alarms:
        told = f"{subject}{finding}"
        assert "192.0.2" not in told
        assert subject.digest != Digest.of(b"address:192.0.2.7")  # there are few enough addresses to try them all
        assert subject.digest != Digest.of(b"192.0.2.7")


@pytest.mark.parametrize(
    ("status", "counts"), [(404, True), (400, True), (405, True), (401, False), (200, False), (503, False)]
)
def test_who_tries_what_is_there_is_suspected(status: int, counts: bool) -> None:
    clients, listener, _ = made(settings=WatchSettings(different=5, failures=10, scanning=WatchAnswer.BLOCK))
    for place in range(30):
        clients.refused("key:1", f"/admin/{place}", status, float(place))
    assert clients.blocked("key:1", 31.0) is counts
    assert bool(listener.alarms) is counts


def test_more_than_can_be_looked_at_is_passed_over_and_counted(monkeypatch) -> None:
    monkeypatch.setattr(module, "_MOST_WAITING", 100)
    watch = Suspects()
    clients, _, metrics = made(watch)
    for _ in range(130):
        clients.seen(query())
    assert metrics.events["lost", "query"] == 30
    assert [clients.look(float(now)) for now in range(4)] == [True, False, False, False]
    assert watch.queries_seen == [64, 36]


def test_what_the_watch_need_not_see_does_not_wait() -> None:
    watch = Suspects()
    clients, _, _ = made(watch)
    for who in ("key:calm", "key:1", "key:calm"):
        clients.seen(query(who))
    assert not clients.look(0.0)
    assert watch.queries_seen == [1]


def test_a_release_is_learnt_by_its_own_key(world) -> None:
    watch = Suspects()
    clients, _, _ = made(watch)
    clients.learn(world.served)
    assert watch.learnt == [(str(world.served.release), None, SIGNATURE)]
    clients.keep([world.served])
    assert watch.kept == [{str(world.served.release)}]
