"""A process gives up its privileges for good."""

import subprocess
import sys
from pathlib import Path

from secmlops.training.sandbox import privileges

GIVE_UP = """
import os, sys
from pathlib import Path
from secmlops.training.sandbox import privileges
from secmlops.training.sandbox.syscalls import architecture
privileges.die_with_parent(os.getppid())
before = privileges.gains_none()
privileges.gain_none()
privileges.drop_capabilities(architecture())
status = Path("/proc/self/status").read_text()
held = [line.split()[1] for line in status.splitlines() if line.startswith(("CapEff", "CapPrm", "CapInh"))]
privileges.hide_memory()
print(before, privileges.gains_none(), {int(h, 16) for h in held})
"""
ORPHAN = "import os\nfrom secmlops.training.sandbox import privileges\nprivileges.die_with_parent(1 << 22)"


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_nothing_is_left() -> None:
    done = python(GIVE_UP)
    assert done.stdout.split() == ["False", "True", "{0}"], done.stderr


def test_a_child_whose_parent_is_gone_ends_at_once() -> None:
    assert python(ORPHAN).returncode == -9


def test_this_process_has_kept_its_own() -> None:
    assert privileges.gains_none() is ("NoNewPrivs:\t1" in Path("/proc/self/status").read_text())
