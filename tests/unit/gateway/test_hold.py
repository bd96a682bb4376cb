"""A refusal that stands: for whom, until when, and in which bytes."""

import http.client
import io
import json

import pytest

from kits.gateway_world import GatewayWorld
from secmlops.gateway.hold import LONGEST_S, Hold, message_of
from secmlops.gateway.responses import problem
from secmlops.serving.limits import LimitSettings
from secmlops.serving.settings import ServingSettings


def test_it_covers_the_same_credentials_until_its_time():
    hold = Hold(5.0, b"a", b"", lambda: None)
    assert [hold.covers(b"a", 4.9), hold.covers(b"a", 5.0), hold.covers(b"b", 4.9), hold.covers(None, 4.9)] == [
        True, False, False, False,
    ]  # fmt: skip


class Wire:
    """What http.client reads from."""

    def __init__(self, data):
        self._data = data

    def makefile(self, mode):
        return io.BytesIO(self._data)


def test_the_message_is_the_response():
    response = problem(429, "too many rows", ((b"retry-after", b"7"),))
    read = http.client.HTTPResponse(Wire(message_of(response)))
    read.begin()
    assert (read.status, read.getheader("retry-after"), read.getheader("cache-control")) == (429, "7", "no-store")
    assert json.loads(read.read())["detail"] == "too many rows"


@pytest.mark.parametrize(
    "limits", [LimitSettings(rate=0.01, burst=1), LimitSettings(address_rate=0.01, address_burst=1)]
)
def test_the_door_holds_back_who_is_over_a_limit_for_a_second_at_most(tmp_path, limits, monkeypatch):
    world = GatewayWorld(tmp_path, settings=ServingSettings(limits=limits))
    holds = []
    monkeypatch.setattr("kits.gateway_world.EXTRA_SCOPE", {"hold": holds.append})
    monkeypatch.setattr("secmlops.gateway.door.monotonic", lambda: 1000.0)
    key = world.grant()
    assert [world.infer(key).status for _ in range(2)] == [200, 429]
    (hold,) = holds
    assert (hold.until, hold.credentials) == (1000.0 + LONGEST_S, f"Bearer {key}".encode())
    assert hold.message.startswith(b"HTTP/1.1 429 ")
    hold.tell()
    assert world.gateway.metrics.statuses[429] == 2
    assert world.gateway.metrics.events["limited", "connection"] == 1
    world.close()
