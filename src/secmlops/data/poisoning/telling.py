"""What the controls against poison tell: columns and numbers of rows, never a value."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from secmlops.core.control import Examination
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.task import Task
from secmlops.data.poisoning.sample import LEAST_ROWS
from secmlops.data.presentable import is_presentable
from secmlops.runtime.signature import Signature
from secmlops.trust.canonical import canonical_json


def columns_told(signature: Signature, places: Sequence[int]) -> str:
    """Names of the columns at these places, the numeric ones counted first."""
    names = [feature.name for feature in (*signature.numeric, *signature.categorical)]
    told = [repr(names[place]) if is_presentable(names[place]) else "one" for place in places]
    return f"{'column' if len(told) == 1 else 'columns'} {', '.join(told)}"


def row_list(**rows: npt.NDArray[np.intp]) -> bytes:
    """JSON of row numbers by reason, ascending, counted from 1 as in the table below its header."""
    return canonical_json({reason: (np.sort(numbers) + 1).tolist() for reason, numbers in rows.items()})


def not_examined(control: str, task: Task, measures: Mapping[str, float], *, accepted: bool) -> Examination:
    """Skipped, which keeps the gate shut, because nothing can be found out; passed only where that is ``accepted``."""
    rule = f"{control.partition('.')[2]}.not-examined"
    why = (
        f"not examined: fewer than {LEAST_ROWS} rows"
        if task.is_classification
        else "not examined: labels are no classes"
    )
    if accepted:
        note = Finding(rule, Severity.NOTE, f"{why}; accepted by name")
        return Examination.judged((note,), measures)
    advice = f"accept that nobody looks, in the project file: controls: {{{control}: {{accept_unexamined: true}}}}"
    return Examination(Outcome.SKIPPED, (Finding(rule, Severity.ERROR, why, hint=advice),), measures)
