"""A small world that makes releases: keys in their roles, a real ledger, evidence, a verdict, a signed bundle."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.core.task import Task
from secmlops.ledger.book import EvidenceBook
from secmlops.ledger.log import Ledger
from secmlops.release.bom import BillOfMaterials
from secmlops.release.bundle import ReleaseParts, write_release
from secmlops.release.candidate import Candidate
from secmlops.release.names import OPTIONAL_FILES
from secmlops.release.provenance import Provenance
from secmlops.release.sign import Sign, Signing
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.trust import dsse
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, Role
from secmlops.trust.statement import PAYLOAD_TYPE

T0 = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ORIGIN = "secmlops.test/credit"
SIGNATURE = Signature(
    task=Task.BINARY, features=(Feature(name="amount", kind=FeatureKind.NUMERIC),), classes=("good", "bad")
)
KEYS = {role: PrivateKey.generate(Algorithm.ECDSA_P256 if role is Role.MODEL else Algorithm.ED25519) for role in Role}
RING = KeyRing()
for _role, _key in KEYS.items():
    RING = RING.with_key(_key.public, _role, T0 - timedelta(days=1))


def make_candidate(model: bytes, optional: Mapping[str, bytes]) -> Candidate:
    """Candidate around some bytes that stand for a model, and for what is sealed beside it."""
    return Candidate(
        name="credit",
        version="1.0.0",
        files={"model.onnx": model, "signature.json": SIGNATURE.to_json(), **optional},
        signature=SIGNATURE,
        datasets={"train": Digest.of(b"train")},
        environment={"python": "3.11.9", "packages": {"numpy": "2.0.0"}},
        builder="urn:secmlops:builder:test",
        started=T0,
        finished=T0,
    )


class World:
    """One project with its ledger; everything in it is real but the model's bytes."""

    def __init__(self, folder: Path, model: bytes = b"the model", optional: Mapping[str, bytes] | None = None) -> None:
        self.folder = folder
        self.ring = RING
        self.keys = KEYS
        self.ledger = Ledger.open(folder / "ledger.db", KEYS[Role.LOG], ORIGIN)
        self.book = EvidenceBook(self.ledger, RING)
        self.optional = {name: Digest.of(data) for name, data in (optional or {}).items()}
        self.candidate = make_candidate(model, optional or {})
        self.bill = BillOfMaterials().examine(self.candidate).products["bom"]
        self.statement = Provenance().examine(self.candidate).products["provenance"]

    @property
    def opened(self) -> Mapping[str, bytes]:
        """What the sealed files hold."""
        return self.candidate.files

    def evidence(self, control: str, role: Role, **changes: object) -> Evidence:
        """Append evidence that ``control`` passed for the model, but for ``changes``, signed by the key of ``role``."""
        evidence = Evidence(
            control=ControlRef(control, "1", Digest.of(b"settings")),
            stage=Stage(control.partition(".")[0]) if not control.startswith("gate.") else Stage.RELEASE,
            subject=Subject(SubjectKind.MODEL, "credit", self.candidate.model),
            outcome=Outcome.PASSED,
            at=T0,
        )
        return self.book.append(dataclasses.replace(evidence, **changes), KEYS[role]).evidence

    def history(self) -> None:
        """Append the usual evidence, up to and including an open gate."""
        data = Subject(SubjectKind.DATASET, "train", Digest.of(b"train"))
        self.evidence("data.quality", Role.ENGINEER, subject=data)
        self.evidence("training.fit", Role.ENGINEER)
        self.evidence("assurance.performance", Role.VALIDATOR, measures={"auc": 0.78})
        for name, digest in self.optional.items():
            control, product = OPTIONAL_FILES[name]
            self.evidence(control, Role.VALIDATOR, products={product: digest})
        self.evidence("release.bom", Role.RELEASER, products={"bom": Digest.of(self.bill)})
        self.evidence("release.provenance", Role.RELEASER, products={"provenance": Digest.of(self.statement)})
        self.verdict()

    def verdict(self, **changes: object) -> None:
        """Append the verdict of the gate."""
        materials = {"model": self.candidate.model, "train": Digest.of(b"train")}
        self.evidence("gate.release", Role.RELEASER, **{"materials": materials, **changes})

    def parts(self, **changes: object) -> ReleaseParts:
        """Parts of a release of the ledger as it stands, but for ``changes``."""
        records = list(self.ledger.entries(0, "evidence"))
        envelopes = tuple(data for _, _, data in records)
        parts = ReleaseParts(
            name="credit",
            version="1.0.0",
            model=self.candidate.model,
            signature=Digest.of(self.candidate.files["signature.json"]),
            sealed={f"{name}.c2sp": b"sealed" for name in self.candidate.files},
            model_signature=Sign().examine(Signing(self.candidate, KEYS[Role.MODEL])).products["model.sig"],
            bill=self.bill,
            provenance=dsse.sign(PAYLOAD_TYPE, self.statement, KEYS[Role.RELEASER]).to_json(),
            evidence=envelopes,
            receipts=tuple(self.ledger.receipt(index) for index, _, _ in records),
            checkpoint=self.ledger.checkpoint(),
            ring=RING,
            verdict=Digest.of(envelopes[-1]),
            origin=ORIGIN,
            at=T0 + timedelta(hours=1),
            optional=self.optional,
        )
        return dataclasses.replace(parts, **changes)

    def release(self, **changes: object) -> Path:
        """Write a release, signed by the releaser."""
        return write_release(self.folder / "releases", self.parts(**changes), KEYS[Role.RELEASER])
