"""Scan reports in SARIF 2.1.0, which code-scanning services and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from collections.abc import Sequence
from urllib.parse import quote

from secmlops.core.digest import Digest
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.release.scan.rules import RULES, Rule
from secmlops.release.scan.verdict import FileReport, Place, Verdict, shown

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_SCORES = {Verdict.DANGEROUS: "9.8", Verdict.CANNOT_TELL: "5.0", Verdict.SAFE: "0.0"}
_ORDER = tuple(RULES)


def to_sarif(reports: Sequence[FileReport], *, digests: Sequence[Digest] | None = None) -> dict[str, Json]:
    """SARIF log with one run: every rule, every file, every finding with its byte.

    ``digests``, where given, holds one for each report, in the same order: two files may share a name.
    """
    known: Sequence[Digest | None] = [None] * len(reports) if digests is None else digests
    results = [
        _result(finding, place, index)
        for index, report in enumerate(reports)
        for finding, place in zip(report.findings, report.places, strict=True)
    ]
    run: dict[str, Json] = {
        "tool": {"driver": {"name": "secmlops", "rules": [_rule(rule) for rule in RULES.values()]}},
        "artifacts": [_artifact(report, digest) for report, digest in zip(reports, known, strict=True)],
        "results": results,
        "columnKind": "unicodeCodePoints",
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "help": {"text": rule.hint},
        "defaultConfiguration": {"level": "note" if rule.verdict is Verdict.SAFE else "error"},
        "properties": {"security-severity": _SCORES[rule.verdict], "tags": ["security", rule.verdict.value]},
    }


def _artifact(report: FileReport, digest: Digest | None) -> Json:
    artifact: dict[str, Json] = {
        "location": {"uri": quote(report.name)},
        "length": report.size,
        "properties": {"format": report.format, "verdict": report.verdict.value},
    }
    return artifact if digest is None else {**artifact, "hashes": {"sha-256": digest.hex}}


def _result(finding: Finding, place: Place, artifact: int) -> Json:
    """One result. The region counts bytes of the file; inside an archive only the member's own offset is known."""
    physical: dict[str, Json] = {"artifactLocation": {"uri": quote(place.path[0]), "index": artifact}}
    location: dict[str, Json] = {"physicalLocation": physical}
    if len(place.path) == 1:
        physical["region"] = {"byteOffset": place.offset}
    else:
        member = "!/".join(shown(part) for part in place.path)
        location["logicalLocations"] = [{"fullyQualifiedName": member, "kind": "member"}]
        location["properties"] = {"memberByteOffset": place.offset}
    return {
        "ruleId": finding.rule,
        "ruleIndex": _ORDER.index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [location],
    }
