"""What changed between two sets of rows, how an earlier model's ways are judged, and how the one taken is told."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.core.task import Task
from secmlops.data_subject.forgetting import GONE, MEMORY, NOTHING_LEFT, Forgetting, changed_rows, way_taken
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training.job import TrainingJob
from secmlops.training.unlearning.planner import Way, cheapest

SIGNATURE = Signature(task=Task.BINARY, features=(Feature(name="x", kind=FeatureKind.NUMERIC),), classes=("no", "yes"))
SAME = {"training settings": Digest.of(b"settings"), "libraries": Digest.of(b"libraries")}


def examples(*values: float) -> Examples:
    numeric = np.array(values, np.float32)[:, None]
    return Examples(Inputs(numeric, np.empty((len(values), 0), object)), np.zeros(len(values), np.int64))


def training(**measures: float) -> Evidence:
    return Evidence(
        control=ControlRef("training.run", "2", Digest.of(b"")),
        stage=Stage.TRAINING,
        subject=Subject(SubjectKind.MODEL, "m", Digest.of(b"m")),
        outcome=Outcome.PASSED,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        measures=measures,
        materials=SAME,
        products={MEMORY: Digest.of(b"memory")},
    )


def forgetting(rows: Examples | None, *, stored: bool = True) -> Forgetting:
    """From a model that learnt from ``rows``, None where they are gone, and whose memory is ``stored`` or not."""
    runner = SimpleNamespace(stored=lambda _: stored, product=lambda *_: b"memory")
    past: Any = SimpleNamespace(rows=lambda _: rows, training=training(seconds=4.0))
    before: Any = SimpleNamespace(
        runner=runner,
        prepared=SimpleNamespace(holdout=examples(9.0), signature=SIGNATURE),
        product=lambda *_: (
            b'[{"fraction": 1.0, "rows": 4, "seconds": 2.0, "train_rows": [], "train_outputs": [],'
            b' "holdout_rows": [], "holdout_outputs": []}]'
        ),
    )
    return Forgetting(past, before)


ROWS = examples(1.0, 2.0, 3.0, 4.0)


def job(model: str = "random_forest", rows: Examples = ROWS) -> TrainingJob:
    return TrainingJob(rows, examples(9.0).inputs, SIGNATURE, model)


def test_rows_that_left_and_came_are_counted_each_as_often_as_it_stands() -> None:
    assert changed_rows(ROWS, ROWS) == 0
    assert changed_rows(ROWS, examples(4.0, 2.0, 3.0)) == 1
    assert changed_rows(examples(1.0, 1.0, 2.0), examples(1.0, 2.0, 3.0)) == 2


def test_the_memory_goes_with_the_job_where_a_cheaper_way_is_open() -> None:
    later = job(rows=examples(1.0, 2.0, 3.0))
    before = forgetting(ROWS)
    assert cheapest(before.ways(later, SAME)).way is Way.TREES
    assert cheapest(before.ways(later, SAME)).seconds == pytest.approx(2.0 + 0.4 * 2.0)
    assert before.mended(later, SAME).memory == b"memory"
    assert before.mended(job("gradient_boosting"), SAME).memory is None


@pytest.mark.parametrize(
    ("before", "materials", "why"),
    [
        (forgetting(None), SAME, GONE),
        (forgetting(ROWS, stored=False), SAME, NOTHING_LEFT),
        (forgetting(ROWS), {**SAME, "libraries": Digest.of(b"others")}, "changed since: the libraries"),
    ],
    ids=["rows gone", "memory gone", "other libraries"],
)
def test_what_cannot_be_mended_is_trained_again_and_says_why(
    before: Forgetting, materials: dict[str, Digest], why: str
) -> None:
    ways = before.ways(job(), materials)
    assert cheapest(ways).way is Way.RETRAINING
    assert why in [way.obstacle for way in ways]
    assert before.mended(job(), materials).memory is None


def test_the_way_that_was_taken_is_told_by_the_evidence() -> None:
    assert way_taken(training(grown_trees=41.0)) == "the affected trees: exact, 41 trees grown again"
    assert way_taken(training(distance_bound=1e-7)).startswith("a Newton step: bounded, weights within 1e-07")
    assert way_taken(training()).startswith("training again")
