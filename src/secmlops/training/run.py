"""The control that trains: fit in the sandbox, take out the model as ONNX, and say how well the sandbox held."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.control import Examination
from secmlops.core.errors import IsolationError, VerificationError
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.runtime.structure import check_structure
from secmlops.training.advice import is_ours
from secmlops.training.claims import claims, measured
from secmlops.training.compress.files import compressed_files, compressed_products
from secmlops.training.compress.handover import TOLD, compressing, joined
from secmlops.training.curve import MAX_ROWS, check_rows, curve_from_json, nested_subsets
from secmlops.training.environment import known_environment
from secmlops.training.failure import plain_kind, quoted, read_failure, without_data
from secmlops.training.job import Orders, TrainingJob
from secmlops.training.private.plan import Plan
from secmlops.training.private.promise import Promise
from secmlops.training.references import FILE as REFERENCES_FILE
from secmlops.training.references import read_references, size_bound
from secmlops.training.reweighed import Reweighed
from secmlops.training.robust.hardened import Hardened
from secmlops.training.sandbox.isolation import PROPERTIES, WAIVERS
from secmlops.training.sandbox.run import Result, Work, run_isolated
from secmlops.training.transport import array_from_bytes, array_to_bytes, table_to_bytes, to_table
from secmlops.training.unlearning.mended import MAX_MEMORY_BYTES, MENDABLE, Mended

_TARGET = "secmlops.training.fitting:run"
_SMALL = 1 << 20
MEMORY_FILE, MENDED_FILE, ROBUST_FILE = "memory.bin", "mended.json", "robust.json"
REWEIGHED_FILE = "reweighed.json"
_COMPRESSION = tuple(f"compress/{name}.py" for name in ("ensemble", "integer", "ways"))
_QUOTE_HINT = "words that may be data are masked; the setting quote_output shows all of the message"


@dataclass(frozen=True, slots=True)
class Run:
    """Train a model where nobody can reach in or out.

    ``max_model_bytes`` bounds the model; ``quote_output`` puts the message of an exception into the finding as it is,
    though it may hold personal data; characters that hide or steer are spelled out.
    """

    id: ClassVar[str] = "training.run"
    version: ClassVar[str] = "3"
    stage: ClassVar[Stage] = Stage.TRAINING
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = (
        "stride:information-disclosure",
        "stride:elevation-of-privilege",
        "stride:denial-of-service",
        "atlas:AML.T0011.001",
        "atlas:AML.T0025",
        "atlas:AML.T0037",
        "atlas:AML.T0105",
    )
    max_model_bytes: int = 512 << 20
    quote_output: bool = False

    def examine(self, job: TrainingJob) -> Examination:
        """Fit the job's model; its bytes, its own answers on the holdout, curve and environment are the products.

        Raises IsolationError when the required isolation cannot be had: then nothing was run.
        """
        promise = Promise.of(job.private, job.signature, str(job.model)) if job.private else None
        result = self._result(job, promise.plan if promise else None)
        findings = _waived(result, job)
        products: dict[str, bytes] = {}
        mended: Mended | None = None
        hardened: Hardened | None = None
        reweighed: Reweighed | None = None
        try:
            products = _products(result, job)
            mended = _mended(result, job)
            hardened = _hardened(result, job)
            reweighed = Reweighed.from_json(result.output(REWEIGHED_FILE)) if job.reweigh else None
        except IsolationError as error:
            findings += (self._failed(error, result, job),)
        measures = {**_measures(result, job, products), **(mended.measures() if mended else {})}
        if promise and products:
            measures |= promise.measures()
            findings += promise.findings(len(job.train))
        told = {**(reweighed.measures() if reweighed else {}), **(hardened.measures() if hardened else {})}
        findings += hardened.findings() if hardened else ()
        if job.entry:
            findings += claims(told, job.entry.file)
            told = measured(told)
        measures |= told
        if mended:
            findings += (Finding("run-mended", Severity.NOTE, f"from the earlier model: {mended.way}", "training"),)
        return Examination.judged(findings, measures, products, job.materials())

    def _result(self, job: TrainingJob, plan: Plan | None) -> Result:
        """Train; a model of the user's own code is compressed afterwards, where that code does not run."""
        work = self._work(job, plan)
        trained = run_isolated(work, job.requirement)
        if trained.failure or not (job.entry and job.compress):
            return trained
        outputs = {name: work.outputs[name] for name in ("model.onnx", "holdout.npy", "failure.json")}
        outputs |= compressed_files(job.compress, self.max_model_bytes, outputs["holdout.npy"])
        return joined(trained, run_isolated(compressing(work, trained, outputs), job.requirement))

    def _work(self, job: TrainingJob, plan: Plan | None) -> Work:
        entry = job.entry
        orders = Orders(
            signature=job.signature,
            model=job.model,
            function=entry.function if entry else "",
            file=entry.file if entry else "",
            seed=job.seed,
            fractions=job.fractions,
            frame=job.frame,
            references=job.references,
            robust=job.robust,
            compress=job.compress,
            recalibrate=job.recalibrate,
            reweigh=job.reweigh is not None,
            private=plan,
        )
        inputs = {
            "orders.json": msgspec.json.encode(orders),
            "train.arrow": table_to_bytes(to_table(job.train.inputs, job.signature)),
            "holdout.arrow": table_to_bytes(to_table(job.holdout, job.signature)),
            "target.npy": array_to_bytes(job.train.target),
        }
        if entry:
            inputs["train.py"] = entry.source
        if job.reweigh:
            inputs["groups.npy"] = array_to_bytes(job.groups())
        if job.memory is not None:
            inputs[MEMORY_FILE] = job.memory
        points = (len(job.fractions) + 1) * 2 * MAX_ROWS
        outputs = {
            "model.onnx": self.max_model_bytes,
            "holdout.npy": len(job.holdout) * job.outputs * 8 + 1024,
            "curve.json": points * (32 * job.outputs + 32) + _SMALL,
            "environment.json": _SMALL,
            "failure.json": _SMALL,
            REFERENCES_FILE: size_bound(job.references, job.outputs),
            MEMORY_FILE: MAX_MEMORY_BYTES,
            MENDED_FILE: _SMALL,
            ROBUST_FILE: _SMALL,
            REWEIGHED_FILE: _SMALL,
        }
        if job.compress:
            outputs |= TOLD if entry else compressed_files(job.compress, self.max_model_bytes, outputs["holdout.npy"])
        return Work(_TARGET, inputs, outputs, job.seed)

    def _failed(self, error: IsolationError, result: Result, job: TrainingJob) -> Finding:
        """Say what broke: the exception in the user's own file if there was one, or the limit or signal."""
        where = job.entry.file if job.entry else "training"
        if result.failure is None or "failure.json" not in result.answers:
            return Finding("run-broken", Severity.ERROR, error.what, where, error.hint)
        try:
            failure = read_failure(result.answers["failure.json"])
        except IsolationError as unreadable:
            return Finding("run-broken", Severity.ERROR, unreadable.what, where)
        message = quoted(failure.message) if self.quote_output else without_data(failure.message, _known_names(job))
        lines = len(job.entry.source.splitlines()) + 1 if job.entry else 0
        place = f"{where}:{failure.line}" if 0 < failure.line <= lines else where
        kind = plain_kind(failure.kind)
        hint = "raise training.sandbox.memory if the work is honest" if kind == "MemoryError" else _QUOTE_HINT
        if is_ours(failure.hint):
            hint = failure.hint
        return Finding("code-raised", Severity.ERROR, f"{kind}: {message}".rstrip(": "), place, hint)


