"""What an adversary could do to the rows of a table, as the settings of a control say it by the names of features."""

import dataclasses
import re
from collections.abc import Mapping, Sequence

import numpy as np

from secmlops.attack.evasion.perturbations import Norm, Perturbations
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs, Signature

_TERM = re.compile(r"\s*([+-])?\s*(?:(\d+(?:\.\d+)?)\s*\*\s*)?([^+*]+?)\s*(?=[+]|\s-\s|$)")


@dataclasses.dataclass(frozen=True, slots=True)
class Adversary:
    """Features that nobody can change (``fixed``), ``prices`` of the others, and ``sums`` that must hold.

    A price is what a change costs: of a number by one standard deviation of the training rows, of a category at all; it
    is 1 where none is given. A sum is written with the names of numeric features: ``income + 12 * bonus - tax``, with
    spaces around the signs.
    """

    fixed: Sequence[str] = ()
    prices: Mapping[str, float] = dataclasses.field(default_factory=dict)
    sums: Sequence[str] = ()
    norm: Norm = Norm.L2

    def __post_init__(self) -> None:
        for name, price in self.prices.items():
            if not 0 < price < np.inf:
                raise InputError(
                    f"a price of {price} for {name!r}", where="prices", hint="above 0; or name it in fixed"
                )

    def perturbations(self, signature: Signature, train: Inputs) -> Perturbations:
        """Threat model of rows like ``train``; raises InputError for a feature that the model does not have."""
        numbers = [f.name for f in signature.numeric]
        texts = [f.name for f in signature.categorical]
        for where, names in (("fixed", self.fixed), ("prices", self.prices)):
            if unknown := sorted(set(names) - {*numbers, *texts}):
                raise InputError(f"the model has no feature {unknown[0]!r}", where=where)
        usual = Perturbations.of(train, np.array([f.integer for f in signature.numeric], bool), self.norm)
        price = np.array([self.prices.get(name, 1.0) for name in numbers])
        return dataclasses.replace(
            usual,
            unit=np.where([name in self.fixed for name in numbers], 0.0, usual.unit / price),
            price=np.array([np.inf if name in self.fixed else self.prices.get(name, 1.0) for name in texts]),
            sums=np.array([_coefficients(text, numbers) for text in self.sums]).reshape(-1, len(numbers)),
        )


def _coefficients(text: str, numbers: Sequence[str]) -> list[float]:
    """Coefficient of each number in a sum."""
    found = dict.fromkeys(numbers, 0.0)
    place = 0
    while place < len(text):
        term = _TERM.match(text, place)
        if not term or term[3] not in found:
            hint = "numeric features with + or - between them: income + 12 * bonus - tax"
            raise InputError(f"{text!r} is no sum of numeric features of the model", where="sums", hint=hint)
        found[term[3]] += (-1.0 if term[1] == "-" else 1.0) * float(term[2] or 1)
        place = term.end()
    return list(found.values())
