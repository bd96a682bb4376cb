"""One gateway in this process, over a ledger in a folder of its own."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kits.gateway_world import GatewayWorld
from kits.small_project import released_copy
from secmlops.detect.guard import Guard
from secmlops.serving.settings import ServingSettings


@pytest.fixture
def world(tmp_path: Path) -> Iterator[GatewayWorld]:
    made = GatewayWorld(tmp_path)
    yield made
    made.close()


@pytest.fixture
def open_world(tmp_path: Path) -> Iterator[Callable[..., GatewayWorld]]:
    """Make gateways with settings of their own; they are closed after the test."""
    with contextlib.ExitStack() as opened:

        def make(guard: Guard | None = None, /, **settings: object) -> GatewayWorld:
            folder = tmp_path / f"world {len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            made = GatewayWorld(folder, settings=ServingSettings(**settings), guard=guard)
            opened.callback(made.close)
            return made

        yield make


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a released project of its own, with the keys that made it."""
    folder = released_copy(tmp_path_factory, tmp_path / "world")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "world" / "keys"))
    return folder
