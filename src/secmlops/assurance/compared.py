"""The rows that a membership attack is tried on, and the reference models that each of them is compared with."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.assurance.subject import ModelUnderTest, ReferenceAnswers
from secmlops.attack.membership import Candidates
from secmlops.attack.references import References
from secmlops.runtime.signature import Inputs

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Compared:
    """As many members as others, the number of each member among the training rows, and the reference models.

    ``own_kind``: they were fitted in training like the model itself, and not as forests that imitate it.
    """

    candidates: Candidates
    rows: Rows
    references: References
    own_kind: bool


def compared(model: ModelUnderTest, most: int, references: int, generator: np.random.Generator) -> Compared:
    """Draw at most ``most`` rows of each kind; where training left no reference models, so many are fitted to them."""
    answered = model.references
    parts = (answered.rows, answered.holdout) if answered else (np.arange(len(p)) for p in (model.train, model.holdout))
    known = tuple(parts)
    each = min(most, *map(len, known))
    members, others = (generator.permutation(part)[:each] for part in known)
    one, other = model.train.take(members), model.holdout.take(others)
    inputs = Inputs(
        np.concatenate([one.inputs.numeric, other.inputs.numeric]),
        np.concatenate([one.inputs.categorical, other.inputs.categorical]),
    )
    target = np.concatenate([one.target, other.target]).astype(np.int64)
    candidates = Candidates(inputs, target, np.repeat([True, False], each))
    if answered is None:
        fitted = References.fit(candidates, len(model.signature.classes), references, generator)
        return Compared(candidates, members, fitted, own_kind=False)
    return Compared(candidates, members, _given(answered, candidates, (members, others), generator), own_kind=True)


def _given(
    answered: ReferenceAnswers, candidates: Candidates, rows: tuple[Rows, Rows], generator: np.random.Generator
) -> References:
    """Reference models that training left. Of the holdout none learned: by lot, half of them are not counted for a row.

    So every row is compared with as many models that are new to it, which is what makes members and others alike.
    """
    members, others = np.searchsorted(answered.rows, rows[0]), np.searchsorted(answered.holdout, rows[1])
    places = np.concatenate([members, len(answered.rows) + others])
    likelihood = np.take_along_axis(answered.outputs[:, places], candidates.target[None, :, None], axis=2)[..., 0]
    lots = generator.random((len(likelihood) // 2, len(others))) < 1 / 2
    uncounted = np.stack([lots, ~lots], axis=1).reshape(len(likelihood), len(others))
    learned = np.concatenate([answered.learned[:, members], uncounted], axis=1)
    return References.known(likelihood, learned, candidates.member)
