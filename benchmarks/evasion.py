"""Rows changed to get another answer, beside ART and Foolbox: how little it takes at the same number of queries.

HopSkipJump: median L2 distance after the queries that ART put in ten steps, and CPU seconds; on a forest that ART runs
in scikit-learn, on the same forest in ONNX, and on a small network in ONNX. Ours starts from rows of another class that
the attacker has, 1,000 for all, or (`from random`) knows none, like ART; Foolbox, whose own search for a start takes
minutes on such models, is given the nearest row of another class. PGD: accuracy left at a budget, and CPU
seconds; ART goes through PyTorch. Every changed row is judged by the same model afterwards.

    python benchmarks/evasion.py --rows 100
"""

import argparse
import json
import os
import pickle
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_digits, make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier

from peers.environments import Environment, NotInstalledError
from secmlops.attack.evasion.attack import Attack, Knowledge
from secmlops.attack.evasion.automatic import Automatic
from secmlops.attack.evasion.boundary import Boundary
from secmlops.attack.evasion.hunt import Effort, Targets
from secmlops.attack.evasion.perturbations import Norm, Perturbations
from secmlops.attack.evasion.projected import Projected
from secmlops.attack.evasion.trial import Setting, Trial, attack_all
from secmlops.core.task import Task
from secmlops.runtime.gradient.slope import Slope
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

TORCH = "torch>=2.6,<2.14"
ART = Environment(
    "art",
    ("adversarial-robustness-toolbox==1.20.1", "packaging", "scikit-learn", "onnxruntime", TORCH),
    ("adversarial-robustness-toolbox", "scikit-learn", "torch", "onnxruntime"),
)
FOOLBOX = Environment(
    "foolbox", ("foolbox==3.3.4", "scikit-learn", "onnxruntime", TORCH), ("foolbox", "torch", "onnxruntime")
)
STEPS, QUERIES, POOL = 10, 2_360, 1_000
PEER_SECONDS = 100
FEW = 5
"""Rows that ART attacks on the forest in scikit-learn: seconds a row."""
CONSOLE = Console(width=100)


@dataclass(frozen=True)
class Case:
    """A model with rows that it has right, and the files that the peers read."""

    name: str
    predictor: Predictor
    onnx: bytes
    rows: Inputs
    truth: np.ndarray[Any, np.dtype[np.int64]]
    pool: Inputs
    bounds: tuple[float, float]
    folder: Path

    @property
    def file(self) -> str:
        """Path of its files, without an ending."""
        return str(self.folder / self.name)

    def allowed(self, norm: Norm = Norm.L2) -> Perturbations:
        """Every number may move between the bounds, at the same price: what the peers do."""
        width = self.rows.numeric.shape[1]
        return Perturbations(
            low=np.full(width, self.bounds[0]),
            high=np.full(width, self.bounds[1]),
            unit=np.ones(width),
            integer=np.zeros(width, bool),
            choices=(),
            price=np.empty(0),
            sums=np.empty((0, width)),
            norm=norm,
        )

    def starts(self) -> np.ndarray[Any, Any]:
        """For each row the nearest of the pool that the model calls otherwise."""
        called = self.predictor.predict(self.pool).argmax(axis=1)
        apart = ((self.rows.numeric[:, None] - self.pool.numeric) ** 2).sum(axis=2)
        apart[called == self.truth[:, None]] = np.inf
        return self.pool.numeric[apart.argmin(axis=1)]

    def judged(self, changed: np.ndarray[Any, Any]) -> tuple[float, float]:
        """Median distance of the rows (infinite where the answer is still right), and the share still right."""
        rows = Inputs(np.asarray(changed, np.float32), self.rows.categorical)
        right = self.predictor.predict(rows).argmax(axis=1) == self.truth
        distance = np.linalg.norm(rows.numeric.astype(np.float64) - self.rows.numeric, axis=1)
        return float(np.median(np.where(right, np.inf, distance))), float(right.mean())


def cases(count: int, folder: Path) -> Iterator[Case]:
    """A forest of 100 trees on 20 numbers, and a network of two hidden layers on images of 64 grey values."""
    table, target = make_classification(3_000, 20, n_informative=10, class_sep=1.0, random_state=0)
    table = (table - table.mean(axis=0)) / table.std(axis=0)
    forest = RandomForestClassifier(100, random_state=0, n_jobs=1)
    yield made("forest", forest, (table.astype(np.float32), target), (2_000, count, folder))
    images, digits = load_digits(return_X_y=True)
    network = MLPClassifier((128, 64), random_state=0, max_iter=60)
    yield made("network", network, ((images / 16).astype(np.float32), digits), (1_200, count, folder))


