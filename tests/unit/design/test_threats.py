import msgspec
import pytest

from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.design.catalogue import catalogue
from secmlops.design.coverage import Claims
from secmlops.design.facts import ProjectFacts
from secmlops.design.threats import Design, Threats

PROJECT = ProjectFacts("credit", Task.BINARY)


def test_unanswered_threats_are_warnings_and_counted() -> None:
    result = Threats().examine(
        Design(PROJECT, Claims({"data.poisoning": ("atlas:AML.T0020", "atlas-mitigation:AML.M0007")}))
    )
    assert result.outcome is Outcome.PASSED
    measures = result.measures
    assert measures["answered_by_configuration"] == 3  # the same attack in three frameworks
    assert measures["threats"] == measures["answered_by_configuration"] + measures["unanswered"]
    assert measures["mitigations"] == 1
    assert len(result.findings) == measures["unanswered"]
    assert {f.severity for f in result.findings} == {"warning"}


@pytest.mark.parametrize(
    "claims",
    [Claims({"plugin.magic": ("atlas:AML.T4242",)}), Claims({}, {"plugin.magic": ("atlas:AML.T4242",)})],
    ids=["answered", "reduced"],
)
def test_a_declared_id_outside_the_catalogue_fails(claims: Claims) -> None:
    result = Threats().examine(Design(PROJECT, claims))
    assert result.outcome is Outcome.FAILED
    (error,) = [f for f in result.findings if f.severity == "error"]
    assert error.rule == "unknown-threat"
    assert error.where == "plugin.magic"
    assert "AML.T4242" in error.message


def test_a_threat_that_is_only_made_smaller_is_counted_apart() -> None:
    result = Threats().examine(Design(PROJECT, Claims({}, {"data.schema": ("atlas:AML.T0020",)})))
    assert (result.measures["answered_by_configuration"], result.measures["partly_by_configuration"]) == (0, 3)


def test_everything_answered_leaves_no_finding() -> None:
    every = tuple(e.id for e in catalogue().threats)
    result = Threats().examine(Design(PROJECT, Claims({"all.of.it": every})))
    assert result.findings == ()
    assert result.measures["unanswered"] == 0


def test_the_threat_model_is_a_product() -> None:
    product = Threats().examine(Design(PROJECT, Claims({}))).products["threat_model"]
    model = msgspec.json.decode(product)
    assert model["project"] == "credit"
    assert {"dataset", "features", "model", "keys", "ledger", "endpoint"} == set(model["assets"])
