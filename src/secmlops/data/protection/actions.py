"""What can be done with a column before anyone learns from it, by name."""

from enum import StrEnum


class Action(StrEnum):
    """What is done with a column before anyone learns from it."""

    DROP = "drop"
    REDACT = "redact"
    MASK = "mask"
    PSEUDONYMISE = "pseudonymise"
    REVERSIBLE = "pseudonymise_reversibly"
    SHIFT = "shift_dates"
    GENERALISE = "generalise"
    ENCRYPT = "encrypt"
    KEEP = "keep"


OPAQUE = (Action.PSEUDONYMISE, Action.REVERSIBLE, Action.ENCRYPT)
"""Actions after which equal values are still equal, and nothing else can be read from them: no model can use them."""
