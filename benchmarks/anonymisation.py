"""Anonymising tables beside anonypy and anjana, in the same run: ``python benchmarks/anonymisation.py [--quick]``.

CPU seconds, information lost (generalised certainty penalty, a suppressed row counts 1), and what a model loses that
learns from the result and is judged on rows as they were. pycanon, by the authors of anjana, says what each result
keeps. The peers live in a private environment under ``benchmarks/.env-anonymisation``, made on the first run.
"""

import argparse
import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table
from scipy.stats import t as student
from sklearn.model_selection import StratifiedShuffleSplit

from anonymised import BOOSTING, LINEAR, Reading, Result, Task, penalty, scores
from census import LABEL, QUASI_IDENTIFIERS, census
from peers.environments import ROOT, Environment
from secmlops.data.anonymise.demand import Demand, QuasiIdentifier, Representation, Sensitive
from secmlops.data.anonymise.privacy import Closeness, DistinctDiversity, EntropyDiversity, RecursiveDiversity
from secmlops.data.anonymise.table import anonymise

GERMAN = ROOT.parents[1] / "shared" / "data" / "german-credit.csv"
PEERS = Environment("anonymisation", ("anonypy==0.2.1", "anjana==1.2.3", "pycanon==1.3.5"))
K, HELD_OUT = 10, 0.3
OURS, LABELLED, ANONYPY, ANJANA = "secmlops", "secmlops, label known", "anonypy 0.2.1", "anjana 1.2.3"
SUPPRESSED = "anjana, 10% suppressed"

Method = Callable[[Sequence[Task]], list[Result]]
Losses = Mapping[tuple[str, Reading, str], np.ndarray]
"""Area under the curve lost in each split, by method, reading and model."""


@dataclass(frozen=True)
class Comparison:
    """The whole table made anonymous by each method, and what models lose."""

    task: Task
    whole: Mapping[str, Result]
    lost: Losses


def ours(label: bool) -> Method:
    def method(tasks: Sequence[Task]) -> list[Result]:
        return [one(task) for task in tasks]

    def one(task: Task) -> Result:
        quasi = tuple(QuasiIdentifier(name) for name in task.quasi)
        start = time.process_time()
        wanted = Demand(quasi, K, label=task.label if label else None, representation=Representation.CENTRE)
        made = anonymise(task.table, wanted)
        spent = time.process_time() - start
        kept = np.flatnonzero(made.classes >= 0)
        return Result(spent, kept, dict.fromkeys(task.quasi, made.classes[kept]), made.table)

    return method


def peer(program: str, suppress: int | None = None) -> Method:
    def method(tasks: Sequence[Task]) -> list[Result]:
        with tempfile.TemporaryDirectory() as temporary:
            folder, out, levels = Path(temporary), Path(temporary) / "out.jsonl", Path(temporary) / "levels.json"
            for number, task in enumerate(tasks):
                pa.csv.write_csv(task.table, folder / f"{number}.csv")
            levels.write_text(json.dumps(tasks[0].levels))
            more = [tasks[0].label] if suppress is None else [levels, str(suppress)]
            asked = (PEERS.python(), ROOT / "peers" / program, folder, out, str(K), ",".join(tasks[0].quasi), *more)
            subprocess.run(asked, check=True, capture_output=True)
            made = [json.loads(line) for line in out.read_text().splitlines()]
        return [
            Result(one["cpu"], np.array(one["kept"]), {n: np.array(g) for n, g in one["groups"].items()})
            for one in made
        ]

    return method


METHODS: dict[str, Method] = {
    OURS: ours(label=False),
    LABELLED: ours(label=True),
    ANONYPY: peer("anonypy_classes.py"),
    ANJANA: peer("anjana_classes.py", 0),
    SUPPRESSED: peer("anjana_classes.py", 10),
}


def bands(values: Sequence[int], widths: Sequence[int]) -> dict[int, list[str]]:
    cut = {level: [f"{v // w * w} to {v // w * w + w - 1}" for v in values] for level, w in enumerate(widths, start=1)}
    return {0: [str(v) for v in values], **cut, len(widths) + 1: ["*"] * len(values)}


def groups(values: Sequence[str], group: Callable[[str], str] | None = None) -> dict[int, list[str]]:
    top = ["*"] * len(values)
    return {0: list(values), 1: top} if group is None else {0: list(values), 1: [group(v) for v in values], 2: top}


def census_task() -> tuple[Task, list[tuple[Task, Task]]]:
    table = census(32_561)
    known = {name: sorted(set(table[name].to_pylist())) for name in QUASI_IDENTIFIERS}
    levels = {
        "age": bands(known["age"], (5, 10, 20, 40)),
        "hours": bands(known["hours"], (5, 10, 20, 40)),
        "education": groups(known["education"], lambda v: f"group {int(v[-2:]) // 4}"),
        "country": groups(known["country"], lambda v: "home" if v == "country-00" else "abroad"),
        "marital": groups(known["marital"], lambda v: v if v in ("married", "never married") else "apart"),
        "sex": groups(known["sex"]),
    }
    task = Task("census-like, 32,561 rows, 6 quasi-identifiers", table, QUASI_IDENTIFIERS, LABEL, levels)
    return task, [(task, Task("", census(60_000, seed=99), QUASI_IDENTIFIERS, LABEL, {}))]


