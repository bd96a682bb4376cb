"""Keys, rings and evidence that the tests of the trust room share."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome, Price
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture(scope="session")
def vectors():
    folder = Path(__file__).parents[3].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the official test vectors are not on this machine (../shared/data)")
    return folder


@pytest.fixture
def evidence():
    return Evidence(
        control=ControlRef("data.pii", "1", Digest.of(b"settings")),
        stage=Stage.DATA,
        subject=Subject(SubjectKind.DATASET, "credit", Digest.of(b"rows")),
        outcome=Outcome.PASSED,
        at=NOW,
        measures={"columns": 20.0, "share": 0.125},
        findings=(Finding("pii.name", Severity.WARNING, "column 3 looks like names", "column 3", "drop it"),),
        materials={"schema": Digest.of(b"schema")},
        products={"report": Digest.of(b"report")},
        price=Price(0.5, 0.25, 1024, 7),
    )
