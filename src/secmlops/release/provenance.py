"""The control ``release.provenance``: says how the model was made, as SLSA provenance v1."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from secmlops.core.control import Examination
from secmlops.core.digest import Digest
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.release.bill import package_of
from secmlops.release.candidate import Candidate
from secmlops.release.names import MODEL_FILE, PROVENANCE_TYPE
from secmlops.trust.moment import write_moment
from secmlops.trust.statement import statement

BUILD_TYPE = "urn:secmlops:training:v1"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Makes the provenance statement (in-toto Statement v1 with a SLSA v1 predicate), product ``provenance``, unsigned.

    Fails when the builder or the data are not known: the standard requires the first, and nobody could repeat the
    training without the second.
    """

    id: ClassVar[str] = "release.provenance"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.RELEASE
    threats: ClassVar[tuple[str, ...]] = ("atlas-mitigation:AML.M0025",)
    reduces: ClassVar[tuple[str, ...]] = ("stride:repudiation", "owasp-ml:ML06", "atlas:AML.T0010")

    def examine(self, artifact: Candidate, /) -> Examination:
        """Provenance of the candidate's model."""
        made = statement(PROVENANCE_TYPE, {MODEL_FILE: artifact.model}, predicate(artifact))
        measures = {
            "dependencies": len(_resolved(artifact)),
            "datasets": len(artifact.datasets),
            "packages": len(artifact.versions()),
        }
        return Examination.judged(_gaps(artifact), measures, {"provenance": made}, dict(artifact.datasets))


def predicate(candidate: Candidate) -> Mapping[str, Json]:
    """SLSA provenance v1 predicate: what was asked for, what went in, who built it, when, and what came out beside."""
    metadata: dict[str, Json] = {}
    if candidate.started:
        metadata["startedOn"] = write_moment(candidate.started)
    if candidate.finished:
        metadata["finishedOn"] = write_moment(candidate.finished)
    return {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {
                "name": candidate.name,
                "task": str(candidate.task),
                "parameters": dict(candidate.parameters),
            },
            "internalParameters": {k: v for k, v in sorted(candidate.environment.items()) if k != "packages"},
            "resolvedDependencies": _resolved(candidate),
        },
        "runDetails": {
            "builder": {"id": candidate.builder},
            "metadata": metadata,
            "byproducts": _byproducts(candidate),
        },
    }


def _resolved(candidate: Candidate) -> list[Json]:
    data = [_resource(f"data/{part}", digest) for part, digest in sorted(candidate.datasets.items())]
    code = [_resource("code/entry", candidate.entry_code)] if candidate.entry_code else []
    packages = [package_of(candidate, *named) for named in candidate.versions().items()]
    libraries: list[Json] = [
        {"name": p.name, "uri": p.purl, **({"digest": {"sha256": p.archive.hex}} if p.archive else {})}
        for p in packages
    ]
    return [*data, *code, *libraries]


def _byproducts(candidate: Candidate) -> list[Json]:
    files = {f"files/{name}": Digest.of(data) for name, data in candidate.files.items() if name != MODEL_FILE}
    evidence = {f"evidence/{control}": digest for control, digest in candidate.evidence.items()}
    return [_resource(name, digest) for name, digest in sorted((files | evidence).items())]


def _resource(name: str, digest: Digest) -> Mapping[str, Json]:
    return {"name": name, "digest": {"sha256": digest.hex}}


def _gaps(candidate: Candidate) -> tuple[Finding, ...]:
    gaps: list[Finding] = []
    if ":" not in candidate.builder:
        gaps.append(
            Finding("no-builder", Severity.ERROR, "no builder is named", hint="give the builder's id, which is a URI")
        )
    if not candidate.datasets:
        gaps.append(Finding("no-dataset", Severity.ERROR, "the data the model was trained on are not known"))
    if not (candidate.started and candidate.finished):
        gaps.append(Finding("no-time", Severity.WARNING, "when the training ran is not recorded"))
    if not candidate.versions():
        gaps.append(Finding("no-environment", Severity.WARNING, "the training environment is not recorded"))
    return tuple(gaps)
