"""Isolation forest (Liu, Ting and Zhou, ICDM 2008), scored as one ONNX tree ensemble."""

from typing import Any, ClassVar

import numpy as np
import onnxruntime as ort
from sklearn.ensemble import IsolationForest as Grown

from secmlops.core.errors import VerificationError
from secmlops.detect.detector import Rows, Scores, check_reference, check_width
from secmlops.detect.trees import Trees, as_onnx, sound
from secmlops.runtime.arrays import pack, unpack

TREES = 100
SAMPLE = 256


class IsolationForest:
    """Score: 2^(-E[h(x)] / c(sample)) in (0, 1), the paper's s(x, n).

    scikit-learn grows the trees. The path length of a row, with the correction c(n) for what a leaf still holds, stands
    in the leaves, so that ONNX Runtime answers with one operator what scikit-learn walks tree by tree in Python.
    ``model`` is that ONNX model, ``rows`` float32 [n, p] to E[h(x)] / c(sample), float32 [n, 1].
    """

    KIND: ClassVar[str] = "isolation-forest"

    def __init__(self, trees: Trees) -> None:
        self.trees = trees
        self.model = as_onnx(trees)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(self.model, options, providers=["CPUExecutionProvider"])

    @classmethod
    def fit(cls, rows: Rows, generator: np.random.Generator, trees: int = TREES) -> "IsolationForest":
        """Grow ``trees`` trees on reference rows [n, p]; raises InputError unless they are finite and at least two."""
        check_reference(rows)
        seed = int(generator.integers(2**31))
        return cls.of(Grown(n_estimators=trees, max_samples=min(SAMPLE, len(rows)), random_state=seed).fit(rows))

    @classmethod
    def of(cls, grown: Any) -> "IsolationForest":
        """Detector that scores as ``-grown.score_samples`` of a fitted scikit-learn isolation forest does."""
        total = len(grown.estimators_) * average_path(np.array([grown.max_samples_]))[0]
        grafted = [
            _grafted(estimator.tree_, features, total)
            for estimator, features in zip(grown.estimators_, grown.estimators_features_, strict=True)
        ]
        joined = {name: np.concatenate([tree[name] for tree in grafted]) for name in grafted[0]}
        sizes = np.array([len(tree["feature"]) for tree in grafted], np.int64)
        return cls(Trees(**joined, sizes=sizes, columns=np.array([grown.n_features_in_], np.int64)))

    @property
    def width(self) -> int:
        """Number of columns of the rows."""
        return self.trees.width

    def score(self, rows: Rows) -> Scores:
        """Scores float64 [n] in (0, 1)."""
        check_width(rows, self.width)
        (depths,) = self._session.run(None, {"rows": np.ascontiguousarray(rows, np.float32)})
        scores: Scores = np.exp2(-depths[:, 0].astype(np.float64))
        return scores

    def to_bytes(self) -> bytes:
        """Everything learned: the trees."""
        return pack(self.KIND, self.trees.arrays())

    @classmethod
    def from_bytes(cls, data: bytes) -> "IsolationForest":
        """Read what ``to_bytes`` wrote; raises VerificationError on anything else."""
        trees = Trees(**unpack(data, cls.KIND, Trees.LAYOUT))
        if not sound(trees):
            raise VerificationError("the stored forest does not fit together")
        return cls(trees)


def average_path(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """c(n) of the paper: mean depth of an unsuccessful search among ``rows`` [k] rows, for each entry."""
    many = np.maximum(rows, 3).astype(np.float64)
    depth = 2 * (np.log(many - 1) + np.euler_gamma) - 2 * (many - 1) / many
    return np.where(rows > 2, depth, np.where(rows == 2, 1.0, 0.0))


def _grafted(tree: Any, features: Any, total: float) -> dict[str, np.ndarray[Any, Any]]:
    """Arrays of one tree; a leaf weighs its depth and c(rows in it), divided by ``total``."""
    leaf = tree.children_left < 0
    depths = np.zeros(tree.node_count)
    for node in np.flatnonzero(~leaf):  # a parent comes before its children
        depths[[tree.children_left[node], tree.children_right[node]]] = depths[node] + 1
    return {
        "feature": np.where(leaf, -1, features[tree.feature]).astype(np.int64),
        "threshold": _not_above(np.where(leaf, 0, tree.threshold)),
        "left": np.where(leaf, 0, tree.children_left).astype(np.int64),
        "right": np.where(leaf, 0, tree.children_right).astype(np.int64),
        "weight": np.where(leaf, (depths + average_path(tree.n_node_samples)) / total, 0).astype(np.float32),
    }


def _not_above(thresholds: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Largest float32 not above each float64 threshold: a float32 value goes the same way past either."""
    rounded: np.ndarray[Any, np.dtype[np.float32]] = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