def made(name: str, estimator: Any, data: tuple[Any, Any], sizes: tuple[int, int, Path]) -> Case:
    (table, target), (train, count, folder) = data, sizes
    estimator.fit(table[:train], target[:train])
    options = {id(estimator): {"zipmap": False}}
    types = [("numeric", FloatTensorType([None, table.shape[1]]))]
    model = convert_sklearn(estimator, initial_types=types, options=options, target_opset=17)
    for output in [o for o in model.graph.output if o.name != "probabilities"]:
        model.graph.output.remove(output)
    onnx = model.SerializeToString()
    classes = tuple(str(one) for one in estimator.classes_)
    features = tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(table.shape[1]))
    task = Task.BINARY if len(classes) == 2 else Task.MULTICLASS
    predictor = Predictor(onnx, Signature(task=task, features=features, classes=classes))
    tested = numbers(table[train:])
    right = np.flatnonzero(predictor.predict(tested).argmax(axis=1) == target[train:])[:count]
    case = Case(
        name,
        predictor,
        onnx,
        tested.take(right),
        target[train:][right].astype(np.int64),
        numbers(table[:POOL]),
        (float(table.min()), float(table.max())),
        folder,
    )
    write(case, estimator)
    return case


def write(case: Case, estimator: Any) -> None:
    """Write what the peers read."""
    Path(f"{case.file}.onnx").write_bytes(case.onnx)
    Path(f"{case.file}.pickle").write_bytes(pickle.dumps(estimator))
    rows = {"rows": case.rows.numeric, "truth": case.truth, "low": case.bounds[0], "high": case.bounds[1]}
    rows["starts"] = case.starts()
    np.savez(f"{case.file}.npz", **rows, classes=len(case.predictor.signature.classes))
    some = {"rows": case.rows.numeric[:FEW], "truth": case.truth[:FEW]}
    np.savez(f"{case.file}-few.npz", **{**rows, **some}, classes=len(case.predictor.signature.classes))
    if hasattr(estimator, "coefs_"):
        layers = {f"weights{i}": w.astype(np.float32) for i, w in enumerate(estimator.coefs_)}
        layers |= {f"bias{i}": b.astype(np.float32) for i, b in enumerate(estimator.intercepts_)}
        np.savez(f"{case.file}-layers.npz", **layers)


def numbers(values: Any) -> Inputs:
    return Inputs(np.asarray(values, np.float32), np.empty((len(values), 0), object))


