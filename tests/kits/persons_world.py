"""A small project about persons: loans of customers with two rows each, who can be found, and erased."""

import shutil
from pathlib import Path

import pytest

from kits.made_once import made_once
from kits.small_project import write_project
from secmlops.pipeline import Silence, run_pipeline
from secmlops.workspace import Workspace

PERSON = "C-0007"
NAMED = "  positive: 1\n  subject_id: customer\n  protect: {customer: pseudonymise}\n"
GOVERNED = """\
  governance:
    purpose: [lending]
    legal_basis: contract
    source: the loan desk
    owner: head of credit risk
    retention: 100 d
    sensitivity: confidential
    erasure: keep_release
"""


def write_persons(folder: Path, rows: int = 120, model: str = "logistic_regression") -> Path:
    """Write the project file and its table, whose column ``customer`` goes up from C-0000, into ``folder``."""
    made = write_project(folder, rows)
    header, *lines = (made / "loans.csv").read_text().splitlines()
    named = [f"customer,{header}", *(f"C-{number // 2:04d},{line}" for number, line in enumerate(lines))]
    (made / "loans.csv").write_text("\n".join(named) + "\n")
    file = made / "secmlops.yaml"
    text = (
        file.read_text().replace("  positive: 1\n", NAMED + GOVERNED).replace("seed: 7", "seed: 7\n  purpose: lending")
    )
    file.write_text(text.replace("logistic_regression", model))
    return made


def released_persons(factory: pytest.TempPathFactory, folder: Path) -> Path:
    """Copy into ``folder`` of a project about persons that was released, made once in a test session, with its keys."""
    shutil.copytree(made_once(factory, "persons", _release), folder, dirs_exist_ok=True)
    return folder / "project"


def _release(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECMLOPS_KEYS", str(folder / "keys"))
        workspace = Workspace(write_persons(folder / "project", 500))
        results, published = run_pipeline(workspace, Silence())
        workspace.ledger.close()
    if published is None:
        shut = [str(reason) for result in results for reason in result.verdict.obstacles]
        raise AssertionError(f"the project about persons was not released: {shut}")
