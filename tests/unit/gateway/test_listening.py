"""Listening: bound before anything is promised, on one port for all addresses of a host."""

import socket

import pytest

from secmlops.core.errors import InputError
from secmlops.gateway.listening import is_loopback, listen, port_of


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "localhost.example.org", "127.0.0.1.example.org", ""]
)
def test_not_loopback(host):
    assert not is_loopback(host)


def test_a_free_port_is_known_before_anyone_listens():
    sockets = listen("127.0.0.1", 0)
    try:
        assert len(sockets) == 1
        assert port_of(sockets) > 0
    finally:
        for one in sockets:
            one.close()
    assert port_of([]) == 0


def test_all_addresses_of_a_host_share_the_port(monkeypatch):
    loopback = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", 0)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: loopback)
    sockets = listen("localhost", 0)
    try:
        assert {one.getsockname() for one in sockets} == {(a, port_of(sockets)) for a in ("127.0.0.1", "127.0.0.2")}
    finally:
        for one in sockets:
            one.close()


def test_a_taken_port_is_told_and_nothing_stays_open():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"127.0.0.1:{port}: cannot listen"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "a" * 70, "no host", "x\0y", "..", "256.0.0.1"])
def test_a_host_that_is_not_here_is_told(host, monkeypatch):
    real = socket.getaddrinfo

    def offline(name, *rest, **named):
        if name == "no host" or name == "256.0.0.1":
            raise socket.gaierror(-2, "Name or service not known")
        return real(name, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    with pytest.raises(InputError, match="cannot listen"):
        listen(host, 0)
