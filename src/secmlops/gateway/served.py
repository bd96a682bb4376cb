"""What the gateway serves: a release whose bytes were verified, and from then on never read again from disk."""

from dataclasses import dataclass

from secmlops.core.digest import Digest
from secmlops.core.subject import Subject, SubjectKind
from secmlops.explain.explainer import Explainer
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Signature
from secmlops.serving.answer import Model
from secmlops.serving.decision import Decider
from secmlops.serving.validation import Validator


@dataclass(frozen=True, slots=True)
class Served:
    """A verified release, ready to answer. ``release`` is the digest of its signed manifest.

    ``habits`` is what the watch on clients needs to know of honest requests.
    """

    name: str
    version: str
    release: Digest
    predictor: Predictor
    decider: Decider
    validator: Validator
    about: Model
    explainer: Explainer | None = None
    habits: bytes | None = None

    @property
    def signature(self) -> Signature:
        """What the model takes and gives."""
        return self.predictor.signature

    @property
    def key(self) -> str:
        """What tells this release from all others."""
        return str(self.release)

    @property
    def subject(self) -> Subject:
        """The release, as evidence names it."""
        return Subject(SubjectKind.RELEASE, f"{self.name}-{self.version}", self.release)
