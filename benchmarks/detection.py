"""Guard and client watch by numbers: ``python benchmarks/detection.py [--quick]``.

The guard: area under the ROC curve on ADBench sets beside scikit-learn's isolation forest in the same run, false-flag
rates on held-out inliers, microseconds per row. The watch: how soon simulated thieves are found and what their copies
are worth by then, and how many of a thousand honest customers are taken for thieves.
"""

import argparse
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.ensemble import IsolationForest as ScikitForest
from sklearn.metrics import roc_auc_score

from secmlops.detect.binomial import count_interval, share_interval
from secmlops.detect.clients.habits import Habits
from secmlops.detect.clients.settings import Bounds
from secmlops.detect.clients.watch import ClientWatch
from secmlops.detect.conformal import Calibration, Threshold, least_size
from secmlops.detect.ecod import Ecod
from secmlops.detect.encoding import Encoding
from secmlops.detect.forest import IsolationForest
from secmlops.detect.neighbours import Neighbours
from secmlops.detect.ranks import MeanRank
from secmlops.runtime.signature import Inputs
from thieves import ATTACKS, CAREFUL, HONEST, Matrix, Thief, World, agreement, generated, german_credit

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
OUT = Console(width=150)
REQUESTS = {"boundary walk": 3000, "blurred walk": 3000}
SETTINGS = Bounds()


