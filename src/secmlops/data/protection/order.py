"""What is to be protected, and the keys to do it with."""

from collections.abc import Callable
from dataclasses import dataclass, field

from secmlops.core.errors import InputError
from secmlops.data.dataset import DataSet

Domain = tuple[str, ...]
"""What a key is bound to: a table and a column, or a domain that several columns share."""


def _no_reversal(domain: Domain) -> bytes:
    raise InputError("there is no place for keys that reverse pseudonyms", where=" ".join(domain))


@dataclass(frozen=True, slots=True, eq=False)
class ProtectionOrder:
    """What is to be protected, and the key to do it with: at least 32 random bytes that belong to the project.

    ``unaccepted`` names columns known to hold personal data that were neither protected nor accepted. ``reversal``
    gives the 64-byte key that reverses the pseudonyms of a domain; it is asked for such columns only.
    """

    dataset: DataSet
    key: bytes = field(repr=False)
    unaccepted: tuple[str, ...] = ()
    reversal: Callable[[Domain], bytes] = field(default=_no_reversal, repr=False)
