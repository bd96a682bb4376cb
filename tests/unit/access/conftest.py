"""A ledger with the keys of the gateway."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from secmlops.ledger.log import Ledger
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, Role


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.db", PrivateKey.generate(Algorithm.ED25519), "secmlops.test/access") as made:
        yield made


@pytest.fixture(scope="session")
def signer() -> PrivateKey:
    return PrivateKey.generate(Algorithm.ED25519)


@pytest.fixture(scope="session")
def ring(signer: PrivateKey) -> KeyRing:
    return KeyRing().with_key(signer.public, Role.GATEWAY, datetime(2026, 1, 1, tzinfo=UTC))
