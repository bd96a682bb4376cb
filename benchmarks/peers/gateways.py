"""Our side of the comparison: projects with a signed release, and the gateway in several set-ups of serving.yaml."""

import json
import re
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from peers.catalogue import Project
from secmlops.access.keys import Narrowing
from secmlops.access.permissions import Action
from secmlops.core.control import Control
from secmlops.core.evidence import Evidence
from secmlops.pipeline import run_pipeline
from secmlops.release.names import GUARD_FILE, HABITS_FILE, MODEL_FILE, SIGNATURE_FILE
from secmlops.workspace import Workspace

FEATURES = 20
ROWS = 4_000
INFER = "/v2/models/bench/infer"
START_SECONDS = 60.0
PROGRAM = "import sys; from secmlops.cli.main import main; main(sys.argv[1:])"
PROJECT = """\
secmlops: 1
name: bench
task: binary_classification
data: {source: table.csv, label: y, positive: 1}
training: {model: MODEL, sandbox: {accept: [no-network-isolation, no-landlock, no-seccomp, no-limits]}}
controls: {assurance.watch: {}}
"""

OPEN = "{rate: 1000000000.0, burst: 1000000000, address_rate: 1000000000.0, address_burst: 1000000000}"
"""Limits that are kept, and that a load client on loopback does not reach."""
ASYNC = f"audit: async\nlimits: {OPEN}\n"
DURABLE = f"audit: durable\nlimits: {OPEN}\n"
LIMITED = (
    f"audit: async\nlimits: {OPEN.replace('rate: 1000000000.0, burst: 1000000000', 'rate: 0.0001, burst: 1', 1)}\n"
)
"""One row is let in, then none for hours; who has no key is told so each time, and not slowed down for guessing."""
LIMITED += "watch: {guessing: alert, scanning: alert}\n"


class _Silence:
    def started(self, control: Control[Any], /) -> None:
        """Nothing is told."""

    def finished(self, evidence: Evidence, reused: bool, /) -> None:
        """Nothing is told."""


def write_table(path: Path) -> None:
    """Rows of independent normal numbers, and a label that depends on all of them."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(ROWS, FEATURES))
    label = (values @ rng.normal(size=FEATURES) + rng.normal(size=ROWS) > 0).astype(int)
    header = ",".join([*(f"x{place}" for place in range(FEATURES)), "y"])
    formats = [*["%.5f"] * FEATURES, "%d"]
    np.savetxt(path, np.column_stack([values, label]), formats, ",", header=header, comments="")


def make_release(folder: Path, kind: str) -> tuple[Workspace, Project]:
    """Project with a signed release of a model of this kind, and its opened parts for servers without a guard."""
    inside = folder / "project"
    inside.mkdir(parents=True)
    write_table(inside / "table.csv")
    (inside / "secmlops.yaml").write_text(PROJECT.replace("MODEL", kind))
    workspace = Workspace(inside)
    results, published = run_pipeline(workspace, _Silence())
    if published is None:
        sys.exit(f"no release: {[obstacle.why for obstacle in results[-1].verdict.obstacles]}")
    opened = workspace.opened(workspace.release())
    for name in (GUARD_FILE, HABITS_FILE):
        if name not in opened:
            print(f"warning: the release has no {name}: what is called fully guarded is not", flush=True)
    parts = {name: folder / name for name in (MODEL_FILE, SIGNATURE_FILE)}
    for name, path in parts.items():
        path.write_bytes(opened[name])
    return workspace, Project(kind, inside / "table.csv", parts[MODEL_FILE], parts[SIGNATURE_FILE])


def grant_key(workspace: Workspace) -> str:
    """API key that may ask for predictions."""
    key, _ = workspace.administration.grant_anyone(
        "benchmark", Narrowing(scopes=(Action.PREDICT,), lifetime=timedelta(hours=3))
    )
    return str(key)


def command(workspace: Workspace, settings: str, folder: Path) -> list[str]:
    """Command that serves the release under these settings, which are written into ``folder``."""
    folder.mkdir(exist_ok=True)
    config = folder / "serving.yaml"
    config.write_text(settings)
    arguments = ["--config", str(config), "--port", "0", "--insecure-no-tls", "-C", str(workspace.folder)]
    return [sys.executable, "-c", PROGRAM, "serve", *arguments]


def port_told(process: subprocess.Popen[bytes], folder: Path) -> int:
    """Port that the gateway says it listens on; ends the benchmark when the gateway ends."""
    end = time.monotonic() + START_SECONDS
    while True:
        told = (folder / "log").read_text()
        if found := re.search(r"^serving: .*:(\d+)/v2", told, re.MULTILINE):
            return int(found[1])
        if process.poll() is not None or time.monotonic() > end:
            sys.exit(f"no gateway: {told[-2000:]}")
        time.sleep(0.005)


def told_events(workspace: Workspace) -> list[dict[str, int]]:
    """What each gateway of the project has counted so far beside its answers: flags, alarms, queries passed over."""
    arguments = ["serve", "status", "--json", "-C", str(workspace.folder)]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True)
    return [dict(one["events"]) for one in json.loads(done.stdout)["running"]]
