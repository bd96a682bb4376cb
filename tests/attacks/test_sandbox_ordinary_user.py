"""The sandbox holds for an ordinary user as for root, with user namespaces and, as in many containers, without."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import secmlops

NOBODY = 65534
BECOME_NOBODY = """
import ctypes, json, os, pathlib, sys, sysconfig
libc = ctypes.CDLL(None, use_errno=True)
def must(result):
    if result != 0:
        sys.exit(os.strerror(ctypes.get_errno()))
def hidden(path):
    # the topmost folder on the way that others may not enter
    return next((p for p in reversed(path.parents) if not p.stat().st_mode & 1), None)
base = pathlib.Path(sys.base_prefix)
if folder := hidden(base):
    # show nobody the interpreter alone, in a mount namespace of our own
    must(libc.unshare(0x20000))
    must(libc.mount(None, b"/", None, 0x44000, None))
    kept = os.open(base, os.O_PATH)
    must(libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, b"mode=755"))
    base.mkdir(parents=True)
    must(libc.mount(b"/proc/self/fd/%d" % kept, os.fsencode(base), None, 0x5000, None))
    os.close(kept)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
libc.prctl(4, 1, 0, 0, 0)
from secmlops.training.sandbox.isolation import WAIVERS, Requirement
from secmlops.training.sandbox.plan import MECHANISMS
from secmlops.training.sandbox.run import run_isolated, script
reports = []
for mechanisms in (MECHANISMS, MECHANISMS[1:]):
    result = run_isolated(script(b"(OUT / 'r').write_text('ran')", r=10), Requirement(), mechanisms=mechanisms)
    reports.append({**result.isolation.to_json(), "answer": result.output("r").decode(), "uid": os.getuid()})
print(json.dumps(reports))
"""


def test_it_holds_for_nobody(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("the other tests already run as an ordinary user")
    if any(not p.stat().st_mode & 1 for p in Path(secmlops.__path__[0]).resolve().parents):
        pytest.skip("the project lies in a folder that other users cannot enter")
    tmp_path.chmod(0o777)
    environment = {**os.environ, "TMPDIR": "/tmp", "HOME": "/tmp"}
    done = subprocess.run(
        [sys.executable, "-c", BECOME_NOBODY], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    with_namespaces, without = json.loads(done.stdout)
    for report in (with_namespaces, without):
        assert report["uid"] == NOBODY
        assert report["answer"] == "ran"
        for name in ("landlock", "seccomp", "limits", "network_blocked", "files_isolated", "processes_blocked"):
            assert report[name], name
    assert without["namespaces"] is False
