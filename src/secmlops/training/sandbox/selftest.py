"""Attempts to break out, made by the child itself before any user code runs: what they find is what is reported."""

import contextlib
import os
import socket
from pathlib import Path

_DISCARD_PORT = 9


def network_blocked() -> bool:
    """Whether no datagram socket can be aimed even at this host.

    A fresh network namespace has its loopback down, so connecting fails there; on a machine that is merely offline the
    loopback is up and the attempt succeeds.
    """
    return not (
        _can_aim(socket.AF_INET, "127.0.0.1")
        or _can_aim(socket.AF_INET6, "::1")
        or _can_aim(socket.AF_INET, "192.0.2.1")
    )


def _can_aim(family: int, host: str) -> bool:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((host, _DISCARD_PORT))
    except OSError:
        return False
    return True


def files_isolated(canary: Path) -> bool:
    """Whether ``canary``, which this user may read and write, cannot be read, nor a file be made beside it."""
    return not (
        _can_open(canary, os.O_RDONLY) or _can_open(canary.with_name("made-by-child"), os.O_CREAT | os.O_WRONLY)
    )


def _can_open(path: Path, flags: int) -> bool:
    try:
        os.close(os.open(path, flags | os.O_CLOEXEC, 0o600))
    except OSError:
        return False
    return True


def processes_blocked() -> bool:
    """Whether this process can neither fork nor send a signal to another."""
    with contextlib.suppress(OSError):
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        return False
    try:
        os.kill(os.getppid() or 1 << 22, 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        return False
    return False
