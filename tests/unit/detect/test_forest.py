"""The isolation forest in one ONNX operator against the one of scikit-learn that it came from."""

import numpy as np
import onnx
import pytest
from sklearn.ensemble import IsolationForest as Grown

from secmlops.core.errors import VerificationError
from secmlops.detect.forest import IsolationForest, average_path
from secmlops.runtime.arrays import pack

GENERATOR = np.random.default_rng(0)
ROWS = np.column_stack(
    [GENERATOR.normal(size=800), GENERATOR.integers(0, 3, 800), GENERATOR.normal(size=800) * 1e6]
).astype(np.float32)


@pytest.mark.parametrize("features", [1.0, 0.67])
def test_it_agrees_with_scikit_learn(features):
    grown = Grown(n_estimators=30, random_state=1, max_features=features).fit(ROWS)
    detector = IsolationForest.of(grown)
    queries = np.concatenate([ROWS, ROWS * np.float32(1.5)])
    np.testing.assert_allclose(detector.score(queries), -grown.score_samples(queries), atol=2e-6)


def test_values_on_a_threshold_go_the_same_way():
    grown = Grown(n_estimators=5, random_state=1).fit(ROWS)
    detector = IsolationForest.of(grown)
    for estimator in grown.estimators_:
        tree = estimator.tree_
        inner = np.flatnonzero(tree.children_left >= 0)
        queries = np.repeat(ROWS[:1], len(inner) * 3, axis=0)
        near = tree.threshold[inner].astype(np.float32)
        around = [np.nextafter(near, np.float32(-np.inf)), near, np.nextafter(near, np.float32(np.inf))]
        queries[np.arange(len(queries)), np.tile(tree.feature[inner], 3)] = np.concatenate(around)
        np.testing.assert_allclose(detector.score(queries), -grown.score_samples(queries), atol=2e-6)


def test_the_model_is_one_operator():
    model = onnx.load_from_string(IsolationForest.fit(ROWS, np.random.default_rng(1), trees=3).model)
    assert [node.op_type for node in model.graph.node] == ["TreeEnsembleRegressor"]


def test_average_path_is_that_of_the_paper():
    np.testing.assert_allclose(average_path(np.array([0, 1, 2])), [0, 0, 1])
    harmonic = sum(1 / i for i in range(1, 256))
    assert average_path(np.array([256]))[0] == pytest.approx(2 * harmonic - 2 * 255 / 256, abs=5e-3)


def test_the_forest_is_that_of_the_generator_that_is_handed_in():
    first, again, other = (IsolationForest.fit(ROWS, np.random.default_rng(seed), trees=3) for seed in (1, 1, 2))
    assert first.to_bytes() == again.to_bytes() != other.to_bytes()


def test_a_stored_forest_that_does_not_fit_together_is_refused():
    arrays = IsolationForest.fit(ROWS, np.random.default_rng(1), trees=3).trees.arrays()
    with pytest.raises(VerificationError, match="fit together"):
        IsolationForest.from_bytes(pack("isolation-forest", {**arrays, "left": arrays["left"] * 0}))
