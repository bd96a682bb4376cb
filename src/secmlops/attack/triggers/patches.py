"""Patches: triggers of images, small squares of a grid of pixels, and the search for the strongest of each place.

After Gu et al., "BadNets" (2017), who plant them, and Wang et al., "Neural Cleanse" (IEEE S&P 2019), who find them
again. Pixels are numeric columns; what a patch holds is climbed pixel by pixel, so a model needs no gradient.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from secmlops.attack.oracle import Oracle, Outputs
from secmlops.attack.triggers.pasting import Floats, Items, Panel, Patterns, Probes
from secmlops.attack.triggers.search import SCALE, STEP, Suspect, chosen
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs

_LEVELS = 3
"""Values tried of each pixel: its image's darkest, its brightest, and what lies between."""
_FILLS, _ALL = 12, 4
"""Patches drawn by chance that a place is judged by, besides those of one level."""
_PLACES = 49
"""Places of each size, and class, at which the pixels are climbed."""
_SWEEPS = 2
_FLOOR = 1e-4
_MANY = 5
BEYOND_OTHERS = 0.4
"""Share of rows that a trigger turns beyond what patches of its size do to other classes."""

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Grid:
    """Numeric columns as images: ``channels`` after one another, each ``rows`` by ``columns`` pixels row by row."""

    rows: int
    columns: int
    channels: int = 1

    @classmethod
    def of(cls, shape: tuple[int, ...], width: int) -> "Grid":
        """Grid of the shape [rows, columns] or [channels, rows, columns] over ``width`` numeric columns.

        Raises InputError where they do not fit.
        """
        if len(shape) not in (2, 3) or min(shape) < 1 or prod(shape) != width:
            raise InputError(f"a grid of {list(shape)} over {width} numeric columns", where="grid")
        return cls(shape[-2], shape[-1], prod(shape[:-2]))

    def windows(self, side: int) -> Places:
        """Columns [w, channels * side * side] of each square of so many pixels a side."""
        columns = np.arange(self.channels * self.rows * self.columns).reshape(self.channels, self.rows, self.columns)
        squares = np.lib.stride_tricks.sliding_window_view(columns, (side, side), axis=(1, 2))
        return squares.transpose(1, 2, 0, 3, 4).reshape(-1, self.channels * side * side)

    def place(self, column: int) -> tuple[int, int]:
        """Row and column of the pixel, from 0 at the upper left."""
        row, across = divmod(column % (self.rows * self.columns), self.columns)
        return row, across


