"""What all verbs have in common: ``--json``, the project's folder, and how their answer is delivered."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from secmlops.cli.answer import Answer, deliver

folder_option = click.option(
    "-C",
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The project's folder (where secmlops.yaml lies); the current one by default.",
)


def answering(function: Callable[..., Answer]) -> Callable[..., int]:
    """Give a verb the option ``--json`` and deliver the Answer it returns."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
    @functools.wraps(function)
    def verb(*arguments: Any, as_json: bool, **options: Any) -> int:
        return int(deliver(function(*arguments, **options), as_json))

    return verb
