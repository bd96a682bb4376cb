"""Finds the columns of a table that hold personal data, by their headers and by their values."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from secmlops.data.discovery.clues import Clue, cells_of, clues_of
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.location import LOCATION, coordinate_columns

SAMPLE_ROWS = 50_000
_COORDINATE_CONFIDENCE = 0.8


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """A column that holds personal data of one or more ``kinds``, the surest first.

    At least ``share`` (0 to 1) of the filled cells hold it, estimated from a sample or counted; ``confidence`` (0 to 1)
    is how sure the finding is, ``why`` what tells; ``suggestion`` is the action of ``protect`` that suits best.
    """

    column: str
    kinds: tuple[Kind, ...]
    share: float
    confidence: float
    suggestion: str
    why: str = ""


def discover(table: pa.Table, seed: int, full: bool = False) -> tuple[PersonalColumn, ...]:
    """Columns of ``table`` that hold personal data, in table order.

    Of a longer table 50,000 rows are drawn with ``seed``: a kind that stands in one cell of 10,000 is then missed with
    a probability below 1%. Mentions in prose are looked for in all of these, what a column is as a whole in 2,000;
    ``full`` looks for mentions in every row and counts the shares in all of them.
    Numbers of other things often have the form of personal ones, and a check digit fits one in ten by chance: so most
    values of a column must pass their check, or its header must name the kind.
    """
    rng = np.random.default_rng(seed)
    rows = table.num_rows
    if rows > SAMPLE_ROWS and not full:
        table = table.take(pa.array(np.sort(rng.choice(rows, SAMPLE_ROWS, replace=False)), pa.int64()))
    places = coordinate_columns(table)
    found = (
        _coordinate(name, table) if name in places else _examine(name, table, rng, full) for name in table.column_names
    )
    return tuple(column for column in found if column is not None)


def _coordinate(name: str, table: pa.Table) -> PersonalColumn:
    filled = 1 - table[name].null_count / table.num_rows
    why = "exact latitudes and longitudes"
    return PersonalColumn(name, (LOCATION.kind,), filled, _COORDINATE_CONFIDENCE, LOCATION.suggestion, why)


def _examine(name: str, table: pa.Table, rng: np.random.Generator, full: bool) -> PersonalColumn | None:
    cells = cells_of(name, table[name], rng, full)
    clues = sorted(clues_of(cells, rng), key=lambda clue: (not clue.whole, -clue.confidence)) if cells else []
    if not clues:
        return None
    return PersonalColumn(
        column=name,
        kinds=tuple(dict.fromkeys(clue.kind for clue in clues)),
        share=max(clue.share for clue in clues),
        confidence=clues[0].confidence,
        suggestion=_suggestion(clues),
        why=clues[0].why,
    )


def _suggestion(clues: list[Clue]) -> str:
    """What suits the surest kind; nothing less than dropping where prose mentions others besides."""
    of_whole = {clue.kind for clue in clues if clue.whole}
    others = any(clue.kind not in of_whole for clue in clues)
    return "drop" if others else clues[0].suggestion
