"""Landlock: a process gives up, for good, every file and TCP port but the ones it names.

Kernel documentation: userspace-api/landlock.rst. ABI 1 is Linux 5.13; 2 adds moving between folders, 3 truncation,
4 TCP, 5 device ioctls, 6 scopes (signals and abstract sockets). Not governed by any ABI so far: the metadata of files
(stat, chmod, chown, utime); the seccomp filter takes the changing ones.
"""

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from secmlops.training.sandbox.libc import address_of, system_call

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_VERSION_FLAG = 1
_PATH_BENEATH = 1

WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
REMOVE_DIR = 1 << 4
REMOVE_FILE = 1 << 5
MAKE_DIR = 1 << 7
MAKE_REGULAR = 1 << 8
REFER = 1 << 13
TRUNCATE = 1 << 14

_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_TCP_BIND_AND_CONNECT = 0b11
_SCOPE_SOCKETS_AND_SIGNALS = 0b11

READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REGULAR | REFER
_ON_A_FILE = READ_FILE | WRITE_FILE | TRUNCATE


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """Landlock ABI of the running kernel; 0 when it has none or it is switched off."""
    try:
        return system_call(_CREATE, 0, 0, _VERSION_FLAG)
    except OSError:
        return 0


def restrict(version: int, readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Leave this process ``readable`` to read and ``writable`` to change, and no TCP where the ABI governs it.

    Paths that do not exist are passed over: there is nothing to allow. Needs no_new_privs; raises OSError.
    """
    handled = (1 << _RIGHTS_BY_ABI.get(version, 16)) - 1
    ruleset = _Ruleset(
        handled, _TCP_BIND_AND_CONNECT if version >= 4 else 0, _SCOPE_SOCKETS_AND_SIGNALS if version >= 6 else 0
    )
    size = 8 * (1 + (version >= 4) + (version >= 6))
    descriptor = system_call(_CREATE, address_of(ruleset), size, 0)
    try:
        for path in readable:
            _allow(descriptor, path, READ & handled)
        for path in writable:
            _allow(descriptor, path, WRITE & handled)
        system_call(_RESTRICT, descriptor, 0)
    finally:
        os.close(descriptor)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _ON_A_FILE
        rule = _PathBeneath(rights, parent)
        system_call(_ADD_RULE, ruleset, _PATH_BENEATH, address_of(rule), 0)
    finally:
        os.close(parent)
