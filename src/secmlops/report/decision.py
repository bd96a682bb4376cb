"""The answer that everybody wants first: may this model be used, by whose word, as of when; and if not, why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from secmlops.core.counting import counted
from secmlops.core.finding import Severity
from secmlops.core.policy import Reason
from secmlops.lifecycle.survey import ControlStanding, StageStanding, Standing
from secmlops.report import figures
from secmlops.report.left_open import left_open
from secmlops.report.material import ReleaseFacts, ReportMaterial

_HINTS = 3
_NOTHING = "Nothing has been examined, and what is empty is shut."


class Answer(StrEnum):
    """Whether the model may be used."""

    YES = "yes"
    NO = "no"
    NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing in the way: what it is about, why it is so, and what to do."""

    what: str
    why: str
    remedies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, why in one more sentence, what is in the way, and what a yes leaves open."""

    answer: Answer
    headline: str
    sentence: str
    obstacles: tuple[Obstacle, ...] = ()
    left_open: tuple[str, ...] = ()


def decide(material: ReportMaterial) -> Decision:
    """Answer from the gates, the latest release and its verification; whatever is in doubt is not a yes."""
    broken = _broken(material)
    if broken:
        return broken
    shut = next((stage for stage in material.standings if not stage.verdict.open), None)
    if shut or not material.standings:
        return _shut(material, shut)
    if material.release is None:
        return _not_yet(material, "no release has been published", "secmlops run publishes one")
    if material.release.model != material.subjects.get("model"):
        why = f"the latest release, {material.release.folder}, holds another model than the one that was examined"
        return _not_yet(material, why, "secmlops run publishes the present one")
    if not material.checks:
        why = f"the release {material.release.folder} has not been verified"
        return _not_yet(material, why, f"secmlops verify releases/{material.release.folder}")
    return _yes(material, material.release)


def _yes(material: ReportMaterial, release: ReleaseFacts) -> Decision:
    until = min(e.at for e in material.evidence.values()) + material.rules.within
    required = {reason.rule for stage in material.standings for reason in stage.verdict.reasons}
    return Decision(
        Answer.YES,
        f"All {counted(len(required), 'required check')} passed: release {release.folder} may go into use, "
        f"as of {figures.moment(material.at)}.",
        f"The release gate let it out on {figures.moment(release.at)}; this gate and all before it are open on signed "
        f"evidence, and {counted(len(material.checks), 'check')} of the release hold. This stays so until "
        f"{figures.moment(until)} at the latest, when the oldest evidence becomes too old.",
        left_open=left_open(material),
    )


def _not_yet(material: ReportMaterial, why: str, remedy: str) -> Decision:
    return Decision(
        Answer.NOT_YET,
        f"Not yet: this model may not be used, as of {figures.moment(material.at)}.",
        f"Every gate is open, but {why}.",
        (Obstacle("release", why, (remedy,)),),
    )


def _broken(material: ReportMaterial) -> Decision | None:
    failed = [check for check in material.checks if not check.ok]
    if not failed:
        return None
    name = material.release.folder if material.release else "the latest release"
    remedy = "do not use it; find out who changed it, and publish a new release with secmlops run"
    return Decision(
        Answer.NO,
        f"No: {name} must not be used, as of {figures.moment(material.at)}.",
        f"{len(failed)} of {counted(len(material.checks), 'check')} of it do not hold: it is not what was let "
        "out, or that cannot be shown.",
        tuple(Obstacle(check.name, check.detail, (remedy,)) for check in failed),
    )


def _shut(material: ReportMaterial, stage: StageStanding | None) -> Decision:
    obstacles = tuple(_obstacles(stage, {c.control: c for c in material.controls})) if stage else ()
    failed = any(c.standing is Standing.FAILED for c in material.controls)
    answer = Answer.NO if failed else Answer.NOT_YET
    conditions = counted(len(obstacles), "condition does", "conditions do")
    why = f"The gate of stage {stage.stage} is shut, because {conditions} not hold." if stage else _NOTHING
    return Decision(
        answer,
        f"{answer.capitalize()}: this model may not be used, as of {figures.moment(material.at)}.",
        why + _beside(material),
        obstacles,
    )


def _beside(material: ReportMaterial) -> str:
    """Return a word on the release that was let out before the project became what it is now."""
    release = material.release
    if release is None:
        return ""
    made = figures.moment(release.at)
    return f" An earlier release, {release.folder} of {made}, lies beside it; this is about the project as it is now."


def _obstacles(stage: StageStanding, controls: dict[str, ControlStanding]) -> Iterator[Obstacle]:
    for reason in stage.verdict.obstacles:
        yield Obstacle(reason.rule, reason.why, _remedies(reason, controls))


def _remedies(reason: Reason, controls: dict[str, ControlStanding]) -> tuple[str, ...]:
    control = controls.get(_control_of(reason, controls))
    if control is None or control.evidence is None or control.standing in (Standing.TO_RUN, Standing.WAITING):
        return ("secmlops run",)
    hints = [f.hint for f in control.evidence.findings if f.severity is Severity.ERROR and f.hint]
    if hints:
        more = [f"and {len(hints) - _HINTS} more, in section 2"] if len(hints) > _HINTS else []
        return (*dict.fromkeys(hints[:_HINTS]), *more)
    if reason.why.startswith("stale"):
        return ("the evidence is too old to count: examine again with secmlops run",)
    if control.standing is Standing.HOLDS:
        return ("improve the data or the model, or change release.require in secmlops.yaml, knowingly",)
    return ("see what it found in section 2, mend it, and run secmlops run again",)


def _control_of(reason: Reason, controls: dict[str, ControlStanding]) -> str:
    """Control that a rule is about: the longest id with which it begins."""
    return max((c for c in controls if reason.rule.startswith((f"{c} ", f"{c}."))), key=len, default="")
