"""Anonymising tables beside anonypy and anjana, in the same run: ``python benchmarks/anonymisation.py [--quick]``.

CPU seconds, information lost (generalised certainty penalty, a suppressed row counts 1), and what a model loses that
learns from the result and is judged on rows as they were. pycanon, by the authors of anjana, says what each result
keeps. The peers live in a private environment under ``benchmarks/.env-anonymisation``, made on the first run. Numbers
are represented to every model by the middle of their range, names by equal shares of their set, whoever made them.
"""

import argparse
import json
import resource
import subprocess
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from rich.console import Console
from rich.table import Table
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from census import LABEL, QUASI_IDENTIFIERS, census
from secmlops.data.anonymise.demand import Demand, QuasiIdentifier, Sensitive
from secmlops.data.anonymise.privacy import Closeness, DistinctDiversity, EntropyDiversity, RecursiveDiversity
from secmlops.data.anonymise.table import anonymise

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".env-anonymisation"
GERMAN = HERE.parents[1] / "shared" / "data" / "german-credit.csv"
PACKAGES = ("anonypy==0.2.1", "anjana==1.2.3", "pycanon==1.3.5")
K = 10

ANONYPY = """
import json, sys, time, warnings
import pandas as pd
from anonypy.mondrian import Mondrian
warnings.filterwarnings("ignore")
source, out, k, quasi, label = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4].split(","), sys.argv[5]
table = pd.read_csv(source)
for name in quasi:
    if table[name].dtype == object:
        table[name] = table[name].astype("category")
start = time.process_time()
parts = Mondrian(table, quasi, label).partition(k)
spent = time.process_time() - start
places = [0] * len(table)
for number, part in enumerate(parts):
    for row in part:
        places[row] = number
json.dump({"cpu": spent, "kept": list(range(len(table))), "groups": {name: places for name in quasi}}, open(out, "w"))
"""
ANJANA = """
import json, sys, time, warnings
import numpy as np, pandas as pd
from anjana.anonymity import k_anonymity
warnings.filterwarnings("ignore")
source, out, k, quasi, levels, share = *sys.argv[1:3], int(sys.argv[3]), sys.argv[4].split(","), *sys.argv[5:7]
table = pd.read_csv(source, dtype=str, keep_default_na=False)
table["row"] = range(len(table))
levels = {name: {int(l): np.array(v) for l, v in found.items()} for name, found in json.load(open(levels)).items()}
start = time.process_time()
made = k_anonymity(table, [], quasi, k, float(share), levels)
spent = time.process_time() - start
groups = {name: pd.factorize(made[name])[0].tolist() for name in quasi}
json.dump({"cpu": spent, "kept": made["row"].tolist(), "groups": groups}, open(out, "w"))
"""
PYCANON = """
import json, sys
import pandas as pd
from pycanon import anonymity
source, quasi, sensitive = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
table = pd.read_csv(source, dtype=str, keep_default_na=False)
found = {"k": anonymity.k_anonymity(table, quasi)}
if sensitive:
    found |= {"distinct l": anonymity.l_diversity(table, quasi, sensitive),
              "entropy l": anonymity.entropy_l_diversity(table, quasi, sensitive),
              "recursive c, l": anonymity.recursive_c_l_diversity(table, quasi, sensitive),
              "t": anonymity.t_closeness(table, quasi, sensitive)}
print(json.dumps({name: str(value) for name, value in found.items()}))
"""


@dataclass(frozen=True)
class Task:
    """A table to anonymise: its quasi-identifiers, its label, and levels of generalisation for anjana."""

    name: str
    table: pa.Table
    quasi: Sequence[str]
    label: str
    levels: Mapping[str, Mapping[int, Sequence[str]]]

    def part(self, rows: np.ndarray) -> "Task":
        """The same task on some rows."""
        return Task(self.name, self.table.take(rows), self.quasi, self.label, self.levels)


