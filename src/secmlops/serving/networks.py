"""Firewall rules of the gateway: which networks may reach it (CIDR, RFC 4632 and RFC 4291)."""

import ipaddress
from functools import lru_cache
from typing import Annotated

import msgspec
from msgspec import Meta

from secmlops.core.errors import InputError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_MOST_KEPT = 65_536
_MAPPED_BITS = 96
"""Length of ::ffff:0:0/96, the IPv4-mapped addresses (RFC 4291, section 2.5.5.2)."""


_SITE_BITS = 64


class NetworkSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Networks by name. What is denied stays out; where any are allowed, everything else stays out, too."""

    allow: Annotated[tuple[str, ...], Meta(description="networks that may ask, for example 10.0.0.0/8; none: all")] = ()
    deny: Annotated[tuple[str, ...], Meta(description="networks that may not, even when they are allowed")] = ()


def site_of(address: str) -> str:
    """Whose address it is, as far as limits go: an IPv6 address stands for its /64, which is one host's to choose from.

    RFC 6177 gives every site at least one such network, and RFC 8981 lets a host take new addresses in it all the time.
    An IPv4-mapped address is the IPv4 one; what is no address stands for itself.
    """
    return _site_of(address) if ":" in address else address


@lru_cache(_MOST_KEPT)
def _site_of(address: str) -> str:
    try:
        where = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if where.ipv4_mapped is not None:
        return str(where.ipv4_mapped)
    return str(ipaddress.IPv6Network((where, _SITE_BITS), strict=False))


class Networks:
    """Says whether an address may ask. Raises InputError for a network that is not written ``address/length``."""

    def __init__(self, settings: NetworkSettings) -> None:
        self._allow = [_network(text, "allow") for text in settings.allow]
        self._deny = [_network(text, "deny") for text in settings.deny]
        self._known: dict[str, bool] = {}

    def admits(self, address: str) -> bool:
        """Whether this address may ask; what is no address may not, where there is any rule."""
        if not (self._allow or self._deny):
            return True
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            known = self._known[address] = self._decide(address)
        return known

    def _decide(self, address: str) -> bool:
        try:
            where = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(where, ipaddress.IPv6Address) and where.ipv4_mapped:
            where = where.ipv4_mapped
        if any(where in network for network in self._deny):
            return False
        return not self._allow or any(where in network for network in self._allow)


def _network(text: str, kind: str) -> Network:
    try:
        network = ipaddress.ip_network(text.replace("%", "?"))  # no zone: addresses are compared without theirs
    except ValueError:
        hint = "write it as 10.0.0.0/8, or one address"
        raise InputError(f"{text[:60]!r} is no network", where=f"serving.networks.{kind}", hint=hint) from None
    mapped = isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped
    if mapped and network.prefixlen >= _MAPPED_BITS:  # as the addresses themselves, which are compared as IPv4
        return ipaddress.IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))
    return network
