"""Erasure through a release: the model forgets, passes the gates as any other, and takes the place of the earlier."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kits.persons_world import PERSON, released_persons, write_persons
from secmlops.cli import subject
from secmlops.cli.answer import ExitCode
from secmlops.core.errors import SecmlopsError
from secmlops.core.evidence import Evidence
from secmlops.core.stage import Stage
from secmlops.data_subject import erasure
from secmlops.data_subject.erasure import Erased, erase_person, finish_erasures
from secmlops.data_subject.holding import find_person, stored_sources
from secmlops.data_subject.past import TRAINING, past_models
from secmlops.data_subject.record import WAITING, pending_intents
from secmlops.lifecycle.releases import obstacle_to, publications
from secmlops.pipeline import Silence, run_pipeline
from secmlops.workspace import Workspace

STEPS = (
    "replace_file",
    "run",
    "publish",
    "membership_measures",
    "revoke_releases",
    "destroy_objects",
    "certificate_of",
)


class Stopped(BaseException):
    """Stands for kill -9: nothing may catch it."""


@pytest.fixture
def released(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    return released_persons(tmp_path_factory, tmp_path)


def setting(folder: Path, old: str, new: str) -> None:
    file = folder / "secmlops.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def in_use(workspace: Workspace) -> dict[str, bool]:
    """Releases, and whether each may be used."""
    history = publications(workspace.book, workspace.project.name)
    return {p.folder: not obstacle_to(workspace.book, p.envelope, p.model) for p in history}


def latest(workspace: Workspace, control: str) -> Evidence:
    return [a.evidence for a in workspace.book.all() if a.evidence.control.id == control][-1]


def erased(folder: Path) -> Erased:
    workspace = Workspace(folder)
    return erase_person(workspace, find_person(workspace, PERSON), Silence())


def finished(folder: Path) -> list[Erased]:
    return finish_erasures(Workspace(folder), Silence())


def test_an_erasure_stopped_at_every_step_is_finished_with_a_new_release(
    released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(released)
    (before,) = publications(workspace.book, "small")
    begin: Callable[[Path], object] = erased
    for step in STEPS:
        with monkeypatch.context() as patch:
            patch.setattr(erasure, step, _stop)
            with pytest.raises(Stopped):
                begin(released)
        begin = finished
        assert len(pending_intents(Workspace(released).book.all())) == 1
    (done,) = finished(released)
    workspace = Workspace(released)
    assert done.done
    assert in_use(workspace) == {"small-1": False, "small-2": True}
    assert pending_intents(workspace.book.all()) == []
    assert done.certificate is not None
    after = publications(workspace.book, "small")[-1].model
    named = done.certificate.materials
    assert (named[f"before model {before.model.short}"], named["after model"]) == (before.model, after)
    assert named["after source"] != next(d for name, d in named.items() if name.startswith("before source"))
    _mended(done.certificate)
    with pytest.raises(SecmlopsError):
        workspace.vault.read(before.model, "model")


def _stop(*_arguments: object, **_options: object) -> None:
    raise Stopped


def _mended(certificate: Evidence) -> None:
    """The certificate says how the model forgot, how near that is to training again, and what an attacker sees."""
    told = [finding.message for finding in certificate.findings]
    assert any(message.startswith("1 model forgot: a Newton step: bounded") for message in told), told
    assert any(message.startswith("training again: exact, about") for message in told)
    measures = certificate.measures
    assert 0 <= measures["residual"] <= measures["residual_bound"]
    assert measures["forgotten_rows"] == 2
    assert all(
        0 <= measures[f"{name}_auc_{when}"] <= 1 for name in ("threshold", "rmia") for when in ("before", "after")
    )


def test_while_no_new_model_passes_the_earlier_release_is_what_the_project_says(released: Path) -> None:
    setting(released, 'assurance.performance.auc: ">= 0.6"', 'data.balance.minority_rows: ">= 1000000"')
    shut = shut_out(released, "erase", PERSON, "--yes")
    assert shut["obstacles"]
    assert shut["revoked"] == []
    workspace = Workspace(released)
    assert in_use(workspace) == {"small-1": True}
    assert PERSON not in (released / "loans.csv").read_text()
    assert "is shut for a new model; no release was revoked" in latest(workspace, WAITING).findings[0].message

    setting(released, "keep_release", "revoke_release")
    assert shut_out(released, "erase", "--finish")["revoked"] == ["small-1"]
    workspace = Workspace(released)
    assert in_use(workspace) == {"small-1": False}
    assert len(pending_intents(workspace.book.all())) == 1

    (done,) = finish_erasures(Workspace(released), Silence(), models=False)
    assert done.done
    assert done.certificate is not None
    assert "after model" not in done.certificate.materials
    assert find_person(Workspace(released), PERSON).nothing


def shut_out(folder: Path, *words: str) -> dict[str, Any]:
    """What an erasure tells that a gate keeps from being finished."""
    asked = CliRunner().invoke(subject.command, [*words, "-C", str(folder), "--json"], standalone_mode=False)
    assert asked.return_value == ExitCode.SHUT, asked.output
    (told,) = json.loads(asked.stdout)["erased"]
    assert told["done"] is False
    return dict(told)


def test_a_mended_forest_is_that_of_a_project_which_never_had_the_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    first = write_persons(tmp_path / "first", 400, "random_forest")
    run_pipeline(Workspace(first), Silence(), Stage.TRAINING)
    done = erased(first)
    assert done.done
    assert done.certificate is not None
    assert 0 < done.certificate.measures["grown_trees"] < 100
    second = write_persons(tmp_path / "second", 400, "random_forest")
    (second / "loans.csv").write_bytes((first / "loans.csv").read_bytes())
    run_pipeline(Workspace(second), Silence(), Stage.TRAINING)
    mended, again = latest(Workspace(first), TRAINING), latest(Workspace(second), TRAINING)
    assert "mended" in mended.materials
    assert "mended" not in again.materials
    assert mended.subject.digest == again.subject.digest


def test_a_model_whose_table_went_when_its_time_was_over_is_told_as_not_searched(released: Path) -> None:
    workspace = Workspace(released)
    (source,) = stored_sources(workspace)
    (model,) = {past.model for past in past_models(list(workspace.book.all()))}
    workspace.vault.destroy(source, "source")
    (released / "loans.csv").write_text("customer,default\nC-9999,1\n")  # one row is enough to be looked at
    held = find_person(workspace, "C-8888")
    assert (held.nothing, held.unread[-1]) == (True, f"what model {model.short} learnt from")
    assert [(one.name, one.rows) for one in find_person(workspace, "C-9999").files] == [("loans.csv", 1)]
