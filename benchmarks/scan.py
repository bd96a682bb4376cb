"""Scanning speed and detections beside picklescan and modelscan, in the same run: ``python benchmarks/scan.py``.

The peers live in a private environment under ``benchmarks/.env-scan``, made on the first run. Every number is CPU
seconds (user and system) of whole commands, and of the scan alone inside a process; the best of several runs counts.
Everybody's bytecode is kept in one cache of our own, so that no run pays for compiling.
"""

import argparse
import importlib.util
import io
import json
import os
import pickle
import random
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".env-scan"
GADGETS = HERE.parent / "tests" / "attacks" / "test_scan_pickle_bypasses.py"

OURS = """
import sys, time
from pathlib import Path
from secmlops.release.scan import scan_file
start = time.process_time()
verdicts = {}
for name in sys.argv[1:]:
    verdicts[name] = str(scan_file(Path(name)).verdict)
spent = time.process_time() - start
import json; print(json.dumps([spent, verdicts]))
"""
PICKLESCAN = """
import sys, time, logging
from picklescan.scanner import scan_file_path, SafetyLevel
logging.disable(logging.CRITICAL)
start = time.process_time()
verdicts = {}
for name in sys.argv[1:]:
    result = scan_file_path(name)
    bad = result.issues_count or result.scan_err
    verdicts[name] = "dangerous" if result.issues_count else "cannot_tell" if bad else "safe"
spent = time.process_time() - start
import json; print(json.dumps([spent, verdicts]))
"""
MODELSCAN = """
import sys, time, logging
from modelscan.modelscan import ModelScan
logging.disable(logging.CRITICAL)
start = time.process_time()
verdicts = {}
for name in sys.argv[1:]:
    scan = ModelScan()
    found = scan.scan(name)
    issues = found["summary"]["total_issues"]
    verdicts[name] = "dangerous" if issues else "cannot_tell" if found.get("errors") else "safe"
spent = time.process_time() - start
import json; print(json.dumps([spent, verdicts]))
"""


