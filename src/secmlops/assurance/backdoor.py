"""The control that searches a finished model for a trigger: few values that make it say one class of nearly any row."""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from secmlops.assurance.subject import ModelUnderTest, skipped
from secmlops.attack.triggers.candidates import candidates
from secmlops.attack.triggers.explained import Honest
from secmlops.attack.triggers.known import Known
from secmlops.attack.triggers.pasting import Panel, Probes
from secmlops.attack.triggers.patches import BEYOND_OTHERS, Grid, PatchSearch
from secmlops.attack.triggers.search import BEYOND, LEAST_OTHERS, Effort, Search, Suspect
from secmlops.core.control import Examination
from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.runtime.signature import Inputs
from secmlops.trust.canonical import canonical_json

_JUDGED = 100
"""Rows of each class, at most, on which a suspected pattern is judged."""
_POOL = 1_500
_MOST_COLUMNS, _MOST_PIXELS = 300, 4_096
_GUIDES, _JUDGES = 32, 240
"""Rows that guide the search for a patch, and that judge one, of all classes together."""


@dataclass(frozen=True, slots=True)
class Backdoor:
    """Pastes patterns of up to ``widest`` columns on rows of other classes, and looks for one that turns nearly all.

    About ``values`` of each column are tried, of rows and beyond them, on ``probes`` rows of each class. A pattern is
    a trigger where it turns at least 0.9 of the rows, at least 0.5 more than models do that learned from honest rows,
    and stands out by 2 robust standard deviations. Half of the holdout is taken to be honest.

    ``grid`` says that the numeric columns are the pixels of images, row by row: [rows, columns], or [channels, rows,
    columns]. Then square patches of up to ``patch`` pixels a side are searched at every place, and held against those
    that turn rows to other classes too.

    Measures: ``triggers``, the classes for which one was found; ``trigger_success``, the share of rows of other classes
    that the strongest turns, ``trigger_explained``, the share that honest models turn with it, ``trigger_features``,
    its columns, and ``trigger_support``, the share of honest rows that hold it: all 0 where none was found;
    ``anomaly`` of the most suspicious pattern, found to be one or not; ``classes``
    that could be judged. The product ``suspects`` tells the most suspicious pattern of each class, with its values.
    """

    id: ClassVar[str] = "assurance.backdoor"
    version: ClassVar[str] = "2"
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
    grid: tuple[int, ...] = ()
    patch: int = 3

    def __post_init__(self) -> None:
        if not 1 <= self.widest <= 4:
            raise InputError("a trigger is searched of 1 to 4 columns", where="widest")
        if not (4 <= self.values <= 10_000 and 4 <= self.probes <= 10_000):
            raise InputError("values and probes are 4 to 10,000", where=self.id)
        if self.grid and (len(self.grid) not in (2, 3) or min(self.grid) < 1):
            raise InputError("a grid is [rows, columns] or [channels, rows, columns]", where="grid")
        if not 1 <= self.patch <= 8:
            raise InputError("a patch has a side of 1 to 8 pixels", where="patch")

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Search ``model``; skipped where no class can be judged. Of quantities there is no class to be turned to."""
        materials = {"model": model.predictor.digest}
        if not model.task.is_classification:
            note = Finding("backdoor.not-tried", Severity.NOTE, "a model of quantities has no class to be turned to")
            return Examination.judged((note,), {"classes": 0.0}, materials=materials)
        if obstacle := self._obstacle(model):
            return skipped("backdoor.not-measured", obstacle)
        generator = np.random.default_rng([model.seed, 9])
        honest, rest = np.array_split(generator.permutation(len(model.holdout)), 2)
        known = Known(model.holdout.take(honest), model.train)
        count = len(model.signature.classes)
        trusted = Honest.trusted(known, count, np.random.default_rng(model.seed))
        sizes = (max(2, _GUIDES // count), max(20, _JUDGES // count)) if self.grid else (self.probes, _JUDGED)
        probes = _probes(model, rest, trusted, sizes)
        classes = [one for one in range(probes[1].classes) if probes[1].rows_of_others(one) >= LEAST_OTHERS]
        if not classes:
            return skipped("backdoor.not-measured", f"the model puts fewer than {LEAST_OTHERS} rows in other classes")
        search = self._patches if self.grid else self._patterns
        suspects = search(model, known, probes, generator)
        found = [one for one in suspects if one.is_trigger(BEYOND_OTHERS if self.grid else BEYOND)]
        measures = {"classes": float(len(classes)), **_measures(suspects, found, known)}
        told = [{**_told(one, model, self.grid), "trigger": one in found} for one in suspects]
        findings = tuple(_finding(one, model, self.grid) for one in found)
        return Examination.judged(findings, measures, {"suspects": canonical_json(told)}, materials)

    def _patterns(
        self, model: ModelUnderTest, known: Known, probes: tuple[Probes, Probes], generator: np.random.Generator
    ) -> list[Suspect]:
        oracle = model.predictor.predict
        honest = Honest.learn(oracle, known, generator)
        items = candidates(model.signature, model.train.inputs, known.trusted.inputs, self.values, honest.bent)
        search = Search(oracle, honest, items, probes)
        return search.suspects(Effort(widest=self.widest), known, generator)

    def _patches(
        self, model: ModelUnderTest, known: Known, probes: tuple[Probes, Probes], generator: np.random.Generator
    ) -> list[Suspect]:
        grid = Grid.of(self.grid, len(model.signature.numeric))
        honest = Honest.trusted(known, probes[1].classes, generator)
        return PatchSearch(model.predictor.predict, honest, grid, probes).suspects(self.patch, generator)

    def _obstacle(self, model: ModelUnderTest) -> str:
        columns = len(model.signature.features)
        if self.grid and model.signature.categorical:
            return "a grid is of numeric columns, and the model takes categories too"
        if not self.grid and columns > _MOST_COLUMNS:
            return f"{columns} columns, more than {_MOST_COLUMNS}: of images say so with grid"
        if columns > _MOST_PIXELS:
            return f"{columns} pixels, more than {_MOST_PIXELS}"
        return model.obstacle()


def _probes(model: ModelUnderTest, rest: np.ndarray, honest: Panel, sizes: tuple[int, int]) -> tuple[Probes, Probes]:
    """Few rows and many of each class that the model calls, from the holdout and then from the training rows.

    Of training rows only those that ``honest`` models would put nearer to the class as well: without its trigger, a
    poisoned row falls back.
    """
    pool = slice(0, _POOL)
    holdout, train = model.holdout.inputs.take(rest), model.train.inputs.take(pool)
    rows = Inputs(
        np.concatenate([holdout.numeric, train.numeric]), np.concatenate([holdout.categorical, train.categorical])
    )
    called = np.concatenate([model.holdout_outputs[rest].argmax(axis=1), model.train_outputs[pool].argmax(axis=1)])
    every = Probes(rows, called, model.train_outputs.shape[1])
    scores = honest(rows).mean(axis=0, keepdims=True)
    likely = scores[0, np.arange(len(rows)), called] >= every.limits(scores)[0, called]
    likely[: len(rest)] = True
    kept = [np.flatnonzero(likely & (called == one)) for one in range(every.classes)]
    guide, judged = (np.concatenate([of[:size] for of in kept]) for size in sizes)
    return every.take(guide), every.take(judged)


def _measures(suspects: list[Suspect], found: list[Suspect], known: Known) -> dict[str, float]:
    names = ("trigger_success", "trigger_explained", "trigger_features", "trigger_support")
    first = found[0] if found else None
    values = (
        (first.success, first.explained, float(len(first.columns)), known.support(first.trigger))
        if first
        else (0.0,) * 4
    )
    anomaly = max((one.anomaly for one in suspects), default=0.0)
    return {"triggers": float(len(found)), **dict(zip(names, values, strict=True)), "anomaly": anomaly}


def _finding(one: Suspect, model: ModelUnderTest, grid: tuple[int, ...]) -> Finding:
    held = f"a patch at {_place(one, grid)} turns" if grid else f"values of {counted(len(one.columns), 'column')} turn"
    others = "those of other classes" if grid else "honest models"
    return Finding(
        "backdoor.trigger",
        Severity.WARNING,
        f"{held} {one.success:.0%} of rows of other classes to class number {one.target + 1}; {others} turn "
        f"{one.explained:.0%}",
        where=", ".join(_names(one, model)),
        hint="do not use the model until it is known why; look for rows with these values (data.poisoning)",
    )


def _place(one: Suspect, grid: tuple[int, ...]) -> str:
    row, column = Grid.of(grid, prod(grid)).place(one.columns[0])
    return f"row {row + 1}, column {column + 1}, of {len(one.columns)} pixels,"


def _names(one: Suspect, model: ModelUnderTest) -> list[str]:
    names = [feature.name for feature in (*model.signature.numeric, *model.signature.categorical)]
    return [names[place] for place in one.columns]


def _told(one: Suspect, model: ModelUnderTest, grid: tuple[int, ...]) -> dict[str, Json]:
    numbers, texts = model.signature.numeric, model.signature.categorical
    values: dict[str, Json] = {numbers[p].name: _number(v) for p, v in one.trigger.numeric.items()}
    values |= {texts[place].name: text for place, text in one.trigger.categorical.items()}
    told: dict[str, Json] = {
        "class": one.target,
        "values": values,
        "success": one.success,
        "explained": one.explained,
        "anomaly": one.anomaly,
    }
    if grid:
        places = [Grid.of(grid, prod(grid)).place(column) for column in one.trigger.numeric]
        told |= {"grid": list(grid[-2:]), "pixels": [list(place) for place in places]}
    return told


def _number(value: float) -> Json:
    return None if np.isnan(value) else value
