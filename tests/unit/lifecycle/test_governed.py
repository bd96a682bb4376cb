"""What governs the data decides what is learnt from, what is refused, and what holds no more."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from kits.protected_project import protect_data
from secmlops.core.errors import InputError
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.policy import Verdict
from secmlops.core.stage import Stage
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.run import gate_of
from secmlops.pipeline import survey_of
from secmlops.workspace import Workspace

PROJECT = """\
secmlops: 1
name: orders
task: binary_classification
data:
  source: orders.csv
  label: returned
  positive: "yes"
  subject_id: buyer
  protect: {{buyer: pseudonymise}}
  groups: [shop]
  time: day
  serving: asked.csv
  governance:
    purpose: [returns]
    legal_basis: consent
    source: the shop
    owner: sales
    retention: 100 d
    sensitivity: confidential
    consent: {{column: agreed, withdrawn: gone.txt}}
training:
  model: logistic_regression
  purpose: {purpose}
"""
START = datetime(2026, 1, 1, tzinfo=UTC)
HEADER = "amount,weight,buyer,shop,day,agreed,returned"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    rng = Random(4)
    rows = [
        f"{rng.random():.3f},{rng.random():.2f},b{i}@example.org,s{i // 8},{20000 + i},"
        f"{'no' if i < 10 else 'yes'},{rng.choice(('yes', 'no'))}"
        for i in range(400)
    ]
    project = tmp_path / "orders"
    project.mkdir()
    (project / "orders.csv").write_text("\n".join([HEADER, *rows, ""]))
    (project / "asked.csv").write_text(
        "amount,weight\n" + "".join(f"{rng.random():.3f},{rng.random():.2f}\n" for _ in range(200))
    )
    (project / "gone.txt").write_text("b20@example.org\nnobody@example.org\n")
    (project / "secmlops.yaml").write_text(PROJECT.format(purpose="returns"))
    return project


@pytest.fixture
def run(folder: Path) -> Callable[..., dict[str, Evidence]]:
    def through(now: datetime = START) -> dict[str, Evidence]:
        return protect_data(folder, now, "data.leakage", "data.balance", "data.skew")[1].evidence

    return through


def test_rows_without_consent_are_never_looked_at(run: Callable[..., dict[str, Evidence]]) -> None:
    told = run()
    assert all(e.outcome is Outcome.PASSED for e in told.values()), told
    governance = told["data.governance"].measures
    assert (governance["refused_rows"], governance["withdrawn_rows"], governance["unknown_subjects"]) == (10, 1, 1)
    assert told["data.schema"].measures["rows"] == governance["rows"] == 389
    leakage = told["data.leakage"].measures
    assert leakage["train_rows"] + leakage["holdout_rows"] == 389
    assert leakage["shared_groups"] == 0
    assert "look_ahead" in leakage
    assert told["data.skew"].measures["serving_rows"] == 200
    assert told["data.skew"].measures["features"] == 2


def test_a_withdrawal_is_honoured_at_the_next_run_and_names_nobody(
    folder: Path, run: Callable[..., dict[str, Evidence]]
) -> None:
    before = run()
    assert run()["data.protect"] == before["data.protect"]
    (folder / "gone.txt").write_text("b20@example.org\nb30@example.org\n")
    after = run()
    assert after["data.governance"].measures["rows"] == 388
    assert after["data.protect"].products["protected"] != before["data.protect"].products["protected"]
    assert after["data.schema"].materials["consent"] != before["data.schema"].materials["consent"]
    assert b"b30@example" not in (folder / ".secmlops" / "ledger.db").read_bytes()


def test_a_list_that_was_left_out_is_told_as_long_as_it_is_missing(
    folder: Path, run: Callable[..., dict[str, Evidence]]
) -> None:
    run()
    text = PROJECT.format(purpose="returns").replace(", withdrawn: gone.txt", "")
    (folder / "secmlops.yaml").write_text(text)
    for _ in range(2):
        told = run()
        governance = told["data.governance"]
        assert "governance.withdrawals" in [f.rule for f in governance.findings]
        assert governance.measures["withdrawn_rows"] == 0
        assert told["data.schema"].measures["rows"] == governance.measures["rows"] == 390


def test_a_consent_column_that_is_named_later_is_honoured(
    folder: Path, run: Callable[..., dict[str, Evidence]]
) -> None:
    text = PROJECT.format(purpose="returns")
    (folder / "secmlops.yaml").write_text(text.replace("column: agreed, ", ""))
    before = run()
    assert before["data.schema"].measures["rows"] == 399
    (folder / "secmlops.yaml").write_text(text)
    after = run()
    assert after["data.schema"].measures["rows"] == 389
    assert after["data.protect"].products != before["data.protect"].products


def test_evidence_that_holds_is_used_again(run: Callable[..., dict[str, Evidence]]) -> None:
    assert run() == run()


def test_another_purpose_shuts_the_gate(folder: Path, run: Callable[..., dict[str, Evidence]]) -> None:
    run()
    (folder / "secmlops.yaml").write_text(PROJECT.format(purpose="advertising"))
    told = run()
    assert told["data.governance"].outcome is Outcome.FAILED
    assert "not for advertising" in told["data.governance"].findings[0].message
    obstacles = [reason.rule for reason in survey_of(Workspace(folder, lambda: START))[1].verdict.obstacles]
    assert "data.governance must pass" in obstacles


def test_the_owner_may_change_without_a_new_model(folder: Path, run: Callable[..., dict[str, Evidence]]) -> None:
    before = run()
    text = PROJECT.format(purpose="returns").replace("owner: sales", "owner: after-sales")
    (folder / "secmlops.yaml").write_text(text)
    after = run()
    assert after["data.protect"] == before["data.protect"]
    assert after["data.governance"] != before["data.governance"]


def test_data_that_are_due_shut_the_gate_though_nothing_changed(run: Callable[..., dict[str, Evidence]]) -> None:
    run()
    soon = run(START + timedelta(days=20))["data.governance"]
    assert soon.outcome is Outcome.PASSED
    late = run(START + timedelta(days=101))["data.governance"]
    assert [f.rule for f in late.findings if f.severity == "error"] == ["governance.retention"]
    assert late.measures["age_days"] == 101


def test_production_that_asks_otherwise_shuts_the_gate(folder: Path, run: Callable[..., dict[str, Evidence]]) -> None:
    run()
    (folder / "asked.csv").write_text("amount,weight\n" + "5.0,0.5\n" * 200)
    skew = run()["data.skew"]
    assert skew.outcome is Outcome.FAILED
    assert {f.rule for f in skew.findings} == {"skew.serving"}


def test_accepted_data_are_what_later_ones_are_compared_with(
    folder: Path, run: Callable[..., dict[str, Evidence]]
) -> None:
    before = protect_data(folder, START, "data.skew")
    assert "earlier_psi" not in before[1].evidence["data.skew"].measures
    (folder / "gone.txt").write_text("b40@example.org\n")
    assert "earlier" not in run()["data.skew"].materials
    _let_through(*before)
    skew = run()["data.skew"]
    assert skew.measures["earlier_psi"] == 0
    assert skew.materials["earlier"] == before[1].evidence["data.skew"].products["distribution"]
    assert run()["data.skew"] == skew


def _let_through(workspace: Workspace, journey: Journey) -> None:
    """Record that the gate of the data stage opened for the journey."""
    gate = gate_of(journey, Stage.DATA)
    gate.record(workspace.book, Verdict(True, ()), journey.runner.signer(Stage.RELEASE), START)


def test_a_list_that_is_not_there_is_refused(folder: Path, run: Callable[..., dict[str, Evidence]]) -> None:
    (folder / "gone.txt").unlink()
    with pytest.raises(InputError, match="there is no such file"):
        run()
