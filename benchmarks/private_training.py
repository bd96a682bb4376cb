"""What privacy costs a model: AUC at epsilon 0.1, 1, 3 and 10 beside no privacy, and epsilon beside dp-accounting's.

Means over splits into three quarters and one, fitted once each. German Credit has 1,000 rows of 7 numbers and 14
categories; the made-up table 20,000 of 12 and 4. "given" means that bounds and categories are public, by the code book;
"found" that they are paid from the same epsilon. DP-SGD runs where the extra ``private`` is installed.

    python benchmarks/private_training.py --splits 10
"""

import argparse
import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from sklearn.metrics import roc_auc_score

from peers.environments import Environment, NotInstalledError
from secmlops.core.task import Task
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.training.models import built_in
from secmlops.training.private.fit import private_fit
from secmlops.training.private.gaussian import composed
from secmlops.training.private.plan import plan_of
from secmlops.training.private.settings import PrivateTraining
from secmlops.training.transport import to_table

DP_ACCOUNTING = Environment("dp-accounting", ("dp-accounting==0.6.0",), ("dp-accounting",))
GERMAN = Path(__file__).parents[2] / "shared" / "data" / "german-credit.csv"
CODE_BOOK = {
    "duration": (0.0, 72.0),
    "credit-amount": (0.0, 20_000.0),
    "installment-rate": (1.0, 4.0),
    "residence-since": (1.0, 4.0),
    "age": (18.0, 75.0),
    "existing-credits": (1.0, 4.0),
    "numner-people-provide-maintenance-for": (1.0, 2.0),
}
EPSILONS = (0.1, 1.0, 3.0, 10.0)
DELTA = 1e-5
CONSOLE = Console(width=100)
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class World:
    """A table, its truth, and what of it is public."""

    name: str
    signature: Signature
    table: pa.Table
    target: Array
    public: dict[str, Any]

    @classmethod
    def of(cls, name: str, columns: dict[str, Any], target: Array, bounds: dict[str, tuple[float, float]]) -> "World":
        """Take columns with ``bounds`` for numbers, and the others for categories."""
        kinds = {name: FeatureKind.NUMERIC if name in bounds else FeatureKind.CATEGORICAL for name in columns}
        features = tuple(Feature(name=name, kind=kind) for name, kind in kinds.items())
        signature = Signature(task=Task.BINARY, features=features, classes=("no", "yes"))
        lists = {f.name: tuple(sorted(set(columns[f.name]))) for f in signature.categorical}
        table = to_table(signature.encode(columns), signature)
        return cls(name, signature, table, target, {"bounds": bounds, "categories": lists})


def german() -> World:
    table = pyarrow.csv.read_csv(GERMAN)
    columns = {name: table[name].to_pylist() for name in table.column_names if name != "class-label"}
    return World.of("German Credit", columns, 1 - table["class-label"].to_numpy(), CODE_BOOK)


def made(rows: int) -> World:
    draw = np.random.default_rng(0)
    numbers, groups = draw.normal(0, 20, (rows, 12)) + 50, draw.integers(0, 5, (rows, 4))
    effects = draw.normal(0, 0.5, (4, 5))
    scores = (numbers / 40 - 1.25) @ draw.normal(size=12) + sum(effects[j][groups[:, j]] for j in range(4)) - 1
    columns: dict[str, Any] = {f"number_{i}": numbers[:, i].tolist() for i in range(12)}
    columns |= {f"group_{j}": [f"kind {k}" for k in groups[:, j]] for j in range(4)}
    target = (draw.random(rows) < 1 / (1 + np.exp(-scores))).astype(np.int64)
    return World.of(f"made up, {rows:,} rows", columns, target, {f"number_{i}": (0.0, 100.0) for i in range(12)})


def splits(world: World, count: int) -> Iterator[tuple[Array, Array]]:
    for seed in range(count):
        order = np.random.default_rng(seed).permutation(len(world.target))
        yield order[len(order) // 4 :], order[: len(order) // 4]


def auc(world: World, fit: Callable[..., Any], count: int) -> tuple[float, float]:
    """Mean AUC, and CPU seconds of a fit."""
    found, began = [], time.process_time()
    for train, holdout in splits(world, count):
        estimator = fit(world.table.take(train), world.target[train], 0)
        found.append(roc_auc_score(world.target[holdout], estimator.predict_proba(world.table.take(holdout))[:, 1]))
    return float(np.mean(found)), (time.process_time() - began) / count


def compare(world: World, count: int, models: tuple[str, ...]) -> Table:
    title = f"{world.name}: AUC (CPU s of a fit), bounds and lists of categories found or given"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0)
    for column in ("model", "bounds", *(f"epsilon {e:g}" for e in EPSILONS), "not private"):
        table.add_column(column, justify="left" if column in ("model", "bounds") else "right")
    for model in models:
        plain = auc(world, built_in(model), count)
        for given, settings in (("found", {}), ("given", world.public)):
            cells = []
            for epsilon in EPSILONS:
                asked = PrivateTraining(epsilon=epsilon, delta=DELTA, **settings)
                fit = private_fit(plan_of(asked, world.signature, model), world.signature, model)
                cells.append(auc(world, fit, count))
            table.add_row(model, given, *(f"{a:.3f} ({s:.2f})" for a, s in (*cells, plain)))
    return table


def accountants(world: World, models: tuple[str, ...]) -> Table:
    """Epsilon of the same plans by our accountant and by dp-accounting."""
    plans = [
        (model, asked, plan_of(PrivateTraining(epsilon=asked, delta=DELTA), world.signature, model))
        for model in models
        for asked in EPSILONS
    ]
    lines = [
        f"{p.noise_multiplier!r} {p.sample_rate} {p.steps} {composed(*p.looks)!r} {DELTA - p.categories_delta!r}\n"
        for _, _, p in plans
    ]
    script = Path(__file__).parent / "peers" / "dp_accounting_epsilon.py"
    python = DP_ACCOUNTING.python()
    done = subprocess.run([python, script], input="".join(lines), capture_output=True, text=True, check=True)
    table = Table("model", "asked", "ours", f"theirs ({DP_ACCOUNTING.versions()})", title="Epsilon at delta 1e-5")
    for (model, asked, plan), theirs in zip(plans, done.stdout.split(), strict=True):
        table.add_row(model, f"{asked:g}", f"{plan.epsilon(DELTA):.5f}", f"{float(theirs):.5f}")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description="What private training costs a model.")
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--models", nargs="+", default=["logistic_regression", "neural_network"])
    arguments = parser.parse_args()
    models = tuple(arguments.models)
    if not importlib.util.find_spec("opacus") and "neural_network" in models:
        CONSOLE.print("DP-SGD is left out: the extra `private` is not installed")
        models = tuple(model for model in models if model != "neural_network")
    worlds = [made(arguments.rows)]
    if GERMAN.exists():
        worlds.insert(0, german())
    else:
        CONSOLE.print("German Credit is left out: no ../shared/data/german-credit.csv")
    for world in worlds:
        CONSOLE.print(compare(world, arguments.splits, models))
        sys.stdout.flush()
    try:
        CONSOLE.print(accountants(worlds[0], models))
    except NotInstalledError as error:
        CONSOLE.print(f"dp-accounting is left out: {error}")


if __name__ == "__main__":
    main()
