"""The running server, over real sockets: strangers, smugglers, slow clients, floods, and a stop under load."""

import contextlib
import gzip
import json
import random
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kits.running_gateway import UNBOUNDED, RunningGateway, row_body, running, statuses, write_settings
from kits.small_project import released_copy
from secmlops.gateway.app import ROUTES
from secmlops.gateway.routes import PUBLIC

CLOSE = "Connection: close\r\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a released project and its keys; limits that are out of the way."""
    folder = tmp_path_factory.mktemp("wire")
    write_settings(released_copy(tmp_path_factory, folder), f"{UNBOUNDED}, watch: {{enabled: false}}")
    return folder


@pytest.fixture(scope="module")
def gateway(made: Path) -> Iterator[RunningGateway]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECMLOPS_KEYS", str(made / "keys"))
        with running(made / "project") as one:
            yield one
            assert "Traceback" not in one.log.read_text()


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy for a gateway that is stopped or misconfigured."""
    shutil.copytree(made, tmp_path / "copy")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "copy" / "keys"))
    return tmp_path / "copy" / "project"


def test_every_route_but_health_is_shut_to_strangers(gateway: RunningGateway) -> None:
    names = {"name": "small", "version": "1", "which": "0"}
    for rule in ROUTES:
        path = rule.path.format(**names)
        answer = gateway.talk(f"{rule.method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
        assert statuses(answer) == [200 if (rule.method, rule.path) in PUBLIC else 401], path


SMUGGLED = {
    "two lengths": "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "a length and chunks": "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "another coding": "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a folded line": "X: a\r\n Content-Length: 5\r\nContent-Length: 0\r\n\r\n",
    "a bare LF": "X: a\nContent-Length: 0\r\n\r\n",
    "a bare CR": "X: a\rContent-Length: 0\r\n\r\n",
    "a NUL": "X: a\0b\r\nContent-Length: 0\r\n\r\n",
    "a space before the colon": "Content-Length : 0\r\n\r\n",
}


@pytest.mark.parametrize("rest", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_what_could_be_read_in_two_ways_is_refused_and_ends_the_connection(gateway, rest) -> None:
    head = f"POST {gateway.path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.key}\r\n"
    hidden = f"GET /v2 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.key}\r\n\r\n"
    assert statuses(gateway.talk((head + rest + hidden).encode())) == [400]


@pytest.mark.parametrize(
    "name", ["..%2f..%2fetc", "%00", "..", "%0d%0aSet-Cookie:a=b", "%ff%fe", "a" * 9000, "small%2finfer"]
)
def test_a_name_that_plays_tricks_names_no_model(gateway, name) -> None:
    answer = gateway.talk(gateway.request(more=CLOSE, path=f"/v2/models/{name}/infer"))
    assert statuses(answer)[0] in {400, 404}
    assert b"set-cookie" not in answer.lower()


def test_an_absolute_target_and_http_1_0_are_the_same_request(gateway) -> None:
    absolute = gateway.request(more=CLOSE, path=f"http://127.0.0.1:{gateway.port}{gateway.path}")
    assert statuses(gateway.talk(absolute)) == [200]
    assert gateway.talk(gateway.request().replace(b"HTTP/1.1", b"HTTP/1.0")).startswith(b"HTTP/1.1 200")


def test_a_hundred_requests_in_one_piece_are_answered_in_their_order(gateway) -> None:
    alone = [gateway.talk(gateway.request(row_body(loan_amount=1000.0 * i), CLOSE)) for i in range(3)]
    sent = b"".join(gateway.request(row_body(loan_amount=1000.0 * (i % 3))) for i in range(99))
    answers = gateway.talk(sent + gateway.request(more=CLOSE)).split(b"HTTP/1.1 ")[1:]
    assert [outputs(answer) for answer in answers[:99]] == [outputs(alone[i % 3]) for i in range(99)]
    assert len(answers) == 100


def outputs(answer: bytes) -> list[dict[str, Any]]:
    return json.loads(answer.partition(b"\r\n\r\n")[2])["outputs"]


def probabilities(answer: bytes) -> list[float]:
    (tensor,) = (one for one in outputs(answer) if one["name"] == "probabilities")
    return tensor["data"]


def test_who_waits_for_a_word_to_go_on_gets_it_only_when_let_in(gateway) -> None:
    expecting = f"Expect: 100-continue\r\n{CLOSE}"
    assert statuses(gateway.talk(gateway.request(more=expecting))) == [100, 200]
    assert statuses(gateway.talk(gateway.request(more=expecting, key="sk_wrong"))) == [401]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"])
def test_other_methods_are_not_offered_and_echo_nothing(gateway, method) -> None:
    head = f"{method} /v2 HTTP/1.1\r\nHost: x\r\n{CLOSE}Authorization: Bearer {gateway.key}\r\n\r\n"
    answer = gateway.talk(head.encode())
    assert statuses(answer) == [405]
    assert gateway.key.encode() not in answer


def test_a_bomb_is_put_out_early(gateway) -> None:
    bomb = gzip.compress(b"0" * 2**26)
    begun = time.monotonic()
    assert statuses(gateway.talk(gateway.request(bomb, f"{CLOSE}Content-Encoding: gzip\r\n"))) == [400]
    assert time.monotonic() - begun < 5


def test_one_address_cannot_take_every_place(gateway) -> None:
    """A slow client on each place of its own address keeps nobody else out."""
    slow: list[socket.socket] = []
    try:
        for _ in range(200):
            slow.append(gateway.connect())
            slow[-1].sendall(b"G")
        assert statuses(gateway.talk(gateway.request(more=CLOSE), source="127.0.0.2")) == [200]
        assert statuses(gateway.talk(gateway.request(more=CLOSE)))[:1] in ([429], [])  # cut off in the middle at worst
    finally:
        for one in slow:
            one.close()
    deadline = time.monotonic() + 10
    while statuses(gateway.talk(gateway.request(more=CLOSE))) != [200]:
        assert time.monotonic() < deadline


def test_sixteen_clients_at_once_each_get_their_own_answer(gateway) -> None:
    bodies = [row_body(loan_amount=500.0 * (i + 1), open_loans=i % 4) for i in range(16)]
    alone = [probabilities(gateway.talk(gateway.request(body, CLOSE))) for body in bodies]
    assert np.diff(np.sort([one[0] for one in alone])).min() > 1e-4

    def ask(number: int) -> float:
        """Distance of the answers from the one that a lone client gets: a batch rounds in another order."""
        answers = gateway.talk(gateway.request(bodies[number]) * 30 + gateway.request(bodies[number], CLOSE))
        got = [probabilities(answer) for answer in answers.split(b"HTTP/1.1 ")[1:]]
        assert len(got) == 31
        return float(np.abs(np.array(got) - alone[number]).max())

    with ThreadPoolExecutor(16) as clients:
        assert max(clients.map(ask, range(16))) < 1e-6


@pytest.mark.parametrize("workers", [1, 2])
def test_told_to_stop_under_load_it_fails_no_request(project, workers) -> None:
    with running(project, "--workers", str(workers)) as one:
        stop, answered, failed = threading.Event(), list[int](), list[str]()

        def ask() -> None:
            """One request after another on a connection that is kept, until no new one can be made."""
            connection = None
            while not stop.is_set():
                try:
                    connection = connection or one.connect()
                except ConnectionRefusedError:
                    return
                connection.sendall(one.request())
                answer = connection.recv(65536)
                answered.extend(statuses(answer))
                if not answer:
                    failed.append("no answer")
                if b"connection: close" in answer or not answer:
                    connection.close()
                    connection = None

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(1.0)
        assert one.stop() == 0
        stop.set()
        for thread in threads:
            thread.join(30)
        assert "Traceback" not in one.log.read_text()
    assert (failed, set(answered)) == ([], {200})
    assert len(answered) > 50


def test_damaged_requests_get_no_500_no_silence_and_no_memory(gateway: RunningGateway) -> None:
    """A few hundred here; twenty thousand were sent once by hand."""
    chance = random.Random(11)
    whole = gateway.request()
    before = resident_mib(gateway)
    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(damaged))
            damaged[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        with gateway.connect() as connection, contextlib.suppress(ConnectionResetError):
            connection.sendall(damaged)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(0.05)  # what was cut short is waited for
            with contextlib.suppress(TimeoutError):
                assert statuses(connection.recv(65536)) in ([], [200], [400], [401], [404], [405], [413], [415], [431])
    assert statuses(gateway.talk(gateway.request(more=CLOSE))) == [200]
    assert resident_mib(gateway) < before + 10


def resident_mib(gateway: RunningGateway) -> float:
    status = Path(f"/proc/{gateway.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
