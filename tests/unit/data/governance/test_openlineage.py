"""The events keep to the structure of the specification (OpenLineage 2-0-2), written down here from its text."""

from datetime import UTC, datetime

import jsonschema
import pytest

from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.data.governance.lineage import Derivation
from secmlops.data.governance.openlineage import run_events

URI = {"type": "string", "pattern": "^[a-z]+:.+"}
TEXT = {"type": "string", "minLength": 1}
FACETS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["_producer", "_schemaURL"],
        "properties": {"_producer": URI, "_schemaURL": URI},
    },
}
NAMED = {
    "type": "object",
    "required": ["namespace", "name"],
    "properties": {"namespace": TEXT, "name": TEXT, "facets": FACETS},
}
RUN_EVENT = {
    "type": "object",
    "required": ["eventTime", "producer", "schemaURL", "run", "job"],
    "properties": {
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "eventTime": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"},
        "producer": URI,
        "schemaURL": {"const": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"},
        "run": {
            "type": "object",
            "required": ["runId"],
            "properties": {
                "runId": {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
                "facets": FACETS,
            },
        },
        "job": NAMED,
        "inputs": {"type": "array", "items": NAMED},
        "outputs": {"type": "array", "items": NAMED},
    },
    "additionalProperties": False,
}
READ, MADE, SETTINGS = (Digest.of(bytes([i])) for i in range(3))


def derivation(index: int = 4, outcome: Outcome = Outcome.PASSED) -> Derivation:
    at = datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC)
    return Derivation(index, "data.protect", at, 1.5, outcome, (READ,), {MADE: "protected"}, {"libraries": SETTINGS})


@pytest.mark.parametrize(
    ("outcome", "end"),
    [(Outcome.PASSED, "COMPLETE"), (Outcome.FAILED, "FAIL"), (Outcome.ERRORED, "FAIL"), (Outcome.SKIPPED, "ABORT")],
)
def test_every_run_starts_and_ends_as_the_specification_says(outcome: Outcome, end: str) -> None:
    start, last = run_events([derivation(outcome=outcome)], "secmlops.local/loans", "1.2.3")
    for event in (start, last):
        jsonschema.validate(event, RUN_EVENT)
    assert (start["eventType"], start["eventTime"]) == ("START", "2026-01-02T03:04:04.178Z")
    assert (last["eventType"], last["eventTime"]) == (end, "2026-01-02T03:04:05.678Z")
    assert start["run"] == last["run"]


def test_data_sets_are_named_by_digest_and_settings_are_a_facet() -> None:
    event = next(run_events([derivation()], "secmlops.local/loans", "1.2.3"))
    assert event["inputs"] == [{"namespace": "secmlops.local/loans", "name": str(READ)}]
    assert event["outputs"] == [{"namespace": "secmlops.local/loans", "name": str(MADE)}]
    assert event["job"] == {"namespace": "secmlops.local/loans", "name": "data.protect"}
    facets = event["run"]["facets"]  # type: ignore[index,call-overload]  # it was validated above
    assert facets["secmlops_evidence"]["settings"] == {"libraries": str(SETTINGS)}
    assert facets["secmlops_evidence"]["entry"] == 4
    assert facets["processing_engine"]["version"] == "1.2.3"


def test_the_same_evidence_is_the_same_run_everywhere() -> None:
    def run_id(index: int, namespace: str) -> object:
        return next(run_events([derivation(index)], namespace, "1"))["run"]["runId"]  # type: ignore[index,call-overload]

    assert run_id(4, "a") == run_id(4, "a")
    assert len({run_id(4, "a"), run_id(5, "a"), run_id(4, "b")}) == 3
