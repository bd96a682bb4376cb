"""What governs the data of a journey: who withdrew their consent, how long the ledger knows them, their purpose."""

import hmac
from collections.abc import Mapping
from datetime import timedelta

from secmlops.core.digest import Digest
from secmlops.core.policy import CLOCK_TOLERANCE
from secmlops.data.governance.control import GovernedUse
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.retention import latest_time
from secmlops.project.units import parse_duration
from secmlops.trust.canonical import canonical_json, digest_of


def governed_use(journey: Journey) -> GovernedUse:
    """What is on record of the data, and what this journey is about to do with them."""
    rows, record = journey.consented, journey.project.data.governance
    return GovernedUse(
        record=record,
        purpose=journey.project.training.purpose,
        rows=rows.rows,
        refused=rows.refused,
        withdrawn=rows.withdrawn,
        unknown=rows.unknown,
        age=journey.age / timedelta(days=1),
        clock_behind=_clock_behind(journey) / timedelta(days=1),
        retention=parse_duration(record.retention) / timedelta(days=1) if record else 0.0,
        personal=_personal_columns(journey),
        listed=len(journey.withdrawn),
        listed_before=_listed_before(journey),
    )


def governance_materials(journey: Journey) -> Mapping[str, Digest]:
    """Digests of what the use is held against: evidence made from others holds no more."""
    record = journey.project.data.governance
    most_listed = max(_listed_before(journey), len(journey.withdrawn))
    return {
        "governance": journey.settings_digest(record, journey.project.training.purpose),
        "circumstances": digest_of([journey.overdue, _personal_columns(journey), most_listed]),
    }


def consent_materials(journey: Journey) -> Mapping[str, Digest]:
    """Digest of what decides whose rows are left out, under a key: nobody can try out who is listed."""
    record = journey.project.data.governance
    column = record.consent.column if record and record.consent else None
    key = journey.runner.keys.mac_key(f"withdrawn {journey.identity}")
    return {"consent": Digest.of(hmac.digest(key, canonical_json([column, sorted(journey.withdrawn)]), "sha256"))}


def _clock_behind(journey: Journey) -> timedelta:
    now = journey.runner.clock()
    behind = latest_time(journey.runner.book.all(), now) - now
    return behind if behind > CLOCK_TOLERANCE else timedelta()


def _personal_columns(journey: Journey) -> int:
    evidence = journey.evidence.get("data.personal")
    return int(evidence.measures.get("personal_columns", 0)) if evidence else 0


def _listed_before(journey: Journey) -> int:
    """Return how many subjects an earlier run knew to have withdrawn, at most."""
    said = [a.evidence for a in journey.runner.book.all() if a.roles and a.evidence.control.id == "data.governance"]
    return int(max((evidence.measures.get("listed_subjects", 0) for evidence in said), default=0))
