"""What the controls against poison tell: columns and numbers of rows, never a value."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from secmlops.core.finding import Finding, Severity
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


def nothing_to_examine(control: str) -> Finding:
    """Note that there are no classes, or too few rows, to look for poison in."""
    rule = f"{control.partition('.')[2]}.not-examined"
    return Finding(rule, Severity.NOTE, "only labels that are classes are examined, in tables of at least 50 rows")
