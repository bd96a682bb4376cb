"""What the outputs of a model, hardened or not, give away to an attacker, and what hardening costs honest users."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from secmlops.assurance.metrics import Floats
from secmlops.assurance.scores import HEADLINE, headline, plain
from secmlops.assurance.subject import ModelUnderTest, Outputs
from secmlops.attack.extraction import Attempt, Exam, Extraction, extract
from secmlops.attack.imitation import Space
from secmlops.attack.membership import Candidates, expected_likelihood, rmia
from secmlops.attack.roc import Roc
from secmlops.attack.thieves import SEEDS, THIEVES, Client, natural
from secmlops.runtime.hardening import Hardening
from secmlops.runtime.signature import Inputs

_MOST_CANDIDATES = 1500
"""Members at most, and others: enough for a rate of false alarms of 0.1%."""
_MOST_TESTED = 1000
_NATURAL = "natural"
_NOISE, _CANDIDATES, _HALVES, _THIEF = range(4)  # streams of randomness, so that all settings meet the same attack


class Exposure:
    """``model`` before an attacker who knows the ranges of its columns.

    One half of the holdout are rows that the attacker has, the other half the rows on which a copy is judged.
    """

    def __init__(self, model: ModelUnderTest) -> None:
        self._model = model
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

    def extraction(
        self, settings: Mapping[str, Hardening], budgets: Sequence[int]
    ) -> Mapping[str, Mapping[str, Extraction]]:
        """Agreement of the copies by rising numbers of queries: for each of the ``settings`` what each thief got."""
        pairs = [(setting, thief) for setting in settings for thief in (*THIEVES, _NATURAL)]
        attempts = [Attempt(self._thief(thief), self._shower(settings[setting])) for setting, thief in pairs]
        made = extract(self._model.predictor.predict, attempts, self._exam, budgets, self._model.seed)
        found: dict[str, dict[str, Extraction]] = {setting: {} for setting in settings}
        for (setting, thief), extraction in zip(pairs, made, strict=True):
            found[setting][thief] = extraction
        return found

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

    def _thief(self, name: str) -> Client:
        own, generator = self._model.holdout.inputs.take(self._own), self._generator(_THIEF)
        if name == _NATURAL:
            return natural(own, generator)
        return THIEVES[name](self._exam.space, own.take(slice(0, SEEDS)), generator)

    def _shower(self, hardening: Hardening) -> Callable[[Outputs], Outputs]:
        """Show outputs as the gateway would, with new noise for each row."""
        noise = self._generator(_NOISE)
        return lambda outputs: hardening.apply(outputs, lambda width: noise.normal(size=(len(outputs), width)))

    def _shown(self, hardening: Hardening, outputs: Outputs, stream: int) -> Outputs:
        noise = self._generator(stream)
        return hardening.apply(outputs, lambda width: noise.normal(size=(len(outputs), width)))

    def _generator(self, stream: int) -> np.random.Generator:
        return np.random.default_rng([self._model.seed, stream])


def _joined(one: Inputs, other: Inputs) -> Inputs:
    return Inputs(np.concatenate([one.numeric, other.numeric]), np.concatenate([one.categorical, other.categorical]))


def _brier(outputs: Outputs, truth: Outputs) -> float:
    return float(((outputs - truth) ** 2).sum(axis=1).mean() / 2)
