"""HopSkipJump: the boundary's normal from decisions alone, and a step along it that brings a row nearer.

Chen, Jordan and Wainwright, "HopSkipJumpAttack: A Query-Efficient Decision-Based Attack" (IEEE S&P 2020): at a point of
the boundary, the average direction of those random probes that evade is the normal. The step is that of Reza et al.,
"CGBA: Curvature-Aware Geometric Black-Box Attack" (ICCV 2023): along the half circle that has the way from the row to
the point as its diameter, on which every place is nearer than the point, and on which the nearest one lies where the
boundary is flat (Thales). It moves numbers; categories stay as the start put them.
"""

from dataclasses import dataclass

import numpy as np

from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.moves import Mask, Matrix, Moves, Places

_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class HopSkipJump:
    """``probes`` of a step, at a distance of ``reach`` times that of the point, and ``halvings`` of the quarter turn.

    Wide probes see through the steps of a forest; on a smooth model they do no harm.
    """

    probes: int = 50
    reach: float = 0.3
    halvings: int = 8

    def run(self, hunt: Hunt, starts: Moves, generator: np.random.Generator) -> None:
        """Bring ``starts`` [n], moves at the boundary, nearer until the queries of the ``hunt`` are used up."""
        points = starts.copy()
        step = self.probes + self.halvings
        movable: Mask = np.linalg.norm(points.shift, axis=1) > 0
        while len(places := self._ready(hunt, movable, step)):
            here = points.take(places)
            normal, told = self._normal(hunt, places, here, generator)
            points.put(places, self._turned(hunt, places, here, normal))
            movable[places[~told]] = False

    def _ready(self, hunt: Hunt, movable: Mask, queries: int) -> Places:
        places = hunt.open_rows(queries)
        return places[movable[places]]

    def _normal(self, hunt: Hunt, places: Places, here: Moves, generator: np.random.Generator) -> tuple[Matrix, Mask]:
        """Unit normals [m, p] towards what evades, and whether the probes told anything [m]."""
        rows, numbers = here.shift.shape
        directions = generator.standard_normal((rows, self.probes, numbers), np.float32)
        directions *= hunt.free[places][:, None, :]
        directions /= np.maximum(np.linalg.norm(directions, axis=2, keepdims=True), _TINY)
        reach = self.reach * np.linalg.norm(here.shift, axis=1)
        around = here.repeat(self.probes)
        around.shift[:] += (reach[:, None, None] * directions).reshape(-1, numbers)
        _, margins = hunt.ask(np.repeat(places, self.probes), around)
        weight = np.where(margins < 0, 1.0, -1.0).reshape(rows, self.probes)
        mixed = np.abs(weight.mean(axis=1)) < 1
        weight -= np.where(mixed, weight.mean(axis=1), 0.0)[:, None]  # Chen et al.: the baseline takes the variance off
        normal = np.einsum("nm,nmp->np", weight, directions)
        length = np.linalg.norm(normal, axis=1, keepdims=True)
        return normal / np.maximum(length, _TINY), length[:, 0] > _TINY

    def _turned(self, hunt: Hunt, places: Places, here: Moves, normal: Matrix) -> Moves:
        """Points [m] on the half circles from ``here`` towards the rows, turned as far as they still evade."""
        distance = np.linalg.norm(here.shift, axis=1, keepdims=True)
        outward = here.shift / np.maximum(distance, _TINY)
        across = normal - (normal * outward).sum(axis=1, keepdims=True) * outward
        across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), _TINY)
        low, high = np.zeros(len(places)), np.full(len(places), np.pi / 2)
        points = here.copy()
        for _ in range(self.halvings):
            angle = (low + high)[:, None] / 2
            turned = distance * np.cos(angle) * (np.cos(angle) * outward + np.sin(angle) * across)
            moved, margins = hunt.ask(places, Moves(turned, here.codes))
            evaded = margins < 0
            points.put(evaded, moved.take(evaded))
            low, high = np.where(evaded, angle[:, 0], low), np.where(evaded, high, angle[:, 0])
        return points
