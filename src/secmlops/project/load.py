"""Reading a project file: every problem told at once, with its line, what is allowed, and the nearest right word."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from secmlops.core.condition import Condition
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.project.document import Document, read_document
from secmlops.project.document import Path as Place
from secmlops.project.settings import Project
from secmlops.project.units import parse_bytes, parse_duration

FILE_NAME = "secmlops.yaml"

Problem = tuple[Place, str]


def read_project(path: Path) -> Project:
    """Project of the file ``path``; raises InputError when it is missing, unreadable or wrong."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"there is no {path.name} here", where=str(path.parent), hint="secmlops init writes one"
        ) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    try:
        return load_project(data.decode("utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", where=f"{path.name}: byte {error.start}", hint="save it as UTF-8") from None


def load_project(text: str, name: str = FILE_NAME) -> Project:
    """Project written in ``text``; raises InputError that lists every problem found."""
    document = read_document(text, name)
    problems = list(_misfits(document.value, Project, ()))
    if not problems:
        project = msgspec.convert(document.value, Project)
        problems = list(_contradictions(project))
        if not problems:
            return project
    raise _told(problems, document, name)


def _told(problems: list[Problem], document: Document, name: str) -> InputError:
    lines = [(document.line(place), ".".join(map(str, place)), what) for place, what in problems]
    (first, *more) = sorted(lines)
    told = "".join(f"\n  line {line}: {_joined(at, what)}" for line, at, what in more)
    return InputError(_joined(first[1], first[2]) + told, where=f"{name}:{first[0]}")


def _joined(at: str, what: str) -> str:
    return f"{at}: {what}" if at else what


def _misfits(value: Json, kind: Any, place: Place) -> Iterator[Problem]:
    """Yield where ``value`` does not fit the type ``kind`` (a struct, a mapping of them, or a leaf)."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is dict:
        if not isinstance(value, Mapping):
            yield place, f"expected a mapping of names to values, found {_shown(value)}"
            return
        for key, item in value.items():
            yield from _misfits(item, arguments[1], (*place, key))
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from _section_misfits(value, kind, place)
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            yield place, f"{_reworded(str(error), value)}{_choice(kind, value)}"


def _section_misfits(value: Json, kind: type[msgspec.Struct], place: Place) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield place, f"expected a section with keys {', '.join(kind.__struct_fields__)}, found {_shown(value)}"
        return
    hints = get_type_hints(kind, include_extras=True)
    for key in value:
        if key not in hints:
            yield (*place, key), f"unknown key{nearest(key, hints)}"
    for field in msgspec.structs.fields(kind):
        if field.name in value:
            hint = hints[field.name]
            bare = get_type_hints(kind)[field.name]
            yield from _misfits(value[field.name], bare if get_origin(bare) is dict else hint, (*place, field.name))
        elif field.required:
            yield place, f"the key {field.name} is missing"


def _contradictions(project: Project) -> Iterator[Problem]:
    training = project.training
    if (training.model is None) == (training.entry is None):
        yield ("training",), "exactly one of model and entry says how the model is made"
    if training.entry is not None and not _is_entry(training.entry):
        yield ("training", "entry"), f"{training.entry!r} is not an entry; write FILE.py:FUNCTION"
    yield from _refused(("training", "sandbox", "memory"), parse_bytes, training.sandbox.memory)
    yield from _refused(("training", "sandbox", "time"), parse_duration, training.sandbox.time)
    yield from _refused(("release", "within"), parse_duration, project.release.within)
    for measure, condition in project.release.require.items():
        place = ("release", "require", measure)
        if measure.count(".") < 2:
            yield place, "name a measure as STAGE.CONTROL.MEASURE, for example assurance.performance.auc"
        yield from _refused(place, Condition.parse, condition)
    if project.data.label in project.data.protect:
        yield ("data", "protect", project.data.label), "the label cannot be protected: the model learns to predict it"


def _is_entry(entry: str) -> bool:
    file, _, function = entry.rpartition(":")
    return (
        file.endswith(".py")
        and function.isidentifier()
        and not Path(file).is_absolute()
        and ".." not in Path(file).parts
    )


def _refused(place: Place, parse: Callable[[str], object], text: str) -> Iterator[Problem]:
    try:
        parse(text)
    except InputError as error:
        yield place, str(error)


def _reworded(error: str, value: Json) -> str:
    what = error.partition(" - at ")[0].replace("`", "")
    return what if "got" in what or repr(value) in what else f"{what} (found {_shown(value)})"


def _choice(kind: Any, value: Json) -> str:
    """Return what is allowed, and the nearest of it, where ``kind`` is an enumeration or a choice of literals."""
    allowed = [str(word) for option in _alternatives(kind) for word in _words(option)]
    return f"; allowed: {', '.join(allowed)}{nearest(str(value), allowed)}" if allowed else ""


def _alternatives(kind: Any) -> Iterator[Any]:
    """Yield the types that ``kind`` is made of, through annotations and unions."""
    yield kind
    if get_origin(kind) is not Literal:
        for part in get_args(kind):
            yield from _alternatives(part)


def _words(option: Any) -> Iterator[object]:
    if isinstance(option, type) and issubclass(option, Enum):
        yield from (member.value for member in option)
    elif get_origin(option) is Literal:
        yield from get_args(option)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean X?`` for the nearest known word, or nothing."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


def _shown(value: Json) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(value)[:60]
