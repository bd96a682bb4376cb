"""Finds groups of rows (one machine, one household) that stand on both sides of the split, declared or not."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from secmlops.core.counting import counted
from secmlops.core.finding import Finding, Severity
from secmlops.data.prepare import Prepared
from secmlops.data.yaml_text import yaml_text

Values = npt.NDArray[Any]

MINIMUM_GROUPS = 20
_REPEATED = 1.5
_NAMES_GROUP = re.compile(
    r"(^|[^a-z])(id|uuid|guid|serial|machine|device|sensor|patient|customer|client|user|account|household|site|batch)"
    r"(_?(id|no|nr|number|code|key))?([^a-z]|$)"
)


def shared_groups(artifact: Prepared) -> dict[str, int]:
    """By declared group column: how many of its groups have rows in the training data and in the holdout."""
    return {
        name: len(np.intersect1d(codes[artifact.train_rows], codes[artifact.holdout_rows]))
        for name, codes in artifact.grouped.items()
    }


def undeclared_groups(artifact: Prepared) -> tuple[str, ...]:
    """Features whose header names a thing that has several rows, of which most stand on both sides.

    There are at least twenty such things, each with at least 1.5 rows on average: a number of the row itself is an
    identifier and not a group, and a column of few values is a property.
    """
    return tuple(name for name, sides in _candidates(artifact).items() if _is_split(*sides))


def group_findings(shared: Mapping[str, int], undeclared: Sequence[str]) -> Iterator[Finding]:
    """An error for each column with shared groups, a warning for each that should perhaps be declared."""
    for name, count in shared.items():
        if count:
            told = f"{counted(count, 'group')} with rows in the training data and in the holdout"
            yield Finding("leakage.groups", Severity.ERROR, told, f"column {name!r}", "split by it: data.groups")
    for name in undeclared:
        told = "names things that have rows on both sides of the split: what is learnt of one by heart is judged on it"
        advice = f"add to data.groups: [{yaml_text(name)}]; or to data.protect, with drop, if it names nothing"
        yield Finding("leakage.undeclared-groups", Severity.WARNING, told, f"column {name!r}", advice)


def _candidates(artifact: Prepared) -> dict[str, tuple[Values, Values]]:
    train, holdout = artifact.train.inputs, artifact.holdout.inputs
    numbers = enumerate(artifact.signature.numeric)
    texts = enumerate(artifact.signature.categorical)
    sides = {
        **{f.name: (train.numeric[:, i], holdout.numeric[:, i]) for i, f in numbers if f.integer},
        **{f.name: (train.categorical[:, i], holdout.categorical[:, i]) for i, f in texts},
    }
    return {name: both for name, both in sides.items() if _NAMES_GROUP.search(name.lower())}


def _is_split(train: Values, holdout: Values) -> bool:
    known, asked = set(train.tolist()), set(holdout.tolist())
    groups = len(known | asked)
    several = len(train) + len(holdout) >= _REPEATED * groups
    return groups >= MINIMUM_GROUPS and several and 2 * len(known & asked) > len(asked)
