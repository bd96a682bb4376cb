"""Namespaces of its own for a process: users, network, System V IPC and process ids (namespaces(7)).

The network namespace holds one interface, loopback, that is down. Process ids: the first child of the caller becomes
process 1, sees nobody else, and takes all its descendants with it when it ends.
"""

import os
from pathlib import Path

from secmlops.training.sandbox.libc import system_call
from secmlops.training.sandbox.syscalls import Architecture

_FLAGS = {"user": 0x10000000, "network": 0x40000000, "ipc": 0x08000000, "pid": 0x20000000}
NAMES = tuple(_FLAGS)


def enter(machine: Architecture) -> None:
    """Move this single-threaded process into fresh namespaces; its next fork is process 1 of the new ids.

    Users and groups keep their numbers, so files belong to whom they belonged. Raises OSError where the machine forbids
    user namespaces, as many containers do.
    """
    user, group = os.geteuid(), os.getegid()
    system_call(machine.number("unshare"), sum(_FLAGS.values()))
    Path("/proc/self/setgroups").write_text("deny", "ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")
