"""The control ``release.bom``: lists what the model was made of, and tells what is not pinned or has no licence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.release.bill import bill_of_materials, package_of
from secmlops.release.candidate import Candidate
from secmlops.release.cyclonedx import check_bill
from secmlops.release.licences import is_refused
from secmlops.release.packages import Package

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class BillOfMaterials:
    """Makes the bill of materials (CycloneDX 1.6 with model card), product ``bom``.

    It lists the packages of the training environment, and those that serve and verify the model, told apart. Fails when
    the training environment or the data are not known: such a list would be silent about what matters, and for each
    package under one of ``refused_licences``: SPDX ids such as ``AGPL-3.0-only``, or the beginning of one or of a name.
    Packages without a licence, or that no hash pins, are warnings.
    """

    id: ClassVar[str] = "release.bom"
    version: ClassVar[str] = "3"
    stage: ClassVar[Stage] = Stage.RELEASE
    threats: ClassVar[tuple[str, ...]] = ("atlas-mitigation:AML.M0023",)
    reduces: ClassVar[tuple[str, ...]] = ("owasp-ml:ML06", "atlas:AML.T0010", "atlas:AML.T0010.001")

    refused_licences: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not all(one.strip() for one in self.refused_licences):
            raise InputError("an empty name refuses every licence", where="refused_licences")

    def examine(self, artifact: Candidate, /) -> Examination:
        """Bill of materials of the candidate."""
        bill = bill_of_materials(artifact)
        check_bill(bill, artifact.model)
        training = artifact.versions()
        packages = [package_of(artifact, *named) for named in sorted({*training.items(), *artifact.serving.items()})]
        without_licence = [p for p in packages if not p.licence]
        unpinned = [p for p in packages if not p.pinned]
        refused = [p for p in packages if is_refused(p.licence, self.refused_licences, spdx=p.spdx)]
        findings = (
            *_gaps(artifact),
            *map(_refusal, refused),
            *_warning("without-licence", "have no known licence", without_licence, "ask the package's authors"),
            *_warning("unpinned", "are not pinned by a hash", unpinned, "install from a lock file with hashes"),
        )
        measures = {
            "components": len(artifact.files) + len(artifact.datasets) + len(packages),
            "packages": len(packages),
            "serving_packages": len(artifact.serving),
            "without_licence": len(without_licence),
            "unpinned": len(unpinned),
            "refused_licences": len(refused),
        }
        return Examination.judged(findings, measures, {"bom": bill}, dict(artifact.datasets))


def _gaps(candidate: Candidate) -> list[Finding]:
    gaps: list[Finding] = []
    if not candidate.versions():
        gaps.append(
            Finding(
                "no-environment",
                Severity.ERROR,
                "the packages of the training environment are not known",
                hint="train the model in the sandbox, which records them",
            )
        )
    if not candidate.datasets:
        gaps.append(Finding("no-dataset", Severity.ERROR, "the data the model was trained on are not known"))
    return gaps


def _refusal(package: Package) -> Finding:
    told = f"{package.name} {package.version} is under a refused licence: {package.licence}"
    return Finding("refused-licence", Severity.ERROR, told, package.name, hint="do without it, or find another package")


def _warning(rule: str, what: str, packages: Sequence[Package], hint: str) -> list[Finding]:
    if not packages:
        return []
    names = ", ".join(p.name for p in packages[:_SHOWN]) + (", ..." if len(packages) > _SHOWN else "")
    return [Finding(rule, Severity.WARNING, f"{len(packages)} packages {what}: {names}", hint=hint)]
