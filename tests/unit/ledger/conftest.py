from pathlib import Path

import pytest

from secmlops.ledger.log import Ledger
from secmlops.trust.keys import Algorithm, PrivateKey

ORIGIN = "ledger.example/test"


@pytest.fixture(scope="session")
def signer():
    return PrivateKey.generate(Algorithm.ED25519)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path, signer):
    with Ledger.open(path, signer, ORIGIN) as opened:
        yield opened
