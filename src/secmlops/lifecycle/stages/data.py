"""The data stage: the source is profiled, searched for personal data, protected; the rest is checked for leaks.

A plugin's controls of this stage look at the source, before it is protected.
"""

import dataclasses
from collections.abc import Generator, Mapping
from typing import Any

from secmlops.core.control import Control
from secmlops.core.digest import Digest
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.finding import Finding
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject
from secmlops.data.anonymise.control import AnonymisationOrder
from secmlops.data.anonymise.settings import demand_of
from secmlops.data.protection.order import ProtectionOrder
from secmlops.data.protection.reversal_keys import ReversalKeys
from secmlops.data.reading import read_table
from secmlops.data.schema.control import Schema
from secmlops.data.skew.control import SkewCase
from secmlops.data.skew.distribution import Distribution
from secmlops.lifecycle.governed import consent_materials, governance_materials, governed_use
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.runner import Step, reference_of

_PLACED = (
    "data.schema",
    "data.personal",
    "data.governance",
    "data.protect",
    "data.anonymise",
    "data.leakage",
    "data.balance",
    "data.skew",
    "data.label_errors",
    "data.poisoning",
)


def data_steps(journey: Journey) -> Generator[Step, Evidence | None, None]:
    """Yield the steps of the stage, and take in their evidence."""
    chosen = {"data settings": journey.settings_digest(journey.data_settings, journey.project.task)}
    settings = {**chosen, **consent_materials(journey)}
    controls, raw = journey.controls, journey.raw
    controls["data.schema"] = _with_reference(journey)
    others = [c for c in controls.values() if c.stage is Stage.DATA and c.id not in _PLACED]
    if journey.overdue:  # nothing is made again of what must be destroyed: the gate shuts on it first
        governed = {**settings, **governance_materials(journey)}
        yield Step(controls["data.governance"], raw, lambda: governed_use(journey), governed)
        return
    yield Step(controls["data.schema"], raw, lambda: journey.raw_dataset, settings, remarks=lambda: _remarks(journey))
    yield Step(controls["data.personal"], raw, lambda: journey.raw_dataset, settings)
    governed = {**settings, **governance_materials(journey)}
    yield Step(controls["data.governance"], raw, lambda: governed_use(journey), governed)
    for control in others:
        yield Step(control, raw, lambda: journey.raw_dataset, settings)
    yield Step(controls["data.protect"], raw, lambda: protection_order(journey), settings)
    if journey.protected is not None:
        yield Step(controls["data.anonymise"], journey.protected, lambda: _anonymisation(journey), _asked(journey))
    if journey.learnt is not None:
        materials = {**settings, "split": journey.split_digest}
        for name in ("data.leakage", "data.balance"):
            yield Step(controls[name], journey.learnt, lambda: journey.prepared, materials)
        yield _skew(journey, journey.learnt, materials)
        for name in ("data.label_errors", "data.poisoning"):
            yield Step(controls[name], journey.learnt, lambda: journey.prepared, materials)


def _anonymisation(journey: Journey) -> AnonymisationOrder:
    data = journey.project.data
    demand = demand_of(data.anonymise, data.label) if data.anonymise is not None else None
    return AnonymisationOrder(journey.protected_dataset, demand)


def _asked(journey: Journey) -> Mapping[str, Digest]:
    """Digest of what is demanded of the table that is learnt from."""
    data = journey.project.data
    return {"anonymisation": journey.settings_digest(data.anonymise, data.label, data.subject_id)}


def _skew(journey: Journey, learnt: Subject, materials: Mapping[str, Digest]) -> Step:
    """Compare with production, and with the data for which the gate of the stage opened the last time."""
    control, sample = journey.controls["data.skew"], journey.serving_sample
    let_through = _let_through(journey, "protected") | _let_through(journey, "anonymised")
    before = [
        a.evidence
        for a in journey.runner.book.all()
        if a.evidence.control.id == control.id and a.roles and a.evidence.outcome is Outcome.PASSED
        if a.evidence.subject.digest in let_through and a.evidence.subject.digest != learnt.digest
        if journey.runner.stored(a.evidence)
    ]
    earlier = before[-1].products["distribution"] if before else None
    read = {"earlier": earlier, "serving": Digest.of(sample) if sample is not None else None}

    def case() -> SkewCase:
        return SkewCase(
            journey.prepared,
            Distribution.from_json(journey.runner.product(before[-1], "distribution")) if before else None,
            None if sample is None else read_table(sample, str(journey.project.data.serving)).table,
        )

    return Step(control, learnt, case, {**materials, **{name: d for name, d in read.items() if d is not None}})


def _remarks(journey: Journey) -> tuple[Finding, ...]:
    """Return what was doubtful when the table was read, unless the control says the same with more."""
    return tuple(note for note in journey.raw_reading.notes if note.rule != "reading.mixed-types")


def protection_order(journey: Journey) -> ProtectionOrder:
    """What is to be protected of the source, with the project's key."""
    key = journey.runner.keys.mac_key(f"pseudonyms {journey.identity}")
    return ProtectionOrder(journey.raw_dataset, key, reversal=ReversalKeys(journey.runner.vault).key)


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
    let_through = _let_through(journey, "source")
    before = [
        a
        for a in passed
        if a not in ours and a.evidence.subject.digest in let_through and (first is None or a.index < first)
        if journey.runner.stored(a.evidence)
    ]
    if not before:
        return control
    return dataclasses.replace(control, profile=journey.runner.product(before[-1].evidence, "profile").decode())


def _let_through(journey: Journey, name: str) -> set[Digest]:
    """Return the tables, ``source``, ``protected`` or ``anonymised``, for which the gate of the data stage opened."""
    verdicts = [a for a in journey.runner.book.all() if a.evidence.control.id == f"gate.{Stage.DATA}" and a.roles]
    opened = [a.evidence for a in verdicts if a.evidence.outcome is Outcome.PASSED]
    return {e.materials[name] for e in opened if name in e.materials}
