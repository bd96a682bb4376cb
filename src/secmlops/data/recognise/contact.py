"""Recognises e-mail addresses and the addresses of devices on a network."""

import ipaddress
import re

from secmlops.data.recognise.heads import Heads, digits, upto
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.plain_text import LETTERS
from secmlops.data.recognise.recogniser import Recogniser

_LOCAL = rf"[{LETTERS}0-9._%+'-]"
_AT = r"(?:@|%40| ?[(\[{](?:at|AT)[)\]}] ?)"
_AT_MARKS = ("@", "%40", "(at)", "[at]", "{at}", "(AT)", "[AT]", "{AT}")
_DOMAIN = rf"(?:[{LETTERS}0-9-]{{1,63}}\.){{1,4}}(?:[{LETTERS}]{{2,24}}|xn--[a-z0-9-]{{1,59}})"
_ADDRESS_FORM = re.compile(rf"{_LOCAL}{_AT}{_DOMAIN}", re.ASCII)


def is_email(text: str) -> bool:
    """Whether ``text`` holds an address with a domain of at least two labels, internationalised (RFC 6531) or not."""
    return bool(_ADDRESS_FORM.search(text))


EMAIL = Recogniser(
    Kind.EMAIL,
    whole=rf"^\s*{_LOCAL}+{_AT}[{LETTERS}0-9.-]+\s*$",
    headers=("email", "e mail", "mail", "emailaddress", "mailadresse", "emailadresse", "courriel", "correo"),
    check=is_email,
    inside=rf"[{LETTERS}0-9]{_LOCAL}{{0,63}}{_AT}{_DOMAIN}",
    marks=_AT_MARKS,
    alone=0.95,
    scheme="an address with a domain",
    anywhere=True,
    hinted_share=0.1,
    bare_share=0.1,
)


def is_ip_address(text: str) -> bool:
    """Whether ``text`` is an IPv4 or IPv6 address, and no version number: those have no part above 31."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return False
    return address.version == 6 or any(part >= 32 for part in address.packed)


def is_host_address(text: str) -> bool:
    """Whether ``text`` is an IP address that some host may have: no mask, no group, not this very machine."""
    if not is_ip_address(text):
        return False
    address = ipaddress.ip_address(text.strip())
    return not (address.is_loopback or address.is_unspecified or address.is_multicast or address.packed[0] == 255)


_HEXADECIMAL = Heads(upto(4), upto(4), upto(4), few=True)
_WORD = "[0-9A-Fa-f]{1,4}"
_HEXADECIMAL_CUE = r"::|:[0-9A-Fa-f]{2,4}:[0-9A-Fa-f]{1,4}:|-[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-|\.[0-9A-Fa-f]{4}\."
_IPV4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_NO_ADDRESS = frozenset({"version", "versions", "firmware", "build", "release"})

IP_ADDRESS = Recogniser(
    Kind.IP_ADDRESS,
    whole=rf"^\s*(?:{_IPV4}|[0-9A-Fa-f]{{0,4}}:[0-9A-Fa-f:]{{1,34}})\s*$",
    hints=("ip", "ip address", "ipv4", "ipv6", "client ip", "remote addr"),
    excluded=frozenset({"time", "mac"}),
    silent=_NO_ADDRESS,
    check=is_host_address,
    inside=_IPV4,
    heads=digits(1, 2, 3),
    alone=0.8,
    scheme="an IPv4 address",
    suggestion="pseudonymise",
    bare_share=0.5,
)

IPV6_ADDRESS = Recogniser(
    Kind.IP_ADDRESS,
    whole="",
    hints=IP_ADDRESS.hints,
    check=is_host_address,
    heads=_HEXADECIMAL,
    cue=_HEXADECIMAL_CUE,
    inside=rf"(?:{_WORD}:){{7}}{_WORD}|(?:{_WORD}:){{1,6}}(?::{_WORD}){{1,6}}",
    alone=0.8,
    scheme="an IPv6 address",
    suggestion="pseudonymise",
)


def is_device_address(text: str) -> bool:
    """Whether ``text`` is the address of one device: neither that of all nor that of none."""
    return len(set(re.sub(r"[^0-9A-Fa-f]", "", text).lower())) > 1


_PAIR = "[0-9A-Fa-f]{2}"
MAC_ADDRESS = Recogniser(
    Kind.DEVICE,
    whole=rf"^\s*(?:{_PAIR}(?:(?:[:-]{_PAIR}){{5}}|(?:[:-]{_PAIR}){{7}})|[0-9A-Fa-f]{{4}}(?:\.[0-9A-Fa-f]{{4}}){{2}})\s*$",
    check=is_device_address,
    inside=rf"{_PAIR}(?::{_PAIR}){{5}}(?:(?::{_PAIR}){{2}})?|{_PAIR}(?:-{_PAIR}){{5}}|[0-9A-Fa-f]{{4}}(?:\.[0-9A-Fa-f]{{4}}){{2}}",
    heads=_HEXADECIMAL,
    cue=_HEXADECIMAL_CUE,
    words=("mac", "mac address", "bssid", "hwaddr", "ether"),
    alone=0.9,
    scheme="a MAC address",
    suggestion="pseudonymise",
    bare_share=0.5,
)
