"""Poison planted and looked for: wrong labels beside cleanlab, triggers, copies, sources, and what cannot be found.

Labels: F1 of the suspicious rows; both sides judge by the same out-of-fold probabilities, ours looks for slices as
well. Triggers: planted in two thirds of the rows, half of them towards the rarer class, the other half towards the
commoner one, and beside each what an oracle could tell that knows it. Success is the share of the other rows of other
classes that a model gives to the target once they are stamped, less the share that it gives to it when it learns from
the same rows as they were before; it is taken before and after all rows are removed that the search proposes, of one
number of columns for each share. The model has smaller leaves than the one that searches. Made-up tables are made from
``--first``: with another number they are tables that nothing was tuned on.

    python benchmarks/poisoning.py --runs 3 --only triggers --first 900
"""

import argparse
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bar import Bar, table_of
from peers.environments import Environment, NotInstalledError
from planted_triggers import GUESSES, SIGNIFICANT, Case, cases, rows_needed
from poisoned_tables import anomalies, blobs, honest, poisonable, tables
from secmlops.attack.poisoning.flips import flip_boundary, flip_random, flip_slice
from secmlops.attack.poisoning.influence import collide, duplicate, poison_source
from secmlops.attack.poisoning.poisoned import Poisoned
from secmlops.core.errors import InputError
from secmlops.data.poisoning.copies_that_weigh import find_weighty_copies
from secmlops.data.poisoning.label_errors import suspicious_labels
from secmlops.data.poisoning.learner import Learner, design_of
from secmlops.data.poisoning.slices import find_slices
from secmlops.data.poisoning.sources import find_bad_sources
from secmlops.data.poisoning.triggers import find_triggers
from secmlops.detect.binomial import share_interval

CLEANLAB = Environment("cleanlab", ("cleanlab==2.9.0",), ("cleanlab",))
SHARES = (0.01, 0.03, 0.1)
SUPPORTS = (0.005, 0.01, 0.03, 0.1)
PARTLY = ("all", "in reach", "others")
CONSOLE = Console(width=100)
Mask = np.ndarray[Any, np.dtype[np.bool_]]


def f1(found: Mask, bad: Mask) -> float:
    return float(2 * np.count_nonzero(found & bad) / max(found.sum() + bad.sum(), 1))


def printed(title: str, columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < 2 else "right", no_wrap=number < 2)
    for row in rows:
        table.add_row(*row)
    CONSOLE.print(table)


def labels(runs: int, first: int) -> None:
    """F1 of suspicious labels, ours and cleanlab's, and the precision of those that the neighbours contradict too."""
    cases: dict[str, Any] = {}
    told = []
    for name, given in poisonable(first).items():
        outputs = Learner(0).out_of_fold(design_of(given.inputs), given.target)
        kinds: dict[str, Callable[[float, np.random.Generator], Poisoned]] = {
            "random": lambda share, rng, given=given: flip_random(given, share, rng),
            "slice": lambda share, rng, given=given: flip_slice(given, share, rng),
            "boundary": lambda share, rng, given=given, by=outputs: flip_boundary(given, by, share, rng),
        }
        for kind, attack in kinds.items():
            for share in SHARES:
                for run in range(runs):
                    try:
                        poisoned = attack(share, np.random.default_rng([first + run, 11]))
                    except InputError:
                        continue
                    inputs, target = poisoned.examples.inputs, poisoned.examples.target
                    ours = suspicious_labels(inputs, target, run)
                    cases[f"labels{len(told)}"] = target
                    cases[f"outputs{len(told)}"] = Learner(run).out_of_fold(design_of(inputs), target)
                    told.append(((name, kind, share), poisoned.bad, ours))
                CONSOLE.print(f"{name}, {kind}, {share:.0%}", style="dim")
    theirs = cleanlab(cases, len(told))
    scores = defaultdict(list)
    for (case, bad, ours), other in zip(told, theirs, strict=True):
        of = (ours.rows, ours.single, other, ours.in_slices)
        hits = [bad[mask].mean() if mask.any() else 0.0 for mask in (ours.single, ours.by_neighbours)]
        scores[case].append((*(f1(mask, bad) for mask in of), *hits))
    means = {case: np.mean(values, axis=0) for case, values in scores.items()}
    columns = ("table", "flips", "share", "ours", "one by one", "cleanlab", "in slices", "precision", "neighbours")
    rows = ((n, k, f"{s:.0%}", *(f"{v:.3f}" for v in means[n, k, s])) for n, k, s in means)
    printed("Wrong labels: F1", columns, rows)
    overall = {k: np.mean([v for (_, kind, _), v in means.items() if kind == k], axis=0) for _, k, _ in means}
    printed(
        "Wrong labels: mean F1",
        ("flips", "", *columns[3:]),
        ((kind, "", *(f"{v:.3f}" for v in values)) for kind, values in overall.items()),
    )
    bars = [
        Bar(f"F1 of {kind} flips, less cleanlab's", overall[kind][0] - overall[kind][2], 0, True) for kind in overall
    ]
    for share in SHARES:
        ahead = np.mean([value[0] - value[2] for (_, k, s), value in means.items() if (k, s) == ("slice", share)])
        bars.append(Bar(f"F1 of flips aimed at a slice, {share:.0%}, less cleanlab's", float(ahead), 0.1, True))
    CONSOLE.print(table_of(bars))


