"""The names of the parts of a release: its files, and the types of what is signed in it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SCHEMA_VERSION: Final = 1

MODEL_FILE: Final = "model.onnx"
SIGNATURE_FILE: Final = "signature.json"
GUARD_FILE: Final = "guard.bin"
EXPLAINER_FILE: Final = "explainer.bin"
HABITS_FILE: Final = "habits.bin"

OPTIONAL_FILES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        GUARD_FILE: ("assurance.guard", "guard"),
        EXPLAINER_FILE: ("assurance.explain", "explainer"),
        HABITS_FILE: ("assurance.watch", "habits"),
    }
)
"""Files that are sealed beside the model where there are any: the control that makes each, and its product."""

MANIFEST_FILE: Final = "release.json"
ENVELOPE_FILE: Final = "release.dsse.json"
MODEL_SIGNATURE_FILE: Final = "model.sig"
BILL_FILE: Final = "bom.cdx.json"
PROVENANCE_FILE: Final = "provenance.dsse.json"
EVIDENCE_FILE: Final = "evidence.jsonl"
PROOFS_FILE: Final = "proofs.jsonl"
CHECKPOINT_FILE: Final = "checkpoint"
RING_FILE: Final = "trust.json"

PART_FILES: Final = frozenset(
    {
        MODEL_SIGNATURE_FILE,
        BILL_FILE,
        PROVENANCE_FILE,
        EVIDENCE_FILE,
        PROOFS_FILE,
        CHECKPOINT_FILE,
        RING_FILE,
    }
)
"""Every release has these, beside the manifest, its envelope and the sealed model."""

RELEASE_TYPE: Final = "urn:secmlops:release:v1"
PROVENANCE_TYPE: Final = "https://slsa.dev/provenance/v1"
GATE_CONTROL: Final = "gate.release"
MANIFEST_CONTROL: Final = "release.manifest"
"""Whoever may sign the manifest and the provenance holds a key whose role speaks for ``release.*``."""
