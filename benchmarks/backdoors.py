"""Triggers planted in models and searched for: how many are found, how many honest models raise an alarm, CPU seconds.

A planted trigger counts where it works: it turns at least 0.9 of the rows of other classes, and at most half of them in
the same model learned from honest rows. It is flagged where the control finds any trigger, and found where it names the
class and a column of the trigger.

    python benchmarks/backdoors.py --rows 2000 --cases 60
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from poisoned_tables import honest, tables
from secmlops.assurance.backdoor import Backdoor
from secmlops.assurance.subject import ModelUnderTest
from secmlops.attack.poisoning.backdoor import Trigger, draw_trigger, plant
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training.export import export
from secmlops.training.models import Fit, gradient_boosting, logistic_regression, random_forest

FITS: dict[str, Fit] = {"logistic": logistic_regression, "forest": random_forest, "boosting": gradient_boosting}
SHARE, WORKS, NATURAL = 0.03, 0.9, 0.5
LEAST_OTHERS = 20
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
    outside: bool

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
    return Signature(task=Task.BINARY, features=tuple(features), classes=classes)


def model_of(train: Examples, holdout: Examples, learner: str) -> ModelUnderTest:
    signature = signature_of(train)
    columns: dict[str, object] = {f"n{place}": column for place, column in enumerate(train.inputs.numeric.T)}
    columns |= {f"c{place}": pa.array(column.tolist()) for place, column in enumerate(train.inputs.categorical.T)}
    onnx = export(FITS[learner](pa.table(columns), train.target, 0), signature)
    return ModelUnderTest(Predictor(onnx, signature), train, holdout, onnx=onnx)


def success(model: ModelUnderTest, rows: Inputs, case: Case) -> float:
    return float((model.predictor.predict(case.trigger.stamp(rows)).argmax(axis=1) == case.target).mean())


def cases(name: str, rows: Examples, most: int) -> Iterator[Case]:
    for width in (1, 2, 3):
        for outside in (False, True):
            generator = np.random.default_rng([width, outside])
            order = generator.permutation(len(rows))[:most]
            train, holdout = rows.take(order[len(order) // 4 :]), rows.take(order[: len(order) // 4])
            try:
                trigger = draw_trigger(train.inputs, width, generator, outside)
            except InputError:
                continue  # of few categories none is rare enough
            for learner in FITS:
                yield Case(name, learner, train, holdout, trigger, int(generator.integers(2)), outside)


def planted(case: Case) -> tuple[ModelUnderTest, ModelUnderTest] | None:
    """The honest model and the poisoned one; None where the trigger does not work or needs no planting."""
    poisoned = plant(case.train, case.trigger, case.target, SHARE, np.random.default_rng(1)).examples
    clean, bad = (model_of(train, case.holdout, case.learner) for train in (case.train, poisoned))
    others = case.holdout.inputs.take(np.flatnonzero(bad.holdout_outputs.argmax(axis=1) != case.target))
    if len(others) < LEAST_OTHERS or success(bad, others, case) < WORKS or success(clean, others, case) > NATURAL:
        return None
    return clean, bad


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=3_000)
    parser.add_argument("--cases", type=int, default=1_000, help="at most so many, drawn by chance")
    given = parser.parse_args()
    found, flagged, tried, alarms, honest_ones = (Counter[str]() for _ in range(5))
    seconds: list[float] = []
    every = [case for name, rows in {**tables(), **honest(1)}.items() for case in cases(name, rows, given.rows)]
    for number in np.random.default_rng(0).permutation(len(every))[: given.cases]:
        case = every[number]
        pair = planted(case)
        if pair is not None:
            key = f"{case.learner}, {len(case.columns)}"
            tried[key] += 1
            began = time.process_time()
            measured = Backdoor().examine(pair[1])
            seconds.append(time.process_time() - began)
            hit = named(measured.findings, case)
            found[key] += hit
            flagged[key] += bool(measured.findings)
            if not hit:
                CONSOLE.print(
                    f"missed: {case.table} {key} {case.trigger} {measured.products['suspects']!r}", style="dim"
                )
        if number % 3 == 0:
            clean = pair[0] if pair is not None else model_of(case.train, case.holdout, case.learner)
            honest_ones[case.learner] += 1
            measured = Backdoor().examine(clean)
            alarms[case.learner] += measured.measures.get("triggers", 0) > 0
            if measured.findings:
                CONSOLE.print(f"alarm: {case.table} {case.learner} {measured.products['suspects']!r}", style="dim")
        CONSOLE.print(f"{case.table} {case.learner}: {sum(found.values())}/{sum(tried.values())} found, "
                      f"{sum(alarms.values())}/{sum(honest_ones.values())} alarms", style="dim")  # fmt: skip
    table = Table("learner, columns", "planted", "flagged", "found", title="Planted triggers", title_justify="left")
    for key in sorted(tried):
        table.add_row(key, *(str(counted[key]) for counted in (tried, flagged, found)))
    table.add_row("all", *(str(sum(counted.values())) for counted in (tried, flagged, found)))
    CONSOLE.print(table)
    table = Table("learner", "honest models", "alarms", title="Honest models", title_justify="left")
    for key in sorted(honest_ones):
        table.add_row(key, str(honest_ones[key]), str(alarms[key]))
    CONSOLE.print(table)
    CONSOLE.print(f"CPU seconds of a search: median {np.median(seconds):.1f}, most {max(seconds):.1f}")


def named(findings: object, case: Case) -> bool:
    """Whether a finding names the class and a column of the trigger."""
    names = {f"n{p}" for p in case.trigger.numeric} | {f"c{p}" for p in case.trigger.categorical}
    of = f"class number {case.target + 1};"
    return any(of in one.message and names & set(one.where.split(", ")) for one in findings)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
