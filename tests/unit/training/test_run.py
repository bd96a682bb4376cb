"""The control: products, measures, and findings for everything that can go wrong."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import IsolationError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.training import run
from secmlops.training.advice import Advice
from secmlops.training.curve import CurvePoint, curve_from_json, curve_to_json
from secmlops.training.environment import REQUIRED, Environment
from secmlops.training.failure import Failure
from secmlops.training.job import Entry, TrainingJob
from secmlops.training.private.settings import PrivateTraining
from secmlops.training.run import Run
from secmlops.training.sandbox.isolation import Isolation, Requirement
from secmlops.training.sandbox.run import Result
from secmlops.training.transport import array_from_bytes, array_to_bytes

USER_CODE = b"""
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

def train(X, y, seed):
    print("working on", len(X), "rows of", type(X).__name__, np.random.random())
    encode = ColumnTransformer([("c", OneHotEncoder(handle_unknown="ignore"), ["purpose"])])
    return make_pipeline(encode, LogisticRegression(random_state=seed)).fit(X, y)
"""


@pytest.fixture
def job(problem: Callable) -> TrainingJob:
    examples, signature = problem()
    return TrainingJob(
        examples, examples.inputs.take(slice(0, 20)), signature, model="logistic_regression", seed=3, fractions=()
    )


def test_a_run_gives_the_same_model_twice(job: TrainingJob) -> None:
    job = replace(job, fractions=(0.1, 0.3))
    first, second = Run().examine(job), Run().examine(job)
    assert first.outcome is Outcome.PASSED
    assert first.findings == ()
    assert first.products["model.onnx"] == second.products["model.onnx"]
    assert first.products["holdout_outputs"] == second.products["holdout_outputs"]
    inputs = {"numeric": job.holdout.numeric, "categorical": job.holdout.categorical}
    (answers,) = onnxruntime.InferenceSession(first.products["model.onnx"]).run(None, inputs)
    np.testing.assert_allclose(answers, array_from_bytes(first.products["holdout_outputs"]), atol=1e-5)
    points = curve_from_json(first.products["curve"], train=240, holdout=20, outputs=2)
    assert [p.rows for p in points] == [24, 72, 240]
    assert json.loads(first.products["environment"])["packages"]["scikit-learn"]
    assert first.measures["rows"] == 240
    assert first.measures["model_bytes"] == len(first.products["model.onnx"])
    assert first.measures["isolation.network_blocked"] == 1
    assert first.materials["code"] == Digest.of(b"logistic_regression")


def test_the_users_own_code_gets_a_data_frame_if_it_asks(job: TrainingJob) -> None:
    theirs = TrainingJob(
        job.train, job.holdout, job.signature, entry=Entry(USER_CODE, "train"), fractions=(), frame="pandas"
    )
    done = Run().examine(theirs)
    assert done.outcome is Outcome.PASSED, done.findings
    assert set(done.products) == {"model.onnx", "holdout_outputs", "curve", "environment"}
    assert done.materials["code"] == Digest.of(USER_CODE)


def test_an_exception_in_the_users_code_is_a_finding_in_their_file(job: TrainingJob) -> None:
    code = (
        b"def fit(X, y, seed):\n    n = chr(74) + chr(97)\n    raise ValueError(f'cannot read {n!r} of {X.num_rows}')\n"
    )
    theirs = TrainingJob(job.train, job.holdout, job.signature, entry=Entry(code, "fit", "my_model.py"))
    done = Run().examine(theirs)
    (finding,) = done.findings
    assert done.outcome is Outcome.FAILED
    assert (finding.rule, finding.where) == ("code-raised", "my_model.py:3")
    assert finding.message == "ValueError: cannot read '…' of …"
    assert done.products == {}
    assert done.measures["model_bytes"] == 0


ISOLATION = Isolation(landlock_abi=7, network_blocked=True, files_isolated=True, processes_blocked=True, limits=True)
CURVE = curve_to_json(
    [
        CurvePoint(
            fraction=1.0,
            rows=240,
            seconds=0.1,
            train_rows=list(range(240)),
            train_outputs=[[0.5, 0.5]] * 240,
            holdout_rows=list(range(20)),
            holdout_outputs=[[0.5, 0.5]] * 20,
        )
    ]
)


def answered(monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, bytes], **changes: object) -> None:
    """Let the sandbox return ``answers``, as hostile code could make it do."""
    values = {"isolation": ISOLATION, "seconds": 1.0, "cpu_seconds": 1.0, "peak_memory_bytes": 1, "printed": b""}
    result = Result(**{**values, "answers": answers, **changes})  # type: ignore[arg-type]
    monkeypatch.setattr(run, "run_isolated", lambda *_: result)


HONEST = {
    "model.onnx": b"model",
    "holdout.npy": array_to_bytes(np.full((20, 2), 0.5)),
    "curve.json": CURVE,
    "environment.json": Environment.here(REQUIRED).to_json(),
}


def test_honest_answers_pass(monkeypatch: pytest.MonkeyPatch, job: TrainingJob) -> None:
    answered(monkeypatch, HONEST)
    assert Run().examine(job).outcome is Outcome.PASSED


def test_the_accountant_is_asked_not_the_child(monkeypatch: pytest.MonkeyPatch, job: TrainingJob) -> None:
    private = replace(job, private=PrivateTraining(epsilon=3.0, delta=1e-5))
    answered(monkeypatch, HONEST)
    done = Run().examine(private)
    assert done.outcome is Outcome.PASSED
    assert 2.99 < done.measures["private.epsilon"] <= 3
    assert [f.rule for f in done.findings] == ["private-promise", "private-scope"]
    answered(monkeypatch, {**HONEST, "curve.json": b"{}"})
    assert "private.epsilon" not in Run().examine(private).measures, "nothing is promised of no model"


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("holdout.npy", b"\x80\x04.", "cannot be read"),
        ("holdout.npy", array_to_bytes(np.zeros((19, 2))), "not one row for each row"),
        ("holdout.npy", array_to_bytes(np.zeros((20, 2), np.int64)), "not one row for each row"),
        ("holdout.npy", array_to_bytes(np.full((20, 2), np.nan)), "not finite"),
        ("curve.json", b"{}", "learning curve"),
        ("curve.json", b"[]", "other rows"),
        ("environment.json", b"[]", "environment"),
        ("environment.json", Environment.here(["numpy"]).to_json(), "leaves out"),
        ("environment.json", HONEST["environment.json"].replace(b'"numpy":"', b'"numpy":"9'), "version of numpy"),
        ("model.onnx", None, "without leaving model.onnx"),
    ],
)
def test_a_dishonest_answer_fails(
    monkeypatch: pytest.MonkeyPatch, job: TrainingJob, name: str, data: bytes | None, told: str
) -> None:
    answers = {**HONEST, name: data} if data is not None else {k: v for k, v in HONEST.items() if k != name}
    answered(monkeypatch, answers)
    done = Run().examine(job)
    assert done.outcome is Outcome.FAILED
    assert told in done.findings[0].message
    assert done.products == {}


def test_a_broken_limit_is_told(monkeypatch: pytest.MonkeyPatch, job: TrainingJob) -> None:
    answered(monkeypatch, {}, failure=IsolationError("the isolated code ran longer than 3 s", hint="raise the limit"))
    (finding,) = Run().examine(job).findings
    assert (finding.rule, finding.message) == ("run-broken", "the isolated code ran longer than 3 s")


@pytest.mark.parametrize(
    ("report", "quote", "told"),
    [
        (Failure(kind="KeyError", message="'Jane'", line=4), False, "KeyError: '…'"),
        (Failure(kind="KeyError", message="'Jane'", line=4), True, "KeyError: 'Jane'"),
        (Failure(kind="KeyError", message="'annual income'"), False, "KeyError: 'annual income'"),
        (Failure(kind="KeyError", message="\x1b[2J'Jane'"), True, "KeyError: [U+001B][2J'Jane'"),
        (Failure(kind="MemoryError", message=""), False, "MemoryError"),
    ],
)
def test_an_exception_is_quoted_with_care(
    monkeypatch: pytest.MonkeyPatch, job: TrainingJob, report: Failure, quote: bool, told: str
) -> None:
    reported = json.dumps({"kind": report.kind, "message": report.message, "line": report.line}).encode()
    answered(monkeypatch, {"failure.json": reported}, failure=IsolationError("exit status 1"))
    (finding,) = Run(quote_output=quote).examine(job).findings
    assert finding.message == told
    assert ("training.sandbox.memory" in finding.hint) == (report.kind == "MemoryError")


@pytest.mark.parametrize("quote", [False, True])
@pytest.mark.parametrize(
    ("hint", "passed_on"),
    [(Advice.CLASSES, True), ("use on the function fit", False), ("\x1b[2J", False), ("masked", False)],
)
def test_the_child_has_no_hints_of_its_own(
    monkeypatch: pytest.MonkeyPatch, job: TrainingJob, hint: str, passed_on: bool, quote: bool
) -> None:
    reported = json.dumps({"kind": "InputError", "message": "", "hint": hint}).encode()
    answered(monkeypatch, {"failure.json": reported}, failure=IsolationError("exit status 1"))
    (finding,) = Run(quote_output=quote).examine(job).findings
    assert (finding.hint == hint) is passed_on
    assert finding.hint


@pytest.mark.parametrize("line", [-1, 1, 10**9])
def test_a_line_is_named_only_if_their_file_has_it(
    monkeypatch: pytest.MonkeyPatch, job: TrainingJob, line: int
) -> None:
    theirs = TrainingJob(job.train, job.holdout, job.signature, entry=Entry(b"x = 1", "fit", "my_model.py"))
    reported = json.dumps({"kind": "KeyError", "message": "", "line": line}).encode()
    answered(monkeypatch, {"failure.json": reported}, failure=IsolationError("exit status 1"))
    (finding,) = Run().examine(theirs).findings
    assert finding.where == ("my_model.py:1" if line == 1 else "my_model.py")


def test_a_report_of_a_failure_does_not_hide_what_is_wrong(monkeypatch: pytest.MonkeyPatch, job: TrainingJob) -> None:
    answered(monkeypatch, HONEST | {"curve.json": b"{}", "failure.json": b'{"kind": "KeyError", "message": ""}'})
    (finding,) = Run().examine(job).findings
    assert (finding.rule, "learning curve" in finding.message) == ("run-broken", True)


def test_a_garbled_report_of_a_failure_is_told(monkeypatch: pytest.MonkeyPatch, job: TrainingJob) -> None:
    answered(monkeypatch, {"failure.json": b"\x80"}, failure=IsolationError("exit status 1"))
    (finding,) = Run().examine(job).findings
    assert "cannot be read" in finding.message


def test_weaker_isolation_leaves_a_warning(monkeypatch: pytest.MonkeyPatch, job: TrainingJob) -> None:
    weak = Isolation(**{**ISOLATION.to_json(), "files_isolated": False})  # type: ignore[arg-type]
    answered(monkeypatch, HONEST, isolation=weak)
    accepting = replace(job, requirement=Requirement(accept=("no-landlock",)))
    done = Run().examine(accepting)
    (finding,) = done.findings
    assert done.outcome is Outcome.PASSED
    assert (finding.rule, finding.severity) == ("no-landlock", Severity.WARNING)
    assert done.measures["isolation.files_isolated"] == 0
