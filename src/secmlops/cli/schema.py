"""``secmlops schema``: the JSON Schema of the project file."""

import click

from secmlops.project.settings import json_schema


@click.command("schema")
@click.option("--json", is_flag=True, expose_value=False, help="Changes nothing: the schema is one JSON object.")
def command() -> None:
    """Print the JSON Schema of secmlops.yaml, so that editors can complete and check it."""
    click.echo(json_schema().decode())
