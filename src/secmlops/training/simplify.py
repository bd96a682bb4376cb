"""Takes detours out of an ONNX graph: columns that a converter takes apart only to put them together again.

A lone row through a small model spends more time on operators than on arithmetic. Nothing here changes a number.
"""

from collections.abc import Iterable, Sequence

import onnx
from onnx import helper

_COLUMNS = (1, -1)
"""The second axis, the last one, of a matrix."""


def simplified(nodes: Iterable[onnx.NodeProto], answer: str) -> list[onnx.NodeProto]:
    """Those of ``nodes``, in topological order, that ``answer`` depends on, past every split that is joined again."""
    return needed(_joined_directly(list(nodes)), answer)


def needed(nodes: Sequence[onnx.NodeProto], answer: str) -> list[onnx.NodeProto]:
    """The nodes that ``answer`` depends on, in their order."""
    kept: list[onnx.NodeProto] = []
    wanted = {answer}
    for node in reversed(nodes):
        if wanted & set(node.output):
            kept.append(node)
            wanted |= set(node.input) | _outer_names(node)
    return kept[::-1]


def _joined_directly(nodes: Sequence[onnx.NodeProto]) -> list[onnx.NodeProto]:
    """The nodes without each Concat of just the parts of a Split, in their order: it gives what was split."""
    whole = {tuple(node.output): node.input[0] for node in nodes if node.op_type == "Split" and _axis(node) in _COLUMNS}
    fixed = set[str]().union(*map(_outer_names, nodes))
    renamed: dict[str, str] = {}
    kept = []
    for node in nodes:
        source = whole.get(tuple(node.input)) if node.op_type == "Concat" and _axis(node) in _COLUMNS else None
        if source is not None and node.output[0] not in fixed:
            renamed[node.output[0]] = renamed.get(source, source)
        else:
            kept.append(_with_inputs(node, renamed))
    return kept


def _with_inputs(node: onnx.NodeProto, renamed: dict[str, str]) -> onnx.NodeProto:
    if not renamed.keys() & set(node.input):
        return node
    changed = onnx.NodeProto()
    changed.CopyFrom(node)
    changed.input[:] = [renamed.get(name, name) for name in node.input]
    return changed


def _axis(node: onnx.NodeProto) -> int:
    return next((int(helper.get_attribute_value(a)) for a in node.attribute if a.name == "axis"), 0)


def _outer_names(node: onnx.NodeProto) -> set[str]:
    """Names that the subgraphs of ``node`` may take from outside."""
    graphs = [a.g for a in node.attribute if a.HasField("g")]
    names: set[str] = set()
    for inner in (n for g in graphs for n in g.node):
        names |= set(inner.input) | _outer_names(inner)
    return names
