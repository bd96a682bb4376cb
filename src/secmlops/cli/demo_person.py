"""A person's journey in the demo: found, protected, exported, erased; the model trained without them; and certified."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from secmlops.cli.answer import say
from secmlops.cli.progress import RunProgress
from secmlops.cli.screen import table
from secmlops.core.counting import counted
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.data.protection.actions import Action
from secmlops.data.reading import read_table
from secmlops.data.values import text_form
from secmlops.data_subject.asking import may_erase
from secmlops.data_subject.erasure import Erased, erase_person
from secmlops.data_subject.export import export_person, write_export
from secmlops.data_subject.holding import Holding, subject_column
from secmlops.lifecycle.sources import read_source
from secmlops.pipeline import run_pipeline
from secmlops.verification import Verification, verify_path
from secmlops.workspace import Workspace

COPY_FILE, CERTIFICATE_FILE = "person.json", "erasure.tlog-proof"


@dataclass(frozen=True, slots=True)
class PersonJourney:
    """What became of a person who asked: what was held, the copy they got, the erasure, and the check of its proof."""

    column: str
    protection: str
    holding: Holding
    copy: Path
    erased: Erased
    certificate: Path
    verification: Verification

    def to_json(self) -> dict[str, Json]:
        """What the JSON output tells: digests and counts, and no name."""
        certificate = self.erased.certificate
        return {
            "person": str(self.holding.person),
            "tables": len(self.holding.sources) + len(self.holding.protected),
            "learnt_rows": [model.learnt for model in self.holding.models],
            "copy": str(self.copy),
            "erased": self.erased.done,
            "measures": dict(certificate.measures) if certificate else {},
            "certificate": self.verification.to_json(),
            "file": str(self.certificate),
        }

    def show(self, screen: Console) -> None:
        """Draw the journey, a line for each step."""
        rows = table("a person", "what was done")
        found = (*self.holding.sources, *self.holding.protected)
        learnt = sum(model.learnt or 0 for model in self.holding.models)
        rows.add_row(
            "found", f"in {counted(len(found), 'table')}; a model learnt from {counted(learnt, 'row')} of theirs"
        )
        rows.add_row("protected", f"{self.column}: {self.protection}; every record names a keyed commitment")
        rows.add_row("exported", f"{counted(self.holding.sources[0].rows, 'row')} as delivered, to {self.copy.name}")
        for finding in self.erased.certificate.findings if self.erased.certificate else ():
            if finding.rule in _STEPS:
                rows.add_row(_STEPS[finding.rule], finding.message)
        holds = "✓ verified offline" if self.verification.ok else "✗ NOT VERIFIED"
        rows.add_row("certified", f"{holds}: entry {self.erased.entry} of the ledger, {self.certificate.name}")
        screen.print(rows)


_STEPS = {"erasure.rows": "erased", "erasure.keys": "", "erasure.models": "forgotten"}


def person_journey(workspace: Workspace) -> PersonJourney | None:
    """Train a model, then let the first person of the table ask for a copy and for erasure.

    None when a gate is shut on the way. Raises what a run raises.
    """
    with RunProgress() as progress:
        results, _ = run_pipeline(workspace, progress, Stage.TRAINING)
        if not results[-1].verdict.open:
            return None
        name = _first_person(workspace)
        say("asking", "a person wants a copy of their data, and then to be forgotten")
        asker = may_erase(workspace, None, name)
        holding = asker.look_up(workspace, name)
        asker.give_out(workspace, holding)
        copy = workspace.folder / COPY_FILE
        write_export(copy, export_person(workspace, holding))
        erased = erase_person(workspace, holding, progress, by=asker.id)
    if erased.entry is None:
        return None
    certificate = workspace.folder / CERTIFICATE_FILE
    certificate.write_text(workspace.ledger.receipt(erased.entry), encoding="utf-8")
    column = subject_column(workspace)
    protection = str(workspace.project.data.protect.get(column, Action.KEEP))
    verification = verify_path(certificate, workspace.keys.ring())
    return PersonJourney(column, protection, holding, copy, erased, certificate, verification)


def _first_person(workspace: Workspace) -> str:
    source = workspace.project.data.source
    table_of = read_table(read_source(workspace.folder, source), source).table
    return str(text_form(table_of[subject_column(workspace)])[0].as_py())
