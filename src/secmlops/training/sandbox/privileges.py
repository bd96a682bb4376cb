"""What a process gives up about itself: new privileges, its capabilities, outliving its parent, being looked into."""

import ctypes
import os
import signal

from secmlops.training.sandbox.libc import address_of, prctl, system_call
from secmlops.training.sandbox.syscalls import Architecture

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_PR_GET_NO_NEW_PRIVS = 39
_CAPABILITY_VERSION_3 = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("words", ctypes.c_uint32 * 6),)


def die_with_parent(parent: int | None = None) -> None:
    """Ask the kernel to kill this process when its parent ends; ends at once if ``parent`` is already gone."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def gain_none() -> None:
    """Set no_new_privs: no set-user-id program or file capability ever adds a right (prctl(2))."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def gains_none() -> bool:
    """Whether no_new_privs is set."""
    return prctl(_PR_GET_NO_NEW_PRIVS) == 1


def hide_memory() -> None:
    """Refuse core dumps, and other processes of this user a look into our memory."""
    prctl(_PR_SET_DUMPABLE, 0)


def drop_capabilities(machine: Architecture) -> None:
    """Give up every capability (capabilities(7)): root becomes an ordinary owner of files. Raises OSError."""
    header, sets = _Header(_CAPABILITY_VERSION_3, 0), _Sets()
    system_call(machine.number("capset"), address_of(header), address_of(sets))
