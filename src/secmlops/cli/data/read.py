"""``secmlops data read``: the columns of a data set that a user may view, as CSV or Parquet; each reading on record."""

from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer, say
from secmlops.cli.data.rights import columns_of, named
from secmlops.cli.terminal import standard_output
from secmlops.cli.verb import answering, folder_option
from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.data.columns.export import Written, check_ending, write_csv, write_table_file
from secmlops.datasets import guarded_columns_of


@click.command("read")
@click.argument("name")
@click.option("--as", "user", required=True, metavar="USER", help="Whose rights count, and whose name is on record.")
@click.option("--columns", help="Names of columns with commas between them; without it, all that USER may view.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file to write, .csv or .parquet; without it, CSV goes to standard output.",
)
@folder_option
@answering
def command(name: str, user: str, columns: str | None, out: Path | None, folder: Path) -> Answer:
    """Read the data set NAME with the rights of USER. Columns that USER may not view are not decrypted.

    In CSV, a text that a spreadsheet would take for a formula gets a ' before it.
    """
    if out is None and click.get_current_context().params["as_json"]:
        raise InputError("there is no file for the rows", hint="name one with --out")
    if out is not None:
        check_ending(out)
    workspace, dataset = named(folder, name)
    wanted = None if columns is None else columns_of(columns)
    reading = guarded_columns_of(workspace).read(dataset, user, wanted)
    written = write_csv(reading.tables, standard_output()) if out is None else write_table_file(reading.tables, out)
    if reading.destroyed:
        say("warning", f"destroyed, so not read: {', '.join(reading.destroyed)}", where=dataset.name)

    def show(screen: Console) -> None:
        if out is not None:
            screen.print(_in_words(written, len(reading.columns), reading.hidden, out), soft_wrap=True)

    data: dict[str, Json] = {
        "dataset": dataset.name,
        "digest": str(dataset.digest),
        "user": user,
        "columns": list(reading.columns),
        "hidden": reading.hidden,
        "destroyed": list(reading.destroyed),
        "rows": written.rows,
        "guarded_cells": written.guarded,
        "file": str(out),
    }
    return Answer(data, show)


def _in_words(written: Written, columns: int, hidden: int, out: Path) -> str:
    told = f"{counted(written.rows, 'row')} of {counted(columns, 'column')} written to {out}"
    kept = f"; {counted(hidden, 'column')} may not be viewed" if hidden else ""
    guarded = f"; {counted(written.guarded, 'cell')} guarded against formulas" if written.guarded else ""
    return told + kept + guarded
