"""``secmlops data release-dp``: counts and means under differential privacy, paid from the budget, with a statement."""

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer
from secmlops.cli.data.budget import budget_data
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, SecmlopsError
from secmlops.core.json import Json
from secmlops.data.columns.export import check_ending, whole_file
from secmlops.data.differential_privacy.desk import fetchable
from secmlops.data.differential_privacy.loss import PrivacyLoss
from secmlops.data.differential_privacy.persons import Source
from secmlops.data.differential_privacy.query import Mean, Query
from secmlops.data.differential_privacy.release import Released
from secmlops.data.reading import read_table
from secmlops.datasets import privacy_desk_of
from secmlops.pipeline import Silence, journey_of
from secmlops.workspace import Workspace

EPILOG = """\b
For example:
  secmlops data budget --epsilon 1 --delta 1e-8
  secmlops data release-dp --group-by region --delta 1e-9 --epsilon 0.2
  secmlops data release-dp --group-by region --keys region=north,south --mean age:18:90 --epsilon 0.2 --out ages.csv
"""
_SHOWN = 50


@click.command("release-dp", epilog=EPILOG)
@click.option("--group-by", metavar="COLUMNS", help="Columns, commas between them; else all rows are one group.")
@click.option("--mean", "means", multiple=True, metavar="COLUMN:LOW:HIGH", help="A mean; values are clamped to bounds.")
@click.option("--keys", multiple=True, metavar="COLUMN=VALUES", help="The values of a column of --group-by, if public.")
@click.option("--epsilon", help="How much this release may tell about a person.")
@click.option("--delta", default="0", help="The chance that groups which are not public tell more.")
@click.option("--rows-per-person", type=int, default=1, show_default=True, help="How many rows of a person count.")
@click.option("--as", "user", metavar="USER", help="Who asks; needed as soon as the project has users.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A .csv or .parquet file to write; its receipt beside it.",
)
@click.option("--again", type=int, metavar="ENTRY", help="Fetch what this entry of the ledger paid for once more.")
@folder_option
@answering
def command(
    group_by: str | None,
    means: tuple[str, ...],
    keys: tuple[str, ...],
    epsilon: str | None,
    delta: str,
    rows_per_person: int,
    user: str | None,
    out: Path | None,
    again: int | None,
    folder: Path,
) -> Answer:
    """Release counts, and means of columns, from the project's table with noise that hides every single person.

    Whose consent is withdrawn is not counted. The first rows of a person count, as data.subject_id tells them apart;
    without it, a row is taken for a person. The budget is charged before anybody sees the result, which is kept,
    encrypted: with --again and the entry that paid, the same file can be had as often as you like, at no cost.
    """
    if out is not None:
        check_ending(out)
        _check_place(out)
    workspace = Workspace(folder)
    if again is not None:
        return _again(workspace, again, user, out, epsilon)
    if epsilon is None:
        raise InputError("nothing says how much may be told", where="--epsilon", hint="for example --epsilon 0.2")
    query = Query(
        PrivacyLoss.read(epsilon, delta),
        _columns(group_by) if group_by is not None else (),
        tuple(_mean(text) for text in means),
        dict(_public(text) for text in keys),
        rows_per_person,
    )
    return _release(workspace, query, user, out)


def _release(workspace: Workspace, query: Query, user: str | None, out: Path | None) -> Answer:
    """Draw and pay, put on record, and write."""
    journey, desk = journey_of(workspace, Silence()), privacy_desk_of(workspace)
    journey.raw_reading = read_table(journey.source, journey.raw.name)  # only looked at: what no run stored is not kept
    source = Source(journey.raw, journey.consented.table, workspace.project.data.subject_id)
    bought = desk.draw(source, query, user, out.suffix if out else ".csv")
    data, released = bought.drawn.data, bought.released
    with _fetchable(bought.paid.index):
        entry = desk.record(bought.drawn, bought.paid).index
        if out is not None:
            _write(out, data, workspace.ledger.receipt(entry))
    told: dict[str, Json] = {
        "digest": str(Digest.of(data)),
        "entry": entry,
        "paid": bought.paid.index,
        "unit": source.unit,
        "epsilon": query.loss.epsilon,
        "delta": query.loss.delta,
        "threshold": released.threshold,
        "rows": released.table.to_pylist(),
        "file": str(out) if out else None,
        "budget": budget_data(desk.account()),
    }
    left = desk.account().left
    shown = f"{source.unit}; entry {entry}, paid by entry {bought.paid.index}; left: {left}"
    return Answer(told, lambda screen: _show(screen, released, shown, out))


