"""A person whom data are about, named by a keyed commitment wherever something is put on record."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.data.arrow import Chunks
from secmlops.data.discovery.control import KEEP
from secmlops.data.protection.actions import Action
from secmlops.data.protection.column_key import column_key
from secmlops.data.protection.control import Protect
from secmlops.data.protection.encrypt import KEY_BYTES, encrypt
from secmlops.data.protection.order import Domain
from secmlops.data.protection.pseudonymise import pseudonymise
from secmlops.data.protection.reversible import pseudonymise_reversibly
from secmlops.data.values import text_form

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Commitments:
    """Names persons by HMAC-SHA-256 (RFC 2104) under a key of the project's own.

    The same person has the same commitment in all of its records, and nobody without the key can try names.
    """

    key: bytes = field(repr=False)

    def of(self, person: str) -> Digest:
        """Commitment to a person; raises InputError for an empty name, and for one that is no UTF-8."""
        name = person.strip()
        hint = "give the value that data.subject_id has in their rows"
        if not name:
            raise InputError("no person is named", hint=hint)
        try:
            return self._of_text(name)
        except UnicodeEncodeError:
            raise InputError("the name is not UTF-8", hint=hint) from None

    def rows(self, column: Chunks, person: Digest) -> Mask:
        """Which rows [n] of a column of identifiers are of the person with this commitment."""
        texts = pc.utf8_trim_whitespace(text_form(column)).combine_chunks().dictionary_encode()
        theirs = [
            place for place, name in enumerate(texts.dictionary.to_pylist()) if self._of_text(str(name)) == person
        ]
        return np.asarray(pc.is_in(texts.indices, pa.array(theirs, texts.indices.type)), bool)

    def _of_text(self, name: str) -> Digest:
        return Digest(hmac.digest(self.key, name.encode(), "sha256").hex())


@dataclass(frozen=True, slots=True)
class Disguises:
    """How a person's identifier reads in a protected column: kept, pseudonymised or encrypted under the column's key.

    ``key`` protects the columns of the project; ``reversal`` gives the key of a domain whose pseudonyms are reversible,
    None where there is none (any more). A column that was dropped or generalised tells nobody apart.
    """

    key: bytes = field(repr=False)
    control: Protect
    reversal: Callable[[Domain], bytes | None] = field(default=lambda _: None, repr=False)

    def of(self, person: str, source: str, column: str) -> Mapping[str, str]:
        """Text by action, for the column of this name of the table ``source``."""
        plain = person.strip()
        one = pa.chunked_array([pa.array([plain], pa.string())])
        reversal = self.reversal(self.control.domain(source, column))
        reversible: dict[str, str] = {}
        if reversal is not None:
            reversible[Action.REVERSIBLE] = str(pseudonymise_reversibly(one, reversal)[0].as_py())
        return {
            **reversible,
            KEEP: plain,
            Action.PSEUDONYMISE: str(pseudonymise(one, self._key(Action.PSEUDONYMISE, source, column, 32))[0].as_py()),
            Action.ENCRYPT: str(encrypt(one, self._key(Action.ENCRYPT, source, column, KEY_BYTES))[0].as_py()),
        }

    def _key(self, purpose: str, source: str, column: str, length: int) -> bytes:
        return column_key(self.key, purpose, self.control.domain(source, column), length)
