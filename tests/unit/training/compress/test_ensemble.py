"""Trees as arrays: read, written back, and refused."""

import numpy as np
import onnx
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from kits.trees import CLASSES, NUMBERS, ROWS, Trees, answers, trees_of
from secmlops.core.errors import InputError
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Signature
from secmlops.training.compress.ensemble import Ensemble
from secmlops.training.export import export


def test_trees_that_are_written_back_say_the_same_in_fewer_bytes(forest: Trees, signature: Signature) -> None:
    model, node, trees = forest
    before = Predictor(model.SerializeToString(), signature).predict(ROWS)
    assert np.array_equal(answers(forest, trees, signature), before)
    assert trees.write(node).ByteSize() < node.ByteSize()
    assert trees.answers(NUMBERS).sum(axis=0)[:, 0] == pytest.approx(before[:, 1], abs=1e-6)


def test_sums_that_are_all_positive_are_no_probabilities(forest: Trees, signature: Signature) -> None:
    model, node, trees = trees_of(
        export(GradientBoostingClassifier(n_estimators=2, random_state=0).fit(NUMBERS, CLASSES), signature)
    )
    positive = trees.keep(np.arange(2), np.ones(2))
    positive.values[positive.leaf] = np.abs(positive.values[positive.leaf])
    score = positive.answers(NUMBERS).sum(axis=0)[:, 0] + (positive.others.get("base_values") or [0.0])[-1]
    shown = answers((model, node, trees), positive, signature)
    assert shown[:, 1] == pytest.approx(1 / (1 + np.exp(-score)), abs=1e-5)


def test_trees_that_compare_in_several_ways_are_refused(forest: Trees) -> None:
    _, node, _ = forest
    odd = onnx.NodeProto()
    odd.CopyFrom(node)
    modes = next(a for a in odd.attribute if a.name == "nodes_modes")
    modes.strings[0] = b"BRANCH_EQ"
    with pytest.raises(InputError, match="compare in several ways"):
        Ensemble.of(odd)
    averaged = onnx.NodeProto()
    averaged.CopyFrom(node)
    averaged.attribute.append(onnx.helper.make_attribute("aggregate_function", "AVERAGE"))
    with pytest.raises(InputError, match="not added up"):
        Ensemble.of(averaged)
