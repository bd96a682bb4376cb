"""Personal data: what was found, what was asked for each column, and whether it was done."""

from collections.abc import Mapping
from dataclasses import dataclass

from secmlops.core.counting import counted
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.finding import Finding
from secmlops.report.marks import Mark
from secmlops.report.material import ReportMaterial
from secmlops.report.measures import Row, measure_rows

FOUND, PROTECTED = "data.personal", "data.protect"
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
}
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
    """The columns, the numbers of both controls that are not 0, and one sentence about all of it."""

    sentence: str
    columns: tuple[ColumnView, ...]
    measures: tuple[Row, ...]


def personal_view(material: ReportMaterial) -> PersonalView:
    """Return what the evidence says about personal data."""
    evidence = material.evidence
    search, protection = evidence.get(FOUND), evidence.get(PROTECTED)
    done = protection is not None and protection.outcome is Outcome.PASSED
    found = _found((search, protection))
    protect = material.rules.protect
    columns = [_asked(name, action, found.get(_where(name)), done) for name, action in protect.items()]
    named = {_where(name) for name in protect}
    columns += [ColumnView(where, f.message, "none", _BARE) for where, f in found.items() if where not in named]
    rows = [row for e in (search, protection) if e for row in measure_rows(e)[0] if e.measures.get(row.name)]
    return PersonalView(_sentence(search), tuple(columns), tuple(rows))


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
