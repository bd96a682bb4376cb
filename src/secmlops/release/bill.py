"""The bill of materials as a document: CycloneDX 1.6 (ECMA-424), with a model card."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import secmlops
from secmlops.core.digest import Digest
from secmlops.core.json import Json
from secmlops.release.candidate import Candidate
from secmlops.release.cyclonedx import ML_MODEL, SPEC_VERSION
from secmlops.release.names import MODEL_FILE
from secmlops.release.packages import Package
from secmlops.runtime.signature import (
    CATEGORICAL_INPUT,
    NUMERIC_INPUT,
    PREDICTION_OUTPUT,
    PROBABILITIES_OUTPUT,
    Signature,
)
from secmlops.trust.canonical import canonical_json
from secmlops.trust.moment import write_moment


def bill_of_materials(candidate: Candidate) -> bytes:
    """Canonical JSON of the bill of materials of ``candidate``.

    The same candidate gives the same bytes: the serial number is a UUIDv5 (RFC 9562, section 5.5) of the model digest,
    and the timestamp is the end of training, left out when that is not known.
    """
    model_ref = f"model:{candidate.model}"
    parts = [*_datasets(candidate), *_files(candidate), *_packages(candidate)]
    metadata: dict[str, Json] = {
        "component": {"bom-ref": model_ref, **_model(candidate)},
        "tools": {"components": [{"type": "application", "name": "secmlops", "version": secmlops.__version__}]},
    }
    if candidate.finished:
        metadata["timestamp"] = write_moment(candidate.finished)
    return canonical_json(
        {
            "bomFormat": "CycloneDX",
            "specVersion": SPEC_VERSION,
            "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:secmlops:model:{candidate.model}')}",
            "version": 1,
            "metadata": metadata,
            "components": parts,
            "dependencies": [{"ref": model_ref, "dependsOn": [str(p["bom-ref"]) for p in parts]}],
        }
    )


def package_of(candidate: Candidate, name: str, version: str) -> Package:
    """Package with what is known of it beyond its version; metadata about another version is not used."""
    known = candidate.packages.get(name)
    return known if known and known.version == version else Package(name, version)


def _model(candidate: Candidate) -> dict[str, Json]:
    return {
        "type": ML_MODEL,
        "name": candidate.name,
        "version": candidate.version,
        "hashes": _sha256(candidate.model),
        "modelCard": {
            "modelParameters": _model_parameters(candidate),
            "quantitativeAnalysis": {
                "performanceMetrics": [
                    {"type": name, "value": repr(float(value))} for name, value in sorted(candidate.metrics.items())
                ]
            },
            "considerations": {
                "useCases": [f"{str(candidate.task).replace('_', ' ')} of tabular rows"],
                "technicalLimitations": [
                    "Values outside the ranges and categories of the model's signature were not seen in training."
                ],
            },
        },
    }


def _model_parameters(candidate: Candidate) -> dict[str, Json]:
    parameters: dict[str, Json] = {
        "approach": {"type": "supervised"},
        "task": str(candidate.task),
        "datasets": [{"ref": _dataset_ref(part)} for part in sorted(candidate.datasets)],
        "inputs": [{"format": text} for text in _input_formats(candidate.signature)],
        "outputs": [{"format": _output_format(candidate.signature)}],
    }
    if isinstance(architecture := candidate.parameters.get("model"), str):
        parameters["modelArchitecture"] = architecture
    return parameters


def _input_formats(signature: Signature) -> Iterable[str]:
    if signature.numeric:
        yield f"{NUMERIC_INPUT}: float32 [rows, {len(signature.numeric)}]"
    if signature.categorical:
        yield f"{CATEGORICAL_INPUT}: string [rows, {len(signature.categorical)}]"


def _output_format(signature: Signature) -> str:
    if signature.task.is_classification:
        return f"{PROBABILITIES_OUTPUT}: float32 [rows, {len(signature.classes)}]"
    return f"{PREDICTION_OUTPUT}: float32 [rows, 1]"


def _datasets(candidate: Candidate) -> list[dict[str, Any]]:
    return [
        {"type": "data", "bom-ref": _dataset_ref(part), "name": part, "hashes": _sha256(digest)}
        for part, digest in sorted(candidate.datasets.items())
    ]


def _dataset_ref(part: str) -> str:
    return f"data:{part}"


def _files(candidate: Candidate) -> list[dict[str, Any]]:
    return [
        {"type": "file", "bom-ref": f"file:{name}", "name": name, "hashes": _sha256(Digest.of(data))}
        for name, data in sorted(candidate.files.items())
        if name != MODEL_FILE
    ]


def _packages(candidate: Candidate) -> list[dict[str, Any]]:
    """Each package once, with what it is used for: what serves the model is required, what only made it is not.

    One that is there in two versions is two components.
    """
    training, serving = set(candidate.versions().items()), set(candidate.serving.items())
    return [
        _library(package_of(candidate, *named), training=named in training, serving=named in serving)
        for named in sorted(training | serving)
    ]


def _library(package: Package, *, training: bool, serving: bool) -> dict[str, Any]:
    library: dict[str, Any] = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "purl": package.purl,
        "scope": "required" if serving else "excluded",
    }
    if package.version:
        library["version"] = package.version
    if package.licence:
        library["licenses"] = [_licence(package)]
    if package.archive:
        library["hashes"] = _sha256(package.archive)
    uses = {"training": training, "serving": serving}
    library["properties"] = [{"name": "secmlops:used-in", "value": use} for use, holds in uses.items() if holds]
    if package.record:
        library["properties"].append({"name": "secmlops:record:sha256", "value": package.record.hex})
    return library


def _licence(package: Package) -> Mapping[str, Json]:
    return {"expression": package.licence} if package.spdx else {"license": {"name": package.licence}}


def _sha256(digest: Digest) -> list[Json]:
    return [{"alg": "SHA-256", "content": digest.hex}]
