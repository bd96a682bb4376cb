"""How much may be asked: token buckets per identity and per address, quotas by the day, and requests at once.

A token bucket (as in RFC 2697, section 3, with one rate) holds up to ``burst`` rows and fills at ``rate`` rows per
second; a request takes as many as it has rows, or is turned away with the seconds until it would be let in. Memory is
bounded: of too many buckets, those are forgotten that were used longest ago, of too many quotas, the least used.
"""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from secmlops.access.limits import Limits
from secmlops.core.clock import Clock
from secmlops.serving.sanctions import Sanctions

DAY_S = 86_400.0
ADDRESS = "address:"
"""What the id of an address begins with, where it stands beside those of identities."""
_MOST_KEPT = 65_536

Rate = Annotated[float, Meta(gt=0, le=1e12)]
Count = Annotated[int, Meta(ge=1, le=10**12)]


class LimitSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The server's limits. Those of an identity's own, where it has any, take the place of the first three."""

    rate: Annotated[Rate, Meta(description="rows per second of one identity")] = 1_000.0
    burst: Annotated[Count, Meta(description="rows of one identity that may come at once")] = 5_000
    per_day: Annotated[Count | None, Meta(description="rows of one identity in a day (UTC)")] = None
    concurrent: Annotated[Count, Meta(description="requests of one identity under way at once")] = 64
    address_rate: Annotated[Rate, Meta(description="requests per second from one address")] = 2_000.0
    address_burst: Annotated[Count, Meta(description="requests from one address that may come at once")] = 10_000
    address_connections: Annotated[
        Count, Meta(description="connections of one address to one worker; more where all come through a proxy")
    ] = 128


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request is over a limit: which one, and after how many seconds it would no longer be."""

    what: str
    retry_after_s: float


@dataclass(slots=True)
class _Bucket:
    """Tokens left at a moment, in seconds that only grow."""

    tokens: float
    moment: float

    def take(self, rate: float, full: float, cost: float, now: float) -> float:
        """Take ``cost`` tokens and return 0.0, or take none and return the seconds until they would be there.

        A request larger than the bucket passes when it is full, and leaves a debt.
        """
        tokens = min(full, self.tokens + (now - self.moment) * rate)
        self.moment = now
        missing = min(cost, full) - tokens
        self.tokens = tokens if missing > 0 else tokens - cost
        return missing / rate if missing > 0 else 0.0


@dataclass(slots=True)
class _Day:
    """Rows of one identity on one day."""

    day: int
    rows: int = 0


class Limiter:
    """Keeps everyone within their limits. Used by one thread; ``share`` is this process's part of all limits.

    Seconds that only grow are handed in with each question; ``clock`` tells the day that a quota is for.
    """

    def __init__(self, settings: LimitSettings, clock: Clock, share: float = 1.0) -> None:
        self._settings = settings
        self._clock = clock
        self._share = share
        self._identities: dict[str, _Bucket] = {}
        self._addresses: dict[str, _Bucket] = {}
        self._days: dict[str, _Day] = {}
        self._under_way: dict[str, int] = {}
        self._tightened = Sanctions()

    def knock(self, address: str, now: float) -> Refusal | None:
        """Let one request come from ``address``, whoever sends it."""
        settings = self._settings
        rate, burst = settings.address_rate * self._share, settings.address_burst * self._share
        if self._tightened:
            rate, burst = self._tight(f"{ADDRESS}{address}", rate, burst, now)
        bucket = self._addresses.get(address)
        if bucket is None:
            bucket = _kept(self._addresses, address, _Bucket(burst, now), now)
        wait = bucket.take(rate, burst, 1.0, now)
        return Refusal("too many requests from this address", wait) if wait else None

    def admit(self, who: str, own: Limits | None, rows: int, now: float, begun: int = 0) -> Refusal | None:
        """Let ``rows`` rows of the identity ``who`` in; ``begun`` rows of the same request were let in before.

        Those count when a request is larger than the burst: it passes if the bucket was full when it began.
        """
        settings = self._settings
        rate = (own.rate if own and own.rate is not None else settings.rate) * self._share
        burst = (own.burst if own and own.burst is not None else settings.burst) * self._share
        per_day = own.per_day if own and own.per_day is not None else settings.per_day
        if self._tightened:
            rate, burst = self._tight(who, rate, burst, now)
        if per_day is not None and (refusal := self._over_quota(who, per_day * self._share, rows)):
            return refusal
        bucket = self._identities.get(who)
        if bucket is None:
            bucket = _kept(self._identities, who, _Bucket(burst, now), now)
        wait = bucket.take(rate, burst - begun, rows, now)
        if wait:
            return Refusal("too many rows", wait + begun / rate)  # when it comes again, it begins again
        if per_day is not None:
            self._days[who].rows += rows
        return None

    def enter(self, who: str) -> Refusal | None:
        """Begin a request of ``who``, to be ended by ``leave``; refused when too many are under way."""
        under_way = self._under_way.get(who, 0)
        if under_way >= self._settings.concurrent:
            return Refusal("too many requests at once", 1.0)
        self._under_way[who] = under_way + 1
        return None

    def leave(self, who: str) -> None:
        """End a request that ``enter`` began."""
        under_way = self._under_way[who] - 1
        if under_way:
            self._under_way[who] = under_way
        else:
            del self._under_way[who]

    def tighten(self, who: str, factor: float, now: float, until: float) -> None:
        """Divide the rate and burst of ``who``, an identity or ``address:...``, by ``factor`` until a moment."""
        self._tightened.impose(who, now, until, factor)

    def _tight(self, who: str, rate: float, burst: float, now: float) -> tuple[float, float]:
        factor = self._tightened.severity(who, now)
        return (rate / factor, burst / factor) if factor else (rate, burst)

    def _over_quota(self, who: str, per_day: float, rows: int) -> Refusal | None:
        today_s = self._clock().timestamp()
        day = int(today_s // DAY_S)
        used = self._days.get(who)
        if used is None or day > used.day:  # a clock that jumps back gives nobody a second quota
            if used is None and len(self._days) >= _MOST_KEPT:
                self._days = _most_used(self._days, day)
            used = self._days[who] = _Day(day)
        if used.rows + rows > per_day:
            return Refusal("the quota of the day is used up", (used.day + 1) * DAY_S - today_s)
        return None


def _most_used(days: dict[str, _Day], today: int) -> dict[str, _Day]:
    """Half of the quotas, those of which most is used up today: what is forgotten gives little away."""
    ranked = sorted(days, key=lambda name: (days[name].day >= today, days[name].rows), reverse=True)
    return {name: days[name] for name in ranked[: len(ranked) // 2]}


def _kept(buckets: dict[str, _Bucket], name: str, bucket: _Bucket, now: float) -> _Bucket:
    """Keep a new bucket; when there are too many, forget the half that were used longest ago."""
    if len(buckets) >= _MOST_KEPT:
        middle = sorted(one.moment for one in buckets.values())[len(buckets) // 2]
        for old in [key for key, one in buckets.items() if one.moment <= min(middle, now)]:
            del buckets[old]
    buckets[name] = bucket
    return bucket
