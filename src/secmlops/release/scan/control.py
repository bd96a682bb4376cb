"""The control ``release.scan``: no file of a release holds code, or anything that cannot be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from secmlops.core.control import Examination
from secmlops.core.digest import Digest
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.release.scan.limits import Limits
from secmlops.release.scan.scanning import scan_bytes
from secmlops.release.scan.verdict import FileReport, Verdict


class ReleaseFiles(Protocol):
    """Anything that carries files: bytes by name."""

    @property
    def files(self) -> Mapping[str, bytes]:
        """Contents of each file, by its name within the release."""
        ...


@dataclass(frozen=True, slots=True)
class Scan:
    """Fails unless every file is safe, and unless there is at least one.

    Measures: ``files``, ``dangerous``, ``cannot_tell`` (counts) and ``bytes`` (their sizes together). Materials: the
    digest of every file, by name.
    """

    id: ClassVar[str] = "release.scan"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.RELEASE
    threats: ClassVar[tuple[str, ...]] = ("atlas:AML.T0011.000", "atlas:AML.T0018.002", "atlas:AML.T0076")
    reduces: ClassVar[tuple[str, ...]] = (
        "atlas:AML.T0010.003",
        "atlas:AML.T0112.001",
        "owasp-ml:ML06",
        "stride:elevation-of-privilege",
    )

    limits: Limits = field(default_factory=Limits)

    def examine(self, artifact: ReleaseFiles, /) -> Examination:
        """Scan every file of ``artifact``, in the order of their names."""
        reports = [scan_bytes(name, data, self.limits) for name, data in sorted(artifact.files.items())]
        findings = tuple(finding for report in reports for finding in _told(report))
        if not reports:
            findings = (Finding("empty-release", Severity.ERROR, "the release holds no file to scan"),)
        measures = {
            "files": float(len(reports)),
            "dangerous": float(sum(report.verdict is Verdict.DANGEROUS for report in reports)),
            "cannot_tell": float(sum(report.verdict is Verdict.CANNOT_TELL for report in reports)),
            "bytes": float(sum(report.size for report in reports)),
        }
        materials = {report.name: Digest.of(artifact.files[report.name]) for report in reports}
        return Examination.judged(findings, measures, materials=materials)


def _told(report: FileReport) -> tuple[Finding, ...]:
    """Findings of one file. A file that is not safe always brings an error, however many findings were kept."""
    if report.verdict is Verdict.SAFE or any(finding.severity is Severity.ERROR for finding in report.findings):
        return report.findings
    verdict = Finding("not-safe", Severity.ERROR, f"the verdict is {report.verdict}", report.name)
    return (*report.findings, verdict)
