"""Recognises what lets in whoever holds it: API keys by the marks of their issuers, private keys, tokens, passwords."""

import math
import re

from secmlops.data.recognise.heads import ANY, capitals, letters
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.recogniser import NEVER, Recogniser

_HEADERS = (
    "password", "passwd", "pwd", "passphrase", "secret", "client secret", "api key", "apikey", "access key",
    "secret key",
    "private key", "access token", "auth token", "refresh token", "bearer token", "passwort", "kennwort",
    "mot de passe",
    "contraseña",
)  # fmt: skip
_ABOUT = frozenset(
    {"hint", "policy", "changed", "expires", "expiry", "strength", "reset", "updated", "id", "type", "age"}
)

# Each mark is what the issuer documents; behind it stand random characters.
_MARKED = "|".join(
    (
        r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",  # Amazon Web Services
        r"gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{22,255}",  # GitHub
        r"glpat-[A-Za-z0-9_-]{20,64}",  # GitLab
        r"xox[abeoprs]-[A-Za-z0-9-]{10,250}",  # Slack
        r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,250}|whsec_[A-Za-z0-9]{24,64}",  # Stripe
        r"AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,250}",  # Google
        r"sk-(?:proj-|svcacct-|ant-api03-)?[A-Za-z0-9_-]{20,250}",  # OpenAI, Anthropic
        r"hf_[A-Za-z0-9]{30,64}",  # Hugging Face
        r"npm_[A-Za-z0-9]{36}|pypi-AgEI[A-Za-z0-9_-]{50,250}",  # package indexes
        r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}",  # SendGrid
        r"dop_v1_[a-f0-9]{64}|shpat_[a-fA-F0-9]{32}|lin_api_[A-Za-z0-9]{40}",  # DigitalOcean, Shopify, Linear
        r"eyJ[A-Za-z0-9_-]{10,900}\.eyJ[A-Za-z0-9_-]{10,900}\.[A-Za-z0-9_-]{10,900}",  # JSON Web Token (RFC 7519)
    )
)
_MARKS = (
    "AKIA", "ASIA", "ABIA", "ACCA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "sk_",
    "rk_", "pk_", "sk-", "whsec_", "AIza", "ya29.", "hf_", "npm_", "pypi-", "SG.", "dop_v1_", "shpat_", "lin_api_",
    "eyJ",
)  # fmt: skip
_MARKED_FORM = re.compile(_MARKED)
_KEY = (
    r"(?i:password|passwd|pwd|passphrase|secret|api[_-]?key|access[_-]?key|secret[_-]?key|client[_-]?secret|auth[_-]?token"
    r"|access[_-]?token|refresh[_-]?token|passwort|kennwort|token)"
)
_PLACEHOLDERS = frozenset(
    {
        "changeme", "example", "password", "placeholder", "redacted", "required", "undefined", "optional", "disabled",
        "incorrect", "forgotten", "expired", "invalid",
    }
)  # fmt: skip
_LEAST_BITS = 2.5
"""Shannon entropy of a character below which a value is a word rather than a password, in bits."""


def has_a_mark(text: str) -> bool:
    """Whether ``text`` begins with the mark of an issuer and as many characters as its keys have."""
    return bool(_MARKED_FORM.match(text.strip()))


def is_random(text: str) -> bool:
    """Whether the characters of ``text`` are so mixed as those of passwords and keys are, and it is no placeholder."""
    if (
        len(text) < 8
        or text.lower() in _PLACEHOLDERS
        or re.fullmatch(r"[a-z]+|[*x.•-]+|\$\{\w+\}|\$[A-Z_]+|<\w+>", text)
    ):
        return False
    shares = [text.count(c) / len(text) for c in set(text)]
    return -sum(p * math.log2(p) for p in shares) >= _LEAST_BITS


MARKED_SECRET = Recogniser(
    Kind.SECRET,
    whole=rf"^\s*(?:{'|'.join(map(re.escape, _MARKS))})",
    check=has_a_mark,
    headers=_HEADERS,
    excluded=_ABOUT,
    inside=_MARKED,
    heads=letters(*ANY),
    marks=_MARKS,
    alone=0.98,
    scheme="the mark of an issuer of keys",
    hinted_share=0.1,
    bare_share=0.05,
    wide=True,
    anywhere=True,
)

PRIVATE_KEY = Recogniser(
    Kind.SECRET,
    whole=r"^\s*-----BEGIN [A-Z ]{0,30}PRIVATE KEY",
    inside=r"BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----",
    heads=capitals(5),
    alone=1.0,
    scheme="a private key (RFC 7468)",
    bare_share=0.05,
    anywhere=True,
)

PASSWORD = Recogniser(
    Kind.SECRET,
    whole=r"^\S{4,128}$",
    headers=_HEADERS,
    excluded=_ABOUT,
    lead=rf"(?:[A-Za-z]{{1,20}}[_-]){{0,3}}{_KEY}[\"']?(?:[\s?-]{{0,3}}[:=>|;][\s:=>|?-]{{0,5}}(?:is )?| is )[\"']?",
    inside=r"[^\s\"'<>,;&|]{8,128}",
    heads=letters(*ANY),
    cue_words=("password", "passwd", "pwd", "passphrase", "secret", "key", "apikey", "token", "passwort", "kennwort"),
    check=is_random,
    alone=0.85,
    wide=True,
    scheme="a random value behind a word for a secret",
    bare_share=NEVER,
    few_values=False,
)
