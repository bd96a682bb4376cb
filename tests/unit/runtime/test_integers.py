"""Which products in integers a model may hold, and which scales."""

from contextlib import nullcontext

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from secmlops.core.errors import VerificationError
from secmlops.runtime.structure import check_structure

GOOD = {
    "scale": np.float32(0.5),
    "zero": np.uint8(3),
    "weights": np.ones((2, 3), np.int8),
    "columns": np.zeros(3, np.int8),
}


def model(*nodes: onnx.NodeProto, **tensors: object) -> bytes:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2])
    held = [
        value if isinstance(value, onnx.TensorProto) else numpy_helper.from_array(np.asarray(value), name)
        for name, value in {**GOOD, **tensors}.items()
    ]
    return helper.make_model(helper.make_graph(list(nodes), "g", [x], [y], held)).SerializeToString()


def quantised(**attributes: int) -> onnx.NodeProto:
    return helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"], **attributes)


PRODUCT = helper.make_node("MatMulInteger", ["q", "weights", "zero", "columns"], ["y"])
BACK = helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["y"])


def test_what_quantisation_writes_is_let_in() -> None:
    check_structure(model(quantised(), PRODUCT), "m")
    check_structure(model(quantised(axis=1), BACK), "m")
    check_structure(model(helper.make_node("QuantizeLinear", ["x", "scale"], ["q"]), BACK), "m")


@pytest.mark.parametrize(
    ("tensors", "told"),
    [
        ({"scale": np.float32(0)}, "no constant above 0"),
        ({"scale": np.float32(-1)}, "no constant above 0"),
        ({"scale": np.float32(np.inf)}, "no constant above 0"),
        ({"scale": np.float32(np.nan)}, "no constant above 0"),
        ({"scale": np.float64(0.5)}, "no constant above 0"),
        ({"scale": np.ones((1, 1), np.float32)}, "no constant above 0"),
        ({"scale": np.zeros(0, np.float32)}, "no constant above 0"),
        ({"scale": np.ones(2, np.float32)}, "one for each scale"),
        ({"zero": np.int32(3)}, "no constant of 8 bits"),
        ({"zero": np.zeros(2, np.uint8)}, "no constant of 8 bits"),
        ({"weights": np.ones((2, 3), np.float32)}, "no constant matrix"),
        ({"weights": np.ones(2, np.int8)}, "no constant matrix"),
        ({"weights": np.ones(((1 << 16) + 1, 1), np.int8), "columns": np.int8(0)}, "no constant matrix"),
        ({"columns": np.zeros(2, np.int8)}, "MatMulInteger a zero point"),
        ({"columns": np.zeros(3, np.int32)}, "MatMulInteger a zero point"),
    ],
)
def test_scales_zero_points_and_weights_are_looked_at(tensors: dict[str, np.ndarray], told: str) -> None:
    with pytest.raises(VerificationError, match=told):
        check_structure(model(quantised(), PRODUCT, **tensors), "m")


@pytest.mark.parametrize("attributes", [{"block_size": 16}, {"output_dtype": TensorProto.FLOAT8E4M3FN}])
def test_other_ways_to_quantise_are_refused(attributes: dict[str, int]) -> None:
    with pytest.raises(VerificationError, match="another way"):
        check_structure(model(quantised(**attributes), PRODUCT), "m")


@pytest.mark.parametrize(("dims", "refused"), [([], False), ([2], True)])
def test_a_scale_has_the_bytes_it_says(dims: list[int], refused: bool) -> None:
    raw = onnx.TensorProto(name="scale", data_type=TensorProto.FLOAT, dims=dims, raw_data=np.float32(2).tobytes())
    with pytest.raises(VerificationError, match="above 0") if refused else nullcontext():
        check_structure(model(quantised(), PRODUCT, scale=raw), "m")


def test_a_scale_may_be_the_value_of_a_constant() -> None:
    scale = helper.make_node("Constant", [], ["made"], value=helper.make_tensor("v", TensorProto.FLOAT, [], [0.5]))
    quantise = helper.make_node("QuantizeLinear", ["x", "made", "zero"], ["q"])
    check_structure(model(scale, quantise, PRODUCT), "m")
