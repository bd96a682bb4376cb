"""Model extraction: how good a copy is bought by how many queries."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from secmlops.attack.agreement import Agreement
from secmlops.attack.forest import Forest, Shape
from secmlops.attack.imitation import Linear, Logistic, Matrix, Radial, Space
from secmlops.attack.oracle import Oracle, Outputs
from secmlops.attack.thieves import Client, joined
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs

_DEEPEST = Shape().depth


@dataclass(frozen=True, slots=True)
class Exam:
    """Rows that no thief asks about, as the ``space`` shows them, and what the model says of them [n, k]."""

    space: Space
    inputs: Inputs
    truth: Outputs


@dataclass(frozen=True, slots=True)
class Attempt:
    """A ``thief``, and what it is ``shown`` of the model's answers [n, k]."""

    thief: Client
    shown: Callable[[Outputs], Outputs]


@dataclass(frozen=True, slots=True)
class Extraction:
    """Agreement of the best copy with the model after each number of ``queries``, both by rising queries."""

    queries: tuple[int, ...]
    agreement: tuple[Agreement, ...]

    def queries_until(self, share: float) -> int | None:
        """Fewest queries from which on the copy agreed on ``share`` of the rows; None where in the end it does not."""
        found: int | None = None
        for queries, reached in zip(reversed(self.queries), reversed(self.agreement), strict=True):
            if reached.share < share:
                break
            found = queries
        return found

    def after(self, queries: int) -> Agreement | None:
        """Agreement with no more ``queries`` than these; None where there was no copy yet."""
        reached = zip(self.queries, self.agreement, strict=True)
        return next((found for asked, found in reversed([*reached]) if asked <= queries), None)


def best(extractions: Sequence[Extraction], budgets: Sequence[int]) -> Extraction:
    """Extraction by whichever of several thieves has the best copy at each of the rising ``budgets``."""
    found = {q: max(made for e in extractions if (made := e.after(q)) is not None) for q in budgets}
    return Extraction(tuple(found), tuple(found.values()))


def extract(
    oracle: Oracle, attempts: Sequence[Attempt], exam: Exam, budgets: Sequence[int], seed: int
) -> list[Extraction]:
    """Let all thieves ask side by side until the last of the rising ``budgets`` is used up; see what each bought.

    What they ask in a round is one batch of rows for the model. A thief who runs out of rows ends with the queries
    there were.
    """
    if not budgets or list(budgets) != sorted(set(budgets)) or budgets[0] < 1:
        raise InputError("budgets are rising numbers of queries, 1 or more")
    dialogues = [_Dialogue(attempt, budgets[-1]) for attempt in attempts]
    while going := [dialogue for dialogue in dialogues if dialogue.going]:
        answers = oracle(joined([dialogue.question for dialogue in going]))
        ends = np.cumsum([len(dialogue.question) for dialogue in going])
        for dialogue, heard in zip(going, np.split(answers, ends[:-1]), strict=True):
            dialogue.hear(heard)
    return [dialogue.worth(exam, budgets, np.random.default_rng(seed)) for dialogue in dialogues]


def worth(
    asked: Matrix, answered: Outputs, design: Matrix, truth: Outputs, generator: np.random.Generator
) -> Agreement:
    """Agreement with ``truth`` on ``design`` of the best of four copies learned from what was asked and answered."""
    closed = (Linear, Radial) if truth.shape[1] == 1 else (Linear, Radial, Logistic)
    copied = [kind.learn(asked, answered).predict(design) for kind in closed]
    shape = Shape(depth=min(_DEEPEST, max(2, int(math.log2(len(asked))))))
    copied.append(Forest.learn(asked, answered, generator, shape).predict(design))
    return max(Agreement.of(truth, copy) for copy in copied)


class _Dialogue:
    """What a thief asked, at most ``budget`` rows, and was shown; ``question`` is what it asks next while ``going``."""

    def __init__(self, attempt: Attempt, budget: int) -> None:
        self._attempt, self._left = attempt, budget
        self._asked, self._shown = list[Inputs](), list[Outputs]()
        self.question = next(attempt.thief).take(slice(0, budget))
        self.going = len(self.question) > 0

    def hear(self, answers: Outputs) -> None:
        """Show the answers [m, k] to the question; the thief asks the next one where it has any."""
        self._asked.append(self.question)
        self._shown.append(self._attempt.shown(answers))
        self._left -= len(answers)
        self.going = self._left > 0 and self._asks_on()

    def _asks_on(self) -> bool:
        try:
            self.question = self._attempt.thief.send(self._shown[-1]).take(slice(0, self._left))
        except StopIteration:
            return False
        return True

    def worth(self, exam: Exam, budgets: Sequence[int], generator: np.random.Generator) -> Extraction:
        """Agreement after each of the ``budgets``, as far as the thief got."""
        rows, scores = joined(self._asked), np.concatenate(self._shown)
        asked, design = exam.space.design(rows), exam.space.design(exam.inputs)
        spent = sorted({min(budget, len(rows)) for budget in budgets})
        reached = [worth(asked[:queries], scores[:queries], design, exam.truth, generator) for queries in spent]
        return Extraction(tuple(spent), tuple(reached))