def detectors(rows: Matrix, generator: np.random.Generator) -> dict[str, Any]:
    """Every detector, learned from two thirds of the rows; ranks from the rest."""
    cut = len(rows) * 2 // 3
    near, forest = Neighbours.fit(rows[:cut], generator), IsolationForest.fit(rows[:cut], generator)
    return {
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


def false_flags() -> None:
    """Share of held-out inliers that are flagged at 1% and 0.1%."""
    generator = np.random.default_rng(0)
    mixed = generator.normal(size=(90_000, 20)) @ generator.normal(size=(20, 20))
    mixed[:, :5] = np.exp(mixed[:, :5] / 4)
    sets = [("generated", mixed.astype(np.float32))]
    sets += [(name, generator.permutation(rows[labels == 0])) for name, rows, labels in adbench()]
    table = Table("inliers", "detector", "alpha", "calibration", "flagged", "rate", "no surprise", "binomial", "within")
    for name, rows in sets:
        learn, calibrate, held = np.split(rows, [min(len(rows) // 3, 5000), len(rows) * 2 // 3])
        for detector, learned in detectors(learn, generator).items():
            calibration, scores = Calibration.of(learned.score(calibrate)), learned.score(held)
            for alpha in (0.01, 0.001):
                if calibration.size < least_size(alpha) or detector not in {"ecod", "mean rank"}:
                    continue
                threshold = Threshold.at(calibration, alpha)
                flags = int(threshold.flags(scores).sum())
                low, high = threshold.expected_flags(len(held))
                plain = count_interval(len(held), alpha)
                table.add_row(
                    name, detector, f"{alpha:.1%}", str(calibration.size), f"{flags} of {len(held)}",
                    f"{flags / len(held):.3%}", f"{low} to {high}", f"{plain[0]} to {plain[1]}",
                    "yes" if low <= flags <= high else "NO",
                )  # fmt: skip
    OUT.print(table)


def best_time(call: Callable[[], object], times: int, repeats: int = 7) -> float:
    """Microseconds of the quickest of several rounds."""
    spans = []
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(times):
            call()
        spans.append((time.perf_counter() - start) / times)
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
    reference, others = (Inputs(part, np.empty((len(part), 0), object)) for part in (rows[:2000], rows[2000:]))
    habits = Habits.learn(reference, others, rows[2000:, 0].astype(float), np.random.default_rng(0))
    for name, asked in (
        ("client watch, new rows", habits.encode(reference)[:600]),
        ("client watch, one row again", habits.encode(reference)[:1].repeat(600, 0)),
    ):
        distances = habits.neighbours.score(asked).tolist()

        def watch(asked: Matrix = asked, distances: list[float] = distances) -> None:
            client = ClientWatch(habits, SETTINGS)
            for row, distance in zip(asked, distances, strict=True):
                client.update(row, 1, 0.3, 0.0, distance)

        table.add_row(f"{name} (distance known)", f"{best_time(watch, 1) / 600:.1f}", "", "")
    OUT.print(table)


def inputs(world: World, rows: Matrix) -> Inputs:
    """Rows of a world as a model's inputs."""
    texts = rows[:, world.levels > 0].astype(int).astype(str).astype(object)
    return Inputs(rows[:, world.levels == 0].astype(np.float32), texts)


def learned_habits(world: World) -> tuple[Encoding, Habits]:
    generator, margins = np.random.default_rng(0), world.margin(world.calibration)
    habits = Habits.learn(inputs(world, world.reference), inputs(world, world.calibration), margins, generator)
    return habits.encoding, habits


def first_alarm(
    world: World, learned: tuple[Encoding, Habits], stream: Iterator[Matrix], requests: int, *, table: bool
) -> tuple[int | None, str, Matrix]:
    """Number of the request at which the first alarm came, its kind, and the rows asked until then.

    ``table``: rows come 500 to a request.
    """
    encoding, habits = learned
    watch = ClientWatch(habits, SETTINGS)
    asked: list[Matrix] = []
    while len(asked) < requests:
        rows = np.array(list(islice(stream, 500 if table else 50)))
        encoded, labels, margins = encoding.encode(inputs(world, rows)), world.label(rows).tolist(), world.margin(rows)
        if table:
            asked.extend(rows)
            if alarms := watch.update_batch(encoded, labels, margins, 0.0, np.random.default_rng(0)):
                return alarms[0].requests, alarms[0].kind, np.array(asked)
            continue
        for row, code, label, margin in zip(rows, encoded, labels, margins, strict=True):
            asked.append(row)
            if alarms := watch.update(code, label, float(margin), 0.0):
                return alarms[0].requests, alarms[0].kind, np.array(asked)
    return None, "", np.array(asked)


def worlds() -> list[World]:
    shapes = [(1, "logistic", 12), (2, "boosting", 20), (3, "forest", 8), (4, "logistic", 20), (5, "boosting", 6)]
    made = [generated(seed, learner, columns) for seed, learner, columns in shapes]
    path = DATA / "german-credit.csv"
    if not path.exists():
        OUT.print("german-credit.csv is not beside this checkout (../shared/data): its worlds are left out")
        return made
    return made + [german_credit(path, learner, seed) for seed, learner in enumerate(("logistic", "forest"))]


def thefts(
    places: list[tuple[World, tuple[Encoding, Habits]]], attacks: Mapping[str, Callable[[Thief], Any]], runs: int
) -> None:
    """When thieves are found, and what their copies are worth by then."""
    table = Table(
        "attack", "runs", "found", "in time: copy < 90%", "requests: median", "90th", "copy then: median", "kinds",
        "not found: copy",
    )  # fmt: skip
    total = in_time = 0
    for name, attack in attacks.items():
        ends: list[tuple[int | None, str, float]] = []
        for world, learned in places:
            for seed in range(runs):
                stream = attack(Thief(world, np.random.default_rng(100 + seed)))
                at, kind, rows = first_alarm(world, learned, stream, REQUESTS.get(name, 1500), table=False)
                ends.append((at, kind, agreement(world, rows, world.label(rows))))
        found = [(at, kind, copy) for at, kind, copy in ends if at is not None]
        early = sum(copy < 0.9 for _, _, copy in found)
        total, in_time = total + len(ends), in_time + early
        when = [at for at, _, _ in found] or [0]
        kinds = sorted({kind for _, kind, _ in found})
        table.add_row(
            name, str(len(ends)), str(len(found)), f"{early / len(ends):.0%}", f"{np.median(when):.0f}",
            f"{np.quantile(when, 0.9):.0f}", f"{np.median([copy for *_, copy in found] or [0]):.2f}", ", ".join(kinds),
            " ".join(f"{copy:.2f}" for at, _, copy in ends if at is None),
        )  # fmt: skip
    low, high = share_interval(in_time, total)
    OUT.print(table, f"found in time: {in_time} of {total} = {in_time / total:.1%} (95%: {low:.1%} to {high:.1%})")


def false_alarms(places: list[tuple[World, tuple[Encoding, Habits]]], clients: int) -> None:
    """Honest customers taken for thieves, each watched for 500 requests."""
    table = Table("honest customers", "watched", "alarms", "which")
    total = alarms = 0
    for name, customer in HONEST.items():
        seen = []
        each = -(-clients // (len(HONEST) * len(places)))
        for world, learned in places:
            for seed in range(each):
                stream = customer(world, np.random.default_rng(1000 + seed))
                at, kind, _ = first_alarm(world, learned, stream, 500, table=name == "batch")
                if at is not None:
                    seen.append(f"{world.name}: {kind} at {at}")
        total, alarms = total + each * len(places), alarms + len(seen)
        table.add_row(name, str(each * len(places)), str(len(seen)), "; ".join(seen[:4]))
    low, high = share_interval(alarms, total)
    OUT.print(table, f"false alarms: {alarms} of {total} customers (95%: {low:.2%} to {high:.2%})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed, a tenth of the customers")
    parser.add_argument("--only", choices=["guard", "watch"])
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="sklearn")
    if options.only != "watch":
        quality(1 if options.quick else 3)
        false_flags()
        speed()
    if options.only != "guard":
        places = [(world, learned_habits(world)) for world in worlds()]
        thefts(places, ATTACKS, 1 if options.quick else 5)
        OUT.print("thieves who know how they are watched:")
        thefts(places, CAREFUL, 1 if options.quick else 2)
        false_alarms(places, 100 if options.quick else 1000)


if __name__ == "__main__":
    main()
