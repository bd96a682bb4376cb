"""Draws made-up personal values, and harmless numbers beside them, for ``discovery.py``: seeded, of many countries.

Check digits are computed here by other code than that which is measured. Nobody is meant by any value.
"""

import random
import string
from collections.abc import Callable

Value = tuple[str, tuple[str, ...]]
"""A value, and words that name it as people write them; none where it speaks for itself."""

_CALLING = {
    "+44": ("20 79## ####", "161 4## ####", "7700 9#####"), "+49": ("30 2######", "89 5######", "171 4######"),
    "+33": ("1 4# ## ## ##", "6 1# ## ## ##"), "+34": ("91 4## ## ##", "6## ## ## ##"), "+39": ("06 69## ####",),
    "+31": ("20 5## ####", "6 2### ####"), "+46": ("8 5## ### ##", "70 2## ## ##"),
    "+48": ("22 6## ## ##", "50# ### ###"),
    "+55": ("11 9#### ####",), "+91": ("98### #####",), "+81": ("3 5### ####", "90 2### ####"), "+61": ("2 9### ####",),
    "+41": ("44 2## ## ##",), "+45": ("33 ## ## ##",), "+1": ("415 55# ####", "212 73# ####", "604 68# ####"),
}  # fmt: skip
_BANKS = {"DE": 18, "FR": 23, "ES": 20, "IT": "X0000000000############", "NL": "ABNA##########", "BE": 12, "AT": 16,
          "CH": 17, "GB": "NWBK##############", "PL": 24, "SE": 20, "NO": 11, "PT": 21, "FI": 14, "DK": 14,
          "IE": "AIBK##############", "LU": 16}  # fmt: skip
_GIVEN = ["nora", "ivo", "lena", "tariq", "mei", "paula", "jonas", "amara", "luis", "freya", "kofi", "anouk"]
_FAMILY = ["lindqvist", "okafor", "moreau", "haddad", "petrov", "silva", "tanaka", "novak", "byrne", "kaya"]
_WORDS = ["amber", "birch", "canyon", "delta", "ember", "fjord", "grove", "harbor", "iris", "juniper"]


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def filled(form: str, draw: random.Random) -> str:
    """``form`` with a digit for each ``#``."""
    return "".join(str(draw.randrange(10)) if c == "#" else c for c in form)


def luhn_digit(digits: str) -> str:
    total = 0
    for place, c in enumerate(reversed(digits)):
        doubled = int(c) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str((10 - total % 10) % 10)


def email(draw: random.Random) -> Value:
    local = draw.choice(["{g}.{f}", "{g}{n}", "{g[0]}{f}", "{f}-{g}", "{g}_{f}+{w}", "{w}.{g}.{f}"]).format(
        g=draw.choice(_GIVEN), f=draw.choice(_FAMILY), n=draw.randrange(1000), w=draw.choice(_WORDS)
    )
    host = f"{draw.choice(['', 'mail.', 'eu.'])}{draw.choice(_WORDS)}{draw.choice(['', '-group', '24'])}"
    address = f"{local}@{host}.{draw.choice(['com', 'org', 'de', 'co.uk', 'fr', 'info', 'com.br'])}"
    return (address.upper() if draw.random() < 0.05 else address), ()


def phone(draw: random.Random) -> Value:
    code = draw.choice(list(_CALLING))
    number = filled(draw.choice(_CALLING[code]), draw)
    if code == "+1" and draw.random() < 0.7:
        area, middle, last = number.split()
        return draw.choice([f"({area}) {middle}-{last}", f"{area}-{middle}-{last}", f"+1 {area}.{middle}.{last}"]), ()
    if draw.random() < 0.2 and code in ("+49", "+33", "+44", "+31", "+61"):
        return f"0{number}", (
            "phone",
            "mobile",
            "Telefon",
            "tel",
            "call me on",
            "contact number",
            "téléphone",
            "Handynummer",
        )
    joined = draw.choice([f"{code} {number}", f"{code}{number}", f"{code} (0){number}", f"00{code[1:]} {number}"])
    return draw.choice([joined, joined.replace(" ", "-"), joined.replace(" ", ""), joined.replace(" ", ".")]), ()


