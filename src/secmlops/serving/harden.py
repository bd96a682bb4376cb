"""Who sees hardened outputs, and how hardened: by role, or by the suspicion a client is under."""

from collections.abc import Mapping

from secmlops.access.identity import Identity
from secmlops.runtime.hardening import Hardening

EVERYONE = "*"

STRICTEST = Hardening(label_only=True, digits=0)
"""What is shown to a client under suspicion."""


def hardening_for(identity: Identity, outputs: Mapping[str, Hardening]) -> Hardening | None:
    """Settings for this caller: of the first of its roles that is named, else what is said for everyone (``*``)."""
    if not outputs:
        return None
    named = next((outputs[role] for role in sorted(identity.roles) if role in outputs), None)
    return outputs.get(EVERYONE) if named is None else named
