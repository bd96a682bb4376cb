"""Recalibration: the maps find what was planted, the graph answers as they do, and calibration gains on new rows."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.runtime.uncalibrated import uncalibrated
from secmlops.training.columns import column_transformer
from secmlops.training.export import export
from secmlops.training.recalibration.maps import MAPS, LogLine, Steps
from secmlops.training.recalibration.recalibrated import recalibrating_fit

WIDTH = 6


def signature_of(classes: int) -> Signature:
    features = tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(WIDTH))
    task = Task.BINARY if classes == 2 else Task.MULTICLASS
    return Signature(task=task, features=features, classes=tuple(map(str, range(classes))))


def world(rows: int, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Six copies of one measurement: naive Bayes counts it six times, and is far too sure."""
    rng = np.random.default_rng(seed)
    target = rng.integers(classes, size=rows)
    once = target + 1.5 * rng.normal(size=rows)
    return (once[:, None] + 0.1 * rng.normal(size=(rows, WIDTH))).astype(np.float32), target


def table_of(numbers: np.ndarray) -> pa.Table:
    return pa.table({f"x{i}": numbers[:, i] for i in range(WIDTH)})


def _matrix(table: pa.Table) -> np.ndarray:
    return np.stack([column.to_numpy() for column in table.itercolumns()], axis=1)


def naive(table: pa.Table, target: np.ndarray, seed: int) -> Pipeline:
    return Pipeline([("columns", column_transformer(table)), ("model", GaussianNB())]).fit(table, target)


def brier(probabilities: np.ndarray, target: np.ndarray) -> float:
    return float(np.square(probabilities - np.eye(probabilities.shape[1])[target]).sum(axis=1).mean())


@pytest.mark.parametrize("kind", sorted(MAPS))
def test_a_planted_distortion_is_undone(kind: str) -> None:
    rng = np.random.default_rng(1)
    true = rng.uniform(0.02, 0.98, 20_000)
    event = rng.random(20_000) < true
    told = 1 / (1 + np.exp(-3 * np.log(true / (1 - true)) - 1))
    found = MAPS[kind](told, 1 - told, event)
    assert np.abs(found(told, 1 - told) - true).mean() < 0.015
    assert np.abs(told - true).mean() > 0.1
    at = np.linspace(0, 1, 500)
    assert (np.diff(found(at, 1 - at)) >= 0).all()


@pytest.mark.parametrize("kind", sorted(MAPS))
def test_answers_that_say_the_opposite_are_not_turned_round(kind: str) -> None:
    rng = np.random.default_rng(2)
    told = rng.uniform(0.01, 0.99, 3_000)
    event = rng.random(3_000) < 0.3 * (1 - told)
    assert MAPS[kind](told, 1 - told, event)(np.array([0.1, 0.9]), np.array([0.9, 0.1])) == pytest.approx(
        event.mean(), abs=0.03
    )


def test_a_certain_answer_does_not_stay_certain() -> None:
    told = np.repeat([0.0, 1.0], 50)
    for kind in MAPS:
        low, high = MAPS[kind](told, 1 - told, told == 1)(np.array([0.0, 1.0]), np.array([1.0, 0.0]))
        assert 0 < low < 0.05
        assert 0.95 < high < 1


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("kind", sorted(MAPS))
def test_the_graph_answers_as_the_maps_do_and_better_than_before(kind: str, classes: int) -> None:
    numbers, target = world(1_200, classes, 0)
    signature = signature_of(classes)
    fit = recalibrating_fit(naive, kind, signature, pa.Table.take)
    estimator = fit(table_of(numbers), target, 0)
    model = export(estimator, signature)
    new, truth = world(2_000, classes, 1)
    inputs = Inputs(new, np.empty((len(new), 0), object))
    answered = Predictor(model, signature).predict(inputs)
    assert np.abs(answered - estimator.predict_proba(table_of(new))).max() < 5e-5
    plain = uncalibrated(model)
    assert plain is not None
    before = Predictor(plain, signature).predict(inputs)
    assert np.abs(before - estimator.estimator.predict_proba(table_of(new))).max() < 1e-4
    assert brier(answered, truth) < brier(before, truth) - 0.02
    assert export(fit(table_of(numbers), target, 0), signature) == model
    assert uncalibrated(export(estimator.estimator, signature)) is None


def test_the_maps_see_no_row_that_their_model_learnt_from() -> None:
    """A model that knows its rows by heart and nothing else: only unseen rows show that it knows nothing."""
    numbers, _ = world(600, 2, 3)
    target = np.random.default_rng(33).integers(2, size=600)

    class Heart:
        classes_ = np.arange(2)

        def __init__(self, table: pa.Table, target: np.ndarray) -> None:
            self.known = {row.tobytes(): label for row, label in zip(_matrix(table), target, strict=True)}

        def predict_proba(self, table: pa.Table) -> np.ndarray:
            rows = _matrix(table)
            event = np.array([self.known.get(row.tobytes(), row[0] > 0.5) for row in rows]) * 0.98 + 0.01
            return np.stack([1 - event, event], axis=1)

    fit = recalibrating_fit(lambda table, target, _: Heart(table, target), "platt", signature_of(2), pa.Table.take)
    recalibrated = fit(table_of(numbers), target, 0).predict_proba(table_of(numbers))
    assert np.abs(recalibrated - 0.5).max() < 0.1


def test_too_few_rows_of_a_class_are_refused() -> None:
    numbers, target = world(100, 2, 4)
    target[:] = 0
    target[:5] = 1
    with pytest.raises(InputError, match="too few rows"):
        recalibrating_fit(naive, "platt", signature_of(2), pa.Table.take)(table_of(numbers), target, 0)


def test_maps_of_their_own_are_lines_or_steps() -> None:
    assert LogLine(1, 1, 0)(np.array([0.25]), np.array([0.75])) == pytest.approx(0.25)
    at = np.array([0.0, 0.5, 1.0])
    assert Steps(np.array([-1.0, 1.0]), np.array([0.1, 0.5]))(at, 1 - at) == pytest.approx([0.1, 0.3, 0.5])
