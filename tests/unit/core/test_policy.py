import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from secmlops.core.condition import Condition
from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import CLOCK_TOLERANCE, AllOf, AnyOf, Attested, Docket, Policy, Require, Verdict
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODEL, OTHER = Digest.of(b"model"), Digest.of(b"another model")
STRICT, LAX = Digest.of(b"strict"), Digest.of(b"lax")
GOOD = Condition.parse(">= 0.74")


def said(
    control: str = "assurance.performance",
    *,
    index: int = 0,
    subject: Digest = MODEL,
    roles: tuple[str, ...] = ("validator",),
    settings: Digest = STRICT,
    **changed: Any,
) -> Attested:
    evidence = Evidence(
        control=ControlRef(control, "1", settings),
        stage=Stage.ASSURANCE,
        subject=Subject(SubjectKind.MODEL, "credit", subject),
        outcome=Outcome.PASSED,
        at=NOW - timedelta(hours=1),
        measures={"auc": 0.8},
    )
    return Attested(dataclasses.replace(evidence, **changed), frozenset(roles), index)


def judged(policy: Policy, evidence: Sequence[Attested]) -> Verdict:
    return policy.judge(Docket(frozenset({MODEL}), evidence, NOW))


def why(policy: Policy, *evidence: Attested) -> str:
    """The one obstacle that keeps the gate shut."""
    verdict = judged(policy, evidence)
    assert not verdict.open
    (reason,) = verdict.obstacles
    return reason.why


PASSED = Require("assurance.performance")
GOOD_AUC = Require("assurance.performance", "auc", GOOD)


def test_passing_evidence_opens() -> None:
    verdict = judged(PASSED, [said()])
    assert verdict.open
    assert verdict.obstacles == ()
    assert [(r.rule, r.why) for r in verdict.reasons] == [("assurance.performance must pass", "passed")]


def test_a_condition_that_is_met_opens_and_shows_the_value() -> None:
    verdict = judged(GOOD_AUC, [said()])
    assert verdict.open
    assert [(r.rule, r.why) for r in verdict.reasons] == [("assurance.performance.auc >= 0.74", "auc = 0.8")]


def test_absent_evidence_shuts() -> None:
    assert why(PASSED) == "no evidence"
    assert why(PASSED, said("assurance.fit")) == "no evidence"


def test_evidence_about_another_digest_shuts() -> None:
    assert why(PASSED, said(subject=OTHER)) == "evidence is about another digest"


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ERRORED, Outcome.SKIPPED])
def test_any_other_outcome_shuts(outcome: Outcome) -> None:
    assert why(PASSED, said(outcome=outcome)) == outcome


def test_the_reason_tells_the_worst_finding() -> None:
    note, error = (
        Finding("a", Severity.NOTE, "a remark"),
        Finding("b", Severity.ERROR, "gives the label away", "column 'x'"),
    )
    told = why(PASSED, said(outcome=Outcome.FAILED, findings=(note, error)))
    assert told == "failed: column 'x': gives the label away"
    assert why(PASSED, said(outcome=Outcome.SKIPPED, findings=(note,))) == "skipped: a remark"


def test_a_key_that_may_not_attest_shuts() -> None:
    assert why(PASSED, said(roles=())).startswith("signed by a key that may not attest this control, or might not then")


def test_another_role_shuts() -> None:
    by_validator = Require("assurance.performance", by="validator")
    assert judged(by_validator, [said(roles=("engineer", "validator"))]).open
    assert why(by_validator, said(roles=("releaser", "engineer"))) == "signed in role engineer, releaser, not validator"


def test_stale_evidence_shuts() -> None:
    fresh = Require("assurance.performance", within=timedelta(days=30))
    assert judged(fresh, [said(at=NOW - timedelta(days=30))]).open
    assert why(fresh, said(at=NOW - timedelta(days=31))) == "stale: 31 days old, allowed 30 days"


def test_stale_by_hours_is_told_in_hours() -> None:
    fresh = Require("assurance.performance", within=timedelta(hours=12))
    assert why(fresh, said(at=NOW - timedelta(hours=13))) == "stale: 13 hours old, allowed 12 hours"


def test_evidence_from_the_future_shuts() -> None:
    assert judged(PASSED, [said(at=NOW + CLOCK_TOLERANCE)]).open
    assert "dated in the future" in why(PASSED, said(at=NOW + CLOCK_TOLERANCE + timedelta(seconds=1)))


def test_other_settings_shut() -> None:
    strict = Require("assurance.performance", settings=STRICT)
    assert judged(strict, [said(settings=STRICT)]).open
    assert why(strict, said(settings=LAX)) == "ran with other settings than the project asks for"


def test_a_missing_measure_shuts() -> None:
    assert why(GOOD_AUC, said(measures={"accuracy": 0.9})) == "assurance.performance gives no measure named auc"


def test_a_condition_that_is_not_met_shuts() -> None:
    assert why(GOOD_AUC, said(measures={"auc": 0.7})) == "auc = 0.7, required >= 0.74"


@pytest.mark.parametrize(
    "half", [Require("assurance.performance", "auc"), Require("assurance.performance", None, GOOD)]
)
def test_half_a_condition_shuts(half: Require) -> None:
    assert "without" in why(half, said())


def test_the_later_place_wins_whatever_the_clocks_say() -> None:
    passed, failed = said(index=1), said(index=2, outcome=Outcome.FAILED, at=NOW - timedelta(days=9))
    assert why(PASSED, passed, failed) == why(PASSED, failed, passed) == "failed"
    mended = said(index=3, at=NOW - timedelta(days=10))
    assert judged(PASSED, [mended, failed, passed]).open


def test_a_later_word_by_a_key_that_may_not_speak_shuts() -> None:
    assert "may not attest" in why(PASSED, said(index=1), said(index=2, roles=()))


def test_a_later_word_about_another_digest_changes_nothing() -> None:
    assert judged(PASSED, [said(index=1), said(index=2, subject=OTHER, outcome=Outcome.FAILED)]).open


@pytest.mark.parametrize("empty", [AllOf(()), AnyOf(()), AllOf((AnyOf(()),)), AnyOf((AllOf(()),))])
def test_an_empty_policy_is_shut(empty: Policy) -> None:
    assert why(empty, said()) == "an empty policy is shut"


def test_an_empty_policy_beside_a_good_one_keeps_shut() -> None:
    assert why(AllOf((PASSED, AllOf(()))), said()) == "an empty policy is shut"


def test_all_of_tells_every_reason() -> None:
    policy = AllOf((PASSED, Require("assurance.fit"), GOOD_AUC))
    verdict = judged(policy, [said()])
    assert not verdict.open
    assert [r.holds for r in verdict.reasons] == [True, False, True]
    assert [r.rule for r in verdict.obstacles] == ["assurance.fit must pass"]
    assert judged(policy, [said(), said("assurance.fit", index=1)]).open


def test_any_of_tells_what_holds_or_every_obstacle() -> None:
    policy = AnyOf((Require("assurance.fit"), PASSED))
    held = judged(policy, [said()])
    assert held.open
    assert [r.rule for r in held.reasons] == ["assurance.performance must pass"]
    assert len(judged(policy, []).obstacles) == 2
