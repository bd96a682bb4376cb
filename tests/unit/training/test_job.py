"""A job that makes no sense is refused, and its digests follow its content."""

from collections.abc import Callable

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.training.compress.settings import CompressSettings, Student
from secmlops.training.job import Entry, TrainingJob
from secmlops.training.private.settings import PrivateTraining


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"model": "random_forest", "entry": Entry(b"")},
        {"model": "random_forest", "fractions": (0.0,)},
        {"model": "random_forest", "fractions": (1.0,)},
        {"model": "random_forest", "frame": "polars"},
        {"model": "random_forest", "seed": -1},
    ],
    ids=str,
)
def test_a_job_that_makes_no_sense_is_refused(problem: Callable, settings: dict[str, object]) -> None:
    examples, signature = problem()
    with pytest.raises(InputError):
        TrainingJob(examples, examples.inputs, signature, **settings)


def test_a_job_without_rows_is_refused(problem: Callable) -> None:
    examples, signature = problem()
    empty = examples.take(np.arange(0))
    with pytest.raises(InputError, match="no rows"):
        TrainingJob(empty, examples.inputs, signature, model="random_forest")


PROMISE = PrivateTraining(epsilon=1.0, delta=1e-5)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"fractions": (0.1,)}, "training.fractions does not go with training.private"),
        ({"memory": b"of an earlier model"}, "training.memory does not go with training.private"),
        ({"compress": CompressSettings(distil=Student.LINEAR)}, "training.compress does not go with training.private"),
        ({"rows_of_a_person": 2}, "somebody has more than 1 rows"),
        ({"model": "random_forest"}, "training.private does not go with training.model: random_forest"),
        (
            {"private": PrivateTraining(epsilon=1.0, delta=1e-5, bounds={"weight": (0, 1)})},
            "bounds are given of",
        ),
    ],
)
def test_a_private_job_that_would_tell_more_is_refused(problem: Callable, changes: dict, told: str) -> None:
    examples, signature = problem()
    settings = {"model": "logistic_regression", "fractions": (), "private": PROMISE}
    job = TrainingJob(examples, examples.inputs, signature, **settings)
    assert "private" in job.materials()
    with pytest.raises(InputError, match=told):
        TrainingJob(examples, examples.inputs, signature, **{**settings, **changes})


def test_every_material_has_its_own_digest(problem: Callable) -> None:
    examples, signature = problem()
    job = TrainingJob(examples, examples.inputs, signature, entry=Entry(b"x = 1"))
    digests = job.materials()
    assert set(digests) == {"train", "holdout", "signature", "code"}
    assert digests == TrainingJob(examples, examples.inputs, signature, entry=Entry(b"x = 1")).materials()
    other = TrainingJob(
        Examples(examples.inputs, 1 - examples.target), examples.inputs, signature, entry=Entry(b"x = 2")
    )
    changed = {name for name, digest in other.materials().items() if digest != digests[name]}
    assert changed == {"train", "code"}


@pytest.mark.parametrize(("task", "outputs"), [(Task.BINARY, 2), (Task.MULTICLASS, 3), (Task.REGRESSION, 1)])
def test_outputs_follow_the_task(problem: Callable, task: Task, outputs: int) -> None:
    examples, signature = problem(task)
    assert TrainingJob(examples, examples.inputs, signature, model="random_forest").outputs == outputs
