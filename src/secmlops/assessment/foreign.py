"""A model file made elsewhere with a table of rows: the signature is guessed, and what was guessed is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.assessment.composition import FILE, MadeOf, vulnerabilities
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.counting import counted
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.arrow import Chunks
from secmlops.data.inspect import guess_task
from secmlops.data.prepare import groups_of
from secmlops.data.reading import read_table
from secmlops.data.values import ColumnType, numbers, text_form, texts, type_of
from secmlops.lifecycle.sources import read_source
from secmlops.release.candidate import Candidate
from secmlops.release.names import MODEL_FILE
from secmlops.release.packages import required_packages
from secmlops.runtime.adoption.adopt import Columns, Scores, adopted, signature_of
from secmlops.runtime.adoption.surface import Surface, read_model, read_surface
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import MISSING_CATEGORY, FeatureKind, Inputs, Signature
from secmlops.trust.canonical import digest_of

_NO_MEMBERS = (
    "which rows the model learned from: half of the table is what an attacker has, and nothing is said of members; "
    "name them with --train"
)
_NO_GROUPS = "which columns are sensitive: no groups are compared; name them with --sensitive"
_TRIED = 200
"""Rows on which it is seen whether the answers are probabilities."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Rows that the model never saw, with their ``label``; perhaps rows it learned from (``train``); columns left out.

    Without a label it is the last column of the table. Groups of the ``sensitive`` columns are compared, whether the
    model takes them or not. ``online``: flaws of the packages that run it are asked for.
    """

    data: Path
    label: str | None = None
    train: Path | None = None
    without: Sequence[str] = ()
    sensitive: Sequence[str] = ()
    online: bool = False


@dataclass(frozen=True, slots=True)
class Assessed:
    """A model to be assessed: what is tested, what its digest is, what it depends on, what was guessed (``notes``).

    ``unknown`` is what is not known or not looked at, and what to do about it.

    ``made_of`` is what else is looked at, and ``settings`` are those of a project, by control.
    """

    subject: Subject
    model: ModelUnderTest
    materials: dict[str, Digest]
    notes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    made_of: MadeOf | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_foreign(path: Path, tables: Tables, seed: int = 0) -> Assessed:
    """Model of the ONNX file ``path`` with its rows.

    Raises InputError where model and table do not fit together, and VerificationError for what is no model or does not
    answer.
    """
    data = read_source(path.parent, path.name, "the command line")
    model = read_model(data, path.name)
    surface = read_surface(model, path.name)
    rows = _read(tables.data, tables)
    task = guess_task(rows.table[rows.label])
    labels = _labels(rows.table[rows.label]) if task.is_classification else []
    signature = signature_of(surface, rows.columns, task, labels)
    onnx, scores = _answering(model, surface, (signature, rows))
    predictor = Predictor(onnx, signature)
    learned = _read(tables.train, tables) if tables.train else None
    holdout = rows.examples(signature)
    unknown = [] if tables.sensitive else [_NO_GROUPS]
    if learned is None:
        train, holdout = _halves(holdout, seed)
        unknown.insert(0, _NO_MEMBERS)
    else:
        train = learned.examples(signature)
    tested = ModelUnderTest(predictor, train, holdout, seed=seed, onnx=onnx, members_known=learned is not None)
    read = digest_of([rows.label, list(tables.without), list(tables.sensitive)])
    materials = {"table": rows.digest, "adopted": predictor.digest, "read": read}
    if learned is not None:
        materials["train"] = learned.digest
    made_of = _made_of(path.name, data, signature, tables.online)
    subject, told = (
        Subject(SubjectKind.MODEL, path.name, Digest.of(data)),
        tuple(_told(surface, scores, (signature, rows))),
    )
    return Assessed(subject, tested, materials, told, tuple(unknown), made_of)


def _made_of(name: str, data: bytes, signature: Signature, online: bool) -> MadeOf:
    """Return the file as it is, not as it was adopted, with the packages that run it here."""
    candidate = Candidate(
        name=name,
        version=Digest.of(data).short,
        files={MODEL_FILE: data},
        signature=signature,
        serving=required_packages(),
    )
    return MadeOf(lambda: candidate, (FILE, vulnerabilities(True)) if online else (FILE,))


@dataclass(frozen=True, slots=True)
class _Rows:
    """A table that was read: its name, its bytes' digest, its label, and the columns left for the model."""

    name: str
    digest: Digest
    table: pa.Table
    label: str
    columns: Columns
    sensitive: Sequence[str]

    def inputs(self, signature: Signature) -> Inputs:
        """Rows as the model takes them."""
        made = {}
        for feature in signature.features:
            if feature.name not in self.table.column_names:
                raise InputError(f"the column {feature.name!r} is missing", where=self.name)
            column = self.table[feature.name]
            numeric = feature.kind is FeatureKind.NUMERIC
            made[feature.name] = numbers(column) if numeric else texts(column, MISSING_CATEGORY)
        return signature.encode(made)

    def examples(self, signature: Signature) -> Examples:
        """Rows with their answers; raises InputError for a missing answer or one that the model does not know."""
        column = self.table[self.label]
        where = f"{self.name}, column {self.label!r}"
        if column.null_count:
            raise InputError(f"{counted(column.null_count, 'answer')} missing", where=where, hint="leave such rows out")
        groups = groups_of(self.table, self.sensitive)
        if not signature.task.is_classification:
            return Examples(self.inputs(signature), numbers(column), groups)
        places = pc.index_in(text_form(column), pa.array(signature.classes))
        if places.null_count:
            raise InputError("a class that the model does not know", where=where)
        return Examples(self.inputs(signature), places.cast(pa.int64()).to_numpy(), groups)


