"""The noise: discrete Laplace by OpenDP, on all counts or on those that pass a threshold, with the proof it hands out.

Every number that is promised here is read off OpenDP's privacy map, not computed beside it. OpenDP is an extra: without
it nothing is released.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from secmlops.core.errors import InputError

_LONGEST_TAIL = 50
"""Scales beyond which Laplace noise falls with a chance of e to the -50th power, below every delta there is."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Discrete Laplace noise of this ``scale``, added to vectors of whole numbers; ``threshold`` hides small counts."""

    scale: float
    threshold: int
    _measurement: Any
    _accuracy: Any

    def add(self, values: Sequence[int]) -> list[int]:
        """Values with noise, each its own."""
        return [int(value) for value in self._measurement(list(values))] if values else []

    def found(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Counts with noise of the keys whose noisy count reaches the threshold."""
        return {str(key): int(count) for key, count in self._measurement(dict(counts)).items()} if counts else {}

    def half_width(self, alpha: float) -> int:
        """Distance that the noise stays within, but for a chance of ``alpha``."""
        return math.ceil(float(self._accuracy(scale=self.scale, alpha=alpha)))


def noise_for(sensitivity: int, epsilon: float) -> Noise:
    """Noise that hides a person who changes a vector by at most ``sensitivity`` in all (L1), at this epsilon."""
    dp = _opendp()
    space = dp.domains.vector_domain(dp.domains.atom_domain(T="i64")), dp.metrics.l1_distance(T="i64")

    def make(scale: float) -> Any:
        return dp.measurements.make_laplace(*space, scale=scale)

    scale = sensitivity / epsilon
    while make(scale).map(sensitivity) > epsilon:  # a matter of rounding
        scale = math.nextafter(scale, math.inf)
    return Noise(scale, 0, make(scale), dp.accuracy.discrete_laplacian_scale_to_accuracy)


def noise_for_keys(sensitivity: int, epsilon: float, delta: float) -> Noise:
    """Noise and threshold that hide which keys a person brings, too, but for a chance of ``delta``.

    The person is in at most ``sensitivity`` keys and changes their counts by as much in all (Rogers 2023).
    """
    dp = _opendp()
    domain = dp.domains.map_domain(dp.domains.atom_domain(T="String"), dp.domains.atom_domain(T="i64"))
    space = domain, dp.metrics.l01inf_distance(dp.metrics.absolute_distance(T="i64"))
    scale, change = noise_for(sensitivity, epsilon).scale, (sensitivity,) * 3

    def make(threshold: int) -> Any:
        return dp.measurements.make_laplace_threshold(*space, scale=scale, threshold=threshold)

    def enough(threshold: int) -> bool:
        return bool(make(threshold).map(change)[1] <= delta)

    highest = sensitivity + math.ceil(scale * _LONGEST_TAIL)
    if not enough(highest):
        raise InputError(f"delta {delta:g} is too small to be computed with", hint="the smallest is about 1e-15")
    threshold = sensitivity + bisect_left(range(sensitivity, highest), True, key=enough)
    return Noise(scale, threshold, make(threshold), dp.accuracy.discrete_laplacian_scale_to_accuracy)


def _opendp() -> ModuleType:
    """OpenDP by its parts: its prelude would import whatever scientific libraries there are, for 2 seconds."""
    try:
        import opendp.accuracy  # noqa: PLC0415  # an extra, and a library of 47 MB
        import opendp.domains  # noqa: PLC0415
        import opendp.measurements  # noqa: PLC0415
        import opendp.metrics  # noqa: PLC0415
        import opendp.mod  # noqa: PLC0415
    except ImportError:
        hint = "install secmlops[privacy-release]"
        raise InputError("OpenDP is not installed, and no noise is drawn without it", hint=hint) from None
    opendp.mod.enable_features("contrib")
    return opendp
