"""What goes together: every pair of the table is refused with its line, and every pair beside it trains a model."""

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
import yaml

from secmlops.attack.evasion.adversary import Adversary
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.project import load_project
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training import fitting
from secmlops.training.combinations import TABLE, clashes, given_settings
from secmlops.training.compress import apart
from secmlops.training.compress.settings import CompressSettings, Scheme, Student
from secmlops.training.environment import REQUIRED
from secmlops.training.job import Orders
from secmlops.training.private.plan import plan_of
from secmlops.training.private.settings import PrivateTraining
from secmlops.training.robust.robustness import Robustness
from secmlops.training.robust.settings import RobustSettings
from secmlops.training.transport import array_to_bytes, table_to_bytes

IN_FILE = {
    "private": {"epsilon": 3, "delta": 1e-5},
    "robust": {"budget": 0.5},
    "compress": {},
    "recalibrate": "platt",
    "reweigh": "group",
    "references": 4,
    "entry": "train.py:fit",
    "private.rows_per_person": 2,
    "robust.mixup": 0.2,
    "compress.prune": 0.5,
    "compress.leaves": 0.5,
    "compress.quantise": "int8",
}
PAIRS = [
    pytest.param(s, o, id=f"{s} x {o}") for rule in TABLE for s, o in itertools.product(rule.settings, rule.others)
]
OF_JOBS = ("training.memory", "training.fractions")
"""What no file says, but training again without a person's rows, and the learning curve."""


def file_with(*names: str) -> str:
    """Project file with these settings, and what else they need, each on a line of its own."""
    training: dict[str, Any] = {}
    task = "regression" if "training.model: linear_regression" in names else "binary_classification"
    for name in names:
        key, _, value = name.removeprefix("training.").partition(": ")
        if key == "task":
            task = value
            continue
        section, _, inner = key.partition(".")
        given = float(value) if value.isdigit() else value or IN_FILE[key]
        if inner:
            training.setdefault(section, dict(IN_FILE[section]))[inner] = given
        else:
            training.setdefault(section, dict(given) if isinstance(given, dict) else given)
    if "compress" in training and not training["compress"]:
        training["compress"] = {"distil": "linear"}
    if not {"model", "entry"} & set(training):
        trees = {"prune", "leaves"} & set(training.get("compress", ()))
        linear = "linear_regression" if task == "regression" else "logistic_regression"
        training["model"] = "random_forest" if trees else linear
    data = {"source": "t.csv", "label": "y", "sensitive": ["group"]}
    return yaml.safe_dump({"secmlops": 1, "name": "p", "task": task, "data": data, "training": training})


@pytest.mark.parametrize(("setting", "other"), [p for p in PAIRS if p.values[0] not in OF_JOBS])
def test_a_pair_of_the_table_is_refused_at_its_line_by_both_names(setting: str, other: str) -> None:
    text = file_with(setting, other)
    key, _, value = setting.rpartition(".")[2].partition(": ")
    with pytest.raises(InputError) as refused:
        load_project(text)
    line = 1 + next(n for n, told in enumerate(text.splitlines()) if told.strip().startswith(f"{key}: {value}".strip()))
    assert refused.value.where == f"secmlops.yaml:{line}"
    assert refused.value.what.startswith(f"{setting.partition(': ')[0]}: {value}".strip())
    assert f"does not go with {other}: " in refused.value.what
    assert "\n" not in refused.value.what, "more than this pair is refused"


SIGNATURE = Signature(
    task=Task.BINARY,
    features=tuple(Feature(name=name, kind=FeatureKind.NUMERIC) for name in ("x0", "x1")),
    classes=("no", "yes"),
)
TINY = b"""
from sklearn.ensemble import RandomForestClassifier
def fit(X, y, seed):
    return RandomForestClassifier(4, max_depth=3, random_state=seed).fit(X, y)
"""
TINY_BY_NAME: dict[str, tuple[str, object]] = {
    "private": ("private", PrivateTraining(epsilon=3.0, delta=1e-5)),
    "robust": ("robust", Robustness(RobustSettings(budget=0.5, rounds=1, queries=2), Adversary())),
    "distil linear": ("compress", {"distil": Student.LINEAR}),
    "distil small_tree": ("compress", {"distil": Student.SMALL_TREE}),
    "prune": ("compress", {"prune": 0.5}),
    "leaves": ("compress", {"leaves": 0.5}),
    "int8": ("compress", {"quantise": Scheme.INT8}),
    "recalibrate": ("recalibrate", "platt"),
    "reweigh": ("reweigh", "group"),
    "references": ("references", 2),
}


