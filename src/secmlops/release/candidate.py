"""The release candidate: one model and everything the release controls look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.core.json import Json
from secmlops.core.task import Task
from secmlops.release.names import MODEL_FILE, SIGNATURE_FILE
from secmlops.release.packages import Package
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs, Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What may become release ``name`` ``version``. ``model`` is the digest of ``files["model.onnx"]``.

    ``files`` are the model, its signature and the optional files, nothing else of the bundle. ``datasets`` are the
    digests of the data, by their part in training. ``environment`` is what whoever started the training process knows
    of its software: ``python``, and ``packages`` with the installed version of each that the process named.
    ``packages`` adds licences and hashes where installed metadata has them. ``serving`` are the versions of what serves
    and verifies the model. ``parameters`` are the settings the project asked for, ``evidence`` digests of the evidence
    so far by control, ``builder`` a URI, and ``entry_code`` the digest of the user's training function.
    ``advisories`` are the bytes of a file of known vulnerabilities (OSV), where the project names one.
    ``estimator_outputs`` are what the estimator answered to ``holdout`` before it became ONNX: float64 [n, k].

    Raises VerificationError when there is no model, or ``signature`` is not the one in the files.
    """

    name: str
    version: str
    files: Mapping[str, bytes]
    signature: Signature
    datasets: Mapping[str, Digest] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    environment: Mapping[str, Json] = field(default_factory=dict)
    packages: Mapping[str, Package] = field(default_factory=dict)
    serving: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Json] = field(default_factory=dict)
    evidence: Mapping[str, Digest] = field(default_factory=dict)
    predictor: Predictor | None = None
    holdout: Inputs | None = None
    estimator_outputs: npt.NDArray[np.float64] | None = None
    builder: str = ""
    entry_code: Digest | None = None
    advisories: bytes | None = field(default=None, repr=False)
    started: datetime | None = None
    finished: datetime | None = None
    model: Digest = field(init=False)

    def __post_init__(self) -> None:
        if MODEL_FILE not in self.files:
            raise VerificationError(f"the candidate has no {MODEL_FILE}", where=f"{self.name} {self.version}")
        object.__setattr__(self, "model", Digest.of(self.files[MODEL_FILE]))
        written = self.files.get(SIGNATURE_FILE)
        if written is not None and Signature.from_json(written) != self.signature:
            raise VerificationError(
                f"{SIGNATURE_FILE} is not the signature of the candidate", where=f"model {self.model.short}"
            )

    @property
    def task(self) -> Task:
        """What the model predicts."""
        return self.signature.task

    def versions(self) -> Mapping[str, str]:
        """Versions of the packages of the training environment by name, sorted; empty where none were recorded."""
        packages = self.environment.get("packages")
        if not isinstance(packages, Mapping):
            return {}
        return {name: str(version or "") for name, version in sorted(packages.items())}
