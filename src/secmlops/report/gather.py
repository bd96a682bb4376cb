"""Gathering the material of a report from a project's journey; nothing is run, nothing is recorded."""

from collections.abc import Iterable, Mapping, Sequence

from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.core.policy import Attested
from secmlops.data.conditions import are_proposed
from secmlops.data.presentable import is_presentable
from secmlops.ledger.book import EVIDENCE, EvidenceBook
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.retention import HeldData, Retention
from secmlops.lifecycle.survey import StageStanding, answered_threats, survey
from secmlops.project.units import parse_duration
from secmlops.release.bundle import Release
from secmlops.release.verify import Check
from secmlops.report.material import PICTURED, Certified, LedgerFacts, Place, ReleaseFacts, ReportMaterial, Rules
from secmlops.report.sections.erased import BEGUN, CERTIFICATES, ERASURE


def gather(journey: Journey, release: Release | None = None, checks: Iterable[Check] = ()) -> ReportMaterial:
    """Material of the project as it stands now, with its latest release and what verifying that release said.

    Raises VerificationError when the ledger or the vault is not what was signed.
    """
    standings = survey(journey)
    project, book = journey.project, journey.runner.book
    head = book.ledger.head
    return ReportMaterial(
        project=project.name,
        task=project.task,
        at=journey.runner.clock(),
        standings=tuple(standings),
        threats=answered_threats(journey),
        ledger=LedgerFacts(
            origin=book.ledger.origin,
            size=head.checkpoint.size,
            checkpoint=head.note.decode(),
            keys=journey.runner.keys.ring().entries,
        ),
        rules=Rules(
            protect={column: str(action) for column, action in project.data.protect.items()},
            require=project.release.require,
            within=parse_duration(project.release.within),
            sensitive=project.data.sensitive,
            proposed=are_proposed(project.task, project.release.require),
        ),
        subjects=journey.subjects,
        release=_facts(release) if release else None,
        checks=tuple(checks),
        classes=_classes(journey),
        places=_places(standings, book.all()),
        products=_products(journey),
        certificates=_certificates(book),
        begun=_begun(book.all()),
        held=_held(journey),
        retention=project.data.governance.retention if project.data.governance else None,
    )


def _certificates(book: EvidenceBook) -> tuple[Certified, ...]:
    """Return what says that something is gone, oldest first; what was refused destroyed nothing, and is none."""
    told = [a for a in book.all() if a.roles and a.evidence.control.id in CERTIFICATES]
    counting = [a for a in told if a.evidence.outcome is Outcome.PASSED or a.evidence.measures.get("left_objects")]
    entries = ((a, next(iter(book.ledger.entries(a.index, EVIDENCE)))) for a in counting)
    return tuple(Certified(a.evidence, a.index, Digest.of(entry.data)) for a, entry in entries)


def _begun(evidence: Sequence[Attested]) -> int:
    """Return how many erasures wait for their certificate."""
    told = [a for a in evidence if a.roles]
    done = {a.evidence.measures.get("intent_entry") for a in told if a.evidence.control.id == ERASURE}
    return sum(a.evidence.control.id == BEGUN and float(a.index) not in done for a in told)


def _held(journey: Journey) -> tuple[HeldData, ...]:
    record, runner = journey.project.data.governance, journey.runner
    if record is None:
        return ()
    retention = Retention(runner.book.all(), runner.vault, runner.columns)
    return retention.held(parse_duration(record.retention), runner.clock())


def _facts(release: Release) -> ReleaseFacts:
    said = release.manifest
    return ReleaseFacts(said.folder, said.model, said.verdict, said.at)


def _classes(journey: Journey) -> tuple[str, ...]:
    """Return the classes in the order of the answers; none where there is no protected table, or they are personal."""
    if journey.protected is None:
        return ()
    classes = journey.protected_dataset.classes
    return classes if all(map(is_presentable, classes)) else ()


def _places(standings: Sequence[StageStanding], attested: Sequence[Attested]) -> dict[str, Place]:
    """Return where the evidence of each control lies: the latest entry that says the same."""
    told = [c.evidence for stage in standings for c in stage.controls if c.evidence]
    return {a.evidence.control.id: Place(a.index, tuple(sorted(a.roles))) for a in attested if a.evidence in told}


def _products(journey: Journey) -> Mapping[tuple[str, str], bytes]:
    held = journey.evidence
    return {
        (control, name): journey.product(control, name)
        for control, name in PICTURED
        if control in held and name in held[control].products
    }