def peers() -> Path:
    """Python of the private environment with the peers, made when missing."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "picklescan==1.0.5", "modelscan==0.8.8"], check=True)
        (ENVIRONMENT / ".gitignore").write_text("*\n")
    return python


@dataclass(frozen=True)
class Scanner:
    """``command`` scans the one file that is put after it; ``program`` prints its time and its verdicts as JSON."""

    name: str
    command: Sequence[str | Path]
    python: str | Path
    program: str = ""


def cpu_seconds(command: Sequence[str | Path]) -> tuple[float, str]:
    """CPU seconds of one process and what it printed."""
    before = os.times()
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=_environment())
    after = os.times()
    spent = after.children_user - before.children_user + after.children_system - before.children_system
    if done.returncode not in (0, 1, 2, 3):  # 3 is how modelscan says that it knows no such format
        raise SystemExit(f"{command[0]} failed: {done.stderr[-2000:]}")
    return spent, done.stdout


def run(scanner: Scanner, files: Sequence[Path], repeats: int = 1) -> tuple[float, dict[str, str]]:
    """CPU seconds of the scan alone, best of ``repeats``, and the verdicts."""
    best, verdicts = float("inf"), dict[str, str]()
    for _ in range(repeats):
        out = cpu_seconds([scanner.python, "-c", scanner.program, *files])[1]
        spent, verdicts = json.loads(out.strip().splitlines()[-1])
        best = min(best, spent)
    return best, verdicts


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": "", "PYTHONPYCACHEPREFIX": str(ENVIRONMENT / "bytecode")}


def make_files(folder: Path) -> dict[str, Path]:
    """Four files: 200 MB of arrays as a pickle, a joblib file and a NumPy archive, and 27 MB of opcodes."""
    rng = np.random.default_rng(7)
    arrays = {f"layer{index}": rng.standard_normal(6_250_000) for index in range(4)}
    with (folder / "arrays.pkl").open("wb") as file:
        pickle.dump(arrays, file, protocol=4)
    joblib.dump(arrays, folder / "arrays.joblib")
    np.savez(folder / "arrays.npz", **arrays)
    draw = random.Random(7)
    rows = [
        {
            "id": i,
            "name": f"row{i}",
            "score": draw.random(),
            "flag": not i % 2,
            "tags": [i % 7, "a", None],
            "n": i * 999,
        }
        for i in range(480_000)
    ]
    (folder / "opcodes.pkl").write_bytes(pickle.dumps(rows, protocol=4))
    return {name: folder / name for name in ("arrays.pkl", "arrays.joblib", "arrays.npz", "opcodes.pkl")}


def gadget_files(folder: Path) -> list[Path]:
    """One file for each gadget and each disguise of the attack tests, and nothing that runs."""
    spec = importlib.util.spec_from_file_location("gadgets", GADGETS)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(GADGETS)
    corpus = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(corpus)
    written = []
    for index, (module, name) in enumerate(corpus.GADGETS):
        written.append(folder / f"call-{index:03}.pkl")
        written[-1].write_bytes(corpus.call(module, name))
    for index, data in enumerate(corpus.OBFUSCATED.values()):
        written.append(folder / f"disguise-{index:03}.pkl")
        written[-1].write_bytes(data)
    return written


def harmless_files(folder: Path) -> list[Path]:
    """Fitted estimators in three containers each: whatever is flagged here is a false alarm."""
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression, SGDClassifier
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from sklearn.svm import SVC

    rng = np.random.default_rng(7)
    features, target = rng.standard_normal((80, 4)), rng.integers(0, 2, 80)
    kinds = OneHotEncoder(handle_unknown="ignore")
    encoder = ColumnTransformer([("number", StandardScaler(), [0, 1]), ("kind", kinds, [2])])
    models = [
        LogisticRegression(), SGDClassifier(), RandomForestClassifier(5), GradientBoostingClassifier(n_estimators=3),
        HistGradientBoostingClassifier(max_iter=3), KNeighborsClassifier(), MLPClassifier((4,), max_iter=2000), SVC(),
        make_pipeline(encoder, LogisticRegression()),
    ]  # fmt: skip
    written = []
    for index, model in enumerate(models):
        model.fit(features, target)
        plain, packed = io.BytesIO(), io.BytesIO()
        joblib.dump(model, plain)
        joblib.dump(model, packed, compress=3)
        containers = {"pkl": pickle.dumps(model), "joblib": plain.getvalue(), "z.joblib": packed.getvalue()}
        for suffix, data in containers.items():
            written.append(folder / f"model-{index}.{suffix}")
            written[-1].write_bytes(data)
    return written


def main() -> None:
    """Make the files, run everybody, print two tables."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    python = peers()
    own = Path(sys.executable).parent
    scanners = (
        Scanner("secmlops", [own / "secmlops", "scan"], sys.executable, OURS),
        Scanner("secmlops --json", [own / "secmlops", "scan", "--json"], sys.executable),
        Scanner("picklescan 1.0.5", [python.with_name("picklescan"), "-p"], python, PICKLESCAN),
        Scanner("modelscan 0.8.8", [python.with_name("modelscan"), "-p"], python, MODELSCAN),
    )
    console = Console(width=100)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        console.print(speed(scanners, make_files(folder), repeats))
        console.print(detections(scanners, gadget_files(folder), harmless_files(folder)))


def speed(scanners: Sequence[Scanner], files: dict[str, Path], repeats: int) -> Table:
    """CPU seconds a file and scanner; with ``--json`` secmlops hashes the file besides, which nobody else does."""
    table = Table(title="CPU seconds: whole command / scan alone")
    table.add_column("file")
    for scanner in scanners:
        table.add_column(scanner.name, justify="right")
    for label, path in files.items():
        cells = []
        for scanner in scanners:
            whole = min(cpu_seconds([*scanner.command, path])[0] for _ in range(repeats))
            alone, verdicts = run(scanner, [path], repeats) if scanner.program else (None, {"": "with digest"})
            times = f"{whole:.2f}" if alone is None else f"{whole:.2f} / {alone:.3f}"
            cells.append(f"{times}\n{''.join(verdicts.values())}")
        table.add_row(f"{label}\n{path.stat().st_size / 1e6:.0f} MB", *cells)
    return table


def detections(scanners: Sequence[Scanner], bad: list[Path], good: list[Path]) -> Table:
    """How many of the dangerous files are called so, and how many harmless ones are not called safe."""
    table = Table(title=f"{len(bad)} dangerous pickles, {len(good)} harmless model files")
    for heading in ("scanner", "called dangerous", "called safe (missed)", "harmless, not called safe"):
        table.add_column(heading, justify="left" if heading == "scanner" else "right")
    for scanner in scanners:
        if not scanner.program:
            continue
        found = list(run(scanner, bad)[1].values())
        alarms = [verdict for verdict in run(scanner, good)[1].values() if verdict != "safe"]
        table.add_row(scanner.name, str(found.count("dangerous")), str(found.count("safe")), str(len(alarms)))
    return table


if __name__ == "__main__":
    main()
