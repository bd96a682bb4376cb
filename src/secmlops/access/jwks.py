"""The public keys of an issuer: a JWK set (RFC 7517), read strictly, each key bound to algorithms that it suits."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from jwt import PyJWK, PyJWTError

from secmlops.access.json_object import read_object
from secmlops.core.errors import VerificationError

ALGORITHMS: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), ("RSA", None)),
        "ES256": ("EC", "P-256"),
        "ES384": ("EC", "P-384"),
        "ES512": ("EC", "P-521"),
        "EdDSA": ("OKP", "Ed25519"),
    }
)
"""The signature algorithms (RFC 7518, RFC 8037): key type and curve of each. All are asymmetric."""

MAX_KEYS = 64
_PUBLIC = frozenset({"kty", "crv", "x", "y", "n", "e"})
_SECRET = frozenset({"d", "k", "p", "q", "dp", "dq", "qi", "oth"})


class KeySet:
    """Keys by their id (``kid``) and the algorithm they verify."""

    def __init__(self, data: bytes, algorithms: Sequence[str]) -> None:
        """Read a JWK set; keys that suit none of ``algorithms`` are left out.

        Raises VerificationError for what is no JWK set, has more than ``MAX_KEYS`` keys, two usable keys of the same
        id, or a secret in it. Keys without an id are left out, since no token can name them.
        """
        keys = read_object(data, "the JWK set").get("keys")
        if not isinstance(keys, list) or len(keys) > MAX_KEYS or not all(isinstance(key, dict) for key in keys):
            raise VerificationError(f"not a JWK set of at most {MAX_KEYS} keys")
        if any(not _SECRET.isdisjoint(key) and key.get("kty") != "oct" for key in keys):
            raise VerificationError("a private key stands in the JWK set", hint="have its issuer withdraw that key")
        usable = [key for key in keys if _is_for_signatures(key)]
        names = [key["kid"] for key in usable]
        if len(set(names)) != len(names):
            raise VerificationError("two keys of the JWK set have the same id")
        self.data = data
        self._keys = {
            (key["kid"], algorithm): made
            for key in usable
            for algorithm in algorithms
            if _suits(key, algorithm) and (made := _made(key, algorithm))
        }

    def find(self, kid: str, algorithm: str) -> PyJWK | None:
        """Return the key of this id for this algorithm, or None."""
        return self._keys.get((kid, algorithm))

    def __len__(self) -> int:
        return len(self._keys)


def _is_for_signatures(key: Mapping[str, Any]) -> bool:
    operations = key.get("key_ops", ["verify"])
    named = isinstance(key.get("kid"), str) and key.get("kty") != "oct"
    return named and key.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _suits(key: Mapping[str, Any], algorithm: str) -> bool:
    fitting = (key.get("kty"), key.get("crv")) == ALGORITHMS.get(algorithm)
    return fitting and key.get("alg", algorithm) == algorithm


def _made(key: Mapping[str, Any], algorithm: str) -> PyJWK | None:
    """Key for the library, of its public members only; None when they make no key, or one that is too weak."""
    try:
        made = PyJWK({name: value for name, value in key.items() if name in _PUBLIC}, algorithm)
    except PyJWTError:
        return None
    return None if made.Algorithm.check_key_length(made.key) else made
