"""What a whole run costs on 30,000 rows of 24 columns, by stage, beside plain training in the same process."""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from secmlops.core.control import Control
from secmlops.core.digest import Digest
from secmlops.core.evidence import Evidence
from secmlops.data.dataset import DataSet
from secmlops.data.prepare import prepare
from secmlops.data.reading import read_table
from secmlops.pipeline import run_pipeline
from secmlops.project.load import read_project
from secmlops.training.models import gradient_boosting
from secmlops.training.transport import to_table
from secmlops.usecases import credit_risk
from secmlops.workspace import Workspace

SEED = 7


class Prices:
    """A listener that keeps the evidence."""

    def __init__(self) -> None:
        self.evidence: list[Evidence] = []

    def started(self, control: Control[Any], /) -> None:
        """Nothing to keep."""

    def finished(self, evidence: Evidence, reused: bool, /) -> None:
        """Keep it."""
        self.evidence.append(evidence)


def plain(folder: Path) -> float:
    """Wall seconds of what someone without any safeguard does: read, drop the personal columns, split, fit, predict."""
    project = read_project(folder / "secmlops.yaml")
    begin = time.perf_counter()
    table = read_table((folder / project.data.source).read_bytes(), project.data.source).table
    table = table.drop_columns([c for c in project.data.protect if c in table.column_names])
    dataset = DataSet("plain", table, Digest.of(b"plain"), project.task, project.data.label, "1")
    prepared = prepare(dataset, 0.25, SEED)
    model = gradient_boosting(to_table(prepared.train.inputs, prepared.signature), prepared.train.target, SEED)
    scores = model.predict_proba(to_table(prepared.holdout.inputs, prepared.signature))
    assert np.isfinite(scores).all()
    return time.perf_counter() - begin


def main() -> None:
    """Run both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=30_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        credit_risk.write(folder, rows, SEED)
        prices = Prices()
        begin = time.perf_counter()
        results, published = run_pipeline(Workspace(folder), prices)
        wall = time.perf_counter() - begin
        alone = plain(folder)
        open_gate = results[-1].verdict.open and published is not None
    table = Table(title=f"secmlops run, {rows:,} rows of 24 columns")
    for column in ("stage", "wall s", "CPU s", "share"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    for result in results:
        stage = [e for e in prices.evidence if e.stage is result.stage]
        seconds, cpu = sum(e.price.wall_s for e in stage), sum(e.price.cpu_s for e in stage)
        table.add_row(str(result.stage), f"{seconds:.2f}", f"{cpu:.2f}", f"{seconds / wall:.0%}")
    table.add_row("whole run", f"{wall:.2f}", "", "100%")
    table.add_row("plain training", f"{alone:.2f}", "", f"{alone / wall:.0%}")
    Console(width=100).print(table)
    print(f"release gate {'open' if open_gate else 'SHUT'}; security adds {wall - alone:.1f} s to {alone:.1f} s")


if __name__ == "__main__":
    main()
