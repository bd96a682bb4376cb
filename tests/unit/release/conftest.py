"""One small candidate that every release control can look at."""

from datetime import UTC, datetime

import pytest

from secmlops.core.digest import Digest
from secmlops.core.task import Task
from secmlops.release.candidate import Candidate
from secmlops.release.packages import installed_packages
from secmlops.runtime.signature import Feature, FeatureKind, Signature

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
