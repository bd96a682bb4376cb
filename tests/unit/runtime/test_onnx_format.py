"""The messages of the ONNX format are those of the package onnx, and are had without it."""

import subprocess
import sys

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from kits.gateway_world import tiny_model
from secmlops.runtime import onnx_format
from secmlops.runtime.structure import _extents

HEAVY = ("onnx", "jinja2", "sklearn", "scipy", "pyarrow", "pandas", "opentelemetry", "requests")


def told_by(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()


def test_who_serves_loads_neither_onnx_nor_anything_else_that_only_others_need() -> None:
    found = told_by("import sys, secmlops.cli.serve; print(*{name.partition('.')[0] for name in sys.modules})").split()
    assert "onnxruntime" in found
    assert set(HEAVY) & set(found) == set()


@pytest.mark.parametrize(
    "order", ["import secmlops.runtime.onnx_format, onnx", "import onnx, secmlops.runtime.onnx_format"]
)
def test_the_package_may_be_loaded_before_or_after(order: str) -> None:
    model = tiny_model().hex()
    program = (
        f"{order}; from secmlops.runtime.onnx_format import ModelProto; data = bytes.fromhex('{model}');"
        "theirs = onnx.load_model_from_string(data); onnx.checker.check_model(theirs);"
        "print(ModelProto.FromString(data).SerializeToString() == theirs.SerializeToString())"
    )
    assert told_by(program) == "True"


def test_what_is_no_model_is_refused_as_by_the_package() -> None:
    with pytest.raises(DecodeError):
        onnx_format.ModelProto.FromString(b"no model")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=5), st.booleans())
def test_the_values_of_a_shape_are_those_that_the_package_reads(values: list[int], raw: bool) -> None:
    held = b"".join(value.to_bytes(8, "little", signed=True) for value in values) if raw else values
    tensor = helper.make_tensor("shape", TensorProto.INT64, [len(values)], held, raw=raw)
    assert _extents(tensor) == numpy_helper.to_array(tensor).tolist() == values


@pytest.mark.parametrize("raw", [b"", b"\0" * 7, b"\0" * 9, b"\0" * 24])
def test_bytes_that_are_not_as_many_as_the_shape_says_are_no_shape(raw: bytes) -> None:
    tensor = TensorProto(data_type=TensorProto.INT64, dims=[2], raw_data=raw)
    assert len(_extents(tensor)) != 2
