"""Reading ONNX models: where their weights lie, which operators they need, and whether tensors are what they claim.

The fields are those of onnx.proto3 (ONNX IR version 13). An unknown field is a finding: what is not understood may be
understood by a loader.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from secmlops.core.errors import VerificationError
from secmlops.release.scan import protobuf
from secmlops.release.scan.inspection import Data, Inspection, LimitReached
from secmlops.release.scan.members import escapes
from secmlops.release.scan.rules import ONNX_ESCAPE, ONNX_EXTERNAL, ONNX_METADATA, ONNX_OPERATOR, ONNX_STRUCTURE, Rule
from secmlops.release.scan.verdict import Place, shown

_DOMAINS = frozenset(["", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft"])
_READS_FILES = frozenset([("com.microsoft", "EPContext")])
_DEEPEST = 32
_LARGEST_TENSOR = 1 << 40

# Message to its fields: an empty text is a plain value, any other names the message inside.
_PLAIN = ""
_MESSAGES: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {
        "model": {1: _PLAIN, 2: _PLAIN, 3: _PLAIN, 4: _PLAIN, 5: _PLAIN, 6: _PLAIN, 7: "graph", 8: "opset",
                  14: "metadata", 20: "training", 25: "function", 26: _PLAIN},
        "graph": {1: "node", 2: _PLAIN, 5: "tensor", 10: _PLAIN, 11: _PLAIN, 12: _PLAIN, 13: _PLAIN, 14: _PLAIN,
                  15: "sparse", 16: "metadata"},
        "node": {1: _PLAIN, 2: _PLAIN, 3: _PLAIN, 4: _PLAIN, 5: "attribute", 6: _PLAIN, 7: _PLAIN, 8: _PLAIN,
                 9: "metadata", 10: _PLAIN},
        "attribute": {1: _PLAIN, 2: _PLAIN, 3: _PLAIN, 4: _PLAIN, 5: "tensor", 6: "graph", 7: _PLAIN, 8: _PLAIN,
                      9: _PLAIN, 10: "tensor", 11: "graph", 13: _PLAIN, 14: _PLAIN, 15: _PLAIN, 20: _PLAIN,
                      21: _PLAIN, 22: "sparse", 23: "sparse"},
        "tensor": {1: _PLAIN, 2: _PLAIN, 3: _PLAIN, 4: _PLAIN, 5: _PLAIN, 6: _PLAIN, 7: _PLAIN, 8: _PLAIN, 9: _PLAIN,
                   10: _PLAIN, 11: _PLAIN, 12: _PLAIN, 13: "external", 14: _PLAIN, 16: "metadata"},
        "sparse": {1: "tensor", 2: "tensor", 3: _PLAIN},
        "function": {1: _PLAIN, 4: _PLAIN, 5: _PLAIN, 6: _PLAIN, 7: "node", 8: _PLAIN, 9: "opset", 10: _PLAIN,
                     11: "attribute", 12: _PLAIN, 13: _PLAIN, 14: "metadata"},
        "training": {1: "graph", 2: "graph", 3: _PLAIN, 4: _PLAIN},
        "opset": {1: _PLAIN, 2: _PLAIN},
        "metadata": {1: _PLAIN, 2: _PLAIN},
        "external": {1: _PLAIN, 2: _PLAIN},
    }
)  # fmt: skip
# Trees hold their nodes as attributes of millions of floats (field 7), ints (8) and texts (9) of up to 127 bytes.
_BULK: Mapping[str, re.Pattern[bytes]] = MappingProxyType(
    {"attribute": re.compile(rb"(?:\x3d.{4}|\x40[\x80-\xff]*+[\x00-\x7f])++", re.DOTALL)}
)
_ELEMENT_BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 14: 8, 15: 16, 16: 2}
_EXTERNAL_LOCATION = 1


@dataclass(slots=True)
class _Walk:
    """One walk: what operators the model uses, what functions it brings, and how many messages were seen."""

    place: Place
    inspection: Inspection
    used: set[tuple[str, str]] = field(default_factory=set)
    brought: set[tuple[str, str]] = field(default_factory=set)
    messages: int = 0

    def message(self, kind: str, data: Data, depth: int) -> dict[int, list[int | Data]]:
        """Plain fields of one message, by number; messages inside are walked, and judged after their own fields."""
        self.messages += 1
        if self.messages > self.inspection.limits.nodes or depth > _DEEPEST:
            raise LimitReached("the model has more parts, or nests deeper, than the limits allow")
        known, plain = _MESSAGES[kind], dict[int, list[int | Data]]()
        for number, wire, value in protobuf.fields(data, _BULK.get(kind)):
            inner = known.get(number)
            if inner is None:
                raise VerificationError(f"the {kind} has a field {number} that ONNX does not know")
            if inner == _PLAIN:
                plain.setdefault(number, []).append(value)
            elif isinstance(value, int) or wire != protobuf.BYTES:
                raise VerificationError(f"field {number} of the {kind} is no message")
            else:
                self.judge(inner, self.message(inner, value, depth + 1), kind)
        return plain

    def judge(self, kind: str, plain: dict[int, list[int | Data]], parent: str) -> None:
        """Look at a message whose fields are all known."""
        if kind == "node":
            self.used.add((_text(plain, 7), _text(plain, 4)))
        elif kind == "function":
            self.brought.add((_text(plain, 10), _text(plain, 1)))
        elif kind == "external":
            self._judge_external(plain)
        elif kind == "tensor":
            self._judge_tensor(plain)
        elif kind == "metadata" and parent == "model":
            self._flag(ONNX_METADATA, f"metadata {shown(_text(plain, 1))!r}")

    def _flag(self, rule: Rule, message: str) -> None:
        self.inspection.flag(rule, self.place, message)

    def _judge_external(self, plain: dict[int, list[int | Data]]) -> None:
        if _text(plain, 1) != "location":
            return
        location = _text(plain, 2)
        if escapes(location):
            self._flag(ONNX_ESCAPE, f"weights are read from {shown(location)!r}")
        else:
            self._flag(ONNX_EXTERNAL, f"weights lie in another file, {shown(location)!r}")

    def _judge_tensor(self, plain: dict[int, list[int | Data]]) -> None:
        name = shown(_text(plain, 8))
        if _EXTERNAL_LOCATION in plain.get(14, []):
            self._flag(ONNX_EXTERNAL, f"weights of tensor {name!r} lie in another file")
        dims = _dims(plain.get(1, []))
        elements = math.prod(dims)
        if any(n < 0 for n in dims) or elements > _LARGEST_TENSOR:
            self._flag(ONNX_STRUCTURE, f"tensor {name!r} has impossible dimensions")
            return
        raw = plain.get(9, [])
        types = plain.get(2, [])
        width = _ELEMENT_BYTES.get(types[-1]) if types and isinstance(types[-1], int) else None
        if raw and width and not isinstance(raw[-1], int) and len(raw[-1]) != elements * width:
            self._flag(ONNX_STRUCTURE, f"tensor {name!r} has another number of bytes than its dimensions call for")


def read_onnx(place: Place, data: Data, inspection: Inspection) -> None:
    """Walk the whole model, subgraphs and functions included; raises VerificationError where it is no ONNX model."""
    walk = _Walk(place, inspection)
    plain = walk.message("model", data, 0)
    if not plain.get(1):
        inspection.flag(ONNX_STRUCTURE, place, "the model has no IR version")
    for domain, operator in sorted(walk.used - walk.brought):
        if domain not in _DOMAINS:
            inspection.flag(ONNX_OPERATOR, place, f"operator {shown(f'{domain}::{operator}')} is not standard")
        elif (domain, operator) in _READS_FILES:
            inspection.flag(ONNX_EXTERNAL, place, f"operator {domain}::{operator} reads another file")


def looks_like_onnx(data: Data, named_so: bool) -> bool:
    """Whether the outermost message has only fields of an ONNX model, and a graph; cheap, nothing inside is read.

    Without the name saying so, the message must begin with the IR version, as every ONNX writer puts it.
    """
    if not named_so and (len(data) < 2 or data[0] != 0x08):
        return False
    seen = set()
    try:
        for number, _, _ in protobuf.fields(data):
            seen.add(number)
            if number not in _MESSAGES["model"]:
                return False
    except VerificationError:
        return False
    return 7 in seen


def _text(plain: dict[int, list[int | Data]], number: int) -> str:
    values = plain.get(number, [])
    value = values[-1] if values else b""
    return "" if isinstance(value, int) else str(value, "utf-8", "backslashreplace")


def _dims(values: list[int | Data]) -> list[int]:
    """Dimensions, packed (proto3) or one by one."""
    dims = []
    for value in values:
        if isinstance(value, int):
            dims.append(protobuf.signed(value))
            continue
        pos = 0
        while pos < len(value):
            number, pos = protobuf.varint(value, pos)
            dims.append(protobuf.signed(number))
    return dims
