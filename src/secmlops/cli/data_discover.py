"""``secmlops data discover``: what personal data a table holds, how sure that is, and what to do; no value is shown."""

from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer
from secmlops.cli.screen import table
from secmlops.cli.verb import answering
from secmlops.core.json import Json
from secmlops.data.discovery import PersonalColumn, discover
from secmlops.data.reading import read_table
from secmlops.lifecycle.sources import read_source


@click.command("discover")
@click.argument("path", metavar="TABLE", type=click.Path(path_type=Path))
@answering
def command(path: Path) -> Answer:
    """Find personal data in TABLE, a CSV or Parquet file."""
    data = read_source(path.parent, path.name, "the folder you are in")
    found = discover(read_table(data, path.name).table, seed=0)

    def show(screen: Console) -> None:
        rows = table("column", "kinds", "cells", "confidence", "proposed")
        for c in found:
            rows.add_row(c.column, ", ".join(c.kinds), f"{c.share:.1%}", f"{c.confidence:.2f}", c.suggestion)
        screen.print(rows)

    return Answer({"columns": [_told(column) for column in found]}, show)


def _told(column: PersonalColumn) -> dict[str, Json]:
    return {
        "column": column.column,
        "kinds": [str(kind) for kind in column.kinds],
        "share": column.share,
        "confidence": column.confidence,
        "suggestion": column.suggestion,
    }
