"""How much an identity may ask; what is not said is left to the server's own limits."""

import msgspec

from secmlops.core.errors import InputError

MOST = 10**12


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of one identity: ``rate`` in rows per second, ``burst`` in rows, ``per_day`` in rows; None: the server's.

    ``burst`` is how many rows may come at once before ``rate`` counts (the depth of a token bucket).
    """

    rate: float | None = None
    burst: int | None = None
    per_day: int | None = None

    def check(self) -> None:
        """Raise InputError for a bound that lets nothing through, or is beyond 10^12."""
        given = {"rate": self.rate, "burst": self.burst, "per_day": self.per_day}
        for name, bound in given.items():
            if bound is not None and not 0 < bound <= MOST:
                raise InputError(f"a limit of {bound}", where=name, hint="more than 0, and at most 10^12")
