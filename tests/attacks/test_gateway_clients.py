"""Clients of the running gateway: sixteen with different roles at once, and rights that end while they are used."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from kits.running_gateway import UNBOUNDED, RunningGateway, row_body, running, write_settings
from kits.small_project import released_copy
from secmlops.access.keys import Narrowing
from secmlops.gateway.loading import load
from secmlops.serving.record import PredictionRecord
from secmlops.workspace import Workspace

ALL = Narrowing(scopes=("*",), lifetime=timedelta(hours=1))
ROLES = ("caller", "engineer", "validator", "viewer")
OUTPUTS = "outputs: {engineer: {label_only: true}, validator: {digits: 2}}"
SLOW = 1.5
"""Seconds that a change may take: one of ours, and a busy machine."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("clients")
    project = released_copy(tmp_path_factory, folder)
    write_settings(project, f"{UNBOUNDED}, watch: {{enabled: false}}, {OUTPUTS}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECMLOPS_KEYS", str(folder / "keys"))
        with running(project) as one:
            yield one
            assert "Traceback" not in one.log.read_text()


@pytest.fixture
def workspace(gateway: RunningGateway) -> Iterator[Workspace]:
    opened = Workspace(gateway.project)
    yield opened
    opened.traffic.close()
    opened.ledger.close()


def member(workspace: Workspace, name: str, role: str) -> str:
    workspace.administration.set_user(name, [role])
    return workspace.administration.grant(name, ALL)[0]


def body_of(amount: float, name: str) -> bytes:
    return json.dumps({"id": name, **json.loads(row_body(loan_amount=amount))}).encode()


def shown(role: str, scores: Any) -> list[float]:
    """Scores as the role sees them."""
    if role == "engineer":
        return np.eye(2)[scores.argmax()].tolist()
    return (scores.round(2) if role == "validator" else scores).tolist()


def test_sixteen_clients_with_different_roles_at_once_and_no_answer_crosses_over(gateway, workspace) -> None:
    clients = [(f"{role}-{place}", role) for place in range(4) for role in ROLES]
    keys = {name: member(workspace, name, role) for name, role in clients}
    served = load(workspace, workspace.release())
    for name, role in clients:
        gateway.within(SLOW, 401 if role == "viewer" else 200, keys[name])

    def ask(client: tuple[str, str]) -> list[tuple[float, int, dict[str, Any]]]:
        """What came back on one connection, for amounts that nobody else asks about."""
        name, _ = client
        connection, asked = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60), []
        for number in range(25):
            amount = 1000.0 + 500 * clients.index(client) + number
            headers = {"Authorization": f"Bearer {keys[name]}"}
            connection.request("POST", gateway.path, body_of(amount, f"{name}/{number}"), headers)
            response = connection.getresponse()
            asked.append((amount, response.status, json.loads(response.read())))
        connection.close()
        return asked

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(ask, clients))
    for (name, role), asked in zip(clients, answers, strict=True):
        for number, (amount, status, told) in enumerate(asked):
            if role == "viewer":
                assert (status, "outputs" in told) == (401, False)
                continue
            row = {"monthly_income": [2500.0], "loan_amount": [amount], "open_loans": [1], "purpose": ["car"]}
            (scores,) = served.predictor.predict(served.signature.encode(row))
            assert (status, told["id"]) == (200, f"{name}/{number}")
            assert told["outputs"][0]["data"] == pytest.approx(shown(role, scores), abs=1e-6)
            record = PredictionRecord.from_json(workspace.traffic.entry(told["parameters"]["ledger_index"]).data)
            assert (record.identity, record.id) == (f"key:{keys[name][3:15]}", told["parameters"]["prediction_id"])
            assert record.outputs[0] == told["outputs"][0]["data"]


def withdrawn(workspace: Workspace, key: str) -> None:
    workspace.administration.withdraw(key[3:15])


def removed(workspace: Workspace, key: str) -> None:
    workspace.administration.remove_user("leaver")


def lowered(workspace: Workspace, key: str) -> None:
    workspace.administration.set_user("leaver", ["viewer"])


@pytest.mark.parametrize("end", [withdrawn, removed, lowered])
def test_a_right_that_ends_while_four_connections_use_it_ends_on_all_within_a_second(
    gateway: RunningGateway, workspace: Workspace, end: Callable[[Workspace, str], None]
) -> None:
    key = member(workspace, "leaver", "caller")
    gateway.within(SLOW, 200, key)
    stop, ended = threading.Event(), threading.Event()
    late: list[float] = []
    seen: list[int] = []

    def use(key: str) -> list[int]:
        connection, found = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60), list[int]()
        while not stop.is_set():
            connection.request("POST", gateway.path, row_body(), {"Authorization": f"Bearer {key}"})
            sent = time.monotonic()
            response = connection.getresponse()
            response.read()
            found.append(response.status)
            if key != gateway.key and response.status == 200 and ended.is_set():
                late.append(sent - moment)
        connection.close()
        return found

    with ThreadPoolExecutor(5) as pool:
        using = [pool.submit(use, key) for _ in range(4)]
        other = pool.submit(use, gateway.key)
        time.sleep(0.5)
        end(workspace, key)
        moment = time.monotonic()
        ended.set()
        time.sleep(SLOW + 0.5)
        stop.set()
        seen = [status for one in using for status in one.result(30)]
    assert set(seen) == {200, 401}
    assert max(late, default=0.0) < SLOW
    assert set(other.result()) == {200}
