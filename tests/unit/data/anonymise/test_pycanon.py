"""Tables that were anonymised here, and what pycanon, by other authors, found them to keep (``tests/golden/pycanon``).

pycanon pins older versions of NumPy and pandas than this project runs on: its answers were written down, by
``benchmarks/peers/pycanon_checks.py``; the benchmark of anonymisation asks it anew. Its recursive (c, l) is left out:
version 1.3.5 sorts the counts upwards, and so divides by the rarest value where the commonest is meant.
"""

import json
from pathlib import Path

import pyarrow.csv
import pytest

from secmlops.data.anonymise.checker import check_table
from secmlops.data.anonymise.demand import Demand, QuasiIdentifier, Sensitive
from secmlops.data.anonymise.privacy import Closeness, DistinctDiversity, EntropyDiversity

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "pycanon"
ANSWERS = json.loads((GOLDEN / "answers.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ANSWERS["tables"])
def test_pycanon_finds_in_a_table_what_our_check_finds(name: str) -> None:
    table = pyarrow.csv.read_csv(GOLDEN / f"{name}.csv")
    theirs, sensitive = ANSWERS["tables"][name], ANSWERS["sensitive"]
    models = DistinctDiversity(2), EntropyDiversity(1.01), Closeness(0.99)
    quasi = tuple(QuasiIdentifier(column) for column in ANSWERS["quasi_identifiers"])
    found = check_table(table, Demand(quasi, 2, (Sensitive(sensitive, models),)))
    worst = {measure.partition(" ")[0]: value for measure, value in found.worst.items()}
    assert found.k == int(theirs["k"])
    assert worst["distinct_l"] == int(theirs["distinct l"])
    assert int(worst["entropy_l"]) == int(theirs["entropy l"]), "pycanon rounds it down"
    assert worst["t"] == pytest.approx(float(theirs["t"]))
