"""Membership inference on the same models as ART's: how well members are told, and in which CPU time.

ART's black-box attack learns from half of the rows with known membership and tells the other half; ours tells the same
half from its rows alone, and knows of none whether it is a member. Seconds are those of a processor from the model's
answers to a score of each row: asking the model is counted, in ours too, and so are the reference models. ART's attack
with labels is the gap attack, the same as ours without reference models.

    python benchmarks/membership.py --rows 6000
"""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.datasets import make_classification

from peers.environments import Environment, NotInstalledError
from secmlops.assurance.membership import LIRA_FROM
from secmlops.attack import lira
from secmlops.attack.membership import Candidates, gap, rmia, threshold
from secmlops.attack.references import References
from secmlops.attack.roc import Roc
from secmlops.runtime.signature import Inputs

ART = Environment(
    "art",
    ("adversarial-robustness-toolbox==1.20.1", "packaging", "scikit-learn"),
    ("adversarial-robustness-toolbox", "scikit-learn"),
)
REFERENCES = (2, 8)
CONSOLE = Console(width=100)
Array = np.ndarray[Any, Any]


def world(rows: int) -> tuple[Candidates, Array]:
    """Rows of which half are learned from, in random order, and which of them ART may learn its attack from."""
    inputs, target = make_classification(rows, 20, n_informative=8, flip_y=0.1, random_state=3)
    generator = np.random.default_rng(0)
    member = generator.permutation(rows) < rows // 2
    known = generator.permutation(rows) < rows // 2
    whole = Inputs(inputs.astype(np.float32), np.empty((rows, 0), object))
    return Candidates(whole, target.astype(np.int64), member), known


def theirs(candidates: Candidates, known: Array) -> Any:
    """What ART found, and what the models answered."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.npz", Path(folder) / "found.npz"
        rows = candidates.inputs.numeric.astype(np.float64)
        np.savez(given, rows=rows, target=candidates.target, member=candidates.member, known=known)
        script = Path(__file__).parent / "peers" / "art_membership.py"
        subprocess.run([ART.python(), script, given, found], check=True)
        with np.load(found) as arrays:
            return dict(arrays)


def ours(candidates: Candidates, outputs: Array, asking: float) -> dict[str, tuple[Array, float]]:
    """Scores of each of our attacks with CPU seconds, ``asking`` and the reference models included."""
    target = candidates.target
    attacks: dict[str, tuple[float, Callable[[], Array]]] = {
        "threshold": (asking, lambda: threshold(outputs, target)),
        "labels": (asking, lambda: gap(outputs, target)),
    }
    for models in REFERENCES:
        began = time.process_time()
        references = References.fit(candidates, outputs.shape[1], models, np.random.default_rng(0))
        spent = asking + time.process_time() - began
        attacks |= {
            f"RMIA, {models} references": (spent, partial(rmia, outputs, target, references.expected)),
            f"labels, {models} references": (spent, partial(np.divide, gap(outputs, target), references.expected)),
        }
        if models >= LIRA_FROM:
            attacks[f"LiRA online, {models}"] = (spent, partial(lira.online, outputs, target, references))
            attacks[f"LiRA offline, {models}"] = (spent, partial(lira.offline, outputs, target, references))
    found = {}
    for name, (before, attack) in attacks.items():
        began = time.process_time()
        score = attack()
        found[name] = (score, before + time.process_time() - began)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=6_000)
    candidates, known = world(parser.parse_args().rows)
    try:
        found = theirs(candidates, known)
    except NotInstalledError as error:
        CONSOLE.print(f"ART cannot be installed: {error}")
        raise SystemExit(1) from None
    CONSOLE.print(ART.versions(), style="dim")
    judged = Candidates(candidates.inputs.take(~known), candidates.target[~known], candidates.member[~known])
    table = Table(title=f"Membership inference, {len(candidates):,} rows, half of them members", title_justify="left")
    for number, column in enumerate(("model", "attack", "AUC", "TPR at 1 %", "TPR at 0.1 %", "CPU s")):
        table.add_column(column, justify="left" if number < 2 else "right")
    for model in ("forest", "boosting"):
        rows = {f"ART {name}": (found[f"{model}.{name}"], float(found[f"{model}.{name}.seconds"])) for name in PEER}
        asking = float(found[f"{model}.outputs.seconds"])
        rows |= ours(judged, found[f"{model}.outputs"], asking)
        for name, (score, seconds) in rows.items():
            roc = Roc.of(score, judged.member)
            rates = (f"{roc.true_positive_rate(rate):.3f}" for rate in (0.01, 0.001))
            table.add_row(model, name.replace("_", " "), f"{roc.auc:.3f}", *rates, f"{seconds:.2f}")
    CONSOLE.print(table)


PEER = ("black_box", "labels")

if __name__ == "__main__":
    main()
