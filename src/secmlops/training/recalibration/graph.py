"""The maps as operators at the end of the model's own ONNX graph; its plain probabilities keep a name there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from secmlops.runtime.uncalibrated import UNCALIBRATED
from secmlops.training.recalibration.maps import FLOOR, LogLine, Map, Steps


@dataclass(slots=True)
class Tail:
    """Nodes that turn the probabilities ``UNCALIBRATED`` into better ones, ``output``, and the constants they take."""

    maps: Sequence[Map]
    output: str
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)

    @classmethod
    def of(cls, maps: Sequence[Map], output: str) -> "Tail":
        """Nodes and constants, in standard operators of opset 18."""
        tail = cls(maps, output)
        columns = [tail._mapped(one, place if len(maps) > 1 else 1) for place, one in enumerate(maps)]
        if len(columns) == 1:
            other = tail._node("Sub", [tail._constant("one", np.float32(1)), columns[0]], "recalibrated/other")
            columns = [other, columns[0]]
            tail._node("Concat", columns, output, axis=1)
        else:
            together = tail._node("Concat", columns, "recalibrated/together", axis=1)
            total = tail._node("ReduceSum", [together, tail._constant("unit", np.array([1]))], "recalibrated/total")
            tail._node("Div", [together, total], output)
        return tail

    def _mapped(self, one: Map, column: int) -> str:
        """One column of the probabilities behind its map, [n, 1]."""
        return self._line(one, column) if isinstance(one, LogLine) else self._steps(one, column)

    def _logs(self, column: int) -> tuple[str, str]:
        """Logarithms of the class's probability and of that of all others."""
        name, others = f"recalibrated/{column}", [c for c in range(max(len(self.maps), 2)) if c != column]
        own = self._node("Gather", [UNCALIBRATED, self._constant(f"own{column}", np.array([column]))], name, axis=1)
        places = self._constant(f"others{column}", np.array(others))
        picked = self._node("Gather", [UNCALIBRATED, places], f"{name}/others", axis=1)
        rest = self._node("ReduceSum", [picked, self._constant("unit", np.array([1]))], f"{name}/rest")
        ends = [self._constant("least", np.float32(FLOOR)), self._constant("one", np.float32(1))]
        kept = [self._node("Clip", [part, *ends], f"{part}/kept") for part in (own, rest)]
        return self._node("Log", kept[:1], f"{name}/log"), self._node("Log", kept[1:], f"{name}/log-rest")

    def _line(self, line: LogLine, column: int) -> str:
        name = f"recalibrated/{column}"
        rise, fall = self._logs(column)
        risen = self._node("Mul", [rise, self._constant(f"rise{column}", np.float32(line.rise))], f"{name}/risen")
        fallen = self._node("Mul", [fall, self._constant(f"fall{column}", np.float32(line.fall))], f"{name}/fallen")
        apart = self._node("Sub", [risen, fallen], f"{name}/apart")
        odds = self._node("Add", [apart, self._constant(f"shift{column}", np.float32(line.shift))], f"{name}/odds")
        return self._node("Sigmoid", [odds], f"{name}/better")

    def _steps(self, steps: Steps, column: int) -> str:
        """Value at the last knot below, and the slope from there: no sum of many slopes, which would lose figures."""
        name = f"recalibrated/{column}"
        knots, values = steps.knots, steps.values
        slopes = np.append(np.diff(values) / np.diff(knots), 0.0) if len(knots) > 1 else np.zeros(1)
        odds = self._node("Sub", self._logs(column), f"{name}/odds")
        first, end = (self._constant(f"{n}{column}", np.float32(knots[e])) for n, e in (("first", 0), ("end", -1)))
        kept = self._node("Clip", [odds, first, end], f"{name}/within")
        table = self._constant(f"knots{column}", knots.astype(np.float32))
        passed = self._node("GreaterOrEqual", [kept, table], f"{name}/passed")
        counted = self._node("Cast", [passed], f"{name}/counted", to=TensorProto.INT64)
        number = self._node("ReduceSum", [counted, self._constant("unit", np.array([1]))], f"{name}/number")
        last = self._node("Sub", [number, self._constant("unit", np.array([1]))], f"{name}/last")
        start = self._node("Gather", [table, last], f"{name}/start")
        slope = self._node(
            "Gather", [self._constant(f"slopes{column}", slopes.astype(np.float32)), last], f"{name}/slope"
        )
        value = self._node(
            "Gather", [self._constant(f"values{column}", values.astype(np.float32)), last], f"{name}/value"
        )
        beyond = self._node("Sub", [kept, start], f"{name}/beyond")
        risen = self._node("Mul", [slope, beyond], f"{name}/risen")
        return self._node("Add", [value, risen], f"{name}/better")

    def _node(self, operator: str, inputs: Iterable[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=output, **attributes))
        return output

    def _constant(self, name: str, value: np.ndarray | np.generic) -> str:
        full = f"recalibrated/{name}"
        self.constants[full] = numpy_helper.from_array(np.asarray(value), full)
        return full
