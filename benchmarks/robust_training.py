"""Plain and robust training beside each other: accuracy on rows as they are and as an adversary changes them, and time.

Each adversary has its prices: an applicant changes what he says and not what the bank knows, a sensor's drift is cheap.
Robust models are fitted as `training.robust` fits them, on training rows alone; `assurance.evasion` attacks the holdout
rows, with the settings of the columns. On the generated table ART's AdversarialTrainer fits scikit-learn's logistic
regression with PGD, on numbers in units of cost: then a budget is a Euclidean ball, which is all that it knows.

    python benchmarks/robust_training.py --rows 150
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
from pyarrow import csv
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from sklearn.datasets import make_classification

from peers.environments import Environment, NotInstalledError
from secmlops.assurance.evasion import Evasion
from secmlops.assurance.subject import ModelUnderTest
from secmlops.attack.evasion.adversary import Adversary
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.training.export import export
from secmlops.training.models import PENALTY, built_in, linear_classifier
from secmlops.training.robust.robustness import Robustness
from secmlops.training.robust.settings import RobustSettings
from secmlops.training.robust.train import harden
from secmlops.training.transport import to_table

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
ART = Environment(
    "art",
    ("adversarial-robustness-toolbox==1.20.1", "packaging", "scikit-learn"),
    ("adversarial-robustness-toolbox", "scikit-learn"),
)
BUDGETS = (0.1, 0.25, 0.5, 1.0)
BUDGET, CLEAN_LOSS, QUERIES = 0.5, 0.03, 300
ATTACKS = ("hop_skip_jump", "genetic", "apgd")
MODELS = ("logistic_regression", "random_forest", "gradient_boosting", "neural_network")
MIXUP = 0.2
"""Tried for the network, for which it was proposed, beside the same without."""
PEER_SECONDS = 600
CONSOLE = Console(width=100)


@dataclass(frozen=True)
class World:
    """A table in two parts, and what its adversary may do."""

    name: str
    signature: Signature
    train: Examples
    holdout: Examples
    adversary: Adversary

    def attacked(self, estimator: Any, rows: int) -> dict[str, float]:
        """What assurance.evasion measures of the estimator."""
        onnx = export(estimator, self.signature)
        tested = ModelUnderTest(Predictor(onnx, self.signature), self.train, self.holdout, onnx=onnx)
        control = Evasion(
            budgets=BUDGETS, rows=rows, queries=QUERIES, attacks=ATTACKS, fixed=self.adversary.fixed,
            prices=self.adversary.prices,
        )  # fmt: skip
        return dict(control.examine(tested).measures)


def worlds() -> Iterator[World]:
    """German Credit and AI4I 2020, where they are at hand, and a table of 20 numbers."""
    if (DATA / "german-credit.csv").exists():
        said = dict.fromkeys(("purpose", "telephone", "employment-since", "savings-account", "property"), 0.5)
        known = ("age", "sex", "marital-status", "foreign-worker", "checking-account", "credit-history", "duration")
        yield world("german-credit", csv.read_csv(DATA / "german-credit.csv"), "class-label", Adversary(known, said))
    if (DATA / "ai4i2020.csv").exists():
        table = csv.read_csv(DATA / "ai4i2020.csv").drop(["UID", "Product ID", "TWF", "HDF", "PWF", "OSF", "RNF"])
        failed = table["Machine failure"].to_numpy() == 1
        few = failed | (np.random.default_rng(0).random(len(table)) < 3 * failed.mean())
        drift = {"Air temperature [K]": 0.5, "Process temperature [K]": 0.5, "Tool wear [min]": 0.5}
        yield world("ai4i2020", table.filter(pa.array(few)), "Machine failure", Adversary(("Type",), drift))
    rows, target = make_classification(2_400, 20, n_informative=10, class_sep=1.0, random_state=0)
    made = pa.table({**{f"x{place}": column for place, column in enumerate(rows.T)}, "y": target})
    yield world("generated", made, "y", Adversary(prices={f"x{place}": 0.25 for place in range(0, 20, 2)}))


def world(name: str, table: pa.Table, label: str, adversary: Adversary) -> World:
    """Three quarters of the rows to learn from."""
    target = table[label].to_numpy().astype(np.int64)
    features, columns = [], {}
    for field in table.drop([label]).schema:
        column = table[field.name]
        text = pa.types.is_string(field.type)
        columns[field.name] = column.to_pylist() if text else column.to_numpy().astype(np.float64)
        kind = FeatureKind.CATEGORICAL if text else FeatureKind.NUMERIC
        features.append(Feature(name=field.name, kind=kind, integer=pa.types.is_integer(field.type)))
    signature = Signature(task=Task.BINARY, features=tuple(features), classes=("0", "1"))
    whole = Examples(signature.encode(columns), target)
    order = np.random.default_rng(1).permutation(len(target))
    cut = len(order) * 3 // 4
    return World(name, signature, whole.take(order[:cut]), whole.take(order[cut:]), adversary)


def compared(one: World, rows: int) -> Iterator[tuple[str, ...]]:
    """Rows of the table: each model plain and robust, and ART's."""
    data = (to_table(one.train.inputs, one.signature), one.train.target, 0)
    for name in MODELS:
        start = time.process_time()
        plain = built_in(name)(*data)
        seconds = time.process_time() - start
        yield told(one.name, f"{name}, plain", one.attacked(plain, rows), seconds, seconds)
        for mixup in (0.0, MIXUP) if name == "neural_network" else (0.0,):
            settings = RobustSettings(budget=BUDGET, clean_loss=CLEAN_LOSS, mixup=mixup)
            start = time.process_time()
            model = (built_in(name), one.signature)
            estimator, hardened = harden(model, Robustness(settings, one.adversary), data)
            spent = time.process_time() - start
            title = f"{name}, {hardened.rounds} rounds{', mixup' if mixup else ''}"
            yield told(one.name, title, one.attacked(estimator, rows), spent, seconds)
        if name == "logistic_regression" and not one.signature.categorical:
            yield from art(one, (plain, rows, seconds))


