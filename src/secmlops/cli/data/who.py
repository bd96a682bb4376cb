"""``secmlops data who``: who may view or modify which columns of a data set, and why."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console

from secmlops.access.data_access import Held
from secmlops.access.data_rights import Right
from secmlops.cli.answer import Answer, say
from secmlops.cli.data.rights import named
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.json import Json
from secmlops.datasets import column_store_of, data_rights_of


@click.command("who")
@click.argument("name")
@folder_option
@answering
def command(name: str, folder: Path) -> Answer:
    """Show who may view or modify which columns of the data set NAME, and what gives the right."""
    workspace, dataset = named(folder, name)
    columns = column_store_of(workspace).columns(dataset.digest)
    access = data_rights_of(workspace).refresh()
    held = access.holders(dataset.name, list(columns))
    if access.rights.passed_over:
        say("warning", access.rights.passed_over_in_words, hint="grant anew what is to hold")
    destroyed = [column for column, there in columns.items() if not there]

    def show(screen: Console) -> None:
        rows = table("who", "may", "columns", "why")
        for one in held:
            for right, reasons in ((Right.VIEW, one.view), (Right.MODIFY, one.modify)):
                for why, of in _by_reason(reasons).items():
                    told = "all" if len(of) == len(columns) else ", ".join(of)
                    rows.add_row(str(one.holder), str(right), told, why)
        screen.print(rows)
        screen.print(f"columns of {dataset.name} ({dataset.digest.short}): {', '.join(columns)}", soft_wrap=True)
        if destroyed:
            screen.print(f"destroyed: {', '.join(destroyed)}", soft_wrap=True)

    data: dict[str, Json] = {
        "dataset": dataset.name,
        "digest": str(dataset.digest),
        "columns": list(columns),
        "destroyed": destroyed,
        "who": [_told(one) for one in held],
    }
    return Answer(data, show)


def _by_reason(reasons: Mapping[str, str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for column, why in reasons.items():
        grouped[why].append(column)
    return grouped


def _told(held: Held) -> dict[str, Json]:
    return {held.holder.kind: held.holder.name, "view": held.view, "modify": held.modify}
