"""Code in the sandbox tries to speak to somebody."""

import json
import socket
from pathlib import Path

import pytest

from secmlops.training.sandbox.isolation import WAIVERS, Requirement
from secmlops.training.sandbox.plan import MECHANISMS
from secmlops.training.sandbox.run import run_isolated, script

ALL_WAIVED = Requirement(seconds=20, accept=tuple(WAIVERS))
CONNECT = """
import json, socket
def reach(family, kind, address):
    try:
        with socket.socket(family, kind) as s:
            s.settimeout(5)
            s.connect(address)
            s.send(b"secret")
        return "reached"
    except OSError as e:
        return type(e).__name__
I, S, D, U = socket.AF_INET, socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.AF_UNIX
(OUT / "r").write_text(json.dumps({"tcp": reach(I, S, ("127.0.0.1", %d)), "udp": reach(I, D, ("127.0.0.1", %d)),
    "unix": reach(U, S, %r), "abstract": reach(U, S, %r)}))
"""


def attempt(tmp_path: Path, mechanisms: tuple[str, ...]) -> dict[str, str]:
    abstract = f"\0secmlops-{tmp_path.name}"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as unix,
        socket.socket(socket.AF_UNIX) as nameless,
    ):
        udp.bind(("127.0.0.1", 0))
        for server, name in ((unix, str(tmp_path / "s")), (nameless, abstract)):
            server.bind(name)
            server.listen()
        code = CONNECT % (tcp.getsockname()[1], udp.getsockname()[1], str(tmp_path / "s"), abstract)
        result = run_isolated(script(code.encode(), r=1000), ALL_WAIVED, mechanisms=mechanisms)
        return json.loads(result.output("r"))


@pytest.mark.parametrize(
    ("mechanisms", "through"),
    [
        (MECHANISMS, set()),
        (("seccomp",), set()),
        (("namespaces",), {"unix"}),
        (("landlock",), {"udp", "unix"}),
        ((), {"tcp", "udp", "unix", "abstract"}),
    ],
    ids=["all", "seccomp", "namespaces", "landlock", "none"],
)
def test_sockets_reach_nobody(tmp_path: Path, mechanisms: tuple[str, ...], through: set[str]) -> None:
    reached = attempt(tmp_path, mechanisms)
    assert {name for name, told in reached.items() if told == "reached"} == through


def test_io_uring_is_no_way_around_the_filter() -> None:
    code = b"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
done = libc.syscall(425, 4, ctypes.create_string_buffer(256))
(OUT / "r").write_text(str(ctypes.get_errno() if done < 0 else 0))
"""
    with_filter = run_isolated(script(code, r=10), Requirement(seconds=20)).output("r")
    without = run_isolated(script(code, r=10), ALL_WAIVED, mechanisms=()).output("r")
    assert with_filter == b"1"
    if without != b"0":
        pytest.skip("this kernel has io_uring switched off anyway")


def test_the_x32_calls_are_no_way_around_the_filter() -> None:
    code = b"""
import ctypes
ctypes.CDLL(None).syscall(0x40000000 | 41, 2, 1, 0)
(OUT / "r").write_text("survived")
"""
    assert "SIGSYS" in str(run_isolated(script(code, r=10), Requirement(seconds=20)).failure)
    assert run_isolated(script(code, r=10), ALL_WAIVED, mechanisms=()).output("r") == b"survived"
