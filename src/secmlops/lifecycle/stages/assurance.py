"""The assurance stage: the model is judged on rows it never saw."""

import time
from collections.abc import Callable, Generator, Mapping

import numpy as np

from secmlops.assurance.compression import Compressed, Compression
from secmlops.assurance.subject import CurvePoint, LearningCurve, ModelUnderTest, Promise, ReferenceAnswers
from secmlops.core.digest import Digest
from secmlops.core.evidence import Evidence
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.runner import Step
from secmlops.training.compress.files import UNCOMPRESSED, UNCOMPRESSED_ANSWERS, compressed_ways
from secmlops.training.curve import curve_from_json
from secmlops.training.references import halves, read_references, shown
from secmlops.training.transport import array_from_bytes


def assurance_steps(journey: Journey) -> Generator[Step, Evidence | None, None]:
    """Yield the steps of the stage, and take in their evidence."""
    if journey.model is None or journey.learnt is None:
        return
    materials = materials_of(journey, journey.learnt)
    tested = _Lazily(journey)
    artifacts: Mapping[str, Callable[[], object]] = {Compression.id: lambda: compressed(journey, tested())}
    for control in journey.controls.values():
        if control.stage is Stage.ASSURANCE:
            yield Step(control, journey.model, artifacts.get(control.id, tested), materials)


def materials_of(journey: Journey, learnt: Subject) -> dict[str, Digest]:
    """Return what a word about the model depends on beside it: its rows, their split, reference models if there are."""
    made = journey.evidence["training.run"].products
    return {
        "data": learnt.digest,
        "split": journey.split_digest,
        **({"references": made["references"]} if "references" in made else {}),
    }


class _Lazily:
    """The model under test, made for the first control that runs and shared by the others."""

    def __init__(self, journey: Journey) -> None:
        self._journey = journey
        self._made: ModelUnderTest | None = None

    def __call__(self) -> ModelUnderTest:
        self._made = self._made or model_under_test(self._journey)
        return self._made


def model_under_test(journey: Journey) -> ModelUnderTest:
    """Return the journey's model with the rows it learnt from and the rows kept back."""
    prepared = journey.prepared
    return ModelUnderTest(
        predictor=journey.predictor,
        train=prepared.train,
        holdout=prepared.holdout,
        curve=learning_curve(journey),
        seed=journey.project.training.seed,
        onnx=journey.product("training.run", "model.onnx"),
        references=reference_answers(journey),
        promise=_promise(journey),
    )


def _promise(journey: Journey) -> Promise | None:
    told = journey.evidence["training.run"].measures
    return Promise(told["private.epsilon"], told["private.delta"]) if "private.epsilon" in told else None


def compressed(journey: Journey, model: ModelUnderTest) -> Compressed:
    """Return the journey's model with what it was before it was compressed, and what other ways made of it."""
    if journey.project.training.compress is None:
        return Compressed(model, time.perf_counter)
    made = journey.evidence["training.run"].products
    outputs = array_from_bytes(journey.product("training.run", UNCOMPRESSED_ANSWERS)).astype(np.float64)
    return Compressed(
        model,
        time.perf_counter,
        before=journey.product("training.run", UNCOMPRESSED),
        estimator_outputs=outputs,
        ways={name: journey.product("training.run", file) for name, file in compressed_ways(made).items()},
    )


def reference_answers(journey: Journey) -> ReferenceAnswers | None:
    """Return what reference models of the model's own kind answered, where training fitted some."""
    models, seed, prepared = journey.project.training.references, journey.project.training.seed, journey.prepared
    if not models or not prepared.signature.task.is_classification:
        return None
    sizes = {"train": len(prepared.train), "holdout": len(prepared.holdout)}
    answers = journey.product("training.run", "references")
    outputs = read_references(answers, models=models, **sizes, outputs=_outputs(journey))
    rows = shown(len(prepared.train), seed)
    learned = np.array([np.isin(rows, half) for half in halves(prepared.train.target, models, seed)])
    return ReferenceAnswers(outputs, rows, shown(len(prepared.holdout), seed), learned)


def learning_curve(journey: Journey) -> LearningCurve | None:
    """Return the curve that training measured, with the targets that the sandbox never saw; None of a single point."""
    prepared, outputs = journey.prepared, _outputs(journey)
    points = curve_from_json(
        journey.product("training.run", "curve"),
        train=len(prepared.train),
        holdout=len(prepared.holdout),
        outputs=outputs,
    )
    made = tuple(
        CurvePoint(
            rows=p.rows,
            train_outputs=np.array(p.train_outputs, np.float64).reshape(-1, outputs),
            train_target=prepared.train.target[np.array(p.train_rows, np.intp)],
            holdout_outputs=np.array(p.holdout_outputs, np.float64).reshape(-1, outputs),
            holdout_target=prepared.holdout.target[np.array(p.holdout_rows, np.intp)],
        )
        for p in points
    )
    return LearningCurve(made) if len(made) > 1 else None


def _outputs(journey: Journey) -> int:
    return len(journey.prepared.signature.classes) or 1
