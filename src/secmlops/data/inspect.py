"""Proposes a project file for a table: the task guessed, personal data, identifiers and groups pointed out."""

import re
from dataclasses import dataclass
from pathlib import PurePath

import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.counting import counted
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.data.arrow import Chunks
from secmlops.data.conditions import proposed_conditions
from secmlops.data.dataset import DataSet
from secmlops.data.discovery.columns import PersonalColumn, discover
from secmlops.data.features import is_free_text
from secmlops.data.identifiers import names_rows
from secmlops.data.poisoning.sample import LEAST_ROWS
from secmlops.data.recognise.header import header_words, names_one_of, numbered
from secmlops.data.recognise.kind import Kind
from secmlops.data.values import ColumnType, distinct, text_form, type_of
from secmlops.data.yaml_text import yaml_text

_FEW_NUMBERS = 10
_SENSITIVE = (
    "sex", "gender", "age", "race", "ethnicity", "ethnic", "ethnic group", "religion", "nationality", "citizenship",
    "disability", "marital status", "sexual orientation", "date of birth", "birth date", "dob", "foreign worker",
    "geschlecht", "alter", "familienstand", "sexe", "sexo", "edad",
)  # fmt: skip
_OF_ONE_PERSON = {Kind.NATIONAL_ID, Kind.HEALTH_NUMBER}
_PERSONS = (
    "customer id", "client id", "patient id", "person id", "user id", "subject id", "applicant id", "employee id",
    "member id", "customer number", "patient number", "machine id", "device id", "customerid", "patientid", "userid",
    *numbered("kunden", "patienten", "personal", "mitarbeiter", "mitglieds", "teilnehmer"),
)  # fmt: skip
_ROLES_NOBODY_CAN_GUESS = (
    "  # groups: [COLUMN]  # if rows of one machine, household or batch belong on one side of the holdout",
    "  # time: COLUMN  # when the answer for a row is due: then what was known only later is looked for",
    "  # source_column: COLUMN  # branch, supplier or file that a row came from: bad ones among them are looked for",
)
_GOVERNANCE = (
    "  # governance:  # for what the data may be used, and who answers for them; training.purpose names which it is",
    "  #   purpose: [TEXT]",
    "  #   legal_basis: contract  # or consent, legal_obligation, legitimate_interests, not_personal, ...",
    "  #   source: TEXT",
    "  #   owner: TEXT",
    "  #   retention: 730 d",
    "  #   sensitivity: internal  # or public, confidential, restricted",
)


@dataclass(frozen=True, slots=True)
class _Choice:
    column: str
    action: str
    why: str


def propose(table: pa.Table, label: str, source_name: str, called: str = "") -> str:
    """Text of a commented secmlops.yaml for ``table``, read from the file ``source_name``, with ``label`` to predict.

    The project is named after ``called``, or else after the file.

    Raises InputError when there is no such column, with the nearest name, when it cannot be learnt, or when it holds
    personal data.
    """
    column = table[label] if label in table.column_names else None
    task = guess_task(column) if column is not None else Task.BINARY
    positive = _rarer(column) if column is not None and task is Task.BINARY else None
    DataSet(source_name, table, Digest.of(source_name.encode()), task, label, positive)
    personal = discover(table, seed=0)
    _refuse_label(label, personal, source_name)
    subject = _subject(table, label, personal)
    choices = _choices(table, label, subject, personal)
    size = f"{counted(table.num_rows, 'row')}, {counted(table.num_columns, 'column')}"
    return "\n".join(
        [
            f"# Proposed for {_comment(source_name)}: {size}.",
            "# Every line is a guess from the data: read it, and change what you know better.",
            "secmlops: 1",
            f"name: {_project_name(called or PurePath(source_name).stem)}",
            f"task: {task}",
            "",
            *_data_lines(table, label, source_name, positive),
            *_role_lines(table, label, subject),
            *_protect_lines(choices),
            "",
            *_training_lines(task, table[label]),
            *_unexamined_lines(task, table.num_rows),
            "",
        ]
    )


def _refuse_label(label: str, personal: tuple[PersonalColumn, ...], source_name: str) -> None:
    for found in personal:
        if found.column == label:
            kinds = ", ".join(found.kinds)
            where, advice = f"{source_name}, column {label!r}", "choose another column to predict"
            raise InputError(f"a label of personal data ({kinds}), which a model would learn", where=where, hint=advice)


def guess_task(column: Chunks) -> Task:
    """Binary for two values, regression for a quantity of more than ten values, multiclass otherwise."""
    if distinct(column) <= 2:
        return Task.BINARY
    quantity = type_of(column) in (ColumnType.INTEGER, ColumnType.NUMBER)
    return Task.REGRESSION if quantity and distinct(column) > _FEW_NUMBERS else Task.MULTICLASS


def _rarer(column: Chunks) -> str | None:
    """Text form of the rarer value, None where every value is missing."""
    forms = text_form(column).drop_null().combine_chunks()
    names = sorted(str(form) for form in forms.unique().to_pylist())
    counts = {name: int(pc.sum(pc.equal(forms, pa.scalar(name)).cast(pa.int64())).as_py()) for name in reversed(names)}
    return min(counts, key=counts.__getitem__, default=None)


