"""Model extraction: how good a copy is bought by how many queries."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from secmlops.attack.forest import Forest
from secmlops.attack.imitation import Linear, Logistic, Matrix, Radial, Space, agreement
from secmlops.attack.oracle import Oracle, Outputs
from secmlops.attack.thieves import Client, joined
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs


@dataclass(frozen=True, slots=True)
class Exam:
    """Rows that no thief asks about, as the ``space`` shows them, and what the model says of them [n, k]."""

    space: Space
    inputs: Inputs
    truth: Outputs


@dataclass(frozen=True, slots=True)
class Extraction:
    """Agreement of the best copy with the model after each number of ``queries``, both by rising queries."""

    queries: tuple[int, ...]
    agreement: tuple[float, ...]

    def queries_until(self, share: float) -> int | None:
        """Fewest queries after which the copy agreed on ``share`` of the rows; None where it never did."""
        return next((q for q, agreed in zip(self.queries, self.agreement, strict=True) if agreed >= share), None)


def extract(
    oracle: Oracle, thief: Client, exam: Exam, budgets: Sequence[int], generator: np.random.Generator
) -> Extraction:
    """Let a ``thief`` ask until the last of the rising ``budgets`` is used up; see what each bought.

    A thief who runs out of rows ends the attack with the queries there were.
    """
    if not budgets or list(budgets) != sorted(set(budgets)) or budgets[0] < 1:
        raise InputError("budgets are rising numbers of queries, 1 or more")
    rows, scores = _dialogue(oracle, thief, budgets[-1])
    asked, design = exam.space.design(rows), exam.space.design(exam.inputs)
    spent = sorted({min(budget, len(rows)) for budget in budgets})
    reached = [worth(asked[:queries], scores[:queries], design, exam.truth, generator) for queries in spent]
    return Extraction(tuple(spent), tuple(reached))


def worth(asked: Matrix, answered: Outputs, design: Matrix, truth: Outputs, generator: np.random.Generator) -> float:
    """Agreement with ``truth`` on ``design`` of the best of four copies learned from what was asked and answered."""
    closed = (Linear, Radial) if truth.shape[1] == 1 else (Linear, Radial, Logistic)
    copied = [kind.learn(asked, answered).predict(design) for kind in closed]
    copied.append(Forest.learn(asked, answered, generator).predict(design))
    return max(agreement(truth, copy) for copy in copied)


def _dialogue(oracle: Oracle, thief: Client, budget: int) -> tuple[Inputs, Outputs]:
    """Return what the thief asked, at most ``budget`` rows, and the answers."""
    asked, answered, left = list[Inputs](), list[Outputs](), budget
    rows: Inputs | None = next(thief)
    while rows is not None:
        asked.append(rows.take(slice(0, left)))
        answered.append(oracle(asked[-1]))
        left -= len(asked[-1])
        rows = _next(thief, answered[-1]) if left else None
    return joined(asked), np.concatenate(answered)


def _next(thief: Client, answers: Outputs) -> Inputs | None:
    try:
        return thief.send(answers)
    except StopIteration:
        return None
