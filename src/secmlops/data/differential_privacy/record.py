"""What is put on record of a budget and of releases; what goes out with a released table tells nothing that it hides.

The digest of the source table stays in the entry of what was spent: whoever knows all rows but one could try that one
against it. The entry of the release, whose receipt is given away, names the former by its place alone.
"""

from dataclasses import replace
from datetime import datetime

from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import Attested
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.differential_privacy.account import LIMIT, RELEASED, SPENT, Account
from secmlops.data.differential_privacy.loss import PrivacyLoss
from secmlops.data.differential_privacy.persons import Source
from secmlops.data.differential_privacy.query import Query
from secmlops.data.differential_privacy.shelf import Drawn
from secmlops.trust.canonical import digest_of

RELEASE, SPENT_ENTRY = "release", "spent_entry"
"""The material of what was spent that names what lies encrypted in the vault; the measure that names its entry."""


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


def promised(source: Source, query: Query) -> str:
    """Say what was asked of whom, and what is promised."""
    told = f"{query.loss}: with and without all rows of {source.unit} the result has nearly the same chances"
    return f"{in_words(query)}; {told}"


def released(drawn: Drawn, paid: Attested, at: datetime) -> Evidence:
    """Evidence of a released table, by the digest of its bytes; the entry that paid is named by its place alone."""
    measures, finding = paid.evidence.measures, Finding(RELEASED, Severity.NOTE, drawn.promised)
    subject = Subject(SubjectKind.DATASET, f"{drawn.dataset} (differentially private)", Digest.of(drawn.data))
    loss = PrivacyLoss(measures["epsilon"], measures["delta"])
    evidence = _evidence(RELEASED, subject, at, loss, finding)
    materials = {"query": paid.evidence.materials["query"]}
    return replace(evidence, measures={**evidence.measures, SPENT_ENTRY: float(paid.index)}, materials=materials)


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
