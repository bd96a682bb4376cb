"""An erasure that is killed, in the middle of destroying too, is finished by the next start."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from secmlops.cli import status
from secmlops.data_subject.erasure import finish_erasures
from secmlops.data_subject.holding import find_person
from secmlops.data_subject.record import pending_intents
from secmlops.ledger.audit import audit
from secmlops.pipeline import Silence
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace

YAML = """\
secmlops: 1
name: tiny
task: binary_classification
data: {source: t.csv, label: y, positive: 1, subject_id: who, protect: {who: pseudonymise}}
training: {model: logistic_regression}
"""
TABLE = "who,a,b,y\n" + "".join(
    f"P-{i // 2:03d},{i * 7 % 31 + 0.5},{'uvw'[i % 3]},{int(i * 5 % 7 > 2)}\n" for i in range(80)
)
KILLED = """
    import os, signal, sys
    from pathlib import Path
    from secmlops.core.stage import Stage
    from secmlops.data_subject.erasure import erase_person
    from secmlops.data_subject.holding import find_person
    from secmlops.pipeline import Silence, run_pipeline
    from secmlops.vault.local import LocalObjectStore
    from secmlops.workspace import Workspace

    workspace, left = Workspace(Path(sys.argv[1])), int(sys.argv[2])
    run_pipeline(workspace, Silence(), Stage.DATA)
    holding, real = find_person(workspace, "P-003"), LocalObjectStore.delete

    def delete(*arguments):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments)

    LocalObjectStore.delete = delete
    erase_person(workspace, holding, Silence())
"""


@pytest.mark.parametrize("deletions", [1, 6])
def test_an_erasure_killed_while_it_destroys_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deletions: int
) -> None:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "secmlops.yaml").write_text(YAML, encoding="utf-8")
    (folder / "t.csv").write_text(TABLE, encoding="utf-8")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(folder), str(deletions)]
    killed = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, env=plain)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    workspace = Workspace(folder)
    (intent,) = pending_intents(workspace.book.all())
    told = CliRunner().invoke(status.command, ["-C", str(folder), "--json"], standalone_mode=False)
    assert json.loads(told.stdout)["erasures"] == [intent.entry]
    (done,) = finish_erasures(workspace, Silence())
    assert done.done
    assert find_person(workspace, "P-003").nothing
    assert not any(workspace.vault.has(digest, "source") for digest in intent.sources)
    assert audit(workspace.ledger_storage(), workspace.keys.ring().keys(Role.LOG), workspace.origin).ok
