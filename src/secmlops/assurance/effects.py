"""What is told of a model's features as a whole: how much each matters, how answers go with it, and which interact."""

from collections.abc import Sequence

import numpy as np

from secmlops.assurance.metrics import Floats
from secmlops.assurance.scores import HEADLINE, headline, plain
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.json import Json
from secmlops.core.task import Task
from secmlops.explain.effects import Effect, effect_of, interaction
from secmlops.explain.explanation import Indices, Scale
from secmlops.explain.mixing import Mixer
from secmlops.runtime.signature import Inputs

MOST_RANKED = 100
"""Features whose importance is put on record, at most."""
_SHUFFLED_CELLS = 15_000
"""Rows times features that are answered to shuffle each feature once."""
_SHOWN, _PAIRED = 6, 4
_ROWS, _CURVES, _CROSSED = 40, 12, 16


def shuffled_losses(model: ModelUnderTest, places: Indices) -> Floats | None:
    """What the headline metric loses on the holdout when each of ``places`` [k] is shuffled (Breiman 2001); [k].

    None where the holdout cannot show it.
    """
    count = min(len(model.holdout), max(_SHUFFLED_CELLS // max(len(places), 1), 1))
    rows = model.holdout.take(np.linspace(0, len(model.holdout) - 1, count).astype(np.intp))
    if model.obstacle() or len(np.unique(rows.target)) < 2:
        return None
    order = np.random.default_rng(model.seed).permutation(count)
    mixer = Mixer(model.predictor, model.signature, Scale.PREDICTION, 0)
    others, chosen = rows.inputs.take(order), np.zeros((len(places), 1, len(model.signature.features)), np.bool_)
    chosen[np.arange(len(places)), 0, places] = True
    name = HEADLINE[model.task]
    whole = plain(headline(model.task, rows.target, model.predictor.predict(rows.inputs)), count)[name]
    answers = (model.predictor.predict(mixer.mixed(one, others, rows.inputs)) for one in chosen)
    return np.array([whole - plain(headline(model.task, rows.target, found), count)[name] for found in answers])


def mixer_of(model: ModelUnderTest, scale: Scale) -> Mixer:
    """Ask about the event, the prediction, or the class that the holdout is most often decided to be."""
    column = int(model.task is Task.BINARY)
    if model.task is Task.MULTICLASS:
        column = int(np.bincount(model.holdout_outputs.argmax(axis=1)).argmax())
    return Mixer(model.predictor, model.signature, scale, column)


def told_effects(model: ModelUnderTest, mixer: Mixer, ranked: Sequence[int]) -> tuple[dict[str, float], Json]:
    """Measures of interaction, and the product ``effects``: of the first of the ``ranked`` features, and their pairs.

    Single curves are of a few rows of the holdout, and of answers only; the ends of a number's range are cut off.
    """
    rows = _spread(model.holdout.inputs, 300)
    found = [effect_of(mixer, place, rows, _ROWS) for place in ranked[:_SHOWN]]
    places = np.array(sorted(ranked[:_PAIRED]), np.intp)
    strength = interaction(mixer, places, _spread(model.holdout.inputs, _CROSSED))
    names = [model.signature.features[place].name for place in places]
    pairs = [(float(strength[a, b]), names[b], names[a]) for a in range(len(places)) for b in range(a)]
    strongest: list[Json] = [
        {"features": [first, second], "strength": value} for value, first, second in sorted(pairs, reverse=True)
    ]
    explained = model.signature.classes[mixer.column] if model.signature.classes else None
    features: list[Json] = [_told(effect) for effect in found if effect]
    measures = {"strongest_interaction": max((value for value, _, _ in pairs), default=0.0)}
    return measures, {
        "scale": str(mixer.scale),
        "explained": explained,
        "features": features,
        "interactions": strongest,
    }


def _told(effect: Effect) -> Json:
    curves: list[Json] = [_rounded(curve) for curve in effect.curves[:: max(len(effect.curves) // _CURVES, 1)]]
    return {
        "feature": effect.feature,
        "at": list(effect.at),
        "mean": _rounded(effect.mean),
        "local": None if effect.local is None else _rounded(effect.local),
        "curves": curves[:_CURVES],
        "share": _rounded(effect.share),
    }


def _rounded(values: Floats) -> list[Json]:
    return [round(float(value), 6) for value in values]


def _spread(inputs: Inputs, count: int) -> Inputs:
    return inputs.take(np.linspace(0, len(inputs) - 1, min(count, len(inputs))).astype(np.intp))
