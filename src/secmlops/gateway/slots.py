"""Connections held open at once: bounded in all, and from each address, so that nobody takes every place."""

from secmlops.serving.networks import site_of

MOST = 256
MOST_OF_ADDRESS = 128
"""By default half of the places: a proxy that all come through should be given more."""


class Slots:
    """Places for connections of one process; used by its event loop only. ``most`` is for all addresses together."""

    def __init__(self, most: int = MOST, most_of_address: int = MOST_OF_ADDRESS) -> None:
        self._most = most
        self._most_of_address = most_of_address
        self._held: dict[str, int] = {}
        self._count = 0

    def take(self, address: str) -> int:
        """Take a place and return 0, or the status that the connection is turned away with: 429 or 503.

        A place that was taken is to be given back with ``free``.
        """
        site = site_of(address)
        if self._held.get(site, 0) >= self._most_of_address:
            return 429
        if self._count >= self._most:
            return 503
        self._held[site] = self._held.get(site, 0) + 1
        self._count += 1
        return 0

    def free(self, address: str) -> None:
        """Give a place back; an address without any is forgotten."""
        site = site_of(address)
        self._held[site] -= 1
        self._count -= 1
        if not self._held[site]:
            del self._held[site]