def _subject(table: pa.Table, label: str, personal: tuple[PersonalColumn, ...]) -> str | None:
    """Column that names the person or machine of a row: by header, else a number that only one person has."""
    named = [n for n in table.column_names if n != label and names_one_of(header_words(n), _PERSONS)]
    national = [c.column for c in personal if c.suggestion == "pseudonymise" and set(c.kinds) & _OF_ONE_PERSON]
    return next(iter((*named, *national)), None)


def _choices(table: pa.Table, label: str, subject: str | None, personal: tuple[PersonalColumn, ...]) -> list[_Choice]:
    found = {c.column: c for c in personal}
    choices = []
    for name in table.column_names:
        if name == label:
            continue
        if name in found:
            told = f"{', '.join(found[name].kinds)} in {found[name].share:.0%} of the cells"
            action = "pseudonymise" if name == subject else found[name].suggestion
            choices.append(_Choice(name, action, told))
        elif name == subject:
            choices.append(_Choice(name, "pseudonymise", "names the person or machine; stays joinable"))
        elif names_rows(table[name]) and not is_free_text(table[name]):
            choices.append(_Choice(name, "drop", "another value in every row: it names the row, a model cannot use it"))
        elif is_free_text(table[name]):
            choices.append(_Choice(name, "drop", "free text: no model here reads it, and anything may stand in it"))
    return choices


def _data_lines(table: pa.Table, label: str, source_name: str, positive: str | None) -> list[str]:
    lines = ["data:", f"  source: {yaml_text(source_name)}", f"  label: {yaml_text(label)}"]
    if positive is not None:
        forms = text_form(table[label])
        count = int(pc.sum(pc.equal(forms, pa.scalar(positive)).cast(pa.int64())).as_py())
        bare = type_of(table[label]) in (ColumnType.BOOLEAN, ColumnType.INTEGER, ColumnType.NUMBER)
        shown = positive if bare else yaml_text(positive)
        lines.append(f"  positive: {shown}  # the rarer value, {count:,} of {table.num_rows:,} rows: is it the event?")
    return lines


def _role_lines(table: pa.Table, label: str, subject: str | None) -> list[str]:
    lines = []
    if subject is not None:
        lines.append(f"  subject_id: {yaml_text(subject)}  # rows of one are kept on one side of the holdout")
    else:
        lines.append("  # subject_id: COLUMN  # if several rows may be of one person or machine, name its column")
    sensitive = [n for n in table.column_names if n != label and names_one_of(header_words(n), _SENSITIVE)]
    if sensitive:
        shown = ", ".join(yaml_text(name) for name in sensitive)
        lines.append(f"  sensitive: [{shown}]  # assurance.fairness compares these groups")
    else:
        lines.append("  # sensitive: [COLUMN]  # groups that assurance.fairness is to compare, such as sex or age")
    return [*lines, *_ROLES_NOBODY_CAN_GUESS]


def _protect_lines(choices: list[_Choice]) -> list[str]:
    if not choices:
        none = "  protect: {}  # no personal data was found; COLUMN: drop|redact|mask|pseudonymise|generalise|keep"
        return [none, *_GOVERNANCE]
    lines = ["  protect:  # drop, redact, mask, pseudonymise, generalise, or keep to accept a column as it is"]
    return [*lines, *(f"    {yaml_text(c.column)}: {c.action}  # {c.why}" for c in choices), *_GOVERNANCE]


def _training_lines(task: Task, label: Chunks) -> list[str]:
    return [
        "training:",
        f"  model: gradient_boosting  # or random_forest, {_linear(task)}, or entry: train.py:fit",
        "  seed: 7",
        "  sandbox: {network: false, memory: 4 GiB, time: 10 min}",
        "",
        "assurance:",
        "  holdout: 0.25",
        "",
        "release:",
        "  require:  # the release gate stays shut until all of these are met",
        *(f'    {measure}: "{condition}"' for measure, condition in proposed_conditions(task, label).items()),
        "",
        "serving: {host: 127.0.0.1, port: 8443}",
    ]


def _unexamined_lines(task: Task, rows: int) -> list[str]:
    """Acceptance of what cannot be looked for in such a table: without it the gate stays shut."""
    if task.is_classification and rows >= LEAST_ROWS:
        return []
    why = f"fewer than {LEAST_ROWS} rows" if task.is_classification else "a label that is a quantity"
    return [
        "",
        f"controls:  # {why}: nobody can look for wrong labels and poison; without these lines the gate is shut",
        "  data.label_errors: {accept_unexamined: true}",
        "  data.poisoning: {accept_unexamined: true}",
    ]


def _linear(task: Task) -> str:
    """Name of the built-in linear model that can learn the task."""
    return "logistic_regression" if task.is_classification else "linear_regression"


def _project_name(called: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", called.lower()).strip("-")
    return yaml_text(name[:64].strip("-") or "project")


def _comment(text: str) -> str:
    return text if text.isprintable() else yaml_text(text)
