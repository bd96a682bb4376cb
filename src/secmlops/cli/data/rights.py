"""What the verbs on rights to data have in common: whose right, on which columns, and how it is told."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from secmlops.access.data_rights import ALL, DataRight, Holder, Right
from secmlops.cli.answer import Answer
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.data.columns.catalogue import StoredDataSet, data_set_named
from secmlops.workspace import Workspace

_OPTIONS = (
    click.option("--user", help="A user who has the right."),
    click.option("--role", help="A role: everybody who has it has the right."),
    click.option("--columns", help="Names of columns with commas between them; without it, all columns."),
    click.option(
        "--right",
        type=click.Choice([str(right) for right in Right]),
        default=str(Right.VIEW),
        show_default=True,
        help="To read the values, or to destroy columns.",
    ),
)


def right_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb the options that name a right: whose it is, which columns, which right."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def holder_of(user: str | None, role: str | None) -> Holder:
    """Holder that one of the two options names; raises InputError for both or neither."""
    if (user is None) == (role is None):
        raise InputError("whose right is it", hint="give --user NAME or --role NAME, one of them")
    return Holder("user", user) if user is not None else Holder("role", str(role))


def columns_of(text: str | None) -> tuple[str, ...]:
    """Names in a text with commas between them, ``*`` for None; raises InputError for a text without names.

    A name with a comma in it is written between double quotes, as in CSV (RFC 4180). A column whose name is ``*``
    cannot be named: that stands for all.
    """
    if text is None:
        return (ALL,)
    names = tuple(name.strip() for name in next(csv.reader([text]), []))
    if not names or not all(names):
        raise InputError("a column without a name", where="--columns", hint="for example: --columns age,income")
    if ALL in names:
        raise InputError("'*' is no name", where="--columns", hint="leave the option away for all columns")
    return names


def named(folder: Path, name: str) -> tuple[Workspace, StoredDataSet]:
    """Workspace of the project in the folder, and its data set of this name; raises InputError when there is none."""
    workspace = Workspace(folder)
    return workspace, data_set_named(workspace.book, name)


def answer_of(right: DataRight) -> Answer:
    """What holds after a change."""

    def show(screen: Console) -> None:
        for kind in Right:
            columns = right.columns(kind)
            told = "every column" if columns == (ALL,) else ", ".join(columns) or "no column"
            screen.print(f"{right.holder} may {kind} {told} of {right.dataset}")

    data: dict[str, Json] = {
        "dataset": right.dataset,
        str(right.holder.kind): right.holder.name,
        "view": list(right.view),
        "modify": list(right.modify),
    }
    return Answer(data, show)
