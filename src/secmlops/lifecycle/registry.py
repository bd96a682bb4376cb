"""Where controls are found: entry points, resolved when a control is used and never at import."""

import dataclasses
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import msgspec

from secmlops.core.control import Control
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.project.wording import misfit, nearest

GROUP = "secmlops.controls"


def control_ids() -> tuple[str, ...]:
    """Ids of every control that is installed, sorted."""
    return tuple(sorted({point.name for point in _installed(entry_points, tuple(sys.path))}))


@cache
def _installed(
    read: Callable[..., Iterable[EntryPoint]],
    path: tuple[str, ...],  # noqa: ARG001  # where it looks: the key of the cache
) -> tuple[EntryPoint, ...]:
    """Entry points of all controls: the metadata of the packages on a ``path`` are searched once in a process."""
    return tuple(read(group=GROUP))


def control_class(control_id: str) -> type[Control[Any]]:
    """Class registered under ``control_id``.

    Raises InputError when there is none, when two packages claim the id, or when what is registered is no such control.
    """
    points = [point for point in _installed(entry_points, tuple(sys.path)) if point.name == control_id]
    if not points:
        raise InputError(f"there is no control {control_id}{nearest(control_id, control_ids())}")
    if len({point.value for point in points}) > 1:
        owners = ", ".join(sorted(point.value for point in points))
        raise InputError(
            f"the control id {control_id} is claimed more than once: {owners}", hint="uninstall one of them"
        )
    try:
        found: type[Control[Any]] = points[0].load()
    except (ImportError, AttributeError, SyntaxError) as error:
        what = f"{points[0].value} cannot be imported: {type(error).__name__}: {error}"
        raise InputError(what, hint="install or mend the package that brings the control") from None
    if getattr(found, "id", None) != control_id or not hasattr(found, "__dataclass_fields__"):
        raise InputError(f"{points[0].value} is registered as {control_id}, but is no control of that id")
    return found


def configure(control_id: str, settings: Mapping[str, Json]) -> Control[Any]:
    """Control with these settings and the defaults of the others.

    Raises InputError, with the name of the setting as its place, for a setting that is not known or does not fit.
    """
    kind: Any = control_class(control_id)
    known = [field.name for field in dataclasses.fields(kind)]
    for name in settings:
        if name not in known:
            raise InputError(
                f"{control_id} has no setting {name}{nearest(name, known)}",
                where=name,
                hint=f"settings: {', '.join(known) or 'none'}",
            )
    try:
        control: Control[Any] = msgspec.convert(dict(settings), kind)
    except msgspec.ValidationError as error:
        name = str(error).rpartition("$.")[2].rstrip("`")
        value = settings.get(name)
        raise InputError(misfit(str(error), kind, value), where=name) from None
    return control
