"""Canonical JSON (RFC 8785): the one byte form of a value, so that a digest or signature of it means something."""

import rfc8785

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.json import Json


def canonical_json(value: Json) -> bytes:
    """Return the canonical UTF-8 bytes of ``value``.

    Raises InputError for what JSON cannot say: NaN, infinities, integers beyond 2^53 - 1, lone surrogates.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise InputError(f"cannot be written as canonical JSON: {error}") from None


def digest_of(value: Json) -> Digest:
    """Digest of the canonical bytes of ``value``."""
    return Digest.of(canonical_json(value))
