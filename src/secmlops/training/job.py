"""What training is asked to do: rows to learn from, rows to answer, and which code may do it under which isolation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Inputs, Signature
from secmlops.training.combinations import clashes, given_settings
from secmlops.training.compress.settings import CompressSettings
from secmlops.training.private.plan import Plan
from secmlops.training.private.settings import PrivateTraining
from secmlops.training.recalibration.settings import Recalibration
from secmlops.training.references import check_models
from secmlops.training.robust.robustness import Robustness
from secmlops.training.sandbox.isolation import Requirement

FRAMES = ("arrow", "pandas")
FRACTIONS = (0.1, 0.3)
"""Shares of the training rows that are fitted for the learning curve."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The user's training code: the bytes of one Python file, read once, and the function in it to call.

    ``file`` is its name for messages. The function has the form ``fit(X, y, seed) -> estimator``.
    """

    source: bytes
    function: str = "fit"
    file: str = "train.py"


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """Fit ``model`` (a built-in by name) or ``entry`` on ``train``, and let it answer ``holdout``, which has no labels.

    ``fractions`` of the training rows, each above 0 and below 1, are fitted as well, for the learning curve, and
    ``references`` models of halves, of which only the answers come out (see ``training.references``). ``frame``
    is what the user's function gets as X: a pyarrow Table, or a pandas DataFrame. ``memory`` is what an earlier model
    of the same kind left behind: then that one is mended where it can be, for the same result. ``robust`` says what the
    model is to withstand, ``compress`` how it is made smaller, ``recalibrate`` which map its probabilities go through,
    ``reweigh`` which of the groups of ``train`` is to be independent of the class. ``private`` says what the model may
    tell of a row at most; ``rows_of_a_person`` are the most that one person has. Raises InputError when not exactly one
    of model and entry is given, a value is out of range, or two settings do not go together (``combinations``).
    """

    train: Examples
    holdout: Inputs
    signature: Signature
    model: str | None = None
    entry: Entry | None = None
    seed: int = 0
    requirement: Requirement = field(default_factory=Requirement)
    fractions: tuple[float, ...] = FRACTIONS
    frame: str = "arrow"
    memory: bytes | None = field(default=None, repr=False)
    robust: Robustness | None = None
    compress: CompressSettings | None = None
    recalibrate: Recalibration | None = None
    reweigh: str | None = None
    private: PrivateTraining | None = None
    rows_of_a_person: int = 1
    references: int = 0

    def __post_init__(self) -> None:
        if (self.model is None) == (self.entry is None):
            raise InputError("give either a built-in model or an entry", where="training")
        if any(not 0 < f < 1 for f in self.fractions):
            raise InputError("fractions lie between 0 and 1", where="training.fractions")
        if self.frame not in FRAMES:
            raise InputError(f"unknown frame {self.frame!r}", where="training.frame", hint=" or ".join(FRAMES))
        check_models(self.references)
        if not 0 <= self.seed < 2**32:
            raise InputError("the seed lies between 0 and 2**32 - 1", where="training.seed")
        if len(self.train) == 0:
            raise InputError("there are no rows to learn from", where="training")
        for clash in clashes(given_settings(self.signature.task, self._settings())):
            told = f"{clash.setting} does not go with {clash.other}: {clash.why}"
            raise InputError(told, where="training", hint=clash.instead)
        if self.robust:
            self.robust.check(self.train, self.signature)
        if self.reweigh and self.reweigh not in self.train.groups:
            raise InputError(f"no groups of {self.reweigh!r} came with the rows", where="training.reweigh")
        if self.private:
            names = ([f.name for f in kind] for kind in (self.signature.numeric, self.signature.categorical))
            self.private.check(str(self.model))
            self.private.check_columns(*names)
            self.private.check_rows(self.rows_of_a_person)

    def _settings(self) -> Mapping[str, object]:
        """What is given, by the names that the project file has for it."""
        names = ("model", "entry", "private", "compress", "recalibrate", "reweigh", "references", "memory", "fractions")
        return {name: getattr(self, name) for name in names} | {"robust": self.robust and self.robust.settings}

    @property
    def outputs(self) -> int:
        """Columns of an answer: one for each class, or one quantity."""
        return len(self.signature.classes) if self.signature.task.is_classification else 1

    def materials(self) -> dict[str, Digest]:
        """Digests of what goes in: training rows and targets, holdout rows, signature, code or name of the model."""
        entry = self.entry
        mended = {} if self.memory is None else {"mended": Digest.of(self.memory)}
        return {
            **mended,
            **({"robust": Digest.of(msgspec.json.encode(self.robust))} if self.robust else {}),
            **({"compress": Digest.of(msgspec.json.encode(self.compress))} if self.compress else {}),
            **({"recalibrate": Digest.of(self.recalibrate.encode())} if self.recalibrate else {}),
            **({"reweigh": Digest.of(self.groups().tobytes())} if self.reweigh else {}),
            **({"private": Digest.of(msgspec.json.encode(self.private))} if self.private else {}),
            "train": _digest_of(self.train.inputs, self.train.target.tobytes()),
            "holdout": _digest_of(self.holdout, b""),
            "signature": Digest.of(self.signature.to_json()),
            "code": Digest.of(entry.source if entry else str(self.model).encode()),
        }

    def groups(self) -> npt.NDArray[np.int64]:
        """Number [n] of the group of each training row, in the column by which they are reweighed."""
        _, numbers = np.unique(self.train.groups[self.reweigh or ""].astype(str), return_inverse=True)
        return numbers.astype(np.int64)


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a job that goes to the child beside its tables."""

    signature: Signature
    model: str | None
    function: str
    file: str
    seed: int
    fractions: tuple[float, ...]
    frame: str
    references: int = 0
    robust: Robustness | None = None
    compress: CompressSettings | None = None
    recalibrate: Recalibration | None = None
    reweigh: bool = False
    private: Plan | None = None

    @property
    def plain(self) -> bool:
        """Whether the model is what its fit makes of the rows, as forgetting without a new fit needs it."""
        return not (self.private or self.robust or self.recalibrate or self.reweigh)


def _digest_of(inputs: Inputs, target: bytes) -> Digest:
    texts = msgspec.json.encode(inputs.categorical.tolist())
    parts: tuple[Any, ...] = (inputs.numeric.tobytes(), texts, target)
    return Digest.of(b"".join(Digest.of(p).raw for p in parts))