def card(draw: random.Random) -> Value:
    front, length = draw.choice(
        [("4", 16), ("52", 16), ("2345", 16), ("37", 15), ("6011", 16), ("3540", 16), ("36", 14)]
    )
    body = filled(front + "#" * (length - 1 - len(front)), draw)
    number = body + luhn_digit(body)
    groups = (4, 6, length - 10) if length < 16 else (4, 4, 4, 4)
    ends = [sum(groups[: i + 1]) for i in range(len(groups))]
    parts = [number[e - g : e] for g, e in zip(groups, ends, strict=True)]
    grouped = draw.choice([" ", "-", " "]).join(parts)
    return (
        (grouped, ())
        if draw.random() < 0.6
        else (number, ("card", "Visa", "credit card", "Kreditkarte", "card number"))
    )


def iban(draw: random.Random) -> Value:
    country = draw.choice(list(_BANKS))
    form = _BANKS[country]
    account = filled("#" * form if isinstance(form, int) else form, draw)
    value = int("".join(str(int(c, 36)) for c in account + country + "00"))
    number = f"{country}{98 - value % 97:02d}{account}"
    spaced = " ".join(number[i : i + 4] for i in range(0, len(number), 4))
    if draw.random() < 0.03:
        return number.lower(), ("IBAN", "account", "bank account", "Konto")
    return draw.choice([number, spaced, spaced, spaced.replace(" ", "-")]), (
        ("IBAN", "account", "bank account", "Konto") if number.islower() else ()
    )  # fmt: skip


def national(draw: random.Random) -> Value:
    return draw.choice(
        [
            _ssn,
            _sin,
            _pesel,
            _cpf,
            _nir,
            _dni,
            _bsn,
            _aadhaar,
            _hetu,
            _personnummer,
            _fnr,
            _cnp,
            _tckn,
            _rut,
            _steuer,
            _curp,
        ]
    )(draw)


def _birth(draw: random.Random) -> tuple[int, int, int]:
    return draw.randrange(1940, 1999), draw.randrange(1, 13), draw.randrange(1, 28)


def _ssn(draw: random.Random) -> Value:
    return f"{draw.randrange(1, 665):03d}-{draw.randrange(1, 99):02d}-{draw.randrange(1, 9999):04d}", (
        "SSN",
        "social security",
    )


def _sin(draw: random.Random) -> Value:
    body = filled("4#######", draw)
    number = body + luhn_digit(body)
    grouped = f"{number[:3]} {number[3:6]} {number[6:]}"
    return draw.choice([number, grouped, grouped.replace(" ", "-")]), (
        "SIN", "social insurance number")  # fmt: skip


def _pesel(draw: random.Random) -> Value:
    y, m, d = _birth(draw)
    body = f"{y % 100:02d}{m:02d}{d:02d}{draw.randrange(10000):04d}"
    return body + str(-sum(int(c) * (1, 3, 7, 9)[i % 4] for i, c in enumerate(body)) % 10), ("PESEL", "nr PESEL")


def _cpf(draw: random.Random) -> Value:
    digits = [draw.randrange(10) for _ in range(9)]
    for _ in range(2):
        rest = sum(d * w for d, w in zip(digits, range(len(digits) + 1, 1, -1), strict=True)) * 10 % 11
        digits.append(rest % 10)
    text = "".join(map(str, digits))
    return draw.choice([(f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}", ()), (text, ("CPF",))])


def _nir(draw: random.Random) -> Value:
    y, m, _ = _birth(draw)
    town = f"{draw.randrange(1, 95):02d}{draw.randrange(1, 900):03d}"
    body = f"{draw.choice('12')}{y % 100:02d}{m:02d}{town}{draw.randrange(1, 999):03d}"
    key = f"{97 - int(body) % 97:02d}"
    spaced = f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:13]} {key}"
    return draw.choice([(body + key, ("NIR", "numéro de sécurité sociale")), (spaced, ())])


def _dni(draw: random.Random) -> Value:
    number = draw.randrange(10**7, 10**8)
    text = f"{number}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"
    return draw.choice([text, f"{text[:8]}-{text[8]}", f"{text[:2]}.{text[2:5]}.{text[5:8]}-{text[8]}"]), (
        "DNI",
        "NIF",
        "DNI n.º",
    )


