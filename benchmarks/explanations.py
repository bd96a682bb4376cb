"""Shapley values of a forest beside shap: exact ones by trees, and estimates that see the ONNX model's answers only.

All take the same 50 background rows. The kernel method of shap is run with more and more samples, as it comes (then it
keeps ten features of a row, ``l1_reg``) and with all features kept; the error is the root mean square of the difference
from shap's exact values, in probability.

    python benchmarks/explanations.py
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from peers.environments import Environment, NotInstalledError
from secmlops.core.task import Task
from secmlops.explain.making import Making, make_explainer, make_sampler
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training.export import export

SHAP = Environment("shap", ("shap==0.51.0", "scikit-learn", "onnxruntime"), ("shap", "scikit-learn", "onnxruntime"))
COLUMNS, BACKGROUND = 15, 50
SAMPLES = (64, 128, 256, 512, 1024, 2048, 4096, 8192)
WALKS = (1, 2, 4, 8, 16)
CONSOLE = Console(width=110)
Array = np.ndarray[Any, Any]


def inputs_of(numbers: Array) -> Inputs:
    return Inputs(numbers.astype(np.float32), np.empty((len(numbers), 0), object))


def theirs(arrays: dict[str, Array], model: bytes) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        given, found, onnx = (Path(folder) / name for name in ("given.npz", "found.npz", "model.onnx"))
        np.savez(given, **arrays)
        onnx.write_bytes(model)
        script = Path(__file__).parent / "peers" / "shap_values.py"
        subprocess.run([SHAP.python(), script, given, found, onnx], check=True)
        with np.load(found) as read:
            return dict(read)


def timed(explainer: Any, asked: Inputs, predictor: Predictor) -> tuple[Array, float]:
    explainer.explain(asked.take(slice(0, 1)), predictor)
    began = time.process_time()
    values = explainer.explain(asked, predictor).contributions
    return values, time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--asked", type=int, default=20, help="rows that are explained")
    count = parser.parse_args().asked
    rows, target = make_classification(3_000, COLUMNS, n_informative=8, flip_y=0.1, random_state=4)
    rows = rows.astype(np.float32).astype(np.float64)
    background, asked = rows[:BACKGROUND], rows[BACKGROUND : BACKGROUND + count]
    forest = RandomForestClassifier(100, max_depth=8, random_state=0, n_jobs=1).fit(rows, target)
    features = tuple(Feature(name=f"x{place}", kind=FeatureKind.NUMERIC) for place in range(COLUMNS))
    signature = Signature(task=Task.BINARY, features=features, classes=("no", "yes"))
    model = export(forest, signature)
    predictor = Predictor(model, signature, threads=1)
    exact = timed(
        make_explainer(model, predictor, inputs_of(background), Making(BACKGROUND)), inputs_of(asked), predictor
    )
    sampled = {
        walks: timed(
            make_sampler(predictor, inputs_of(background), Making(BACKGROUND, walks=walks)), inputs_of(asked), predictor
        )
        for walks in WALKS
    }
    given = {"rows": rows, "target": target, "background": background, "asked": asked, "samples": np.array(SAMPLES)}
    try:
        peer = theirs(given, model)
    except NotInstalledError as error:
        CONSOLE.print(f"shap cannot be installed: {error}")
        raise SystemExit(1) from None
    CONSOLE.print(SHAP.versions(), style="dim")
    table = Table(title=f"Shapley values of {count} rows, forest of 100 trees, {COLUMNS} columns", title_justify="left")
    for number, column in enumerate(("method", "error", "CPU ms a row")):
        table.add_column(column, justify="left" if number == 0 else "right")
    told = [("ours, trees", *exact), ("shap, trees", peer["exact"], float(peer["exact_seconds"]))]
    told += [(f"ours, sampled, {walks} walks", *found) for walks, found in sampled.items()]
    for kind, words in (("kernel", "as it comes"), ("whole", "all features")):
        told += [
            (f"shap, kernel, {n}, {words}", peer[f"{kind}{n}"], float(peer[f"{kind}{n}_seconds"])) for n in SAMPLES
        ]
    for name, values, seconds in told:
        error = float(np.sqrt(np.square(values - peer["exact"]).mean()))
        table.add_row(name, f"{error:.1e}", f"{1e3 * seconds / count:.2f}")
    CONSOLE.print(table)


if __name__ == "__main__":
    main()
