"""Triggers planted in models and searched for: how many are found, how many honest models raise an alarm, CPU seconds.

A planted trigger counts where the model learnt it: of rows of other classes it turns at least 0.8 more than in the same
model learned from honest rows. It is flagged where the control finds any trigger, and found where it names the class
and a column of the trigger. A patch in images is found where one of its pixels is named.

    python benchmarks/backdoors.py --rows 2000 --seed 1
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_digits

from poisoned_tables import tables
from secmlops.assurance.backdoor import Backdoor
from secmlops.assurance.subject import ModelUnderTest
from secmlops.attack.poisoning.backdoor import Trigger, draw_trigger, plant
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training.export import export
from secmlops.training.models import Fit, gradient_boosting, logistic_regression, random_forest
from secmlops.training.network import neural_network

FITS: dict[str, Fit] = {
    "logistic": logistic_regression,
    "forest": random_forest,
    "boosting": gradient_boosting,
    "network": neural_network,
}
SHARE, LEARNT = 0.03, 0.8
LEAST_OTHERS = 20
SIDE, BRIGHT, TARGET = 8, 16.0, 3
PLACES = (0, 45)
CONSOLE = Console(width=110)


@dataclass(frozen=True)
class Case:
    """A table in two parts, a trigger of so many columns in or ``outside`` of what honest rows hold, and a learner."""

    table: str
    learner: str
    train: Examples
    holdout: Examples
    trigger: Trigger
    target: int
    outside: bool = False
    grid: tuple[int, ...] = ()

    @property
    def columns(self) -> set[int]:
        """Columns of the trigger, numeric ones first."""
        return {*self.trigger.numeric, *(self.train.inputs.numeric.shape[1] + p for p in self.trigger.categorical)}


def signature_of(rows: Examples) -> Signature:
    features = []
    for place, column in enumerate(rows.inputs.numeric.T):
        known = column[np.isfinite(column)]
        bounds = {"minimum": float(known.min()), "maximum": float(known.max())}
        nullable = bool(np.isnan(column).any())
        features.append(Feature(name=f"n{place}", kind=FeatureKind.NUMERIC, nullable=nullable, **bounds))
    for place, texts in enumerate(rows.inputs.categorical.T):
        known_texts = tuple(sorted(set(texts.tolist()) - {""}))
        features.append(Feature(name=f"c{place}", kind=FeatureKind.CATEGORICAL, categories=known_texts))
    classes = tuple(str(one) for one in range(int(rows.target.max()) + 1))
    task = Task.BINARY if len(classes) == 2 else Task.MULTICLASS
    return Signature(task=task, features=tuple(features), classes=classes)


def model_of(train: Examples, holdout: Examples, learner: str) -> ModelUnderTest:
    signature = signature_of(train)
    columns: dict[str, object] = {f"n{place}": column for place, column in enumerate(train.inputs.numeric.T)}
    columns |= {f"c{place}": pa.array(column.tolist()) for place, column in enumerate(train.inputs.categorical.T)}
    onnx = export(FITS[learner](pa.table(columns), train.target, 0), signature)
    return ModelUnderTest(Predictor(onnx, signature), train, holdout, onnx=onnx)


def success(model: ModelUnderTest, rows: Inputs, case: Case) -> float:
    return float((model.predictor.predict(case.trigger.stamp(rows)).argmax(axis=1) == case.target).mean())


def cases(name: str, rows: Examples, most: int, seed: int) -> Iterator[Case]:
    """Triggers of one to three columns in and outside of what is held, each in half of the learners."""
    for number, (width, outside) in enumerate(product((1, 2, 3), (False, True))):
        generator = np.random.default_rng([seed, width, outside, len(name)])
        order = generator.permutation(len(rows))[:most]
        train, holdout = rows.take(order[len(order) // 4 :]), rows.take(order[: len(order) // 4])
        try:
            trigger = draw_trigger(train.inputs, width, generator, outside)
        except InputError:
            continue  # of few categories none is rare enough
        target = int(generator.integers(2))
        for learner in list(FITS)[(number + len(name)) % 2 :: 2]:
            yield Case(name, learner, train, holdout, trigger, target, outside)


def pictures(seed: int) -> Iterator[Case]:
    """Digits of 8 by 8 pixels, with a bright patch of 2 by 2 in a corner, and a mixed one where there is ink."""
    pixels, classes = load_digits(return_X_y=True)
    rows = Examples(Inputs(pixels.astype(np.float32), np.empty((len(pixels), 0), object)), classes.astype(np.int64))
    order = np.random.default_rng(seed).permutation(len(rows))
    train, holdout = rows.take(order[600:]), rows.take(order[:600])
    for at, dark in zip(PLACES, (BRIGHT, 0.0), strict=True):
        patch = Trigger({at: BRIGHT, at + 1: dark, at + SIDE: dark, at + SIDE + 1: BRIGHT})
        for learner in FITS:
            yield Case("digits", learner, train, holdout, patch, TARGET, grid=(SIDE, SIDE))


def planted(case: Case) -> tuple[ModelUnderTest, ModelUnderTest, bool]:
    """The honest model, the poisoned one, and whether it learnt the trigger."""
    poisoned = plant(case.train, case.trigger, case.target, SHARE, np.random.default_rng(1)).examples
    clean, bad = (model_of(train, case.holdout, case.learner) for train in (case.train, poisoned))
    others = case.holdout.inputs.take(np.flatnonzero(bad.holdout_outputs.argmax(axis=1) != case.target))
    learnt = len(others) >= LEAST_OTHERS and success(bad, others, case) - success(clean, others, case) >= LEARNT
    return clean, bad, learnt


@dataclass
class Tally:
    """What came of the cases, by learner and number of columns, and of honest models, by learner."""

    planted: Counter[str] = field(default_factory=Counter)
    learnt: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    honest: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def searched(self, model: ModelUnderTest, case: Case) -> Examination:
        """Search, and keep the time that it took."""
        began = time.process_time()
        measured = Backdoor(grid=case.grid).examine(model)
        self.seconds.append(time.process_time() - began)
        return measured

    def add(self, number: int, case: Case) -> None:
        """Plant, and search where it was learnt; of every third case the honest model as well."""
        clean, bad, learnt = planted(case)
        key = f"{case.learner}, {'patch' if case.grid else len(case.columns)}"
        self.planted[key] += 1
        if learnt:
            measured = self.searched(bad, case)
            hit = named(measured.findings, case)
            self.learnt[key] += 1
            self.found[key] += hit
            self.flagged[key] += bool(measured.findings)
            if not hit:
                told(f"missed: {case.table} {key} {case.trigger} {measured.products.get('suspects')!r}")
        if number % 3 == 0:
            measured = self.searched(clean, case)
            self.honest[case.learner] += 1
            self.alarms[case.learner] += bool(measured.findings)
            if measured.findings:
                told(f"alarm: {case.table} {case.learner} {measured.products['suspects']!r}")
        told(
            f"{case.table} {key}: {self.found.total()} of {self.learnt.total()} learnt found, "
            f"{self.alarms.total()} alarms of {self.honest.total()}"
        )

    def show(self) -> None:
        """Print the counts."""
        counts = (self.planted, self.learnt, self.flagged, self.found)
        table = Table("learner, columns", "planted", "learnt", "flagged", "found", title="Planted triggers")
        for key in sorted(self.planted):
            table.add_row(key, *(str(counted[key]) for counted in counts))
        table.add_row("all", *(str(counted.total()) for counted in counts))
        CONSOLE.print(table)
        table = Table("learner", "honest models", "alarms", title="Honest models")
        for key in sorted(self.honest):
            table.add_row(key, str(self.honest[key]), str(self.alarms[key]))
        CONSOLE.print(table)
        CONSOLE.print(f"CPU seconds of a search: median {np.median(self.seconds):.1f}, most {max(self.seconds):.1f}")


def told(line: str) -> None:
    CONSOLE.print(line, style="dim", markup=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--cases", type=int, default=1_000, help="at most so many, drawn by chance")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    every = [case for name, rows in tables(given.seed).items() for case in cases(name, rows, given.rows, given.seed)]
    every += pictures(given.seed)
    tally = Tally()
    for number, at in enumerate(np.random.default_rng(0).permutation(len(every))[: given.cases]):
        tally.add(number, every[at])
    tally.show()


def named(findings: object, case: Case) -> bool:
    """Whether a finding names the class and a column of the trigger."""
    names = {f"n{p}" for p in case.trigger.numeric} | {f"c{p}" for p in case.trigger.categorical}
    of = f"class number {case.target + 1};"
    return any(of in one.message and names & set(one.where.split(", ")) for one in findings)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
