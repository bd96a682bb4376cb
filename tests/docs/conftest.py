"""The pages, read; and a shell in which their commands run: real commands, in a folder of their own."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kits.light import CONTROLS
from kits.made_once import made_once

ROOT = Path(__file__).resolve().parents[2]
QUICK = Path(__file__).with_name("quick_secmlops.py")
REAL = Path(sys.executable).with_name("secmlops")
PAGES = (ROOT / "README.md", *sorted(p for p in (ROOT / "docs").rglob("*.md") if p.parent.name != "adr"))
PORT = "8443"

PRELUDE = """\
set -euo pipefail
secmlops() {{
  command secmlops "$@" || return $?
  if [ "$1" = init ]; then
    # the same way as a reader's, with a model that is made, and attacked, at once
    sed -i -e 's/gradient_boosting/logistic_regression/' -e 's/{documented}/{port}/' "$2/secmlops.yaml"
    echo '{light}' >> "$2/secmlops.yaml"
  fi
}}
expect() {{
  local want=$1 got=0
  shift
  "$@" || got=$?
  [ "$got" = "$want" ] || {{ echo "ended with $got, not with $want: $*" >&2; exit 99; }}
}}
start_gateway() {{
  "{real}" serve "$@" > gateway.log 2>&1 &
  local gateway=$!
  trap "kill $gateway || true" EXIT
  for _ in $(seq 300); do
    if curl --silent --insecure --output /dev/null https://localhost:{port}/v2/health/live; then return; fi
    kill -0 $gateway || break
    sleep 0.1
  done
  cat gateway.log >&2
  exit 98
}}
"""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its title if it has one, its text."""

    language: str
    title: str
    text: str


def blocks_of(page: Path) -> tuple[Block, ...]:
    """Fenced blocks of a page, in order."""
    found = re.findall(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return tuple(Block(*one) for one in found)


@dataclass(frozen=True)
class Desk:
    """A folder to work in, its keys, and the shell."""

    folder: Path
    keys: Path
    programs: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of whoever runs the tests but the path of programs."""
        path = f"{self.programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        home = str(self.folder.parent)
        threads = os.environ["OMP_NUM_THREADS"]
        given = {"PATH": path, "HOME": home, "LANG": "C.UTF-8", "OMP_NUM_THREADS": threads}
        return {**given, "SECMLOPS_KEYS": str(self.keys), **more}

    def run(self, script: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run ``script`` with bash; standard output and error come together."""
        return subprocess.run(
            ["bash", "-c", script],
            check=False,
            cwd=self.folder,
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=280,
        )


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder with a quick ``secmlops`` for the shell."""
    folder = tmp_path_factory.mktemp("programs")
    place = f"/tmp/secmlops-docs-{os.getpid()}.sock"  # the path of a socket has at most 107 characters
    program = folder / "secmlops"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{QUICK}" ask "{place}" "$@"\n', "utf-8")
    program.chmod(0o755)
    server = subprocess.Popen([sys.executable, str(QUICK), "serve", place], stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield folder
    finally:
        server.kill()
        server.wait()
        if server.stdout:
            server.stdout.close()
        Path(place).unlink(missing_ok=True)


@pytest.fixture(scope="session")
def port() -> str:
    """A port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture(scope="session")
def prelude(port: str) -> str:
    """What stands before the commands of every page."""
    return PRELUDE.format(documented=PORT, port=port, real=REAL, light=CONTROLS)


@pytest.fixture(scope="session")
def released(programs: Path, prelude: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with ``keys`` and the project ``loans``, which has one release. To be copied, not changed."""

    def release(folder: Path) -> None:
        commands = "secmlops init loans --template credit-risk\nsecmlops run --folder loans --json"
        done = Desk(folder, folder / "keys", programs).run(f"{prelude}\n{commands}")
        assert done.returncode == 0, done.stdout

    return made_once(tmp_path_factory, "documented", release)


@pytest.fixture
def desk(released: Path, programs: Path, port: str, tmp_path: Path) -> Callable[[], Desk]:
    """Make a desk in the folder of a project with a release, all of it a copy, and a port of this worker's own."""

    def make() -> Desk:
        shutil.copytree(released, tmp_path, dirs_exist_ok=True)
        project = tmp_path / "loans" / "secmlops.yaml"
        project.write_text(re.sub(r"port: \d+", f"port: {port}", project.read_text("utf-8")), "utf-8")
        return Desk(tmp_path / "loans", tmp_path / "keys", programs)

    return make


@pytest.fixture(params=PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def page(request: pytest.FixtureRequest) -> Path:
    """Each page of the documentation."""
    return Path(request.param)
