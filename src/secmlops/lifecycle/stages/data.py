"""The data stage: the source is profiled, searched for personal data, protected; the rest is checked for leaks.

A plugin's controls of this stage look at the source, before it is protected.
"""

import dataclasses
from collections.abc import Generator
from typing import Any

from secmlops.core.control import Control
from secmlops.core.digest import Digest
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.finding import Finding
from secmlops.core.stage import Stage
from secmlops.data.protect import ProtectionOrder
from secmlops.data.schema import Schema
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.runner import Step, reference_of

_PLACED = ("data.schema", "data.personal", "data.protect", "data.leakage")


def data_steps(journey: Journey) -> Generator[Step, Evidence | None, None]:
    """Yield the steps of the stage, and take in their evidence."""
    settings = {"data settings": journey.settings_digest(journey.project.data, journey.project.task)}
    controls, raw = journey.controls, journey.raw
    controls["data.schema"] = _with_reference(journey)
    others = [c for c in controls.values() if c.stage is Stage.DATA and c.id not in _PLACED]
    yield Step(controls["data.schema"], raw, lambda: journey.raw_dataset, settings, remarks=lambda: _remarks(journey))
    for control in (controls["data.personal"], *others):
        yield Step(control, raw, lambda: journey.raw_dataset, settings)
    yield Step(controls["data.protect"], raw, lambda: _order(journey), settings)
    if journey.protected is not None:
        materials = {**settings, "split": journey.split_digest}
        yield Step(controls["data.leakage"], journey.protected, lambda: journey.prepared, materials)


def _remarks(journey: Journey) -> tuple[Finding, ...]:
    """Return what was doubtful when the table was read, unless the control says the same with more."""
    return tuple(note for note in journey.raw_reading.notes if note.rule != "reading.mixed-types")


def _order(journey: Journey) -> ProtectionOrder:
    return ProtectionOrder(journey.raw_dataset, journey.runner.keys.mac_key(f"pseudonyms {journey.identity}"))


def _with_reference(journey: Journey) -> Control[Any]:
    """Return the schema control, held to the profile of the data that came before these, unless they were accepted.

    Data are accepted when they were profiled afresh and passed: the first data of a project always are. Data for which
    the gate of the stage never opened are no measure for others.
    """
    control = journey.controls["data.schema"]
    if not isinstance(control, Schema) or control.profile:
        return control
    if journey.afresh:
        return control
    spoken = [a for a in journey.runner.book.all() if a.evidence.control.id == control.id and a.roles]
    passed = [a for a in spoken if a.evidence.outcome is Outcome.PASSED]
    ours = [a for a in spoken if a.evidence.subject.digest == journey.raw.digest]
    afresh = reference_of(control).settings
    if any(a in passed and a.evidence.control.settings == afresh for a in ours):
        return control
    first = min((a.index for a in ours), default=None)
    let_through = _let_through(journey)
    before = [
        a
        for a in passed
        if a not in ours and a.evidence.subject.digest in let_through and (first is None or a.index < first)
    ]
    if not before:
        return control
    return dataclasses.replace(control, profile=journey.runner.product(before[-1].evidence, "profile").decode())


def _let_through(journey: Journey) -> set[Digest]:
    """Return the source tables for which the gate of the data stage opened."""
    verdicts = [a for a in journey.runner.book.all() if a.evidence.control.id == f"gate.{Stage.DATA}" and a.roles]
    opened = [a.evidence for a in verdicts if a.evidence.outcome is Outcome.PASSED]
    return {e.materials["source"] for e in opened if "source" in e.materials}
