"""The ways of compression by name: each takes a finished model and gives a smaller one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
import pyarrow as pa

from secmlops.core.errors import InputError
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs, Signature
from secmlops.training.advice import Advice
from secmlops.training.compress.distil import distil
from secmlops.training.compress.ensemble import OPERATORS, Design, Ensemble
from secmlops.training.compress.integer import quantise
from secmlops.training.compress.pruning import MAX_ROWS, Kind, Lessons, prune_leaves, prune_trees
from secmlops.training.compress.settings import CompressSettings, Scheme, Student
from secmlops.training.compress.tensors import tensors
from secmlops.training.export import export

Places: TypeAlias = npt.NDArray[np.intp]

USUAL_SHARE = 0.5
"""Of trees or leaves, where a way is only tried for the comparison."""


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """The rows that a model learned from, and what is known of it beside its bytes.

    ``unseen`` bool [T, n] tells which of the rows each tree of a forest did not learn from, None where nobody knows.
    """

    signature: Signature
    table: pa.Table
    inputs: Inputs
    target: npt.NDArray[np.int64] | npt.NDArray[np.float64]
    seed: int
    unseen: npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """ONNX bytes, and how their trees come to an answer; None where there are none, or it is not known."""

    onnx: bytes
    kind: Kind | None


Way: TypeAlias = Callable[[Model, Learned], Model]


def asked_ways(settings: CompressSettings) -> Mapping[str, Way]:
    """What ``settings`` ask for, in order."""
    chosen = {settings.distil, "prune" if settings.prune else None, "leaves" if settings.leaves else None}
    chosen.add(settings.quantise)
    return {name: way for name, way in all_ways(settings).items() if name in chosen}


def all_ways(settings: CompressSettings) -> Mapping[str, Way]:
    """Every way by its name, as strong as the ``settings`` say or usual."""
    ways: dict[str, Way] = {str(student): partial(_distilled, student) for student in Student}
    ways["prune"] = partial(_pruned, settings.prune or USUAL_SHARE)
    ways["leaves"] = partial(_shorn, settings.leaves or USUAL_SHARE)
    return MappingProxyType({**ways, **{str(scheme): partial(_quantised, scheme) for scheme in Scheme}})


def gone(model: Model, ways: Iterator[Way], learned: Learned) -> Model:
    """Return the model after all ``ways``, one after another; raises InputError for one that does not apply to it."""
    for way in ways:
        model = way(model, learned)
        learned = replace(learned, unseen=None)
    return model


def _distilled(student: Student, model: Model, learned: Learned) -> Model:
    answers = Predictor(model.onnx, learned.signature).predict(learned.inputs)
    made = distil(student, learned.table, answers, learned.seed)
    return Model(export(made, learned.signature), Kind.BOOSTING if student is Student.SMALL_BOOSTING else None)


def _quantised(scheme: Scheme, model: Model, learned: Learned) -> Model:
    return Model(quantise(model.onnx, scheme, learned.inputs), None)


def _pruned(share: float, model: Model, learned: Learned) -> Model:
    if model.kind is None:
        raise InputError("there are no trees of which some could go", hint=Advice.NO_TREES)
    kind = model.kind

    def pruned(trees: Ensemble, few: Places, design: Design) -> Ensemble:
        unseen = None if learned.unseen is None else learned.unseen[:, few]
        return prune_trees(trees, share, kind, Lessons(design, _truth(trees, learned, few), unseen))

    return Model(_rewritten(model.onnx, learned, pruned), kind)


def _shorn(share: float, model: Model, learned: Learned) -> Model:
    return Model(
        _rewritten(model.onnx, learned, lambda trees, _, design: prune_leaves(trees, share, design)), model.kind
    )


def _rewritten(model: bytes, learned: Learned, change: Callable[[Ensemble, Places, Design], Ensemble]) -> bytes:
    """Return the model with its trees as ``change`` makes them; it gets places of some rows, and what trees see."""
    read = onnx.load_from_string(model)
    places = [place for place, node in enumerate(read.graph.node) if node.op_type in OPERATORS]
    if len(places) != 1:
        raise InputError("there is no single ensemble of trees to prune", hint=Advice.NO_TREES)
    node = read.graph.node[places[0]]
    few = np.sort(np.random.default_rng(learned.seed).permutation(len(learned.inputs))[:MAX_ROWS])
    design = tensors(read, [node.input[0]], learned.inputs.take(few))[node.input[0]].astype(np.float32)
    node.CopyFrom(change(Ensemble.of(node), few, design).write(node))
    onnx.checker.check_model(read, full_check=True)
    whole: bytes = read.SerializeToString(deterministic=True)
    return whole


def _truth(trees: Ensemble, learned: Learned, few: Places) -> npt.NDArray[np.float64]:
    """What each output of the trees should be [m, k]."""
    target = learned.target[few]
    if not learned.signature.task.is_classification:
        return target[:, None].astype(np.float64)
    classes = len(learned.signature.classes)
    every = np.eye(classes)[target.astype(np.int64)]
    return every[:, 1:] if len(trees.ids) == 1 and classes == 2 else every[:, list(trees.ids)]
