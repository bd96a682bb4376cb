"""Personal data: what was found, what was asked for each column, and whether it was done."""

from collections.abc import Mapping
from dataclasses import dataclass

from secmlops.core.counting import counted
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.finding import Finding
from secmlops.report.charts.anonymity import detail_lost, penalties, risk_left
from secmlops.report.charts.picture import Picture
from secmlops.report.marks import Mark
from secmlops.report.material import ReportMaterial
from secmlops.report.measures import Row, measure_rows

FOUND, PROTECTED, ANONYMISED = "data.personal", "data.protect", "data.anonymise"
ACTIONS = {
    "drop": "removed",
    "redact": "mentions of persons in its texts replaced by their kind; what is not recognised stays",
    "mask": "masked but for the last characters",
    "pseudonymise_reversibly": "replaced by pseudonyms (AES-SIV) that a key of its own role reverses",
    "shift_dates": "dates moved, by the same number of days for all of one person",
    "pseudonymise": "replaced by keyed pseudonyms (HMAC): the same value gives the same pseudonym",
    "generalise": "made coarser: bands of numbers, years of dates, rare categories merged",
    "encrypt": "encrypted; equal values stay equal",
    "keep": "kept as it is, accepted by name",
    "anonymise": "made coarser until no row stands alone",
}
_COARSE = "anonymise"
_DONE = Mark("✓", "done", "good")
_KEPT = Mark("!", "kept", "doubt")
_ASKED = Mark("→", "asked for, not done yet", "doubt")
_BARE = Mark("✗", "not protected", "bad")


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column: what was found in it (empty where only the project file speaks of it), and what happened to it."""

    column: str
    found: str
    action: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class PersonalView:
    """The columns, the numbers of the controls that are not 0, and one sentence about all of it.

    ``anonymity`` is one about the classes of the table that is learnt from, with its ``pictures``; empty where nobody
    asked for any.
    """

    sentence: str
    columns: tuple[ColumnView, ...]
    measures: tuple[Row, ...]
    anonymity: str = ""
    pictures: tuple[Picture, ...] = ()


def personal_view(material: ReportMaterial) -> PersonalView:
    """Return what the evidence says about personal data."""
    evidence = material.evidence
    search, protection, classes = (evidence.get(control) for control in (FOUND, PROTECTED, ANONYMISED))
    done = protection is not None and protection.outcome is Outcome.PASSED
    found = _found((search, protection))
    protect = material.rules.protect
    coarse = penalties(material.products.get((ANONYMISED, "loss")))
    columns = [
        _asked(name, _COARSE if name in coarse else action, found.get(_where(name)), done)
        for name, action in protect.items()
    ]
    named = {_where(name) for name in protect}
    columns += [ColumnView(where, f.message, "none", _BARE) for where, f in found.items() if where not in named]
    rows = [row for e in (search, protection, classes) if e for row in measure_rows(e)[0] if e.measures.get(row.name)]
    if classes is None or not classes.measures.get("classes"):
        return PersonalView(_sentence(search), tuple(columns), tuple(rows))
    pictures = (risk_left(classes), detail_lost(material.products.get((ANONYMISED, "loss"))))
    return PersonalView(_sentence(search), tuple(columns), tuple(rows), _anonymity(classes), pictures)


def _anonymity(classes: Evidence) -> str:
    """What the classes promise, in one sentence, and whether it was kept."""
    k, persons = int(classes.measures["k"]), classes.measures.get("persons")
    who = f", and belongs to at least {persons:.0f} persons" if persons else ""
    told = f"Every class of the table that is learnt from has at least {counted(k, 'row')}{who}."
    if classes.outcome is Outcome.PASSED:
        return told
    return f"{told} It was not let through: something else undoes it, or the risk is above the bound."


def _found(evidence: tuple[Evidence | None, ...]) -> Mapping[str, Finding]:
    """Return the first finding about each place that names one."""
    found: dict[str, Finding] = {}
    for finding in (f for e in evidence if e for f in e.findings):
        if finding.where:
            found.setdefault(finding.where, finding)
    return found


def _where(column: str) -> str:
    """Place of a column, as the controls of the data room write it."""
    return f"column {column!r}"


def _asked(column: str, action: str, finding: Finding | None, done: bool) -> ColumnView:
    mark = _KEPT if action == "keep" else _DONE if done else _ASKED
    return ColumnView(column, finding.message if finding else "", ACTIONS.get(action, action), mark)


def _sentence(search: Evidence | None) -> str:
    if search is None or search.outcome in (Outcome.ERRORED, Outcome.SKIPPED):
        return "The data have not been searched for personal data."
    total = search.measures.get("personal_columns", 0)
    bare = search.measures.get("unprotected_columns", 0)
    if not total:
        return "The search found no column with personal data. It looks at headers and forms: it can miss some."
    told = f"The search found personal data in {counted(int(total), 'column')}"
    if not bare:
        return f"{told}; each is protected, or kept because the project file accepts it by name."
    return f"{told}. Without protection: {bare:.0f}. Until they have one, nothing goes on to training."
