"""The control data.poisoning: triggers that decide the label, copies that weigh, sources that disagree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.core.control import Examination
from secmlops.core.counting import counted
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data.poisoning.copies_that_weigh import Copied, find_weighty_copies
from secmlops.data.poisoning.learner import design_of
from secmlops.data.poisoning.sample import Sample, sample
from secmlops.data.poisoning.sources import Source, find_bad_sources
from secmlops.data.poisoning.telling import columns_told, not_examined, row_list
from secmlops.data.poisoning.triggers import Trigger, find_triggers, success
from secmlops.data.prepare import Prepared
from secmlops.data.presentable import is_presentable

_LOOK = "look at the rows in the product suspicious_rows and at where they came from, and leave out what was planted"


@dataclass(frozen=True, slots=True)
class Poisoning:
    """Signs of rows that somebody planted; nothing is removed, the product ``suspicious_rows`` (JSON) proposes what.

    A trigger is a value, pair or triple that at least the share ``support`` of the rows hold (and five rows), with
    labels that nothing else explains. It is an error where stamping it on held-out rows of other classes brings a model
    to its class in the share ``success_error`` more of them, and a warning otherwise. Where ``data.source_column``
    tells where a row came from, a source is a warning when the share of its labels that surprise is ``source_excess``
    above that of the median one, and far outside of what the sources differ by. Skipped where the label is a quantity
    or there are fewer than 50 rows, and so the gate stays shut, unless ``accept_unexamined``.

    Measures: ``examined_rows``, ``triggers``, ``trigger_support`` (share of the rows of the largest one),
    ``trigger_success`` (of the most successful), ``weighty_copies`` (rows), ``sources``, ``suspicious_sources``,
    ``source_influence`` (nats of log loss that the others gain without the worst), ``suspicious_rows``.
    """

    id: ClassVar[str] = "data.poisoning"
    version: ClassVar[str] = "5"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = (
        "atlas:AML.T0020",
        "owasp-ml:ML02",
        "nist-ai-100-2:NISTAML.013",
        "nist-ai-100-2:NISTAML.023",
    )
    acts_on: ClassVar[str] = "examined_rows"

    support: float = 0.004
    success_error: float = 0.3
    source_excess: float = 0.02
    max_rows: int = 50_000
    seed: int = 0
    accept_unexamined: bool = False

    def examine(self, artifact: Prepared, /) -> Examination:
        """Look at the rows for training and for the holdout."""
        rows = sample(artifact, self.max_rows, self.seed)
        if rows is None:
            task, measures = artifact.signature.task, _measures(0, _Found())
            return not_examined(self.id, task, measures, accepted=self.accept_unexamined)
        found = self._found(artifact, rows)
        findings = (
            *self._triggers(found, artifact),
            *_copies(found.copies),
            *_sources(found.sources, None if artifact.sources is None else artifact.sources[rows.rows]),
        )
        lists = {
            "triggers": _joined([one.itemset.rows for one in found.triggers]),
            "copies": _joined([one.rows for one in found.copies]),
            "sources": _joined([one.rows for one in found.sources]),
        }
        product = row_list(**{reason: rows.rows[places] for reason, places in lists.items()})
        measures = _measures(len(rows), found) | {"suspicious_rows": float(len(_joined(list(lists.values()))))}
        return Examination.judged(findings, measures, {"suspicious_rows": product})

    def _found(self, artifact: Prepared, rows: Sample) -> "_Found":
        triggers = find_triggers(rows.inputs, rows.labels, self.support, self.seed)
        rates = tuple(success(rows.inputs, rows.labels, one, self.seed) for one in triggers)
        copies = find_weighty_copies(rows.inputs, rows.labels, self.seed)
        if artifact.sources is None:
            return _Found(triggers, rates, copies)
        sources = np.unique(artifact.sources[rows.rows].astype(str), return_inverse=True)[1]
        bad = find_bad_sources(design_of(rows.inputs), rows.labels, sources, self.source_excess, self.seed)
        return _Found(triggers, rates, copies, bad, int(sources.max()) + 1)

    def _triggers(self, found: "_Found", artifact: Prepared) -> Iterator[Finding]:
        for trigger, rate in zip(found.triggers, found.success, strict=True):
            one = trigger.itemset
            severity = Severity.ERROR if rate >= self.success_error else Severity.WARNING
            what = "a value" if len(one.places) == 1 else f"a combination of {len(one.places)} values"
            told = f"{what} comes with one class in {one.hits} of {counted(len(one.rows), 'row')}"
            told = f"{told}, where {trigger.expected:.0%} are expected, and brings {rate:.0%} of other rows to it"
            yield Finding("poisoning.trigger", severity, told, columns_told(artifact.signature, one.places), _LOOK)


@dataclass(frozen=True, slots=True)
class _Found:
    triggers: tuple[Trigger, ...] = ()
    success: tuple[float, ...] = ()
    copies: tuple[Copied, ...] = ()
    sources: tuple[Source, ...] = ()
    compared: int = 0


def _copies(copies: Sequence[Copied]) -> Iterator[Finding]:
    if copies:
        rows = sum(len(one.rows) for one in copies)
        told = f"{counted(rows, 'row')} are copies of {len(copies)} with a label that the rest of the table contradicts"
        yield Finding("poisoning.copies", Severity.WARNING, told, hint=_LOOK)


def _sources(sources: Sequence[Source], names: npt.NDArray[np.object_] | None) -> Iterator[Finding]:
    """``names`` [n] of the sources of all rows."""
    for number, one in enumerate(sources, start=1):
        name = "" if names is None else str(names[one.rows[0]])
        told = f"{one.excess:.1%} more of its {counted(len(one.rows), 'label')} surprise than of the median source"
        told = f"{told} ({one.deviations:.1f} deviations); without it the log loss of the others is"
        where = f"source {name!r}" if is_presentable(name) else f"source {number} of those that are suspicious"
        yield Finding("poisoning.source", Severity.WARNING, f"{told} {one.influence:+.3f} lower", where, _LOOK)


def _joined(parts: Sequence[npt.NDArray[np.intp]]) -> npt.NDArray[np.intp]:
    return np.unique(np.concatenate([*parts, np.empty(0, np.intp)]))


def _measures(rows: int, found: _Found) -> dict[str, float]:
    supports = [len(one.itemset.rows) / rows for one in found.triggers]
    return {
        "examined_rows": float(rows),
        "triggers": float(len(found.triggers)),
        "trigger_support": max(supports, default=0.0),
        "trigger_success": max(found.success, default=0.0),
        "weighty_copies": float(sum(len(one.rows) for one in found.copies)),
        "sources": float(found.compared),
        "suspicious_sources": float(len(found.sources)),
        "source_influence": max((one.influence for one in found.sources), default=0.0),
        "suspicious_rows": 0.0,
    }
