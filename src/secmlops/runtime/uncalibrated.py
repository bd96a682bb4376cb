"""The probabilities of a recalibrated model before the map behind it: they keep a name inside the ONNX graph."""

import onnx

from secmlops.runtime.signature import PROBABILITIES_OUTPUT

UNCALIBRATED = "uncalibrated"


def uncalibrated(model: bytes) -> bytes | None:
    """ONNX bytes of the same model without the map, or None where there is none.

    Nodes that nobody needs any more stay in the graph: ONNX Runtime leaves them out.
    """
    loaded = onnx.load_model_from_string(model)
    graph = loaded.graph
    if not any(UNCALIBRATED in node.output for node in graph.node):
        return None
    kept = [node for node in graph.node if PROBABILITIES_OUTPUT not in node.output]
    del graph.node[:]
    graph.node.extend(kept)
    graph.node.append(onnx.helper.make_node("Identity", [UNCALIBRATED], [PROBABILITIES_OUTPUT], name="plain"))
    plain: bytes = loaded.SerializeToString(deterministic=True)
    return plain
