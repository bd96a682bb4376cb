"""One gateway in this process, over a ledger in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kits.gateway_world import GatewayWorld
from kits.small_project import released_copy


@pytest.fixture
def world(tmp_path: Path) -> Iterator[GatewayWorld]:
    made = GatewayWorld(tmp_path)
    yield made
    made.close()


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a released project of its own, with the keys that made it."""
    folder = released_copy(tmp_path_factory, tmp_path / "world")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "world" / "keys"))
    return folder