def german_task(splits: int) -> tuple[Task, list[tuple[Task, Task]]]:
    table = pa.csv.read_csv(GERMAN)
    quasi = ("age", "credit-amount", "duration", "purpose", "employment-since", "job")
    widths = {"age": (5, 10, 20, 40), "credit-amount": (500, 1_000, 5_000, 10_000), "duration": (6, 12, 24)}
    known = {name: sorted(set(table[name].to_pylist())) for name in quasi}
    levels = {n: bands(known[n], widths[n]) if n in widths else groups(known[n]) for n in quasi}
    task = Task("German Credit, 1,000 rows, 6 of 21 columns", table, quasi, "class-label", levels)
    drawn = StratifiedShuffleSplit(splits, test_size=HELD_OUT, random_state=7)
    label = table["class-label"].to_numpy()
    return task, [(task.part(train), task.part(test)) for train, test in drawn.split(label, label)]


def compare(task: Task, splits: Sequence[tuple[Task, Task]]) -> Comparison:
    """Every method on the whole table, and on the part to learn from of every split."""
    raw = [scores(train, test, None) for train, test in splits]
    parts = [train for train, _ in splits]
    whole, lost = {}, {}
    for name, method in METHODS.items():
        whole[name], *made = method([task, *(part for part in parts if part is not task)])
        made = made or [whole[name]]
        for reading in Reading:
            models = (LINEAR, BOOSTING) if released(name, reading) else (LINEAR,)
            after = [scores(*split, (one, reading), models) for split, one in zip(splits, made, strict=True)]
            for model in models:
                pairs = zip(raw, after, strict=True)
                lost[name, reading, model] = np.array([before[model] - now[model] for before, now in pairs])
    return Comparison(task, whole, lost)


def interval(values: np.ndarray) -> str:
    """Mean with its 95% interval over splits of this one table; without one where there was one split."""
    return f"{values.mean():+.4f}" + (f" ± {half_width(values):.4f}" if len(values) > 1 else "")


def half_width(values: np.ndarray, overlap: float = 0.0) -> float:
    """Half of the 95% interval of a mean over splits.

    With ``overlap``, rows held out per row learnt from, that of a mean over other tables of this size (Nadeau and
    Bengio, Inference for the Generalization Error, Machine Learning 52, 2003): splits of one table share rows.
    """
    count = len(values)
    return float(student.ppf(0.975, count - 1) * values.std(ddof=1) * np.sqrt(1 / count + overlap))


