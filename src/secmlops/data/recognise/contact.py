"""Recognises ways to reach a person: e-mail addresses, phone numbers, IP and device addresses."""

import ipaddress
import re

from secmlops.data.recognise.header import numbered
from secmlops.data.recognise.plain_text import LETTERS
from secmlops.data.recognise.recogniser import Kind, Recogniser

_LOCAL = rf"[{LETTERS}0-9._%+-]"
_AT = r"(?:@|%40| ?[(\[{](?:at|AT)[)\]}] ?)"
# One character before the sign and the beginning of the last label after it tell enough, and soon.
_ADDRESS = rf"{_LOCAL}{_AT}(?:[{LETTERS}0-9-]{{1,63}}\.){{1,4}}(?:[{LETTERS}]{{2}}|xn--)"
_ADDRESS_FORM = re.compile(_ADDRESS, re.ASCII)


def is_email(text: str) -> bool:
    """Whether ``text`` holds an address with a domain of at least two labels, internationalised (RFC 6531) or not."""
    return bool(_ADDRESS_FORM.search(text))


EMAIL = Recogniser(
    Kind.EMAIL,
    whole=rf"^\s*{_LOCAL}+{_AT}[{LETTERS}0-9.-]+\s*$",
    headers=("email", "e mail", "mail", "emailaddress", "mailadresse", "emailadresse", "courriel", "correo"),
    check=is_email,
    inside=_ADDRESS,
    anywhere=True,
    hinted_share=0.1,
    bare_share=0.1,
)

# ITU-T E.164 country codes by their first digits; 1 and 7 are one digit, the rest two or three.
_CALLING_CODE = re.compile(
    r"[17]|2[07]|2[1-689]\d|3[0-469]|3[578]\d|4[013-9]|42\d|5[1-8]|5[09]\d|6[0-6]|6[789]\d|8[1246]|8[058]\d|9[0-58]|9(?:6[0-8]|7[0-79]|9[2-8])"
)
_SEPARATOR = r"[ ./()-]{0,2}"
_INTERNATIONAL = rf"(?:\+|\b00)[1-9](?:{_SEPARATOR}\d){{7,13}}"
_NORTH_AMERICAN = r"\(?[2-9]\d{2}\)?[ .-]{1,2}[2-9]\d{2}[ .-]\d{4}"


_MOBILE_START = r"01(?:5\d|6[023]|7\d)"
_MOBILE_SPACED = (
    rf"(?:{_MOBILE_START}[ /-]\d{{3,4}} ?\d{{4}}|07[1-57-9]\d{{2}} \d{{3}} ?\d{{3}}|0[67](?:[ .-]\d{{2}}){{4}})"
)
_MOBILE_COMPACT = rf"(?:{_MOBILE_START}\d{{7,8}}|07[1-57-9]\d{{8}})"
_CALLED = r"(?i:call|phone|tel|mobile|cell|ring|text|whatsapp|telefon|handy|mobil|anrufen|rückruf)\.?:? "
_NATIONAL = r"0\d{2,4}[ /-]?\d{3,4} ?\d{3,4}"
_MOBILE_FORM = re.compile(
    rf"\s*(?:{_MOBILE_SPACED}|{_MOBILE_COMPACT}|{_CALLED}{_NATIONAL}|{_NORTH_AMERICAN})\s*", re.ASCII
)


def is_phone(text: str) -> bool:
    """Whether ``text`` is a phone number: international, North American, or of a mobile.

    International numbers must be of a country that exists (ITU-T E.164); mobiles are those of Germany, the United
    Kingdom and France as they are written at home, and any national number behind a word such as ``call``.
    """
    digits = re.sub(r"\D", "", text)
    if text.lstrip().startswith("+") or digits.startswith("00"):
        national = digits.removeprefix("00")
        return 8 <= len(national) <= 15 and bool(_CALLING_CODE.match(national))
    return bool(_MOBILE_FORM.fullmatch(text))


PHONE = Recogniser(
    Kind.PHONE,
    whole=r"^\s*(?:\+|00)?\(?\d(?:[ ./()-]{0,2}\d){5,14}\s*$",
    headers=(
        "phone", "telephone", "tel", "mobile", "cellphone", "cell phone", "phonenumber", "fax", "telefono", "teléfono",
        "telephone number", "portable", "telefon", "handy", "mobil", "mobiltelefon", "festnetz",
        *numbered("telefon", "handy", "mobil", "mobiltelefon", "mobilfunk", "festnetz", "ruf", "fax", "tel"),
    ),
    excluded=frozenset({"calls", "model", "type"}),
    check=is_phone,
    inside=(
        rf"{_INTERNATIONAL}|\([2-9]\d{{2}}\) ?[2-9]\d{{2}}[ .-]\d{{4}}\b|\b{_MOBILE_SPACED}\b|\b{_CALLED}{_NATIONAL}\b"
    ),
    bare_share=0.5,
)  # fmt: skip


def is_ip_address(text: str) -> bool:
    """Whether ``text`` is an IPv4 or IPv6 address, and no version number: those have no part above 31."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return False
    return address.version == 6 or any(part >= 32 for part in address.packed)


_IPV4 = r"(?:\d{1,3}\.){3}\d{1,3}"
IP_ADDRESS = Recogniser(
    Kind.IP_ADDRESS,
    whole=rf"^\s*(?:{_IPV4}|[0-9A-Fa-f]{{0,4}}:[0-9A-Fa-f:]{{1,34}})\s*$",
    hints=("ip", "ip address", "ipv4", "ipv6", "client ip", "remote addr"),
    excluded=frozenset({"time", "mac"}),
    silent=frozenset({"version", "versions", "firmware", "build", "release"}),
    check=is_ip_address,
    inside=rf"\b{_IPV4}\b",
    suggestion="pseudonymise",
    bare_share=0.5,
)

MAC_ADDRESS = Recogniser(
    Kind.DEVICE,
    whole=r"^\s*[0-9A-Fa-f]{2}(?:(?:[:-][0-9A-Fa-f]{2}){5}|(?:[:-][0-9A-Fa-f]{2}){7})\s*$",
    inside=r"\b[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}\b",
    suggestion="pseudonymise",
    bare_share=0.5,
)
