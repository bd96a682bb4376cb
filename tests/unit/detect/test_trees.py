"""Trees as arrays: what is sound, and that the ONNX model walks them as they say."""

from dataclasses import replace

import numpy as np
import onnxruntime as ort
import pytest

from secmlops.detect.trees import Trees, as_onnx, sound

TREES = Trees(
    feature=np.array([1, -1, 0, -1, -1, -1]),
    threshold=np.array([0.5, 0, -2, 0, 0, 0], np.float32),
    left=np.array([1, 0, 3, 0, 0, 0]),
    right=np.array([2, 0, 4, 0, 0, 0]),
    weight=np.array([0, 1, 0, 10, 100, 1000], np.float32),
    sizes=np.array([5, 1]),
    columns=np.array([2]),
)


def test_the_model_walks_the_trees():
    session = ort.InferenceSession(as_onnx(TREES), providers=["CPUExecutionProvider"])
    rows = np.array([[0, 0.5], [-2, 0.6], [-1.9, 0.6]], np.float32)
    (sums,) = session.run(None, {"rows": rows})
    np.testing.assert_array_equal(sums, [[1001], [1010], [1100]])


def test_whole_trees_are_sound():
    assert sound(TREES)


@pytest.mark.parametrize(
    "change",
    [
        {"feature": np.array([2, -1, 0, -1, -1, -1])},
        {"feature": np.array([1, -2, 0, -1, -1, -1])},
        {"feature": np.array([1, -1, 0, -1, 0, -1])},
        {"left": np.array([0, 0, 3, 0, 0, 0])},
        {"left": np.array([1, 0, 1, 0, 0, 0])},
        {"right": np.array([5, 0, 4, 0, 0, 0])},
        {"right": np.array([-1, 0, 4, 0, 0, 0])},
        {"sizes": np.array([6])[:0]},
        {"sizes": np.array([5, 2])},
        {"sizes": np.array([6, 0])},
        {"sizes": np.array([2**62, 2**62, 2**62, 2**62 + 6])},
        {"columns": np.array([2, 2])},
        {"columns": np.array([2**31])},
        {"weight": np.zeros(5, np.float32)},
    ],
)
def test_trees_that_lead_astray_are_not(change):
    assert not sound(replace(TREES, **change))
