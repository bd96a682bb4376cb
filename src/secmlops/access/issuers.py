"""Trust in an issuer of tokens: checked before it is put on record."""

from secmlops.access.changes import ClaimRule, Issuer
from secmlops.access.fetch import check_url
from secmlops.access.jwks import ALGORITHMS, KeySet
from secmlops.core.errors import InputError

MAX_JWKS_BYTES = 24 * 1024
_CLAIM = 200


def checked_issuer(issuer: Issuer) -> Issuer:
    """Return the issuer; raises InputError for one that could not be trusted, or none of whose tokens could count.

    VerificationError for a JWK set that is none, or that holds a private key.
    """
    check_url(issuer.issuer, "the issuer")
    if not 0 < len(issuer.audience) <= _CLAIM:
        raise InputError("an audience is missing", hint="what tokens for this project name in their claim aud")
    unknown = [name for name in issuer.algorithms if name not in ALGORITHMS]
    if unknown or not issuer.algorithms:
        hint = f"one or more of {', '.join(ALGORITHMS)}: with others, whoever verifies could also sign"
        raise InputError(f"{', '.join(unknown)[:80] or 'none'} is no algorithm for tokens", hint=hint)
    if not issuer.rules and issuer.user_claim is None:
        raise InputError("tokens that give no role", hint="name a rule, or the claim that names a user")
    if (issuer.jwks is None) is (issuer.jwks_url is None):
        raise InputError("the keys come from a URL, or from a file", hint="name one of the two")
    if issuer.jwks_url is not None:
        check_url(issuer.jwks_url, "the address of the keys")
    elif len((issuer.jwks or "").encode()) > MAX_JWKS_BYTES:
        raise InputError(f"a JWK set of more than {MAX_JWKS_BYTES} bytes", hint="leave out keys that sign no tokens")
    elif not len(KeySet((issuer.jwks or "").encode(), issuer.algorithms)):
        raise InputError("no key of the JWK set suits the algorithms", hint="each needs a kid; RSA, 2048 bits")
    return issuer


def read_rule(text: str) -> ClaimRule:
    """Rule written ``CLAIM=VALUE:ROLE``, parted at the first ``=`` and the last ``:``; raises InputError otherwise."""
    claim, equals, rest = text.partition("=")
    value, colon, role = rest.rpartition(":")
    if not (equals and colon and claim and value and role) or len(text) > 3 * _CLAIM:
        raise InputError(f"{text[:80]!r} is no rule", hint="write CLAIM=VALUE:ROLE, for example groups=teller:caller")
    return ClaimRule(claim, value, role)
