"""A data set of six columns, stored."""

from pathlib import Path

import pytest

from kits.columns_world import DATASET, World, applications


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def stored(world: World) -> World:
    world.store.put(DATASET, applications())
    world.provider.asked.clear()
    return world
