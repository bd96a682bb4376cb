"""What governs the data of a journey: who withdrew their consent, how long the ledger knows them, their purpose."""

import hmac
from collections.abc import Mapping
from datetime import timedelta

from secmlops.core.digest import Digest
from secmlops.data.governance import GovernedUse
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.retention import known_for
from secmlops.project.units import parse_duration
from secmlops.trust.canonical import digest_of


def governed_use(journey: Journey) -> GovernedUse:
    """What is on record of the data, and what this journey is about to do with them."""
    rows, record = journey.consented, journey.project.data.governance
    return GovernedUse(
        record=record,
        purpose=journey.project.training.purpose,
        rows=rows.table.num_rows,
        refused=rows.refused,
        withdrawn=rows.withdrawn,
        unknown=rows.unknown,
        age=_age(journey) / timedelta(days=1),
        retention=parse_duration(record.retention) / timedelta(days=1) if record else 0.0,
        personal=_personal_columns(journey),
    )


def governance_materials(journey: Journey) -> Mapping[str, Digest]:
    """Digests of what the use is held against: evidence made from others holds no more."""
    record = journey.project.data.governance
    overdue = record is not None and _age(journey) > parse_duration(record.retention)
    return {
        "governance": journey.settings_digest(record, journey.project.training.purpose),
        "circumstances": digest_of([overdue, _personal_columns(journey)]),
    }


def consent_materials(journey: Journey) -> Mapping[str, Digest]:
    """Digest of the list of those who withdrew, under a key: nobody can try out who stands in it."""
    if not journey.withdrawn:
        return {}
    key = journey.runner.keys.mac_key(f"withdrawn {journey.identity}")
    return {"withdrawn": Digest.of(hmac.digest(key, "\n".join(sorted(journey.withdrawn)).encode(), "sha256"))}


def _age(journey: Journey) -> timedelta:
    return known_for(journey.runner.book.all(), journey.raw.digest, journey.runner.clock())


def _personal_columns(journey: Journey) -> int:
    evidence = journey.evidence.get("data.personal")
    return int(evidence.measures.get("personal_columns", 0)) if evidence else 0
