"""The release stage: the model is compared with its estimator, scanned, listed, accounted for and signed."""

from collections.abc import Callable, Generator, Mapping
from datetime import timedelta
from functools import cache, partial

import msgspec
import numpy as np

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.core.evidence import Evidence
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.runner import Step, no_objection
from secmlops.release.candidate import Candidate
from secmlops.release.names import MODEL_FILE, MODEL_SIGNATURE_FILE, OPTIONAL_FILES, SIGNATURE_FILE
from secmlops.release.packages import installed_packages, required_packages
from secmlops.release.sign import Signing
from secmlops.training.transport import array_from_bytes
from secmlops.trust import dsse
from secmlops.trust.canonical import digest_of
from secmlops.trust.model_signing import read_bundle
from secmlops.trust.roles import Role

DATASETS = ("source", "protected", "anonymised")
"""Tables that a release names by digest, as far as there are any."""
BUILDER = "urn:secmlops:builder:local"


def release_steps(journey: Journey) -> Generator[Step, Evidence | None, None]:
    """Yield the steps of the stage, and take in their evidence."""
    if journey.model is None or journey.learnt is None:
        return
    candidate = cache(lambda: candidate_of(journey))
    signer = journey.runner.keys.signer(Role.MODEL)
    artifacts: Mapping[str, Callable[[], object]] = {"release.sign": lambda: Signing(candidate(), signer)}
    objections = {"release.sign": partial(_unsigned, journey)}
    materials = {
        "data": journey.learnt.digest,
        "split": journey.split_digest,
        "parameters": digest_of(_parameters(journey)),
        "metrics": digest_of(dict(_metrics(journey))),
        "packages": digest_of(dict(required_packages())),
        **journey.optional_files,
        **({} if journey.advisories is None else {"advisories": Digest.of(journey.advisories)}),
    }
    for control in journey.controls.values():
        if control.stage is Stage.RELEASE:
            objection = objections.get(control.id, no_objection)
            yield Step(control, journey.model, artifacts.get(control.id, candidate), materials, objection=objection)


def _unsigned(journey: Journey, evidence: Evidence) -> str:
    """Why the model is to be signed anew, although the evidence that it was signed holds: another key signs that."""
    bundle = journey.runner.product(evidence, MODEL_SIGNATURE_FILE)
    ring = journey.runner.keys.ring()
    try:
        dsse.verify(read_bundle(bundle).envelope, ring.keys(Role.MODEL))
    except VerificationError:
        return "the model was signed with a key that is trusted no more"
    return ""


def candidate_of(journey: Journey) -> Candidate:
    """Return what may become a release: the model, its signature, and where they came from."""
    training, prepared = journey.evidence["training.run"], journey.prepared
    environment: dict[str, Json] = msgspec.json.decode(journey.product("training.run", "environment"))
    versions = environment.get("packages")
    return Candidate(
        name=journey.project.name,
        version=training.subject.digest.short,
        files={
            MODEL_FILE: journey.product("training.run", "model.onnx"),
            SIGNATURE_FILE: prepared.signature.to_json(),
            **{name: journey.product(*OPTIONAL_FILES[name]) for name in journey.optional_files},
        },
        signature=prepared.signature,
        datasets={name: journey.subjects[name] for name in DATASETS if name in journey.subjects},
        metrics=_metrics(journey),
        environment=environment,
        packages=installed_packages({**(versions if isinstance(versions, dict) else {}), **required_packages()}),
        serving=required_packages(),
        parameters=_parameters(journey),
        evidence={name: e.subject.digest for name, e in journey.evidence.items()},
        predictor=journey.predictor,
        holdout=prepared.holdout.inputs,
        estimator_outputs=array_from_bytes(journey.product("training.run", "holdout_outputs")).astype(np.float64),
        builder=BUILDER,
        entry_code=training.materials.get("entry"),
        started=training.at - timedelta(seconds=training.price.wall_s),
        finished=training.at,
        advisories=journey.advisories,
    )


def _parameters(journey: Journey) -> Mapping[str, Json]:
    training = journey.project.training
    return {
        "model": str(training.model) if training.model else training.entry,
        "seed": training.seed,
        "holdout": journey.project.assurance.holdout,
        "label": journey.project.data.label,
        **({"compress": msgspec.to_builtins(training.compress)} if training.compress else {}),
    }


def _metrics(journey: Journey) -> Mapping[str, float]:
    return {
        f"{name}.{measure}": value
        for name, evidence in journey.evidence.items()
        if evidence.stage is Stage.ASSURANCE
        for measure, value in evidence.measures.items()
    }