def table_of_costs(made: Comparison) -> Table:
    table = Table(title=f"{made.task.name}, k = {K}", box=MARKDOWN)
    for heading in ("", "CPU seconds", "penalty", "suppressed"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, result in made.whole.items():
        left_out = 1 - len(result.kept) / made.task.table.num_rows
        table.add_row(name, f"{result.cpu:.2f}", f"{penalty(made.task, result):.4f}", f"{left_out:.1%}")
    return table


def released(name: str, reading: Reading) -> bool:
    """Whether the tool releases what is seen like this: ours both, at choice."""
    return name in (OURS, LABELLED) or reading is Reading.RANGES


def table_of_losses(made: Comparison) -> Table:
    splits = len(made.lost[OURS, Reading.RANGES, LINEAR])
    title = f"area under the curve lost, {splits} split{'s' if splits > 1 else ''} (in brackets: not what is released)"
    table = Table(title=title, box=MARKDOWN)
    for heading in ("", "seen as", LINEAR, BOOSTING):
        table.add_column(heading, justify="right" if heading in (LINEAR, BOOSTING) else "left")
    for name, reading in product(made.whole, Reading):
        shown = [interval(made.lost[name, reading, LINEAR])]
        if released(name, reading):
            table.add_row(name, str(reading), *shown, interval(made.lost[name, reading, BOOSTING]))
        else:
            table.add_row(name, str(reading), f"({shown[0]})", "")
    return table


def bars(made: Comparison) -> Table:
    """What was to be reached, and whether it was."""
    table = Table(title="what was to be reached", box=MARKDOWN)
    for heading in ("", "bar", "measured", ""):
        table.add_column(heading, justify="right" if heading else "left")
    lost = {name: penalty(made.task, result) for name, result in made.whole.items()}
    for name, limit in ((ANONYPY, 0.75), (ANJANA, 0.25)):
        share = lost[OURS] / lost[name]
        table.add_row(f"penalty, of {name}'s", f"at most {limit}", f"{share:.3f}", verdict(share <= limit))
    if made.task.label == LABEL:
        for name, times in ((ANONYPY, 100), (ANJANA, 20)):
            faster = made.whole[name].cpu / made.whole[OURS].cpu
            table.add_row(f"times faster than {name}", f"at least {times}", f"{faster:.0f}", verdict(faster >= times))
    for name in (ANONYPY, ANJANA, SUPPRESSED):
        for own, model in product((OURS, LABELLED), (LINEAR, BOOSTING)):
            more = made.lost[own, Reading.CENTRES, model] - made.lost[name, Reading.RANGES, model]
            table.add_row(f"{own}: {model}, less than {name}", "below 0", interval(more), less(more))
    return table


def less(more: np.ndarray) -> str:
    """Whether an area lost is below another's; with the half width of the difference over other tables of this size."""
    if len(more) == 1:
        return f"{verdict(more.mean() < 0)}, one split"
    found = "not told apart" if abs(more.mean()) <= half_width(more) else verdict(more.mean() < 0)
    return f"{found} (± {half_width(more, HELD_OUT / (1 - HELD_OUT)):.3f})"


def verdict(reached: bool) -> str:
    return "reached" if reached else "missed"


def verify() -> Table:
    """What pycanon finds in our results, beside what our own check said."""
    table = Table(title="verified by pycanon 1.3.5: census-like, 10,000 rows")
    for heading in ("asked for", "our check", "pycanon"):
        table.add_column(heading)
    source = census(10_000)
    quasi = tuple(QuasiIdentifier(name) for name in QUASI_IDENTIFIERS)
    asked = {
        "k = 10": (),
        "k = 5, distinct l = 4": (DistinctDiversity(4),),
        "k = 5, entropy l = 3.5": (EntropyDiversity(3.5),),
        "k = 5, recursive c = 3, l = 3": (RecursiveDiversity(3, 3),),
        "k = 5, t = 0.3 (equal distance)": (Closeness(0.3),),
    }
    for name, wanted in asked.items():
        sensitive = (Sensitive("occupation", wanted),) if wanted else ()
        made = anonymise(source, Demand(quasi, 5 if wanted else 10, sensitive))
        with tempfile.TemporaryDirectory() as temporary:
            path = Path(temporary) / "made.csv"
            pa.csv.write_csv(made.table, path)
            columns = ["occupation"] if wanted else []
            command = [PEERS.python(), ROOT / "peers" / "pycanon_checks.py", path, ",".join(QUASI_IDENTIFIERS)]
            found = json.loads(subprocess.run([*command, *columns], check=True, capture_output=True, text=True).stdout)
        said = {"k": made.guarantees.k, **{n: round(v, 4) for n, v in made.guarantees.worst.items()}}
        table.add_row(name, *("\n".join(f"{n}: {v}" for n, v in x.items()) for x in (said, found)))
    return table


def speed(rows: int) -> Table:
    table = Table(title=f"{rows:,} rows, 6 quasi-identifiers, checked and written", box=MARKDOWN)
    for heading in ("", "wall seconds", "CPU seconds", "penalty", "classes", "peak MB", "bar: wall seconds"):
        table.add_column(heading, justify="right" if heading else "left")
    source, quasi = census(rows), tuple(QuasiIdentifier(name) for name in QUASI_IDENTIFIERS)
    diverse = (Sensitive("occupation", (DistinctDiversity(3), Closeness(0.4))),)
    bar = f"below {5 * rows / 1_000_000:g}"
    demands = {"k = 10": (Demand(quasi, 10), bar), "k = 10, l = 3, t = 0.4": (Demand(quasi, 10, diverse), "")}
    for name, (demand, limit) in demands.items():
        wall, cpu = time.perf_counter(), time.process_time()
        made = anonymise(source, demand)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cells = (f"{wall:.1f}", f"{cpu:.1f}", f"{made.loss.penalty:.4f}", f"{made.guarantees.classes:,}", f"{peak:.0f}")
        table.add_row(name, *cells, limit)
    return table


def main() -> None:
    """Print the comparisons, the verification and the speed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--quick", action="store_true", help="4 splits, 200,000 rows instead of 1,000,000")
    parser.add_argument("--splits", type=int, default=20, help="divisions of German Credit: ± shrinks with their root")
    given = parser.parse_args()
    console = Console(width=100)
    console.print(speed(200_000 if given.quick else 1_000_000))
    console.print(verify())
    tasks = [census_task()]
    if GERMAN.exists():
        tasks.append(german_task(4 if given.quick else given.splits))
    else:
        console.print("German Credit is left out: no ../shared/data/german-credit.csv")
    for task, splits in tasks:
        made = compare(task, splits)
        console.print(table_of_costs(made), table_of_losses(made), bars(made), sep="\n")


if __name__ == "__main__":
    main()