def _known_names(job: TrainingJob) -> str:
    """Text whose words may be quoted: the user's code, the names of the features, and what our own code says."""
    code = job.entry.source.decode("utf-8", "replace") if job.entry else ""
    return "\n".join([code, _own_words(), *(f.name for f in job.signature.features)])


@cache
def _own_words() -> str:
    room = files("secmlops.training")
    return "\n".join(
        room.joinpath(name).read_text(encoding="utf-8")
        for name in ("export.py", "models.py", "fitting.py", "answers.py", *_COMPRESSION)
    )


def _waived(result: Result, job: TrainingJob) -> tuple[Finding, ...]:
    """Findings on isolation that did not hold and that the user agreed to do without."""
    names = {lost: name for name, lost in WAIVERS.items()}
    return tuple(
        Finding(
            names[lost],
            Severity.WARNING,
            f"the sandbox was weaker than it should be: {PROPERTIES[lost]}",
            "training",
            f"accepted as {names[lost]}; train on a Linux kernel with Landlock and seccomp",
        )
        for lost in result.isolation.missing
        if names[lost] in job.requirement.accept
    )


def _products(result: Result, job: TrainingJob) -> dict[str, bytes]:
    """Products, each checked to be what it should be; raises IsolationError for anything else."""
    answers = _holdout_answers(result.output("holdout.npy"), job)
    curve = result.output("curve.json")
    sizes = {"train": len(job.train), "holdout": len(job.holdout)}
    points = curve_from_json(curve, **sizes, outputs=job.outputs)
    check_rows(points, nested_subsets(job.train.target, job.fractions, job.seed), job.seed, **sizes)
    environment = known_environment(result.output("environment.json")).to_json()
    model = result.output("model.onnx")
    _check_model(model)
    made = {"model.onnx": model, "holdout_outputs": array_to_bytes(answers), "curve": curve, "environment": environment}
    if job.references:
        made["references"] = result.output(REFERENCES_FILE)
        read_references(made["references"], models=job.references, **sizes, outputs=job.outputs)
    memory = result.answers.get(MEMORY_FILE) if job.model in MENDABLE else None  # read in a sandbox alone
    if job.compress:
        made |= compressed_products(job.compress, result.answers, result.output)
        _holdout_answers(made["uncompressed_outputs"], job)
        for name in made:
            if name.endswith(".onnx"):
                _check_model(made[name])
    return {**made, "memory": memory} if memory else made


