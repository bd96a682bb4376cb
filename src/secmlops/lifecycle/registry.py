"""Where controls are found: entry points, resolved when a control is used and never at import."""

import dataclasses
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import msgspec

from secmlops.core.control import Control
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.project.load import nearest

GROUP = "secmlops.controls"


def control_ids() -> tuple[str, ...]:
    """Ids of every control that is installed, sorted."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def control_class(control_id: str) -> type[Control[Any]]:
    """Class registered under ``control_id``.

    Raises InputError when there is none, when two packages claim the id, or when the class calls itself otherwise.
    """
    points: tuple[EntryPoint, ...] = tuple(entry_points(group=GROUP, name=control_id))
    if not points:
        raise InputError(f"there is no control {control_id}{nearest(control_id, control_ids())}")
    if len({point.value for point in points}) > 1:
        owners = ", ".join(sorted(point.value for point in points))
        raise InputError(
            f"the control id {control_id} is claimed more than once: {owners}", hint="uninstall one of them"
        )
    found: type[Control[Any]] = points[0].load()
    if found.id != control_id:
        raise InputError(f"{points[0].value} is registered as {control_id} but calls itself {found.id}")
    return found


def configure(control_id: str, settings: Mapping[str, Json]) -> Control[Any]:
    """Control with these settings and the defaults of the others; raises InputError for a setting that does not fit."""
    kind: Any = control_class(control_id)
    known = [field.name for field in dataclasses.fields(kind)]
    for name in settings:
        if name not in known:
            raise InputError(
                f"{control_id} has no setting {name}{nearest(name, known)}", hint=f"known: {', '.join(known)}"
            )
    try:
        control: Control[Any] = msgspec.convert(dict(settings), kind)
    except msgspec.ValidationError as error:
        raise InputError(f"setting of {control_id}: {error}") from None
    return control