def _bsn(draw: random.Random) -> Value:
    while True:
        text = filled("1########", draw)
        if sum(int(c) * w for c, w in zip(text, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)) % 11 == 0:
            return text, ("BSN", "burgerservicenummer")


def _aadhaar(draw: random.Random) -> Value:
    permutation = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)

    def times(a: int, b: int) -> int:
        turn = (a % 5 + b % 5) % 5 if a < 5 else (a % 5 - b % 5) % 5
        return turn + 5 * ((a >= 5) != (b >= 5))

    body = filled("5##########", draw)
    for last in range(10):
        state = 0
        for place, c in enumerate(reversed(f"{body}{last}")):
            value = int(c)
            for _ in range(place):
                value = permutation[value]
            state = times(state, value)
        if state == 0:
            text = f"{body}{last}"
            return draw.choice([text, f"{text[:4]} {text[4:8]} {text[8:]}"]), ("Aadhaar", "Aadhaar no", "UIDAI")
    raise AssertionError


def _hetu(draw: random.Random) -> Value:
    y, m, d = _birth(draw)
    day, serial = f"{d:02d}{m:02d}{y % 100:02d}", f"{draw.randrange(2, 899):03d}"
    return f"{day}-{serial}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(day + serial) % 31]}", ()


def _personnummer(draw: random.Random) -> Value:
    y, m, d = _birth(draw)
    body = f"{y % 100:02d}{m:02d}{d:02d}{draw.randrange(1, 999):03d}"
    text = f"{body[:6]}-{body[6:]}{luhn_digit(body)}"
    return draw.choice([text, f"{y // 100}{text}"]), ("personnummer", "Personnr", "personal number")


