"""Controls that others bring: one that crashes, lies about its shape, or takes another's name opens no gate."""

import importlib
import sys
from pathlib import Path

import pytest

from secmlops.core.errors import InputError
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.stage import Stage
from secmlops.pipeline import run_pipeline
from secmlops.workspace import Workspace

YAML = """\
secmlops: 1
name: tiny
task: binary_classification
data: {source: t.csv, label: y, positive: 1}
training: {model: logistic_regression}
controls:
"""
TABLE = "a,b,y\n" + "".join(f"{i * 7 % 31 + 0.5},{'uvw'[i % 3]},{int(i * 5 % 7 > 2)}\n" for i in range(80))
PLUGIN = """
from dataclasses import dataclass
from typing import ClassVar
from secmlops.core.control import Examination
from secmlops.core.stage import Stage

@dataclass(frozen=True)
class Extra:
    id: ClassVar[str] = "data.extra"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.{stage}
    threats: ClassVar[tuple[str, ...]] = ("stride:tampering",)
    level: int = 1

    def examine(self, artifact, /):
        {body}
"""


class Told:
    def started(self, control, /) -> None:
        """Nothing to keep."""

    def finished(self, evidence: Evidence, reused: bool, /) -> None:
        """Nothing to keep."""


class World:
    """A project and a package of controls that is really installed: found by its metadata, like any other."""

    def __init__(self, place: Path) -> None:
        self.site, self.folder = place / "site", place / "tiny"
        self.site.mkdir()
        self.folder.mkdir()
        (self.folder / "t.csv").write_text(TABLE, encoding="utf-8")

    def install(
        self, body: str, *, stage: str = "DATA", name: str = "data.extra", package: str = "extra_controls"
    ) -> None:
        (self.site / f"{package}.py").write_text(PLUGIN.format(body=body, stage=stage), encoding="utf-8")
        info = self.site / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
        points = f"[secmlops.controls]\n{name} = {package}:Extra\n"
        (info / "entry_points.txt").write_text(points, encoding="utf-8")
        importlib.invalidate_caches()

    def run(self, named: str = "data.extra: {}") -> tuple[bool, dict[str, Evidence]]:
        (self.folder / "secmlops.yaml").write_text(f"{YAML}  {named}\n", encoding="utf-8")
        results, _ = run_pipeline(Workspace(self.folder), Told(), Stage.DATA)
        return results[-1].verdict.open, {e.control.id: e for r in results for e in r.evidence}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("SECMLOPS_PASSPHRASE_FILE", raising=False)
    made = World(tmp_path)
    monkeypatch.syspath_prepend(str(made.site))
    yield made
    for name in ("extra_controls", "more_controls"):
        sys.modules.pop(name, None)


def test_a_control_that_passes_counts(world: World) -> None:
    world.install('return Examination.judged((), {"columns": float(artifact.table.num_columns)})')
    open_, evidence = world.run()
    assert open_
    assert evidence["data.extra"].measures == {"columns": 3.0}


@pytest.mark.parametrize(
    "body",
    [
        'raise RuntimeError("Jane Doe, 4 High Street")',
        "raise SystemError",
        "return None",
        "return 'passed'",
        "return Examination('passed')",
        "return Examination.judged((), {'share': float('nan')})",
        "return Examination.judged((), {'share': 'much'})",
        "return Examination.judged((), {}, {'product': 'text'})",
        "return Examination.judged((), {}, {}, {'read': 'sha256:00'})",
        "return Examination(Examination.judged(()).outcome, ('finding',))",
        "return [][1]",
    ],
)
def test_a_control_that_crashes_or_brings_nonsense_leaves_errored_evidence_and_a_shut_gate(
    world: World, body: str
) -> None:
    world.install(body)
    open_, evidence = world.run()
    assert not open_
    assert evidence["data.extra"].outcome is Outcome.ERRORED
    assert "Jane Doe" not in str(evidence["data.extra"]), "what an exception says may be personal data"
    assert evidence["data.protect"].outcome is Outcome.PASSED, "those behind it still speak"
    assert evidence["data.leakage"].outcome is Outcome.PASSED


def test_a_control_that_skips_opens_nothing(world: World) -> None:
    world.install("from secmlops.core.evidence import Outcome; return Examination(Outcome.SKIPPED)")
    assert not world.run()[0]


def test_an_id_that_two_packages_claim_is_refused(world: World) -> None:
    world.install("return Examination.judged(())")
    world.install("return Examination.judged(())", package="more_controls")
    with pytest.raises(InputError, match="claimed more than once: extra_controls:Extra, more_controls:Extra"):
        world.run()


def test_a_package_cannot_take_a_built_in_controls_place(world: World) -> None:
    world.install("return Examination.judged(())", name="data.schema")
    with pytest.raises(InputError, match=r"data\.schema is claimed more than once"):
        world.run("data.schema: {}")


def test_a_class_under_another_id_is_refused(world: World) -> None:
    world.install("return Examination.judged(())", name="data.other")
    with pytest.raises(InputError, match="is no control of that id"):
        world.run("data.other: {}")


def test_a_package_that_cannot_be_imported_is_told(world: World) -> None:
    world.install("return Examination.judged((")
    with pytest.raises(InputError, match="cannot be imported: SyntaxError"):
        world.run()


@pytest.mark.parametrize("stage", ["DESIGN", "TRAINING", "SERVING"])
def test_a_control_of_a_stage_that_takes_no_more_is_refused_and_not_left_out(world: World, stage: str) -> None:
    world.install("return Examination.judged(())", stage=stage)
    with pytest.raises(InputError, match=f"controls of stage {stage.lower()} cannot be added"):
        world.run()


def test_a_control_that_is_named_but_not_installed_is_refused(world: World) -> None:
    with pytest.raises(InputError, match=r"secmlops\.yaml:7: controls\.data\.extra.*there is no control data\.extra"):
        world.run()
