"""What pycanon finds a table to keep: ``TABLE QUASI [SENSITIVE]``, quasi-identifiers parted by commas; prints JSON."""

import json
import sys

import pandas as pd
from pycanon import anonymity


def main(path: str, quasi: str, *sensitive: str) -> None:
    table, columns, hidden = pd.read_csv(path, dtype=str, keep_default_na=False), quasi.split(","), list(sensitive)
    found = {"k": anonymity.k_anonymity(table, columns)}
    if hidden:
        found |= {
            "distinct l": anonymity.l_diversity(table, columns, hidden),
            "entropy l": anonymity.entropy_l_diversity(table, columns, hidden),
            "recursive c, l": anonymity.recursive_c_l_diversity(table, columns, hidden),
            "t": anonymity.t_closeness(table, columns, hidden),
        }
    print(json.dumps({name: written(value) for name, value in found.items()}))


def written(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


main(*sys.argv[1:])
