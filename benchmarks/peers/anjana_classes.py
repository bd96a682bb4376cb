"""Classes by anjana, as its documentation shows it: ``FOLDER OUT K QUASI LEVELS SHARE``, of each ``FOLDER/N.csv``.

Quasi-identifiers are parted by commas; ``LEVELS`` is a file of hierarchies, ``SHARE`` the percentage of rows that may
be suppressed. ``OUT`` gets one line of JSON a table: CPU seconds, kept rows, group of each by column.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from anjana.anonymity import k_anonymity


def main(folder: str, out: str, k: str, quasi: str, levels: str, share: str) -> None:
    warnings.filterwarnings("ignore")
    columns = quasi.split(",")
    read = json.loads(Path(levels).read_text())
    known = {name: {int(level): np.array(values) for level, values in found.items()} for name, found in read.items()}
    with Path(out).open("w") as lines:
        for path in sorted(Path(folder).glob("*.csv"), key=lambda path: int(path.stem)):
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
            table["row"] = range(len(table))
            start = time.process_time()
            made = k_anonymity(table, [], columns, int(k), float(share), known)
            spent = time.process_time() - start
            groups = {name: pd.factorize(made[name])[0].tolist() for name in columns}
            lines.write(json.dumps({"cpu": spent, "kept": made["row"].tolist(), "groups": groups}) + "\n")


main(*sys.argv[1:])
