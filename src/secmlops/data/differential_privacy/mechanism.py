"""The noise: discrete Laplace by OpenDP, on all counts or on those that pass a threshold, with the proof it hands out.

Every number that is promised here is read off OpenDP's privacy map, not computed beside it. OpenDP is an extra: without
it nothing is released.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from secmlops.core.errors import InputError


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
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")

    def make(scale: float) -> Any:
        return dp.m.make_laplace(*space, scale=scale)

    scale = float(dp.binary_search_param(make, d_in=sensitivity, d_out=epsilon))
    return Noise(scale, 0, make(scale), dp.discrete_laplacian_scale_to_accuracy)


def noise_for_keys(sensitivity: int, epsilon: float, delta: float) -> Noise:
    """Noise and threshold that hide which keys a person brings, too, but for a chance of ``delta``.

    The person is in at most ``sensitivity`` keys and changes their counts by as much in all (Rogers 2023).
    """
    dp = _opendp()
    domain = dp.map_domain(dp.atom_domain(T="String"), dp.atom_domain(T="i64"))
    space = domain, dp.l01inf_distance(dp.absolute_distance(T="i64"))
    scale, change = noise_for(sensitivity, epsilon).scale, (sensitivity,) * 3

    def make(threshold: int) -> Any:
        return dp.m.make_laplace_threshold(*space, scale=scale, threshold=threshold)

    threshold = int(dp.binary_search_param(make, d_in=change, d_out=(epsilon, delta), T=int))
    return Noise(scale, threshold, make(threshold), dp.discrete_laplacian_scale_to_accuracy)


def _opendp() -> ModuleType:
    try:
        import opendp.prelude as dp  # noqa: PLC0415  # an extra, and a library of 47 MB
    except ImportError:
        hint = "install secmlops[privacy-release]"
        raise InputError("OpenDP is not installed, and no noise is drawn without it", hint=hint) from None
    dp.enable_features("contrib")
    return dp
