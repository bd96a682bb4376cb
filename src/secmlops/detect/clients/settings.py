"""What is asked of an honest client: how far it may differ from known honest rows before it counts against it."""

from dataclasses import dataclass
from enum import IntEnum

from secmlops.core.errors import InputError
from secmlops.detect.clients.evidence import Bets, Evidence, Shares


class Sign(IntEnum):
    """What may speak against a client."""

    STRANGE = 0
    """Far from known rows."""
    UNDECIDED = 1
    """The model is undecided."""
    STRAIGHT = 2
    """On a line with the two requests before."""
    GLANCED = 3
    """Asked about three times closely, and the label flipped."""
    SEARCHED = 4
    """Asked about twelve times closely, and both labels came often."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far an honest client may differ from the rows the habits were learned from, and how sure an alarm is.

    ``strange``, ``undecided``: of its new requests at most the second share has a p-value up to the first.
    ``straight``: at most this share of all lies on a line. ``glanced``, ``searched``: of the places it asks about 3 and
    12 times at most this share has a label that flips. ``error``: the probability that a client within all these bounds
    ever raises an alarm is at most this. ``budget``: an alarm tells whenever so many more different rows were asked
    about; 0 for never. The shares are wider than the levels: calibration rows are few, and every client is a part of
    the population of its own.
    """

    strange: Shares = ((0.01, 0.06), (0.05, 0.16), (0.2, 0.37), (0.5, 0.67))
    undecided: Shares = ((0.02, 0.1), (0.1, 0.25))
    straight: float = 0.03
    glanced: float = 0.15
    searched: float = 0.04
    error: float = 1e-4
    budget: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.error < 1 or self.budget < 0:
            raise InputError("a watch needs an error between 0 and 1 and a budget of 0 or more")

    def evidence(self, sign: Sign) -> Evidence:
        """Fresh evidence for a sign; raises InputError when its bounds are none."""
        shares = {
            Sign.STRANGE: self.strange,
            Sign.UNDECIDED: self.undecided,
            Sign.STRAIGHT: ((0.0, self.straight),),
            Sign.GLANCED: ((0.0, self.glanced),),
            Sign.SEARCHED: ((0.0, self.searched),),
        }
        return Evidence(Bets.against(shares[sign]))
