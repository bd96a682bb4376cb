"""``secmlops data discover``: what personal data tables and texts hold, where, and what to do; no value is shown."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer, say
from secmlops.cli.screen import good, table
from secmlops.cli.verb import answering
from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.data.discovery.entity_model import entity_model
from secmlops.data.discovery.location import survey_location
from secmlops.data.discovery.proposal import proposed_protection
from secmlops.data.discovery.survey import (
    MAX_FILE_BYTES,
    Manner,
    PassedOver,
    Survey,
    TableSurvey,
    TextSurvey,
    survey_bytes,
)
from secmlops.data.recognise.law import CATEGORIES, short

EPILOG = """\b
For example:
  secmlops data discover customers.csv
  secmlops data discover customers.csv --write protect.yaml
  secmlops data discover exports/
  secmlops data discover s3://bucket/exports/
  tail -n 1000 app.log | secmlops data discover -
"""
_PLACES = 3
_NOTHING = "no personal data was found; the search can miss some"


@click.command("discover", epilog=EPILOG)
@click.argument("path", metavar="TABLE|FOLDER|TEXT|URL|-")
@click.option("--full", is_flag=True, help="Search every row and character instead of a sample, and show every place.")
@click.option("--as", "form", type=click.Choice(["table", "text"]), help="What the file is; by default its name tells.")
@click.option("--model", "model_name", metavar="NAME", help="An entity model that is installed, for texts besides.")
@click.option(
    "--write",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a proposal for data.protect of secmlops.yaml into this new file.",
)
@answering
def command(path: str, full: bool, form: str | None, model_name: str | None, target: Path | None) -> Answer:
    """Find personal data in a TABLE (CSV, Parquet), a TEXT, all files of a FOLDER, a URL, or standard input (-).

    A folder of Parquet files with the same columns is one table, and so is s3://BUCKET/PREFIX/ and
    postgresql://HOST/DATABASE?table=NAME. A table may be larger than memory.

    Says what, where, how sure that is, and which law's category it is. Of a table of more than 50,000 rows a random
    sample is searched, of a text the first 10,000,000 characters.
    """
    manner = Manner(full, form or "", entity_model(model_name) if model_name else None)
    surveys = tuple(_surveys(path, manner))
    for survey in surveys:
        for note in () if isinstance(survey, PassedOver) else survey.notes:
            say(note.severity, note.message, note.where, note.hint)
    written = _write(target, [s for s in surveys if isinstance(s, TableSurvey)]) if target else None
    data: dict[str, Json] = {"files": [_told(survey) for survey in surveys], "written": written}
    return Answer(data, lambda screen: _show(screen, surveys, full, written))


def _surveys(path: str, manner: Manner) -> Sequence[Survey]:
    if path == "-":
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise InputError(f"more than {MAX_FILE_BYTES // 2**30} GiB", where="standard input", hint="use a file")
        return [survey_bytes(data, "standard input", manner)]
    return survey_location(path, manner)


def _write(target: Path, tables: Sequence[TableSurvey]) -> str:
    if not tables:
        raise InputError("no table was searched, and only columns can be protected", hint="leave --write out")
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(proposed_protection(tables))
    except FileExistsError:
        raise InputError("there is such a file already", where=str(target), hint="name a new one") from None
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(target)) from None
    return str(target)


def _show(screen: Console, surveys: Sequence[Survey], full: bool, written: str | None) -> None:
    for survey in surveys:
        if isinstance(survey, TableSurvey):
            _show_table(screen, survey)
        elif isinstance(survey, TextSurvey):
            _show_text(screen, survey, full)
    over = [survey for survey in surveys if isinstance(survey, PassedOver)]
    if over:
        rows = table("passed over", "why")
        for survey in over:
            rows.add_row(survey.name, survey.why)
        screen.print(rows)
    if written:
        screen.print(good(f"the proposal is in {written}: edit it"))


def _show_table(screen: Console, survey: TableSurvey) -> None:
    part = "" if survey.searched == survey.rows else f", a sample of {survey.searched:,} searched"
    screen.print(f"{survey.name}: {counted(survey.rows, 'row')}{part}", soft_wrap=True)
    if not survey.columns:
        screen.print(f"  {_NOTHING}")
        return
    rows = table("column", "what", "cells", "sure", "proposed", "law")
    for c in survey.columns:
        law = short(c.kinds[0])
        rows.add_row(c.column, ", ".join(c.kinds), f"{c.share:.1%}", f"{c.confidence:.2f}", c.suggestion, law)
    screen.print(rows)


def _show_text(screen: Console, survey: TextSurvey, full: bool) -> None:
    part = "" if survey.searched == survey.characters else f", the first {survey.searched:,} searched"
    screen.print(f"{survey.name}: {counted(survey.characters, 'character')}{part}", soft_wrap=True)
    if not survey.mentions:
        screen.print(f"  {_NOTHING}")
        return
    rows = table("what", "times", "line:column", "sure", "why", "law")
    for kind, count in Counter(m.span.kind for m in survey.mentions).most_common():
        found = [m for m in survey.mentions if m.span.kind is kind]
        shown = found if full else found[:_PLACES]
        places = " ".join(f"{m.line}:{m.column}" for m in shown) + ("" if len(shown) == count else " ...")
        surest = max(found, key=lambda m: m.span.confidence).span
        rows.add_row(kind, str(count), places, f"{surest.confidence:.2f}", surest.why, short(kind))
    screen.print(rows)


def _told(survey: Survey) -> dict[str, Json]:
    if isinstance(survey, PassedOver):
        return {"name": survey.name, "form": "passed over", "why": survey.why}
    if isinstance(survey, TextSurvey):
        mentions: list[Json] = [
            {
                "kind": str(m.span.kind),
                "start": m.span.start,
                "end": m.span.end,
                "line": m.line,
                "column": m.column,
                "confidence": m.span.confidence,
                "why": m.span.why,
                "law": list(CATEGORIES[m.span.kind]),
            }
            for m in survey.mentions
        ]
        size = {"characters": survey.characters, "searched": survey.searched}
        return {"name": survey.name, "form": "text", **size, "mentions": mentions}
    columns: list[Json] = [
        {
            "column": c.column,
            "kinds": [str(kind) for kind in c.kinds],
            "share": c.share,
            "why": c.why,
            "confidence": c.confidence,
            "suggestion": c.suggestion,
            "law": list(dict.fromkeys(category for kind in c.kinds for category in CATEGORIES[kind])),
        }
        for c in survey.columns
    ]
    return {"name": survey.name, "form": "table", "rows": survey.rows, "searched": survey.searched, "columns": columns}
