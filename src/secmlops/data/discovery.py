"""Finds the columns of a table that hold personal data, by their headers and by their values."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from secmlops.data.clues import cells_of, clues_of
from secmlops.data.recognise.location import LOCATION, coordinate_columns
from secmlops.data.recognise.recogniser import Kind

SAMPLE_ROWS = 50_000
_COORDINATE_CONFIDENCE = 0.8


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """A column that holds personal data of one or more ``kinds``, the surest first.

    At least ``share`` (0 to 1) of the filled cells hold it, estimated from a sample; ``confidence`` (0 to 1) is how
    sure the finding is; ``suggestion`` is the action of ``protect`` that suits best.
    """

    column: str
    kinds: tuple[Kind, ...]
    share: float
    confidence: float
    suggestion: str


def discover(table: pa.Table, seed: int) -> tuple[PersonalColumn, ...]:
    """Columns of ``table`` that hold personal data, in table order.

    Of a longer table 50,000 rows are drawn with ``seed``: a kind that stands in one cell of 10,000 is then missed with
    a probability below 1%. Mentions in prose are looked for in all of these, what a column is as a whole in 2,000.
    Numbers of other things often have the form of personal ones, and a check digit fits one in ten by chance: so most
    values of a column must pass their check, or its header must name the kind.
    """
    rng = np.random.default_rng(seed)
    rows = table.num_rows
    if rows > SAMPLE_ROWS:
        table = table.take(pa.array(np.sort(rng.choice(rows, SAMPLE_ROWS, replace=False)), pa.int64()))
    places = coordinate_columns(table)
    found = (_coordinate(name, table) if name in places else _examine(name, table, rng) for name in table.column_names)
    return tuple(column for column in found if column is not None)


def _coordinate(name: str, table: pa.Table) -> PersonalColumn:
    filled = 1 - table[name].null_count / table.num_rows
    return PersonalColumn(name, (LOCATION.kind,), filled, _COORDINATE_CONFIDENCE, LOCATION.suggestion)


def _examine(name: str, table: pa.Table, rng: np.random.Generator) -> PersonalColumn | None:
    cells = cells_of(name, table[name], rng)
    clues = sorted(clues_of(cells, rng), key=lambda clue: -clue.confidence) if cells else []
    if not clues:
        return None
    return PersonalColumn(
        column=name,
        kinds=tuple(dict.fromkeys(clue.kind for clue in clues)),
        share=max(clue.share for clue in clues),
        confidence=clues[0].confidence,
        suggestion="drop" if cells and cells.prose else clues[0].suggestion,
    )
