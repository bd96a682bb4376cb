"""Fresh namespaces hide other processes and every network."""

import os
import subprocess
import sys

import pytest

from secmlops.training.sandbox.isolation import WAIVERS, Requirement
from secmlops.training.sandbox.run import run_isolated, script

LOOK = b"""
import os, socket
aimed = "network"
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("127.0.0.1", 9))
except OSError as e:
    aimed = "no network"
(OUT / 'r').write_text(f"{os.getpid()} {os.getppid()} {os.getuid()} {aimed}")
"""
ENTER = """
import os
from secmlops.training.sandbox import namespaces
from secmlops.training.sandbox.syscalls import architecture
users = os.readlink("/proc/self/ns/user")
namespaces.enter(architecture())
print(users != os.readlink("/proc/self/ns/user"), os.getuid())
"""


def test_a_child_is_process_1_and_alone() -> None:
    asked = Requirement(accept=tuple(WAIVERS))
    result = run_isolated(script(LOOK, r=99), asked, mechanisms=("namespaces",))
    if not result.isolation.namespaces:
        pytest.skip(f"no user namespaces here: {result.isolation.troubles}")
    assert result.output("r").decode() == f"1 0 {os.getuid()} no network"
    without = run_isolated(script(LOOK, r=99), asked, mechanisms=())
    assert without.output("r").endswith(b" network")
    assert not without.output("r").endswith(b"no network")


def test_users_keep_their_numbers() -> None:
    done = subprocess.run([sys.executable, "-c", ENTER], capture_output=True, text=True, check=False)
    if "PermissionError" in done.stderr or "No space left" in done.stderr:
        pytest.skip("no user namespaces here")
    assert done.stdout.split()[0] == "True", done.stderr