def art(one: World, plain: tuple[Any, int, float]) -> Iterator[tuple[str, ...]]:
    """ART's model, put behind the same columns: its weights are of numbers in units of cost."""
    estimator, rows, seconds = plain
    columns = estimator["columns"]
    unit = one.adversary.perturbations(one.signature, one.train.inputs).unit
    scaler = columns.named_transformers_["numeric"]["scale"]
    design = columns.transform(to_table(one.train.inputs, one.signature)) * (scaler.scale_ / unit)
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.npz", Path(folder) / "found.npz"
        np.savez(given, rows=design, target=one.train.target)
        task = {"rows": str(given), "answer": str(found), "budget": BUDGET, "penalty": PENALTY}
        script = Path(__file__).parent / "peers" / "art_robust.py"
        limits = os.environ | {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
        try:
            subprocess.run([ART.python(), script, json.dumps(task)], env=limits, check=True, timeout=PEER_SECONDS)
        except (NotInstalledError, subprocess.TimeoutExpired) as error:
            CONSOLE.print(f"ART: {error}")
            return
        with np.load(found) as arrays:
            answer = dict(arrays)
    weights = np.column_stack([answer["weights"] * (scaler.scale_ / unit), answer["intercept"]])
    model = linear_classifier(columns, np.arange(2), weights)
    yield told(one.name, "logistic_regression, ART", one.attacked(model, rows), float(answer["cpu"]), seconds)


def told(table: str, model: str, measures: dict[str, float], spent: float, plain: float) -> tuple[str, ...]:
    robust = [f"{measures[f'robust_accuracy_at_{budget:g}']:.2f}" for budget in BUDGETS]
    return table, model, f"{measures['clean_accuracy']:.2f}", *robust, f"{spent:.2f}", f"{spent / plain:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=150, help="under attack")
    options = parser.parse_args()
    title = f"right under attack, by budget; trained for {BUDGET:g}; x: times the CPU seconds of plain training"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for column in ("table", "model", "clean", *(f"{budget:g}" for budget in BUDGETS), "CPU s", "x"):
        table.add_column(column, justify="left" if column in {"table", "model"} else "right")
    for one in worlds():
        for row in compared(one, options.rows):
            table.add_row(*row)
            CONSOLE.print(" ".join(row), style="dim")
    CONSOLE.print(table)


if __name__ == "__main__":
    main()
