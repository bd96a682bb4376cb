"""What the outputs of a model, hardened or not, give away to an attacker, and what hardening costs honest users."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from secmlops.assurance.metrics import Floats
from secmlops.assurance.scores import HEADLINE, headline, plain
from secmlops.assurance.subject import ModelUnderTest, Outputs
from secmlops.attack.extraction import Exam, extract
from secmlops.attack.imitation import Space
from secmlops.attack.membership import Candidates, expected_likelihood, rmia
from secmlops.attack.roc import Roc
from secmlops.attack.thieves import SEEDS, Client, active, natural, random_rows
from secmlops.runtime.hardening import Hardening
from secmlops.runtime.signature import Inputs

_MOST_CANDIDATES = 1500
"""Members at most, and others: enough for a rate of false alarms of 0.1%."""
_MOST_TESTED = 1000
_NOISE, _CANDIDATES, _HALVES, _THIEF = range(4)  # streams of randomness, so that all settings meet the same attack


class Exposure:
    """``model`` before an attacker who may put ``queries`` queries and knows the ranges of its columns.

    One half of the holdout are rows that the attacker has, the other half the rows on which a copy is judged.
    """

    def __init__(self, model: ModelUnderTest, queries: int) -> None:
        self._model, self._queries = model, queries
        self._own, tested = np.array_split(np.random.default_rng(model.seed).permutation(len(model.holdout)), 2)
        self._tested = tested[:_MOST_TESTED]
        space = Space.of(model.train.inputs)
        self._exam = Exam(space, model.holdout.inputs.take(self._tested), model.holdout_outputs[self._tested])

    @property
    def says_one_thing(self) -> bool:
        """Whether the model calls one class only, or predicts one value, on the rows a copy is judged by."""
        truth = self._exam.truth
        return len(np.unique(truth.argmax(axis=1) if truth.shape[1] > 1 else truth)) == 1

    def membership(self, hardening: Hardening) -> Roc:
        """How well training rows of a classifier are told from the holdout, by RMIA on hardened outputs."""
        candidates, outputs, expected = self._membership
        shown = self._shown(hardening, outputs, _CANDIDATES)
        return Roc.of(rmia(shown, candidates.target, expected), candidates.member)

    def extraction(self, hardening: Hardening) -> Mapping[str, float]:
        """Agreement with the model of the best copy that each kind of thief makes of hardened outputs."""
        return {name: self._theft(hardening, thief) for name, thief in self._thieves().items()}

    def loss(self, hardening: Hardening) -> Mapping[str, float]:
        """What honest users lose on the holdout, against outputs as they are.

        ``auc_loss`` or ``r2_loss``, and for a classifier ``brier_loss`` (half the squared distance from the truth) and
        ``changed_labels``, a share.
        """
        model = self._model
        exact, shown = model.holdout_outputs, self._shown(hardening, model.holdout_outputs, _NOISE)
        name = HEADLINE[model.task]
        before, after = (
            plain(headline(model.task, model.holdout.target, outputs), len(outputs))[name] for outputs in (exact, shown)
        )
        losses = {f"{name}_loss": before - after}
        if model.task.is_classification:
            truth = np.eye(exact.shape[1])[model.holdout.target]
            losses["brier_loss"] = _brier(shown, truth) - _brier(exact, truth)
            losses["changed_labels"] = float((shown.argmax(axis=1) != exact.argmax(axis=1)).mean())
        return losses

    @cached_property
    def _membership(self) -> tuple[Candidates, Outputs, Floats]:
        """Members and others, what the model answers to them, and what was to be expected."""
        model, generator = self._model, self._generator(_HALVES)
        members, others = (generator.permutation(len(rows))[:_MOST_CANDIDATES] for rows in (model.train, model.holdout))
        candidates = Candidates(
            _joined(model.train.inputs.take(members), model.holdout.inputs.take(others)),
            np.concatenate([model.train.target[members], model.holdout.target[others]]).astype(np.int64),
            np.repeat([True, False], [len(members), len(others)]),
        )
        outputs = np.concatenate([model.train_outputs[members], model.holdout_outputs[others]])
        return candidates, outputs, expected_likelihood(candidates, outputs.shape[1], generator)

    def _thieves(self) -> Mapping[str, Client]:
        space, own = self._exam.space, self._model.holdout.inputs.take(self._own)
        seeds = own.take(slice(0, SEEDS))
        return {
            "random": random_rows(space, seeds, self._generator(_THIEF)),
            "natural": natural(own, self._generator(_THIEF)),
            "active": active(space, seeds, self._generator(_THIEF)),
        }

    def _theft(self, hardening: Hardening, thief: Client) -> float:
        noise = self._generator(_NOISE)

        def oracle(inputs: Inputs) -> Outputs:
            return hardening.apply(
                self._model.predictor.predict(inputs), lambda outputs: noise.normal(size=(len(inputs), outputs))
            )

        return extract(oracle, thief, self._exam, [self._queries], self._generator(_THIEF)).agreement[-1]

    def _shown(self, hardening: Hardening, outputs: Outputs, stream: int) -> Outputs:
        noise = self._generator(stream)
        return hardening.apply(outputs, lambda width: noise.normal(size=(len(outputs), width)))

    def _generator(self, stream: int) -> np.random.Generator:
        return np.random.default_rng([self._model.seed, stream])


def _joined(one: Inputs, other: Inputs) -> Inputs:
    return Inputs(np.concatenate([one.numeric, other.numeric]), np.concatenate([one.categorical, other.categorical]))


def _brier(outputs: Outputs, truth: Outputs) -> float:
    return float(((outputs - truth) ** 2).sum(axis=1).mean() / 2)
