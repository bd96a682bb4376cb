import dataclasses
import json

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.release.bom import BillOfMaterials
from secmlops.release.candidate import Candidate
from secmlops.release.packages import Package
from secmlops.runtime.signature import Signature


def bill(candidate: Candidate) -> dict:
    return json.loads(BillOfMaterials().examine(candidate).products["bom"])


def assert_valid(candidate: Candidate) -> None:
    text = BillOfMaterials().examine(candidate).products["bom"].decode()
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert error is None, error


def with_packages(candidate: Candidate, *packages: Package) -> Candidate:
    environment = {"packages": {p.name: p.version for p in packages}}
    return dataclasses.replace(candidate, environment=environment, packages={p.name: p for p in packages})


def replace(candidate: Candidate, **changes) -> Candidate:
    return dataclasses.replace(candidate, **changes)


SPDX = Package("a", "1", "MIT OR Apache-2.0", True, Digest.of(b"a"), Digest.of(b"record"))
NAMED = Package("b", "2", "BSD License", record=Digest.of(b"b"))
BARE = Package("c", "3")


def test_it_is_valid_by_the_official_schema(candidate: Candidate) -> None:
    assert_valid(candidate)
    assert_valid(with_packages(candidate, SPDX, NAMED, BARE, Package("d", "")))
    assert_valid(replace(candidate, metrics={}, parameters={}, finished=None, datasets={}, environment={}))


def test_a_regressor_is_valid_too(candidate: Candidate) -> None:
    signature = Signature(task=Task.REGRESSION, features=candidate.signature.features[:1])
    made = Candidate(name="pumps", version="1", files={"model.onnx": b"m"}, signature=signature)
    assert_valid(made)
    outputs = bill(made)["metadata"]["component"]["modelCard"]["modelParameters"]["outputs"]
    assert outputs == [{"format": "prediction: float32 [rows, 1]"}]


def test_inputs_without_columns_are_left_out(candidate: Candidate) -> None:
    signature = Signature(task=Task.REGRESSION, features=candidate.signature.features[1:])
    made = Candidate(name="words", version="1", files={"model.onnx": b"m"}, signature=signature)
    inputs = bill(made)["metadata"]["component"]["modelCard"]["modelParameters"]["inputs"]
    assert inputs == [{"format": "categorical: string [rows, 1]"}]


def test_the_model_and_its_card(candidate: Candidate) -> None:
    model = bill(candidate)["metadata"]["component"]
    assert model["type"] == "machine-learning-model"
    assert model["hashes"] == [{"alg": "SHA-256", "content": candidate.model.hex}]
    parameters = model["modelCard"]["modelParameters"]
    assert parameters["task"] == "binary_classification"
    assert parameters["modelArchitecture"] == "logistic_regression"
    assert parameters["inputs"] == [
        {"format": "numeric: float32 [rows, 1]"},
        {"format": "categorical: string [rows, 1]"},
    ]
    assert parameters["outputs"] == [{"format": "probabilities: float32 [rows, 2]"}]
    metrics = model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]
    assert metrics == [{"type": "auc", "value": "0.78"}, {"type": "brier", "value": "0.2"}]


def test_data_sets_are_named_by_digest(candidate: Candidate) -> None:
    read = bill(candidate)
    references = [d["ref"] for d in read["metadata"]["component"]["modelCard"]["modelParameters"]["datasets"]]
    data = {c["bom-ref"]: c["hashes"][0]["content"] for c in read["components"] if c["type"] == "data"}
    assert {data[r] for r in references} == {d.hex for d in candidate.datasets.values()}


