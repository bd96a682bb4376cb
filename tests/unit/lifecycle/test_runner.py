"""Performing one step: what is reused, what is done again and why, what is recorded."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from secmlops.core.control import Examination
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.columns.store import ColumnStore
from secmlops.ledger.book import EvidenceBook
from secmlops.ledger.log import Ledger
from secmlops.lifecycle.runner import MAX_FINDINGS, Runner, Step, reference_of, total
from secmlops.lifecycle.sealed import product_kind
from secmlops.trust.local import LocalKeys
from secmlops.trust.roles import Role
from secmlops.vault.vault import Vault

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TABLE = Subject(SubjectKind.DATASET, "t.csv", Digest.of(b"table"))


@dataclass(frozen=True)
class Counting:
    """Counts the rows; more than ``limit`` is an error."""

    id: ClassVar[str] = "data.counting"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ()
    limit: int = 10

    def examine(self, artifact: list[int], /) -> Examination:
        found = (Finding("many", Severity.ERROR, "too many rows"),) if len(artifact) > self.limit else ()
        return Examination.judged(found, {"rows": float(len(artifact))}, {"Copy.bin": bytes(artifact)})


class Heard:
    def __init__(self) -> None:
        self.told: list[tuple[str, bool | None]] = []

    def started(self, control, /) -> None:
        self.told.append((control.id, None))

    def finished(self, evidence, reused: bool, /) -> None:
        self.told.append((evidence.control.id, reused))


@pytest.fixture
def runner(tmp_path: Path):
    keys = LocalKeys.create(tmp_path / "keys", lambda: NOW)
    ledger = Ledger.open(tmp_path / "ledger.db", keys.signer(Role.LOG), "test/runner")
    vault, columns = (kind.local(tmp_path / "vault", keys, "test") for kind in (Vault, ColumnStore))
    return Runner(EvidenceBook(ledger, keys.ring()), vault, columns, keys, lambda: NOW, Heard(), timedelta(days=30))


def step(control: Counting | None = None, **more) -> Step:
    return Step(control or Counting(), TABLE, lambda: [1, 2, 3], **more)


def test_a_control_is_performed_once_and_then_reused(runner: Runner) -> None:
    first = runner.perform(step())
    assert runner.perform(step()) == first
    assert runner.listener.told == [("data.counting", None), ("data.counting", False), ("data.counting", True)]
    assert first.price.produced_bytes == 3
    assert runner.product(first, "Copy.bin") == bytes([1, 2, 3])


def test_what_failed_is_looked_at_again(runner: Runner) -> None:
    failing = step(Counting(limit=1))
    assert runner.perform(failing).outcome is Outcome.FAILED
    runner.perform(failing)
    assert runner.book.ledger.size == 2


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (lambda: step(Counting(limit=11)), "its settings changed"),
        (lambda: step(materials={"split": Digest.of(b"other")}), "changed since: split"),
        (lambda: Step(Counting(), Subject(SubjectKind.DATASET, "t.csv", Digest.of(b"2")), list), "the dataset changed"),
    ],
)
def test_what_changed_is_done_again_and_named(runner: Runner, changed, why: str) -> None:
    runner.perform(step(materials={"split": Digest.of(b"one")}))
    latest = runner.book.latest("data.counting")
    assert latest is not None
    assert runner.why_not(changed(), latest) == why
    assert runner.held(changed()) is None


def test_evidence_whose_product_is_gone_does_not_hold(runner: Runner, tmp_path: Path) -> None:
    runner.perform(step())
    for file in (tmp_path / "vault").rglob("*"):
        if file.is_file():
            file.unlink()
    assert runner.held(step()) is None


def test_what_a_step_makes_becomes_its_subject(runner: Runner) -> None:
    evidence = runner.perform(step(makes=("Copy.bin", SubjectKind.MODEL, "copy")))
    assert evidence.subject == Subject(SubjectKind.MODEL, "copy", Digest.of(bytes([1, 2, 3])))
    assert runner.held(step(makes=("Copy.bin", SubjectKind.MODEL, "copy"))) == evidence


def test_remarks_are_recorded_with_the_findings(runner: Runner) -> None:
    note = Finding("reading.guess", Severity.NOTE, "read as Latin-1")
    assert runner.perform(step(remarks=lambda: (note,))).findings == (note,)


def test_giving_up_leaves_errored_evidence(runner: Runner) -> None:
    evidence = runner.give_up(step(), InputError("no table", where="t.csv", hint="bring one"))
    assert evidence.outcome is Outcome.ERRORED
    assert (evidence.findings[0].message, evidence.findings[0].where) == ("no table", "t.csv")


def test_a_flood_of_findings_is_cut_worst_first(runner: Runner) -> None:
    notes = tuple(Finding("n", Severity.NOTE, str(i)) for i in range(500))
    evidence = runner.perform(step(Counting(limit=1), remarks=lambda: notes))
    assert evidence.findings[0].severity is Severity.ERROR
    assert len(evidence.findings) == MAX_FINDINGS + 1
    assert evidence.findings[-1].message == f"{501 - MAX_FINDINGS} more findings are not shown"


def test_the_reference_names_the_settings() -> None:
    assert reference_of(Counting()) == reference_of(Counting(limit=10))
    assert reference_of(Counting()).settings != reference_of(Counting(limit=11)).settings


def test_products_are_kept_under_a_kind_of_their_own() -> None:
    assert product_kind("training.run", "model.onnx") == "training-run-model-onnx"


def test_prices_add_up(runner: Runner) -> None:
    first, second = runner.perform(step()), runner.perform(step(Counting(limit=12)))
    assert total([first, second]).produced_bytes == 6


def test_an_objection_to_what_is_held_has_it_made_anew_and_is_told(runner: Runner) -> None:
    first = runner.perform(step())
    objecting = step(objection=lambda evidence: "signed with an old key" if evidence == first else "")
    assert runner.held(objecting) is None
    assert runner.why_not(objecting, runner.book.latest("data.counting")) == "signed with an old key"
    again = runner.perform(objecting)
    assert runner.listener.told[-2:] == [("data.counting", None), ("data.counting", False)]
    assert again.subject == first.subject