def together(model: str, names: tuple[str, ...]) -> dict[str, Any] | None:
    """Settings of a tiny model with all of ``names``, or None where the table refuses them."""
    given: dict[str, Any] = {}
    for name in names:
        key, value = TINY_BY_NAME[name]
        if isinstance(value, dict):
            if given.setdefault(key, {}).keys() & value.keys():
                return None  # one setting with two values
            value = {**given[key], **value}
        given[key] = value
    if "compress" in given:
        given["compress"] = CompressSettings(compare=False, **given["compress"])
    of_model = {"entry": "train.py:fit", "model": "random_forest"} if model == "entry" else {"model": model}
    robust = {"robust": given["robust"].settings} if "robust" in given else {}
    facts = given_settings(Task.BINARY, {**of_model, **given, **robust})
    return None if list(clashes(facts)) else given


def left_by(folder: Path, model: str, given: dict[str, Any]) -> bytes:
    """The model that the work of the child leaves in a ``folder``, on sixty rows of two numbers."""
    draw = np.random.default_rng(1)
    numbers = draw.normal(size=(60, 2)).astype(np.float32)
    target = (numbers[:, 0] > 0).astype(np.int64)
    if "private" in given:
        given["private"] = plan_of(given["private"], SIGNATURE, model)
    fixed = {"function": "fit", "file": "train.py", "seed": 1, "fractions": (), "frame": "arrow"}
    named = None if model == "entry" else model
    orders = Orders(signature=SIGNATURE, model=named, **fixed, **{**given, "reweigh": "reweigh" in given})
    rows = table_to_bytes(pa.table({"x0": numbers[:, 0], "x1": numbers[:, 1]}))
    files = {"orders.json": msgspec.json.encode(orders), "train.arrow": rows, "holdout.arrow": rows, "train.py": TINY}
    files |= {"target.npy": array_to_bytes(target), "groups.npy": array_to_bytes(np.arange(60) % 2)}
    left = done(fitting.run, folder / "fit", files)
    return (done(apart.run, folder / "apart", files | left) if "unseen.bin" in left else left)["model.onnx"]


def done(work: Callable[[Path], None], folder: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    """What ``work`` leaves that finds these ``files``."""
    for name in ("in", "out"):
        (folder / name).mkdir(parents=True)
    for name, data in files.items():
        (folder / "in" / name).write_bytes(data)
    work(folder)
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


def test_every_pair_that_is_not_in_the_table_trains_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(fitting, "imported_packages", lambda: REQUIRED)
    monkeypatch.delitem(sys.modules, "train", raising=False)
    trained = 0
    for names in itertools.combinations(TINY_BY_NAME, 2):
        found = ((model, together(model, names)) for model in ("entry", "logistic_regression"))
        model, given = next((one for one in found if one[1] is not None), ("", None))
        if given is None:
            continue
        made = left_by(tmp_path / " ".join(names), model, given)
        answers = Predictor(made, SIGNATURE).predict(Inputs(np.eye(2, dtype=np.float32), np.empty((2, 0), object)))
        assert answers.sum(axis=1) == pytest.approx(1, abs=1e-5), names
        trained += 1
    assert trained == 22


def test_the_reference_shows_the_whole_table() -> None:
    shown = (Path(__file__).parents[3] / "docs/reference/project-file.md").read_text(encoding="utf-8")
    assert [rule.why for rule in TABLE if rule.settings[0] not in OF_JOBS and f"| {rule.why} |" not in shown] == []
