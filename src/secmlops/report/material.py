"""Everything that a report is drawn from, gathered beforehand: rendering asks nobody anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from secmlops.core.digest import Digest
from secmlops.core.evidence import Evidence
from secmlops.core.task import Task
from secmlops.design.threat_model import ThreatModel
from secmlops.lifecycle.retention import HeldData
from secmlops.lifecycle.survey import ControlStanding, StageStanding
from secmlops.release.verify import Check
from secmlops.trust.roles import RingKey

PICTURED = (
    ("data.anonymise", "loss"),
    ("assurance.calibration", "reliability"),
    ("assurance.evasion", "curve"),
    ("assurance.hardening", "extraction"),
    ("assurance.fit", "curve"),
    ("assurance.explain", "effects"),
    ("assurance.slices", "slices"),
    ("assurance.fairness", "fairness"),
    ("assurance.membership", "roc"),
    ("assurance.compression", "candidates"),
)
"""Products that the report draws: control and name."""


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What the latest release says of itself: its folder's name, the model in it, the gate's verdict, the moment."""

    folder: str
    model: Digest
    verdict: Digest
    at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece of evidence lies in the ledger, and in which roles the key that signed it may speak."""

    index: int
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Certified:
    """Evidence that something is gone: its place in the ledger, and the digest of the signed entry."""

    evidence: Evidence
    index: int
    digest: Digest


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """The ledger at one moment: name, number of entries, and the signed checkpoint over them."""

    origin: str
    size: int
    checkpoint: str
    keys: tuple[RingKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What the project file asks for, where the page sets it beside what was found.

    ``protect`` is the action by column, ``require`` the condition by measure, ``within`` how old evidence may be.
    ``sensitive`` are the columns of groups; ``proposed`` tells that the conditions are those that init proposes.
    """

    protect: Mapping[str, str] = field(default_factory=dict)
    require: Mapping[str, str] = field(default_factory=dict)
    within: timedelta = timedelta(days=30)
    sensitive: tuple[str, ...] = ()
    proposed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMaterial:
    """A project as it stands at the moment ``at`` (UTC).

    ``subjects`` are the digests of project, source, protected data and model, as far as they are reached. ``release``
    is the latest one, None when there is none or it cannot be read; ``checks`` are those of its verification, empty
    when nobody verified it. ``classes`` are those of the answers, in their order, where they may be told. ``places``
    tells by control where its evidence lies. ``products`` hold the bytes of ``PICTURED``, as far as there are any.
    ``certificates`` say what was erased and destroyed, ``begun`` erasures are not finished; ``held`` are the source
    tables, where ``retention`` says how long they may be kept.
    """

    project: str
    task: Task
    at: datetime
    standings: tuple[StageStanding, ...]
    threats: ThreatModel
    ledger: LedgerFacts
    rules: Rules = Rules()
    subjects: Mapping[str, Digest] = field(default_factory=dict)
    release: ReleaseFacts | None = None
    checks: tuple[Check, ...] = ()
    classes: tuple[str, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    products: Mapping[tuple[str, str], bytes] = field(default_factory=dict)
    certificates: tuple[Certified, ...] = ()
    begun: int = 0
    held: tuple[HeldData, ...] = ()
    retention: str | None = None

    @property
    def controls(self) -> tuple[ControlStanding, ...]:
        """All controls, in the order of the stages."""
        return tuple(control for stage in self.standings for control in stage.controls)

    @property
    def evidence(self) -> Mapping[str, Evidence]:
        """Evidence at hand, by control."""
        return {c.control: c.evidence for c in self.controls if c.evidence}

    @property
    def uncompared(self) -> tuple[str, ...]:
        """Sensitive columns between whose groups no evidence compares the model."""
        fairness = self.evidence.get("assurance.fairness")
        compared = fairness.measures if fairness else {}
        return tuple(column for column in self.rules.sensitive if f"{column}.groups" not in compared)
