import pytest

from secmlops.core.evidence import Outcome
from secmlops.design.catalogue import catalogue
from secmlops.design.coverage import Claims, Covered, State, coverage

POISON = catalogue()["atlas:AML.T0020"]


def one(threat_id: str, controls, outcomes=None, reduces=None) -> Covered:
    (covered,) = coverage([catalogue()[threat_id]], Claims(controls, reduces or {}), outcomes)
    return covered


def test_a_threat_without_a_control_is_unanswered() -> None:
    assert one("atlas:AML.T0020", {"data.quality": ["stride:tampering"]}).state is State.NONE


def test_a_declared_threat_is_answered_by_configuration_until_evidence_passed() -> None:
    controls = {"data.poisoning": ["atlas:AML.T0020"]}
    assert one("atlas:AML.T0020", controls) == Covered(POISON, State.CONFIGURATION, ("data.poisoning",))
    passed = one("atlas:AML.T0020", controls, {"data.poisoning": Outcome.PASSED})
    assert passed == Covered(POISON, State.EVIDENCE, ("data.poisoning",), ("data.poisoning",))


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ERRORED, Outcome.SKIPPED])
def test_evidence_that_did_not_pass_answers_nothing(outcome: Outcome) -> None:
    controls = {"data.poisoning": ["atlas:AML.T0020"]}
    assert one("atlas:AML.T0020", controls, {"data.poisoning": outcome}).state is State.CONFIGURATION


def test_evidence_of_a_control_that_is_not_configured_counts_for_nothing() -> None:
    assert one("atlas:AML.T0020", {}, {"data.poisoning": Outcome.PASSED}).state is State.NONE


def test_the_same_attack_under_another_name_is_answered() -> None:
    assert one("owasp-ml:ML02", {"data.poisoning": ["atlas:AML.T0020"]}).state is State.CONFIGURATION


def test_a_sub_technique_does_not_answer_its_technique_and_nor_the_other_way() -> None:
    assert one("atlas:AML.T0043", {"a": ["atlas:AML.T0043.001"]}).state is State.NONE
    assert one("atlas:AML.T0043.001", {"a": ["atlas:AML.T0043"]}).state is State.NONE


def test_all_sub_techniques_together_answer_their_technique_as_well_as_the_worst_of_them() -> None:
    parts = [p.id for p in catalogue().parts("atlas:AML.T0043")]
    controls = {"a": parts[:2], "b": parts[2:]}
    both = {"a": Outcome.PASSED, "b": Outcome.PASSED}
    assert one("atlas:AML.T0043", controls, both).state is State.EVIDENCE
    some = one("atlas:AML.T0043", controls, {"a": Outcome.PASSED})
    assert (some.state, some.controls, some.passed) == (State.CONFIGURATION, ("a", "b"), ("a",))


def test_a_control_that_only_reduces_a_threat_answers_it_partly_whatever_passed() -> None:
    reduces = {"assurance.fit": ["owasp-ml:ML04"]}
    assert one("atlas:AML.T0024.000", {}, reduces=reduces).state is State.CONFIGURATION
    passed = one("atlas:AML.T0024.000", {}, {"assurance.fit": Outcome.PASSED}, reduces)
    assert (passed.state, passed.partial) == (State.PARTLY, True)


def test_a_control_that_answers_outweighs_one_that_reduces_only_when_it_passed() -> None:
    answers, reduces = {"a.whole": ["atlas:AML.T0020"]}, {"b.part": ["atlas:AML.T0020"]}
    assert one("atlas:AML.T0020", answers, {"b.part": Outcome.PASSED}, reduces).state is State.PARTLY
    both = one("atlas:AML.T0020", answers, {"a.whole": Outcome.PASSED, "b.part": Outcome.PASSED}, reduces)
    assert (both.state, both.partial) == (State.EVIDENCE, False)


def test_a_control_of_the_technique_does_not_hide_that_its_parts_are_answered() -> None:
    parts = [p.id for p in catalogue().parts("atlas:AML.T0043")]
    controls = {"a": parts, "late": ["atlas:AML.T0043"]}
    assert one("atlas:AML.T0043", controls, {"a": Outcome.PASSED}).state is State.EVIDENCE
