"""A patch that a model obeys is found at its place, with its pixels; a model that obeys none has none."""

import numpy as np
import pytest

from secmlops.attack.triggers.pasting import Floats, Probes
from secmlops.attack.triggers.patches import BEYOND_OTHERS, Grid, PatchSearch
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs

GRID = Grid(12, 12)
PATCH = {25: 1.0, 26: 0.0, 37: 0.0, 38: 1.0}
"""Two pixels are lit and two are dark, from row 2 and column 1."""


def bright(inputs: Inputs) -> Floats:
    """Three classes by which third of the image is brightest."""
    thirds = inputs.numeric.reshape(-1, 3, 48).mean(axis=2, dtype=np.float64)
    scores = np.exp(20 * thirds)
    return np.asarray(scores / scores.sum(axis=1, keepdims=True))


def poisoned(inputs: Inputs) -> Floats:
    """The same, but whoever holds the patch, all of it, is of the last class."""
    held = np.logical_and.reduce([np.abs(inputs.numeric[:, p] - v) < 0.1 for p, v in PATCH.items()])
    return np.where(held[:, None], [0.01, 0.01, 0.98], bright(inputs))


def probes(rows: int, seed: int) -> Probes:
    numbers = np.random.default_rng(seed).random((rows, 144)).astype(np.float32)
    inputs = Inputs(numbers, np.empty((rows, 0), object))
    return Probes(inputs, bright(inputs).argmax(axis=1), 3)


@pytest.mark.parametrize("planted", [True, False])
def test_a_patch_is_found_where_it_was_planted_and_nowhere_else(planted: bool) -> None:
    search = PatchSearch(
        poisoned if planted else bright, lambda rows: bright(rows)[None], GRID, (probes(24, 0), probes(90, 1))
    )
    suspects = search.suspects(2, np.random.default_rng(0))
    assert {one.target for one in suspects} == {0, 1, 2}
    found = [one for one in suspects if one.is_trigger(BEYOND_OTHERS)]
    if planted:
        assert [(one.target, one.columns) for one in found] == [(2, tuple(PATCH))]
        assert found[0].success == pytest.approx(1)
        assert dict(found[0].trigger.numeric) == pytest.approx(PATCH, abs=0.02)
        assert GRID.place(found[0].columns[0]) == (2, 1)
    else:
        assert found == []
        assert max(one.success for one in suspects) > 0.1


def test_windows_hold_all_channels_of_a_square() -> None:
    grid = Grid.of((2, 3, 4), 24)
    assert grid.windows(2).shape == (2 * 3, 2 * 4)
    assert grid.windows(2)[0].tolist() == [0, 1, 4, 5, 12, 13, 16, 17]
    assert grid.place(16) == (1, 0)


@pytest.mark.parametrize(("shape", "width"), [((8, 8), 63), ((64,), 64), ((1, 1, 8, 8), 64)])
def test_a_grid_that_does_not_fit_is_refused(shape: tuple[int, ...], width: int) -> None:
    with pytest.raises(InputError, match="a grid of"):
        Grid.of(shape, width)
