"""From a quantity to a place on paper, with ticks that a person would choose."""

import math
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MOST_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from ``low`` to ``high`` between the places ``start`` and ``end``; ``log`` spaces them by ratio."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Place of ``value``; what lies outside is put on the border."""
        low, high, here = (self._spaced(v) for v in (self.low, self.high, min(max(value, self.low), self.high)))
        if high == low:
            return (self.start + self.end) / 2
        return self.start + (self.end - self.start) * (here - low) / (high - low)

    def ticks(self, about: int = 5) -> tuple[float, ...]:
        """Return round values between ``low`` and ``high``, ``about`` so many."""
        if self.log:
            return self._ratios()
        step = nice_step((self.high - self.low) / max(about, 1))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return tuple(round(i * step, 12) for i in range(first, last + 1))

    def written(self, tick: float) -> str:
        """Return a tick as text, with as many decimals as its neighbours need: ``0.90`` beside ``0.85``."""
        ticks = self.ticks()
        if self.log or len(ticks) < 2:
            return f"{tick:,.4g}" if abs(tick) < 1000 else f"{tick:,.0f}"
        step = ticks[1] - ticks[0]
        decimals = next(d for d in range(_MOST_DECIMALS + 1) if d == _MOST_DECIMALS or _whole(step * 10**d))
        return f"{tick + 0.0:,.{decimals}f}"

    def _spaced(self, value: float) -> float:
        return math.log(value) if self.log else value

    def _ratios(self) -> tuple[float, ...]:
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        values = (m * 10.0**d for d in decades for m in (1, 2, 5))
        return tuple(v for v in values if self.low <= v <= self.high)


def _whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-6 * max(1.0, abs(value)) and round(value) != 0


def nice_step(raw: float) -> float:
    """Smallest step of 1, 2, 2.5 or 5 times a power of ten that is not below ``raw``; 1 for no extent."""
    if not raw > 0 or not math.isfinite(raw):
        return 1.0
    power = 10.0 ** math.floor(math.log10(raw))
    return power * next(s for s in _STEPS if s * power >= raw * (1 - 1e-9))


def bounds(low: float, high: float) -> tuple[float, float]:
    """Round bounds around the values from ``low`` to ``high``, with room even when they are equal."""
    if low == high:
        reach = abs(low) * 0.1 or 1.0
        low, high = low - reach, high + reach
    step = nice_step((high - low) / 5)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
