"""``secmlops audit``: the ledger is shown, verified, proved and exported; a changed row is found."""

import json
import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from secmlops.access.keys import Narrowing
from secmlops.access.permissions import Action
from secmlops.core.digest import Digest
from secmlops.gateway.recorder import Durability, Recorder
from secmlops.ledger.anchor import ANCHOR
from secmlops.lifecycle.plan import BUILT_IN
from secmlops.workspace import Workspace

ENTRIES = len(BUILT_IN) + len({control.partition(".")[0] for control in BUILT_IN}) + 1
"""The evidence of every control, the verdict of every stage, and the publication."""


def change(folder: Path, statement: str, log: str = "ledger.db") -> None:
    with sqlite3.connect(folder / ".secmlops" / log) as connection:
        assert connection.execute(statement).rowcount > 0
    connection.close()


def test_of_an_empty_log_is_said_what_will_fill_it(tiny: Path, secmlops) -> None:
    said = secmlops("audit", "log", "-C", tiny)
    assert (said.code, said.out) == (0, "the evidence log is empty: secmlops run puts its evidence there\n")


def test_the_log_is_shown(small_project: Path, secmlops) -> None:
    said = secmlops("audit", "log", "-C", small_project, "--last", 3)
    assert said.code == 0
    assert "gate.release passed" in said.out
    assert "release.publish passed" in said.out
    data = secmlops("audit", "log", "-C", small_project, "--json").data
    assert data["size"] == len(data["entries"]) == ENTRIES
    assert data["origin"].startswith("secmlops.local/credit-risk/")


def test_a_genuine_ledger_is_sound(small_project: Path, secmlops) -> None:
    said = secmlops("audit", "verify", "-C", small_project)
    assert said.code == 0
    assert f"the evidence log is sound: {ENTRIES} entries" in said.out
    assert "the traffic log is empty" in said.out
    data = secmlops("audit", "verify", "-C", small_project, "--json").data
    assert data["logs"] == {
        "evidence": {"size": ENTRIES, "entries": ENTRIES, "ok": True},
        "traffic": {"size": 0, "entries": 0, "ok": True},
    }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET data = CAST(replace(data, 'A', 'B') AS BLOB) WHERE idx = 4",
        "UPDATE entries SET kind = 'other' WHERE idx = 4",
        "DELETE FROM entries WHERE idx = 4",
        "DELETE FROM entries WHERE idx >= 17",
    ],
)
def test_a_row_changed_by_hand_is_found_and_everything_stops(project: Path, statement: str, secmlops) -> None:
    change(project, statement)
    said = secmlops("audit", "verify", "-C", project, "--json")
    assert said.code == 1
    assert said.data["ok"] is False
    assert said.data["findings"]
    assert "✗" in secmlops("audit", "verify", "-C", project).out
    ran = secmlops("run", "-C", project)
    assert ran.code == 1, "a ledger that was changed is not built upon"
    assert ran.err.startswith("error:")


def test_an_earlier_checkpoint_uncovers_a_rollback(project: Path, tmp_path: Path, secmlops) -> None:
    rolled_back = shutil.copytree(project, tmp_path / "rolled back")
    Workspace(project).ledger.append([("note", b"more")])
    assert secmlops("audit", "export", tmp_path / "kept", "-C", project).code == 0
    checkpoint = tmp_path / "kept" / "checkpoint"
    assert secmlops("audit", "verify", "-C", project, "--earlier", checkpoint).code == 0
    assert secmlops("audit", "verify", "-C", rolled_back).code == 0, "it is sound in itself"
    assert secmlops("audit", "verify", "-C", rolled_back, "--earlier", checkpoint).code == 1


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe", b"secmlops.local/x\n1\nAAAA\n\n"])
def test_an_earlier_checkpoint_that_is_none_is_refused(small_project, tmp_path: Path, content: bytes, secmlops) -> None:
    file = tmp_path / "checkpoint"
    file.write_bytes(content)
    assert secmlops("audit", "verify", "-C", small_project, "--earlier", file).code in (1, 2)


def test_a_proof_is_printed_or_written(small_project: Path, tmp_path: Path, secmlops) -> None:
    printed = secmlops("audit", "prove", 0, "-C", small_project)
    file = tmp_path / "proof"
    secmlops("audit", "prove", 0, "-C", small_project, "--output", file)
    assert printed.out == file.read_text(encoding="utf-8")
    assert secmlops("audit", "prove", 0, "-C", small_project, "--json").data["receipt"] == printed.out


def test_an_index_that_does_not_exist_is_the_users_error(small_project: Path, tmp_path: Path, secmlops) -> None:
    said = secmlops("audit", "prove", 10_000, "-C", small_project)
    assert said.code == 2
    assert "10000" in said.err or "10,000" in said.err
    assert secmlops("audit", "prove", -1, "-C", small_project).code == 2
    assert secmlops("audit", "prove", 0, "-C", small_project, "--output", tmp_path / "no" / "folder").code == 2


def test_an_export_holds_tiles_checkpoint_and_public_keys(small_project: Path, tmp_path: Path, secmlops) -> None:
    said = secmlops("audit", "export", tmp_path / "out", "-C", small_project)
    assert said.code == 0
    assert f"{ENTRIES} entries of secmlops.local/credit-risk/" in said.out
    assert (tmp_path / "out" / "checkpoint").is_file()
    assert list((tmp_path / "out" / "tile").rglob("*.p"))
    assert json.loads((tmp_path / "out" / "trust.json").read_bytes())
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert secmlops("audit", "export", tmp_path / "file", "-C", small_project).code == 2


