"""What earlier versions signed is verified for ever: a release, a receipt and a whole log of each."""

from pathlib import Path

import pytest

from secmlops.ledger.checkpoint import read_checkpoint
from secmlops.ledger.tiles import TiledLog
from secmlops.trust.roles import KeyRing, Role
from secmlops.verification import verify_path

VERSIONS = sorted(path for path in Path(__file__).parent.glob("v[0-9]*") if path.is_dir())


@pytest.fixture(params=VERSIONS, ids=lambda path: path.name)
def golden(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


@pytest.fixture
def ring(golden: Path) -> KeyRing:
    return KeyRing.from_json((golden / "trust.json").read_bytes())


def test_there_is_something_to_verify() -> None:
    assert VERSIONS


def test_the_release_verifies(golden: Path, ring: KeyRing) -> None:
    verification = verify_path(golden / "small-1", ring, sealed=True)
    assert [check for check in verification.checks if not check.ok] == []
    assert len(verification.checks) == 10


def test_the_receipt_verifies(golden: Path, ring: KeyRing) -> None:
    verification = verify_path(golden / "verdict.tlog-proof", ring)
    assert verification.ok
    assert verification.facts["kind"] == "evidence"


def test_the_log_has_the_signed_root(golden: Path, ring: KeyRing) -> None:
    keys = ring.keys(Role.LOG)
    checkpoint = read_checkpoint((golden / "log" / "checkpoint").read_bytes(), keys)
    log = TiledLog(golden / "log", keys, checkpoint.origin)
    assert log.root() == checkpoint.root
    assert len(list(log.entries())) == checkpoint.size
