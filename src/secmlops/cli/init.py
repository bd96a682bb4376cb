"""``secmlops init``: start a project, from a template or from your own table."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer
from secmlops.cli.found import found_in
from secmlops.cli.program import program
from secmlops.cli.screen import good
from secmlops.cli.verb import answering
from secmlops.core.errors import InputError
from secmlops.data.inspect import propose
from secmlops.data.reading import read_table
from secmlops.lifecycle.sources import read_source
from secmlops.project.load import FILE_NAME, load_project
from secmlops.usecases.catalogue import USE_CASES

EPILOG = """\b
For example:
  secmlops init loans --template credit-risk
  secmlops init loans --from applications.csv --label default
"""


@click.command("init", epilog=EPILOG)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--template", type=click.Choice(sorted(USE_CASES)), help="A built-in use case to start from.")
@click.option("--from", "table", type=click.Path(path_type=Path, dir_okay=False), help="Your own CSV or Parquet file.")
@click.option("--label", help="The column to predict (with --from).")
@answering
def command(folder: Path, template: str | None, table: Path | None, label: str | None) -> Answer:
    """Start a project in FOLDER: a commented secmlops.yaml, and the data beside it.

    With --from your table is looked at: the task is guessed from the label, and personal data are pointed out.
    """
    if (folder / FILE_NAME).exists():
        raise InputError(f"there is a {FILE_NAME} already", where=str(folder), hint="choose another folder")
    if template and not table:
        USE_CASES[template].write(folder, None, 7)
        found: tuple[str, ...] = ()
    elif table and not template:
        found = _from_table(folder, table, label)
    else:
        raise InputError("say how to start", hint="--template NAME, or --from TABLE --label COLUMN")
    data = {"folder": str(folder), "project": str(folder / FILE_NAME), "found": list(found)}
    return Answer(data, lambda screen: _show(screen, folder, found))


def _from_table(folder: Path, table: Path, label: str | None) -> tuple[str, ...]:
    """Write the proposal, and return what was found."""
    if label is None:
        raise InputError("which column shall be predicted?", hint="--label COLUMN")
    data = read_source(table.parent, table.name, "the folder you are in")
    reading = read_table(data, table.name)
    text = propose(reading.table, label, table.name, folder.resolve().name)
    found = tuple(found_in(reading, load_project(text)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _place_table(folder / table.name, data)
        _write_whole(folder / FILE_NAME, text.encode())
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(folder)) from None
    return found


def _place_table(path: Path, data: bytes) -> None:
    """Copy the table to ``path``; raises InputError where another table, to which no proposal fits, has that name."""
    if not path.exists():
        _write_whole(path, data)
    elif path.read_bytes() != data:
        advice = "choose another folder, or name that file as the table"
        raise InputError("another table lies there under this name", where=str(path), hint=advice)


def _write_whole(path: Path, data: bytes) -> None:
    """Write all of ``data`` or nothing: a full disk leaves no half of a file under a name that is read later."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _show(screen: Console, folder: Path, found: Sequence[str]) -> None:
    screen.print(good(f"the project is in {folder}"))
    for line in found:
        screen.print(f"  {line}", soft_wrap=True)
    screen.print(f"  look at  {folder / FILE_NAME}", soft_wrap=True)
    screen.print(f"  then     {program()} run --folder {folder}", soft_wrap=True)
