"""What the sandbox tells of a model that was mended instead of trained: by which way, and what is left."""

import math
from typing import Self

import msgspec

from secmlops.core.errors import IsolationError
from secmlops.training.unlearning.planner import Way

MENDABLE = frozenset({"random_forest", "logistic_regression"})
"""Built-in models that leave a memory behind, by which they can be mended."""
MAX_MEMORY_BYTES = 256 << 20
"""A model that would leave more behind leaves nothing: it can only be trained again."""


class Mended(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which way was gone, and what it measured: ``trees`` grown again, or the ``residual`` and ``distance`` left.

    ``residual`` is the norm of the gradient after a Newton step, which was promised below ``bound``; ``distance``
    bounds how far the weights are from those of training again. All are 0 where the result is exact.
    """

    way: Way
    trees: int = 0
    residual: float = 0.0
    bound: float = 0.0
    distance: float = 0.0

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read what the child said; raises IsolationError for anything that cannot be meant."""
        try:
            told = msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise IsolationError("the isolated code left a report of mending that cannot be read") from None
        if told.trees < 0 or not all(0 <= n < math.inf for n in (told.residual, told.bound, told.distance)):
            raise IsolationError("the isolated code left a report of mending that cannot be true")
        return told

    def measures(self) -> dict[str, float]:
        """What evidence says of it."""
        if self.way is Way.TREES:
            return {"grown_trees": float(self.trees)}
        if self.way is Way.NEWTON:
            return {"residual": self.residual, "residual_bound": self.bound, "distance_bound": self.distance}
        return {}
