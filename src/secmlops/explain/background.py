"""Chooses the background: a few rows that stand for all in what the model answers to them."""

import numpy as np

from secmlops.core.errors import InputError
from secmlops.explain.explanation import Floats, Indices


def background_of(answers: Floats, rows: int) -> Indices:
    """Indices of ``rows`` rows, or all if there are fewer, spread evenly over the model's ``answers`` [n, k].

    The rows are put in the order of the class decided, and within it of the answer, and taken at equal distances: their
    mean answer is much closer to that of all rows than the mean of as many random ones (systematic sampling: Madow and
    Madow, 1944). Their order is that of a walk with a large stride, so that the first few are spread evenly as well.
    Raises InputError when there are no rows.
    """
    if not len(answers):
        raise InputError("there are no rows to compare with", hint="an explainer needs the rows the model learnt from")
    decided = answers.argmax(axis=1)
    order = np.lexsort((answers[np.arange(len(answers)), decided], decided))
    count = min(rows, len(order))
    places = ((np.arange(count) + 0.5) * len(order) / count).astype(np.intp)
    return order[places[_spread(count)]]


def _spread(count: int) -> Indices:
    """Numbers 0 to ``count`` - 1 so that the first of them lie far apart: ranks of multiples of the golden ratio."""
    return np.argsort(np.argsort((np.arange(count) * (5**0.5 - 1) / 2) % 1, kind="stable"), kind="stable")
