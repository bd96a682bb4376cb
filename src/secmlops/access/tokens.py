"""Tokens of OpenID Connect issuers: verified with the keys of those that are trusted, without waiting for them."""

import hashlib
import threading
from datetime import datetime

from jwt import PyJWTError
from jwt.api_jws import PyJWS

from secmlops.access.book import AccessBook
from secmlops.access.changes import Issuer
from secmlops.access.claims import MAX_CHARACTERS, check_claims, read_token, roles_by_rule, values_of
from secmlops.access.identity import Identity
from secmlops.access.jwks import ALGORITHMS
from secmlops.access.key_source import FetchedKeys, KeptKeys, KeySource
from secmlops.core.errors import VerificationError

REMEMBERED = 4096


class TokenVerifier:
    """The tokens that count under one book's trust.

    A token that was verified is remembered, by its BLAKE2b digest (RFC 7693; half the cost of SHA-256 where the
    processor has no instructions for that), until it ends, rights change or its issuer's keys do; at most
    ``REMEMBERED`` are.
    """

    def __init__(self, book: AccessBook) -> None:
        self._book = book
        self._signatures = PyJWS(algorithms=list(ALGORITHMS), options={"enforce_minimum_key_length": True})
        self._sources: dict[str, tuple[Issuer, KeySource]] = {}
        self._known: dict[bytes, tuple[Identity, datetime, datetime]] = {}
        self._changing = threading.Lock()
        self._directory = book.directory
        self._follow()

    def verify(self, token: str, now: datetime) -> Identity | None:
        """Identity that the token stands for, or None: no trusted issuer, signature, audience, time or role."""
        if len(token) > MAX_CHARACTERS or not token.isascii():
            return None
        if self._book.directory is not self._directory:
            self._follow()
        known = self._known
        digest = hashlib.blake2b(token.encode(), digest_size=32).digest()
        remembered = known.get(digest)
        if remembered is not None and remembered[1] <= now:  # unless the clock has gone back since
            identity, _, end = remembered
            return identity if now < end else None
        try:
            identity, end = self._verified(token, now)
        except VerificationError:
            return None
        with self._changing:
            if len(known) >= REMEMBERED:
                del known[next(iter(known))]
            known[digest] = identity, now, end
        return identity

    def refresh(self) -> None:
        """Follow the book, and see to it that the issuers' keys are current; to be called now and then."""
        if self._book.directory is not self._directory:
            self._follow()
        for _, source in self._sources.values():
            source.refresh()

    def _verified(self, text: str, now: datetime) -> tuple[Identity, datetime]:
        """Identity and end of a token; raises VerificationError for one that does not count."""
        token = read_token(text)
        directory = self._directory
        issuer, source = self._sources.get(token.issuer, (None, None))
        if issuer is None or source is None or token.algorithm not in issuer.algorithms:
            raise VerificationError("a token of an issuer or an algorithm that is not trusted")
        subject, end = check_claims(token.claims, issuer, now)
        key = source.find(token.kid, token.algorithm)
        if key is None:
            raise VerificationError("a token signed with a key that is not known")
        try:
            self._signatures.decode_complete(text, key, algorithms=[token.algorithm])
        except PyJWTError:
            raise VerificationError("the signature of a token does not hold") from None
        roles = set(roles_by_rule(token.claims, issuer.rules))
        number = f"token:{directory.pseudonym(issuer.issuer)}:{directory.pseudonym(issuer.issuer, subject)}"
        name = number
        if issuer.user_claim is not None:
            (name,) = values_of(token.claims, issuer.user_claim)[:1] or ("",)
            own = directory.user_roles(name)
            if own is None:
                raise VerificationError("a token for somebody who is no user")
            roles.update(own)
        if not roles:
            raise VerificationError("a token that gives no role")
        return directory.identity(number, name, roles), end

    def _follow(self) -> None:
        """Take over the trust of the book's present directory. Keys of an issuer that did not change are kept."""
        with self._changing:
            directory = self._book.directory
            self._sources = {
                name: old if (old := self._sources.get(name)) and old[0] == issuer else (issuer, self._source(issuer))
                for name, issuer in directory.issuers.items()
            }
            self._known = {}
            self._directory = directory

    def _source(self, issuer: Issuer) -> KeySource:
        if issuer.jwks_url is None:
            return KeptKeys(issuer.jwks or "", issuer.algorithms)
        source = FetchedKeys(issuer.jwks_url, issuer.algorithms, self._forget)
        source.refresh()
        return source

    def _forget(self) -> None:
        """Forget what was verified with keys that are no longer the issuer's."""
        with self._changing:
            self._known = {}
