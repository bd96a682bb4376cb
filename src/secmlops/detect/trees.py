"""Decision trees as plain arrays, and as one ONNX operator (ai.onnx.ml TreeEnsembleRegressor, version 3)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Trees one after the other, the root of each first, ``sizes`` [trees] nodes each; ``columns`` [1] is the width.

    Per node: a row whose value of ``feature`` is at most ``threshold`` goes ``left``, else ``right`` (numbers within
    the tree); at a leaf ``feature`` is -1 and ``weight`` is what the tree adds to the sum.
    """

    LAYOUT: ClassVar[dict[str, tuple[str, int]]] = {
        "feature": ("I64", 1),
        "threshold": ("F32", 1),
        "left": ("I64", 1),
        "right": ("I64", 1),
        "weight": ("F32", 1),
        "sizes": ("I64", 1),
        "columns": ("I64", 1),
    }

    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float32]
    sizes: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]

    @property
    def width(self) -> int:
        """Number of columns of the rows."""
        return int(self.columns[0])

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name."""
        return {name: getattr(self, name) for name in self.LAYOUT}


def sound(trees: Trees) -> bool:
    """Whether every walk from a root ends at a leaf of the same tree and looks only at columns there are."""
    nodes = len(trees.feature)
    per_node = {len(trees.threshold), len(trees.left), len(trees.right), len(trees.weight)}
    if per_node != {nodes} or len(trees.columns) != 1 or not len(trees.sizes):
        return False
    if (trees.sizes < 1).any() or (trees.sizes > nodes).any() or trees.sizes.sum() != nodes:
        return False
    own, size = _numbers(trees), np.repeat(trees.sizes, trees.sizes)
    inner = trees.feature >= 0
    forward = (trees.left > own) & (trees.left < size) & (trees.right > own) & (trees.right < size)
    bounded = (trees.feature >= -1) & (trees.feature < trees.width)
    return bool((forward | ~inner).all() and bounded.all() and 1 <= trees.width < 2**31)


def as_onnx(trees: Trees) -> bytes:
    """ONNX model of the trees: ``rows`` float32 [n, p] to ``sum`` float32 [n, 1]."""
    number, own = np.repeat(np.arange(len(trees.sizes)), trees.sizes), _numbers(trees)
    leaf = trees.feature < 0
    attributes: dict[str, Any] = {
        "nodes_treeids": number,
        "nodes_nodeids": own,
        "nodes_featureids": np.where(leaf, 0, trees.feature),
        "nodes_values": trees.threshold,
        "nodes_truenodeids": trees.left,
        "nodes_falsenodeids": trees.right,
        "target_treeids": number[leaf],
        "target_nodeids": own[leaf],
        "target_ids": np.zeros(int(leaf.sum()), np.int64),
        "target_weights": trees.weight[leaf],
    }
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["rows"],
        ["sum"],
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function="SUM",
        nodes_modes=np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
        **{name: values.tolist() for name, values in attributes.items()},
    )
    graph = helper.make_graph(
        [node],
        "trees",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, trees.width])],
        [helper.make_tensor_value_info("sum", TensorProto.FLOAT, [None, 1])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    return bytes(model.SerializeToString())


def _numbers(trees: Trees) -> npt.NDArray[np.int64]:
    """Number of each node within its tree."""
    starts = np.cumsum(trees.sizes) - trees.sizes
    numbers: npt.NDArray[np.int64] = np.arange(len(trees.feature)) - np.repeat(starts, trees.sizes)
    return numbers
