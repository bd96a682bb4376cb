"""The budget of a project's data, as its ledger tells it: how much may be lost, and how much was spent.

There is one account for all of a project's data, whatever the tables are called: their rows are about the same persons,
and a renamed table would otherwise have a fresh budget. What was spent counts by whoever's key it was signed and
whatever moment it claims: no revocation and no clock gives anything back.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from secmlops.core.policy import Attested
from secmlops.data.differential_privacy.loss import PrivacyLoss

LIMIT, SPENT, RELEASED = "data.privacy-budget", "data.privacy-spent", "data.release-dp"


@dataclass(frozen=True, slots=True)
class Account:
    """``limit`` of all releases together, None before one was set; ``paid`` are the entries that the limit covered.

    An entry that went beyond the limit at its place in the ledger is void: its release was never drawn.
    """

    limit: PrivacyLoss | None
    spent: PrivacyLoss
    paid: tuple[int, ...]

    @property
    def left(self) -> PrivacyLoss:
        """What may still be spent."""
        return PrivacyLoss(0.0) if self.limit is None else self.limit - self.spent


def account_of(evidence: Iterable[Attested]) -> Account:
    """Replay the account in the order of the ledger, which decides between releases that come at once."""
    limit: PrivacyLoss | None = None
    spent, paid = PrivacyLoss(0.0), list[int]()
    for attested in evidence:
        control, measures = attested.evidence.control.id, attested.evidence.measures
        if control == LIMIT and attested.roles:
            limit = PrivacyLoss(measures["epsilon"], measures["delta"])
        if control == SPENT:
            cost = PrivacyLoss(measures["epsilon"], measures["delta"])
            if limit is not None and (limit - spent).covers(cost):
                spent, paid = spent + cost, [*paid, attested.index]
    return Account(limit, spent, tuple(paid))
