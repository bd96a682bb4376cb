"""What is put on record of a budget and of releases; what goes out with a released table tells nothing that it hides.

The digest of the source table stays in the entry of what was spent: whoever knows all rows but one could try that one
against it. The entry of the release, whose receipt is given away, names the former by its place alone.
"""

from dataclasses import replace
from datetime import datetime

from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.differential_privacy.account import LIMIT, SPENT, Account
from secmlops.data.differential_privacy.loss import PrivacyLoss
from secmlops.data.differential_privacy.persons import Source
from secmlops.data.differential_privacy.query import Query
from secmlops.trust.canonical import digest_of

RELEASED = "data.release-dp"


def limit_set(project: Subject, limit: PrivacyLoss, before: Account, by: str, at: datetime) -> Evidence:
    """Evidence of a budget; a warning where it is larger than the one before."""
    larger = before.limit is not None and not before.limit.covers(limit)
    told = f"budget of all releases: {limit}, by {by}" + (f"; it was {before.limit}" if before.limit else "")
    finding = Finding(LIMIT, Severity.WARNING if larger else Severity.NOTE, told)
    return _evidence(LIMIT, project, at, limit, finding)


def spent(project: Subject, source: Subject, query: Query, by: str, at: datetime) -> Evidence:
    """Evidence that this query was paid for."""
    finding = Finding(SPENT, Severity.NOTE, f"{query.loss} for {in_words(query)}, by {by}", where=source.name)
    materials = {"source": source.digest, "query": digest_of(query.to_json())}
    return replace(_evidence(SPENT, project, at, query.loss, finding), materials=materials)


def refused(project: Subject, why: str, by: str, at: datetime) -> Evidence:
    """Evidence that somebody asked for a release or a budget and got nothing; it costs nothing."""
    finding = Finding(RELEASED, Severity.ERROR, f"refused to {by}: {why}")
    control = ControlRef(RELEASED, "1", digest_of({}))
    return Evidence(control, Stage.DATA, project, Outcome.FAILED, at, findings=(finding,))


def released(source: Source, query: Query, data: Digest, paid: int, at: datetime) -> Evidence:
    """Evidence of a released table, the bytes with this digest: what was asked of whom, and what is promised."""
    told = f"{query.loss}: with and without all rows of {source.unit} the result has nearly the same chances"
    finding = Finding(RELEASED, Severity.NOTE, f"{in_words(query)}; {told}")
    subject = Subject(SubjectKind.DATASET, f"{source.subject.name} (differentially private)", data)
    evidence = _evidence(RELEASED, subject, at, query.loss, finding)
    measures = {**evidence.measures, "spent_entry": float(paid)}
    return replace(evidence, measures=measures, materials={"query": digest_of(query.to_json())})


def in_words(query: Query) -> str:
    """Say what was asked."""
    groups = f" by {', '.join(query.group_by)}" if query.group_by else ""
    means = "".join(f", mean of {m.column} from {m.low:g} to {m.high:g}" for m in query.means)
    return f"counts{groups}{means}, at most {query.rows_per_person} rows of a person"


def _evidence(control: str, subject: Subject, at: datetime, loss: PrivacyLoss, finding: Finding) -> Evidence:
    return Evidence(
        control=ControlRef(control, "1", digest_of({})),
        stage=Stage.DATA,
        subject=subject,
        outcome=Outcome.PASSED,
        at=at,
        measures={"epsilon": loss.epsilon, "delta": loss.delta},
        findings=(finding,),
    )
