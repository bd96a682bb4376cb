"""The watch on clients by numbers: ``python benchmarks/clients.py [--worlds SET] [--quick]``, SET as in ``SETS``.

How soon simulated thieves are found and what their copies are worth by then; how many honest customers are taken for
thieves. The watch was made looking at the development worlds only. The fresh ones (other tables, other seeds) are for
measuring: who changes the watch after having seen results on them needs others.
"""

import argparse
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from secmlops.detect.binomial import share_interval
from secmlops.detect.clients.crowd import Crowd
from secmlops.detect.clients.habits import Habits
from secmlops.detect.clients.settings import Bounds
from secmlops.runtime.signature import Inputs
from thieves import (
    ATTACKS,
    CAREFUL,
    HONEST,
    Matrix,
    Thief,
    World,
    adbench,
    agreement,
    ai4i,
    clustered,
    diabetes,
    digits,
    generated,
    german_credit,
    heavy_tailed,
    mixed,
)

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
OUT = Console(width=150)
REQUESTS = 1500
CUSTOMER_REQUESTS = 500
GOOD = 0.9  # agreement from which a copy counts as stolen
FIRST = 20  # requests, the ten natural rows that most thieves begin with among them
BOUNDS = Bounds()
Place = tuple[World, Habits]


def development() -> list[World]:
    """Worlds that the watch was made with."""
    shapes = [(1, "logistic", 12), (2, "boosting", 20), (3, "forest", 8), (4, "logistic", 20), (5, "boosting", 6)]
    made = [generated(seed, learner, columns) for seed, learner, columns in shapes]
    made += [mixed(21, "boosting", 1200, 14, 6), mixed(22, "logistic", 6000, 10, 4)]
    made += [clustered(23, "forest", 5000, 5), clustered(24, "boosting", 3000, 16)]
    made += [heavy_tailed(25, "forest", 6000, 5), heavy_tailed(26, "boosting", 2500, 9)]
    return made + [german_credit(DATA / "german-credit.csv", kind, i) for i, kind in enumerate(("logistic", "forest"))]


def first_fresh() -> list[World]:
    """Worlds of the first measurement; then what is near was fitted to heavy tails, so they are fresh no longer."""
    tables = ["23_mammography", "27_PageBlocks", "28_pendigits", "30_satellite", "38_thyroid", "40_vowels", "6_cardio"]
    learners = ["boosting", "forest", "boosting", "logistic", "forest", "boosting", "logistic"]
    made = [adbench(DATA / "adbench" / f"{t}.npz", kind, 7) for t, kind in zip(tables, learners, strict=True)]
    made += [ai4i(DATA / "ai4i2020.csv", "forest", 7), german_credit(DATA / "german-credit.csv", "boosting", 7)]
    return [*made, generated(101, "forest", 16), mixed(102, "boosting", 4000, 12, 5)]


def second_fresh() -> list[World]:
    """Worlds of the second measurement; then the levels were chosen looking at small tables like its first three."""
    tables, learners = ["29_Pima", "43_WDBC", "18_Ionosphere"], ["forest", "boosting", "logistic"]
    made = [adbench(DATA / "adbench" / f"{t}.npz", kind, 7) for t, kind in zip(tables, learners, strict=True)]
    made += [german_credit(DATA / "german-credit.csv", "forest", 8), generated(201, "forest", 10)]
    made += [mixed(202, "boosting", 3000, 16, 8), mixed(203, "forest", 1500, 8, 2)]
    made += [heavy_tailed(204, "boosting", 6000, 6), heavy_tailed(205, "forest", 2000, 12)]
    return [*made, clustered(206, "boosting", 4000, 8), generated(207, "logistic", 30)]


def third_fresh() -> list[World]:
    """Worlds of the third measurement; then the scale of constant columns was mended looking at its digits."""
    made = [adbench(DATA / "adbench" / "14_glass.npz", "forest", 9)]
    made += [diabetes("boosting", 9), digits("forest", 9), german_credit(DATA / "german-credit.csv", "boosting", 11)]
    made += [generated(301, "boosting", 15), mixed(302, "forest", 2500, 11, 4), mixed(303, "logistic", 1200, 9, 3)]
    made += [heavy_tailed(304, "forest", 4000, 7), heavy_tailed(305, "boosting", 1500, 10)]
    return [*made, clustered(306, "forest", 3500, 7), generated(307, "forest", 24)]


def fresh() -> list[World]:
    """Worlds to measure with, that nobody looked at before."""
    made = [diabetes("forest", 31), digits("logistic", 31), german_credit(DATA / "german-credit.csv", "logistic", 31)]
    made += [generated(401, "forest", 18), generated(402, "boosting", 9), mixed(403, "boosting", 2000, 13, 5)]
    made += [mixed(404, "logistic", 900, 10, 4), heavy_tailed(405, "boosting", 3000, 8)]
    made += [heavy_tailed(406, "forest", 1800, 11), clustered(407, "boosting", 3000, 9)]
    return [*made, generated(408, "logistic", 28)]


SETS = {
    "development": development,
    "first-fresh": first_fresh,
    "second-fresh": second_fresh,
    "third-fresh": third_fresh,
    "fresh": fresh,
}


def inputs(world: World, rows: Matrix) -> Inputs:
    """Rows of a world as a model's inputs."""
    texts = rows[:, world.levels > 0].astype(int).astype(str).astype(object)
    return Inputs(rows[:, world.levels == 0].astype(np.float32), texts)


