"""A small project that goes all the way to a signed release: a few hundred invented rows, logistic regression."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from kits.light import CONTROLS
from kits.made_once import made_once
from secmlops.pipeline import Silence, run_pipeline
from secmlops.workspace import Workspace

NAME = "small"
PROJECT = """\
secmlops: 1
name: small
task: binary_classification
data:
  source: loans.csv
  label: default
  positive: 1
training:
  model: logistic_regression
  seed: 7
  sandbox: {accept: [no-network-isolation, no-landlock, no-seccomp, no-limits]}
release:
  require:
    assurance.performance.auc: ">= 0.6"
serving: {host: 127.0.0.1, port: 8443}
"""
PROJECT += CONTROLS
PURPOSES = ("car", "furniture", "education")


def write_project(folder: Path, rows: int = 600) -> Path:
    """Write the project file and its table into ``folder``."""
    rng = np.random.default_rng(11)
    income = np.round(np.exp(rng.normal(7.9, 0.45, rows)), 2)
    amount = np.round(np.exp(rng.normal(8.9, 0.7, rows)), 2)
    loans = rng.poisson(0.9, rows)
    purpose = rng.integers(0, len(PURPOSES), rows)
    odds = -1.0 + 1.2 * (np.log(amount) - 8.9) - 1.6 * (np.log(income) - 7.9) + 0.5 * loans + 0.4 * (purpose == 2)
    default = (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(int)
    lines = ["monthly_income,loan_amount,open_loans,purpose,default"]
    lines += [f"{income[i]},{amount[i]},{loans[i]},{PURPOSES[purpose[i]]},{default[i]}" for i in range(rows)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "loans.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "secmlops.yaml").write_text(PROJECT, encoding="utf-8")
    return folder


def release_project(folder: Path) -> Path:
    """Write the project and take it to a signed release; ``$SECMLOPS_KEYS`` names the keys. Takes a few seconds."""
    workspace = Workspace(write_project(folder))
    results, published = run_pipeline(workspace, Silence())
    workspace.ledger.close()
    if published is None:
        shut = [str(reason) for result in results for reason in result.verdict.obstacles]
        raise AssertionError(f"the small project was not released: {shut}")
    return folder


def _release_with_keys(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECMLOPS_KEYS", str(folder / "keys"))
        release_project(folder / "project")


def released_copy(factory: pytest.TempPathFactory, folder: Path) -> Path:
    """Copy into ``folder`` of a released project and its keys, made once in a run of tests; returns the project's."""
    shutil.copytree(made_once(factory, "released", _release_with_keys), folder, dirs_exist_ok=True)
    return folder / "project"
