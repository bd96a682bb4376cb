import numpy as np

from secmlops.data.poisoning.closer import closer
from secmlops.data.poisoning.rectangles import Limits, best_rectangles
from secmlops.detect.slices.grid import axes
from secmlops.runtime.signature import Inputs

ROWS = 4_000
RNG = np.random.default_rng(0)
COLUMNS = Inputs(RNG.random((ROWS, 2)).astype(np.float32), np.empty((ROWS, 0), object))
GRID = tuple(axes(COLUMNS))
EXPECTED = np.full(ROWS, 0.9)
LOOSE, STRICT = Limits(ROWS, left=0.85, nats_per_row=0.0), Limits(ROWS)


def test_a_strip_narrower_than_any_range_is_found_within_the_rectangle_that_hints_at_it() -> None:
    strip = (COLUMNS.numeric[:, 0] > 0.30) & (COLUMNS.numeric[:, 0] < 0.325)
    event = (RNG.random(ROWS) < 0.9) & ~strip
    assert not [one for one in best_rectangles(*GRID, event, EXPECTED, STRICT) if np.isin(one.rows, strip).mean() > 0.8]
    hint = max(best_rectangles(*GRID, event, EXPECTED, LOOSE), key=lambda one: one.nats)
    found = max(closer(COLUMNS, GRID, hint, (event, EXPECTED), STRICT), key=lambda one: one.nats)
    assert strip[found.rows].mean() > 0.7
    assert strip[found.rows].sum() > 0.5 * strip.sum()
    assert not found.other


def test_of_a_category_there_is_nothing_beside_it() -> None:
    texts = np.array(["a", "b", "c", "d"], object)[RNG.integers(4, size=ROWS)][:, None]
    columns = Inputs(COLUMNS.numeric[:, :1], texts)
    one, two = axes(columns)
    event = (RNG.random(ROWS) < 0.9) & (texts[:, 0] != "b")
    hint = max(best_rectangles(one, two, event, EXPECTED, LOOSE), key=lambda found: found.nats)
    for found in closer(columns, (one, two), hint, (event, EXPECTED), STRICT):
        assert set(texts[found.rows, 0]) == {"b"}