def learned_habits(world: World) -> Habits:
    generator, margins = np.random.default_rng(0), world.margin(world.calibration)
    return Habits.learn(inputs(world, world.reference), inputs(world, world.calibration), margins, generator)


def first_alarm(place: Place, stream: Iterator[Matrix], requests: int, at_once: int) -> tuple[int | None, str, Matrix]:
    """Number of the request at which the first alarm came, its kind, and the rows asked until then."""
    world, habits = place
    crowd, asked = Crowd(habits, BOUNDS, 4), np.empty((0, len(world.low)))
    while len(asked) < requests:
        rows = np.array(list(islice(stream, at_once)))
        asked = np.concatenate([asked, rows])
        margins = world.margin(rows)
        encoded, labels = habits.encode(inputs(world, rows)), (margins > 0).astype(int).tolist()
        if alarms := crowd.update([""] * len(rows), encoded, labels, margins, 0.0):
            _, alarm = alarms[0]
            return alarm.requests, alarm.kind, asked[: alarm.requests]
    return None, "", asked


def shuffled(stream: Iterator[Matrix]) -> Iterator[Matrix]:
    """Tables of 500 rows, each in the random order that the watch gives it."""
    generator = np.random.default_rng(0)
    while True:
        yield from generator.permutation(np.array(list(islice(stream, 500))))


def thefts(places: list[Place], attacks: Mapping[str, Callable[[Thief], Any]], runs: int) -> None:
    """When thieves are found, and what their copies are worth by then."""
    table = Table(
        "attack", "runs", "found", "in time", "late, but good from the start", "requests: median", "90th", "most",
        "copy then: median", "kinds",
    )  # fmt: skip
    total = in_time = easy = 0
    by_world: Counter[str] = Counter()
    easy_by_world: Counter[str] = Counter()
    for name, attack in attacks.items():
        ends: list[tuple[str, int | None, str, float]] = []
        prey: list[str] = []
        for place in places:
            for seed in range(runs):
                stream = attack(Thief(place[0], np.random.default_rng(100 + seed)))
                at, kind, rows = first_alarm(place, stream, REQUESTS, 25)
                copy = agreement(place[0], rows, place[0].label(rows))
                ends.append((place[0].name, at, kind, copy))
                if copy >= GOOD and agreement(place[0], rows[:FIRST], place[0].label(rows[:FIRST])) >= GOOD:
                    prey.append(place[0].name)
        early = [world for world, at, _, copy in ends if at is not None and copy < GOOD]
        by_world.update(early)
        total, in_time = total + len(ends), in_time + len(early)
        found = [at for _, at, _, _ in ends if at is not None]
        when = found or [0]
        easy += len(prey)
        easy_by_world.update(prey)
        table.add_row(
            name, str(len(ends)), str(len(found)), str(len(early)), str(len(prey)), f"{np.median(when):.0f}",
            f"{np.quantile(when, 0.9):.0f}", str(max(when)),
            f"{np.median([copy for *_, at, _, copy in ends if at is not None] or [0]):.2f}",
            ", ".join(sorted({kind for _, _, kind, _ in ends if kind})),
        )  # fmt: skip
    low, high = share_interval(in_time, total)
    OUT.print(table, f"found in time: {in_time} of {total} = {in_time / total:.1%} (95%: {low:.1%} to {high:.1%})")
    OUT.print(f"late, but the copy was good after the first {FIRST} requests: {easy}")
    each = runs * len(attacks)
    for world, _ in places:
        OUT.print(f"{world.name}: {by_world[world.name]} of {each} in time, {easy_by_world[world.name]} easy prey")


def false_alarms(places: list[Place], clients: int) -> None:
    """Honest customers taken for thieves."""
    table = Table("honest customers", "watched", "alarms", "which")
    total = alarms = 0
    each = -(-clients // (len(HONEST) * len(places)))
    for name, customer in HONEST.items():
        seen = []
        for place in places:
            for seed in range(each):
                stream = customer(place[0], np.random.default_rng(5000 + seed))
                stream = shuffled(stream) if name == "batch" else stream
                at, kind, _ = first_alarm(place, stream, CUSTOMER_REQUESTS, 250)
                if at is not None:
                    seen.append(f"{place[0].name}: {kind} at {at}")
        total, alarms = total + each * len(places), alarms + len(seen)
        table.add_row(name, str(each * len(places)), str(len(seen)), "; ".join(seen[:6]))
        OUT.print(f"{name}: {len(seen)} of {each * len(places)}")
    low, high = share_interval(alarms, total)
    OUT.print(table, f"false alarms: {alarms} of {total} customers (95%: {low:.2%} to {high:.2%})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", choices=list(SETS), default="fresh")
    parser.add_argument("--quick", action="store_true", help="one seed, a tenth of the customers")
    parser.add_argument("--only", choices=["thieves", "careful", "honest"])
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="sklearn")
    if not DATA.exists():
        parser.exit(1, "the real tables are not beside this checkout (../shared/data)\n")
    places = [(world, learned_habits(world)) for world in SETS[options.worlds]()]
    if options.only in {None, "thieves"}:
        thefts(places, ATTACKS, 1 if options.quick else 5)
    if options.only in {None, "careful"}:
        OUT.print("thieves who know how they are watched:")
        thefts(places, CAREFUL, 1 if options.quick else 2)
    if options.only in {None, "honest"}:
        false_alarms(places, 330 if options.quick else 3300)


if __name__ == "__main__":
    main()