def _holdout_answers(data: bytes, job: TrainingJob) -> npt.NDArray[np.generic]:
    """Answers to the holdout; raises IsolationError for anything else than a finite row for each row."""
    answers = array_from_bytes(data)
    if answers.shape != (len(job.holdout), job.outputs) or answers.dtype != np.float64:
        raise IsolationError(f"the holdout answers are {answers.dtype} {answers.shape}, not one row for each row asked")
    if not np.isfinite(answers).all():
        raise IsolationError("the estimator answers the holdout with numbers that are not finite")
    return answers


def _mended(result: Result, job: TrainingJob) -> Mended | None:
    """How the model was mended, if it was to be."""
    return None if job.memory is None else Mended.from_json(result.output(MENDED_FILE))


def _hardened(result: Result, job: TrainingJob) -> Hardened | None:
    """What robust training came to, if it was asked for."""
    return Hardened.from_json(result.output(ROBUST_FILE), job.robust.settings) if job.robust else None


def _check_model(model: bytes) -> None:
    """Look at the model before anyone runs it; raises IsolationError for one that nobody should."""
    try:
        check_structure(model, "model.onnx")
    except VerificationError as error:
        raise IsolationError(f"the isolated code left a model that is not run: {error.what}", hint=error.hint) from None


def _measures(result: Result, job: TrainingJob, products: dict[str, Any]) -> dict[str, float]:
    return {
        "rows": float(len(job.train)),
        "features": float(len(job.signature.features)),
        "seconds": result.seconds,
        "cpu_seconds": result.cpu_seconds,
        "peak_memory_bytes": float(result.peak_memory_bytes),
        "model_bytes": float(len(products.get("model.onnx", b""))),
        "scratch_in_memory": float(result.in_memory),
        **result.isolation.measures(),
    }
