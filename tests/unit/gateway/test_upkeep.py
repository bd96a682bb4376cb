"""Upkeep: what is looked at goes on being looked at, and when that ends, nothing that it kept current is answered."""

import asyncio

import pytest

from secmlops.core.errors import SecmlopsError
from secmlops.gateway import upkeep
from secmlops.gateway.presence import Presence, present
from secmlops.gateway.upkeep import kept_up

ABOUT = {"address": "127.0.0.1:8443", "since": "2026-03-01T09:00:00+00:00"}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(upkeep, "INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(upkeep, "PRESENCE_SECONDS", 0.01)


def run(world, presence, scenario):
    async def life():
        async with kept_up(world.gateway, world.rights, presence):
            await scenario()

    world.runner.run(life())


async def until(holds) -> None:
    async with asyncio.timeout(10):
        for _ in iter(lambda: bool(holds()), True):
            await asyncio.sleep(0.005)


def test_rights_releases_clients_and_presence_are_kept_current(world, monkeypatch):
    looks, presence = [], Presence(world.folder / "serving", ABOUT)
    monkeypatch.setattr(world.gateway.clients, "look", looks.append)
    world.berth.next = world.release("4")

    async def scenario():
        assert world.rights.current
        await until(lambda: world.gateway.fleet.only().version == "4")
        await until(lambda: len(looks) >= 3)
        await until(lambda: present(world.folder / "serving"))
        world.berth.why = "revoked"
        await until(lambda: not world.gateway.ready)
        await until(lambda: not present(world.folder / "serving")[0]["ready"])

    run(world, presence, scenario)
    assert present(world.folder / "serving") == []
    assert looks == sorted(looks)


def test_a_revocation_takes_effect_within_a_second(world, monkeypatch):
    monkeypatch.undo()
    key = world.grant()

    async def scenario():
        world.berth.why = "revoked"
        begun = asyncio.get_running_loop().time()
        for _ in range(200):
            if (await world.asked("GET", "/v2/models/credit", key)).status == 503:
                break
            await asyncio.sleep(0.01)
        assert not world.gateway.ready
        assert asyncio.get_running_loop().time() - begun < 1.5  # a second, and a slow machine

    run(world, Presence(world.folder / "serving", ABOUT), scenario)


def test_once_releases_are_no_longer_watched_none_answers(world, caplog):
    key = world.grant()

    def broken(served):
        raise RuntimeError("a fault of ours")

    world.berth.obstacle = broken

    async def scenario():
        await until(lambda: not world.gateway.fleet.ready)
        assert (await world.asked("POST", "/v2/models/credit/infer", key, b"{}")).status == 503
        assert (await world.asked("GET", "/v2/health/ready")).status == 503

    run(world, Presence(world.folder / "serving", ABOUT), scenario)
    assert "releases are no longer watched" in caplog.text


def test_at_the_end_everything_is_on_disk_even_when_the_log_fails(world, monkeypatch):
    closed = []
    monkeypatch.setattr(world.gateway.alarms, "close", lambda: closed.append("alarms"))

    def failing():
        closed.append("recorder")
        raise SecmlopsError("the disk is full")

    async def scenario():
        await until(lambda: present(world.folder / "serving"))

    with monkeypatch.context() as patch:
        patch.setattr(world.gateway.recorder, "close", failing)
        with pytest.raises(SecmlopsError, match="disk is full"):
            run(world, Presence(world.folder / "serving", ABOUT), scenario)
    assert closed == ["recorder", "alarms"]
    assert present(world.folder / "serving") == []
