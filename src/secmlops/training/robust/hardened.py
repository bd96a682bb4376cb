"""What the sandbox tells of robust training: after how many rounds it stopped, and what that gained on rows put by."""

from typing import Annotated, Self

import msgspec
from msgspec import Meta

from secmlops.core.errors import IsolationError
from secmlops.core.finding import Finding, Severity
from secmlops.training.robust.settings import RobustSettings

_ADVICE = "the model is the plain one: allow a larger clean_loss, or leave out features that are cheap to change"
Share = Annotated[float, Meta(ge=0, le=1)]


class Standing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares of the rows put by that a model has right: as they are, and under every change found within the budget."""

    clean: Share
    robust: Share


class Hardened(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``rounds`` of robust training that were kept of those tried, and the ``chosen`` model beside the ``plain`` one.

    Both standings are of models fitted without the rows put by; they are None where nothing was put by.
    """

    budget: Annotated[float, Meta(ge=0)]
    rounds: Annotated[int, Meta(ge=0)] = 0
    plain: Standing | None = None
    chosen: Standing | None = None

    @classmethod
    def from_json(cls, data: bytes, settings: RobustSettings) -> Self:
        """Read what the child said of training by ``settings``; raises IsolationError for what they cannot come to."""
        try:
            told = msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise IsolationError("the isolated code left a report of robust training that cannot be read") from None
        if told.budget != settings.budget:
            raise IsolationError("the isolated code left a report of robust training for another budget")
        if not _is_chosen(told, settings):
            raise IsolationError("the isolated code left a report of robust training that its settings do not choose")
        return told

    def findings(self) -> tuple[Finding, ...]:
        """Say so when no round was worth its price."""
        if self.rounds or not self.budget:
            return ()
        what = f"robust training for a budget of {self.budget:g} gained nothing that its clean accuracy allows"
        return (Finding("run-not-hardened", Severity.WARNING, what, "training.robust", _ADVICE),)

    def measures(self) -> dict[str, float]:
        """What evidence says of it."""
        measures = {"robust_budget": self.budget, "robust_rounds": float(self.rounds)}
        for prefix, standing in (("", self.chosen), ("plain_", self.plain)):
            if standing:
                measures[f"{prefix}robust_accuracy_on_training"] = standing.robust
                measures[f"{prefix}clean_accuracy_on_training"] = standing.clean
        return measures


def _is_chosen(told: Hardened, settings: RobustSettings) -> bool:
    """Whether the chosen model may be that of the stated round: better than the plain one, for a price allowed."""
    if told.plain is None or told.chosen is None:
        return not settings.budget and not told.rounds
    if not told.rounds:
        return told.plain == told.chosen
    loss, gain = told.plain.clean - told.chosen.clean, told.chosen.robust - told.plain.robust
    return told.rounds <= settings.rounds and loss <= settings.clean_loss + 1e-6 and gain > 0
