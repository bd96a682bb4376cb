"""What was signed with a key that was stolen and then revoked: it opens nothing, and undoes nothing that was shut."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.ledger.book import EvidenceBook
from secmlops.ledger.log import Ledger
from secmlops.ledger.memory import CheckpointMemory
from secmlops.lifecycle.releases import PUBLISH_CONTROL, REVOKE_CONTROL, obstacle_to, publications
from secmlops.release.names import GATE_CONTROL
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, Role

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GOOD, STOLEN, ENGINEER, LOG = (PrivateKey.generate(Algorithm.ED25519) for _ in range(4))
RING = (
    KeyRing()
    .with_key(GOOD.public, Role.RELEASER, NOW)
    .with_key(STOLEN.public, Role.RELEASER, NOW)
    .with_key(ENGINEER.public, Role.ENGINEER, NOW)
)
MODEL, RELEASE = Digest.of(b"model"), Digest.of(b"release")
REVOKED_VERDICT = "the gate's verdict about this model was signed with a key that was revoked"


class Releases:
    """The word of one ledger about a release, read with a ring in which a key may be revoked."""

    def __init__(self, folder: Path) -> None:
        self.ring = RING
        self.book = EvidenceBook(Ledger.open(folder / "ledger.db", LOG, "test/releases"), lambda: self.ring)

    def say(self, control: str, signer: PrivateKey, outcome: Outcome = Outcome.PASSED) -> None:
        """Append one word: a verdict about the model, or what became of the release."""
        about = (SubjectKind.MODEL, "m", MODEL) if control == GATE_CONTROL else (SubjectKind.RELEASE, "m-1", RELEASE)
        found = () if outcome is Outcome.PASSED else (Finding("why", Severity.ERROR, "it is wrong"),)
        materials = {"verdict": Digest.of(b"verdict"), "model": MODEL}
        reference = ControlRef(control, "1", Digest.of(b"{}"))
        self.book.append(
            Evidence(reference, Stage.RELEASE, Subject(*about), outcome, NOW, findings=found, materials=materials),
            signer,
        )

    def revoke(self, key: PrivateKey = STOLEN) -> None:
        """Revoke a key while the book is open."""
        self.ring = self.ring.revoking(key.key_id)

    @property
    def obstacle(self) -> str:
        """Why the release may not be used."""
        return obstacle_to(self.book, RELEASE, MODEL)


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(tmp_path)


def test_what_a_stolen_key_released_is_served_no_more(releases: Releases) -> None:
    releases.say(GATE_CONTROL, STOLEN)
    releases.say(PUBLISH_CONTROL, STOLEN)
    assert releases.obstacle == ""
    releases.revoke()
    assert releases.obstacle == "it was published with a key that was revoked"
    assert publications(releases.book, "m") == []


def test_an_earlier_verdict_does_not_stand_in_for_one_by_a_revoked_key(releases: Releases) -> None:
    """The stolen key may have shut the gate, too: with its word gone, nobody knows."""
    releases.say(GATE_CONTROL, GOOD)
    releases.say(PUBLISH_CONTROL, GOOD)
    releases.say(GATE_CONTROL, STOLEN, Outcome.FAILED)
    releases.revoke()
    assert releases.obstacle == REVOKED_VERDICT
    releases.say(GATE_CONTROL, GOOD)
    assert releases.obstacle == ""


def test_a_release_that_was_withdrawn_with_the_key_stays_withdrawn(releases: Releases) -> None:
    releases.say(GATE_CONTROL, GOOD)
    releases.say(PUBLISH_CONTROL, GOOD)
    releases.say(REVOKE_CONTROL, STOLEN, Outcome.FAILED)
    releases.revoke()
    assert releases.obstacle.startswith("revoked 2026-03-01")


def test_a_key_that_never_might_withdraw_does_not_by_being_revoked(releases: Releases) -> None:
    releases.say(GATE_CONTROL, GOOD)
    releases.say(PUBLISH_CONTROL, GOOD)
    releases.say(REVOKE_CONTROL, ENGINEER, Outcome.FAILED)
    releases.say(GATE_CONTROL, ENGINEER, Outcome.FAILED)
    releases.revoke(ENGINEER)
    assert releases.obstacle == ""


def test_a_ledger_that_went_on_under_a_new_log_key_opens_without_the_revoked_one(tmp_path: Path) -> None:
    old, new = (PrivateKey.generate(Algorithm.ED25519) for _ in range(2))
    ring = KeyRing().with_key(old.public, Role.LOG, NOW).closing(Role.LOG, NOW + timedelta(days=1))
    ring = ring.with_key(new.public, Role.LOG, NOW + timedelta(days=1))
    path, origin = tmp_path / "ledger.db", "test/continued"
    with Ledger.open(path, old, origin) as ledger:
        ledger.append([("note", b"one")])
        kept = ledger.checkpoint()
    alone = ring.revoking(old.key_id)
    with pytest.raises(VerificationError):
        Ledger.open(path, new, origin, alone.keys(Role.LOG))
    with Ledger.open(path, new, origin, ring.keys(Role.LOG)) as ledger:
        ledger.append([("note", b"two")])
        memory = CheckpointMemory(tmp_path / "kept", alone.keys(Role.LOG), "here")
        memory.keep(ledger)
    with Ledger.open(path, new, origin, alone.keys(Role.LOG)) as ledger:
        memory.check(ledger)
        assert [record.data for record in ledger.entries(0)] == [b"one", b"two"]
        ledger.append([("note", b"three")])
        (tmp_path / "kept" / memory._path(origin).name).write_bytes(kept)
        with pytest.raises(VerificationError):
            memory.check(ledger)
