"""The guard by numbers: ``python benchmarks/detection.py [--quick]``.

Area under the ROC curve on ADBench sets beside scikit-learn's isolation forest in the same run, false-flag rates on
held-out inliers, what a poisoned calibration does to both, microseconds per row. The watch on clients has a benchmark
of its own (``clients.py``).
"""

import argparse
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.ensemble import IsolationForest as ScikitForest
from sklearn.metrics import roc_auc_score

from secmlops.detect.binomial import count_interval
from secmlops.detect.conformal import least_size
from secmlops.detect.ecod import Ecod
from secmlops.detect.exact_neighbours import ExactNeighbours
from secmlops.detect.forest import IsolationForest
from secmlops.detect.guard import Guard
from secmlops.detect.neighbours import Neighbours
from secmlops.detect.ranks import MeanRank
from secmlops.runtime.signature import Inputs
from thieves import Matrix

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
OUT = Console(width=150)


def detectors(rows: Matrix, generator: np.random.Generator) -> dict[str, Any]:
    """Every detector, learned from seven rows in ten; ranks from the rest. The guard has the exact neighbours."""
    cut = len(rows) * 7 // 10
    near, forest = Neighbours.fit(rows[:cut], generator), IsolationForest.fit(rows[:cut], generator)
    return {
        "exact neighbours": ExactNeighbours.fit(rows[:cut], generator),
        "ecod": Ecod.fit(rows[:cut]),
        "neighbours": near,
        "isolation forest": forest,
        "mean rank": MeanRank.of((near, forest), rows[cut:]),
    }


def adbench() -> Iterator[tuple[str, Matrix, Matrix]]:
    for path in sorted((DATA / "adbench").glob("*.npz")):
        stored = np.load(path)
        yield path.stem.split("_", 1)[1], stored["X"].astype(np.float32), stored["y"]