@dataclass(frozen=True)
class Result:
    """CPU seconds, the rows that were kept, and by column the group of each of them: equal values, equal group."""

    cpu: float
    kept: np.ndarray
    groups: Mapping[str, np.ndarray]


Method = Callable[[Task], Result]


def peers() -> Path:
    """Python of the private environment with the peers, made when missing."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
        (ENVIRONMENT / ".gitignore").write_text("*\n")
    return python


def ours(label: bool) -> Method:
    def method(task: Task) -> Result:
        quasi = tuple(QuasiIdentifier(name) for name in task.quasi)
        start = time.process_time()
        made = anonymise(task.table, Demand(quasi, K, label=task.label if label else None))
        spent = time.process_time() - start
        kept = np.flatnonzero(made.classes >= 0)
        return Result(spent, kept, dict.fromkeys(task.quasi, made.classes[kept]))

    return method


def peer(program: str, suppress: float | None = None) -> Method:
    def method(task: Task) -> Result:
        with tempfile.TemporaryDirectory() as temporary:
            source, out, levels = (Path(temporary) / name for name in ("table.csv", "out.json", "levels.json"))
            pa.csv.write_csv(task.table, source)
            levels.write_text(json.dumps(task.levels))
            more = [task.label] if suppress is None else [levels, str(suppress)]
            command = [peers(), "-c", program, source, out, str(K), ",".join(task.quasi), *more]
            subprocess.run(command, check=True, capture_output=True)
            made = json.loads(out.read_text())
        return Result(made["cpu"], np.array(made["kept"]), {n: np.array(g) for n, g in made["groups"].items()})

    return method


METHODS: dict[str, Method] = {
    "secmlops": ours(label=False),
    "secmlops, label known": ours(label=True),
    "anonypy 0.2.1": peer(ANONYPY),
    "anjana 1.2.3": peer(ANJANA, 0),
    "anjana, 10% suppressed": peer(ANJANA, 10),
}


def penalty(task: Task, result: Result) -> float:
    """Generalised certainty penalty, from the original values that each released value stands for."""
    rows, total = task.table.num_rows, 0.0
    for name in task.quasi:
        values, group = task.table[name].to_numpy(), result.groups[name]
        known, code = np.unique(values, return_inverse=True)
        code = code[result.kept]
        if values.dtype == object:
            pairs = np.unique(group.astype(np.int64) * len(known) + code) // len(known)
            distinct = np.bincount(pairs, minlength=group.max() + 1)
            lost = np.where(distinct > 1, distinct / len(known), 0.0)
        else:
            low, high = bounds(values[result.kept].astype(float), group)
            lost = (high - low) / (known[-1] - known[0])
        total += float(lost[group].sum() + rows - len(result.kept)) / rows
    return total / len(task.quasi)


def bounds(values: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.full(group.max() + 1, np.inf), np.full(group.max() + 1, -np.inf)
    np.minimum.at(low, group, values)
    np.maximum.at(high, group, values)
    return low, high


def features(task: Task, result: Result | None, names: Mapping[str, np.ndarray]) -> np.ndarray:
    """Inputs of a model: the middle of a range, equal shares of a set; as they are where nothing was released."""
    columns = []
    kept = slice(None) if result is None else result.kept
    for name in task.table.column_names:
        if name == task.label:
            continue
        values = task.table[name].to_numpy()[kept]
        group = None if result is None else result.groups.get(name)
        if values.dtype == object:
            code = np.searchsorted(names[name], values)
            group = np.arange(len(code)) if group is None else group
            member = np.zeros((group.max() + 1, len(names[name])))
            member[group, code] = 1
            columns.append((member / np.maximum(member.sum(axis=1, keepdims=True), 1))[group])
        elif group is None:
            columns.append(values.astype(float)[:, None])
        else:
            low, high = bounds(values.astype(float), group)
            columns.append(((low + high) / 2)[group][:, None])
    return np.hstack(columns)


def models() -> Iterator[tuple[str, object]]:
    yield "linear", make_pipeline(StandardScaler(), LogisticRegression(max_iter=1_000))
    yield "boosting", HistGradientBoostingClassifier(max_iter=80, random_state=0)


def scores(train: Task, test: Task, result: Result | None) -> dict[str, float]:
    """Area under the ROC curve on rows as they were, by model."""
    names = {
        n: np.unique(pa.concat_tables([train.table, test.table])[n].to_numpy())
        for n in train.table.column_names
        if pa.types.is_string(train.table[n].type)
    }
    inputs, held = features(train, result, names), features(test, None, names)
    target = train.table[train.label].to_numpy()
    target = target if result is None else target[result.kept]
    truth = test.table[test.label].to_numpy()
    return {
        name: float(roc_auc_score(truth, model.fit(inputs, target).predict_proba(held)[:, 1]))  # type: ignore[attr-defined]
        for name, model in models()
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
    drawn = StratifiedShuffleSplit(splits, test_size=0.3, random_state=7)
    label = table["class-label"].to_numpy()
    return task, [(task.part(train), task.part(test)) for train, test in drawn.split(label, label)]


def compare(task: Task, splits: Sequence[tuple[Task, Task]]) -> Table:
    """One row a method; the areas under the curve are means over ``splits``."""
    table = Table(title=f"{task.name}, k = {K}")
    for heading in ("", "CPU seconds", "penalty", "suppressed", "AUC lost, linear", "AUC lost, boosting"):
        table.add_column(heading, justify="right" if heading else "left")
    raw = [scores(train, test, None) for train, test in splits]
    for name, method in METHODS.items():
        whole = method(task)
        lost: dict[str, list[float]] = {}
        for (train, test), before in zip(splits, raw, strict=True):
            after = scores(train, test, whole if train is task else method(train))
            for model, area in after.items():
                lost.setdefault(model, []).append(before[model] - area)
        cells = [f"{whole.cpu:.2f}", f"{penalty(task, whole):.4f}", f"{1 - len(whole.kept) / task.table.num_rows:.1%}"]
        table.add_row(name, *cells, *(f"{np.mean(values):+.4f}" for values in lost.values()))
    return table


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
            command = [peers(), "-c", PYCANON, path, ",".join(QUASI_IDENTIFIERS), *columns]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        said = {"k": made.guarantees.k, **{n: round(v, 4) for n, v in made.guarantees.worst.items()}}
        table.add_row(name, *("\n".join(f"{n}: {v}" for n, v in x.items()) for x in (said, found)))
    return table


def speed(rows: int) -> Table:
    table = Table(title=f"{rows:,} rows, 6 quasi-identifiers, checked and written")
    for heading in ("", "wall seconds", "CPU seconds", "penalty", "classes", "peak MB"):
        table.add_column(heading, justify="right" if heading else "left")
    source, quasi = census(rows), tuple(QuasiIdentifier(name) for name in QUASI_IDENTIFIERS)
    diverse = (Sensitive("occupation", (DistinctDiversity(3), Closeness(0.4))),)
    demands = {"k = 10": Demand(quasi, 10), "k = 10, l = 3, t = 0.4": Demand(quasi, 10, diverse)}
    for name, demand in demands.items():
        wall, cpu = time.perf_counter(), time.process_time()
        made = anonymise(source, demand)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cells = (f"{wall:.1f}", f"{cpu:.1f}", f"{made.loss.penalty:.4f}", f"{made.guarantees.classes:,}", f"{peak:.0f}")
        table.add_row(name, *cells)
    return table


def main() -> None:
    """Print the comparisons, the verification and the speed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer splits, 200,000 rows instead of 1,000,000")
    quick = parser.parse_args().quick
    console = Console(width=120)
    console.print(speed(200_000 if quick else 1_000_000))
    console.print(verify())
    console.print(compare(*census_task()))
    if GERMAN.exists():
        console.print(compare(*german_task(3 if quick else 10)))
    else:
        console.print("German Credit is left out: no ../shared/data/german-credit.csv")


if __name__ == "__main__":
    main()
