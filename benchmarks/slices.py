"""A planted slice of 1 % beside sliceline, and differences between groups beside fairlearn.

sliceline is given the same ten columns cut into twelve bins; it looks for conjunctions of up to two bins. Ours cuts by
itself, joins neighbouring bins into ranges, and corrects for all of them. Found: the share of the planted rows, and how
many of the rows told are planted.

    python benchmarks/slices.py
"""

import argparse
import resource
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from peers.environments import Environment, NotInstalledError
from secmlops.assurance.metrics import once
from secmlops.assurance.rates import Groups, rates_of
from secmlops.core.task import Task
from secmlops.detect.slices.grid import axes
from secmlops.detect.slices.search import Demand, find_slices
from secmlops.runtime.signature import Inputs

PEERS = Environment("slices", ("sliceline==0.3.0", "fairlearn==0.15.0"), ("sliceline", "fairlearn"))
COLUMNS, BINS = 10, 12
CONSOLE = Console(width=110)
Array = np.ndarray[Any, Any]


def world(rows: int) -> tuple[Array, Array, Array]:
    """Numbers [rows, 10], errors, and the rows of the slice: a tenth of one column and a tenth of another."""
    generator = np.random.default_rng(5)
    numbers = generator.normal(size=(rows, COLUMNS)).astype(np.float32)
    inside = np.ones(rows, bool)
    for column, start in ((2, 0.37), (6, 0.82)):
        low, high = np.quantile(numbers[:, column], [start, start + 0.1])
        inside &= (numbers[:, column] > low) & (numbers[:, column] <= high)
    return numbers, (generator.random(rows) < np.where(inside, 0.4, 0.1)).astype(np.float64), inside


def binned(numbers: Array) -> Array:
    cuts = np.quantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1], axis=0)
    return np.stack([np.searchsorted(cuts[:, c], numbers[:, c]) + 1 for c in range(COLUMNS)], axis=1)


def groups(rows: int) -> tuple[Array, Array, Array]:
    generator = np.random.default_rng(6)
    return generator.integers(2, size=rows), generator.random(rows), generator.integers(5, size=rows).astype(str)


def theirs(numbers: Array, errors: Array, people: tuple[Array, Array, Array]) -> Any:
    target, probability, group = people
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.npz", Path(folder) / "found.npz"
        called = (probability >= 0.5).astype(int)
        np.savez(given, binned=binned(numbers), errors=errors, target=target, called=called, group=group)
        subprocess.run([PEERS.python(), Path(__file__).parent / "peers/sliceline_slices.py", given, found], check=True)
        with np.load(found) as arrays:
            return dict(arrays)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    numbers, errors, inside = world(rows)
    people = groups(rows)
    began = time.perf_counter()
    found = find_slices(axes(Inputs(numbers, np.empty((rows, 0), object)), 20), errors, Demand())
    seconds = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    differences = of_groups(*people)
    fair_seconds = time.perf_counter() - began
    try:
        peer = theirs(numbers, errors, people)
    except NotInstalledError as error:
        CONSOLE.print(f"the peers cannot be installed: {error}")
        raise SystemExit(1) from None
    CONSOLE.print(PEERS.versions(), style="dim")
    told = np.zeros(rows, bool)
    told[found[0].rows] = True
    bins = binned(numbers)
    named = np.logical_and.reduce([bins[:, c] == value for c, value in enumerate(peer["slice"]) if value >= 0])
    table = Table(title=f"A slice of 1 % in {rows:,} rows of {COLUMNS} columns", title_justify="left")
    for number, column in enumerate(("", "seconds", "memory, MiB", "of the slice told", "of what is told, planted")):
        table.add_column(column, justify="left" if number == 0 else "right")
    for name, mask, spent, used in (
        ("ours", told, seconds, memory),
        ("sliceline", named, float(peer["seconds"]), float(peer["memory"])),
    ):
        shares = ((mask & inside).sum() / inside.sum(), (mask & inside).sum() / max(mask.sum(), 1))
        table.add_row(name, f"{spent:.2f}", f"{used:.0f}", *(f"{share:.0%}" for share in shares))
    CONSOLE.print(table)
    apart = max(abs(a - b) for a, b in zip(differences, peer["differences"], strict=True))
    CONSOLE.print(
        f"groups: ours {fair_seconds * 1e3:.1f} ms, fairlearn {float(peer['fair_seconds']) * 1e3:.1f} ms for two "
        f"differences; largest disagreement {apart:.1e}"
    )


def of_groups(target: Array, probability: Array, group: Array) -> list[float]:
    """Demographic parity and equalised odds differences."""
    found, _ = Groups.of(group, 1)
    outputs = np.stack([1 - probability, probability], axis=1)
    spreads = {
        rate.name: float(np.ptp(found.values(rate, once(len(target)))))
        for rate in rates_of(Task.BINARY, target, outputs)
        if rate.name in ("selection", "tpr", "fpr")
    }
    return [spreads["selection"], max(spreads["tpr"], spreads["fpr"])]


if __name__ == "__main__":
    main()
