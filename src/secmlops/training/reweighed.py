"""What reweighing came to: models with and without it, on rows put by."""

from typing import Annotated, Self

import msgspec
from msgspec import Meta

from secmlops.core.errors import IsolationError

Share = Annotated[float, Meta(ge=0, le=1)]


class Standing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On rows put by: the widest ``difference`` of the rates at which groups are called a class, and how good it is."""

    difference: Share
    balanced_accuracy: Share


class Reweighed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What reweighing changed: models of two thirds of the training rows, ``plain`` and ``reweighed``, on the rest."""

    plain: Standing
    reweighed: Standing

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read what the child said; raises IsolationError for anything else."""
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise IsolationError("the isolated code left a report of reweighing that cannot be read") from None

    def measures(self) -> dict[str, float]:
        """What evidence says of it."""
        return {
            "plain_difference_on_training": self.plain.difference,
            "reweighed_difference_on_training": self.reweighed.difference,
            "reweighing_price_on_training": self.plain.balanced_accuracy - self.reweighed.balanced_accuracy,
        }
