"""Three hundred rows of three numbers, and the trees of a model of them as they stand in its ONNX file."""

import numpy as np
import onnx

from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs, Signature
from secmlops.training.compress.ensemble import Ensemble

DRAW = np.random.default_rng(2)
NUMBERS = DRAW.normal(size=(300, 3)).astype(np.float32)
CLASSES = (NUMBERS[:, 0] + 0.5 * DRAW.normal(size=300) > 0).astype(np.int64)
ROWS = Inputs(NUMBERS, np.empty((300, 0), object))
TRUTH = CLASSES[:, None].astype(np.float64)
Trees = tuple[onnx.ModelProto, onnx.NodeProto, Ensemble]


def trees_of(data: bytes) -> Trees:
    """The model, its operator of trees, and these read."""
    model = onnx.load_from_string(data)
    node = next(n for n in model.graph.node if n.op_type.startswith("TreeEnsemble"))
    return model, node, Ensemble.of(node)


def answers(trees: Trees, changed: Ensemble, signature: Signature) -> np.ndarray:
    """What the model says of the rows with ``changed`` in place of its trees."""
    model, node, _ = trees
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    place = list(model.graph.node).index(node)
    copy.graph.node[place].CopyFrom(changed.write(node))
    return Predictor(copy.SerializeToString(), signature).predict(ROWS)
