"""Reading a project file: every problem told at once, with its line, what is allowed, and the nearest right word."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from types import UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from secmlops.core.condition import Condition
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.project.data_rules import data_contradictions
from secmlops.project.document import Path as Place
from secmlops.project.document import read_document
from secmlops.project.problems import Problem, read_text, refusal
from secmlops.project.settings import Project
from secmlops.project.units import parse_bytes, parse_duration
from secmlops.project.wording import misfit, nearest, shown
from secmlops.serving.networks import Networks
from secmlops.serving.settings import GuardPolicy, ServingSettings
from secmlops.training.claims import claimed
from secmlops.training.combinations import clashes, given_settings
from secmlops.training.sandbox.isolation import WAIVERS

FILE_NAME = "secmlops.yaml"

T = TypeVar("T")


def read_project(path: Path) -> Project:
    """Project of the file ``path``; raises InputError when it is missing, unreadable or wrong."""
    return load_project(read_text(path), path.name)


def load_project(text: str, name: str = FILE_NAME) -> Project:
    """Project written in ``text``; raises InputError that lists every problem found."""
    document = read_document(text, name)
    problems = list(_misfits(document.value, Project, ()))
    if not problems:
        project = msgspec.convert(document.value, Project)
        problems = list(_contradictions(project))
        if not problems:
            return project
    raise refusal(problems, document, name)


def read_serving(path: Path) -> ServingSettings:
    """Settings of a serving.yaml, which holds what the section ``serving`` of a project file would.

    Raises InputError when it is missing, unreadable or wrong.
    """
    missing = "write one, with the keys that the section 'serving' of a project file has"
    document = read_document(read_text(path, missing), path.name)
    problems = list(_misfits(document.value, ServingSettings, ()))
    if not problems:
        settings = msgspec.convert(document.value, ServingSettings)
        problems = list(_serving_contradictions(settings, ()))
        if not problems:
            return settings
    raise refusal(problems, document, path.name)


def _misfits(value: Json, kind: Any, place: Place) -> Iterator[Problem]:
    """Yield where ``value`` does not fit the type ``kind`` (a struct, a mapping of them, or a leaf)."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is dict:
        if not isinstance(value, Mapping):
            yield place, f"expected a mapping of names to values, found {shown(value)}"
            return
        for key, item in value.items():
            yield from _misfits(item, arguments[1], (*place, key))
    elif section := _section(kind):
        if value is not None or isinstance(kind, type):
            yield from _section_misfits(value, section, place)
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            yield place, misfit(str(error), kind, value)


def _section(kind: Any) -> type[msgspec.Struct] | None:
    """Struct that ``kind`` is, or is with None for its absence."""
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    parts = get_args(plain) if get_origin(plain) is UnionType else (plain,)
    return next((part for part in parts if isinstance(part, type) and issubclass(part, msgspec.Struct)), None)


def _section_misfits(value: Json, kind: type[msgspec.Struct], place: Place) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield place, f"expected a section with keys {', '.join(kind.__struct_fields__)}, found {shown(value)}"
        return
    hints = get_type_hints(kind, include_extras=True)
    for key in value:
        if key not in hints:
            yield (*place, key), f"unknown key{nearest(key, hints) or ';'} allowed: {', '.join(hints)}"
    for field in msgspec.structs.fields(kind):
        if field.name in value:
            hint = hints[field.name]
            inner = get_args(hint)[0] if get_args(hint) and get_origin(get_args(hint)[0]) is dict else hint
            yield from _misfits(value[field.name], inner, (*place, field.name))
        elif field.required:
            yield place, f"the key {field.name} is missing"


def _contradictions(project: Project) -> Iterator[Problem]:
    yield from _training_contradictions(project)
    yield from _refused(("release", "within"), parse_duration, project.release.within)
    for measure, why in claimed(project.release.require) if project.training.entry else ():
        yield ("release", "require", measure), why
    for measure, condition in project.release.require.items():
        place = ("release", "require", measure)
        if measure.count(".") < 2:
            yield place, "name a measure as STAGE.CONTROL.MEASURE, for example assurance.performance.auc"
        yield from _refused(place, Condition.parse, condition)
    yield from _serving_contradictions(project.serving, ("serving",))
    yield from data_contradictions(project.data, _is_below)


def _training_contradictions(project: Project) -> Iterator[Problem]:
    training, sandbox = project.training, project.training.sandbox
    if (training.model is None) == (training.entry is None):
        yield ("training",), "exactly one of model and entry says how the model is made"
    if training.entry is not None and not _is_entry(training.entry):
        yield ("training", "entry"), f"{training.entry!r} is not an entry; write FILE.py:FUNCTION"
    if sandbox.network:
        yield ("training", "sandbox", "network"), "training without a network is the only kind there is: leave it out"
    yield from _refused(("training", "sandbox", "memory"), parse_bytes, sandbox.memory)
    yield from _refused(("training", "sandbox", "time"), parse_duration, sandbox.time)
    yield from _odd_training(project)
    if training.compress and not training.compress.asked:
        yield ("training", "compress"), "nothing is to be done: name quantise, prune, leaves or distil"
    for place, waiver in enumerate(sandbox.accept):
        if waiver not in WAIVERS:
            allowed = f"allowed: {', '.join(WAIVERS)}{nearest(waiver, WAIVERS)}"
            yield ("training", "sandbox", "accept", place), f"unknown isolation {waiver!r}; {allowed}"


def _odd_training(project: Project) -> Iterator[Problem]:
    training = project.training
    settings = {name: getattr(training, name) for name in training.__struct_fields__}
    for clash in clashes(given_settings(project.task, settings)):
        yield clash.place, f"{clash.what}; {clash.instead}"
    if training.private and training.model:
        yield from _refused(("training", "private"), training.private.check, str(training.model))
    if training.reweigh and training.reweigh not in project.data.sensitive:
        yield ("training", "reweigh"), f"name {training.reweigh!r} in data.sensitive too, to see what it changes"


def _serving_contradictions(serving: ServingSettings, place: Place) -> Iterator[Problem]:
    for section, check in (("networks", lambda: Networks(serving.networks)), ("traces", serving.traces.check)):
        try:
            check()
        except InputError as error:
            yield (*place, section), str(error)
    falls_back = serving.guard.policy is GuardPolicy.FALLBACK
    if falls_back is not (serving.guard.fallback is not None):
        yield (*place, "guard"), "a fallback answer belongs to the policy fallback, and the policy to an answer"


def _is_entry(entry: str) -> bool:
    file, _, function = entry.rpartition(":")
    return file.endswith(".py") and function.isidentifier() and _is_below(file)


def _is_below(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and name.isprintable() and not path.is_absolute() and ".." not in path.parts


def _refused(place: Place, parse: Callable[[T], object], text: T) -> Iterator[Problem]:
    try:
        parse(text)
    except InputError as error:
        yield place, str(error)
