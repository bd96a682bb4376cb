"""Nobody gets what another asked for: sixteen clients at once, and releases that change."""

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from kits.gateway_world import SIGNATURE, UNWATCHED, GatewayWorld, Reply
from secmlops.serving.harden import Hardening
from secmlops.serving.record import PredictionRecord

ROLES = ("caller", "engineer", "validator", "viewer")
OUTPUTS = {"engineer": Hardening(label_only=True), "validator": Hardening(digits=2)}
ROUNDS = 6


@pytest.fixture
def world(tmp_path: Path) -> Iterator[GatewayWorld]:
    made = GatewayWorld(tmp_path, settings=msgspec.structs.replace(UNWATCHED, outputs=OUTPUTS))
    yield made
    made.close()


def body(income: float, name: str) -> bytes:
    tensors = [
        {"name": "income", "shape": [1], "datatype": "FP64", "data": [income]},
        {"name": "amount", "shape": [1], "datatype": "FP64", "data": [0.0]},
        {"name": "purpose", "shape": [1], "datatype": "BYTES", "data": ["other"]},
    ]
    return json.dumps({"id": name, "inputs": tensors}).encode()


def expected(world: GatewayWorld, role: str, income: float) -> list[float]:
    row = SIGNATURE.encode({"income": [income], "amount": [0.0], "purpose": ["other"]})
    scores = world.predictor.predict(row)
    hardening = OUTPUTS.get(role)
    return (scores if hardening is None else hardening.apply(scores, _no_noise)).ravel().tolist()


def _no_noise(_: int) -> None:
    raise AssertionError("no noise was asked for")


def test_sixteen_clients_with_different_roles_at_once_and_no_answer_crosses_over(world: GatewayWorld) -> None:
    world.gateway.engine.active = lambda: 16  # so that they share calls of the model
    clients = [(f"{role} {place}", role) for place in range(4) for role in ROLES]
    keys = {name: world.member(name.replace(" ", "-"), role) for name, role in clients}
    rng = random.Random(7)

    async def client(name: str, role: str) -> list[tuple[float, Reply]]:
        asked = []
        for number in range(ROUNDS):
            income = clients.index((name, role)) / 8 - 1 + number / 1000
            await asyncio.sleep(rng.random() / 200)
            asking = world.asked("POST", "/v2/models/credit/infer", keys[name], body(income, f"{name}/{number}"))
            asked.append((income, await asking))
        return asked

    async def all_at_once() -> list[list[tuple[float, Reply]]]:
        return await asyncio.gather(*(client(*one) for one in clients))

    for (name, role), asked in zip(clients, world.runner.run(all_at_once()), strict=True):
        for number, (income, reply) in enumerate(asked):
            if role == "viewer":
                assert (reply.status, b"outputs" in reply.body) == (401, False)
                continue
            told = reply.json
            assert told["id"] == f"{name}/{number}"
            assert told["outputs"][0]["data"] == pytest.approx(expected(world, role, income), abs=1e-7)
            record = PredictionRecord.from_json(world.traffic.entry(told["parameters"]["ledger_index"]).data)
            assert record.identity == f"key:{keys[name][3:15]}"
            assert record.id == told["parameters"]["prediction_id"]
    assert world.traffic.size == 12 * ROUNDS


def test_while_releases_change_every_answer_names_the_one_that_gave_it(world: GatewayWorld) -> None:
    world.gateway.engine.active = lambda: 16
    key = world.grant()
    releases = {"3": world.served.release}

    async def client(place: int) -> list[Reply]:
        replies = []
        for number in range(ROUNDS):
            replies.append(
                await world.asked("POST", "/v2/models/credit/infer", key, body(place / 8, f"{place}/{number}"))
            )
            await asyncio.sleep(0)
        return replies

    async def change() -> None:
        for version in range(4, 10):
            world.berth.next = world.release(str(version))
            releases[str(version)] = world.berth.next.release
            await asyncio.to_thread(world.gateway.fleet.refresh)
            await asyncio.sleep(0.002)

    async def all_at_once() -> list[list[Reply]]:
        *replies, _ = await asyncio.gather(*(client(place) for place in range(8)), change())
        return replies

    for replies in world.runner.run(all_at_once()):
        for reply in replies:
            assert reply.status == 200
            record = PredictionRecord.from_json(world.traffic.entry(reply.json["parameters"]["ledger_index"]).data)
            assert record.release == str(releases[reply.json["model_version"]])