@dataclass(frozen=True, slots=True, eq=False)
class PatchSearch:
    """A search of one model for patches on a ``grid``, guided by few rows and judged on many (``probes``).

    ``honest`` are models that learned from rows without a trigger.
    """

    oracle: Oracle
    honest: Panel
    grid: Grid
    probes: tuple[Probes, Probes]

    def suspects(self, widest: int, generator: np.random.Generator) -> list[Suspect]:
        """The most suspicious patch of each class, of sides up to ``widest`` pixels, by how far they go beyond.

        What is explained is what the strongest patch of that size does for other classes, or this one to honest models.
        In a small image a large patch turns any model.
        """
        found: list[list[Suspect]] = [[] for _ in range(self.probes[1].classes)]
        for side in range(1, min(widest, self.grid.rows, self.grid.columns) + 1):
            for one in self._of_size(side, generator):
                found[one.target].append(one)
        return sorted((chosen(sizes, BEYOND_OTHERS) for sizes in found), key=lambda one: -one.beyond)

    def _of_size(self, side: int, generator: np.random.Generator) -> Iterator[Suspect]:
        items = self._items()
        best: list[tuple[Patterns, float]] = []
        for target, patches in enumerate(self._strongest(items, self.grid.windows(side), generator)):
            turned = self.probes[1].response(self.oracle, items, patches).turned[:, target]
            best.append((patches[turned.argmax()], float(turned.max())))
        shares = np.array([share for _, share in best])
        for target, (patch, share) in enumerate(best):
            followed = self.probes[1].reached(self.honest, items, patch[None])[:, 0, target].max()
            yield Suspect(
                pattern=tuple(patch.tolist()),
                trigger=items.trigger(patch.tolist()),
                target=target,
                columns=tuple(sorted(items.place[patch].tolist())),
                success=share,
                explained=max(float(followed), _usual(shares, target)),
                anomaly=_anomaly(shares, target),
            )

    def _items(self) -> Items:
        """The same values of each pixel, from the darkest of all images to the brightest."""
        numbers = self.probes[1].rows.numeric
        known = numbers[np.isfinite(numbers)]
        values = np.linspace(float(known.min()), float(known.max()), _LEVELS).tolist()
        return Items.of(numbers.shape[1], dict.fromkeys(range(numbers.shape[1]), values))

    def _strongest(self, items: Items, windows: Places, generator: np.random.Generator) -> Iterator[Patterns]:
        """For each class the strongest patch [w, s] in each of the windows that bear most."""
        pixels = windows.shape[1]
        fills = _fills(pixels, generator)
        tried = _patterns(windows[:, None], fills).reshape(-1, pixels)
        response = self._score(items, tried).reshape(len(windows), len(fills), -1)
        for target in range(response.shape[2]):
            scores = response[:, :, target]
            places = np.argsort(-scores.max(axis=1), kind="stable")[:_PLACES]

            def score(patches: Patterns, of: int = target) -> Floats:
                return self._score(items, patches)[:, of]

            yield _climbed(score, windows[places], fills[scores[places].argmax(axis=1)])

    def _score(self, items: Items, patches: Patterns) -> Floats:
        """Mean logarithm [k, c] of the score of each class: near 0 it still says where the score rises."""

        def told(rows: Inputs) -> Outputs:
            return np.asarray(np.log(self.oracle(rows) + _FLOOR))

        return self.probes[0].response(told, items, patches).score


def _fills(pixels: int, generator: np.random.Generator) -> Places:
    """Levels [f, s] that every place is filled with: each by itself, and dark and bright ones together.

    Of few pixels those are all that there are, so that a patch of which no part does anything is met too.
    """
    flat = np.repeat(np.arange(_LEVELS)[:, None], pixels, axis=1)
    if pixels <= _ALL:
        mixed = (np.arange(2**pixels)[:, None] >> np.arange(pixels)) % 2
    else:
        mixed = generator.integers(2, size=(_FILLS, pixels))
    return np.unique(np.concatenate([flat, mixed * (_LEVELS - 1)]), axis=0)


def _usual(shares: Floats, target: int) -> float:
    """What patches do to other classes: the most of them; of five classes and more, when two more are left out."""
    others = np.sort(np.delete(shares, target))[::-1]
    return float(others[1 if len(shares) >= _MANY else 0])


def _anomaly(shares: Floats, target: int) -> float:
    """Distance of a class from the others, in robust standard deviations."""
    others = np.delete(shares, target)
    middle = float(np.median(others))
    return (float(shares[target]) - middle) / (SCALE * max(float(np.median(np.abs(others - middle))), STEP))


def _patterns(windows: Places, held: Places) -> Patterns:
    """Items of the levels ``held`` by the pixels of windows."""
    patterns: Patterns = windows * _LEVELS + held
    return patterns


def _climbed(score: Callable[[Patterns], Floats], windows: Places, held: Places) -> Patterns:
    """Patches [w, s] of which hardly a single pixel would score more at another level, begun with those ``held``."""
    held = held.copy()
    for _ in range(_SWEEPS):
        before = held.copy()
        for pixel in range(windows.shape[1]):
            tried = np.repeat(held[:, None], _LEVELS, axis=1)
            tried[:, :, pixel] = np.arange(_LEVELS)
            scores = score(_patterns(windows[:, None], tried).reshape(-1, windows.shape[1]))
            held[:, pixel] = scores.reshape(len(windows), _LEVELS).argmax(axis=1)
        if (held == before).all():
            break
    return _patterns(windows, held)