def quality(seeds: int) -> None:
    """Mean area under the ROC curve: half of each set to learn from, clean or as it is, the other half scored."""
    found: dict[str, dict[tuple[str, str], list[float]]] = {}
    for name, rows, labels in adbench():
        for seed in range(seeds):
            order = np.random.default_rng(seed).permutation(len(rows))
            learn, test = np.split(order, [len(rows) // 2])
            for kind, chosen in (("clean", learn[labels[learn] == 0]), ("contaminated", learn)):
                scikit = ScikitForest(random_state=seed).fit(rows[chosen])
                scored = {"scikit-learn": -scikit.score_samples(rows[test])}
                for detector, learned in detectors(rows[chosen], np.random.default_rng(seed)).items():
                    scored[detector] = learned.score(rows[test])
                for detector, scores in scored.items():
                    of = found.setdefault(name, {}).setdefault((kind, detector), [])
                    of.append(float(roc_auc_score(labels[test], scores)))
    if not found:
        OUT.print("ADBench is not beside this checkout (../shared/data/adbench): no quality measured")
        return
    columns = list(next(iter(found.values())))
    table = Table("AUROC", *(f"{kind}\n{detector}" for kind, detector in columns))
    for name, each in found.items():
        table.add_row(name, *(f"{np.mean(each[column]):.3f}" for column in columns))
    table.add_row("mean", *(f"{np.mean([np.mean(e[column]) for e in found.values()]):.3f}" for column in columns))
    OUT.print(table)


def as_inputs(rows: Matrix) -> Inputs:
    return Inputs(rows.astype(np.float32), np.empty((len(rows), 0), object))


def false_flags() -> None:
    """Share of held-out inliers that the guard flags at 1% and 0.1%."""
    generator = np.random.default_rng(0)
    mixed = generator.normal(size=(90_000, 20)) @ generator.normal(size=(20, 20))
    mixed[:, :5] = np.exp(mixed[:, :5] / 4)
    sets = [("generated", mixed)]
    sets += [(name, generator.permutation(rows[labels == 0])) for name, rows, labels in adbench()]
    table = Table("inliers", "alpha", "calibration", "flagged", "rate", "no surprise", "binomial", "within")
    outside = 0
    for name, rows in sets:
        learn, calibrate, held = np.split(rows, [min(len(rows) // 3, 5000), len(rows) * 2 // 3])
        for alpha in (0.01, 0.001):
            if len(calibrate) < least_size(alpha):
                continue
            guard = Guard.fit(as_inputs(learn), as_inputs(calibrate), alpha, generator)
            flags = int(guard.flags(as_inputs(held)).sum())
            low, high = guard.threshold.expected_flags(len(held))
            plain = count_interval(len(held), alpha)
            outside += not low <= flags <= high
            table.add_row(
                name, f"{alpha:.1%}", str(guard.calibration.size), f"{flags} of {len(held)}",
                f"{flags / len(held):.3%}", f"{low} to {high}", f"{plain[0]} to {plain[1]}",
                "yes" if low <= flags <= high else "NO",
            )  # fmt: skip
    OUT.print(
        table, f"outside their 95% interval: {outside} of {table.row_count}; by chance {table.row_count / 20:.1f}"
    )


def poisoned(seeds: int) -> None:
    """What strange rows among those the guard calibrates on, or learns from as well, do to it at 1%."""
    table = Table(
        "poisoned share", "honest flagged", "strange flagged", "both: honest flagged", "both: strange flagged"
    )
    for share in (0.0, 0.005, 0.01, 0.02, 0.05, 0.1):
        found = [
            _under_poison(rows[labels == 0], rows[labels == 1], share, seed)
            for _, rows, labels in adbench()
            if (labels == 0).sum() >= 1000  # a quarter of them calibrates
            for seed in range(seeds)
        ]
        if found:
            table.add_row(f"{share:.1%}", *(f"{value:.2%}" for value in np.mean(found, axis=0)))
    OUT.print(table)


def _under_poison(honest: Matrix, strange: Matrix, share: float, seed: int) -> tuple[float, float, float, float]:
    """Shares of honest and of strange rows that are flagged: calibration poisoned, then what was learned from, too."""
    generator = np.random.default_rng(seed)
    honest, strange = generator.permutation(honest), generator.permutation(strange)
    learn, calibrate, held = np.split(honest, [len(honest) // 2, len(honest) * 3 // 4])
    hidden, asked = np.split(strange, [len(strange) // 2])

    def with_poison(rows: Matrix) -> Inputs:
        count = round(share * len(rows))
        return as_inputs(np.concatenate([rows[count:], hidden[generator.integers(len(hidden), size=count)]]))

    measured: list[float] = []
    for learned in (as_inputs(learn), with_poison(learn)):
        guard = Guard.fit(learned, with_poison(calibrate), 0.01, generator)
        measured += [float(guard.flags(as_inputs(rows)).mean()) for rows in (held, asked)]
    return measured[0], measured[1], measured[2], measured[3]


def best_time(call: Callable[[], object], times: int, repeats: int = 7) -> float:
    """Microseconds of processor time of the quickest of several rounds."""
    spans = []
    for _ in range(repeats):
        start = time.process_time()
        for _ in range(times):
            call()
        spans.append((time.process_time() - start) / times)
    return min(spans) * 1e6


def speed() -> None:
    rows = np.random.default_rng(0).normal(size=(6000, 20)).astype(np.float32)
    one, thousand = rows[:1].copy(), rows[:1000].copy()
    table = Table("microseconds, 20 features", "one row", "1,000 rows, each", "stored, KiB")
    for name, learned in detectors(rows, np.random.default_rng(0)).items():
        stored = len(learned.to_bytes()) / 1024
        table.add_row(
            name,
            f"{best_time(lambda learned=learned: learned.score(one), 300):.1f}",
            f"{best_time(lambda learned=learned: learned.score(thousand), 3) / 1000:.2f}",
            f"{stored:.0f}",
        )
    scikit = ScikitForest(random_state=0).fit(rows)
    table.add_row(
        "scikit-learn isolation forest",
        f"{best_time(lambda: scikit.score_samples(one), 3, 3):.0f}",
        f"{best_time(lambda: scikit.score_samples(thousand), 1, 3) / 1000:.2f}",
        "",
    )
    OUT.print(table)


def guard_speed() -> None:
    """Microseconds of processor time that the whole guard takes per row, in requests of several sizes."""
    generator = np.random.default_rng(0)
    sizes = (1, 4, 16, 64, 256)
    table = Table("microseconds per row, whole guard", *(f"{size} at once" for size in sizes), "stored, KiB")
    for numbers, texts, gaps in ((20, 0, False), (12, 10, False), (7, 13, False), (12, 10, True), (60, 0, False)):
        rows = Inputs(
            generator.normal(size=(6000, numbers)).astype(np.float32),
            generator.integers(0, 5, (6000, texts)).astype(str).astype(object),
        )
        rows.numeric[:, 0][generator.random(6000) < 0.1] = np.nan
        guard = Guard.fit(rows.take(slice(3000)), rows.take(slice(3000, None)), 0.01, generator)
        rows.numeric[:, 0] = np.nan if gaps else 0
        spans = [best_time(partial(guard.p_values, rows.take(slice(size))), 2000 // size + 20) for size in sizes]
        name = f"{numbers} numbers, {texts} texts{', one missing' if gaps else ''}"
        shown = (f"{span / size:.1f}" for span, size in zip(spans, sizes, strict=True))
        table.add_row(name, *shown, f"{len(guard.to_bytes()) / 1024:.0f}")
    OUT.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="sklearn")
    quality(1 if options.quick else 3)
    false_flags()
    poisoned(1 if options.quick else 5)
    speed()
    guard_speed()


if __name__ == "__main__":
    main()