def cleanlab(cases: dict[str, Any], count: int) -> list[Mask]:
    """Masks of cleanlab in its own environment; nothing found where it cannot be installed."""
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder, "cases.npz"), Path(folder, "found.npz")
        np.savez(given, **cases)
        try:
            python = CLEANLAB.python()
        except NotInstalledError as error:
            CONSOLE.print(f"cleanlab: not installed ({error})")
            return [np.zeros(len(cases[f"labels{n}"]), bool) for n in range(count)]
        script = Path(__file__).parent / "peers" / "cleanlab_labels.py"
        subprocess.run([python, script, given, answer], check=True)
        found = np.load(answer)
        return [found[f"found{n}"] for n in range(count)]


def triggers(runs: int, first: int) -> None:
    """Planted triggers found, by table and support, beside what an oracle that knows them could tell."""
    found, caught, every = [], [], []
    for name, given in poisonable(first).items():
        for number, support in enumerate(SUPPORTS):
            done = list(cases(given, support, range(first, first + runs), 3 - number % 3))
            every += done
            if done:
                found.append((name, f"{support:.1%}", *found_row(done)))
                caught.append((name, f"{support:.1%}", *effect_row(done)))
                CONSOLE.print(" ".join(found[-1]), style="dim")
    found.append(("all", "", *found_row(every)))
    caught.append(("all", "", *effect_row(every)))
    columns = ("table", "share", "rows", *(f"{kind}: {part}" for kind in ("rare", "common") for part in PARTLY))
    printed("Planted triggers found, by what an oracle could tell of them", columns, iter(found))
    columns = ("table", "share", "found of those that work", "success", "after", "above 5%", "accuracy lost")
    printed("What they do, and what is left of it once the proposed rows are out", columns, iter(caught))
    chances = (0.2, 0.5, 0.8, 0.9, 0.95, 0.98)
    levels = {"one guess": SIGNIFICANT, f"{GUESSES} guesses": SIGNIFICANT / GUESSES}
    needed = ((told, "", *(str(rows_needed(chance, level)) for chance in chances)) for told, level in levels.items())
    columns = ("probability of each label anyway", "", *(f"{chance}" for chance in chances))
    printed(
        "What cannot be found: fewest rows, all with the target class, that labels tell from chance", columns, needed
    )
    judged = [case.effect for case in every if case.found and case.effect is not None]
    bars = [
        Bar("share of planted triggers found", share_of(every), 0.95, True),
        Bar("share of those within an oracle's reach", share_of([c for c in every if c.in_reach]), 0.95, True),
        Bar("mean success after removal", float(np.mean([one.left for one in judged])), 0.05),
        Bar("mean accuracy lost by removal", float(np.mean([one.lost for one in judged])), 0.01),
    ]
    CONSOLE.print(table_of([*bars, Bar("share of honest tables with an alarm", alarms(runs, first), 0.05)]))


def share_of(done: list[Case]) -> float:
    """Share of the triggers that were found."""
    return float(np.mean([case.found for case in done]))


def found_row(done: list[Case]) -> tuple[str, ...]:
    """Cells of one line: rows that hold the trigger, and those found of all, by class and by what the oracle says."""
    ways = []
    for rare in (True, False):
        same = [case for case in done if case.rare == rare]
        parts = (same, [c for c in same if c.in_reach], [c for c in same if not c.in_reach])
        ways += [f"{sum(c.found for c in part)} of {len(part)}" for part in parts]
    return f"{np.median([case.rows for case in done]):.0f}", *ways


def effect_row(done: list[Case]) -> tuple[str, ...]:
    """Cells of one line: what the triggers that were measured did, and do once the proposed rows are out."""
    measured = [(case.found, case.effect) for case in done if case.effect is not None]
    working = [found for found, effect in measured if effect.works]
    caught = np.array([(effect.turned, effect.left, effect.lost) for found, effect in measured if found])
    told = ("-", "-", "-", "-")
    if len(caught):
        turned, left, lost = caught.mean(axis=0)
        told = (f"{turned:.0%}", f"{left:.1%}", f"{np.sum(caught[:, 1] > 0.05)} of {len(caught)}", f"{lost:+.2%}")
    return f"{sum(working)} of {len(working)}", *told


