"""What poison buys: models of the attacked one's kind, learned from ever more poisoned rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from secmlops.attack.agreement import agreement
from secmlops.attack.forest import Forest, Shape
from secmlops.attack.imitation import Logistic, Matrix, Space
from secmlops.attack.oracle import Outputs
from secmlops.attack.poisoning.backdoor import Trigger, draw_trigger, plant
from secmlops.attack.poisoning.flips import flip_class, flip_random
from secmlops.attack.poisoning.poisoned import classes_of
from secmlops.core.errors import InputError
from secmlops.runtime.examples import Examples

Copy = Logistic | Forest
Learn = Callable[[Matrix, Outputs, np.random.Generator], Copy]

_SHAPE = Shape(trees=32, depth=10)
_WIDTH = 2
"""Columns of the trigger that is planted."""

KINDS: Mapping[str, Learn] = MappingProxyType(
    {
        "logistic": lambda design, labels, _: Logistic.learn(design, labels),
        "forest": lambda design, labels, generator: Forest.learn(design, labels, generator, _SHAPE),
    }
)
"""Kinds of models that stand in for the attacked one."""


@dataclass(frozen=True, slots=True, eq=False)
class Trainer:
    """Learns models of one ``kind`` from examples of ``classes``; what it learned tells scores [n, c]."""

    kind: str
    space: Space
    classes: int

    @classmethod
    def like(cls, outputs: Outputs, train: Examples, holdout: Examples, generator: np.random.Generator) -> "Trainer":
        """Trainer of the kind whose model agrees best with what the attacked one answers to the holdout, [n, c]."""
        space = Space.of(train.inputs)
        trainers = [cls(kind, space, outputs.shape[1]) for kind in KINDS]
        return max(trainers, key=lambda one: agreement(outputs, one.scores(train, holdout, generator)))

    def scores(self, train: Examples, rows: Examples, generator: np.random.Generator) -> Outputs:
        """Scores [n, c] of the rows by a model that learned from ``train``."""
        labels = np.eye(self.classes)[train.target.astype(np.int64)]
        copy = KINDS[self.kind](self.space.design(train.inputs), labels, generator)
        return copy.predict(self.space.design(rows.inputs))


@dataclass(frozen=True, slots=True, eq=False)
class Battlefield:
    """Honest examples, to poison and to judge by, and the trainer of the models that learn from them."""

    train: Examples
    holdout: Examples
    trainer: Trainer

    @property
    def rarest(self) -> int:
        """The class of fewest training rows, of those that occur."""
        counts = np.bincount(classes_of(self.train))
        return int(np.where(counts > 0, counts, len(self.train) + 1).argmin())

    def accuracy(self, train: Examples, generator: np.random.Generator) -> float:
        """Balanced accuracy on the holdout of a model that learned from ``train``."""
        truth = np.eye(self.trainer.classes)[self.holdout.target.astype(np.int64)]
        return agreement(truth, self.trainer.scores(train, self.holdout, generator))

    def flipped(self, share: float, targeted: bool, generator: np.random.Generator) -> float:
        """Accuracy after ``share`` of the labels were flipped: at random, or all of them of the rarest class."""
        if targeted:
            return self.accuracy(flip_class(self.train, self.rarest, share, generator).examples, generator)
        return self.accuracy(flip_random(self.train, share, generator).examples, generator)

    def triggered(self, share: float, generator: np.random.Generator) -> float:
        """Share of rows of other classes that a trigger turns, planted in ``share`` of the rows; 0 of none."""
        target, trigger = self.rarest, _trigger(self.train, generator)
        planted = plant(self.train, trigger, target, share, generator).examples
        others = self.holdout.take(np.flatnonzero(self.holdout.target != target))
        if not len(others):
            return 0.0
        stamped = Examples(trigger.stamp(others.inputs), others.target)
        return float((self.trainer.scores(planted, stamped, generator).argmax(axis=1) == target).mean())


def slope(shares: npt.NDArray[np.float64], losses: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Loss per unit of share [n], by least squares through the origin, and its standard error."""
    square = float((shares**2).sum())
    found = float((shares * losses).sum()) / square
    rest = float(((losses - found * shares) ** 2).sum()) / max(1, len(shares) - 1)
    return found, (rest / square) ** 0.5


def _trigger(train: Examples, generator: np.random.Generator) -> Trigger:
    """A combination of values that hardly a row holds; of values never seen where there is none."""
    columns = train.inputs.numeric.shape[1] + train.inputs.categorical.shape[1]
    width = min(_WIDTH, columns)
    try:
        return draw_trigger(train.inputs, width, generator)
    except InputError:
        return draw_trigger(train.inputs, width, generator, outside=True)
