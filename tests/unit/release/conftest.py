"""One small candidate that every release control can look at, and a world that makes releases."""

import runpy
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from secmlops.core.digest import Digest
from secmlops.core.task import Task
from secmlops.release.candidate import Candidate
from secmlops.release.packages import installed_packages
from secmlops.runtime.signature import Feature, FeatureKind, Signature

KIT = runpy.run_path(str(Path(__file__).parents[2] / "kits" / "release_world.py"))
VERSIONS = {"numpy": "2.0.0", "made-up": "1.0"}


@pytest.fixture
def signature() -> Signature:
    return Signature(
        task=Task.BINARY,
        features=(
            Feature(name="amount", kind=FeatureKind.NUMERIC, minimum=0.0, maximum=9.0),
            Feature(name="purpose", kind=FeatureKind.CATEGORICAL, categories=("car", "tv")),
        ),
        classes=("good", "bad"),
    )


@pytest.fixture
def candidate(signature: Signature) -> Candidate:
    return Candidate(
        name="credit",
        version="1.2.0",
        files={"model.onnx": b"the model", "signature.json": signature.to_json()},
        signature=signature,
        datasets={"train": Digest.of(b"train"), "holdout": Digest.of(b"holdout")},
        metrics={"auc": 0.78, "brier": 0.2},
        environment={"python": "3.11.9", "platform": "linux", "packages": dict(VERSIONS)},
        packages=installed_packages(VERSIONS),
        parameters={"model": "logistic_regression", "seed": 7},
        evidence={"training.fit": Digest.of(b"evidence")},
        builder="urn:secmlops:builder:local",
        entry_code=Digest.of(b"def fit(): ..."),
        started=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
        finished=datetime(2026, 3, 1, 9, 5, tzinfo=UTC),
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Any]:
    """Project whose gate has just opened: see ``tests/kits/release_world.py``."""
    made = KIT["World"](tmp_path)
    made.history()
    yield made
    made.ledger.close()


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Any]:
    """Project whose release has both optional files."""
    made = KIT["World"](tmp_path, optional={"guard.bin": b"the guard", "explainer.bin": b"the explainer"})
    made.history()
    yield made
    made.ledger.close()
