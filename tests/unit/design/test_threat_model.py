import msgspec

from secmlops.core.stage import Stage
from secmlops.core.task import Task
from secmlops.design.coverage import Claims
from secmlops.design.facts import Actor, Asset, ProjectFacts
from secmlops.design.threat_model import threat_model
from secmlops.trust.canonical import canonical_json

NOTHING = Claims({})
EVERYTHING = ProjectFacts("credit", Task.BINARY, pretrained_model=True)


def ids(project: ProjectFacts) -> set[str]:
    return {t.threat.id for t in threat_model(project, NOTHING).threats}


def test_a_project_with_everything_faces_everything() -> None:
    model = threat_model(EVERYTHING, NOTHING)
    assert model.assets == tuple(Asset)
    assert model.actors == tuple(Actor)
    assert len(model.threats) == 91


def test_no_endpoint_no_queries() -> None:
    offline = ProjectFacts("offline", Task.BINARY, frozenset(Stage) - {Stage.SERVING})
    assert {"atlas:AML.T0015", "owasp-ml:ML09", "atlas:AML.T0029"}.isdisjoint(ids(offline))
    assert "atlas:AML.T0020" in ids(offline)


def test_each_fact_removes_its_threats() -> None:
    assert "owasp-ml:ML04" not in ids(ProjectFacts("p", Task.BINARY, personal_data=False))
    assert "owasp-ml:ML08" not in ids(ProjectFacts("p", Task.BINARY, feedback=False))
    assert "atlas:AML.T0019" not in ids(ProjectFacts("p", Task.BINARY, outside_data=False))
    assert "owasp-ml:ML07" not in ids(ProjectFacts("p", Task.BINARY))
    assert "nist-ai-100-2:NISTAML.021" not in ids(ProjectFacts("p", Task.REGRESSION))


def test_assets_and_actors_are_those_of_the_threats() -> None:
    model = threat_model(ProjectFacts("a report", Task.BINARY, frozenset({Stage.ASSURANCE})), NOTHING)
    assert Asset.FEATURES in model.assets
    assert Actor.DEPENDENCY_AUTHOR not in model.actors


def test_every_threat_has_a_reason_that_names_the_stage_and_the_facts() -> None:
    model = threat_model(EVERYTHING, NOTHING)
    membership = next(t for t in model.threats if t.threat.id == "atlas:AML.T0024.000")
    assert membership.reason == (
        "the project has stage assurance, serving; the model answers queries; the training data are about persons"
    )
    assert all(t.reason for t in model.threats)


def test_the_json_is_stable_and_names_the_controls() -> None:
    claims = Claims({"data.poisoning": ["atlas:AML.T0020"]})
    text = canonical_json(threat_model(EVERYTHING, claims).to_json())
    assert text == canonical_json(threat_model(EVERYTHING, claims).to_json())
    told = {t["id"]: t for t in msgspec.json.decode(text)["threats"]}
    assert told["atlas:AML.T0020"]["controls"] == ["data.poisoning"]
    assert told["owasp-ml:ML02"]["state"] == "configuration"
    assert told["owasp-ml:ML01"]["state"] == "none"
