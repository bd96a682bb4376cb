"""Run a function of a module in a child process that can reach nothing, and bring back bytes."""

import os
import signal
import site
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import secmlops
from secmlops.core.errors import IsolationError
from secmlops.training.sandbox.isolation import PROPERTIES, WAIVERS, Isolation, Requirement
from secmlops.training.sandbox.memory import memory_folder
from secmlops.training.sandbox.outputs import read_output
from secmlops.training.sandbox.plan import MECHANISMS, Plan
from secmlops.training.sandbox.readable import readable_paths
from secmlops.training.sandbox.scratch import scratch_room
from secmlops.training.sandbox.watch import Watch

_THREAD_SETTINGS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"),
    *("VECLIB_MAXIMUM_THREADS", "ARROW_IO_THREADS", "POLARS_MAX_THREADS", "LOKY_MAX_CPU_COUNT"),
)


@dataclass(frozen=True, slots=True)
class Work:
    """What to run: ``target`` is ``module:function``, called with the scratch folder as its one argument.

    It finds ``inputs`` as files in ``in/`` and leaves its answers in ``out/``: ``outputs`` gives each one's name and
    largest size in bytes. ``seed`` fixes the hash seed of the interpreter.
    """

    target: str
    inputs: Mapping[str, bytes] = field(default_factory=dict)
    outputs: Mapping[str, int] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """How the run went. ``failure`` is set when it broke a limit, died, or left something that is not an answer.

    ``answers`` may hold files even then, such as a report of an exception: ``output`` is the way to the others.
    ``printed`` is what the code wrote to its standard output and error, at most 64 KiB: it may hold personal data.
    ``in_memory`` says whether the scratch folder lay in memory rather than on a disk.
    """

    isolation: Isolation
    seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
    printed: bytes
    answers: Mapping[str, bytes]
    failure: IsolationError | None = None
    in_memory: bool = False

    def output(self, name: str) -> bytes:
        """Bytes of the answer ``name``; raises the failure of the run, or IsolationError when it left none."""
        if self.failure:
            raise self.failure
        if name not in self.answers:
            raise IsolationError(f"the isolated code ended without leaving {name}")
        return self.answers[name]


def script(source: bytes, **outputs: int) -> Work:
    """Work that executes one Python file with the standard library, and may leave the given ``outputs``."""
    return Work("secmlops.training.sandbox.script:run", {"main.py": source}, outputs)


def run_isolated(work: Work, requirement: Requirement, *, mechanisms: tuple[str, ...] = MECHANISMS) -> Result:
    """Run ``work`` within ``requirement``.

    Raises IsolationError, before any of the work has run, when the machine cannot give what is required. ``mechanisms``
    is for showing what each one is worth: leaving one out never lowers the requirement.
    """
    folder = memory_folder(requirement)
    with scratch_room(work.inputs, folder) as room:
        scratch = room / "scratch"
        plan = Plan(
            work.target, scratch, room / "canary/canary", os.getpid(), requirement, readable_paths(), mechanisms
        )
        (room / "plan.json").write_bytes(plan.to_json())
        answers = os.open(scratch / "out", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            watch = _watch_child(room, requirement, work.seed)
            isolation = _judge(watch, requirement)
            return replace(_collect(watch, isolation, answers, work), in_memory=folder is not None)
        finally:
            os.close(answers)


def probe() -> Isolation:
    """What this machine offers, found out by a child that shuts itself in and runs nothing.

    Raises IsolationError when not even a child can be started.
    """
    accept_all = Requirement(seconds=60, accept=tuple(WAIVERS))
    return run_isolated(script(b""), accept_all).isolation


def environment(scratch: Path, threads: int, seed: int) -> dict[str, str]:
    """The whole environment of a child: nothing of ours is passed on."""
    folder = str(scratch / "tmp")
    return {
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": str(seed % 2**32),
        "PYTHONDONTWRITEBYTECODE": "1",
        "JOBLIB_MULTIPROCESSING": "0",
        **dict.fromkeys(_THREAD_SETTINGS, str(threads)),
    }


def _watch_child(room: Path, requirement: Requirement, seed: int) -> Watch:
    """Start the child and stay with it to its end."""
    listen, speak = os.pipe()
    try:
        process = subprocess.Popen(  # noqa: S603
            [*_interpreter(), "-m", "secmlops.training.sandbox.child", str(room / "plan.json"), str(speak)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=room / "scratch/tmp",
            env=environment(room / "scratch", requirement.threads, seed),
            pass_fds=(speak,),
            start_new_session=True,
        )
    except OSError as error:
        os.close(listen)
        raise IsolationError(f"no child process could be started: {error.strerror}") from None
    finally:
        os.close(speak)
    try:
        with process:
            watch = Watch(process, listen, room / "scratch", requirement)
            watch.until_end()
    finally:
        os.close(listen)
    return watch


def _interpreter() -> list[str]:
    """This Python, which looks for modules neither in the working folder nor, if it can, in the home folder."""
    in_home = any(Path(p).is_relative_to(site.getusersitepackages()) for p in secmlops.__path__)
    return [sys.executable, "-P", "-B", *([] if in_home else ["-s"])]


def _judge(watch: Watch, requirement: Requirement) -> Isolation:
    isolation = watch.isolation
    if isolation is None:
        last = bytes(watch.printed).decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise IsolationError(f"the child ended before it was isolated: {watch.broken or last or 'no message'}")
    lacking = isolation.lacking(requirement)
    if lacking:
        told = "; ".join(PROPERTIES[name] for name in lacking)
        why = ", ".join(f"{name}: {reason}" for name, reason in isolation.troubles.items())
        waiver = ", ".join(name for name, gives_up in WAIVERS.items() if gives_up in lacking)
        raise IsolationError(
            f"the required isolation cannot be had here: {told}",
            where=why,
            hint=f"use a Linux kernel with Landlock and seccomp, or accept the weaker isolation by name: {waiver}",
        )
    return isolation


def _collect(watch: Watch, isolation: Isolation, folder: int, work: Work) -> Result:
    answers: dict[str, bytes] = {}
    failure = _failure(watch)
    exited = not watch.broken and os.WIFEXITED(watch.status)
    try:
        for name, limit in work.outputs.items() if exited else ():
            data = read_output(folder, name, limit)
            if data is not None:
                answers[name] = data
    except IsolationError as error:
        answers, failure = {}, error
    return Result(
        isolation,
        watch.seconds,
        watch.cpu_seconds,
        watch.peak_memory_bytes,
        bytes(watch.printed),
        answers,
        failure,
    )


def _failure(watch: Watch) -> IsolationError | None:
    if watch.broken:
        return IsolationError(f"the isolated code {watch.broken}", hint="raise the limit if the work is honest")
    if os.WIFSIGNALED(watch.status):
        number = os.WTERMSIG(watch.status)
        if number in {signal.SIGKILL, signal.SIGXCPU} and watch.cpu_seconds >= watch.requirement.limits.cpu_seconds:
            used = f"used more than {watch.requirement.limits.cpu_seconds} s of processor time"
            return IsolationError(f"the isolated code {used}", hint="raise the limit if the work is honest")
        return IsolationError(f"the isolated code was killed by signal {signal.Signals(number).name}")
    code = os.waitstatus_to_exitcode(watch.status)
    return IsolationError(f"the isolated code ended with exit status {code}") if code else None
