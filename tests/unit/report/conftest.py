"""Material of a project that never ran, made of the shared values, for every test of the room."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome, Price
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import Reason, Verdict
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.core.task import Task
from secmlops.design.coverage import Claims
from secmlops.design.facts import ProjectFacts
from secmlops.design.threat_model import threat_model
from secmlops.lifecycle.survey import ControlStanding, StageStanding, Standing
from secmlops.release.verify import Check
from secmlops.report.material import LedgerFacts, Place, ReleaseFacts, ReportMaterial, Rules
from secmlops.trust.canonical import canonical_json
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import RingKey, Role

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MODEL = Digest.of(b"model")
STAGES = (Stage.DESIGN, Stage.DATA, Stage.TRAINING, Stage.ASSURANCE, Stage.RELEASE)
CONTROLS = {
    "design.threats": {"threats": 86.0, "unanswered": 58.0},
    "data.schema": {"rows": 6000.0, "columns": 24.0, "missing_share": 0.0004},
    "data.personal": {"personal_columns": 2.0, "unprotected_columns": 0.0},
    "data.protect": {"protected_cells": 54000.0},
    "training.run": {"rows": 4500.0, "seconds": 9.5, "peak_memory_bytes": 2.5e8, "isolation.landlock": 1.0},
    "assurance.performance": {
        "auc": 0.8, "auc_low": 0.77, "auc_high": 0.83, "baseline_auc": 0.5,
        "brier": 0.12, "brier_low": 0.11, "brier_high": 0.13, "rows": 1500.0, "events": 286.0,
    },
    "assurance.calibration": {"ece_debiased": 0.01, "slope": 1.02, "slope_low": 0.9, "slope_high": 1.1},
    "assurance.fit": {"gap": 0.07, "gap_low": 0.05, "gap_high": 0.1},
    "release.sign": {"files": 2.0},
}  # fmt: skip
BINS = [{"predicted": p, "observed": p + 0.01, "low": p - 0.02, "high": p + 0.05, "rows": 100} for p in (0.1, 0.4, 0.7)]
PRODUCTS: Mapping[tuple[str, str], bytes] = {
    ("assurance.calibration", "reliability"): canonical_json({"task": "binary_classification", "bins": BINS}),
    ("assurance.fit", "curve"): canonical_json(
        {
            "metric": "auc",
            "points": [
                {"rows": 450, "train": 0.97, "holdout": 0.77},
                {"rows": 1350, "train": 0.91, "holdout": 0.79},
                {"rows": 4500, "train": 0.88, "holdout": 0.8},
            ],
        }
    ),
}


def said(control: str, measures: Mapping[str, float], *findings: Finding, **changes: object) -> Evidence:
    stage = Stage(control.partition(".")[0])
    failed = any(f.severity is Severity.ERROR for f in findings)
    evidence = Evidence(
        control=ControlRef(control, "1", Digest.of(control.encode())),
        stage=stage,
        subject=Subject(SubjectKind.MODEL, "credit-risk", MODEL),
        outcome=Outcome.FAILED if failed else Outcome.PASSED,
        at=NOW - timedelta(days=2),
        measures=measures,
        findings=findings,
        price=Price(10.0 if control == "training.run" else 0.25, 0.2, 200 << 20, 10),
    )
    return replace(evidence, **changes)  # type: ignore[arg-type]  # fields of the evidence


def standing_of(evidence: Evidence) -> ControlStanding:
    state = Standing.HOLDS if evidence.outcome is Outcome.PASSED else Standing.FAILED
    return ControlStanding(evidence.control.id, state, "as it was the last time", evidence)


def stage_of(stage: Stage, controls: tuple[ControlStanding, ...], verdict: Verdict | None = None) -> StageStanding:
    reasons = tuple(
        Reason(
            f"{c.control} must pass", c.standing is Standing.HOLDS, "passed" if c.standing is Standing.HOLDS else c.why
        )
        for c in controls
    )
    return StageStanding(stage, controls, verdict or Verdict(all(r.holds for r in reasons) and bool(reasons), reasons))


def with_evidence(material: ReportMaterial, *evidence: Evidence) -> ReportMaterial:
    """Material in which these speak in place of the controls of the same names."""
    spoken = {e.control.id: standing_of(e) for e in evidence}
    return replace(
        material,
        standings=tuple(
            stage_of(s.stage, tuple(spoken.get(c.control, c) for c in s.controls)) for s in material.standings
        ),
    )


@pytest.fixture(scope="session")
def released() -> ReportMaterial:
    """A project whose gates are open and whose release was verified."""
    spoken = {control: standing_of(said(control, measures)) for control, measures in CONTROLS.items()}
    key = PrivateKey.generate(Algorithm.ED25519).public
    return ReportMaterial(
        project="credit-risk",
        task=Task.BINARY,
        at=NOW,
        standings=tuple(
            stage_of(stage, tuple(c for name, c in spoken.items() if name.startswith(f"{stage}."))) for stage in STAGES
        ),
        threats=threat_model(
            ProjectFacts(name="credit-risk", task=Task.BINARY, stages=frozenset(STAGES), feedback=False),
            Claims(
                {"release.sign": ["stride:tampering"], "data.protect": ["stride:information-disclosure"]},
                {"assurance.fit": ["stride:repudiation"]},
            ),
            dict.fromkeys(("release.sign", "assurance.fit"), Outcome.PASSED),
        ),
        ledger=LedgerFacts(
            "secmlops.local/credit-risk/0a1b", 19, "secmlops.local/credit-risk/0a1b\n19\nc2Vj\n",
            (RingKey(key, Role.LOG, NOW),),
        ),
        rules=Rules({"email": "drop", "city": "keep"}, {"assurance.performance.auc": ">= 0.74"}),
        subjects={name: Digest.of(name.encode()) for name in ("project", "source", "protected")} | {"model": MODEL},
        release=ReleaseFacts("credit-risk-1", MODEL, Digest.of(b"verdict"), NOW - timedelta(days=1)),
        checks=(Check("manifest signature", True, "signed"), Check("files", True, "9 files")),
        places={"release.sign": Place(17, ("releaser",)), "data.schema": Place(1, ())},
        products=PRODUCTS,
    )  # fmt: skip


@pytest.fixture
def saying(released: ReportMaterial) -> Callable[..., ReportMaterial]:
    """Make material in which one control says something else: ``saying(control, measures, *findings, **fields)``."""
    return lambda control, measures, *findings, **fields: with_evidence(
        released, said(control, measures, *findings, **fields)
    )
