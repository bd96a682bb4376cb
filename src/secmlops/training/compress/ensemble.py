"""The trees of an ONNX model as arrays, to be thinned out and written back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper

from secmlops.core.errors import InputError
from secmlops.training.advice import Advice

Indices: TypeAlias = npt.NDArray[np.intp]
Design: TypeAlias = npt.NDArray[np.float32]
Values: TypeAlias = npt.NDArray[np.float64]

OPERATORS = ("TreeEnsembleClassifier", "TreeEnsembleRegressor")
_COMPARISONS = {b"BRANCH_LEQ": np.less_equal, b"BRANCH_LT": np.less}
_LEAF = b"LEAF"


@dataclass(frozen=True, slots=True, eq=False)
class Ensemble:
    """All nodes [N] of all trees, in order of trees, as one ONNX operator holds them.

    A branch goes ``true`` (the place of a node) where ``column`` compares with ``threshold``, else ``false``; of a leaf
    both are its own place. ``strict`` says that the comparison is ``<``, not ``<=``; ``missing`` that NaN goes true.
    ``values`` [N, k] are what leaves add to the outputs ``ids`` [k]. ``others`` are the operator's other attributes.
    """

    tree: Indices
    column: Indices
    threshold: npt.NDArray[np.float32]
    true: Indices
    false: Indices
    missing: npt.NDArray[np.bool_]
    values: Values
    ids: tuple[int, ...]
    strict: bool
    others: dict[str, Any]

    @classmethod
    def of(cls, node: onnx.NodeProto) -> Self:
        """Read an operator; raises InputError for one that is not written as converters write it."""
        given = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        branches = set(given["nodes_modes"]) - {_LEAF}
        if len(branches) > 1 or not branches <= _COMPARISONS.keys() or any(n.endswith("_as_tensor") for n in given):
            raise InputError("these trees cannot be pruned: they compare in several ways", hint=Advice.COMPRESSIBLE)
        if given.get("aggregate_function", b"SUM") != b"SUM":
            raise InputError("these trees cannot be pruned: they are not added up", hint=Advice.COMPRESSIBLE)
        keys = _keys(given["nodes_treeids"], given["nodes_nodeids"])
        order = np.argsort(keys, kind="stable")
        leaf = np.array([mode == _LEAF for mode in given["nodes_modes"]])[order]
        own, tree = np.arange(len(keys)), np.array(given["nodes_treeids"], np.int64)[order]
        below = [np.array(given[f"nodes_{name}nodeids"])[order] for name in ("true", "false")]
        true, false = (np.where(leaf, own, np.searchsorted(keys[order], _keys(tree, nodes))) for nodes in below)
        prefix = _prefix(node)
        ids = tuple(sorted(set(given[f"{prefix}_ids"])))
        values = np.zeros((len(keys), len(ids)))
        places = np.searchsorted(keys[order], _keys(given[f"{prefix}_treeids"], given[f"{prefix}_nodeids"]))
        np.add.at(values, (places, np.searchsorted(ids, given[f"{prefix}_ids"])), given[f"{prefix}_weights"])
        tracks = given.get("nodes_missing_value_tracks_true") or [0] * len(keys)
        kept = ("n_targets", "classlabels_int64s", "classlabels_strings", "post_transform", "base_values")
        return cls(
            tree=np.unique(tree, return_inverse=True)[1].astype(np.intp),
            column=np.array(given["nodes_featureids"], np.intp)[order],
            threshold=np.array(given["nodes_values"], np.float32)[order],
            true=true,
            false=false,
            missing=np.array(tracks, bool)[order],
            values=values,
            ids=ids,
            strict=b"BRANCH_LT" in branches,
            others={name: given[name] for name in kept if name in given},
        )

    @property
    def leaf(self) -> npt.NDArray[np.bool_]:
        """Which nodes [N] are leaves."""
        leaf: npt.NDArray[np.bool_] = self.true == np.arange(len(self.tree))
        return leaf

    @property
    def roots(self) -> Indices:
        """Place of the first node of each tree [T]."""
        return np.flatnonzero(np.diff(self.tree, prepend=-1))

    def leaves_of(self, design: Design) -> Indices:
        """Place of the leaf [T, n] to which each tree leads each row [n, d]."""
        here = np.repeat(self.roots[:, None], len(design), axis=1)
        compare = np.less if self.strict else np.less_equal
        rows, leaf = np.arange(len(design)), self.leaf
        while not leaf[here].all():
            value = design[rows, self.column[here]]
            holds = compare(value, self.threshold[here]) | (np.isnan(value) & self.missing[here])
            here = np.where(holds, self.true[here], self.false[here])
        return here

    def answers(self, design: Design) -> Values:
        """What each tree adds to the outputs, float64 [T, n, k]."""
        return self.values[self.leaves_of(design)]

    def identities(self) -> Iterator[bytes]:
        """Yield bytes for each tree, the same for trees that are the same."""
        ends = [*self.roots[1:].tolist(), len(self.tree)]
        for start, end in zip(self.roots.tolist(), ends, strict=True):
            part, own = slice(start, end), start
            arrays = (self.true[part] - own, self.false[part] - own, self.missing[part], self.values[part])
            inner = ~self.leaf[part]
            looks = (self.column[part] * inner, self.threshold[part] * inner)
            yield b"".join(np.ascontiguousarray(a).tobytes() for a in (*arrays, *looks))

    def keep(self, trees: Indices, weights: Values) -> "Ensemble":
        """Only these ``trees``, by number and in this order, the values of each multiplied by its weight."""
        parts = [np.flatnonzero(self.tree == tree) for tree in trees]
        sizes = np.array([len(part) for part in parts])
        places = np.concatenate(parts)
        moved = np.repeat(np.cumsum(sizes) - sizes - self.roots[trees], sizes)
        kept = self._at(places, (self.true[places] + moved, self.false[places] + moved))
        values = kept.values * np.repeat(weights, sizes)[:, None]
        return replace(kept, tree=np.repeat(np.arange(len(trees)), sizes), values=values)

    def cut(self, tops: Indices, values: Values) -> "Ensemble":
        """Make leaves of the nodes at the places ``tops``, with ``values`` [m, k]; what lay below them goes."""
        own = np.arange(len(self.tree))
        true, false, told = self.true.copy(), self.false.copy(), self.values.copy()
        true[tops], false[tops], told[tops] = tops, tops, values
        alive = np.zeros(len(own), bool)
        alive[self.roots] = True
        for place in own:  # a node comes before those below it
            if alive[place]:
                alive[true[place]] = alive[false[place]] = True
        places, new = np.flatnonzero(alive), np.cumsum(alive) - 1
        return replace(self._at(places, (new[true[places]], new[false[places]])), values=told[places])

    def _at(self, places: Indices, ways: tuple[Indices, Indices]) -> "Ensemble":
        """The nodes at ``places``, from which true and false lead these ``ways``."""
        return replace(
            self,
            tree=self.tree[places],
            column=self.column[places],
            threshold=self.threshold[places],
            true=ways[0],
            false=ways[1],
            missing=self.missing[places],
            values=self.values[places],
        )

    def write(self, node: onnx.NodeProto) -> onnx.NodeProto:
        """Return an operator in the place of ``node``, with nothing that it could do without."""
        leaf, prefix = self.leaf, _prefix(node)
        own = np.arange(len(self.tree)) - self.roots[self.tree]
        told = (self.values != 0) if len(self.ids) > 2 else np.ones(self.values.shape, bool)
        told[:, 0] |= ~told.any(axis=1)
        place, column = np.nonzero(leaf[:, None] & told)
        branch = b"BRANCH_LT" if self.strict else b"BRANCH_LEQ"
        attributes = {
            "nodes_treeids": self.tree.tolist(),
            "nodes_nodeids": own.tolist(),
            "nodes_featureids": np.where(leaf, 0, self.column).tolist(),
            "nodes_modes": [_LEAF if end else branch for end in leaf],
            "nodes_values": np.where(leaf, 0, self.threshold).tolist(),
            "nodes_truenodeids": np.where(leaf, 0, own[self.true]).tolist(),
            "nodes_falsenodeids": np.where(leaf, 0, own[self.false]).tolist(),
            f"{prefix}_treeids": self.tree[place].tolist(),
            f"{prefix}_nodeids": own[place].tolist(),
            f"{prefix}_ids": np.array(self.ids)[column].tolist(),
            f"{prefix}_weights": self.values[place, column].tolist(),
            **self.others,
        }
        if len(self.ids) == 1 and self.others.get("post_transform") == b"LOGISTIC":
            self._with_a_negative_weight(attributes)
        if (self.missing & ~leaf).any():
            attributes["nodes_missing_value_tracks_true"] = (self.missing & ~leaf).astype(int).tolist()
        return helper.make_node(node.op_type, node.input, node.output, node.name, domain=node.domain, **attributes)

    def _with_a_negative_weight(self, attributes: dict[str, Any]) -> None:
        """Move a part into the base value: ONNX Runtime takes sums of positive weights alone for probabilities."""
        weights = self.values[self.leaf, 0]
        if (weights >= 0).all():
            shift = 1.0 + float(weights.max())
            first = self.tree[self.leaf] == 0
            attributes["class_weights"] = np.where(first, weights - shift, weights).tolist()
            base = self.others.get("base_values") or [0.0]
            attributes["base_values"] = [*base[:-1], base[-1] + shift]


def _prefix(node: onnx.NodeProto) -> str:
    return "class" if node.op_type == "TreeEnsembleClassifier" else "target"


def _keys(trees: Any, nodes: Any) -> npt.NDArray[np.int64]:
    keys: npt.NDArray[np.int64] = np.asarray(trees, np.int64) * 2**32 + np.asarray(nodes, np.int64)
    return keys
