"""Finds out which character separates the cells of a delimited text file."""

import csv
from collections import Counter
from collections.abc import Iterator

DELIMITERS = ",;\t|"
_SAMPLE_RECORDS = 50


def sniff_delimiter(sample: str) -> str:
    """Delimiter of ``sample``, the beginning of the file: one of comma, semicolon, tab, bar.

    The winner splits most of the first records into as many cells as the header, and into most cells; a comma when
    nothing splits the header, for a table of one column.
    """
    return max(DELIMITERS, key=lambda d: (_agreement(sample, d), -DELIMITERS.index(d)))


def _agreement(sample: str, delimiter: str) -> tuple[float, int]:
    widths = [len(record) for record in records(sample, delimiter)]
    if not widths or widths[0] == 1:
        return (0.0, 0)
    share = Counter(widths)[widths[0]] / len(widths)
    return (round(share, 1), widths[0])


def records(sample: str, delimiter: str) -> Iterator[list[str]]:
    """Records of ``sample``, at most fifty, without empty lines; stops where the sample cannot be parsed."""
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=delimiter)
    found = 0
    while found < _SAMPLE_RECORDS:
        try:
            record = next(reader)
        except (StopIteration, csv.Error):
            return
        if record:
            found += 1
            yield record
