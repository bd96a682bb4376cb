"""CycloneDX 1.6 (ECMA-424), as far as whoever receives a bill of materials must be able to check it."""

import msgspec

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError

SPEC_VERSION = "1.6"
ML_MODEL = "machine-learning-model"


def check_bill(data: bytes, model: Digest) -> None:
    """Return if ``data`` is a CycloneDX 1.6 bill of materials whose one model has the digest ``model``.

    Raises VerificationError otherwise, also for references that are not unique or lead nowhere.
    """
    try:
        bill = msgspec.json.decode(data, type=_Bill)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise VerificationError(f"not a CycloneDX bill of materials: {error}") from None
    components = [bill.metadata.component, *bill.components]
    if (bill.bomFormat, bill.specVersion) != ("CycloneDX", SPEC_VERSION):
        raise VerificationError(f"not CycloneDX {SPEC_VERSION}")
    models = [c for c in components if c.type == ML_MODEL]
    if [h.content for m in models for h in m.hashes if h.alg == "SHA-256"] != [model.hex]:
        raise VerificationError("the bill of materials is about another model", hint=f"expected {model}")
    references = [c.bom_ref for c in components]
    linked = {r for d in bill.dependencies for r in (d.ref, *d.depends_on)}
    if len(set(references)) != len(references) or not linked <= set(references):
        raise VerificationError("references in the bill of materials are not unique or lead nowhere")


class _Hash(msgspec.Struct):
    alg: str
    content: str


class _Component(msgspec.Struct):
    type: str
    bom_ref: str = msgspec.field(name="bom-ref")
    hashes: tuple[_Hash, ...] = ()


class _Dependency(msgspec.Struct):
    ref: str
    depends_on: tuple[str, ...] = msgspec.field(name="dependsOn", default=())


class _Metadata(msgspec.Struct):
    component: _Component


class _Bill(msgspec.Struct):
    bomFormat: str  # noqa: N815  # the standard's names
    specVersion: str  # noqa: N815
    metadata: _Metadata
    components: tuple[_Component, ...] = ()
    dependencies: tuple[_Dependency, ...] = ()