def _read(path: Path, tables: Tables) -> _Rows:
    data = read_source(path.parent, path.name, "the command line")
    table = read_table(data, path.name).table
    label = tables.label or table.column_names[-1]
    for name in (label, *tables.without, *tables.sensitive):
        if name not in table.column_names:
            shown = ", ".join(table.column_names[:20])
            raise InputError(f"the table has no column {name!r}", where=path.name, hint=f"columns: {shown}")
    left = [name for name in table.column_names if name != label and name not in tables.without]
    columns = Columns({name: _kind(table[name]) for name in left}, path.name)
    return _Rows(path.name, Digest.of(data), table, label, columns, tables.sensitive)


def _kind(column: Chunks) -> FeatureKind:
    return FeatureKind.CATEGORICAL if type_of(column) is ColumnType.TEXT else FeatureKind.NUMERIC


def _labels(column: Chunks) -> list[str]:
    """Classes of a label in the order in which libraries put them: by number where all are numbers, else by text."""
    found = [str(value) for value in text_form(column).drop_null().unique().to_pylist()]
    numeric = type_of(column) in (ColumnType.INTEGER, ColumnType.NUMBER)
    return sorted(found, key=lambda text: (float(text), text) if numeric else (0.0, text))


def _answering(model: object, surface: Surface, given: tuple[Signature, _Rows]) -> tuple[bytes, Scores]:
    """Return the adopted model: its answers are taken for probabilities, and for log-odds where they are none."""
    signature, rows = given
    tried = rows.inputs(signature).take(slice(0, _TRIED))
    made = adopted(model, surface, signature, Scores.PROBABILITIES)
    try:
        Predictor(made, signature).predict(tried)
    except VerificationError:
        if not signature.task.is_classification:
            raise
        made = adopted(model, surface, signature, Scores.LOG_ODDS)
        Predictor(made, signature).predict(tried)
        return made, Scores.LOG_ODDS
    return made, Scores.PROBABILITIES


def _told(surface: Surface, scores: Scores, given: tuple[Signature, _Rows]) -> list[str]:
    """What was guessed."""
    signature, rows = given
    told = [f"label {rows.label!r}, {counted(len(rows.columns.kinds), 'feature')} in the order of the table"]
    shapes = [" x ".join(map(str, taken.shape)) for taken in surface.inputs if taken.shape]
    told += [f"a row is {shape} values, the last of them in neighbouring columns" for shape in shapes]
    if signature.classes and not surface.classes:
        told.append("the model does not name its classes: taken in the order of the label's values")
    if scores is Scores.LOG_ODDS:
        told.append("the answers are no probabilities: taken for log-odds")
    return told


def _halves(rows: Examples, seed: int) -> tuple[Examples, Examples]:
    order = np.random.default_rng(seed).permutation(len(rows))
    one, other = np.array_split(order, 2)
    return rows.take(one), rows.take(other)