def _fnr(draw: random.Random) -> Value:
    while True:
        y, m, d = _birth(draw)
        body = f"{d:02d}{m:02d}{y % 100:02d}{draw.randrange(0, 499):03d}"
        first = -sum(int(c) * w for c, w in zip(body, (3, 7, 6, 1, 8, 9, 4, 5, 2), strict=True)) % 11
        second = (
            -sum(int(c) * w for c, w in zip(f"{body}{first % 10}", (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
        )
        if first < 10 and second < 10:
            return draw.choice([f"{body}{first}{second}", f"{body[:6]} {body[6:]}{first}{second}"]), (
                "fødselsnummer",
                "fnr",
            )


def _cnp(draw: random.Random) -> Value:
    y, m, d = _birth(draw)
    body = f"{draw.choice('12')}{y % 100:02d}{m:02d}{d:02d}{draw.randrange(1, 46):02d}{draw.randrange(1, 999):03d}"
    rest = sum(int(c) * int(w) for c, w in zip(body, "279146358279", strict=True)) % 11
    return f"{body}{1 if rest == 10 else rest}", ("CNP", "cod numeric personal")


def _tckn(draw: random.Random) -> Value:
    nine = [draw.randrange(1, 10), *(draw.randrange(10) for _ in range(8))]
    tenth = (sum(nine[::2]) * 7 - sum(nine[1::2])) % 10
    return "".join(map(str, [*nine, tenth, (sum(nine) + tenth) % 10])), ("TC kimlik no", "TCKN")


def _rut(draw: random.Random) -> Value:
    number = draw.randrange(5_000_000, 25_000_000)
    total = sum(int(c) * (2, 3, 4, 5, 6, 7)[i % 6] for i, c in enumerate(reversed(str(number))))
    return f"{number:,}".replace(",", ".") + "-" + "0123456789K"[-total % 11], ("RUT",)


def _steuer(draw: random.Random) -> Value:
    while True:
        kept = draw.sample(range(10), 9)
        ten = [*kept, draw.choice(kept)]
        draw.shuffle(ten)
        if ten[0]:
            break
    product = 10
    for digit in ten:
        product = ((digit + product) % 10 or 10) * 2 % 11
    text = "".join(map(str, ten)) + str((11 - product) % 10)
    return draw.choice([text, f"{text[:2]} {text[2:5]} {text[5:8]} {text[8:]}"]), (
        "Steuer-ID",
        "Steuer-IdNr.",
        "tax id",
    )


def _curp(draw: random.Random) -> Value:
    y, m, d = _birth(draw)
    letters = "".join(draw.choice("BCDFGLMNPRS") for _ in range(6))
    day = f"{y % 100:02d}{m:02d}{d:02d}"
    body = f"{letters[0]}{draw.choice('AEIOU')}{letters[1:3]}{day}{draw.choice('HM')}DF{letters[3:6]}0"
    order = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    total = sum(order.index(c) * (18 - i) for i, c in enumerate(body))
    return f"{body}{-total % 10}", ()


def passport(draw: random.Random) -> Value:
    front = draw.choice(["", "A", "AB", "X"])
    text = filled(front + "#" * (9 - len(front)) if len(front) != 1 else front + "#######", draw)
    text = draw.choice(
        [text, filled("##AC#####", draw), f"C{filled('#', draw)}{draw.choice('XVT')}" + filled("#", draw) + "0P1L4"]
    )
    return text, (
        "passport",
        "passport no.",
        "Passport number",
        "Reisepass",
        "Reisepassnummer",
        "passeport",
        "pasaporte",
    )


def licence(draw: random.Random) -> Value:
    text = draw.choice(
        [
            filled("D#######", draw),
            filled("#########", draw),
            filled("S###-####-####", draw),
            filled("B072RRE2I##", draw),
        ]
    )
    return text, (
        "driving licence",
        "driver's license",
        "DL",
        "Driver License No",
        "Führerschein-Nr.",
        "permis de conduire",
    )


def health(draw: random.Random) -> Value:
    if draw.random() < 0.4:
        while True:
            nine = filled("4########", draw)
            digit = -sum(int(c) * w for c, w in zip(nine, range(10, 1, -1), strict=True)) % 11
            if digit < 10:
                text = f"{nine}{digit}"
                grouped = f"{text[:3]} {text[3:6]} {text[6:]}"
                return draw.choice([text, grouped, grouped.replace(" ", "-")]), (
                    "NHS number", "NHS no", "NHS")  # fmt: skip
    text = draw.choice(
        [filled("########", draw), filled("MR######", draw), filled("###-##-##", draw), filled("H-#######", draw)]
    )
    return text, ("MRN", "medical record number", "Medical Record No", "patient ID", "Patientennummer", "hospital no")


def ip(draw: random.Random) -> Value:
    if draw.random() < 0.35:
        words = [f"{draw.randrange(1, 65536):x}" for _ in range(8)]
        return draw.choice(
            [":".join(words), ":".join(words[:3]) + "::" + words[3], f"2a02:{words[0]}::{words[1]}:{words[2]}"]
        ), ()
    return f"{draw.randrange(128, 223)}.{draw.randrange(256)}.{draw.randrange(256)}.{draw.randrange(1, 255)}", ()


def mac(draw: random.Random) -> Value:
    pairs = [f"{draw.randrange(256):02x}" for _ in range(6)]
    text = draw.choice([":".join(pairs), "-".join(pairs), ".".join("".join(pairs[i : i + 2]) for i in (0, 2, 4))])
    return draw.choice([text, text.upper()]), ()


def link(draw: random.Random) -> Value:
    name = f"{draw.choice(_GIVEN)}{draw.choice(['.', '_', ''])}{draw.choice(_FAMILY)}"
    host = f"{draw.choice(_WORDS)}.{draw.choice(['com', 'org', 'net', 'social'])}"
    forms = [f"https://{name}:Pw{draw.randrange(10**6)}@{host}/files", f"https://{host}/users/{name}/orders",
             f"https://{host}/@{name}", f"https://www.{host}/in/{name}", f"http://{host}/reset?lang=en&user={name}",
             f"ftp://{name}@{host}", f"https://{host}/~{name}/cv.html", f"postgresql://{name}:x9Rt@db.{host}:5432/app",
             f"https://{host}/track?email={name}%40{host}&c=7"]  # fmt: skip
    return draw.choice(forms), ()


def birth(draw: random.Random) -> Value:
    y, m, d = _birth(draw)
    month = _MONTHS[m - 1]
    forms = [f"{y}-{m:02d}-{d:02d}", f"{d:02d}.{m:02d}.{y}", f"{d}/{m}/{y}", f"{d} {month} {y}", f"{month} {d}, {y}",
             f"{d:02d}-{m:02d}-{y}", f"{y}/{m:02d}/{d:02d}", f"{d} {month[:3]} {y}"]  # fmt: skip
    words = ("born", "date of birth", "DOB", "birth date", "birthday", "geboren am", "né le", "Geburtsdatum",
             "fecha de nacimiento", "D.O.B.", "date de naissance", "born on")  # fmt: skip
    return draw.choice(forms), words


def place(draw: random.Random) -> Value:
    lat, lon = draw.uniform(-60, 70), draw.uniform(-170, 170)
    forms = [f"{lat:.5f}, {lon:.5f}", f"{lat:.6f},{lon:.6f}", f"{abs(lat):.4f}° N, {abs(lon):.4f}° E",
             f"lat={lat:.5f}&lon={lon:.5f}",
             f"{abs(int(lat))}°{draw.randrange(60)}'{draw.randrange(60)}\"N {abs(int(lon))}°{draw.randrange(60)}'7\"E",
             ]  # fmt: skip
    return draw.choice(forms), ()


def secret(draw: random.Random) -> Value:
    def mixed(count: int, letters: str = string.ascii_letters + string.digits) -> str:
        return "".join(draw.choice(letters) for _ in range(count))

    marked = [f"AKIA{mixed(16, string.ascii_uppercase + '234567')}", f"ghp_{mixed(36)}", f"sk_live_{mixed(24)}",
              f"xoxb-{mixed(11, string.digits)}-{mixed(24)}", f"AIza{mixed(35)}",
              f"glpat-{mixed(20)}", f"hf_{mixed(34)}",
              f"eyJ{mixed(20)}.eyJ{mixed(40)}.{mixed(43)}"]  # fmt: skip
    if draw.random() < 0.6:
        return draw.choice(marked), ()
    return mixed(draw.randrange(10, 24), string.ascii_letters + string.digits + "!#$%*+-?@_"), (
        "password:", "api_key:", "client_secret:", "passwd:", "access token:", "secret:")  # fmt: skip


def harmless(draw: random.Random) -> Value:
    """A number that is nobody's, with the words that people write before it."""
    kinds: list[Callable[[], Value]] = [
        lambda: (
            filled("#" * draw.choice([6, 8, 9, 10, 11, 12, 13, 16]), draw),
            ("order", "order no.", "invoice", "ref", "ticket"),
        ),
        lambda: (
            f"{draw.uniform(0, 900):.{draw.choice([1, 2, 3, 5])}f}",
            ("temperature", "weight", "measured", "price"),
        ),
        lambda: (
            str(draw.randrange(1_500_000_000, 1_790_000_000) * draw.choice([1, 1000])),
            ("timestamp", "epoch", "at"),
        ),
        lambda: (
            f"20{draw.randrange(10, 27)}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}",
            ("delivered", "due", "on"),
        ),
        lambda: (filled("#.##.###", draw), ("version", "firmware", "release")),
        lambda: (filled("1Z####W0########", draw), ("tracking", "shipment", "parcel")),
        lambda: (
            f"{draw.randrange(24):02d}:{draw.randrange(60):02d}:{draw.randrange(60):02d}",
            ("at", "from", "until"),
        ),
        lambda: (filled("978-3-####-####-#", draw), ("ISBN",)),
        lambda: (filled("4006381######", draw), ("EAN", "barcode", "GTIN")),
        lambda: (filled("SN-####-####", draw), ("serial", "part", "batch")),
    ]
    return draw.choice(kinds)()


KINDS: dict[str, Callable[[random.Random], Value]] = {
    "e-mail address": email, "phone number": phone, "payment card": card, "bank account": iban,
    "national identifier": national, "passport": passport, "driving licence": licence, "health number": health,
    "IP address": ip, "device address": mac, "link with a user": link, "date of birth": birth, "location": place,
    "secret": secret,
}  # fmt: skip
