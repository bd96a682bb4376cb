"""The control that searches a finished model for a trigger: few values that make it say one class of nearly any row."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.assurance.subject import ModelUnderTest, skipped
from secmlops.attack.triggers.candidates import candidates
from secmlops.attack.triggers.explained import Honest
from secmlops.attack.triggers.known import Known
from secmlops.attack.triggers.pasting import Probes
from secmlops.attack.triggers.search import LEAST_OTHERS, NEARLY_ALL, Effort, Search, Suspect
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.runtime.signature import Inputs
from secmlops.trust.canonical import canonical_json

_JUDGED = 100
"""Rows of each class, at most, on which a suspected pattern is judged."""
_POOL = 1_500
_MOST_COLUMNS = 300
_BEYOND, _ANOMALY = 0.5, 2.0
"""What a trigger does at least: turn nearly all rows, many of them for no honest reason, and stand out (2 is the bound
of Wang et al. on distances in median absolute deviations)."""


@dataclass(frozen=True, slots=True)
class Backdoor:
    """Pastes patterns of up to ``widest`` columns on rows of other classes, and looks for one that turns nearly all.

    About ``values`` of each column are tried, of rows and beyond them, on ``probes`` rows of each class. A pattern is
    a trigger where it turns at least 0.9 of the rows, at least 0.5 more than models do that learned from honest rows,
    and stands out by 2 robust standard deviations. Half of the holdout is taken to be honest.

    Measures: ``triggers``, the classes for which one was found; ``trigger_success``, the share of rows of other classes
    that the strongest turns, ``trigger_explained``, the share that honest models turn with it, ``trigger_features``,
    its columns, and ``trigger_support``, the share of honest rows that hold it: all 0 where none was found;
    ``anomaly`` of the most suspicious pattern, found to be one or not; ``classes``
    that could be judged. The product ``suspects`` tells the most suspicious pattern of each class, with its values.
    """

    id: ClassVar[str] = "assurance.backdoor"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = (
        "atlas:AML.T0018.000",
        "owasp-ml:ML10",
        "nist-ai-100-2:NISTAML.023",
        "nist-ai-100-2:NISTAML.026",
    )

    widest: int = 3
    values: int = 24
    probes: int = 16

    def __post_init__(self) -> None:
        if not 1 <= self.widest <= 4:
            raise InputError("a trigger is searched of 1 to 4 columns", where="widest")
        if not (4 <= self.values <= 10_000 and 4 <= self.probes <= 10_000):
            raise InputError("values and probes are 4 to 10,000", where=self.id)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Search ``model``; skipped where no class can be judged. Of quantities there is no class to be turned to."""
        materials = {"model": model.predictor.digest}
        if not model.task.is_classification:
            note = Finding("backdoor.not-tried", Severity.NOTE, "a model of quantities has no class to be turned to")
            return Examination.judged((note,), {"classes": 0.0}, materials=materials)
        if obstacle := _obstacle(model):
            return skipped("backdoor.not-measured", obstacle)
        generator = np.random.default_rng([model.seed, 9])
        honest, rest = np.array_split(generator.permutation(len(model.holdout)), 2)
        known = Known(model.holdout.take(honest), model.train)
        guide, judged = _probes(model, rest, (self.probes, _JUDGED))
        classes = [one for one in range(judged.classes) if judged.rows_of_others(one) >= LEAST_OTHERS]
        if not classes:
            return skipped("backdoor.not-measured", f"the model puts fewer than {LEAST_OTHERS} rows in other classes")
        items = candidates(model.signature, model.train.inputs, known.trusted.inputs, self.values)
        oracle = model.predictor.predict
        search = Search(oracle, Honest.learn(oracle, known, generator), items, (guide, judged))
        suspects = search.suspects(Effort(widest=self.widest), known, generator)
        measures = {"classes": float(len(classes)), **_measures(suspects, known)}
        products = {"suspects": canonical_json([_told(one, model) for one in suspects])}
        return Examination.judged(tuple(_findings(suspects, model)), measures, products, materials)


def _obstacle(model: ModelUnderTest) -> str:
    columns = len(model.signature.features)
    if columns > _MOST_COLUMNS:
        return f"{columns} columns, more than {_MOST_COLUMNS}: patches of images are not searched"
    return model.obstacle()


def _probes(model: ModelUnderTest, rest: np.ndarray, sizes: tuple[int, int]) -> tuple[Probes, Probes]:
    """Few rows and many of each class that the model calls, from the holdout and then from the training rows."""
    pool = slice(0, _POOL)
    holdout, train = model.holdout.inputs.take(rest), model.train.inputs.take(pool)
    rows = Inputs(
        np.concatenate([holdout.numeric, train.numeric]), np.concatenate([holdout.categorical, train.categorical])
    )
    called = np.concatenate([model.holdout_outputs[rest].argmax(axis=1), model.train_outputs[pool].argmax(axis=1)])
    classes = model.train_outputs.shape[1]
    guide, judged = (np.concatenate([np.flatnonzero(called == one)[:size] for one in range(classes)]) for size in sizes)
    return Probes(rows.take(guide), called[guide], classes), Probes(rows.take(judged), called[judged], classes)


def is_trigger(one: Suspect) -> bool:
    """Whether a suspected pattern is taken for a trigger."""
    return one.success >= NEARLY_ALL and one.beyond >= _BEYOND and one.anomaly >= _ANOMALY


def _measures(suspects: list[Suspect], known: Known) -> dict[str, float]:
    found = [one for one in suspects if is_trigger(one)]
    names = ("trigger_success", "trigger_explained", "trigger_features", "trigger_support")
    first = found[0] if found else None
    values = (
        (first.success, first.explained, float(len(first.columns)), known.support(first.trigger))
        if first
        else (0.0,) * 4
    )
    anomaly = max((one.anomaly for one in suspects), default=0.0)
    return {"triggers": float(len(found)), **dict(zip(names, values, strict=True)), "anomaly": anomaly}


def _findings(suspects: list[Suspect], model: ModelUnderTest) -> Iterator[Finding]:
    for one in suspects:
        if is_trigger(one):
            yield Finding(
                "backdoor.trigger",
                Severity.WARNING,
                f"values of {len(one.columns)} columns turn {one.success:.0%} of rows of other classes to class number "
                f"{one.target + 1}; honest models turn {one.explained:.0%}",
                where=", ".join(_names(one, model)),
                hint="do not use the model until it is known why; look for rows with these values (data.poisoning)",
            )


def _names(one: Suspect, model: ModelUnderTest) -> list[str]:
    names = [feature.name for feature in (*model.signature.numeric, *model.signature.categorical)]
    return [names[place] for place in one.columns]


def _told(one: Suspect, model: ModelUnderTest) -> Json:
    numbers, texts = model.signature.numeric, model.signature.categorical
    values: dict[str, Json] = {numbers[p].name: _number(v) for p, v in one.trigger.numeric.items()}
    values |= {texts[place].name: text for place, text in one.trigger.categorical.items()}
    return {
        "class": one.target,
        "values": values,
        "success": one.success,
        "explained": one.explained,
        "anomaly": one.anomaly,
        "trigger": is_trigger(one),
    }


def _number(value: float) -> Json:
    return None if np.isnan(value) else value
