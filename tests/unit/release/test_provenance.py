import dataclasses
import json

import pytest

from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.release.candidate import Candidate
from secmlops.release.packages import Package
from secmlops.release.provenance import Provenance


def statement(candidate: Candidate) -> dict:
    return json.loads(Provenance().examine(candidate).products["provenance"])


def test_it_is_an_in_toto_statement_about_the_model(candidate: Candidate) -> None:
    made = statement(candidate)
    assert made["_type"] == "https://in-toto.io/Statement/v1"
    assert made["predicateType"] == "https://slsa.dev/provenance/v1"
    assert made["subject"] == [{"name": "model.onnx", "digest": {"sha256": candidate.model.hex}}]


def test_the_predicate_has_what_slsa_asks_for(candidate: Candidate) -> None:
    made = statement(candidate)["predicate"]
    definition, details = made["buildDefinition"], made["runDetails"]
    assert definition["buildType"] == "urn:secmlops:training:v1"
    assert definition["externalParameters"]["parameters"] == {"model": "logistic_regression", "seed": 7}
    assert definition["internalParameters"] == {"platform": "linux", "python": "3.11.9"}
    assert details["builder"] == {"id": "urn:secmlops:builder:local"}
    assert details["metadata"] == {
        "startedOn": "2026-03-01T09:00:00.000000Z",
        "finishedOn": "2026-03-01T09:05:00.000000Z",
    }


def test_everything_that_went_in_is_a_dependency(candidate: Candidate) -> None:
    pinned = Package("a", "1", archive=Digest.of(b"wheel"))
    made = dataclasses.replace(candidate, environment={"packages": {"a": "1", "b": "2"}}, packages={"a": pinned})
    assert statement(made)["predicate"]["buildDefinition"]["resolvedDependencies"] == [
        {"name": "data/holdout", "digest": {"sha256": Digest.of(b"holdout").hex}},
        {"name": "data/train", "digest": {"sha256": Digest.of(b"train").hex}},
        {"name": "code/entry", "digest": {"sha256": Digest.of(b"def fit(): ...").hex}},
        {"name": "a", "uri": "pkg:pypi/a@1", "digest": {"sha256": Digest.of(b"wheel").hex}},
        {"name": "b", "uri": "pkg:pypi/b@2"},
    ]


def test_what_came_out_beside_the_model_is_a_byproduct(candidate: Candidate) -> None:
    names = [b["name"] for b in statement(candidate)["predicate"]["runDetails"]["byproducts"]]
    assert names == ["evidence/training.fit", "files/signature.json"]


def test_measures_count_dependencies(candidate: Candidate) -> None:
    result = Provenance().examine(candidate)
    assert result.outcome is Outcome.PASSED
    assert result.findings == ()
    assert result.measures == {"dependencies": 5, "datasets": 2, "packages": 2}


@pytest.mark.parametrize(
    ("missing", "rule"),
    [({"builder": ""}, "no-builder"), ({"builder": "me"}, "no-builder"), ({"datasets": {}}, "no-dataset")],
)
def test_provenance_without_builder_or_data_fails(candidate: Candidate, missing, rule: str) -> None:
    result = Provenance().examine(dataclasses.replace(candidate, **missing))
    assert result.outcome is Outcome.FAILED
    assert rule in {f.rule for f in result.findings}


def test_what_else_is_missing_is_a_warning(candidate: Candidate) -> None:
    bare = dataclasses.replace(candidate, started=None, finished=None, environment={}, entry_code=None)
    result = Provenance().examine(bare)
    assert result.outcome is Outcome.PASSED
    assert [f.rule for f in result.findings] == ["no-time", "no-environment"]
    assert statement(bare)["predicate"]["runDetails"]["metadata"] == {}
