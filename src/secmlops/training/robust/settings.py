"""Settings of robust training, as the project file writes them."""

from typing import Annotated

import msgspec
from msgspec import Meta


class RobustSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which changes the model is to withstand. What may be changed at which price, assurance.evasion's settings say."""

    budget: Annotated[float, Meta(ge=0, le=100, description="cost of a change to withstand, 0 for plain training")]
    rounds: Annotated[int, Meta(ge=1, le=50, description="rounds of attack and fit, at most")] = 5
    queries: Annotated[int, Meta(ge=1, le=10_000, description="changes tried for each row in a round")] = 30
    clean_loss: Annotated[
        float, Meta(ge=0, le=1, description="how much accuracy on unchanged rows may be given for it, at most")
    ] = 0.02
    mixup: Annotated[float, Meta(ge=0, le=10, description="alpha of mixup between rows, 0 for none")] = 0.0
