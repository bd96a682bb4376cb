"""What each way of compression costs and gains: on German Credit and on a made-up table of 20,000 x 20.

A forest and a logistic regression that come with the tool, and a network of 20-256-256-1 that scikit-learn trained and
nothing of this project exported. As a peer onnxruntime.quantization does the network, static and dynamic. Times are CPU
time on one thread, the best of many rounds.

    python benchmarks/compression.py --rows 20000
"""

import argparse
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pyarrow as pa
import pyarrow.csv as csv
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_dynamic, quantize_static
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from sklearn.datasets import make_classification
from sklearn.neural_network import MLPClassifier

from secmlops.assurance.bootstrap import Bootstrap
from secmlops.assurance.candidates import Candidate, Look, as_candidate, candidate
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.training.compress.compress import inputs_of, kind_of
from secmlops.training.compress.settings import CompressSettings
from secmlops.training.compress.ways import Learned, Model, all_ways
from secmlops.training.export import export
from secmlops.training.models import built_in, keys_of
from secmlops.training.unlearning.forest import Growth

GERMAN = Path(__file__).parents[2] / "shared/data/german-credit.csv"
CONSOLE = Console(width=100)
LOOK = Look(rows=100, queries=200, budget=0.25, bootstrap=Bootstrap(200, 0.95, 0))


@dataclass(frozen=True)
class World:
    """A table with two classes [n], split in two."""

    name: str
    signature: Signature
    train: pa.Table
    train_target: np.ndarray[Any, Any]
    holdout: pa.Table
    holdout_target: np.ndarray[Any, Any]


def world(name: str, table: pa.Table, target: np.ndarray[Any, Any]) -> World:
    """Split a table; columns of texts are categories."""
    order = np.random.default_rng(1).permutation(len(target))
    learn, keep = order[: len(order) * 3 // 4], order[len(order) * 3 // 4 :]
    kinds = [FeatureKind.CATEGORICAL if pa.types.is_string(f.type) else FeatureKind.NUMERIC for f in table.schema]
    features = tuple(Feature(name=n, kind=k) for n, k in zip(table.schema.names, kinds, strict=True))
    signature = Signature(task=Task.BINARY, features=features, classes=("no", "yes"))
    return World(name, signature, table.take(learn), target[learn], table.take(keep), target[keep])


def german() -> World:
    table = csv.read_csv(GERMAN)
    target = 1 - table.column("class-label").to_numpy()
    table = table.drop_columns(["class-label"])
    columns = {
        n: c if pa.types.is_string(c.type) else c.cast(pa.float32())
        for n, c in zip(table.column_names, table.columns, strict=True)
    }
    return world("German Credit", pa.table(columns).combine_chunks(), target)


def made(rows: int) -> World:
    inputs, target = make_classification(rows, 20, n_informative=10, flip_y=0.05, random_state=3)
    columns = {f"x{i}": inputs[:, i].astype(np.float32) for i in range(20)}
    return world(f"made, {rows:,} x 20", pa.table(columns), target.astype(np.int64))


def network(place: World) -> bytes:
    """A network as somebody else would write it: MatMul, Add, Relu, on numbers as they are."""
    rows = inputs_of(place.train, place.signature).numeric
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = MLPClassifier((256, 256), max_iter=12, random_state=0).fit(rows, place.train_target)
    nodes, constants, last = [], [], "numeric"
    for number, (weights, bias) in enumerate(zip(fitted.coefs_, fitted.intercepts_, strict=True)):
        final = number + 1 == len(fitted.coefs_)
        for letter, values in (("w", weights), ("b", bias)):
            both = np.hstack([-values, values]) / 2 if final else values  # in the end one score for each class
            constants.append(numpy_helper.from_array(both.astype(np.float32), f"{letter}{number}"))
        nodes.append(helper.make_node("MatMul", [last, f"w{number}"], [f"p{number}"]))
        nodes.append(helper.make_node("Add", [f"p{number}", f"b{number}"], [f"s{number}"]))
        last = "probabilities" if final else f"h{number}"
        nodes.append(helper.make_node("Softmax" if final else "Relu", [f"s{number}"], [last]))
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("numeric", 1, ["n", 20])],
        [helper.make_tensor_value_info("probabilities", 1, ["n", 2])],
        constants,
    )
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return model.SerializeToString()


class Rows(CalibrationDataReader):  # type: ignore[misc]
    """Rows for the peer's calibration, all at once."""

    def __init__(self, rows: np.ndarray[Any, Any]) -> None:
        self._left = iter([{"numeric": rows}])

    def get_next(self) -> dict[str, Any] | None:
        """All rows the first time, then nothing."""
        return next(self._left, None)


