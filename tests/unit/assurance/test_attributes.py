"""The control guesses the sensitive columns of training rows, and tells what the model adds to imputation."""

from collections.abc import Callable

import numpy as np
import pytest

from secmlops.assurance.attributes import Attributes
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs

ROWS = 400
Echo = Callable[..., Predictor]


def world(echo: Echo, task: Task = Task.BINARY, rows: int = ROWS, names: tuple[str, ...] = ("sex",)) -> ModelUnderTest:
    """A model whose answer holds the sensitive column for the rows it learned from: it echoes its inputs."""
    parts = []
    for seed in range(2):
        rng = np.random.default_rng(seed)
        group = rng.integers(0, 2, rows)
        said = 0.25 + 0.5 * group if task.is_classification else 5.0 * group
        answers = np.stack([1 - said, said], axis=1) if task.is_classification else said[:, None]
        target = rng.integers(0, 2, rows) if task.is_classification else rng.normal(size=rows)
        groups = {name: np.where(group == 1, "f", "m").astype(object) for name in names}
        parts.append(Examples(Inputs(answers.astype(np.float32), np.empty((rows, 0), object)), target, groups))
    return ModelUnderTest(echo(task, parts[0].inputs.numeric.shape[1]), *parts)


def test_what_the_other_columns_tell_is_not_blamed_on_the_model(echo: Echo) -> None:
    found = Attributes().examine(world(echo))
    assert (found.outcome, found.findings) == (Outcome.PASSED, ())
    assert found.measures["sex.imputed"] == found.measures["imputed"] == 1
    assert found.measures["advantage"] == 0
    assert found.measures["sensitive_columns"] == 1


def test_a_column_that_is_an_input_is_guessed_through_the_answers(soft: Callable[..., ModelUnderTest]) -> None:
    rng = np.random.default_rng(0)
    parts, groups = [], []
    for _ in range(2):
        target = rng.integers(0, 2, ROWS)
        stated = np.where(target == 1, 0.9, 0.1)  # high where the label is: only that value of the column fits it
        parts.append((target, np.stack([1 - stated, stated], axis=1)))
        groups.append(np.where(target == 1, "high", "low").astype(object))
    found = Attributes().examine(soft(*parts, answer_1=tuple(groups)))
    assert found.measures["answer_1.attacked"] == 1
    assert found.measures["advantage_low"] <= found.measures["advantage"] <= found.measures["advantage_high"]


def test_quantities_are_taken_too(echo: Echo) -> None:
    assert Attributes().examine(world(echo, Task.REGRESSION)).measures["attacked"] == 1


def test_no_sensitive_column_is_told(echo: Echo) -> None:
    found = Attributes().examine(world(echo, names=()))
    assert (found.outcome, found.measures) == (Outcome.PASSED, {"sensitive_columns": 0.0})


def test_too_few_rows_or_groups_keep_the_gate_shut(echo: Echo) -> None:
    assert Attributes().examine(world(echo, rows=5)).outcome is Outcome.SKIPPED
    model = world(echo)
    for part in (model.train, model.holdout):
        part.groups["sex"][:] = "f"
    assert Attributes().examine(model).outcome is Outcome.SKIPPED


@pytest.mark.parametrize("settings", [{"rows": 5}, {"notable_advantage": 2.0}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Attributes(**settings)
