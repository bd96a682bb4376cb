"""Recognises ways to reach a person: e-mail addresses, phone numbers and IP addresses."""

import ipaddress
import re

from secmlops.data.recognise.recogniser import Kind, Recogniser

_ADDRESS = r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}"
EMAIL = Recogniser(
    Kind.EMAIL,
    whole=rf"^\s*{_ADDRESS}\s*$",
    headers=("email", "e mail", "mail", "courriel", "correo"),
    inside=rf"\b{_ADDRESS}",
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


def is_phone(text: str) -> bool:
    """Whether ``text`` is an international number of a country that exists (ITU-T E.164), or a North American one."""
    digits = re.sub(r"\D", "", text)
    if text.lstrip().startswith("+") or digits.startswith("00"):
        national = digits.removeprefix("00")
        return 8 <= len(national) <= 15 and bool(_CALLING_CODE.match(national))
    return bool(re.fullmatch(rf"\s*{_NORTH_AMERICAN}\s*", text))


PHONE = Recogniser(
    Kind.PHONE,
    whole=r"^\s*(?:\+|00)?\(?\d(?:[ ./()-]{0,2}\d){5,14}\s*$",
    headers=(
        "phone",
        "telephone",
        "tel",
        "mobile",
        "cellphone",
        "fax",
        "telefon",
        "handy",
        "telefono",
        "telephone number",
    ),
    excluded=frozenset({"count", "calls", "duration", "model", "type", "minutes", "usage"}),
    check=is_phone,
    inside=rf"{_INTERNATIONAL}|\([2-9]\d{{2}}\) ?[2-9]\d{{2}}[ .-]\d{{4}}\b",
    bare_share=0.5,
)


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
    excluded=frozenset({"version", "time", "mac"}),
    check=is_ip_address,
    inside=rf"\b{_IPV4}\b",
    suggestion="pseudonymise",
    bare_share=0.5,
)
