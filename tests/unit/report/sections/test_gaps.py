from collections.abc import Callable
from dataclasses import replace

from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import Reason, Verdict
from secmlops.lifecycle.survey import ControlStanding, Standing
from secmlops.release.verify import Check
from secmlops.report.material import ReportMaterial, Rules
from secmlops.report.sections.gaps import gap_sentence, gaps

Saying = Callable[..., ReportMaterial]


def items(material: ReportMaterial) -> dict[str, tuple[str, ...]]:
    return {gap.title: gap.items for gap in gaps(material)}


def test_open_and_unproved_threats_and_kept_columns_are_told(released: ReportMaterial) -> None:
    found = items(released)
    assert found["Open threats"][0] == "STRIDE: 3 of 6"
    assert found["Threats answered in part"] == ("STRIDE: 1 of 6",)
    assert found["Threats answered on paper only"] == ("STRIDE: 1 of 6",)
    assert found["Personal data kept as they are"] == ("column 'city'",)
    assert "The release" not in found


def test_skipped_and_errored_controls_are_told_with_their_reason(saying: Saying) -> None:
    skipped = saying("assurance.fit", {}, Finding("r", Severity.NOTE, "one class"), outcome=Outcome.SKIPPED)
    assert items(skipped)["Controls that gave no result"] == ("assurance.fit skipped: one class",)
    errored = saying("assurance.fit", {}, outcome=Outcome.ERRORED)
    assert items(errored)["Controls that gave no result"] == ("assurance.fit errored: it did not say why",)


def test_controls_that_have_not_run_are_told(released: ReportMaterial) -> None:
    data = replace(released.standings[1], controls=(ControlStanding("data.schema", Standing.TO_RUN, "never ran"),))
    assert items(replace(released, standings=(data,)))["Controls that have not run"] == ("data.schema: never ran",)


def test_stale_evidence_is_told_once(released: ReportMaterial) -> None:
    stale = Reason("data.schema must pass", False, "stale: 40 days old, allowed 30")
    future = Reason("data.leakage must pass", False, "dated in the future (2027-01-01 00:00:00 UTC)")
    verdict = Verdict(False, (stale, future))
    standings = tuple(replace(s, verdict=verdict) for s in released.standings)
    assert items(replace(released, standings=standings))["Evidence that does not count any more"] == (
        f"{stale.rule}: {stale.why}",
        f"{future.rule}: {future.why}",
    )


def test_waived_isolation_is_told(saying: Saying) -> None:
    weaker = Finding("no-landlock", Severity.WARNING, "the sandbox was weaker than it should be")
    assert items(saying("training.run", {}, weaker))["Weaker isolation, accepted by name"] == (weaker.message,)


def test_findings_that_were_cut_are_told(saying: Saying) -> None:
    more = Finding("control.more", Severity.NOTE, "7 more findings are not shown")
    assert items(saying("data.schema", {}, more))["Findings that were cut"] == (f"data.schema: {more.message}",)


def test_a_release_that_is_absent_unverified_or_broken_is_told(released: ReportMaterial) -> None:
    absent = items(replace(released, release=None, checks=()))["The release"]
    unverified = items(replace(released, checks=()))["The release"]
    broken = items(replace(released, checks=(Check("files", False, "changed"),)))["The release"]
    unreadable = items(replace(released, release=None, checks=(Check("release", False, "cut"),)))["The release"]
    assert len({absent, unverified, broken, unreadable}) == 4
    assert broken == ("files: changed",)
    assert unreadable == ("release: cut",)


def test_no_gap_is_said_without_a_promise(released: ReportMaterial) -> None:
    clean = replace(released, rules=Rules(), threats=replace(released.threats, threats=()))
    assert gaps(clean) == ()
    assert "no report of this kind can know" in gap_sentence(())
    assert gap_sentence(gaps(replace(clean, checks=()))) == "1 kind of gap:"


def test_groups_that_nobody_compared_are_told(saying: Saying) -> None:
    seen = saying("data.schema", {}, Finding("leakage.sensitive", Severity.WARNING, "seen", "column 'sex'"))
    found = items(replace(seen, rules=Rules(sensitive=("sex", "age"))))["Fairness between groups"]
    assert found == ("column 'sex', which is an input of the model", "column 'age'")
