"""The certificate of an erasure: evidence of what there was before, what there is after, and how sure that is."""

from dataclasses import dataclass
from datetime import datetime

from secmlops.core.counting import counted
from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data_subject.forgetting import way_taken
from secmlops.data_subject.record import CERTIFICATE, PERSON, PLAN_ENTRY, UNREAD, Intent
from secmlops.trust.canonical import digest_of
from secmlops.vault.address import Address

_MOST_NAMED = 200
DESTROYED = "the models were destroyed, and none was made in their place"


@dataclass(frozen=True, slots=True)
class Deeds:
    """What was done: ``training`` is the evidence of the new model; ``left`` objects and rows are still there.

    ``seen`` is the evidence of looking at the models before anything was destroyed.
    """

    after_source: Digest | None
    after_model: Digest | None
    training: Evidence | None
    revoked: tuple[str, ...]
    destroyed: tuple[Digest, ...]
    left: tuple[Address, ...]
    left_rows: int
    seen: Evidence


def certificate_of(intent: Intent, deeds: Deeds, at: datetime) -> Evidence:
    """Evidence that passed only when nothing is left that could be searched; it names the person by the commitment."""
    seconds = deeds.training.measures.get("seconds", 0.0) if deeds.training else 0.0
    measures = {
        PLAN_ENTRY: float(intent.entry),
        "rows": float(intent.rows),
        "destroyed_objects": float(len(deeds.destroyed) - len({address.digest for address in deeds.left})),
        "left_objects": float(len(deeds.left)),
        "left_rows": float(deeds.left_rows),
        UNREAD: float(intent.unread),
        "revoked_releases": float(len(deeds.revoked)),
        "forgotten_models": float(len(intent.models)),
        "training_seconds": seconds,
        **{name: value for name, value in deeds.seen.measures.items() if name != PLAN_ENTRY},
    }
    if deeds.training:
        told = deeds.training.measures
        measures |= {name: told[name] for name in ("grown_trees", "residual_bound", "distance_bound") if name in told}
        measures["residual"] = told.get("residual", 0.0)
    failed = bool(deeds.left or deeds.left_rows)
    return Evidence(
        control=ControlRef(CERTIFICATE, "1", digest_of({})),
        stage=Stage.DATA,
        subject=intent.subject,
        outcome=Outcome.FAILED if failed else Outcome.PASSED,
        at=at,
        measures=measures,
        findings=_findings(intent, deeds),
        materials=_materials(intent, deeds),
    )


def _findings(intent: Intent, deeds: Deeds) -> tuple[Finding, ...]:
    """What was done, worst first: the first is what a verifier is shown."""
    way = way_taken(deeds.training) if deeds.training else DESTROYED
    told = [
        ("erasure.rows", Severity.NOTE, f"{counted(intent.rows, 'row')} of the person taken out of every table"),
        ("erasure.keys", Severity.NOTE, f"the keys of {counted(len(deeds.destroyed), 'object')} were destroyed"),
    ]
    if intent.models:
        told.append(("erasure.models", Severity.NOTE, f"{counted(len(intent.models), 'model')} forgot: {way}"))
        if not any(name.endswith("_after") for name in deeds.seen.measures):
            told.append(("erasure.membership", Severity.NOTE, "membership inference could not be measured"))
    if intent.unread:
        unread = f"{counted(intent.unread, 'table')} could not be searched for the person: nothing of it was changed"
        told.append(("erasure.unread", Severity.WARNING, unread))
    if deeds.left:
        told.append(("erasure.left", Severity.ERROR, f"still there: {counted(len(deeds.left), 'object')}"))
    if deeds.left_rows:
        told.append(("erasure.left", Severity.ERROR, f"still there: {counted(deeds.left_rows, 'row')} of the person"))
    told.sort(key=lambda one: list(Severity).index(one[1]))
    return (*(Finding(*one) for one in told), *deeds.seen.findings)


def _materials(intent: Intent, deeds: Deeds) -> dict[str, Digest]:
    tables = dict.fromkeys((*intent.files, *intent.sources, *intent.tables))
    named = {
        PERSON: intent.person,
        **{f"before source {digest.short}": digest for digest in tables},
        **{f"before model {digest.short}": digest for digest in intent.models},
        **{f"destroyed {digest.short}": digest for digest in deeds.destroyed[:_MOST_NAMED]},
        "destroyed": digest_of([str(digest) for digest in deeds.destroyed]),
    }
    if deeds.after_source:
        named["after source"] = deeds.after_source
    if deeds.after_model:
        named["after model"] = deeds.after_model
    return named