def peer(environment: Environment, script: str, case: Case, **task: Any) -> dict[str, Any] | None:
    """What a peer found, with its changed rows; None where it cannot be installed or does not end."""
    answer = case.folder / "answer.npz"
    given = {"rows": f"{case.file}.npz", "model": f"{case.file}.onnx", "answer": str(answer), "steps": STEPS, **task}
    try:
        python = environment.python()
    except NotInstalledError as error:
        CONSOLE.print(f"{environment.name}: not installed ({error})")
        return None
    command = [python, str(Path(__file__).parent / "peers" / script), json.dumps(given)]
    limits = os.environ | {"OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=limits, check=True, timeout=PEER_SECONDS)
    except subprocess.TimeoutExpired:
        CONSOLE.print(f"{environment.name}, {case.name}: not done after {PEER_SECONDS} s")
        return None
    return {**json.loads(done.stdout.splitlines()[-1]), "changed": np.load(answer)["changed"]}


def ours(case: Case, attack: Attack, effort: Effort, knowledge: Knowledge, norm: Norm = Norm.L2) -> tuple[Trial, float]:
    """What an attack of ours found, and its CPU seconds."""
    setting = Setting(Targets(case.rows, case.truth), case.predictor.predict, case.allowed(norm), effort)
    start = time.process_time()
    trial = attack_all(setting, knowledge, [attack], seed=0)
    return trial, time.process_time() - start


def decisions(case: Case) -> Iterator[tuple[str, ...]]:
    """Rows of the table of HopSkipJump; ratios are to ART on the same ONNX model."""
    art = peer(ART, "art_evasion.py", case, kind="onnx", attack="hop_skip_jump")
    base = (case.judged(art["changed"])[0], art["cpu"]) if art else (np.nan, np.nan)
    if art:
        yield told(case.name, "ART, ONNX", art["queries"], *base, base)
    foolbox = peer(FOOLBOX, "foolbox_evasion.py", case)
    if foolbox:
        yield told(
            case.name, "Foolbox, ONNX", foolbox["queries"], case.judged(foolbox["changed"])[0], foolbox["cpu"], base
        )
    if case.name == "forest":
        few = peer(
            ART, "art_evasion.py", case, kind="sklearn", attack="hop_skip_jump",
            rows=f"{case.file}-few.npz", model=f"{case.file}.pickle",
        )  # fmt: skip
        if few:
            share = len(case.truth) / FEW
            some = Case(**{**vars(case), "rows": case.rows.take(slice(0, FEW)), "truth": case.truth[:FEW]})
            yield told(case.name, "ART, scikit-learn (few rows)", few["queries"], some.judged(few["changed"])[0],
                       few["cpu"] * share, base)  # fmt: skip
    start = time.process_time()
    outputs = case.predictor.predict(case.pool)
    asking = time.process_time() - start
    nobody = Knowledge(case.pool.take(slice(0, 0)), outputs[:0])
    for name, queries, knowledge in (
        ("ours", QUERIES, Knowledge(case.pool, outputs)),
        ("ours, from random", QUERIES, nobody),
        ("ours, a quarter of the queries", QUERIES // 4, Knowledge(case.pool, outputs)),
    ):
        trial, cpu = ours(case, Boundary(), Effort(queries), knowledge)
        mean = float(trial.attempts[0].queries.mean())
        yield told(case.name, name, mean, case.judged(trial.changed.numeric)[0], cpu + asking, base)


def told(
    model: str, attacker: str, queries: float, distance: float, cpu: float, base: tuple[float, float]
) -> tuple[str, ...]:
    ratio, speed = distance / base[0], base[1] / cpu
    return model, attacker, f"{queries:,.0f}", f"{distance:.3f}", f"{ratio:.2f}", f"{cpu:.2f}", f"{speed:.1f}"


def slopes(case: Case) -> Iterator[tuple[str, ...]]:
    """Rows of the table of PGD, at budgets of both norms."""
    slope = Slope.of(case.onnx, case.predictor, case.pool)
    if isinstance(slope, str):
        raise TypeError(slope)
    knowledge = Knowledge(case.pool, case.predictor.predict(case.pool), slope.gradient)
    for norm, budget in ((Norm.L2, 0.5), (Norm.L2, 0.75), (Norm.LINF, 0.1)):
        setting = {"norm": str(norm), "budget": budget, "stride": 0.1, "restarts": 1}
        art = peer(ART, "art_evasion.py", case, kind="torch", attack="pgd", model=f"{case.file}-layers.npz",
                   **{**setting, "steps": 40})  # fmt: skip
        base = art["cpu"] if art else np.nan
        if art:
            yield f"{norm} {budget}", "ART, PyTorch", f"{case.judged(art['changed'])[1]:.2f}", f"{base:.3f}", "1.0"
        for attack in (Projected(restarts=1), Automatic(restarts=1)):
            trial, cpu = ours(case, attack, Effort(1_000, (budget,)), knowledge, norm)
            left = case.judged(trial.changed.numeric)[1]
            yield f"{norm} {budget}", f"ours, {attack.name}", f"{left:.2f}", f"{cpu:.3f}", f"{base / cpu:.1f}"


def printed(title: str, columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place < 2 else "right")
    for row in rows:
        table.add_row(*row)
        CONSOLE.print(" ".join(row), style="dim")
    CONSOLE.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100, help="under attack")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = list(cases(options.rows, Path(folder)))
        columns = ("model", "attacker", "queries a row", "median L2", "to ART", "CPU s", "times as fast")
        for case in found:
            printed("HopSkipJump", columns, decisions(case))
        columns = ("budget", "attacker", "accuracy left", "CPU s", "times as fast")
        printed("PGD on the network, 40 steps, once from the row and once from beside it", columns, slopes(found[1]))


if __name__ == "__main__":
    main()
