"""ONNX models, real ones and ones built to read other files or to need other code."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from secmlops.release.scan import FileReport, Limits, Verdict, scan_bytes


def scan(model: onnx.ModelProto, limits: Limits | None = None) -> FileReport:
    return scan_bytes("model.onnx", model.SerializeToString(), limits)


def rules(model: onnx.ModelProto) -> set[str]:
    return {finding.rule for finding in scan(model).findings}


def model_of(*nodes: onnx.NodeProto, initializers: tuple[TensorProto, ...] = (), **settings: object) -> onnx.ModelProto:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph(list(nodes), "graph", [value], [result], initializer=list(initializers))
    return helper.make_model(graph, **settings)


def weights(**changes: object) -> TensorProto:
    tensor = numpy_helper.from_array(np.ones(4, np.float32), "w")
    for name, value in changes.items():
        setattr(tensor, name, value)
    return tensor


def external(location: str) -> TensorProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=location)
    return tensor


IDENTITY = helper.make_node("Identity", ["x"], ["y"])


def test_a_converted_forest_is_safe() -> None:
    rng = np.random.default_rng(0)
    features, target = rng.standard_normal((60, 3)).astype(np.float32), rng.integers(0, 3, 60)
    forest = make_pipeline(StandardScaler(), RandomForestClassifier(10, random_state=0)).fit(features, target)
    report = scan(to_onnx(forest, features[:1]))
    assert (report.verdict, report.format) == (Verdict.SAFE, "onnx")


def test_plain_model_and_typed_weights_are_safe() -> None:
    typed = helper.make_tensor("t", TensorProto.INT64, [2], [1, -5])
    assert scan(model_of(IDENTITY, initializers=(weights(), typed))).verdict is Verdict.SAFE


@pytest.mark.parametrize("location", ["/etc/passwd", "../w.bin", "a/../../w", "C:\\w", "\\\\host\\w"])
def test_weights_outside_of_the_folder(location: str) -> None:
    report = scan(model_of(IDENTITY, initializers=(external(location),)))
    assert report.verdict is Verdict.DANGEROUS
    assert "onnx-external-path" in {finding.rule for finding in report.findings}


def test_weights_in_another_file() -> None:
    assert rules(model_of(IDENTITY, initializers=(external("w.bin"),))) == {"onnx-external-data"}


def test_external_data_in_an_attribute_and_in_a_subgraph() -> None:
    constant = helper.make_node("Constant", [], ["c"], value=external("/etc/passwd"))
    branch = helper.make_graph([constant], "branch", [], [])
    choice = helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch)
    assert "onnx-external-path" in rules(model_of(choice))
    assert "onnx-external-path" in rules(model_of(constant))


def test_operators_of_another_domain() -> None:
    node = helper.make_node("Shell", ["x"], ["y"], domain="com.example")
    assert rules(model_of(node)) == {"onnx-operator-domain"}
    context = helper.make_node("EPContext", ["x"], ["y"], domain="com.microsoft")
    assert rules(model_of(context)) == {"onnx-external-data"}


def test_local_functions_are_walked_and_count_as_brought() -> None:
    opsets = [helper.make_opsetid("", 18)]
    call = helper.make_node("Own", ["x"], ["y"], domain="local")
    harmless = helper.make_function("local", "Own", ["a"], ["b"], [helper.make_node("Identity", ["a"], ["b"])], opsets)
    assert rules(model_of(call, functions=[harmless])) == set()
    inner = helper.make_node("Shell", ["a"], ["b"], domain="com.example")
    harmful = helper.make_function("local", "Own", ["a"], ["b"], [inner], opsets)
    assert rules(model_of(call, functions=[harmful])) == {"onnx-operator-domain"}


def test_tensors_that_are_not_what_they_claim() -> None:
    negative = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[-1])
    huge = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1 << 50])
    for tensor in (negative, huge, weights(raw_data=b"12")):
        assert rules(model_of(IDENTITY, initializers=(tensor,))) == {"onnx-structure"}


def test_metadata_is_told_and_stays_safe() -> None:
    model = model_of(IDENTITY)
    model.metadata_props.add(key="author", value="somebody")
    report = scan(model)
    assert report.verdict is Verdict.SAFE
    assert [finding.rule for finding in report.findings] == ["onnx-metadata"]
    assert "somebody" not in report.findings[0].message


def test_broken_messages_are_not_safe() -> None:
    data = model_of(IDENTITY, initializers=(weights(),)).SerializeToString()
    for cut in range(1, len(data), 7):
        assert scan_bytes("model.onnx", data[:cut]).verdict is not Verdict.SAFE
    assert scan_bytes("model.onnx", data + b"\xfa\x07\x01a").verdict is not Verdict.SAFE
    assert scan_bytes("model.onnx", b"\x3a\x00").verdict is Verdict.CANNOT_TELL


def test_limits_on_parts_and_depth() -> None:
    model = model_of(*[IDENTITY] * 50)
    assert scan(model, Limits(nodes=20)).verdict is Verdict.CANNOT_TELL
    graph = helper.make_graph([IDENTITY], "deep", [], [])
    for _ in range(20):
        graph = helper.make_graph([helper.make_node("If", ["x"], ["y"], then_branch=graph)], "deep", [], [])
    assert scan(model_of(helper.make_node("If", ["x"], ["y"], then_branch=graph))).verdict is Verdict.CANNOT_TELL
