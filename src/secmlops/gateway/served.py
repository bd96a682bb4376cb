"""What the gateway serves: one release whose bytes were verified, and from then on never read again from disk."""

from dataclasses import dataclass

from secmlops.core.digest import Digest
from secmlops.runtime.predictor import Predictor


@dataclass(frozen=True, slots=True)
class Served:
    """A verified release, ready to answer. ``release`` is the digest of its signed manifest."""

    name: str
    version: str
    release: Digest
    predictor: Predictor
