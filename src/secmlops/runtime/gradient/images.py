"""Operators of convolutional networks: windows that move over rows of images, pools, and normalisation by channel.

Arrays are [n, channels, *places], of one, two or more axes of places. Each operator goes through the offsets within a
window and takes all windows at once, so that no matrix of windows is laid out. Definitions: ONNX operator schemas.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np

from secmlops.runtime.gradient.operators import Array, Attributes, Call, Operator, UnderivableError


@dataclass(frozen=True, slots=True)
class _Windows:
    """Where windows lie on images of ``size``: their kernel, steps, dilations, what is put around before and after."""

    size: tuple[int, ...]
    kernel: tuple[int, ...]
    steps: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]

    @classmethod
    def of(cls, rows: Array, attributes: Attributes, kernel: Sequence[int]) -> "_Windows":
        """Windows of an operator on ``rows``; raises UnderivableError for a way of padding that is not known."""
        size, axes = rows.shape[2:], len(kernel)
        if len(size) != axes or attributes.get("ceil_mode", 0):
            raise UnderivableError("windows that do not fit the images")
        steps = tuple(attributes.get("strides", (1,) * axes))
        dilations = tuple(attributes.get("dilations", (1,) * axes))
        pads = tuple(attributes.get("pads", (0,) * 2 * axes))
        way = attributes.get("auto_pad", b"NOTSET")
        if way in {b"SAME_UPPER", b"SAME_LOWER"}:
            reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
            wanted = [max((-(-s // t) - 1) * t + r - s, 0) for s, t, r in zip(size, steps, reach, strict=True)]
            small, large = tuple(w // 2 for w in wanted), tuple(w - w // 2 for w in wanted)
            pads = (*small, *large) if way == b"SAME_UPPER" else (*large, *small)
        elif way not in {b"NOTSET", b"VALID", b""} or any(pad < 0 for pad in pads):
            raise UnderivableError("windows that are padded in a way that is not known")
        return cls(size, tuple(kernel), steps, dilations, pads[:axes], pads[axes:])

    @property
    def places(self) -> tuple[int, ...]:
        """How many windows there are along each axis."""
        sums = zip(self.size, self.before, self.after, self.kernel, self.dilations, self.steps, strict=True)
        return tuple((s + b + a - (k - 1) * d - 1) // t + 1 for s, b, a, k, d, t in sums)

    def padded(self, rows: Array, value: float) -> Array:
        """Rows with ``value`` around each image."""
        around = [(0, 0), (0, 0), *zip(self.before, self.after, strict=True)]
        return np.pad(rows, around, constant_values=value)

    def inner(self, padded: Array) -> Array:
        """Rows without what is around."""
        inside: tuple[Any, ...] = (
            ...,
            *(slice(b, b + s) for b, s in zip(self.before, self.size, strict=True)),
        )
        within: Array = padded[inside]
        return within

    def offsets(self) -> Iterator[tuple[tuple[int, ...], tuple[Any, ...]]]:
        """Yield each offset within a window, and the index of what lies there in every window of a padded array."""
        for offset in np.ndindex(*self.kernel):
            at = zip(offset, self.dilations, self.steps, self.places, strict=True)
            yield offset, (..., *(slice(o * d, o * d + (p - 1) * t + 1, t) for o, d, t, p in at))


def _conv_parts(inputs: Sequence[Array], attributes: Attributes) -> tuple[_Windows, Array]:
    """Windows, and weights [*kernel, g, m/g, c/g] of g groups."""
    weights, groups = inputs[1], int(attributes.get("group", 1))
    shaped = weights.reshape(groups, len(weights) // groups, *weights.shape[1:])
    return _Windows.of(inputs[0], attributes, weights.shape[2:]), np.moveaxis(shaped, (0, 1, 2), (-3, -2, -1))


def _conv(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    windows, weights = _conv_parts(inputs, attributes)
    groups, _, channels = weights.shape[-3:]
    made = np.zeros(())
    padded = windows.padded(inputs[0], 0.0)
    for offset, place in windows.offsets():
        there = padded[place].reshape(len(padded), groups, channels, prod(windows.places))
        made = made + weights[offset] @ there
    sums = np.reshape(made, (len(padded), len(inputs[1]), *windows.places))
    return [sums + _by_channel(inputs[2], sums) if len(inputs) > 2 else sums]


def _conv_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    windows, weights = _conv_parts(call.inputs, call.attributes)
    rows = call.inputs[0]
    given = slopes[0].reshape(len(rows), *weights.shape[-3:-1], prod(windows.places))
    back = np.zeros_like(windows.padded(rows, 0.0))
    for offset, place in windows.offsets():
        part = weights[offset].swapaxes(-1, -2) @ given
        back[place] += part.reshape(len(rows), rows.shape[1], *windows.places)
    return [windows.inner(back), *[None] * (len(call.inputs) - 1)]


def _max_pool(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    windows = _Windows.of(inputs[0], attributes, attributes["kernel_shape"])
    padded = windows.padded(inputs[0], -np.inf)
    return [np.max([padded[place] for _, place in windows.offsets()], axis=0)]


def _max_pool_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    """Of equal values the first in a window has the slope."""
    windows = _Windows.of(call.inputs[0], call.attributes, call.attributes["kernel_shape"])
    padded = windows.padded(call.inputs[0], -np.inf)
    back, left = np.zeros_like(padded), np.ones(call.outputs[0].shape, bool)
    for _, place in windows.offsets():
        largest = left & (padded[place] == call.outputs[0])
        back[place] += np.where(largest, slopes[0], 0.0)
        left &= ~largest
    return [windows.inner(back)]


def _shares(windows: _Windows, attributes: Attributes) -> Array:
    """One over the number of places that an average is taken over [1, 1, *places]."""
    around = float(bool(attributes.get("count_include_pad", 0)))
    counted = windows.padded(np.ones((1, 1, *windows.size)), around)
    shares: Array = 1 / np.sum([counted[place] for _, place in windows.offsets()], axis=0)
    return shares


def _average_pool(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    windows = _Windows.of(inputs[0], attributes, attributes["kernel_shape"])
    padded = windows.padded(inputs[0], 0.0)
    return [np.sum([padded[place] for _, place in windows.offsets()], axis=0) * _shares(windows, attributes)]


def _average_pool_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    windows = _Windows.of(call.inputs[0], call.attributes, call.attributes["kernel_shape"])
    back = np.zeros_like(windows.padded(call.inputs[0], 0.0))
    for _, place in windows.offsets():
        back[place] += slopes[0] * _shares(windows, call.attributes)
    return [windows.inner(back)]


def _axes(inputs: Sequence[Array], attributes: Attributes) -> tuple[int, ...]:
    """Axes of a mean: those of places, or those that ReduceMean names."""
    named = inputs[1] if len(inputs) > 1 else attributes.get("axes", range(2, inputs[0].ndim))
    axes = tuple(int(axis) % inputs[0].ndim for axis in named)
    if not axes or 0 in axes:
        raise UnderivableError("a mean over rows")
    return axes


def _mean(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    return [inputs[0].mean(axis=_axes(inputs, attributes), keepdims=bool(attributes.get("keepdims", 1)))]


def _mean_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    rows, axes = call.inputs[0], _axes(call.inputs, call.attributes)
    kept = [1 if axis in axes else size for axis, size in enumerate(rows.shape)]
    share = slopes[0].reshape(kept) / prod(rows.shape[axis] for axis in axes)
    return [np.broadcast_to(share, rows.shape), *[None] * (len(call.inputs) - 1)]


def _batch_normal(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    if attributes.get("training_mode", 0):
        raise UnderivableError("BatchNormalization that still learns")
    rows, scale, base, mean, variance = inputs
    factor = scale / np.sqrt(variance + attributes.get("epsilon", 1e-5))
    return [rows * _by_channel(factor, rows) + _by_channel(base - mean * factor, rows)]


def _batch_normal_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    rows, scale, _, _, variance = call.inputs
    factor = scale / np.sqrt(variance + call.attributes.get("epsilon", 1e-5))
    return [slopes[0] * _by_channel(factor, rows), *[None] * 4]


def _by_channel(values: Array, rows: Array) -> Array:
    return values.reshape(-1, *[1] * (rows.ndim - 2))


IMAGES: Mapping[str, Operator] = MappingProxyType(
    {
        "AveragePool": Operator(_average_pool, _average_pool_back),
        "BatchNormalization": Operator(_batch_normal, _batch_normal_back),
        "Conv": Operator(_conv, _conv_back),
        "GlobalAveragePool": Operator(_mean, _mean_back),
        "MaxPool": Operator(_max_pool, _max_pool_back),
        "ReduceMean": Operator(_mean, _mean_back),
    }
)