def test_a_project_that_never_ran_has_an_empty_sound_ledger(tiny: Path, secmlops) -> None:
    for verb in ("log", "verify"):
        said = secmlops("audit", verb, "-C", tiny)
        assert said.code in (0, 2), said
        assert "Errno" not in said.err


@dataclass(frozen=True)
class Model:
    digest: Digest


@dataclass(frozen=True)
class Served:
    release: Digest
    predictor: Model


def predict(folder: Path, count: int = 3) -> list[str]:
    """Put predictions on record as the gateway does; returns their ids."""
    workspace = Workspace(folder)
    served = Served(Digest.of(b"release"), Model(Digest.of(b"model")))
    recorder = Recorder(workspace.traffic, workspace.ledger, workspace.clock, Durability.ASYNC)
    ids = [recorder.record("key:ada", served, b"asked", np.array([[0.25, 0.75]])).id for _ in range(count)]
    recorder.close()
    workspace.remember()
    workspace.traffic.close()
    workspace.ledger.close()
    return ids


def test_predictions_are_shown_proved_and_exported_from_a_log_of_their_own(
    tiny: Path, tmp_path: Path, secmlops
) -> None:
    assert secmlops("audit", "log", "--log", "traffic", "-C", tiny).code == 2, "nothing was served yet"
    ids = predict(tiny)
    data = secmlops("audit", "log", "--log", "traffic", "-C", tiny, "--json").data
    assert [entry["kind"] for entry in data["entries"]] == ["prediction"] * 3
    assert "1 row by model" in data["entries"][0]["says"]
    assert data["origin"].endswith("/traffic")
    evidence = secmlops("audit", "log", "-C", tiny).out
    assert "prediction" not in evidence
    assert "the traffic log had 0 entries" in evidence
    assert "the traffic log had 3 entries" in evidence
    by_id, by_index = tmp_path / "id.tlog-proof", tmp_path / "index.tlog-proof"
    assert secmlops("audit", "prove", ids[1], "-C", tiny, "--output", by_id).code == 0
    assert secmlops("audit", "prove", 1, "--log", "traffic", "-C", tiny, "--output", by_index).code == 0
    for receipt in (by_id, by_index):
        said = secmlops("verify", receipt, "--json").data
        assert said["verified"]
        assert said["facts"]["prediction"]["id"] == ids[1]
    assert secmlops("audit", "prove", "0" * 32, "-C", tiny).code == 2
    said = secmlops("audit", "export", tmp_path / "out", "--log", "traffic", "-C", tiny)
    assert "3 entries of secmlops.local/" in said.out
    said = secmlops("audit", "verify", "-C", tiny)
    assert said.code == 0, said.out
    assert "the traffic log is sound: 3 entries" in said.out
    assert secmlops("audit", "verify", "--earlier", tmp_path / "out" / "checkpoint", "-C", tiny).code == 0


def rules(secmlops, project: Path) -> set[str]:
    said = secmlops("audit", "verify", "-C", project, "--json")
    assert said.code == 1
    return {finding["rule"] for finding in said.data["findings"]}


def test_a_traffic_log_that_is_gone_or_begun_anew_is_found(tiny: Path, secmlops) -> None:
    predict(tiny)
    kept = [path for path in (tiny / ".secmlops").glob("traffic.db*") if path.unlink() is None]
    assert kept
    assert rules(secmlops, tiny) == {"ledger.log-missing"}
    shutil.rmtree(Path(os.environ["SECMLOPS_KEYS"]) / "checkpoints")  # even where nothing is remembered
    assert rules(secmlops, tiny) == {"ledger.log-missing"}
    predict(tiny, 5)
    assert "ledger.rewritten" in rules(secmlops, tiny)


def test_a_prediction_changed_by_hand_is_found_in_the_traffic_log(tiny: Path, secmlops) -> None:
    predict(tiny)
    change(tiny, "UPDATE entries SET data = CAST(replace(data, 'ada', 'bob') AS BLOB) WHERE idx = 1", "traffic.db")
    assert rules(secmlops, tiny) >= {"ledger.root-mismatch", "ledger.entry-changed"}
    assert secmlops("audit", "verify", "--log", "evidence", "-C", tiny).code == 0
    assert secmlops("audit", "verify", "--log", "traffic", "-C", tiny).code == 1


def test_a_forged_anchor_is_found(tiny: Path, secmlops) -> None:
    predict(tiny)
    workspace = Workspace(tiny)
    workspace.ledger.append([(ANCHOR, workspace.ledger.checkpoint())])
    workspace.ledger.close()
    assert rules(secmlops, tiny) == {"ledger.anchor-forged"}
    assert "forged: a checkpoint of another log" in secmlops("audit", "log", "-C", tiny).out


def test_changes_of_rights_say_what_they_are(tiny: Path, secmlops) -> None:
    workspace = Workspace(tiny)
    key, _ = workspace.administration.grant_anyone("portal", Narrowing(scopes=(Action.PREDICT,)))
    entries = secmlops("audit", "log", "-C", tiny, "--json").data["entries"]
    (said,) = [e["says"] for e in entries if e["kind"] == "access"]
    assert said.endswith("grant portal set")
    assert key not in said
