"""Trees are read as ONNX defines them; what is no sum of plain trees is unreadable."""

from typing import Any

import numpy as np
import pytest

from secmlops.explain.columns import Number
from secmlops.explain.reading import Head, UnreadableError
from secmlops.explain.trees import read_trees

STUMP: dict[str, Any] = {
    "nodes_treeids": [0, 0, 0],
    "nodes_nodeids": [0, 1, 2],
    "nodes_featureids": [1, 0, 0],
    "nodes_modes": [b"BRANCH_LT", b"LEAF", b"LEAF"],
    "nodes_values": [0.5, 0.0, 0.0],
    "nodes_truenodeids": [1, 0, 0],
    "nodes_falsenodeids": [2, 0, 0],
    "target_treeids": [0, 0],
    "target_nodeids": [1, 2],
    "target_ids": [0, 0],
    "target_weights": [3.0, 4.0],
}


def head(**changes: Any) -> Head:
    return Head("TreeEnsembleRegressor", STUMP | changes, (Number(0), Number(1)))


def test_a_stump_is_read() -> None:
    trees = read_trees(head(base_values=[7.0]), 1)
    assert trees.parent.tolist() == [-1, 0, 0]
    assert trees.true.tolist() == [False, True, False]
    assert (trees.column[0], trees.threshold[0], trees.operator[0]) == (1, 0.5, 1)
    assert trees.values.ravel().tolist() == [0, 3, 4]
    assert trees.intercept.tolist() == [7]


def test_an_average_is_a_sum_of_shares() -> None:
    two = {name: [*STUMP[name], *STUMP[name]] for name in STUMP}
    for name in ("nodes_treeids", "target_treeids"):
        two[name] = [*STUMP[name], *(1 for _ in STUMP[name])]
    trees = read_trees(head(**two, aggregate_function=b"AVERAGE"), 1)
    assert trees.values.sum() == pytest.approx(7)


def test_one_score_of_two_classes_is_that_of_the_event() -> None:
    classes = {name.replace("target", "class"): value for name, value in STUMP.items()}
    only = {name: value for name, value in classes.items() if not name.startswith("target")}
    trees = read_trees(Head("TreeEnsembleClassifier", only | {"class_ids": [1, 1]}, (Number(0), Number(1))), 2)
    assert trees.values.shape == (3, 1)
    assert np.array_equal(trees.intercept, [0.0])


@pytest.mark.parametrize(
    "changes",
    [
        {"nodes_modes": [b"BRANCH_MEMBER", b"LEAF", b"LEAF"]},
        {"nodes_values_as_tensor": [0.5]},
        {"nodes_featureids": [-1, 0, 0]},
        {"nodes_truenodeids": [0, 0, 0]},
        {"nodes_truenodeids": [2, 0, 0]},
        {"nodes_truenodeids": [9, 0, 0]},
        {"nodes_nodeids": [0, 1, 1]},
        {"target_nodeids": [1, 9]},
        {"target_ids": [0, 1]},
        {"target_ids": [0, -1]},
        {"aggregate_function": b"MAX"},
        {"base_values": [1.0, 2.0, 3.0]},
    ],
)
def test_what_is_no_sum_of_plain_trees_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        read_trees(head(**changes), 1)