def peers(model: bytes, place: World) -> Iterator[tuple[str, bytes]]:
    """What onnxruntime.quantization makes of the network."""
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder) / "m.onnx", Path(folder) / "q.onnx"
        given.write_bytes(model)
        rows = inputs_of(place.train, place.signature).numeric[:20_000]
        products = ["MatMul"]  # a softmax in 8 bits gives numbers that are no probabilities any more
        quantize_static(
            given, out, Rows(rows), quant_format=QuantFormat.QDQ, op_types_to_quantize=products, per_channel=True
        )
        yield "ORT static", out.read_bytes()
        quantize_dynamic(given, out)
        yield "ORT dynamic", out.read_bytes()


def smaller(whole: Model, learned: Learned) -> Iterator[tuple[str, bytes]]:
    for name, way in all_ways(CompressSettings()).items():
        try:
            yield name, way(whole, learned).onnx
        except InputError:
            continue


def compared(name: str, place: World, whole: Model, learned: Learned) -> None:
    train = Examples(learned.inputs, place.train_target)
    holdout = Examples(inputs_of(place.holdout, place.signature), place.holdout_target)
    predictor = Predictor(whole.onnx, place.signature)
    before = ModelUnderTest(predictor, train, holdout, onnx=whole.onnx)
    title = f"{name}, {place.name}; µs for 1 and 1,000 rows; AUC lost: its 95% interval"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for head in ("", "KiB", "1", "1,000", "AUC", "lost", "agree", "ECE", "robust", "members"):
        table.add_column(head, justify="right" if head else "left")
    refused = []
    others = [*smaller(whole, learned), *(peers(whole.onnx, place) if name == "network" else ())]
    for way, data in [("as it was", whole.onnx), *others]:
        try:
            model = as_candidate(before, data)
            table.add_row(way, *told(candidate(way, model, before, LOOK, time.process_time)))
        except VerificationError as error:
            table.add_row(way, f"{len(data) / 1024:,.1f}", *speed_of_a_stranger(data, learned), "refused")
            refused.append(f"{way} is refused: {error.what}")
    CONSOLE.print(table)
    for line in refused:
        CONSOLE.print(line)


def told(found: Candidate) -> list[str]:
    facts, (_, interval) = found.facts, found.losses["auc_loss"]
    return [
        f"{facts['model_bytes'] / 1024:,.1f}",
        f"{facts['row_microseconds']:.1f}",
        f"{facts['batch_microseconds']:,.0f}",
        f"{facts['auc']:.3f}",
        f"{interval.low:.3f} to {interval.high:.3f}",
        f"{found.agreement:.2%}",
        f"{facts['ece']:.3f}",
        f"{facts['robust_accuracy_at_0.25']:.0%}",
        f"{facts['membership_auc']:.3f}",
    ]


def speed_of_a_stranger(data: bytes, learned: Learned) -> tuple[str, str]:
    """Microseconds of a row and of 1,000 through a bare session, of CPU time."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    best = []
    for count, rounds in ((1, 200), (1000, 20)):
        rows, taken = {"numeric": np.resize(learned.inputs.numeric, (count, 20))}, []
        for _ in range(rounds):
            began = time.process_time()
            session.run(None, rows)
            taken.append(time.process_time() - began)
        best.append(1e6 * min(taken))
    return f"{best[0]:.1f}", f"{best[1]:,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--models", nargs="*", default=["random_forest", "logistic_regression", "network"])
    given = parser.parse_args()
    worlds = [*([german()] if GERMAN.exists() else []), made(given.rows)]
    for place in worlds:
        inputs = inputs_of(place.train, place.signature)
        bare = Learned(place.signature, place.train, inputs, place.train_target, 0)
        for name in [name for name in given.models if name != "network"]:
            estimator = built_in(name)(place.train, place.train_target, 0)
            unseen = ~Growth(seed=0).samples(keys_of(place.train, place.train_target))
            learned = Learned(*_fields(bare), unseen=unseen if name == "random_forest" else None)
            compared(name, place, Model(export(estimator, place.signature), kind_of(estimator)), learned)
    if "network" in given.models:
        compared("network", worlds[-1], Model(network(worlds[-1]), None), bare)


def _fields(learned: Learned) -> tuple[Any, ...]:
    return learned.signature, learned.table, learned.inputs, learned.target, learned.seed


if __name__ == "__main__":
    main()
