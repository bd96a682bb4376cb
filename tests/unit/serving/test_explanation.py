import json

import numpy as np
import pytest

from kits.explain_world import fitted, world
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.explain.making import Making, make_explainer
from secmlops.runtime.signature import Inputs
from secmlops.serving.explanation import MAX_EXPLAINED_ROWS, explained, in_words
from secmlops.training.models import linear_regression, logistic_regression

MAKING = Making(rows=20, phrases={"age": "an age of {value}"})


def answers(fit, task: Task, rows: int = 3) -> list[dict]:
    model, predictor, train = fitted(fit, task)
    explainer = make_explainer(model, predictor, train, MAKING)
    new, _ = world(task, rows, seed=9)
    return json.loads(json.dumps(explained(explainer, predictor, predictor.signature, new)))


def test_a_row_is_explained_in_numbers_and_in_words() -> None:
    for answer in answers(logistic_regression, Task.BINARY):
        total = sum(c["contribution"] for c in answer["contributions"])
        assert answer["base"] + total == pytest.approx(answer["output"])
        assert answer["explained"] == "yes"
        assert answer["decided"] == ("yes" if answer["output"] > 0 else "no")
        assert (answer["scale"], answer["method"]) == ("log-odds", "linear")
        assert {c["feature"] for c in answer["contributions"]} == {"colour", "weight", "age", "shape", "noise"}
        sizes = [abs(c["contribution"]) for c in answer["contributions"]]
        assert sizes == sorted(sizes, reverse=True)
        assert 1 <= len(answer["reasons"]) + len(answer["against"]) <= 5
        assert not any(c["standard_error"] for c in answer["contributions"])


def test_a_missing_value_is_null_and_told_as_missing() -> None:
    answer = answers(logistic_regression, Task.BINARY, rows=1)[0]
    values = {c["feature"]: c["value"] for c in answer["contributions"]}
    assert values["weight"] is None
    assert "weight is missing" in [*answer["reasons"], *answer["against"]] or abs(_of(answer, "weight")) < 0.1


def test_in_words_no_number_of_the_model_is_left() -> None:
    rows = answers(logistic_regression, Task.BINARY)
    told = in_words(rows)
    assert [row["reasons"] for row in told] == [row["reasons"] for row in rows]
    assert all(set(row) == {"explained", "scale", "method", "reasons", "against"} for row in told)
    assert not any(isinstance(value, float) for row in told for value in row.values())


def _of(answer: dict, name: str) -> float:
    return next(c["contribution"] for c in answer["contributions"] if c["feature"] == name)


def test_a_quantity_is_explained_as_its_prediction() -> None:
    answer = answers(linear_regression, Task.REGRESSION)[1]
    assert (answer["explained"], answer["scale"]) == ("prediction", "prediction")
    assert float(answer["decided"].replace(",", "")) == pytest.approx(answer["output"], rel=1e-3)


def test_too_many_rows_and_infinite_numbers_are_refused() -> None:
    model, predictor, train = fitted(logistic_regression, Task.BINARY)
    explainer = make_explainer(model, predictor, train, MAKING)
    with pytest.raises(InputError, match="too many"):
        explained(explainer, predictor, predictor.signature, train.take(slice(MAX_EXPLAINED_ROWS + 1)))
    infinite = Inputs(np.full((1, 3), np.inf, np.float32), np.array([["red", "round"]], object))
    with pytest.raises(InputError, match="infinite"):
        explained(explainer, predictor, predictor.signature, infinite)
