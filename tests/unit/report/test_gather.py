from pathlib import Path
from random import Random

import pytest

from secmlops.core.stage import Stage
from secmlops.lifecycle.plan import BUILT_IN
from secmlops.lifecycle.survey import Standing
from secmlops.pipeline import journey_of, run_pipeline
from secmlops.report.gather import gather
from secmlops.report.render import render_report
from secmlops.workspace import Workspace

PROJECT = """\
secmlops: 1
name: shop
task: binary_classification
data:
  source: orders.csv
  label: returned
  positive: yes
  protect: {buyer: drop}
training: {model: logistic_regression}
release: {within: 7 d, require: {assurance.performance.auc: ">= 0.6"}}
"""


class Quiet:
    def started(self, control: object, /) -> None: ...

    def finished(self, evidence: object, reused: bool, /) -> None: ...


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    folder = tmp_path / "shop"
    folder.mkdir()
    rng = Random(7)
    rows = (
        f"{rng.random():.3f},{rng.random():.2f},buyer{i}@example.org,{rng.choice(('yes', 'no'))}" for i in range(200)
    )
    (folder / "orders.csv").write_text("\n".join(["amount,weight,buyer,returned", *rows, ""]))
    (folder / "secmlops.yaml").write_text(PROJECT)
    return Workspace(folder)


def test_a_project_that_never_ran_is_gathered_as_it_is(workspace: Workspace) -> None:
    material = gather(journey_of(workspace, Quiet()))
    assert material.evidence == {}
    assert {c.standing for c in material.controls} <= {Standing.TO_RUN, Standing.WAITING}
    assert (material.ledger.size, material.release, material.checks) == (0, None, ())
    assert set(material.subjects) == {"project", "source"}
    assert "Not yet" in render_report(material)


def test_what_ran_is_gathered_with_its_place_and_rules(workspace: Workspace) -> None:
    results, _ = run_pipeline(workspace, Quiet(), Stage.DATA)
    assert results[-1].verdict.open
    material = gather(journey_of(workspace, Quiet()))
    assert set(material.evidence) == {c for c in BUILT_IN if c.startswith(("design.", "data."))}
    book = {a.index: a for a in workspace.book.all()}
    for control, place in material.places.items():
        assert book[place.index].evidence == material.evidence[control]
        assert place.roles == ("engineer",)
    assert set(material.places) == set(material.evidence)
    assert material.ledger.checkpoint.splitlines()[:2] == [material.ledger.origin, str(material.ledger.size)]
    assert (dict(material.rules.protect), material.rules.within.days) == ({"buyer": "drop"}, 7)
    assert "protected" in material.subjects
    assert material.products == {}
