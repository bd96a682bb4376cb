"""The user's code shares its process with ours, and forges what we report of robustness, fairness and compression."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from sklearn.linear_model import LogisticRegression

from secmlops.attack.evasion.adversary import Adversary
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.project import load_project
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training import run
from secmlops.training.claims import CLAIMED
from secmlops.training.compress import apart
from secmlops.training.compress.settings import CompressSettings, Scheme
from secmlops.training.curve import CurvePoint, curve_to_json
from secmlops.training.environment import REQUIRED, Environment
from secmlops.training.export import export
from secmlops.training.job import Entry, TrainingJob
from secmlops.training.robust.robustness import Robustness
from secmlops.training.robust.settings import RobustSettings
from secmlops.training.run import Run
from secmlops.training.sandbox.isolation import Isolation
from secmlops.training.sandbox.run import Result, Work
from secmlops.training.transport import array_to_bytes

DRAW = np.random.default_rng(3)
NUMBERS = DRAW.normal(size=(60, 2)).astype(np.float32)
TARGET = (NUMBERS[:, 0] > 0).astype(np.int64)
ROWS = Inputs(NUMBERS, np.empty((60, 0), object))
SIGNATURE = Signature(
    task=Task.BINARY,
    features=tuple(Feature(name=name, kind=FeatureKind.NUMERIC) for name in ("age", "income")),
    classes=("no", "yes"),
)
MODEL = export(LogisticRegression().fit(NUMBERS, TARGET), SIGNATURE)
HALVES = np.full((60, 2), 0.5)
POINT = CurvePoint(
    fraction=1.0,
    rows=60,
    seconds=0.1,
    train_rows=list(range(60)),
    train_outputs=HALVES.tolist(),
    holdout_rows=list(range(60)),
    holdout_outputs=HALVES.tolist(),
)
ANSWERS = {
    "model.onnx": MODEL,
    "holdout.npy": array_to_bytes(HALVES),
    "curve.json": curve_to_json([POINT]),
    "environment.json": Environment.here(REQUIRED).to_json(),
}
ISOLATION = Isolation(landlock_abi=7, network_blocked=True, files_isolated=True, processes_blocked=True, limits=True)


def job(**settings: object) -> TrainingJob:
    """A job for code of the user's own."""
    groups = {"sex": np.array(["f", "m"] * 30, object)}
    return TrainingJob(
        Examples(ROWS, TARGET, groups=groups), ROWS, SIGNATURE, entry=Entry(b"x = 1"), fractions=(), **settings
    )


def left(answers: dict[str, bytes]) -> Result:
    return Result(ISOLATION, 1.0, 1.0, 1, b"", answers)


PERFECT, POOR = {"clean": 1.0, "robust": 1.0}, {"clean": 1.0, "robust": 0.1}
EVEN, UNEVEN = {"difference": 0.0, "balanced_accuracy": 1.0}, {"difference": 0.9, "balanced_accuracy": 1.0}
FORGED = {
    "robust": (
        {"robust": Robustness(RobustSettings(budget=0.5), Adversary())},
        {"robust.json": {"budget": 0.5, "rounds": 5, "plain": POOR, "chosen": PERFECT}},
    ),
    "fair": ({"reweigh": "sex"}, {"reweighed.json": {"plain": UNEVEN, "reweighed": EVEN}}),
}


@pytest.mark.parametrize("kind", FORGED)
def test_code_that_forges_what_its_training_came_to(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    settings, reports = FORGED[kind]
    forged = {name: json.dumps(report).encode() for name, report in reports.items()}
    monkeypatch.setattr(run, "run_isolated", lambda *_: left(ANSWERS | forged))
    done = Run().examine(job(**settings))
    assert done.outcome is Outcome.PASSED
    assert not {f"training.run.{name}" for name in done.measures} & set(CLAIMED)
    (finding,) = done.findings
    assert (finding.rule, "measured by nobody" in finding.message) == ("run-claimed", True)


PROJECT = """\
secmlops: 1
name: loans
task: binary_classification
data: {source: t.csv, label: y}
training: {MADE, robust: {budget: 0.5}}
release:
  require:
    MEASURE: ">= 0"
"""


@pytest.mark.parametrize("measure", CLAIMED)
def test_a_condition_on_what_only_that_code_says_of_itself(measure: str) -> None:
    text = PROJECT.replace("MEASURE", measure)
    assert load_project(text.replace("MADE", "model: random_forest"))
    with pytest.raises(InputError, match="only your own training code says so of itself") as refused:
        load_project(text.replace("MADE", "entry: train.py:fit"))
    assert refused.value.where == "secmlops.yaml:8"


def test_code_that_blinds_the_models_its_own_is_held_against() -> None:
    with pytest.raises(InputError, match=r"training\.references does not go with training\.entry"):
        job(references=4)


@pytest.fixture
def sandboxes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[dict[str, bytes]], list[Work]]:
    """The first run is that of hostile code; what is run after it is done here, by our code alone."""
    monkeypatch.setattr("sys.excepthook", None)

    def prepare(forged: dict[str, bytes]) -> list[Work]:
        works: list[Work] = []

        def isolated(work: Work, _: object) -> Result:
            works.append(work)
            if len(works) == 1:
                return left({n: d for n, d in (ANSWERS | forged).items() if n in work.outputs})
            for name in ("in", "out"):
                (tmp_path / name).mkdir()
            for name, data in work.inputs.items():
                (tmp_path / "in" / name).write_bytes(data)
            apart.run(tmp_path)
            return left({p.name: p.read_bytes() for p in (tmp_path / "out").iterdir() if p.name in work.outputs})

        monkeypatch.setattr(run, "run_isolated", isolated)
        return works

    return prepare


def test_code_that_makes_up_a_large_model_equal_to_its_small_one(sandboxes: Callable) -> None:
    padded = onnx.load_from_string(MODEL)
    padded.doc_string = "x" * 100_000
    forged = {"uncompressed.onnx": padded.SerializeToString(), "uncompressed_outputs": array_to_bytes(HALVES)}
    works = sandboxes({**forged, "way-prune.onnx": MODEL})
    done = Run().examine(job(compress=CompressSettings(quantise=Scheme.DYNAMIC, compare=False)))
    assert done.outcome is Outcome.PASSED, done.findings
    assert "train.py" not in works[1].inputs, "the code runs where its model is compressed"
    assert done.products["uncompressed.onnx"] == MODEL
    assert b"MatMulInteger" in done.products["model.onnx"]
    assert not [name for name in done.products if name.startswith("way-")]
    assert done.measures["seconds"] == 2


def test_code_that_lies_about_its_trees_gets_no_model(sandboxes: Callable) -> None:
    sandboxes({"trees.txt": b"../../etc"})
    with pytest.raises(ValueError, match="is not a valid Kind"):
        Run().examine(job(compress=CompressSettings(quantise=Scheme.DYNAMIC, compare=False)))
