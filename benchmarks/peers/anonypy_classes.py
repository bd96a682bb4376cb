"""Classes by anonypy's Mondrian, as its documentation shows it: ``FOLDER OUT K QUASI LABEL``, of each ``FOLDER/N.csv``.

Quasi-identifiers are parted by commas. ``OUT`` gets one line of JSON a table: CPU seconds of the cutting, kept rows,
group of each by column.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import pandas as pd
from anonypy.mondrian import Mondrian


def main(folder: str, out: str, k: str, quasi: str, label: str) -> None:
    warnings.filterwarnings("ignore")
    columns = quasi.split(",")
    with Path(out).open("w") as lines:
        for path in sorted(Path(folder).glob("*.csv"), key=lambda path: int(path.stem)):
            table = pd.read_csv(path)
            for name in columns:
                if not pd.api.types.is_numeric_dtype(table[name]):
                    table[name] = table[name].astype("category")
            start = time.process_time()
            parts = Mondrian(table, columns, label).partition(int(k))
            spent = time.process_time() - start
            places = [0] * len(table)
            for number, part in enumerate(parts):
                for row in part:
                    places[row] = number
            made = {"cpu": spent, "kept": list(range(len(table))), "groups": dict.fromkeys(columns, places)}
            lines.write(json.dumps(made) + "\n")


main(*sys.argv[1:])
