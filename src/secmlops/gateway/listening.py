"""Where the gateway listens: the sockets are bound before anything is promised, so that their port is known."""

import contextlib
import ipaddress
import socket

from secmlops.core.errors import InputError


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``: an address of 127.0.0.0/8, ::1, or the name localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> list[socket.socket]:
    """Bound sockets for every address of ``host``, all on one port: any free one for 0.

    Raises InputError when the host is not one of this machine's, or the port is taken.
    """
    with contextlib.ExitStack() as opened:
        sockets: list[socket.socket] = []
        try:
            for family, kind, protocol, _, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                one = opened.enter_context(socket.socket(family, kind, protocol))
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                one.bind((where[0], port_of(sockets) or port, *where[2:]))
                sockets.append(one)
        except (OSError, ValueError) as error:  # ValueError: a name that no address could have
            reason = getattr(error, "strerror", None) or "not the name of a host"
            hint = "name another with --host or --port"
            raise InputError(f"cannot listen: {reason}", where=f"{host[:80]}:{port}", hint=hint) from None
        opened.pop_all()
    return sockets


def port_of(sockets: list[socket.socket]) -> int:
    """Port that the sockets share; 0 for none."""
    return int(sockets[0].getsockname()[1]) if sockets else 0
