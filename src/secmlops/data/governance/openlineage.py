"""Lineage as OpenLineage run events (specification 2-0-2), for catalogues that read them.

A job is a control, a run is one piece of evidence, a data set is named by the digest of its bytes. No path, no column
and no value leaves the ledger.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.core.json import Json
from secmlops.data.governance.lineage import Derivation

SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
ENGINE_SCHEMA = "https://openlineage.io/spec/facets/1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet"
EVIDENCE_SCHEMA = "urn:secmlops:openlineage:evidence:1"
_ENDS: Mapping[Outcome, str] = {
    Outcome.PASSED: "COMPLETE",
    Outcome.FAILED: "FAIL",
    Outcome.ERRORED: "FAIL",
    Outcome.SKIPPED: "ABORT",
}


def run_events(derivations: Iterable[Derivation], namespace: str, version: str) -> Iterator[Mapping[str, Json]]:
    """Two events for each derivation: its start, and how it ended.

    ``namespace`` is the origin of the ledger; the id of a run is a UUID of version 5 of that and its place there, so
    that the same evidence is always the same run. ``version`` is that of secmlops.
    """
    producer = f"urn:secmlops:{version}"
    for derivation in derivations:
        common = _common(derivation, namespace, producer, version)
        began = derivation.at - timedelta(seconds=derivation.seconds)
        yield {"eventType": "START", "eventTime": _moment(began), **common}
        yield {"eventType": _ENDS[derivation.outcome], "eventTime": _moment(derivation.at), **common}


def _common(derivation: Derivation, namespace: str, producer: str, version: str) -> dict[str, Json]:
    base = {"_producer": producer}
    evidence: dict[str, Json] = {
        **base,
        "_schemaURL": EVIDENCE_SCHEMA,
        "entry": derivation.index,
        "outcome": str(derivation.outcome),
        "settings": {name: str(digest) for name, digest in derivation.settings.items()},
    }
    engine: dict[str, Json] = {**base, "_schemaURL": ENGINE_SCHEMA, "name": "secmlops", "version": version}
    return {
        "run": {
            "runId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{namespace}/{derivation.index}")),
            "facets": {"processing_engine": engine, "secmlops_evidence": evidence},
        },
        "job": {"namespace": namespace, "name": derivation.control},
        "inputs": [_dataset(digest, namespace) for digest in derivation.inputs],
        "outputs": [_dataset(digest, namespace) for digest in derivation.outputs],
        "producer": producer,
        "schemaURL": SCHEMA,
    }


def _dataset(digest: Digest, namespace: str) -> dict[str, Json]:
    return {"namespace": namespace, "name": str(digest)}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