@contextmanager
def _fetchable(paid: int) -> Iterator[None]:
    """Tell of whatever stops us from here on how to get what was paid for."""
    try:
        yield
    except (SecmlopsError, OSError) as error:
        raise fetchable(error, paid) from None


def _again(workspace: Workspace, paid: int, user: str | None, out: Path | None, epsilon: str | None) -> Answer:
    """Hand out a release once more, with its receipt; what was stopped before it was on record is put there now."""
    if epsilon is not None or out is None:
        raise InputError("--again fetches a file that was paid", hint="give --out, and no question")
    desk = privacy_desk_of(workspace)
    drawn, entry = desk.again(paid, user)
    if out.suffix.lower() != drawn.ending.lower():
        raise InputError(f"it was paid for as {drawn.ending}", where=str(out), hint="name the file so")
    recorded = desk.record(drawn, entry).index
    with _fetchable(paid):
        _write(out, drawn.data, workspace.ledger.receipt(recorded))
    told: dict[str, Json] = {"digest": str(Digest.of(drawn.data)), "entry": recorded, "paid": paid}
    return Answer(told, lambda screen: screen.print(f"written to {out} once more, at no cost", soft_wrap=True))


def _columns(text: str) -> tuple[str, ...]:
    names = _names(text)
    if not names or not all(names):
        raise InputError("a column without a name", where="--group-by", hint="leave it out for one group of all rows")
    return names


def _check_place(out: Path) -> None:
    """Refuse a place where nothing can be written before the budget is charged."""
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise InputError("nothing can be written there", where=str(out.parent), hint="name a folder that is yours")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in next(csv.reader([text]), []))


def _mean(text: str) -> Mean:
    column, low, high = ("", "", "") if text.count(":") < 2 else tuple(text.rsplit(":", 2))
    try:
        return Mean(column, float(low), float(high))
    except ValueError:
        raise InputError(f"{text[:80]!r} is no mean", where="--mean", hint="write COLUMN:LOW:HIGH") from None


def _public(text: str) -> tuple[str, tuple[str, ...]]:
    column, equals, values = text.partition("=")
    if not equals:
        raise InputError(f"{text[:80]!r} names no values", where="--keys", hint="write COLUMN=VALUE,VALUE")
    return column, _names(values)


def _write(out: Path, data: bytes, receipt: str) -> None:
    for path, content in ((out, data), (out.with_name(f"{out.name}.receipt"), receipt.encode())):
        with whole_file(path) as sink:
            sink.write(content)


def _show(screen: Console, released: Released, told: str, out: Path | None) -> None:
    columns: Sequence[str] = released.table.column_names
    rows = table(*columns)
    for row in released.table.slice(0, _SHOWN).to_pylist():
        rows.add_row(*(_cell(row[name]) for name in columns))
    screen.print(rows)
    if released.table.num_rows > _SHOWN:
        screen.print(f"and {released.table.num_rows - _SHOWN} more")
    if released.threshold:
        screen.print(f"groups whose noisy count is below {released.threshold} are not told")
    screen.print(f"each true value is within its half-width in 95 of 100 cases; hidden: {told}", soft_wrap=True)
    if out is not None:
        screen.print(f"written to {out}, its receipt beside it")


def _cell(value: object) -> str:
    return "" if value is None else f"{value:,.6g}" if isinstance(value, float) else str(value)