def alarms(runs: int, first: int) -> float:
    """Honest tables in which something was found, with the 95% interval of the share; the share with a trigger."""
    given = {**tables(first), **anomalies()}
    for seed in range(first + 1, first + 4 * runs + 1):
        given |= honest(seed)
    count = 0
    false: dict[str, list[str]] = {"triggers": [], "copies": [], "slices": []}
    for name, table in given.items():
        count += 1
        false["triggers"] += [name] if find_triggers(table.inputs, table.target, 0.004, 0) else []
        false["copies"] += [name] if find_weighty_copies(table.inputs, table.target, 0) else []
        false["slices"] += [name] if find_slices(table.inputs, table.target, 0) else []
    bounds = {kind: share_interval(len(names), count) for kind, names in false.items()}
    rows = (
        (kind, f"{len(names)} of {count}", "{:.1%} to {:.1%}".format(*bounds[kind]), ", ".join(names))
        for kind, names in false.items()
    )
    printed("False alarms on honest tables", ("found", "tables", "95%", "which"), rows)
    return len(false["triggers"]) / count


def others(runs: int, first: int) -> None:
    """Copies that weigh, bad sources, and clean-label points: the share of runs, or of rows, that is found."""
    rows = []
    for name, given in tables(first).items():
        copies, noise = [], []
        for run in range(runs):
            rng = np.random.default_rng([run, 5])
            poisoned = duplicate(given, 0.01, max(1, len(given) // 1_000), rng)
            found = find_weighty_copies(poisoned.examples.inputs, poisoned.examples.target, run)
            held = np.unique(np.concatenate([np.empty(0, np.intp), *(one.rows for one in found)]))
            copies.append(poisoned.bad[held].sum() / poisoned.bad.sum())
            sources = rng.integers(8, size=len(given))
            for share in (0.1, 0.3):
                bad = poison_source(given, sources, 0, share, rng).examples
                caught = find_bad_sources(design_of(bad.inputs), bad.target, sources, 0.02, run)
                noise.append((share, len(caught) == 1 and sources[caught[0].rows[0]] == 0))
        by_share = [f"{np.mean([hit for s, hit in noise if s == share]):.0%}" for share in (0.1, 0.3)]
        rows.append((name, f"{np.mean(copies):.0%}", *by_share))
    columns = ("table", "rows of weighty copies, 1%", "source with 10% flips", "with 30%")
    printed("Copies and sources: found", columns, iter(rows))
    clean_labels(runs, first)


def clean_labels(runs: int, first: int) -> None:
    """What is found of points with right labels that were moved towards a victim."""
    rows = []
    for name, given in poisonable(first).items():
        for share in SHARES:
            recalls = []
            for run in range(runs):
                rng = np.random.default_rng([run, 9])
                try:
                    poisoned = collide(given, int(rng.integers(len(given))), share, 0.8, rng)
                except InputError:  # the other class has too few rows
                    continue
                inputs, target = poisoned.examples.inputs, poisoned.examples.target
                single = suspicious_labels(inputs, target, run).rows
                held = [one.itemset.rows for one in find_triggers(inputs, target, 0.004, run)]
                planted = np.isin(np.arange(len(target)), np.concatenate([np.empty(0, np.intp), *held]))
                recalls.append([(mask & poisoned.bad).sum() / poisoned.bad.sum() for mask in (single, planted)])
            means = np.mean(recalls, axis=0) if recalls else ()
            rows.append((name, f"{share:.0%}", *(f"{value:.0%}" for value in means)))
    printed("Clean-label points: rows found", ("table", "share", "as labels", "as triggers"), iter(rows))


def cost(_: int, first: int) -> None:
    """CPU seconds of each search."""
    rows = []
    for size, columns in ((3_000, 20), (10_000, 20), (30_000, 24)):
        given = blobs(size, columns, first)
        spent = []
        for search in (
            lambda g: Learner(0).out_of_fold(design_of(g.inputs), g.target),
            lambda g: find_slices(g.inputs, g.target, 0),
            lambda g: find_triggers(g.inputs, g.target, 0.004, 0),
            lambda g: find_weighty_copies(g.inputs, g.target, 0),
        ):
            start = time.process_time()
            search(given)
            spent.append(f"{time.process_time() - start:.2f}")
        rows.append((f"{size:,} x {columns}", *spent))
    printed("CPU seconds", ("table", "out of fold", "slices", "triggers", "copies"), iter(rows))


PARTS = {"labels": labels, "triggers": triggers, "others": others, "cost": cost}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="of each kind")
    parser.add_argument("--first", type=int, default=0, help="seed of the first tables that are made up")
    parser.add_argument("--only", choices=PARTS)
    options = parser.parse_args()
    for name, part in PARTS.items():
        if options.only in (None, name):
            part(options.runs, options.first)


if __name__ == "__main__":
    main()
