from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import Reason, Verdict
from secmlops.lifecycle.survey import ControlStanding, StageStanding, Standing
from secmlops.release.verify import Check
from secmlops.report.decision import Answer, decide
from secmlops.report.material import ReportMaterial

Saying = Callable[..., ReportMaterial]


def judged(material: ReportMaterial, stage: str, *reasons: Reason) -> ReportMaterial:
    """Material in which the gate of ``stage`` gives these reasons."""
    verdict = Verdict(all(r.holds for r in reasons), reasons)
    standings = tuple(replace(s, verdict=verdict) if s.stage == stage else s for s in material.standings)
    return replace(material, standings=standings)


def test_a_verified_release_of_the_examined_model_may_be_used(released: ReportMaterial) -> None:
    decision = decide(released)
    assert decision.answer is Answer.YES
    assert decision.headline == (
        "All 9 required checks passed: release credit-risk-1 may go into use, as of 2026-03-01 12:00 UTC."
    )
    assert "until 2026-03-29 12:00 UTC" in decision.sentence
    assert decision.obstacles == ()


def test_a_project_without_stages_is_shut(released: ReportMaterial) -> None:
    assert decide(replace(released, standings=())).answer is Answer.NOT_YET


def test_no_release_no_use(released: ReportMaterial) -> None:
    decision = decide(replace(released, release=None, checks=()))
    assert decision.answer is Answer.NOT_YET
    assert "no release" in decision.sentence


def test_a_release_of_another_model_is_not_the_one_examined(released: ReportMaterial) -> None:
    decision = decide(replace(released, subjects={**released.subjects, "model": Digest.of(b"another")}))
    assert decision.answer is Answer.NOT_YET
    assert "another model" in decision.sentence


def test_an_unverified_release_is_not_to_be_used(released: ReportMaterial) -> None:
    decision = decide(replace(released, checks=()))
    assert decision.answer is Answer.NOT_YET
    assert decision.obstacles[0].remedies == ("secmlops verify releases/credit-risk-1",)


def test_one_broken_check_outweighs_every_open_gate(released: ReportMaterial) -> None:
    decision = decide(replace(released, checks=(*released.checks, Check("receipts", False, "cut off"))))
    assert decision.answer is Answer.NO
    assert "1 of 3 checks" in decision.sentence
    assert [(o.what, o.why) for o in decision.obstacles] == [("receipts", "cut off")]


def test_a_release_that_cannot_be_read_is_a_no(released: ReportMaterial) -> None:
    decision = decide(replace(released, release=None, checks=(Check("release", False, "not the one signed"),)))
    assert decision.answer is Answer.NO
    assert "the latest release must not be used" in decision.headline


def test_a_failed_control_shuts_its_gate_with_its_own_advice(saying: Saying) -> None:
    errors = [Finding("p", Severity.ERROR, f"m{i}", hint=f"do {i}") for i in range(5)]
    decision = decide(saying("data.personal", {}, *errors))
    assert decision.answer is Answer.NO
    assert "stage data is shut, because 1 condition does not hold" in decision.sentence
    assert "An earlier release, credit-risk-1" in decision.sentence
    assert decision.obstacles[0].remedies == ("do 0", "do 1", "do 2", "and 2 more, in section 2")


def test_a_failure_without_advice_sends_to_the_findings(saying: Saying) -> None:
    decision = decide(saying("data.personal", {}, Finding("p", Severity.ERROR, "m")))
    assert "section 2" in decision.obstacles[0].remedies[0]


def test_what_never_ran_is_not_yet(released: ReportMaterial) -> None:
    data = released.standings[1]
    waiting = tuple(ControlStanding(c.control, Standing.TO_RUN, "never ran") for c in data.controls)
    shut = StageStanding(data.stage, waiting, Verdict(False, (Reason("data.schema must pass", False, "no evidence"),)))
    standings = (released.standings[0], shut, *released.standings[2:])
    decision = decide(replace(released, standings=standings, release=None, checks=()))
    assert decision.answer is Answer.NOT_YET
    assert decision.obstacles[0].remedies == ("secmlops run",)
    assert "earlier release" not in decision.sentence


def test_an_unmet_condition_is_not_mended_by_running_again(released: ReportMaterial) -> None:
    reason = Reason("assurance.performance.auc >= 0.9", False, "auc = 0.8, required >= 0.9")
    (obstacle,) = decide(judged(released, "release", reason)).obstacles
    assert "release.require" in obstacle.remedies[0]


def test_stale_evidence_is_to_be_made_again(released: ReportMaterial) -> None:
    reason = Reason("data.schema must pass", False, "stale: 40 days old, allowed 30")
    later = replace(released, at=released.at + timedelta(days=40))
    (obstacle,) = decide(judged(later, "data", reason)).obstacles
    assert "too old" in obstacle.remedies[0]


def test_a_skipped_control_is_no_reason_to_open(saying: Saying) -> None:
    assert decide(saying("assurance.fit", {}, outcome=Outcome.SKIPPED)).answer is Answer.NO