def test_packages_carry_licence_and_hash_where_known(candidate: Candidate) -> None:
    components = {c["name"]: c for c in bill(with_packages(candidate, SPDX, NAMED, BARE))["components"]}
    assert components["a"]["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
    assert components["a"]["hashes"] == [{"alg": "SHA-256", "content": Digest.of(b"a").hex}]
    assert components["b"]["licenses"] == [{"license": {"name": "BSD License"}}]
    assert components["b"]["properties"][-1]["value"] == Digest.of(b"b").hex
    assert components["c"] == {
        "type": "library", "bom-ref": "pkg:pypi/c@3", "name": "c", "purl": "pkg:pypi/c@3", "version": "3",
        "scope": "excluded", "properties": [{"name": "secmlops:used-in", "value": "training"}],
    }  # fmt: skip


def test_metadata_of_another_version_is_not_used(candidate: Candidate) -> None:
    other = replace(with_packages(candidate, SPDX), environment={"packages": {"a": "9"}})
    (library,) = [c for c in bill(other)["components"] if c["type"] == "library"]
    assert library["version"] == "9"
    assert "licenses" not in library


def test_the_same_candidate_gives_the_same_bytes(candidate: Candidate) -> None:
    first, second = (BillOfMaterials().examine(candidate).products["bom"] for _ in range(2))
    assert first == second
    other = replace(candidate, files={"model.onnx": b"another"})
    assert json.loads(first)["serialNumber"] != bill(other)["serialNumber"]
    assert json.loads(first)["metadata"]["timestamp"] == "2026-03-01T09:05:00.000000Z"
    assert "timestamp" not in bill(replace(candidate, finished=None))["metadata"]


def test_what_is_not_pinned_or_licensed_is_counted_and_told(candidate: Candidate) -> None:
    result = BillOfMaterials().examine(with_packages(candidate, SPDX, NAMED, BARE))
    assert result.outcome is Outcome.PASSED
    counts = {"components": 7, "packages": 3, "serving_packages": 0, "without_licence": 1, "unpinned": 1}
    assert result.measures == {**counts, "refused_licences": 0}
    assert [f.rule for f in result.findings] == ["without-licence", "unpinned"]
    assert "c" in result.findings[0].message
    assert result.materials == candidate.datasets


@pytest.mark.parametrize(
    ("missing", "rule"), [({"environment": {}}, "no-environment"), ({"datasets": {}}, "no-dataset")]
)
def test_a_list_that_is_silent_about_what_matters_fails(candidate: Candidate, missing, rule: str) -> None:
    result = BillOfMaterials().examine(replace(candidate, **missing))
    assert result.outcome is Outcome.FAILED
    assert rule in {f.rule for f in result.findings}


def test_a_long_list_is_cut_short(candidate: Candidate) -> None:
    many = with_packages(candidate, *(Package(f"p{i:02}", "1") for i in range(30)))
    finding = BillOfMaterials().examine(many).findings[0]
    assert finding.message.startswith("30 packages")
    assert finding.message.endswith("p09, ...")


def test_what_serves_and_what_only_trained_are_told_apart(candidate: Candidate) -> None:
    made = replace(with_packages(candidate, SPDX, NAMED), serving={"a": "1", "server": "4"})
    assert_valid(made)
    told = {
        c["name"]: (c["scope"], [p["value"] for p in c["properties"] if p["name"] == "secmlops:used-in"])
        for c in bill(made)["components"]
        if c["type"] == "library"
    }
    assert told == {
        "a": ("required", ["training", "serving"]),
        "b": ("excluded", ["training"]),
        "server": ("required", ["serving"]),
    }
    assert BillOfMaterials().examine(made).measures["packages"] == 3


def test_what_serves_does_not_stand_in_for_an_unknown_training(candidate: Candidate) -> None:
    unknown = replace(candidate, environment={}, serving={"server": "4"})
    assert BillOfMaterials().examine(unknown).outcome is Outcome.FAILED


def test_a_refused_licence_fails_by_the_name_of_its_package(candidate: Candidate) -> None:
    found = BillOfMaterials(("BSD",)).examine(with_packages(candidate, SPDX, NAMED, BARE))
    assert (found.outcome, found.measures["refused_licences"]) == (Outcome.FAILED, 1)
    assert [one.where for one in found.findings if one.rule == "refused-licence"] == ["b"]
    with pytest.raises(InputError):
        BillOfMaterials(("",))
